using System;
using System.Runtime.CompilerServices;

namespace DiffLib;

/// <summary>
/// A sparse Jacobian or Hessian as a function of the point: pattern, colours and program are made once, each call computes numbers. Made by
/// <c>Diff.CompileSparseJacobian</c> and <c>Diff.CompileSparseHessian</c>; threads may share it.
/// </summary>
/// <remarks>
/// <para>The cost of a call is that of as many pushes (or pulls) as there are colours, not columns.</para>
/// <para>Of a function of tensors there is one program, whatever the numbers: of a choice (<c>Where</c>, <c>Diff.Cond</c>) the pattern has the places of both sides. Of a generic method the
/// program is the path taken at the example point; an input that takes another path is noticed, and pattern, colours and program are made for that path too.
/// <see cref="Pattern"/> then has the places of all paths met.</para>
/// </remarks>
public sealed class SparseEvaluator
{
    private readonly ISparseSource _source;

    internal SparseEvaluator(ISparseSource source) => _source = source;

    /// <summary>How many numbers the function takes: the columns.</summary>
    public int Inputs => _source.Inputs;

    /// <summary>How many numbers the differentiated function gives: the rows. For a Hessian that function is the gradient.</summary>
    public int Outputs => _source.Outputs;

    /// <summary>The places that may differ from zero.</summary>
    public SparsityPattern Pattern => _source.Pattern;

    /// <summary>The colours: as many products as it has make the matrix.</summary>
    public Coloring Coloring => _source.Coloring;

    /// <summary>The matrix at a point.</summary>
    /// <param name="at">A tensor of the shape and element type of the example (for a generic method, a float64 vector of its length).</param>
    /// <exception cref="ArgumentNullException"><paramref name="at"/> is null.</exception>
    /// <exception cref="ArgumentException">Shape or element type differ from those of the example.</exception>
    public CsrMatrix Evaluate(Tensor at)
    {
        ArgumentNullException.ThrowIfNull(at);
        return _source.Matrix(_source.Elements(at), default);
    }

    /// <summary>The matrix at a point.</summary>
    /// <param name="at">The inputs, row-major.</param>
    /// <exception cref="ArgumentException">The length is not the number of inputs.</exception>
    [OverloadResolutionPriority(1)]
    public CsrMatrix Evaluate(ReadOnlySpan<double> at)
    {
        DemandLength(nameof(at), at.Length, Inputs, "input");
        return _source.Matrix(at, default);
    }

    /// <summary>The numbers at the places of <see cref="Pattern"/>, row by row.</summary>
    /// <param name="at">The inputs, row-major.</param>
    /// <param name="values">Receives a number for each place of the pattern.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="InvalidOperationException">The input takes a path of a generic method with places that the pattern did not have; it has them now, so ask it again how
    /// many there are.</exception>
    public void Evaluate(ReadOnlySpan<double> at, Span<double> values)
    {
        DemandLength(nameof(at), at.Length, Inputs, "input");
        DemandLength(nameof(values), values.Length, Pattern.Count, "place of the pattern");
        _source.Values(at, default, values);
    }

    /// <summary>The results of the differentiated function (for a Hessian: the gradient) and the numbers at the places of <see cref="Pattern"/>, together.</summary>
    /// <param name="at">The inputs, row-major.</param>
    /// <param name="results">Receives the results.</param>
    /// <param name="values">Receives a number for each place of the pattern.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="InvalidOperationException">As for <see cref="Evaluate(ReadOnlySpan{double}, Span{double})"/>.</exception>
    public void Evaluate(ReadOnlySpan<double> at, Span<double> results, Span<double> values)
    {
        DemandLength(nameof(at), at.Length, Inputs, "input");
        DemandLength(nameof(results), results.Length, Outputs, "result");
        DemandLength(nameof(values), values.Length, Pattern.Count, "place of the pattern");
        _source.Values(at, results, values);
    }

    private static void DemandLength(string name, int length, int needed, string what)
    {
        if (length != needed) throw new ArgumentException($"{name} has {length} numbers, but there must be one for each {what}, {needed}.", name);
    }
}

/// <summary>What computes a sparse matrix.</summary>
internal interface ISparseSource
{
    int Inputs { get; }

    int Outputs { get; }

    SparsityPattern Pattern { get; }

    Coloring Coloring { get; }

    /// <summary>The elements of a point, checked.</summary>
    ReadOnlySpan<double> Elements(Tensor at);

    /// <summary>The matrix; the results too, unless their span is empty.</summary>
    CsrMatrix Matrix(ReadOnlySpan<double> at, Span<double> results);

    /// <summary>The numbers at the places of the pattern; the results too, unless their span is empty.</summary>
    void Values(ReadOnlySpan<double> at, Span<double> results, Span<double> values);
}

/// <summary>A function of a tensor.</summary>
internal sealed class SparseTensorFunction(CompressedJacobian jacobian) : ISparseSource
{
    public int Inputs => jacobian.Input.Shape.Count;

    public int Outputs => jacobian.Output.Shape.Count;

    public SparsityPattern Pattern => jacobian.Pattern;

    public Coloring Coloring => jacobian.Coloring;

    public ReadOnlySpan<double> Elements(Tensor at) => jacobian.Demand(at).Cast(DType.Float64).ToArray<double>();

    public CsrMatrix Matrix(ReadOnlySpan<double> at, Span<double> results)
    {
        var values = new double[Pattern.Count];
        Values(at, results, values);
        return new(Pattern, values, jacobian.Output.DType);
    }

    public void Values(ReadOnlySpan<double> at, Span<double> results, Span<double> values)
    {
        NDArray point = NDArray.Adopt(jacobian.Input.Shape, at.ToArray()).Cast(jacobian.Input.DType);
        NDArray y = jacobian.Evaluate(point, values);
        if (!results.IsEmpty) y.Cast(DType.Float64).Contiguous().Span<double>().CopyTo(results);
    }
}
