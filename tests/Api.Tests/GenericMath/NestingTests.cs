using System;
using System.Linq;
using System.Numerics;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace DiffLib.Api.Tests.GenericMath;

/// <summary>Derivatives inside derivatives, and numbers where they do not belong.</summary>
public class NestingTests
{
    [Fact]
    public void A01_an_inner_derivative_does_not_see_the_outer_variable()
    {
        static T F<T>(T x) where T : IFloatingPointIeee754<T> => x * Diff.Derivative((Dual<T> y) => x + y, T.One);
        Assert.Equal(1, Diff.Derivative(F, 1.0));
        Assert.Equal(1, Diff.Derivative(F<double>, 1.0));
        Assert.Equal(1, Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => F(x[0]), at: [1.0])[0]);
    }

    [Theory, InlineData(1.0, 2.0), InlineData(4.0, 8.0)]
    public void A02_an_inner_derivative_that_depends_on_the_outer_variable(double at, double expected)
    {
        static T F<T>(T x) where T : IFloatingPointIeee754<T> => x * Diff.Derivative((Dual<T> y) => x * y, T.CreateChecked(2));
        Assert.Equal(expected, Diff.Derivative(F, at));
    }

    private static T Norm<T>(ReadOnlySpan<T> v) where T : IFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        foreach (T x in v) sum += x * x;
        return T.Sqrt(sum);
    }

    [Fact]
    public void A03_a_gradient_of_a_derivative()
    {
        static T F<T>(ReadOnlySpan<T> v) where T : IFloatingPointIeee754<T>
        {
            T norm = Norm(v), sum = T.Zero;
            foreach (T x in v) sum += x;
            return sum * Diff.Derivative((Dual<T> y) => y * norm, T.One);
        }
        Assert.Equal([2.0], Diff.Gradient(F, at: [1.0]));
        Assert.Equal([2.0], Diff.Gradient(F<double>, at: [1.0]));
    }

    /// <summary>One callable that differentiates itself.</summary>
    private sealed class Recursive(bool inner) : IUnivariateFunction
    {
        public T Invoke<T>(T x) where T : IFloatingPointIeee754<T> =>
            inner ? x : x * Diff.Derivative((Dual<T> y) => new Recursive(true).Invoke(y) + x, T.One);
    }

    [Fact]
    public void A04_a_callable_that_differentiates_itself() => Assert.Equal(1, Diff.Derivative(new Recursive(false), 1.0));

    [Fact]
    public void A05_a_captured_variable_that_outlives_its_call_is_an_error_never_a_wrong_number()
    {
        Dual<double> x = 1.0;
        Func<Dual<double>, Dual<double>> f = y => x *= y;
        Assert.Equal(1, Diff.Derivative(f, 1.0));
        Assert.Contains("StopGradient", Assert.Throws<DerivativeScopeException>(() => Diff.Derivative(f, 1.0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A07_the_outer_variable_is_a_constant_inside()
    {
        static T F<T>(T x) where T : IFloatingPointIeee754<T> => x * Diff.Derivative((Dual<T> y) => x, x);
        Assert.Equal(0, Diff.Derivative(F, 1.0));
    }

    private readonly struct BilinearGradient(double[] y0) : IVectorFunction
    {
        public static readonly double[,] A = { { 1, 2, -3 }, { 0.5, 7, 4 }, { -1, 0, 2.5 } };

        public int OutputLength(int inputLength) => 3;

        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
        {
            T[] outer = x.ToArray();
            T[] gradient = Diff.Gradient((ReadOnlySpan<Reverse<T>> v) =>
            {
                Reverse<T> sum = T.Zero;
                for (int i = 0; i < 3; i++)
                    for (int j = 0; j < 3; j++) sum += v[i] * T.CreateChecked(A[i, j]) * outer[j];
                return sum;
            }, at: Array.ConvertAll(y0, T.CreateChecked));
            gradient.CopyTo(y);
        }
    }

    [Fact]
    public void A08_the_Jacobian_of_the_gradient_of_a_bilinear_form_is_its_matrix_exactly()
    {
        var f = new BilinearGradient([0.3, -2, 5]);
        Assert.Equal(BilinearGradient.A, Diff.JacobianForward(f, at: [1.0, 2.0, 3.0]));
        Assert.Equal(BilinearGradient.A, Diff.JacobianReverse(f, at: [1.0, 2.0, 3.0]));
    }

    [Fact]
    public void A12_a_stopped_gradient_stays_stopped_at_every_level()
    {
        static T F<T>(T x) where T : IFloatingPointIeee754<T> => T.Sin(x) * T.Cos(Diff.StopGradient(x));
        static T First<T>(T x) where T : IFloatingPointIeee754<T> => Diff.Derivative((Dual<T> y) => F(y), x);
        Catalogue.Close(0.99999746345666, Diff.Derivative(F, 3.14), 1e-13, "f'");
        Catalogue.Close(0.00159265089656900, Diff.Derivative(First, 3.14), 1e-13, "f''");
    }

    [Fact]
    public void A13_a_stop_inside_keeps_the_outer_dependence_beside_it()
    {
        static T F<T>(T x) where T : IFloatingPointIeee754<T> => x * Diff.Derivative((Dual<T> y) => Diff.StopGradient(y) * x + y, T.One);
        Assert.Equal(1, Diff.Derivative(F, 3.0));
    }

    [Fact]
    public void A14_a_gradient_through_an_unrolled_minimisation()
    {
        static T Outer<T>(T a) where T : IFloatingPointIeee754<T>
        {
            T y = T.Zero, rate = T.CreateChecked(0.1);
            for (int i = 0; i < 20; i++) y -= rate * Diff.Derivative((Dual<T> z) => (z - a) * (z - a) + Dual<T>.Exp(z) * a, y);
            return y * a;
        }
        (double slope, double error) = Catalogue.Ridders(Outer, 0.8);
        Catalogue.Close(slope, Diff.Derivative(Outer, 0.8), 1e-9 + 10 * error, "bi-level");
        Catalogue.Close(slope, Diff.Gradient((ReadOnlySpan<Reverse<double>> a) => Outer(a[0]), at: [0.8])[0], 1e-9 + 10 * error, "bi-level, reverse");
    }

    [Fact]
    public void A16_a_dual_number_kept_from_an_earlier_call_is_refused()
    {
        Dual<double> kept = default;
        Diff.Derivative((Dual<double> x) => kept = x * x, 3.0);
        Assert.Equal(9, kept.Primal);
        Assert.Throws<DerivativeScopeException>(() => Diff.Derivative((Dual<double> x) => x * kept, 2.0));
        Assert.Throws<DerivativeScopeException>(() => Diff.Derivative((Dual<double> x) => kept, 2.0));
        Assert.Equal(9, Diff.Derivative((Dual<double> x) => x * kept.Primal, 2.0));
        Assert.Equal(9, Diff.Derivative((Dual<double> x) => x * Diff.StopGradient(kept), 2.0));
    }

    [Fact]
    public void A16_a_reverse_number_kept_from_an_earlier_call_is_refused()
    {
        Reverse<double> kept = default;
        Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => kept = x[0] * x[0], at: [3.0]);
        Assert.Throws<DerivativeScopeException>(() => kept * kept);
        Assert.Throws<DerivativeScopeException>(() => Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => x[0] * kept, at: [2.0]));
        Assert.Throws<DerivativeScopeException>(() => Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => kept, at: [2.0]));
        Assert.Equal([9.0], Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => x[0] * kept.Primal, at: [2.0]));
    }

    private static class Memo<T>
    {
        public static T? Last;
    }

    private readonly struct Remembering : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T seen = Memo<T>.Last ?? T.Zero;
            Memo<T>.Last = x[0];
            return x[0] * x[0] + seen;
        }
    }

    [Fact]
    public void A16_a_number_kept_by_a_generic_function_is_refused_in_the_next_call()
    {
        double[] many = new double[50];
        Assert.Equal(0, Diff.Gradient(new Remembering(), at: [0.0])[0]);
        Assert.Throws<DerivativeScopeException>(() => Diff.Gradient(new Remembering(), at: [1.0]));
        Diff.Gradient(new Remembering(), at: many);
        Assert.Throws<DerivativeScopeException>(() => Diff.Gradient(new Remembering(), at: many));
    }

    [Fact]
    public void Numbers_of_two_live_calls_of_one_type_do_not_mix()
    {
        Assert.Contains("Dual<T>", Assert.Throws<DerivativeScopeException>(() =>
            Diff.Derivative((Dual<double> x) => x * Diff.Derivative((Dual<double> y) => x + y, 1.0), 1.0)).Message, StringComparison.Ordinal);
        Assert.Throws<DerivativeScopeException>(() =>
            Diff.Gradient((ReadOnlySpan<Reverse<double>> x) =>
            {
                Reverse<double> outer = x[0];
                return outer * Diff.Gradient((ReadOnlySpan<Reverse<double>> y) => outer + y[0], at: [1.0])[0];
            }, at: [1.0]));
    }

    [Fact]
    public void An_inner_call_of_the_same_type_on_plain_numbers_is_fine()
    {
        Assert.Equal(4, Diff.Derivative((Dual<double> x) => x * Diff.Derivative((Dual<double> y) => y * y, 2.0), 1.0));
        Assert.Equal([4.0], Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => x[0] * Diff.Gradient((ReadOnlySpan<Reverse<double>> y) => y[0] * y[0], at: [2.0])[0], at: [1.0]));
    }

    [Fact]
    public void A_conversion_that_would_drop_a_derivative_is_refused()
    {
        Assert.Throws<DerivativeScopeException>(() => Diff.Derivative((Dual<double> x) => x * Diff.Gradient((ReadOnlySpan<Reverse<double>> y) => y[0] * Reverse<double>.CreateChecked(x), at: [1.0])[0], 1.0));
        Assert.Equal(2.5, Reverse<double>.CreateChecked((Dual<double>)2.5).Primal);
    }

    [Fact]
    public void A_number_lifts_into_the_types_built_on_it_with_its_derivative()
    {
        var x = new Dual<double>(3, 1);
        Assert.Equal(1, Dual<Dual<double>>.CreateChecked(x).Primal.Tangent);
        Assert.Equal(1, Reverse<Dual<Dual<double>>>.CreateSaturating(x).Primal.Primal.Tangent);
        Assert.Equal(1, Reverse<Dual<double>>.CreateTruncating(x).Primal.Tangent);
    }

    [Fact]
    public void A17_an_exception_inside_is_the_users_to_catch_and_leaves_everything_right()
    {
        static T F<T>(T x) where T : IFloatingPointIeee754<T>
        {
            try
            {
                Diff.Gradient((ReadOnlySpan<Reverse<T>> y) => y[0] * x / y[5], at: [x]);
            }
            catch (IndexOutOfRangeException)
            {
                return x * x * x;
            }
            return x;
        }
        Assert.Equal(12, Diff.Derivative(F, 2.0));
        Assert.Equal([12.0], Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => F(x[0]), at: [2.0]));
        Assert.Equal(12, Diff.Derivative(F, 2.0));
    }

    [Fact]
    public void A18_derivatives_inside_a_parallel_loop_inside_a_forward_derivative_equal_the_serial_ones_bit_for_bit()
    {
        static T F<T>(T x, bool parallel) where T : IFloatingPointIeee754<T>
        {
            var parts = new T[200];
            void Part(int i) => parts[i] = Diff.Derivative((Dual<T> y) => Dual<T>.Sin(y * x) * T.CreateChecked(i), x / T.CreateChecked(i + 1));
            if (parallel) Parallel.For(0, parts.Length, Part);
            else for (int i = 0; i < parts.Length; i++) Part(i);
            return parts.Aggregate(T.Zero, (a, b) => a + b);
        }
        double serial = Diff.Derivative((Dual<double> x) => F(x, false), 0.7);
        for (int repeat = 0; repeat < 20; repeat++) Assert.Equal(serial, Diff.Derivative((Dual<double> x) => F(x, true), 0.7));
    }

    [Fact]
    public void A18_a_reverse_number_on_another_thread_is_refused_with_the_way_out()
    {
        Exception? seen = null;
        Diff.Gradient((ReadOnlySpan<Reverse<double>> x) =>
        {
            Reverse<double> captured = x[0];
            var thread = new Thread(() => seen = Record.Exception(() => captured * captured));
            thread.Start();
            thread.Join();
            return captured;
        }, at: [1.0]);
        Assert.Contains("thread", Assert.IsType<DerivativeScopeException>(seen).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void B02_the_derivative_of_the_branch_taken()
    {
        Assert.Equal(0, Diff.Derivative((Dual<double> x) => x == 0 ? 0 : x * x + x, 0.0));
        Assert.Equal(4, Diff.Derivative((Dual<double> x) => x > 0 ? x * x : -x, 2.0));
        Assert.Equal(-1, Diff.Derivative((Dual<double> x) => x > 0 ? x * x : -x, -1.0));
    }

    [Fact]
    public void B16_a_loop_whose_length_depends_on_the_data()
    {
        static T Root<T>(T a) where T : IFloatingPointIeee754<T>
        {
            T x = a, half = T.CreateChecked(0.5);
            while (T.Abs(x * x - a) > T.CreateChecked(1e-14)) x = half * (x + a / x);
            return x;
        }
        Catalogue.Close(0.5 / Math.Sqrt(3), Diff.Derivative(Root, 3.0), 1e-12, "Newton's square root");
    }

    [Fact]
    public void A_dual_number_made_by_hand_works_without_a_call()
    {
        Dual<double> y = Dual<double>.Sin(new Dual<double>(2, 1)) * 3;
        Assert.Equal(3 * Math.Cos(2), y.Tangent);
        Assert.Throws<DerivativeScopeException>(() => Diff.Derivative((Dual<double> x) => x * y, 1.0));
    }
}
