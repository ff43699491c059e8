using System;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace DiffLib.Conformance;

/// <summary>A tensor as the golden files write it: shape, element type, row-major data.</summary>
internal sealed class Recorded
{
    private Recorded(int[] shape, DType dtype, double[] data)
    {
        Shape = shape;
        DType = dtype;
        Data = data;
    }

    /// <summary>The sizes.</summary>
    public int[] Shape { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The elements; integers and truth values as whole numbers (all recorded ones are exact in a double).</summary>
    public double[] Data { get; }

    /// <summary>Reads <c>{"shape": [..], "dtype": "float64", "data": [..]}</c>.</summary>
    public static Recorded Parse(JsonElement json)
    {
        var shape = json.GetProperty("shape").EnumerateArray().Select(s => s.GetInt32()).ToArray();
        var data = json.GetProperty("data").EnumerateArray().Select(Number).ToArray();
        return new Recorded(shape, TypeNamed(json.GetProperty("dtype").GetString()), data);
    }

    /// <summary>A number, or one of the three strings that stand for what JSON cannot write.</summary>
    public static double Number(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => double.Parse(json.GetString() ?? "", CultureInfo.InvariantCulture),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => json.GetDouble(),
    };

    /// <summary>The element type with this name.</summary>
    public static DType TypeNamed(string? name) => name switch
    {
        "float64" or "double" => DType.Float64,
        "float32" => DType.Float32,
        "int64" or "long" => DType.Int64,
        "int32" => DType.Int32,
        "uint8" => DType.UInt8,
        "bool" => DType.Bool,
        _ => throw new FormatException($"unknown element type '{name}' in the golden data"),
    };

    /// <summary>The same shape and element type with other numbers.</summary>
    public Recorded WithData(double[] data) => new(Shape, DType, data);

    /// <summary>The tensor, with floating-point numbers rounded to the element type given.</summary>
    public Tensor ToTensor(DType floats)
    {
        var shape = new Shape(Shape);
        return Tensor.NewConst(DType switch
        {
            DType.Float64 when floats == DType.Float32 => NDArray.Adopt(shape, Array.ConvertAll(Data, x => (float)x)),
            DType.Float64 => NDArray.Adopt(shape, Data.ToArray()),
            DType.Int64 => NDArray.Adopt(shape, Array.ConvertAll(Data, x => (long)x)),
            DType.Bool => NDArray.Adopt(shape, Array.ConvertAll(Data, x => x != 0)),
            _ => throw new FormatException($"golden tensors are float64, int64 or bool, not {DType}"),
        });
    }
}
