using System;
using System.Collections.Generic;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.BadInput;

/// <summary>Bad input gets the exception .NET programmers expect, with the parameter's name, the shapes that do not fit and the way out.</summary>
public class WordingTests
{
    private static readonly Tensor X = Tensor.Ones(2, 3), Y = Tensor.Ones(4), Integers = Tensor.FromArray(new[] { 1, 2 });

    private sealed record Case(Type Error, string? Parameter, Func<object?> Call, params string[] Parts);

    private static Case Bad<TError>(string? parameter, Func<object?> call, params string[] parts) where TError : Exception => new(typeof(TError), parameter, call, parts);

    private static readonly Dictionary<string, Case> Cases = new(StringComparer.Ordinal)
    {
        // shapes that do not fit each other
        ["add"] = Bad<ArgumentException>("b", () => X + Y, "[2, 3]", "[4]", "Reshape"),
        ["multiply"] = Bad<ArgumentException>("b", () => X * Tensor.Ones(3, 2), "[2, 3]", "[3, 2]"),
        ["maximum"] = Bad<ArgumentException>("b", () => Tensor.Maximum(X, Y), "[2, 3]", "[4]"),
        ["where"] = Bad<ArgumentException>(null, () => Tensor.Where(Tensor.Greater(X, 0.0), Y, 0.0), "[2, 3]", "[4]"),
        ["matmul, transposed"] = Bad<ArgumentException>("b", () => Tensor.MatMul(X, Tensor.Ones(2, 3)), "[2, 3]", "3 rows", "T?"),
        ["matmul with a vector"] = Bad<ArgumentException>("b", () => Tensor.MatMul(X, Y), "[2, 3]", "[4]"),
        ["matmul with a number"] = Bad<ArgumentException>("b", () => Tensor.MatMul(X, 2.0), "[2, 3]", "*"),
        ["concat"] = Bad<ArgumentException>("tensors", () => Tensor.Concat(X, Tensor.Ones(2, 4)), "[2, 3]", "[2, 4]", "Stack"),
        ["stack"] = Bad<ArgumentException>("tensors", () => Tensor.Stack(X, Y), "[2, 3]", "[4]", "Concat"),
        ["reshape"] = Bad<ArgumentException>("shape", () => X.Reshape(4, 2), "[2, 3]", "[4, 2]", "6", "8", "-1"),
        ["broadcast"] = Bad<ArgumentException>("shape", () => X.BroadcastTo(3, 2), "[2, 3]", "[3, 2]", "ExpandDims"),
        ["squeeze"] = Bad<ArgumentException>("axes", () => X.Squeeze(0), "[2, 3]", "size 1"),
        ["permute"] = Bad<ArgumentException>("axes", () => X.Permute(0), "[2, 3]", "once"),
        ["permute twice"] = Bad<ArgumentException>("axes", () => X.Permute(0, 0), "[2, 3]", "once"),
        ["solve, not square"] = Bad<ArgumentException>("a", () => Linalg.Solve(X, Y), "[2, 3]"),
        ["solve, wrong rows"] = Bad<ArgumentException>("b", () => Linalg.Solve(Tensor.Eye(2), Tensor.Ones(3)), "[2, 2]", "[3]"),
        ["solve positive definite, wrong rows"] = Bad<ArgumentException>("b", () => Linalg.SolvePositiveDefinite(Tensor.Eye(2), Tensor.Ones(3, 2)), "[2, 2]", "[3, 2]", "b.T?"),
        ["not positive definite"] = Bad<NotPositiveDefiniteException>(null, () => Linalg.SolvePositiveDefinite(-Tensor.Eye(2), Tensor.Ones(2)), "[2, 2]", "multiple of the identity"),
        ["tridiagonal, side too long"] = Bad<ArgumentException>("upper", () => Linalg.SolveTridiagonal(Tensor.Ones(3), Y, Y, Y), "[4]", "3 elements"),
        ["tridiagonal, one below missing"] = Bad<ArgumentException>("lower", () => Linalg.SolveTridiagonal(Tensor.Ones(2), Y, Tensor.Ones(3), Y), "[4]", "3 elements", "[2]"),
        ["tridiagonal, wrong rows"] = Bad<ArgumentException>("b", () => Linalg.SolveTridiagonal(Tensor.Ones(3), Y, Tensor.Ones(3), Tensor.Ones(2, 4)), "4 rows", "[2, 4]", "b.T?"),
        ["tridiagonal, singular"] = Bad<SingularMatrixException>(null, () => Linalg.SolveTridiagonal(Tensor.Zeros(1), Tensor.Zeros(2), Tensor.Zeros(1), Tensor.Ones(2)), "[2]", "singular", "Lstsq"),
        ["sylvester"] = Bad<ArgumentException>("c", () => Linalg.Sylvester(Tensor.Eye(2), Tensor.Eye(3), Tensor.Ones(3, 2)), "[2, 2]", "[3, 3]", "2 by 3", "[3, 2]"),
        ["sylvester, not square"] = Bad<ArgumentException>("a", () => Linalg.Sylvester(X, Tensor.Eye(3), X), "[2, 3]", "square"),
        ["lyapunov"] = Bad<ArgumentException>("q", () => Linalg.Lyapunov(Tensor.Eye(2), X), "[2, 2]", "[2, 3]"),
        ["lyapunov, no unique solution"] = Bad<SingularMatrixException>(null, () => Linalg.DiscreteLyapunov(Tensor.Eye(2), Tensor.Eye(2)), "[2, 2]", "unique"),
        ["logarithm of a matrix that is not square"] = Bad<ArgumentException>("a", () => Linalg.MatrixLog(X), "[2, 3]", "square"),
        ["logarithm of a negative matrix"] = Bad<ArithmeticException>(null, () => Linalg.MatrixLog(-Tensor.Eye(2)), "[2, 2]", "negative real axis"),
        ["power that is not a number"] = Bad<ArgumentOutOfRangeException>("p", () => Linalg.MatrixPower(Tensor.Eye(2), double.NaN), "finite"),
        ["function that is not elementwise"] = Bad<ArgumentException>("f", () => Linalg.SymmetricFunction(x => x.Sum(), Tensor.Eye(2)), "[2]", "elementwise"),
        ["condition of what is not square"] = Bad<ArgumentException>("a", () => Linalg.Cond(X, MatrixNormKind.One), "[2, 3]", "square"),
        ["einsum"] = Bad<ArgumentException>(null, () => Tensor.Einsum("ij,jk->ik", X, X), "j", "3", "2"),
        ["data and shape"] = Bad<ArgumentException>("data", () => Tensor.FromArray(new[] { 1.0, 2 }, 3), "[3]", "3 elements", "2"),
        ["ragged rows"] = Bad<ArgumentException>("array", () => Tensor.FromArray((Array)new[] { new[] { 1, 2 }, [3] }), "ragged", "[1]"),

        // networks
        ["convolution, channels"] = Bad<ArgumentException>("kernel", () => Nn.Conv2D(Tensor.Ones(1, 3, 4, 4), Tensor.Ones(2, 2, 3, 3)), "[1, 3, 4, 4]", "[2, 2, 3, 3]", "groups"),
        ["convolution, too large"] = Bad<ArgumentException>("kernel", () => Nn.Conv1D(Tensor.Ones(1, 1, 2), Tensor.Ones(1, 1, 3)), "[1, 1, 2]", "(3)", "padding"),
        ["convolution, rank"] = Bad<ArgumentException>("x", () => Nn.Conv2D(X, Tensor.Ones(1, 1, 1, 1)), "[2, 3]", "ExpandDims"),
        ["convolution, stride"] = Bad<ArgumentException>("stride", () => Nn.Conv1D(Tensor.Ones(1, 1, 2), Tensor.Ones(1, 1, 1), stride: (1, 2)), "(1, 2)", "1 axes"),
        ["convolution, bias"] = Bad<ArgumentException>("bias", () => Nn.Conv1D(Tensor.Ones(1, 1, 2), Tensor.Ones(2, 1, 1), Tensor.Ones(3)), "[3]", "2 channels"),
        ["convolution, groups"] = Bad<ArgumentException>("groups", () => Nn.Conv1D(Tensor.Ones(1, 3, 2), Tensor.Ones(2, 1, 1), groups: 2), "[1, 3, 2]", "2 groups"),
        ["transposed convolution"] = Bad<ArgumentException>("kernel", () => Nn.ConvTranspose1D(Tensor.Ones(1, 3, 2), Tensor.Ones(2, 3, 1)), "[1, 3, 2]", "[2, 3, 1]"),
        ["pooling padding"] = Bad<ArgumentException>("padding", () => Nn.MaxPool1D(Y, 2, padding: 2), "(2)", "half"),
        ["pooling without kernel"] = Bad<ArgumentException>("kernel", () => Nn.AvgPool1D(Y, default), "kernel"),
        ["layer norm"] = Bad<ArgumentException>("scale", () => Nn.LayerNorm(X, Y), "[2, 3]", "[3]", "[4]"),
        ["group norm"] = Bad<ArgumentException>("groups", () => Nn.GroupNorm(X, 2), "[2, 3]", "2 groups"),
        ["one element a channel"] = Bad<ArgumentException>("x", () => Nn.BatchNormTraining(Tensor.Ones(1, 2), Tensor.Ones(2), Tensor.Ones(2)), "[1, 2]", "batch"),
        ["dropout"] = Bad<ArgumentOutOfRangeException>("probability", () => Nn.Dropout(X, 1.5, RandomKey.FromSeed(1)), "between 0 and 1"),
        ["attention"] = Bad<ArgumentException>("key", () => Nn.Attention(X, Tensor.Ones(2, 4), X), "[2, 3]", "[2, 4]"),
        ["attention dropout"] = Bad<ArgumentException>("key", () => Nn.Attention(X, X, X, dropout: 0.5), "RandomKey"),
        ["heads"] = Bad<ArgumentException>("heads", () => Nn.MultiHeadAttention(X, X, X, Tensor.Ones(9, 3), Tensor.Ones(3, 3), 2), "3 features", "2 heads"),
        ["recurrent weights"] = Bad<ArgumentException>("inputWeight", () => Nn.GruCell(X, Tensor.Ones(2, 4), new(Tensor.Ones(4, 3), Tensor.Ones(12, 4))), "[12, 3]", "[4, 3]"),
        ["resize"] = Bad<ArgumentException>("x", () => Nn.Resize(X, [4]), "[2, 3]", "ExpandDims"),
        ["grid"] = Bad<ArgumentException>("grid", () => Nn.GridSample(Tensor.Ones(1, 1, 2, 2), Tensor.Ones(1, 2, 2, 3)), "[1, 1, 2, 2]", "[1, 2, 2, 3]"),
        ["pixel shuffle"] = Bad<ArgumentException>("x", () => Nn.PixelShuffle(Tensor.Ones(3, 2, 2), 2), "[3, 2, 2]", "2"),

        // axes and positions
        ["axis"] = Bad<ArgumentOutOfRangeException>("axis", () => X.Sum(axis: 2), "2", "[2, 3]", "-2", "1"),
        ["axis of a number"] = Bad<ArgumentOutOfRangeException>("axis", () => ((Tensor)1.0).Sum(axis: 0), "0", "[]"),
        ["axes twice"] = Bad<ArgumentException>("axes", () => X.Sum([0, 0]), "[2, 3]", "once"),
        ["position"] = Bad<ArgumentOutOfRangeException>("indices", () => X[2], "2", "[2, 3]", "-2", "1"),
        ["too many indices"] = Bad<ArgumentException>("indices", () => X[0, 0, 0], "3 indices", "[2, 3]"),
        ["step 0"] = Bad<ArgumentOutOfRangeException>("step", () => TensorIndex.Step(null, null, 0), "1"),
        ["kth value"] = Bad<ArgumentOutOfRangeException>("k", () => Y.KthValue(5), "4", "1"),
        ["quantile"] = Bad<ArgumentOutOfRangeException>("q", () => Y.Quantile(50.0), "[0, 1]", "100"),

        // element types
        ["gradient by integers"] = Bad<ArgumentException>("at", () => Diff.Gradient(x => x.Sum(), Integers), "int32", "Cast"),
        ["derivative by integers"] = Bad<ArgumentException>("at", () => Diff.Derivative(x => x, Integers[0]), "int32", "Cast"),
        ["jacobian by integers"] = Bad<ArgumentException>("at", () => Diff.Jacobian(x => x, Integers), "int32", "Cast"),
        ["wrong type read"] = Bad<ArgumentException>("T", () => X.ToArray<float>(), "float64", "float32", "Cast"),
        ["unknown type"] = Bad<NotSupportedException>(null, () => Tensor.FromArray(new decimal[] { 1 }), "Decimal"),
        ["float index"] = Bad<ArgumentException>("indices", () => X[Tensor.Of(0, 1)], "float64", "Cast"),
        ["half as an integer"] = Bad<ArgumentException>("value", () => Tensor.Full([2], 0.5, DType.Int32), "0.5", "int32"),

        // empty
        ["maximum of nothing"] = Bad<ArgumentException>("x", () => Tensor.Zeros(0).Max(), "[0]", "empty"),
        ["maximum of empty rows"] = Bad<ArgumentException>("x", () => Tensor.Zeros(2, 0).Max(axis: 1), "[2, 0]", "empty"),
        ["argmax of nothing"] = Bad<ArgumentException>("x", () => Tensor.Zeros(0).ArgMax(), "[0]"),
        ["kth value of nothing"] = Bad<ArgumentOutOfRangeException>("k", () => Tensor.Zeros(0).KthValue(1), "[0]"),
        ["median of nothing"] = Bad<ArgumentException>("x", () => Tensor.Zeros(0).MedianWithIndex(0), "[0]"),
        ["concat of nothing"] = Bad<ArgumentException>("tensors", () => Tensor.Concat(), "at least one"),

        // sizes
        ["negative size"] = Bad<ArgumentException>("shape", () => Tensor.Zeros(2, -3), "[2, -3]", "negative"),
        ["overflow"] = Bad<ArgumentException>("shape", () => Tensor.Zeros(1 << 20, 1 << 20), "[1048576, 1048576]", "1099511627776"),
        ["overflow of 64 bits"] = Bad<ArgumentException>("shape", () => Shape.Of(1L << 40, 1L << 40), "1208925819614629174706176"),
        ["rank 9"] = Bad<ArgumentException>("shape", () => Tensor.Zeros(1, 1, 1, 1, 1, 1, 1, 1, 1), "rank 9", "8"),
        ["outer product too large"] = Bad<ArgumentException>("shape", () => Tensor.Zeros(1 << 17, 1) + Tensor.Zeros(1, 1 << 17), "[131072, 131072]"),

        // derivatives
        ["gradient of several numbers"] = Bad<InvalidOperationException>(null, () => Diff.Gradient(x => x * 2, X), "[2, 3]", "Sum", "Jacobian"),
        ["gradient of integers"] = Bad<InvalidOperationException>(null, () => Diff.Gradient(x => x.Cast(DType.Int64).Sum(), X), "int64", "float64"),
        ["derivative by several numbers"] = Bad<ArgumentException>("at", () => Diff.Derivative(x => x, X), "[2, 3]", "Jacobian", "Jvp"),
        ["negative order"] = Bad<ArgumentOutOfRangeException>("order", () => Diff.NthDerivative(Tensor.Sin, -1, 1.0), "0 or more"),
        ["tangent's shape"] = Bad<ArgumentException>("tangent", () => Diff.Jvp<Tensor, Tensor>(x => x, X, Y), "[4]", "[2, 3]"),
        ["cotangent's shape"] = Bad<ArgumentException>("cotangent", () => Diff.Vjp((Tensor x) => x * 2, X).Pull(Y), "[4]", "[2, 3]"),
        ["direction's shape"] = Bad<ArgumentException>("tangent", () => Diff.Hvp(x => x.Sum(), X, Y), "[4]", "[2, 3]"),
        ["divergence"] = Bad<InvalidOperationException>(null, () => Diff.Divergence(x => x.Sum(), X), "[2, 3]", "[]"),
        ["curl"] = Bad<ArgumentException>("at", () => Diff.Curl(x => x, X), "[2, 3]", "[3]"),
        ["laplacian of several"] = Bad<InvalidOperationException>(null, () => Diff.Laplacian(x => x * 2, X), "[2, 3]"),
        ["a function that returns null"] = Bad<InvalidOperationException>(null, () => Diff.Gradient(x => null!, X), "null"),
        ["an unknown mode"] = Bad<ArgumentOutOfRangeException>("mode", () => Diff.Jacobian(x => x, X, (JacobianMode)9), "Forward", "Reverse"),
        ["not one number"] = Bad<InvalidOperationException>(null, () => X.ToDouble(), "[2, 3]", "ToArray"),
        ["a rule without maps"] = Bad<ArgumentException>("pull", () => new CustomRule("mine", xs => xs[0]), "mine", "StopGradient"),
    };

    public static TheoryData<string> Names() => [.. Cases.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Bad_input_is_named_with_its_shapes_and_the_way_out(string name)
    {
        var (error, parameter, call, parts) = Cases[name];
        var thrown = Record(call);
        Assert.True(thrown?.GetType() == error, $"{error.Name} was expected, but {thrown?.ToString() ?? "nothing"} came");
        if (parameter is not null) Assert.Equal(parameter, ((ArgumentException)thrown!).ParamName);
        foreach (var part in parts) Assert.Contains(part, thrown!.Message, StringComparison.Ordinal);
        Assert.True(thrown!.Message.Split(" (Parameter", 2)[0].TrimEnd()[^1] is '.' or '?', $"not a sentence: {thrown.Message}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Bad_input_inside_a_derivative_gives_the_same_error_in_every_mode(string name)
    {
        var (error, _, call, _) = Cases[name];
        var plain = Record(call)!.Message;
        foreach (var (way, of) in EveryWay.All)
        {
            var inside = Record(() => of(x =>
            {
                call();
                return x;
            })(1.0));
            Assert.True(inside?.GetType() == error && inside.Message == plain, $"{way}: {inside}");
        }

        EveryWay.Slope(3, x => 3 * x, 1);
    }

    private static Exception? Record(Func<object?> call)
    {
        try
        {
            call();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
