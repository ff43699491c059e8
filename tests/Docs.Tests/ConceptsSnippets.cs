using System;
using System.Threading.Tasks;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/concepts.md.</summary>
public class ConceptsSnippets
{
    [Fact]
    public void Nesting()
    {
        #region concepts-nesting
        // d/dx of x · d/dy (x + y): the inner derivative is 1, whatever x is, so the outer one is 1, too
        double slope = Diff.Derivative(x => x * Diff.Derivative(y => x + y, Tensor.Scalar(1)), at: 5.0);
        #endregion
        Assert.Equal(1, slope);
    }

    [Fact]
    public void Strong_zeros()
    {
        #region concepts-zeros
        Tensor at = Tensor.Of(4, 0);
        Tensor gradient = Diff.Gradient(x => Tensor.Where(x > 0, Tensor.Log(x), 0.0).Sum(), at);    // [0.25, 0]
        #endregion
        Expect.Equal([2], [0.25, 0], gradient);
    }

    [Fact]
    public void Values_that_outlive_their_call()
    {
        #region concepts-leak
        Tensor kept = 0.0;
        Diff.Gradient(x => kept = x * x, Tensor.Scalar(3));
        double slope = Diff.Derivative(x => x * kept, at: 1.0);    // 9: the call is over, so what it left behind is a constant
        #endregion
        Assert.Equal(9, slope);
    }

    [Fact]
    public void Trees()
    {
        #region concepts-sharing
        Tensor w = Tensor.Scalar(3);
        var (da, db) = Diff.Gradient((a, b) => a * b, (w, w));    // the function is w², so each place gets 6
        #endregion
        Expect.Number(6, da);
        Expect.Number(6, db);
    }

    [Fact]
    public void Element_types()
    {
        #region concepts-types
        Tensor x = new float[] { 1, 2 };
        Tensor whole = Tensor.FromArray(new[] { 1, 2 });
        DType kept = (2.0 * x + 1).DType;                // Float32: numbers are weak
        DType wider = (x + Tensor.Of(1, 2)).DType;        // Float64: the wider of the two
        DType fraction = (x + whole).DType;               // Float32: whole numbers give way
        DType quotient = (whole / 2).DType;               // Float64: a quotient of whole numbers is a fraction
        #endregion
        Assert.Equal((DType.Float32, DType.Float64, DType.Float32, DType.Float64), (kept, wider, fraction, quotient));
    }

    [Fact]
    public void Parallel_recording()
    {
        #region concepts-parallel
        static Tensor Parallel(Tensor x)
        {
            var parts = new Tensor[8];
            System.Threading.Tasks.Parallel.For(0, 8, k => parts[k] = Tensor.Sin((k + 1) * x).Sum());
            return Tensor.Stack(parts).Sum();
        }

        Tensor at = Tensor.Linspace(0, 1, 100);
        bool same = Tensor.ArrayEqual(Diff.Gradient(Parallel, at), Diff.Gradient(Parallel, at));    // true, bit for bit
        #endregion
        Assert.True(same);
    }
}
