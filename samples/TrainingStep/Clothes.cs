using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Compression;
using System.Linq;

namespace DiffLib.Samples.TrainingStep;

/// <summary>Pictures of clothes, [n, 1, 14, 14] from 0 to 1, and their classes, [n].</summary>
internal sealed record Clothes(Tensor Images, Tensor Classes)
{
    public static readonly string[] Names = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    public int Count => Images.Shape[0];

    public static Clothes Load(string folder, string part)
    {
        var images = Read(Path.Combine(folder, part + "-images.idx.gz"));
        return new((images.Cast(DType.Float32) / 255).ExpandDims(1), Read(Path.Combine(folder, part + "-labels.idx.gz")).Cast(DType.Int64));
    }

    /// <summary>The rows at these positions.</summary>
    public Clothes Take(Tensor rows) => new(Images[rows], Classes[rows]);

    /// <summary>IDX: two zero bytes, 8 for bytes, the number of axes, sizes, values.</summary>
    private static Tensor Read(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        var bytes = memory.ToArray();
        if (bytes.Length < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8) throw new InvalidDataException($"{path} is not an IDX file of bytes.");
        var sizes = Enumerable.Range(0, bytes[3]).Select(d => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4 + (4 * d)))).ToArray();
        return Tensor.FromArray(bytes[(4 + (4 * sizes.Length))..], sizes);
    }
}
