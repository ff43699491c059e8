using System;
using System.Linq;
using System.Numerics;
using System.Threading;
using DiffLib.Api.Tests.Checking;
using Xunit;
using static DiffLib.Api.Tests.GenericMath.Catalogue;

namespace DiffLib.Api.Tests.GenericMath;

/// <summary>Depth, size, threads, memory and failure.</summary>
public class EngineTests
{
    private readonly record struct Decay(int Steps) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T y = x[0], factor = T.CreateChecked(1 - 1e-6);
            for (int i = 0; i < Steps; i++) y *= factor;
            return y;
        }
    }

    private static double[] InReverse<TFunction>(TFunction f, double[] x) where TFunction : IScalarFunction =>
        Diff.Gradient((ReadOnlySpan<Reverse<double>> v) => f.Invoke(v), at: x);

    [Theory, InlineData(256 * 1024), InlineData(1536 * 1024)]
    public void B08_a_chain_of_a_million_operations_on_a_small_stack(int stack)
    {
        double slope = 0;
        var thread = new Thread(() => slope = InReverse(new Decay(1_000_000), [1.0])[0], stack);
        thread.Start();
        thread.Join();
        Close(0.3678792572, slope, 1e-10, "chain");
        Close(Math.Exp(1_000_000 * Math.Log(1 - 1e-6)), slope, 1e-9, "chain against the closed form");
    }

    [Fact]
    public void B09_ten_million_operations() =>
        Close(Math.Exp(10_000_000 * Math.Log(1 - 1e-6)), InReverse(new Decay(10_000_000), [1.0])[0], 1e-8, "ten million steps");

    private readonly struct Doubling : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T y = x[0];
            for (int i = 0; i < 60; i++) y += y;
            return y;
        }
    }

    private readonly struct Squaring : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T y = x[0];
            for (int i = 0; i < 5; i++) y *= y;
            return y;
        }
    }

    private readonly struct FanOut : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T sum = T.Zero;
            for (int i = 0; i < 100_000; i++) sum += x[0];
            return sum;
        }
    }

    [Fact]
    public void B06_B07_B10_sharing_costs_linear_time_and_counts_every_path()
    {
        Assert.Equal(Math.Pow(2, 60), InReverse(new Doubling(), [1.0])[0]);
        Assert.Equal(Math.Pow(2, 60), Diff.Gradient(new Doubling(), at: [1.0])[0]);
        Close(43.562476943559524, InReverse(new Squaring(), [1.01])[0], 1e-14, "x^32");
        Assert.Equal(100_000, InReverse(new FanOut(), [3.0])[0]);
    }

    [Fact]
    public void B11_B12_the_same_variable_twice_constants_and_inputs_as_results()
    {
        Assert.Equal([6.0], Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => x[0] * x[0], at: [3.0]));
        Assert.Equal([0.0], Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => x[0] - x[0], at: [3.0]));
        Assert.Equal([0.0, 1.0], Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => x[1], at: [3.0, 4.0]));
        Assert.Equal([0.0, 0.0], Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => 7, at: [3.0, 4.0]));
        Assert.Equal([0.0, 0.0], Diff.Gradient(new Constant(), at: [3.0, 4.0]));
        Assert.Empty(Diff.Gradient(new Constant(), at: Array.Empty<double>()));
        Assert.Equal((7, 0), Diff.ValueAndDerivative((Dual<double> x) => 7, 1.0));
    }

    private readonly struct Constant : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => T.CreateChecked(7);
    }

    [Fact]
    public void B14_text_and_hash_of_a_deep_number_take_constant_time()
    {
        Diff.Gradient((ReadOnlySpan<Reverse<double>> x) =>
        {
            Reverse<double> y = new Decay(1_000_000).Invoke(x);
            Assert.Equal(y.Primal.ToString(), y.ToString());
            Assert.Equal(y.Primal.GetHashCode(), y.GetHashCode());
            Assert.True(y.Equals((object)y));
            return y;
        }, at: [1.0]);
    }

    private readonly struct Mixed : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T sum = T.Zero;
            for (int i = 0; i < x.Length; i++) sum += T.Sin(x[i]) * T.Exp(-x[(i + 1) % x.Length] * x[i]);
            return sum;
        }
    }

    [Fact]
    public void G03_sixty_four_threads_give_the_bits_of_one()
    {
        double[][] points = [.. Enumerable.Range(0, 64).Select(k => Points(-1, 1, k % 2 == 0 ? 6 : 30, k).ToArray())];
        double[][] serial = [.. points.Select(x => Diff.Gradient(new Mixed(), at: x))];
        double[][] serialHvp = [.. points.Select(x => Diff.Hvp(new Mixed(), x, x))];
        int wrong = 0;
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, 64).Select(k => new Thread(() =>
        {
            try
            {
                var gradient = new double[points[k].Length];
                for (int i = 0; i < 10_000; i++)
                {
                    Diff.ValueAndGradient(new Mixed(), points[k], gradient);
                    if (!gradient.AsSpan().SequenceEqual(serial[k])) Interlocked.Increment(ref wrong);
                    if (i % 100 == 0 && !Diff.Hvp(new Mixed(), points[k], points[k]).AsSpan().SequenceEqual(serialHvp[k])) Interlocked.Increment(ref wrong);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Null(failure);
        Assert.Equal(0, wrong);
    }

    private readonly struct Pair : IVectorFunction
    {
        public int OutputLength(int inputLength) => 2;

        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> =>
            (y[0], y[1]) = (x[0] * x[^1], T.Exp(x[1]));
    }

    [Theory, InlineData(4), InlineData(60)]
    public void G01_repeated_calls_into_spans_allocate_nothing(int n)
    {
        double[] x = [.. Points(-1, 1, n)], gradient = new double[n], product = new double[n], cells = new double[n * n], jacobian = new double[2 * n];
        ScalarFunction<Reverse<double>> f = v => new Mixed().Invoke(v);
        Unary warm = FindUnary("Tanh");
        void Silent()
        {
            Diff.ValueAndGradient(new Mixed(), x, gradient);
            Diff.ValueAndGradient(f, x, gradient);
            Diff.Hvp(new Mixed(), x, x, product);
            Diff.Hessian(new Mixed(), x, cells);
            Diff.Jacobian(new Pair(), x, jacobian);
            Diff.ValueAndDerivative(warm, 0.3);
            Diff.DirectionalDerivative(new Mixed(), x, x);
        }
        Assert.Equal(0, Measured.Bytes(() =>
        {
            for (int i = 0; i < 100; i++) Silent();
        }));
    }

    private readonly record struct FailsAt(int Step) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T y = x[0];
            for (int i = 0; i < 50; i++)
            {
                if (i == Step) throw new TimeoutException();
                y = T.Sin(y) + x[1];
            }
            return y;
        }
    }

    [Fact]
    public void G02_a_failure_at_any_operation_leaves_the_next_call_right_and_nothing_behind()
    {
        double[] expected = InReverse(new FailsAt(-1), [0.3, 0.4]);
        var gradient = new double[2];
        ScalarFunction<Reverse<double>>[] failing = [.. Enumerable.Range(0, 50).Select(step => (ScalarFunction<Reverse<double>>)(v => new FailsAt(step).Invoke(v)))];
        ScalarFunction<Reverse<double>> right = v => new FailsAt(-1).Invoke(v);
        foreach (ScalarFunction<Reverse<double>> f in failing)
        {
            Assert.Throws<TimeoutException>(() => Diff.ValueAndGradient(f, [0.3, 0.4], gradient));
            Assert.Throws<TimeoutException>(() => Diff.Hessian(new FailsAt(3), at: [0.3, 0.4]));
            Assert.Throws<TimeoutException>(() => Diff.Gradient(new FailsAt(3), at: [0.3, 0.4]));
            Diff.ValueAndGradient(right, [0.3, 0.4], gradient);
            Assert.Equal(expected, gradient);
        }
    }

    [Fact]
    public void B17_a_function_throws_in_every_mode_what_it_throws_on_plain_numbers()
    {
        Assert.Throws<TimeoutException>(() => new FailsAt(0).Invoke<double>([1.0, 2.0]));
        Assert.Throws<TimeoutException>(() => Diff.Gradient(new FailsAt(0), at: [1.0, 2.0]));
        Assert.Throws<TimeoutException>(() => InReverse(new FailsAt(0), [1.0, 2.0]));
        Assert.Throws<TimeoutException>(() => Diff.Hvp(new FailsAt(0), [1.0, 2.0], [1.0, 0.0]));
    }

    [Fact]
    public void Large_tapes_are_used_again()
    {
        double[] first = InReverse(new Decay(2_000_000), [1.0]);
        for (int i = 0; i < 3; i++) Assert.Equal(first, InReverse(new Decay(2_000_000), [1.0]));
        Assert.Equal(Diff.Gradient(new Mixed(), at: [0.1, 0.2]), InReverse(new Mixed(), [0.1, 0.2]).Select(x => x));
    }

    [Theory, InlineData(1000), InlineData(1023), InlineData(1024), InlineData(1025), InlineData(3071), InlineData(3072), InlineData(3073), InlineData(70_000)]
    public void Tapes_with_many_inputs_and_chunk_borders(int n)
    {
        double[] x = [.. Points(-1, 1, n)];
        double[] gradient = InReverse(new Mixed(), x);
        for (int i = 0; i < n; i += Math.Max(1, n / 50))
        {
            int next = (i + 1) % n, previous = (i + n - 1) % n;
            double here = Math.Exp(-x[next] * x[i]), before = Math.Exp(-x[i] * x[previous]);
            Close(Math.Cos(x[i]) * here - Math.Sin(x[i]) * here * x[next] - Math.Sin(x[previous]) * before * x[previous], gradient[i], 1e-14, $"g[{i}] of {n}");
        }
    }
}
