using System;
using System.Linq;
using System.Threading.Tasks;
using DiffLib.Api.Tests.Checking;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Group F: laws of differentiation on random compositions. A failure names the seed, and Compositions.Of(seed) is the function.</summary>
public class LawTests
{
    private const int N = 4;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 40)];

    private static (Func<Tensor, Tensor> F, Tensor X, Tensor V, Tensor W) Case(int seed) =>
        (Compositions.Of(seed), Compositions.Vector(N, seed + 1000), Compositions.Vector(N, seed + 2000), Compositions.Vector(N, seed + 3000));

    private static Tensor Push(Func<Tensor, Tensor> f, Tensor x, Tensor v) => Diff.Jvp(f, x, v).Tangent;

    private static Tensor Pull(Func<Tensor, Tensor> f, Tensor x, Tensor w) => Diff.Vjp(f, x).Pull(w);

    [Theory, MemberData(nameof(Seeds))]
    public void F01_reverse_mode_is_the_transpose_of_forward_mode(int seed)
    {
        var (f, x, v, w) = Case(seed);
        var (dy, dx) = (Push(f, x, v), Pull(f, x, w));
        var scale = (w.Norm() * dy.Norm() + dx.Norm() * v.Norm()).ToDouble();
        Assert.True(Math.Abs((Tensor.Dot(w, dy) - Tensor.Dot(dx, v)).ToDouble()) <= 1e-12 * scale, $"seed {seed}: <w, Jv> = {Tensor.Dot(w, dy)}, <J'w, v> = {Tensor.Dot(dx, v)}");
    }

    [Theory, MemberData(nameof(Seeds))]
    public void F02_products_are_linear_and_homogeneous_to_the_bit_for_powers_of_two(int seed)
    {
        var (f, x, v, w) = Case(seed);
        EveryWay.Same(4 * Push(f, x, v), Push(f, x, 4 * v), $"seed {seed}, push");
        EveryWay.Same(0.5 * Pull(f, x, w), Pull(f, x, 0.5 * w), $"seed {seed}, pull");
        EveryWay.Near((Push(f, x, v) + Push(f, x, w)).ToArray(), Push(f, x, v + w), 1e-13, $"seed {seed}, push");
        EveryWay.Near((Pull(f, x, v) + Pull(f, x, w)).ToArray(), Pull(f, x, v + w), 1e-13, $"seed {seed}, pull");
        EveryWay.Near(new double[N], Push(f, x, Tensor.Zeros(N)), 0, $"seed {seed}, push of 0");
        EveryWay.Near(new double[N], Pull(f, x, Tensor.Zeros(N)), 0, $"seed {seed}, pull of 0");
    }

    [Theory, MemberData(nameof(Seeds))]
    public void F03_the_chain_rule_holds_to_the_bit(int seed)
    {
        var (f, x, v, w) = Case(seed);
        var g = Compositions.Of(seed + 500);
        EveryWay.Same(Push(g, f(x), Push(f, x, v)), Push(y => g(f(y)), x, v), $"seed {seed}, push");
        EveryWay.Near(Pull(f, x, Pull(g, f(x), w)).ToArray(), Pull(y => g(f(y)), x, w), 1e-14, $"seed {seed}, pull");
    }

    [Theory, MemberData(nameof(Seeds))]
    public void F04_the_forward_Jacobian_is_the_reverse_Jacobian(int seed)
    {
        var (f, x, _, _) = Case(seed);
        var forward = Diff.Jacobian(f, x, JacobianMode.Forward);
        EveryWay.Near(forward.Ravel().ToArray(), Diff.Jacobian(f, x, JacobianMode.Reverse).Ravel(), 1e-13, $"seed {seed}");
        var numeric = new double[N * N];
        for (var i = 0; i < N; i++)
            for (var j = 0; j < N; j++)
            {
                var (row, column) = (i, j);
                numeric[i * N + j] = EveryWay.Ridders(t => f(x + t * EveryWay.Unit(x, column))[row].ToDouble(), 0);
            }

        EveryWay.Near(numeric, forward.Ravel(), 1e-9, $"seed {seed}, finite differences");
    }

    [Theory, MemberData(nameof(Seeds))]
    public void F05_Hessians_are_symmetric_and_agree_in_every_nesting(int seed)
    {
        var (f, x, v, w) = Case(seed);
        Tensor Number(Tensor y) => Tensor.Dot(w, f(y));
        var hessian = Diff.Hessian(Number, x);
        EveryWay.Near(hessian.Ravel().ToArray(), hessian.T.Ravel(), 1e-12, $"seed {seed}, symmetry");
        var product = Tensor.MatMul(hessian, v).ToArray();
        foreach (var (outer, over) in EveryWay.All)
            foreach (var (inner, way) in EveryWay.All)
                EveryWay.Near(product, over(y => Tensor.Dot(way(Number)(y), v))(x), 1e-12, $"seed {seed}, {outer} over {inner}");
    }

    [Fact]
    public void F05_the_Hessian_of_a_quadratic_form_is_exact()
    {
        Tensor a = new double[,] { { 2, -1, 0 }, { 3, 5, 7 }, { 1, 0, 4 } };
        EveryWay.Same(a + a.T, Diff.Hessian(x => Tensor.Dot(x, Tensor.MatMul(a, x)), Tensor.Of(0.3, 0.7, -2)));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void F06_the_gradient_of_a_sum_is_the_sum_of_the_gradients(int seed)
    {
        var (f, x, v, w) = Case(seed);
        var g = Compositions.Of(seed + 500);
        EveryWay.Near((Pull(f, x, w) + Pull(g, x, w)).ToArray(), Pull(y => f(y) + g(y), x, w), 1e-13, $"seed {seed}");
        EveryWay.Near((3.7 * Pull(f, x, w)).ToArray(), Pull(y => 3.7 * f(y), x, w), 1e-13, $"seed {seed}");
        EveryWay.Near((3.7 * Push(f, x, v)).ToArray(), Push(y => 3.7 * f(y), x, v), 1e-13, $"seed {seed}");
    }

    [Fact]
    public void F08_a_function_after_its_inverse_has_the_identity_as_Jacobian()
    {
        (Func<Tensor, Tensor> F, Func<Tensor, Tensor> Inverse)[] pairs =
        [
            (Tensor.Exp, Tensor.Log), (Tensor.Tanh, Tensor.Atanh), (Tensor.Sinh, Tensor.Asinh), (Tensor.Sigmoid, x => Tensor.Logit(x)), (Tensor.Erf, Tensor.ErfInv), (Tensor.Expm1, Tensor.Log1p),
            (x => Tensor.Pow(x, 3), Tensor.Cbrt), (Tensor.Ndtr, Tensor.Ndtri), (Tensor.Tan, Tensor.Atan), (x => x.CumSum(0), x => Tensor.Concat(x[..1], x.Diff())),
            (x => Tensor.MatMul(new double[,] { { 2, 1, 0 }, { 1, 3, 1 }, { 0, 1, 4 } }, x), x => Linalg.Solve(new double[,] { { 2, 1, 0 }, { 1, 3, 1 }, { 0, 1, 4 } }, x)),
        ];
        var at = Tensor.Of(0.2, 0.5, 0.9);
        foreach (var (f, inverse) in pairs)
            foreach (var mode in Enum.GetValues<JacobianMode>())
                EveryWay.Near(Tensor.Eye(3).Ravel().ToArray(), Diff.Jacobian(x => inverse(f(x)), at, mode).Ravel(), 1e-10);
    }

    [Fact]
    public void F09_permuting_the_inputs_of_a_symmetric_function_permutes_its_gradient_to_the_bit()
    {
        Func<Tensor, Tensor>[] symmetric = [x => x.Max(), x => (x * x).Sum(), x => Tensor.Exp(x).Max(), x => x.Min() * 2];
        var x = Tensor.Of(0.3, -1.25, 0.75, 2.5);
        int[] order = [2, 0, 3, 1];
        foreach (var f in symmetric)
            foreach (var (name, way) in EveryWay.All)
                EveryWay.Same(way(f)(x)[order], way(f)(x[order]), name);
    }

    [Fact]
    public void F10_Eulers_theorem_on_homogeneous_functions()
    {
        (Func<Tensor, Tensor> F, double Degree)[] functions =
            [(x => x.Norm(), 1), (x => x.Norm(3), 1), (x => (x * x).Sum(), 2), (x => x.Prod(), 4), (x => x.Max(), 1), (x => x[0] * x[1] / x[2], 1), (x => Tensor.Pow(x, 2.5).Sum(), 2.5), (x => x.Var(), 2), (x => Tensor.Hypot(x[0], x[3]), 1)];
        var x = Tensor.Of(0.3, 1.25, 0.75, 2.5);
        foreach (var (f, degree) in functions)
            foreach (var (name, way) in EveryWay.All)
                EveryWay.Near(degree * f(x).ToDouble(), Tensor.Dot(x, way(f)(x)).ToDouble(), 1e-12, name);
    }

    [Theory, MemberData(nameof(Seeds))]
    public async Task F11_evaluations_repeat_to_the_bit_after_a_collection_and_on_another_thread(int seed)
    {
        var (f, x, v, w) = Case(seed);
        var (pull, push) = (Pull(f, x, w), Push(f, x, v));
        if (seed % 10 == 0) GC.Collect();
        EveryWay.Same(pull, Pull(f, x, w), $"seed {seed}, again");
        EveryWay.Same(pull, await Task.Run(() => Pull(f, x, w)), $"seed {seed}, elsewhere");
        EveryWay.Same(push, await Task.Run(() => Push(f, x, v)), $"seed {seed}, elsewhere");
    }

    [Fact]
    public void F12_a_gradient_costs_a_few_evaluations_and_its_memory_is_linear_in_the_operations()
    {
        // bytes, not seconds: they do not depend on what else the machine is doing
        static Tensor F(Tensor x, int steps)
        {
            for (var k = 0; k < steps; k++) x = Tensor.Sin(x) * 1.01;
            return x.Sum();
        }

        // the least of all rounds
        static long Bytes(Action action) => Enumerable.Range(0, 5).Min(_ => Measured.Bytes(action, enough: long.MaxValue - 1));

        var x = Tensor.Linspace(0, 1, 1000);
        var value = Bytes(() => F(x, 200));
        var gradient = Bytes(() => Diff.Gradient(y => F(y, 200), x));
        Assert.True(gradient <= 5 * value, $"{gradient} bytes for value and gradient, {value} for the value");
        var twice = Bytes(() => Diff.Gradient(y => F(y, 400), x));
        Assert.InRange((double)twice / gradient, 1.8, 2.2);
    }
}
