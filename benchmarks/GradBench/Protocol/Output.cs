using System;

namespace DiffLib.Benchmarks.GradBench.Protocol;

/// <summary>What an evaluation gives, on its way to text.</summary>
internal abstract record Output
{
    /// <summary>Whether all numbers are finite: others are no JSON.</summary>
    public abstract bool IsFinite { get; }

    /// <summary>Writes the text.</summary>
    public abstract void Write(AnswerWriter writer);
}

/// <summary>A number.</summary>
internal sealed record NumberOutput(double Value) : Output
{
    public override bool IsFinite => double.IsFinite(Value);

    public override void Write(AnswerWriter writer) => writer.Number(Value);
}

/// <summary>An integer.</summary>
internal sealed record IntegerOutput(long Value) : Output
{
    public override bool IsFinite => true;

    public override void Write(AnswerWriter writer) => writer.Integer(Value);
}

/// <summary>A list of numbers.</summary>
internal sealed record ListOutput(ReadOnlyMemory<double> Values) : Output
{
    public override bool IsFinite
    {
        get
        {
            foreach (var value in Values.Span)
                if (!double.IsFinite(value)) return false;
            return true;
        }
    }

    public override void Write(AnswerWriter writer) => writer.List(Values.Span);
}

/// <summary>A list of integers.</summary>
internal sealed record IntegersOutput(int[] Values) : Output
{
    public override bool IsFinite => true;

    public override void Write(AnswerWriter writer) => writer.List(Values);
}

/// <summary>A list of rows of equally many numbers.</summary>
internal sealed record RowsOutput(ReadOnlyMemory<double> Values, int Columns) : Output
{
    public override bool IsFinite => new ListOutput(Values).IsFinite;

    public override void Write(AnswerWriter writer)
    {
        writer.Raw("["u8);
        for (var start = 0; start < Values.Length; start += Columns)
        {
            if (start > 0) writer.Raw(","u8);
            writer.List(Values.Span.Slice(start, Columns));
        }

        writer.Raw("]"u8);
    }
}

/// <summary>An object.</summary>
internal sealed record ObjectOutput(params (string Name, Output Value)[] Fields) : Output
{
    public override bool IsFinite => Array.TrueForAll(Fields, f => f.Value.IsFinite);

    public override void Write(AnswerWriter writer)
    {
        writer.Raw("{"u8);
        for (var k = 0; k < Fields.Length; k++)
        {
            if (k > 0) writer.Raw(","u8);
            writer.Text(Fields[k].Name);
            writer.Raw(":"u8);
            Fields[k].Value.Write(writer);
        }

        writer.Raw("}"u8);
    }
}
