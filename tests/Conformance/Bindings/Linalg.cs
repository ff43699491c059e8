using System;
using System.Linq;

namespace DiffLib.Conformance.Bindings;

/// <summary>Factorisations, systems of equations, norms.</summary>
internal static class LinalgBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        RegisterSystems(r);
        RegisterFactorizations(r);
        RegisterFunctions(r);
        RegisterNorms(r);
        EdgeLinalgBindings.Register(r);
    }

    private static void RegisterSystems(Registry r)
    {
        r.Add("linalg.solve", call => Solve(call.Tensor("A"), call.Tensor("B"), call.Bool("left", true)));
        r.Add("linalg.solve_triangular", call => Linalg.SolveTriangular(call.Tensor("input"), call.Tensor("B"), call.Bool("upper"), call.Bool("unitriangular"), call.Bool("left", true)));
        r.Add("linalg.inv", call => Linalg.Inverse(call.Tensor("A")));
        r.Add("linalg.det", call => Linalg.Det(call.Tensor("A")));
        r.AddMany("linalg.slogdet", call => Linalg.SlogDet(call.Tensor("A")) is var (sign, log) ? [sign, log] : []);
        r.Add("logdet", call => Linalg.LogDet(call.Tensor("input")));
        r.Add("cholesky_solve", call => Linalg.CholeskySolve(call.Tensor("input2"), call.Tensor("input"), call.Bool("upper")));
        r.Add("cholesky_inverse", call => Linalg.CholeskyInverse(call.Tensor("input"), call.Bool("upper")));
        r.Add("linalg.tensorinv", call => Linalg.TensorInverse(call.Tensor("input"), call.Int("ind", 2)));
        r.Add("linalg.tensorsolve", call => Linalg.TensorSolve(call.Tensor("input"), call.Tensor("other")));
        r.Add("linalg.lstsq", call => Linalg.Lstsq(call.Tensor("input"), call.Tensor("b"), call.DoubleOrNull("rcond")));
    }

    /// <summary>The peer takes [.., n] next to [.., n, n] as a stack of vectors; here only rank 1 is a vector. From the right, X·A = B is Aᵀ·Xᵀ = Bᵀ.</summary>
    private static Tensor Solve(Tensor a, Tensor b, bool left)
    {
        var isStack = b.Rank > 1 && b.Rank == a.Rank - 1 && b.Shape.ToArray().SequenceEqual(a.Shape.ToArray().SkipLast(1));
        var column = isStack ? b[TensorIndex.Ellipsis, TensorIndex.NewAxis] : b;
        var x = left ? Linalg.Solve(a, column) : column.Rank == 1 ? Linalg.Solve(a.MT, column) : Linalg.Solve(a.MT, column.MT).MT;
        return isStack ? x[TensorIndex.Ellipsis, 0] : x;
    }

    private static void RegisterFactorizations(Registry r)
    {
        r.Add("linalg.cholesky", call => Linalg.Cholesky(call.Tensor("input"), call.Bool("upper")));
        r.AddMany("linalg.lu", call => Linalg.Lu(call.Tensor("A")) is var (p, l, u) ? [p, l, u] : []);
        r.AddMany("linalg.qr", call => Linalg.Qr(call.Tensor("A"), call.TextOrNull("mode") == "complete") is var (q, t) ? [q, t] : []);
        r.AddMany("linalg.eigh", call => Linalg.Eigh(call.Tensor("input")) is var (values, vectors) ? [values, vectors] : []);
        r.Add("linalg.eigvalsh", call => Linalg.Eigvalsh(call.Tensor("input")));
        r.AddMany("linalg.svd", call => Linalg.Svd(call.Tensor("A")) is var (u, s, v) ? [u, s, v] : []);
        r.Add("linalg.svdvals", call => Linalg.SingularValues(call.Tensor("A")));
        r.Add("linalg.matrix_rank", MatrixRank);
        r.Add("linalg.pinv", Pinv);
        r.Add("linalg.pinv/of_product", call => Linalg.Pinv(Tensor.Einsum("...ik,...jk->...ij", call.Inputs[0], call.Inputs[1])));
        r.Add("linalg.householder_product", call => Linalg.HouseholderProduct(call.Tensor("input"), call.Tensor("tau")));
    }

    /// <summary>A tolerance for each matrix is a loop over the stack here.</summary>
    private static Tensor Pinv(Call call)
    {
        var a = call.Tensor("input");
        if (!call.IsTensor("rtol") && !call.IsTensor("atol")) return Linalg.Pinv(a, call.DoubleOrNull("rtol"), call.Double("atol", 0));
        var batch = a.Shape.ToArray().SkipLast(2).ToArray();
        double[]? Each(string name) => call.Has(name) ? Comparison.Numbers(call.Operand(name).BroadcastTo(batch)) : null;
        var (relative, absolute) = (Each("rtol"), Each("atol"));
        if (a.Count == 0) return Linalg.Pinv(a);
        var flat = a.Reshape(-1, a.Shape[-2], a.Shape[-1]);
        var results = Enumerable.Range(0, flat.Shape[0]).Select(t => Linalg.Pinv(flat[t], relative?[t], absolute?[t] ?? 0)).ToArray();
        return Tensor.Stack(results).Reshape([.. batch, a.Shape[-1], a.Shape[-2]]);
    }

    private static Tensor MatrixRank(Call call) => Linalg.MatrixRank(
        call.Tensor("input"),
        call.Has("rtol") ? call.Operand("rtol") : null,
        call.Has("atol") ? call.Operand("atol") : null);

    private static void RegisterFunctions(Registry r)
    {
        r.Add("matrix_exp", call => Linalg.MatrixExp(call.Tensor("input")));
        r.Add("linalg.matrix_power", call => Linalg.MatrixPower(call.Tensor("input"), call.Int("n")));
        r.Add("linalg.vander", call => Linalg.Vander(call.Tensor("x"), call.IntOrNull("N")));
        r.Add("trace", call => Linalg.Trace(call.Tensor("input")));
        r.Add("linalg.cond", call => Linalg.Cond(call.Tensor("input"), call.Has("p") ? Kind(call, "p") : MatrixNormKind.Spectral));
    }

    private static void RegisterNorms(Registry r)
    {
        r.Add("linalg.vector_norm", call => VectorNorm(call.Tensor("input"), call.Double("ord", 2), call.IntsOrNull("dim"), call.Bool("keepdim")));
        r.Add("linalg.matrix_norm", call => MatrixNorm(call.Tensor("input"), call, call.IntsOrNull("dim") ?? [-2, -1]));
        r.Add("linalg.norm", Norm);
    }

    /// <summary>Numbers have no axes here, and an empty list of axes means none.</summary>
    private static Tensor VectorNorm(Tensor x, double order, int[]? axes, bool keep) =>
        x.Norm(order, x.Rank == 0 || axes is { Length: 0 } ? null : axes, keep);

    private static Tensor MatrixNorm(Tensor x, Call call, int[] axes) => Linalg.MatrixNorm(x, Kind(call), axes[0], axes[1], call.Bool("keepdim"));

    private static MatrixNormKind Kind(Call call, string name = "ord") => (call.TextOrNull(name), call.IsNumber(name) ? call.Double(name) : 0) switch
    {
        ("nuc", _) => MatrixNormKind.Nuclear,
        (_, 2) => MatrixNormKind.Spectral,
        (_, -2) => MatrixNormKind.SmallestSingularValue,
        (_, 1) => MatrixNormKind.One,
        (_, -1) => MatrixNormKind.MinusOne,
        (_, double.PositiveInfinity) => MatrixNormKind.Infinity,
        (_, double.NegativeInfinity) => MatrixNormKind.MinusInfinity,
        _ => MatrixNormKind.Frobenius,
    };

    /// <summary>The peer's norm: of a vector, or of a matrix where an order is given for rank 2 or for two axes.</summary>
    private static Tensor Norm(Call call)
    {
        var (x, axes) = (call.Tensor("input"), call.IntsOrNull("dim"));
        var isMatrix = call.Has("ord") && (axes is { Length: 2 } || (axes is null && x.Rank == 2));
        return isMatrix ? MatrixNorm(x, call, axes ?? [0, 1]) : VectorNorm(x, call.Double("ord", 2), axes, call.Bool("keepdim"));
    }
}
