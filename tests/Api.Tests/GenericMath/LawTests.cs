using System;
using System.Linq;
using System.Numerics;
using Xunit;
using static DiffLib.Api.Tests.GenericMath.Catalogue;

namespace DiffLib.Api.Tests.GenericMath;

/// <summary>The laws that hold for every function of the numeric interfaces.</summary>
public class LawTests
{
    /// <summary>A function of one number seen as one of several, so that every way can be asked.</summary>
    private readonly record struct AsScalar(Unary F) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => F.Invoke(x[0]);
    }

    private static double[] ReverseGradient<TFunction>(TFunction f, double[] x) where TFunction : IScalarFunction =>
        Diff.Gradient((ReadOnlySpan<Reverse<double>> v) => f.Invoke(v), at: x);

    [Theory, MemberData(nameof(UnaryNames), MemberType = typeof(Catalogue))]
    public void Forward_agrees_with_finite_differences(string name)
    {
        Unary f = FindUnary(name);
        foreach (double x in Points(f.Low, f.High))
        {
            (double slope, double error) = Ridders(f.Invoke, x);
            double forward = Diff.Derivative(f, x);
            double allowed = 1e-9 * Math.Max(1, Math.Abs(slope)) + 10 * error;
            Assert.True(error < 1e-6 * Math.Max(1, Math.Abs(slope)), $"{name}: finite differences are inconclusive at {x:R} (error {error:E1}).");
            Assert.True(Math.Abs(slope - forward) <= allowed, $"{name}: forward gives {forward:R}, finite differences give {slope:R}, at x = {x:R}. Replay: seed 7.");
        }
    }

    [Theory, MemberData(nameof(UnaryNames), MemberType = typeof(Catalogue))]
    public void Forward_and_lanes_agree_to_the_last_bit_reverse_to_rounding_and_none_touches_the_value(string name)
    {
        Unary f = FindUnary(name);
        foreach (double x in Points(f.Low, f.High))
        {
            (double value, double forward) = Diff.ValueAndDerivative(f, x);
            Close(forward, ReverseGradient(new AsScalar(f), [x])[0], 1e-14, $"{name}: reverse against forward at {x:R}");
            Assert.Equal(forward, Diff.Gradient(new AsScalar(f), at: [x])[0]);
            Close(f.Invoke(x), value, 1e-15, $"{name}: the value at {x:R}");
        }
    }

    [Theory, MemberData(nameof(UnaryNames), MemberType = typeof(Catalogue))]
    public void Second_derivatives_agree_in_all_four_nestings_and_with_differences_of_first(string name)
    {
        Unary f = FindUnary(name);
        var scalar = new AsScalar(f);
        foreach (double x in Points(f.Low, f.High, 15))
        {
            double forwardForward = Diff.NthDerivative(f, 2, x);
            double forwardReverse = Diff.Hessian((ReadOnlySpan<Reverse<Dual<double>>> v) => scalar.Invoke(v), at: [x])[0, 0];
            double lanesReverse = Diff.Hessian(scalar, at: [x])[0, 0];
            double reverseForward = Diff.Gradient((ReadOnlySpan<Reverse<double>> v) => Diff.Derivative(f, v[0]), at: [x])[0];
            double reverseReverse = Diff.Gradient(
                (ReadOnlySpan<Reverse<double>> v) => Diff.Gradient((ReadOnlySpan<Reverse<Reverse<double>>> w) => scalar.Invoke(w), at: v)[0], at: [x])[0];
            foreach (double other in new[] { forwardReverse, lanesReverse, reverseForward, reverseReverse })
                Close(forwardForward, other, 1e-12, $"{name}: second derivative at {x:R}");
            (double difference, double error) = Ridders(t => Diff.Derivative(f, t), x);
            Close(difference, forwardForward, 1e-8 + 10 * error, $"{name}: second derivative against differences at {x:R}");
        }
    }

    [Theory, MemberData(nameof(BinaryNames), MemberType = typeof(Catalogue))]
    public void Gradients_of_two_numbers_agree_forward_in_reverse_and_with_finite_differences(string name)
    {
        Binary f = FindBinary(name);
        foreach ((double a, double b) in Points(f.Low1, f.High1).Zip(Points(f.Low2, f.High2, 40, 8)))
        {
            double[] lanes = Diff.Gradient(f, at: [a, b]);
            double[] reverse = ReverseGradient(f, [a, b]);
            (double da, _) = Ridders(t => f.Invoke<double>([t, b]), a);
            (double db, _) = Ridders(t => f.Invoke<double>([a, t]), b);
            Close(da, lanes[0], 1e-9, $"{name}: slope in the first operand at ({a:R}, {b:R})");
            Close(db, lanes[1], 1e-9, $"{name}: slope in the second operand at ({a:R}, {b:R})");
            for (int i = 0; i < 2; i++) Close(lanes[i], reverse[i], 1e-14, $"{name}: reverse against forward at ({a:R}, {b:R})");
            double alongOne = Diff.DirectionalDerivative(f, [a, b], [1.0, 0.0]);
            Close(lanes[0], alongOne, 1e-15, $"{name}: one tangent against several at ({a:R}, {b:R})");
        }
    }

    [Theory, MemberData(nameof(BinaryNames), MemberType = typeof(Catalogue))]
    public void F05_Hessians_are_symmetric_and_equal_to_differences_of_gradients(string name)
    {
        Binary f = FindBinary(name);
        foreach ((double a, double b) in Points(f.Low1, f.High1, 12).Zip(Points(f.Low2, f.High2, 12, 8)))
        {
            double[,] h = Diff.Hessian(f, at: [a, b]);
            double[,] byColumns = Diff.Hessian((ReadOnlySpan<Reverse<Dual<double>>> v) => f.Invoke(v), at: [a, b]);
            Close(h[0, 1], h[1, 0], 1e-12, $"{name}: symmetry at ({a:R}, {b:R})");
            for (int i = 0; i < 2; i++)
            {
                int row = i;
                Close(Ridders(t => Diff.Gradient(f, at: [t, b])[row], a).Slope, h[i, 0], 1e-8, $"{name}: H[{i},0] at ({a:R}, {b:R})");
                Close(Ridders(t => Diff.Gradient(f, at: [a, t])[row], b).Slope, h[i, 1], 1e-8, $"{name}: H[{i},1] at ({a:R}, {b:R})");
                for (int j = 0; j < 2; j++) Close(h[i, j], byColumns[i, j], 1e-13, $"{name}: lanes against columns at ({a:R}, {b:R})");
            }
        }
    }

    [Theory, MemberData(nameof(UnaryNames), MemberType = typeof(Catalogue))]
    public void Float_gradients_agree_with_double_ones(string name)
    {
        Unary f = FindUnary(name);
        foreach (double x in Points(f.Low, f.High, 15))
        {
            float single = (float)x;
            Close(Diff.Derivative(f, (double)single), Diff.Derivative(f, single), 2e-5, $"{name}: float slope at {single:R}");
            Close(Diff.Derivative(f, (double)single), Diff.Gradient(new AsScalar(f), at: [single])[0], 2e-5, $"{name}: float lanes at {single:R}");
        }
    }

    private readonly struct Field : IVectorFunction
    {
        public int OutputLength(int inputLength) => 3;

        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
        {
            y[0] = x[0] * T.Sin(x[1]);
            y[1] = T.Exp(x[0]) / x[2];
            y[2] = T.Hypot(x[0], x[3]) * x[1];
        }
    }

    private static T[] FieldOf<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        var y = new T[3];
        new Field().Invoke(x, y);
        return y;
    }

    [Fact]
    public void F01_F04_every_way_to_a_Jacobian_gives_the_same_and_products_are_transposes()
    {
        double[] x = [0.3, 1.2, 2.0, 0.7], v = [0.5, -1, 0.25, 2], w = [1.5, -0.5, 0.75];
        double[,] j = Diff.Jacobian(new Field(), at: x);
        double[][,] others =
        [
            Diff.JacobianForward(new Field(), at: x), Diff.JacobianReverse(new Field(), at: x), Diff.Jacobian(FieldOf, at: x), Diff.Jacobian(FieldOf<double>, at: x),
            Diff.JacobianForward(FieldOf, at: x), Diff.JacobianForward(FieldOf<double>, at: x), Diff.JacobianReverse(FieldOf, at: x), Diff.JacobianReverse(FieldOf<double>, at: x),
        ];
        foreach (double[,] other in others)
            for (int i = 0; i < 3; i++)
                for (int k = 0; k < 4; k++) Close(j[i, k], other[i, k], 1e-15, $"J[{i},{k}]");

        double[] jv = Diff.Jvp(new Field(), x, v), wj = Diff.Vjp(new Field(), x, w);
        Assert.Equal(jv, Diff.Jvp(FieldOf, x, v));
        Assert.Equal(jv, Diff.Jvp(FieldOf<double>, x, v));
        Assert.Equal(wj, Diff.Vjp(FieldOf, x, w));
        Assert.Equal(wj, Diff.Vjp(FieldOf<double>, x, w));
        Close(w.Zip(jv, (a, b) => a * b).Sum(), wj.Zip(v, (a, b) => a * b).Sum(), 1e-14, "<w, J v> = <J^T w, v>");
        for (int i = 0; i < 3; i++) Close(Enumerable.Range(0, 4).Sum(k => j[i, k] * v[k]), jv[i], 1e-14, $"(J v)[{i}]");

        var cells = new double[12];
        Diff.Jacobian(new Field(), x, cells);
        Assert.Equal(j.Cast<double>(), cells);
    }

    private readonly struct Rosenbrock : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T sum = T.Zero;
            for (int i = 0; i + 1 < x.Length; i++)
                sum += T.CreateChecked(100) * T.Pow(x[i + 1] - x[i] * x[i], T.CreateChecked(2)) + (T.One - x[i]) * (T.One - x[i]);
            return sum;
        }
    }

    private static double[] RosenbrockGradient(double[] x)
    {
        var g = new double[x.Length];
        for (int i = 0; i + 1 < x.Length; i++)
        {
            double u = x[i + 1] - x[i] * x[i];
            g[i] += -400 * x[i] * u - 2 * (1 - x[i]);
            g[i + 1] += 200 * u;
        }
        return g;
    }

    [Theory, InlineData(1), InlineData(2), InlineData(7), InlineData(8), InlineData(9), InlineData(16), InlineData(24), InlineData(25), InlineData(100)]
    public void Gradients_of_every_length_agree_with_the_closed_form(int n)
    {
        double[] x = [.. Points(-1, 2, n)];
        double[] expected = RosenbrockGradient(x), g = Diff.Gradient(new Rosenbrock(), at: x), r = ReverseGradient(new Rosenbrock(), x);
        float[] single = Diff.Gradient(new Rosenbrock(), at: x.Select(v => (float)v).ToArray());
        for (int i = 0; i < n; i++)
        {
            Close(expected[i], g[i], 1e-13, $"g[{i}] of {n}");
            Close(expected[i], r[i], 1e-13, $"reverse g[{i}] of {n}");
            Close(expected[i], single[i], 3e-4, $"float g[{i}] of {n}");
        }
    }

    [Fact]
    public void A15_Hessian_products_agree_in_every_nesting_and_with_the_Hessian()
    {
        double[] x = [.. Points(-1, 2, 10)], v = [.. Points(-1, 1, 10, 9)];
        var f = new Rosenbrock();
        double[,] h = Diff.Hessian(f, at: x);
        double[] hv = Diff.Hvp(f, x, v);
        Dual<double>[] line = [.. x.Zip(v, (a, b) => new Dual<double>(a, b))];
        double[] forwardOverForward = [.. Diff.Gradient(f, at: line).Select(d => d.Tangent)];
        double[] reverseOverForward = Diff.Gradient((ReadOnlySpan<Reverse<double>> r) => Diff.DirectionalDerivative(f, r, Array.ConvertAll(v, t => new Reverse<double>(t))), at: x);
        for (int i = 0; i < 10; i++)
        {
            Close(Enumerable.Range(0, 10).Sum(k => h[i, k] * v[k]), hv[i], 1e-12, $"(H v)[{i}]");
            Close(hv[i], forwardOverForward[i], 1e-12, $"gradient of duals [{i}]");
            Close(hv[i], reverseOverForward[i], 1e-12, $"reverse over forward [{i}]");
        }
        Assert.Equal(new double[,] { { 802, -400 }, { -400, 200 } }, Diff.Hessian(f, at: [1.0, 1.0]));
    }

    [Theory, InlineData("exp"), InlineData("sin"), InlineData("1/x"), InlineData("x^7"), InlineData("tanh")]
    public void A10_A11_derivatives_to_order_eight_agree_with_the_closed_form(string name)
    {
        const double x = 0.7;
        double[] expected = name switch
        {
            "exp" => [.. Enumerable.Repeat(Math.Exp(x), 9)],
            "sin" => [.. Enumerable.Range(0, 9).Select(k => Math.Sin(x + k * Math.PI / 2))],
            "1/x" => [.. Enumerable.Range(0, 9).Select(k => Math.Pow(-1, k) * Factorial(k) / Math.Pow(x, k + 1))],
            "x^7" => [.. Enumerable.Range(0, 9).Select(k => k > 7 ? 0 : Factorial(7) / Factorial(7 - k) * Math.Pow(x, 7 - k))],
            _ => TanhDerivatives(x),
        };
        for (int order = 0; order <= 8; order++)
            Close(expected[order], Diff.NthDerivative(new Smooth(name), order, x), 1e-10, $"derivative {order} of {name} at {x}");
    }

    private readonly record struct Smooth(string Name) : IUnivariateFunction
    {
        public T Invoke<T>(T x) where T : IFloatingPointIeee754<T> => Name switch
        {
            "exp" => T.Exp(x),
            "sin" => T.Sin(x),
            "1/x" => T.One / x,
            "x^7" => T.Pow(x, T.CreateChecked(7)),
            "tanh" => T.Tanh(x),
            "exp(-x^2)" => T.Exp(-T.Pow(x, T.CreateChecked(2))),
            _ => T.Exp(-x * x),
        };
    }

    private static double Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1);

    /// <summary>tanh' = 1 - t^2 makes every derivative a polynomial in t, whose coefficients follow by the chain rule.</summary>
    private static double[] TanhDerivatives(double x)
    {
        double t = Math.Tanh(x);
        double[] polynomial = [0, 1];
        var result = new double[9];
        for (int order = 0; order < 9; order++)
        {
            result[order] = polynomial.Select((c, k) => c * Math.Pow(t, k)).Sum();
            var next = new double[polynomial.Length + 1];
            for (int k = 1; k < polynomial.Length; k++)
            {
                next[k - 1] += k * polynomial[k];
                next[k + 1] -= k * polynomial[k];
            }
            polynomial = next;
        }
        return result;
    }

    [Fact]
    public void A10_the_sixth_derivative_of_a_reciprocal_at_4() =>
        Close(0.0439453125, Diff.NthDerivative(new Smooth("1/x"), 6, 4.0), 1e-14, "sixth derivative of 1/x at 4");

    [Theory, InlineData("exp(-x^2)"), InlineData("exp(-x x)")]
    public void A11_both_spellings_of_the_bell_curve_have_derivatives_0_minus2_0_12_at_0(string name)
    {
        double[] expected = [1, 0, -2, 0, 12];
        for (int order = 0; order < 5; order++) Assert.Equal(expected[order], Diff.NthDerivative(new Smooth(name), order, 0.0));
    }
}
