using System;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Group A: derivatives inside derivatives, and which of them a variable belongs to.</summary>
public class NestingTests
{
    private static readonly Tensor One = 1.0;

    /// <summary>Each way over each way: (name, outer, inner).</summary>
    private static readonly (string Name, Way Outer, Way Inner)[] Pairs =
        [.. from outer in EveryWay.All from inner in EveryWay.All select ($"{outer.Name} over {inner.Name}", outer.Of, inner.Of)];

    private static void EveryPair(double expected, double at, Func<Way, Func<Tensor, Tensor>> f, double tolerance = 0)
    {
        foreach (var (name, outer, inner) in Pairs)
            EveryWay.Near(expected, outer(f(inner))(at).ToDouble(), tolerance, name);
    }

    [Fact]
    public void A01_an_inner_derivative_does_not_see_the_outer_variable() =>
        EveryPair(1, 1, d => x => x * d(y => x + y)(One));

    [Theory, InlineData(1.0, 2.0), InlineData(4.0, 8.0)]
    public void A02_an_inner_derivative_that_depends_on_the_outer_variable(double at, double expected) =>
        EveryPair(expected, at, d => x => x * d(y => x * y)(2.0));

    [Fact]
    public void A03_a_gradient_of_a_derivative_of_a_norm()
    {
        foreach (var (name, outer, inner) in Pairs)
            EveryWay.Near([2], outer(v => v.Sum() * inner(y => y * v.Norm())(One))(Tensor.Of(1)), 1e-15, name);
        EveryWay.Gradient([2], v => v.Sum() * v.Norm(), Tensor.Of(1), 1e-15);
    }

    /// <summary>One object that differentiates itself.</summary>
    private sealed class Recursive(Way d)
    {
        private Tensor? captured;

        public Tensor Call(Tensor x)
        {
            if (captured is { } outer) return outer + x;
            captured = x;
            try { return x * d(Call)(One); }
            finally { captured = null; }
        }
    }

    [Fact]
    public void A04_a_callable_that_differentiates_itself() => EveryPair(1, 1, d => new Recursive(d).Call);

    [Fact]
    public void A05_a_captured_variable_changed_by_two_inner_derivatives_never_carries_the_first_ones_tangent() =>
        EveryPair(1, 1, d => x =>
        {
            var captured = x;
            Tensor Grow(Tensor y) => captured *= y;
            d(Grow)(One);
            return d(Grow)(One);
        });

    [Fact]
    public void A06_a_curried_derivative_taken_twice_is_the_second_derivative()
    {
        // d(f)(x) is the derivative at u = 0 of f(x + u): the shift operator of the paper, applied to its own result
        foreach (var (name, outer, inner) in Pairs)
        {
            static Func<Func<Tensor, Tensor>, Func<Tensor, Tensor>> Curried(Way d) => f => x => d(u => f(x + u))(0.0);
            EveryWay.Near(Math.Exp(0.7), Curried(outer)(Curried(inner)(Tensor.Exp))(0.7).ToDouble(), 1e-15, name);
            EveryWay.Near(12 * 2.25, Curried(outer)(Curried(inner)(x => x * x * x * x))(1.5).ToDouble(), 1e-15, name);
        }
    }

    [Fact]
    public void A06_a_function_that_leaves_its_derivative_call_holds_a_constant()
    {
        foreach (var (name, way) in EveryWay.All)
        {
            Func<Tensor, Tensor>? escaped = null;
            way(u =>
            {
                escaped = x => Tensor.Sin(x + u);
                return u;
            })(0.0);
            EveryWay.Near(Math.Cos(0.7), way(escaped!)(0.7).ToDouble(), 1e-15, name);
        }
    }

    [Fact]
    public void A07_the_outer_variable_is_a_constant_inside()
    {
        EveryPair(0, 1, d => x => d(y => x)(x));
        EveryPair(0, 1, d => x => d(y => x + 0.0 * y)(x));
    }

    [Fact]
    public void A08_the_Jacobian_of_the_gradient_of_a_bilinear_form_is_its_matrix_exactly()
    {
        Tensor a = new double[,] { { 1, 2, 3 }, { 4, 5, 6 } }, x0 = Tensor.Of(0.5, -1, 2), y0 = Tensor.Of(3, 7);
        foreach (var (_, way) in EveryWay.All)
            foreach (var mode in Enum.GetValues<JacobianMode>())
                EveryWay.Same(a, Diff.Jacobian(x => way(y => Tensor.Dot(y, Tensor.MatMul(a, x)))(y0), x0, mode));
    }

    [Fact]
    public void A09_the_Hamiltonian_from_the_Lagrangian_by_the_Legendre_transform()
    {
        const double mass = 1, gravity = 9.8;
        Tensor q0 = Tensor.Of(1, 2), p0 = Tensor.Of(5, 6);
        static Tensor Lagrangian(Tensor q, Tensor v) => 0.5 * mass * (v * v).Sum() - mass * gravity * q[1];

        // the velocity solves dL/dv = p; L is quadratic in v, so one Newton step from 0 is exact
        static Tensor Velocity(Tensor q, Tensor p)
        {
            Tensor L(Tensor v) => Lagrangian(q, v);
            var zero = Tensor.Zeros(2);
            var (g, h) = (Diff.Gradient(L, zero), Diff.Hessian(L, zero));
            var right = p - g;
            var determinant = h[0, 0] * h[1, 1] - h[0, 1] * h[1, 0];
            return Tensor.Stack(h[1, 1] * right[0] - h[0, 1] * right[1], h[0, 0] * right[1] - h[1, 0] * right[0]) / determinant;
        }

        Tensor Hamiltonian(Tensor q, Tensor p)
        {
            var v = Velocity(q, p);
            return (p * v).Sum() - Lagrangian(q, v);
        }

        EveryWay.Gradient([0, gravity], q => Hamiltonian(q, p0), q0, 1e-14);
        EveryWay.Gradient([5, 6], p => Hamiltonian(q0, p), p0, 1e-14);
    }

    [Fact]
    public void A10_the_sixth_derivative_of_a_reciprocal_at_4()
    {
        EveryWay.Near(0.0439453125, Diff.NthDerivative((Tensor x) => 1 / x, 6, 4.0), 1e-14);
        Func<Tensor, Tensor> f = x => 1 / x;
        for (var k = 0; k < 6; k++) f = k % 2 == 0 ? Diff.Gradient(f) : Diff.Derivative(f);
        EveryWay.Near(0.0439453125, f(4.0).ToDouble(), 1e-14, "forward over reverse, three times");
    }

    [Fact]
    public void A11_derivatives_to_order_eight_and_both_spellings_of_the_bell_curve()
    {
        for (var n = 0; n <= 8; n++) Assert.Equal(1, Diff.NthDerivative(Tensor.Exp, n, 0.0));
        Func<Tensor, Tensor>[] bells = [x => Tensor.Exp(-x * x), x => Tensor.Exp(-Tensor.Pow(x, 2)), x => Tensor.Exp(-Tensor.Pow(x, 2.0)), x => Tensor.Exp(-Tensor.Square(x))];
        double[] expected = [1, 0, -2, 0, 12];
        foreach (var bell in bells)
            for (var n = 0; n < expected.Length; n++)
            {
                EveryWay.Near(expected[n], Diff.NthDerivative(bell, n, 0.0), 1e-14, $"order {n}, forward");
                var f = bell;
                for (var k = 0; k < n; k++) f = Diff.Gradient(f);
                EveryWay.Near(expected[n], f(0.0).ToDouble(), 1e-14, $"order {n}, reverse");
            }
    }

    [Fact]
    public void A12_a_stopped_gradient_stays_stopped_at_every_level()
    {
        static Tensor F(Tensor x) => Tensor.Sin(x) * Tensor.Cos(Diff.StopGradient(x));
        // f' = cos x · cos(stop x), f'' = -sin x · cos(stop x)
        EveryWay.Slope(0.99999746345668755, F, 3.14, 1e-15);
        EveryWay.SecondSlope(0.00159265089656900, F, 3.14, 1e-14);
    }

    [Fact]
    public void A13_a_stop_inside_keeps_the_outer_dependence_beside_it() =>
        EveryPair(1, 3, d => x => x * d(y => Diff.StopGradient(y) * x + y)(One));

    [Fact]
    public void A14_the_Hessian_of_a_minimum_found_by_unrolled_gradient_steps()
    {
        // w minimises ½(w - sin x)² + 0.05 w⁴; twenty steps of rate 0.3, then f(x) = w² + x w
        static Tensor Minimiser(Tensor x)
        {
            Tensor w = Tensor.ZerosLike(x);
            for (var k = 0; k < 20; k++) w -= 0.3 * Diff.Gradient(v => 0.5 * Tensor.Square(v - Tensor.Sin(x)) + 0.05 * Tensor.Pow(v, 4), w);
            return w;
        }

        static Tensor F(Tensor x) => Tensor.Square(Minimiser(x)) + x * Minimiser(x);

        EveryWay.Slope(EveryWay.Ridders(x => F(x).ToDouble(), 0.8), F, 0.8, 1e-9);
        EveryWay.SecondSlope(EveryWay.Ridders(x => Diff.Derivative(F, (Tensor)x).ToDouble(), 0.8), F, 0.8, 1e-9);
        EveryWay.Near(EveryWay.Ridders(x => Diff.Derivative(F, (Tensor)x).ToDouble(), 0.8), Diff.Hessian(F, 0.8).ToDouble(), 1e-9, "Hessian");
    }

    private static Tensor Rosenbrock(Tensor x) => (100 * Tensor.Square(x[1..] - Tensor.Square(x[..^1])) + Tensor.Square(1 - x[..^1])).Sum();

    [Fact]
    public void A15_Hessian_products_of_the_Rosenbrock_function_agree_in_every_nesting_and_with_the_Hessian()
    {
        var x = Tensor.Linspace(-1.2, 1.3, 10);
        var v = Tensor.Cos(Tensor.Arange(10));
        var hessian = Diff.Hessian(Rosenbrock, x);
        var expected = Tensor.MatMul(hessian, v).ToArray();
        EveryWay.Near(expected, Diff.Jvp(Diff.Gradient(Rosenbrock), x, v).Tangent, 1e-12, "forward over reverse");
        EveryWay.Near(expected, Diff.Gradient(y => Diff.Jvp(Rosenbrock, y, v).Tangent, x), 1e-12, "reverse over forward");
        EveryWay.Near(expected, Diff.Gradient(y => Tensor.Dot(Diff.Gradient(Rosenbrock, y), v), x), 1e-12, "reverse over reverse");
        EveryWay.Near(expected, Diff.Hvp(Rosenbrock, x, v), 1e-12, "Hvp");
        foreach (var (name, outer, inner) in Pairs)
            EveryWay.Near(expected, outer(y => Tensor.Dot(inner(Rosenbrock)(y), v))(x), 1e-12, name);
        EveryWay.Same(new double[,] { { 802, -400 }, { -400, 200 } }, Diff.Hessian(Rosenbrock, Tensor.Of(1, 1)));
        EveryWay.Near(hessian.T.Ravel().ToArray(), hessian.Ravel(), 1e-12, "symmetry");
    }

    [Fact]
    public void A16_a_value_kept_from_an_earlier_call_is_a_constant_in_the_next()
    {
        foreach (var (name, outer, inner) in Pairs)
        {
            Tensor? kept = null;
            inner(x => kept = x * x)(3.0);
            Assert.Equal(9, kept!.ToDouble());
            EveryWay.Near(9, outer(y => y * kept!)(2.0).ToDouble(), 0, name);
            EveryWay.Near(0, outer(y => kept! + 0.0)(2.0).ToDouble(), 0, name);
        }
    }

    [Fact]
    public void A16_a_value_of_an_inner_call_is_a_constant_of_that_call_in_the_outer_one()
    {
        // what the inner call computed still carries the outer variable: only the inner derivative is gone
        EveryPair(6, 3, d => x =>
        {
            Tensor? kept = null;
            d(y => kept = x * x * y)(One);
            return kept!;
        });
    }

    [Fact]
    public void A17_an_exception_caught_inside_leaves_the_outer_derivative_and_the_next_one_right()
    {
        EveryPair(12, 2, d => x =>
        {
            try { d(y => throw new InvalidOperationException("inner"))(x); }
            catch (InvalidOperationException e) when (e.Message == "inner") { }
            return x * x * x;
        });
        foreach (var (_, way) in EveryWay.All)
            Assert.Equal("thrown as it is", Assert.Throws<TimeoutException>(() => way(x => throw new TimeoutException("thrown as it is"))(1.0)).Message);
        EveryPair(12, 2, d => x => x * x * x);
    }

    [Fact]
    public void A18_derivatives_inside_a_parallel_loop_inside_a_derivative_equal_the_serial_ones_bit_for_bit()
    {
        static Tensor Term(Way d, Tensor x, int k) => d(y => Tensor.Sin(x * y) + Tensor.Pow(y, k % 4) * Tensor.Exp(-0.1 * x))(0.1 * (k + 1));

        foreach (var (name, outer, inner) in Pairs)
        {
            var serial = outer(x => Enumerable.Range(0, 64).Select(k => Term(inner, x, k)).Aggregate((a, b) => a + b))(0.3);
            var parallel = outer(x =>
            {
                var terms = new Tensor[64];
                Parallel.For(0, 64, k => terms[k] = Term(inner, x, k));
                return terms.Aggregate((a, b) => a + b);
            })(0.3);
            EveryWay.Same(serial, parallel, name);
        }
    }
}
