using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using static DiffLib.Api.Tests.LinearAlgebra.Calculus;

namespace DiffLib.Api.Tests.LinearAlgebra;

/// <summary>What each factorisation makes, put together again, is the matrix: for every size and condition number. So the derivative of the way there
/// and back is the identity in both modes, and the second derivative is zero.</summary>
public class FactorizationLawTests
{
    private enum Kind
    {
        Square,
        Tall,
        Wide,
        Symmetric,
        Accretive,
    }

    /// <summary>A function that gives its argument back, of the kind of matrices it is for. Slopes of what is outside the range of a matrix
    /// cost one power of the condition number more (P.-Å. Wedin, "Perturbation theory for pseudo-inverses", 1973).</summary>
    private sealed record RoundTrip(Kind Kind, Func<Tensor, Tensor> F, int Extra = 0);

    private static readonly Dictionary<string, RoundTrip> Trips = new(StringComparer.Ordinal)
    {
        ["Inverse"] = new(Kind.Square, a => Linalg.Inverse(Linalg.Inverse(a))),
        ["Solve"] = new(Kind.Square, a => Linalg.Solve(Linalg.Inverse(a), Eye(a))),
        ["Lu"] = new(Kind.Square, a => Linalg.Lu(a) is var (p, l, u) ? p.MatMul(l).MatMul(u) : a),
        ["Lu, tall"] = new(Kind.Tall, a => Linalg.Lu(a) is var (p, l, u) ? p.MatMul(l).MatMul(u) : a),
        ["Lu, wide"] = new(Kind.Wide, a => Linalg.Lu(a) is var (p, l, u) ? p.MatMul(l).MatMul(u) : a),
        ["Qr"] = new(Kind.Square, a => Linalg.Qr(a) is var (q, r) ? q.MatMul(r) : a),
        ["Qr, tall"] = new(Kind.Tall, a => Linalg.Qr(a) is var (q, r) ? q.MatMul(r) : a),
        ["Qr, wide"] = new(Kind.Wide, a => Linalg.Qr(a) is var (q, r) ? q.MatMul(r) : a),
        ["Qr, complete"] = new(Kind.Tall, a => Linalg.Qr(a, complete: true) is var (q, r) ? q.MatMul(r) : a),
        ["Svd"] = new(Kind.Square, a => Linalg.Svd(a) is var (u, s, v) ? (u * s.ExpandDims(-2)).MatMul(v) : a),
        ["Svd, tall"] = new(Kind.Tall, a => Linalg.Svd(a) is var (u, s, v) ? (u * s.ExpandDims(-2)).MatMul(v) : a),
        ["Svd, wide"] = new(Kind.Wide, a => Linalg.Svd(a) is var (u, s, v) ? (u * s.ExpandDims(-2)).MatMul(v) : a),
        ["Pinv, tall"] = new(Kind.Tall, a => Linalg.Pinv(Linalg.Pinv(a)), 1),
        ["Pinv, wide"] = new(Kind.Wide, a => Linalg.Pinv(Linalg.Pinv(a)), 1),
        ["Lstsq"] = new(Kind.Tall, a => a.MatMul(Linalg.Lstsq(a, a)), 1),
        ["Eigh"] = new(Kind.Symmetric, a => Linalg.Eigh(a) is var (l, q) ? (q * l.ExpandDims(-2)).MatMul(q.MT) : a),
        ["Cholesky"] = new(Kind.Symmetric, a => Linalg.Cholesky(a) is var l ? l.MatMul(l.MT) : a),
        ["Cholesky, upper"] = new(Kind.Symmetric, a => Linalg.Cholesky(a, upper: true) is var u ? u.MT.MatMul(u) : a),
        ["CholeskyInverse"] = new(Kind.Symmetric, a => Linalg.Inverse(Linalg.CholeskyInverse(Linalg.Cholesky(a)))),
        ["SolvePositiveDefinite"] = new(Kind.Symmetric, a => Linalg.Inverse(Linalg.SolvePositiveDefinite(a, Eye(a)))),
        ["SymmetricFunction, root"] = new(Kind.Symmetric, a => Linalg.SymmetricFunction(Tensor.Sqrt, a) is var y ? y.MatMul(y) : a),
        ["SymmetricFunction, logarithm"] = new(Kind.Symmetric, a => Linalg.SymmetricFunction(Tensor.Exp, Linalg.SymmetricFunction(Tensor.Log, a))),
        ["MatrixSqrt"] = new(Kind.Accretive, a => Linalg.MatrixSqrt(a) is var y ? y.MatMul(y) : a),
        ["MatrixLog"] = new(Kind.Accretive, a => Linalg.MatrixExp(Linalg.MatrixLog(a))),
        ["MatrixPower"] = new(Kind.Accretive, a => Linalg.MatrixPower(Linalg.MatrixPower(a, -0.4), -2.5)),
        ["Sylvester"] = new(Kind.Accretive, a => Linalg.Sylvester(a, Eye(a), a.MatMul(a) + a)),
        ["Lyapunov"] = new(Kind.Accretive, a => Linalg.Lyapunov(a, a.MatMul(a) + a.MatMul(a.MT))),
        ["DiscreteLyapunov"] = new(Kind.Accretive, a => Linalg.DiscreteLyapunov(a / 4, a - a.MatMul(a).MatMul(a.MT) / 16)),
        ["TensorInverse"] = new(Kind.Square, a => Linalg.TensorInverse(Linalg.TensorInverse(a, 1), 1)),
    };

    public static TheoryData<string, int, double> Cases()
    {
        var data = new TheoryData<string, int, double>();
        foreach (var name in Trips.Keys)
            foreach (var n in new[] { 0, 1, 2, 3, 5, 17 })
                foreach (var condition in n < 2 ? new[] { 1.0 } : [10.0, 1e4])
                    data.Add(name, n, condition);
        return data;
    }

    private static Tensor Eye(Tensor a) => Tensor.Eye(a.Shape[-1], dtype: a.DType);

    /// <summary>Singular values (eigenvalues) from 1 down to 1/condition.</summary>
    private static Tensor Make(Kind kind, int n, double condition)
    {
        var (m, k) = kind switch { Kind.Tall => (n + 2, n), Kind.Wide => (n, n + 2), _ => (n, n) };
        var s = Tensor.Exp(Tensor.Linspace(0, -Math.Log(condition), n));
        var u = Linalg.Qr(Sample(n + 1, m, n == 0 ? 0 : Math.Min(m, k))).Q;
        var v = kind is Kind.Symmetric or Kind.Accretive ? u : Linalg.Qr(Sample(n + 2, k, Math.Min(m, k))).Q;
        var a = (u * s).MatMul(v.T);
        // a symmetric positive definite matrix and a skew one: eigenvalues have positive real parts, and the matrix is not normal
        return kind == Kind.Accretive ? a + 0.2 * (Sample(n + 3, n, n) is var w ? w - w.T : a) / Math.Max(1, n) : a;
    }

    private static Tensor Symmetric(Tensor x) => 0.5 * (x + x.MT);

    [Theory, MemberData(nameof(Cases))]
    public void There_and_back_is_the_identity_and_so_is_its_derivative(string name, int n, double condition)
    {
        var trip = Trips[name];
        var a = Make(trip.Kind, n, condition);
        var (dx, w) = (Sample(11, a.Shape.ToArray()), Sample(12, a.Shape.ToArray()));
        Tensor Part(Tensor x) => trip.Kind == Kind.Symmetric ? Symmetric(x) : x;
        Tensor F(Tensor x) => trip.F(Part(x));
        // a rounding error is multiplied by the condition number once in a value, and once more by every derivative
        var rounding = 4e-15 * Math.Max(1, n);
        var (y, dy) = Diff.Jvp(F, a, dx);
        Small(rounding * condition, y - a, "value");
        Small(rounding * Math.Pow(condition, 2 + trip.Extra), dy - Part(dx), "forward mode");
        Tensor Gradient(Tensor x) => Diff.Gradient(z => (F(z) * w).Sum(), x);
        Small(rounding * Math.Pow(condition, 2 + trip.Extra), Gradient(a) - Part(w), "reverse mode");
        Small(rounding * Math.Pow(condition, 3 + trip.Extra), Diff.Jvp(Gradient, a, dx).Tangent, "second derivative");

        void Small(double bound, Tensor difference, string what)
        {
            var size = Numbers(difference).Select(Math.Abs).DefaultIfEmpty(0).Max();
            Assert.True(size <= bound, $"{name}, n = {n}, condition {condition}: the {what} is {size:E2} away, {size / bound:F2} times the bound");
        }
    }

    public static TheoryData<string> Names() => [.. Trips.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_stack_is_its_matrices_one_by_one(string name)
    {
        var trip = Trips[name];
        if (name == "TensorInverse") return;
        var parts = Enumerable.Range(3, 4).Select(seed => Make(trip.Kind, 3, seed * 2)).ToArray();
        var stack = Tensor.Stack(parts).Reshape([2, 2, .. parts[0].Shape.ToArray()]);
        var (values, gradient) = (trip.F(stack), Diff.Gradient(x => Tensor.Sin(trip.F(x)).Sum(), stack));
        for (var k = 0; k < 4; k++)
        {
            Assert.True(Apart(values[k / 2, k % 2], trip.F(parts[k])) < 1e-13);
            Assert.True(Apart(gradient[k / 2, k % 2], Diff.Gradient(x => Tensor.Sin(trip.F(x)).Sum(), parts[k])) < 1e-12);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void D15_float32_keeps_its_type_and_its_digits(string name)
    {
        var trip = Trips[name];
        var a = Make(trip.Kind, 3, 4).Cast(DType.Float32);
        var (wide, single) = (a.Cast(DType.Float64), Diff.Gradient(x => Tensor.Sin(trip.F(x)).Sum(), a));
        Assert.Equal(DType.Float32, trip.F(a).DType);
        Assert.Equal(DType.Float32, single.DType);
        Assert.True(Apart(trip.F(a).Cast(DType.Float64), trip.F(wide)) < 1e-5);
        Assert.True(Apart(single.Cast(DType.Float64), Diff.Gradient(x => Tensor.Sin(trip.F(x)).Sum(), wide)) < 2e-4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(17)]
    public void Factors_have_the_form_they_promise(int n)
    {
        foreach (var kind in new[] { Kind.Square, Kind.Tall, Kind.Wide })
        {
            var a = Make(kind, n, 10);
            var (m, k) = (a.Shape[0], a.Shape[1]);
            foreach (var complete in new[] { false, true })
            {
                var (q, r) = Linalg.Qr(a, complete);
                var size = complete ? m : Math.Min(m, k);
                Assert.Equal((new Shape(m, size), new Shape(size, k)), (q.Shape, r.Shape));
                Assert.True(Apart(q.T.MatMul(q), Tensor.Eye(size)) < 1e-14 * Math.Max(1, m));
                Assert.Equal(Numbers(r), Numbers(r.Triu()));
            }

            var (u, s, v) = Linalg.Svd(a);
            Assert.True(Apart(u.T.MatMul(u), Tensor.Eye(n)) < 1e-14 * Math.Max(1, m) && Apart(v.MatMul(v.T), Tensor.Eye(n)) < 1e-14 * Math.Max(1, m));
            Assert.Equal(Numbers(s).OrderDescending(), Numbers(s));
            Assert.True(Numbers(s).All(x => x >= 0));
            var (p, l, t) = Linalg.Lu(a);
            Assert.True(Numbers(l).All(x => Math.Abs(x) <= 1), "partial pivoting leaves no multiplier above 1");
            Assert.Equal(Numbers(l), Numbers(l.Tril()));
            Assert.Equal(Numbers(t), Numbers(t.Triu()));
            Assert.Equal(Numbers(Tensor.Eye(m)), Numbers(p.MatMul(p.T)));
        }

        var b = Make(Kind.Symmetric, n, 10);
        var (values, vectors) = Linalg.Eigh(b);
        Assert.Equal(Numbers(values).Order(), Numbers(values));
        Assert.True(Apart(vectors.T.MatMul(vectors), Tensor.Eye(n)) < 1e-14 * Math.Max(1, n));
        Assert.Equal(Numbers(Linalg.Cholesky(b)), Numbers(Linalg.Cholesky(b).Tril()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(17)]
    public void Determinants_eigenvalues_and_singular_values_agree_with_each_other(int n)
    {
        foreach (var condition in n < 2 ? new[] { 1.0 } : [10.0, 1e4])
        {
            var a = Make(Kind.Square, n, condition);
            var (sign, log) = Linalg.SlogDet(a);
            var bound = 1e-14 * Math.Max(1, n) * condition;
            Assert.Equal(Numbers(Tensor.Log(Linalg.SingularValues(a))).Sum(), log.ToDouble(), bound);
            Assert.Equal(Linalg.Det(a).ToDouble(), (sign * Tensor.Exp(log)).ToDouble(), 1e-12 * Math.Abs(Linalg.Det(a).ToDouble()));
            var (re, im) = Linalg.Eigvals(a);
            Assert.Equal(log.ToDouble(), Numbers(Tensor.Log(re * re + im * im)).Sum() / 2, 10 * bound);
            Assert.Equal(Linalg.Trace(a).ToDouble(), Numbers(re).Sum(), 1e-13 * Math.Max(1, n));
            var b = Make(Kind.Symmetric, n, condition);
            Assert.True(Numbers(Linalg.Eigvals(b).Im).All(x => x == 0));
            Assert.Equal(Numbers(Linalg.Eigvalsh(b)), Numbers(Linalg.Eigvals(b).Re).Order(), (x, y) => Math.Abs(x - y) < 1e-14 * Math.Max(1, n));
            if (n > 0) Assert.Equal(condition, Linalg.Cond(a).ToDouble(), 1e-13 * n * condition * condition);
            Assert.Equal(n, Linalg.MatrixRank(a).ToArray<long>()[0]);
        }
    }

    [Fact]
    public void The_pseudoinverse_satisfies_the_four_conditions_of_Penrose_for_every_rank()
    {
        foreach (var (m, n) in new[] { (4, 4), (6, 3), (3, 6), (1, 4), (0, 3), (3, 0) })
            for (var rank = 0; rank <= Math.Min(m, n); rank++)
            {
                var a = Tensor.MatMul(Sample(1, m, rank), Sample(2, rank, n));
                var x = Linalg.Pinv(a, 1e-12);
                foreach (var (got, want) in new[] { (a.MatMul(x).MatMul(a), a), (x.MatMul(a).MatMul(x), x), (a.MatMul(x).T, a.MatMul(x)), (x.MatMul(a).T, x.MatMul(a)) })
                    Assert.True(Apart(got, want) < 1e-12 * (1 + Numbers(x).Select(Math.Abs).DefaultIfEmpty(0).Max()));
            }
    }

    [Fact]
    public void The_derivative_of_the_pseudoinverse_holds_where_the_rank_stays()
    {
        // a curve of matrices of rank 2
        static Tensor Curve(Tensor t) => Tensor.MatMul(Sample(1, 5, 2) + t * Sample(3, 5, 2), Sample(2, 2, 4) + t * Sample(4, 2, 4));
        foreach (var f in new Func<Tensor, Tensor>[] { t => Linalg.Pinv(Curve(t), 1e-10), t => Linalg.Lstsq(Curve(t), Sample(5, 5), 1e-10) })
            CheckDerivatives(f, 0.3, 1e-5);
    }
}
