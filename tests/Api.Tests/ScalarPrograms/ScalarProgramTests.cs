using System;
using System.Linq;
using System.Numerics;
using System.Threading.Tasks;
using DiffLib.Api.Tests.Checking;
using DiffLib.Api.Tests.GenericMath;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.ScalarPrograms;

/// <summary>Compiled scalar programs against the dual numbers and the tape that run the same functions.</summary>
public class ScalarProgramTests
{
    private readonly struct OfOne(Unary f) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => f.Invoke(x[0]);
    }

    /// <summary>A chain of random operations on four inputs, among them kinks and choices.</summary>
    private readonly struct RandomChain(int seed, int length) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            var random = new Random(seed);
            var values = new System.Collections.Generic.List<T>(x.ToArray());
            for (int i = 0; i < length; i++)
            {
                T a = values[random.Next(values.Count)], b = values[random.Next(values.Count)];
                T half = T.CreateChecked(0.5);
                values.Add(random.Next(17) switch
                {
                    0 => a + b,
                    1 => a - b,
                    2 => half * a * b,
                    3 => a / (T.One + b * b),
                    4 => T.Sin(a),
                    5 => T.Cos(a) - b,
                    6 => T.Exp(-a * a),
                    7 => T.Log(T.One + a * a),
                    8 => T.Sqrt(T.One + a * a),
                    9 => T.Tanh(a),
                    10 => T.Max(a, b),
                    11 => T.Abs(a),
                    12 => T.Clamp(a, -T.One, T.One),
                    13 => T.Atan2(a, T.One + T.Abs(b)),
                    14 => T.Hypot(a, b),
                    15 => Diff.WhereLess(a, b, half * a, b * b * half),
                    _ => T.Pow(T.One + a * a, half + half * T.Tanh(b)),
                });
            }
            T sum = T.Zero;
            foreach (T value in values) sum += T.Tanh(value);
            return sum;
        }
    }

    private static T Branching<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => x[0] < x[1] ? x[0] * x[0] * x[1] : T.Sin(x[0]) + x[1];

    /// <summary>Newton's iteration: the number of steps depends on the input.</summary>
    private static T Root<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        T y = T.One;
        while (T.Abs(y * y - x[0]) > T.CreateChecked(1e-12) * x[0]) y = T.CreateChecked(0.5) * (y + x[0] / y);
        return y * x[1];
    }

    private static T SingularBranch<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> =>
        Diff.WhereLess(T.Zero, x[0], T.Log(x[0]) * T.Sqrt(x[0]), T.Zero) + T.Sqrt(x[1] * x[1]);

    private static T[] Polar<T>(ReadOnlySpan<T> x) where T : IRootFunctions<T>, ITrigonometricFunctions<T> =>
        [x[0] * T.Cos(x[1]), x[0] * T.Sin(x[1]), x[2] * x[2], T.Sqrt(x[0])];

    private static T Long<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        T y = x[0], r = x[1];
        for (int i = 0; i < 20_000; i++) y = r * y * (T.One - y);
        return y;
    }

    private static void SameAsTape<TFunction>(TFunction f, double[] x, CompiledScalarFunction compiled, double tolerance, string story) where TFunction : IScalarFunction
    {
        int n = x.Length;
        var (value, gradient) = Diff.ValueAndGradient(f, x);
        double[,] hessian = Diff.Hessian(f, x);
        var g = new double[n];
        var h = new double[n * n];
        Catalogue.Close(value, compiled.Value(x), tolerance, story + " value");
        Catalogue.Close(value, compiled.ValueAndGradient(x, g), tolerance, story + " value with gradient");
        compiled.Hessian(x, h);
        for (int i = 0; i < n; i++)
        {
            Catalogue.Close(gradient[i], g[i], tolerance, $"{story} gradient {i}");
            for (int j = 0; j < n; j++) Catalogue.Close(hessian[i, j], h[i * n + j], 20 * tolerance, $"{story} Hessian {i},{j}");
        }
    }

    [Theory, MemberData(nameof(Catalogue.UnaryNames), MemberType = typeof(Catalogue))]
    public void A_compiled_function_of_one_number_agrees_with_the_tape(string name)
    {
        Unary f = Catalogue.FindUnary(name);
        CompiledScalarFunction compiled = Diff.Compile(new OfOne(f), at: [0.5 * (f.Low + f.High)]);
        foreach (double x in Catalogue.Points(f.Low, f.High)) SameAsTape(new OfOne(f), [x], compiled, 1e-12, $"{name} at {x:R}");
        Assert.Equal(1, compiled.PathCount);
    }

    [Theory, MemberData(nameof(Catalogue.BinaryNames), MemberType = typeof(Catalogue))]
    public void A_compiled_function_of_two_numbers_agrees_with_the_tape(string name)
    {
        Binary f = Catalogue.FindBinary(name);
        double[] first = [.. Catalogue.Points(f.Low1, f.High1)], second = [.. Catalogue.Points(f.Low2, f.High2, seed: 11)];
        CompiledScalarFunction compiled = Diff.Compile(f, at: [first[0], second[0]]);
        for (int i = 0; i < first.Length; i++) SameAsTape(f, [first[i], second[i]], compiled, 1e-12, $"{name} at ({first[i]:R}, {second[i]:R})");
    }

    [Fact]
    public void Random_programs_agree_with_the_tape_at_every_order_and_in_batches()
    {
        for (int seed = 0; seed < 25; seed++)
        {
            var f = new RandomChain(seed, 25);
            var random = new Random(seed + 1000);
            var points = new double[70 * 4];
            for (int i = 0; i < points.Length; i++) points[i] = 2 * random.NextDouble() - 1;
            CompiledScalarFunction compiled = Diff.Compile(f, at: points.AsSpan(0, 4), new() { Executor = seed % 5 == 0 ? ProgramExecutor.Interpreted : ProgramExecutor.Automatic });
            for (int s = 0; s < 5; s++) SameAsTape(f, points[(4 * s)..(4 * s + 4)], compiled, 1e-10, $"seed {seed} sample {s}");
            BatchEqualsSingle(compiled, points, 70);
        }
    }

    private static void BatchEqualsSingle(CompiledScalarFunction f, double[] points, int samples)
    {
        int n = f.Inputs;
        double[] values = new double[samples], gradients = new double[samples * n], hessians = new double[samples * n * n];
        f.HessianBatch(points, values, gradients, hessians);
        double[] valuesAlone = new double[samples], values1 = new double[samples], gradients1 = new double[samples * n];
        f.ValueBatch(points, valuesAlone);
        f.ValueAndGradientBatch(points, values1, gradients1);
        double[] byNumber = new double[samples * n], gradientsByNumber = new double[samples * n], valuesByNumber = new double[samples];
        for (int s = 0; s < samples; s++)
            for (int k = 0; k < n; k++) byNumber[k * samples + s] = points[s * n + k];
        f.ValueAndGradientBatch(byNumber, valuesByNumber, gradientsByNumber, BatchLayout.ByNumber);
        double[] g = new double[n], h = new double[n * n];
        for (int s = 0; s < samples; s++)
        {
            ReadOnlySpan<double> x = points.AsSpan(s * n, n);
            f.Hessian(x, h);
            Assert.Equal(h, hessians[(s * n * n)..((s + 1) * n * n)]);
            Assert.Equal(f.ValueAndGradient(x, g), values1[s]);
            Assert.Equal(values1[s], valuesByNumber[s]);
            Assert.Equal(f.Value(x), valuesAlone[s]);
            Assert.Equal(g, gradients1[(s * n)..((s + 1) * n)]);
            for (int k = 0; k < n; k++) Assert.Equal(g[k], gradientsByNumber[k * samples + s]);
        }
    }

    [Fact]
    public void A_flipped_comparison_is_recorded_anew_and_both_paths_are_kept()
    {
        CompiledScalarFunction f = Diff.Compile(Branching, at: [1.0, 2.0]);
        var g = new double[2];
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(2, f.ValueAndGradient([1.0, 2.0], g));
            Assert.Equal([4.0, 1.0], g);
            Catalogue.Close(Math.Sin(2) + 1, f.ValueAndGradient([2.0, 1.0], g), 1e-15, "other path");
            Catalogue.Close(Math.Cos(2), g[0], 1e-15, "other path");
        }
        Assert.Equal(2, f.PathCount);
        Assert.Equal(2, f.TraceCount);
    }

    [Fact]
    public void Samples_of_one_batch_take_their_own_paths()
    {
        CompiledScalarFunction f = Diff.Compile(Root, at: [2.0, 1.0]);
        var random = new Random(3);
        var points = new double[2 * 3000];
        for (int s = 0; s < 3000; s++) (points[2 * s], points[2 * s + 1]) = (Math.Exp(8 * random.NextDouble() - 4), random.NextDouble());
        double[] values = new double[3000], gradients = new double[6000];
        f.ValueAndGradientBatch(points, values, gradients);
        for (int s = 0; s < 3000; s++)
        {
            Catalogue.Close(Math.Sqrt(points[2 * s]) * points[2 * s + 1], values[s], 1e-11, $"root of {points[2 * s]}");
            Catalogue.Close(points[2 * s + 1] / (2 * Math.Sqrt(points[2 * s])), gradients[2 * s], 1e-5, $"slope at {points[2 * s]}");
        }
        Assert.InRange(f.PathCount, 3, 12);
        BatchEqualsSingle(f, points[..400], 200);
    }

    [Fact]
    public void Paths_beyond_the_capacity_are_slow_but_right()
    {
        CompiledScalarFunction f = Diff.Compile(Root, at: [2.0, 1.0], new() { Capacity = 1 });
        double[] x = [300.0, 1.5], g = new double[2];
        Catalogue.Close(Math.Sqrt(300) * 1.5, f.ValueAndGradient(x, g), 1e-11, "value");
        Catalogue.Close(Math.Sqrt(300), g[1], 1e-11, "slope");
        double[] values = new double[2], gradients = new double[4];
        f.ValueAndGradientBatch([2, 1, 300, 1.5], values, gradients);
        Assert.Equal(g[1], gradients[3]);
        Assert.Equal(1, f.PathCount);
    }

    [Fact]
    public void A_branch_not_taken_contributes_no_derivative_however_singular()
    {
        CompiledScalarFunction f = Diff.Compile(SingularBranch, at: [1.0, 1.0]);
        double[] g = new double[2], h = new double[4];
        Assert.Equal(3, f.ValueAndGradient([0.0, 3.0], g));
        Assert.Equal([0.0, 1.0], g);
        Assert.Equal(2, f.ValueAndGradient([-1.0, -2.0], g));
        Assert.Equal([0.0, -1.0], g);
        Assert.Equal(0, f.ValueAndGradient([-1.0, 0.0], g));
        Assert.Equal([0.0, 0.0], g);
        f.Hessian([-1.0, 2.0], h);
        Assert.Equal(0, h[0]);
        double[] values = new double[3], gradients = new double[6];
        f.ValueAndGradientBatch([0, 3, -1, -2, -1, 0], values, gradients);
        Assert.Equal([0.0, 1.0, 0.0, -1.0, 0.0, 0.0], gradients);
    }

    [Fact]
    public void A_vector_function_gives_its_results_and_its_Jacobian()
    {
        CompiledVectorFunction f = Diff.CompileVector(Polar, at: [2.0, 0.5, 1.0]);
        double[] x = [1.5, -0.3, 2.0], y = new double[4], j = new double[12];
        f.ValueAndJacobian(x, y, j);
        double[,] expected = Diff.Jacobian(Polar, at: x);
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 3; k++) Catalogue.Close(expected[i, k], j[3 * i + k], 1e-14, $"entry {i},{k}");
        Catalogue.Close(1.5 * Math.Sin(-0.3), y[1], 1e-14, "result");
        double[] values = new double[8], jacobians = new double[24], alone = new double[12];
        f.ValueAndJacobianBatch(2, [.. x, .. x], values, jacobians);
        Assert.Equal(j, jacobians[12..]);
        f.Jacobian(x, alone);
        Assert.Equal(j, alone);
        Assert.Equal(y, values[..4]);
    }

    [Fact]
    public void Every_way_to_hand_a_function_over_gives_the_same()
    {
        double[] x = [1.0, 2.0];
        double expected = Diff.Compile(Branching, at: x).Value(x);
        Assert.Equal(expected, Diff.Compile(Branching<double>, at: x).Value(x));
        Assert.Equal(expected, Diff.Compile((ReadOnlySpan<Traced> v) => Branching(v), at: x).Value(x));
        Assert.Throws<ArgumentException>(() => Diff.Compile((ReadOnlySpan<double> v) => v[0], at: [1.0]));
    }

    [Fact]
    public void Calls_allocate_nothing()
    {
        CompiledScalarFunction f = Diff.Compile(new RandomChain(1, 40), at: [0.1, 0.2, 0.3, 0.4]);
        double[] x = [0.3, -0.2, 0.8, 0.1], g = new double[4], h = new double[16];
        double[] many = [.. Enumerable.Repeat(x, 64).SelectMany(v => v)], values = new double[64], gradients = new double[256];
        void All()
        {
            f.Value(x);
            f.Gradient(x, g);
            f.Hessian(x, h);
            f.ValueAndGradientBatch(many, values, gradients);
        }
        for (int order = 0; order < 3; order++) f.Prepare(order);
        Assert.Equal(0, Measured.Bytes(() =>
        {
            for (int i = 0; i < 100; i++) All();
        }));
    }

    [Fact]
    public void Threads_share_an_evaluator_and_the_bits_do_not_depend_on_their_number()
    {
        CompiledScalarFunction f = Diff.Compile(Root, at: [2.0, 1.0]);
        double[] points = [.. Enumerable.Range(0, 20_000).Select(i => 0.01 + i % 977 * 0.01)];
        double[] values = new double[10_000], gradients = new double[20_000], values1 = new double[10_000], gradients1 = new double[20_000];
        Parallel.For(0, 8, t =>
        {
            var g = new double[2];
            for (int s = t; s < 500; s += 8) Catalogue.Close(Math.Sqrt(points[2 * s]), f.ValueAndGradient(points.AsSpan(2 * s, 2), g) / points[2 * s + 1], 1e-11, "shared");
        });
        f.ValueAndGradientBatch(points, values, gradients);
        int threads = Parallelism.MaxThreads;
        try
        {
            Parallelism.MaxThreads = 1;
            f.ValueAndGradientBatch(points, values1, gradients1);
        }
        finally
        {
            Parallelism.MaxThreads = threads;
        }
        Assert.Equal(values1, values);
        Assert.Equal(gradients1, gradients);
    }

    [Fact]
    public void An_unrolled_loop_of_many_operations_compiles_and_agrees_with_the_tape()
    {
        double[] x = [0.3, 2.5], g = new double[2];
        CompiledScalarFunction f = Diff.Compile(Long, at: x);
        Assert.True(f.OperationCount() >= 60_000, $"{f.OperationCount()} operations");
        double value = f.ValueAndGradient(x, g);
        var (expected, gradient) = Diff.ValueAndGradient(Long, at: x);
        Catalogue.Close(expected, value, 1e-12, "value");
        Catalogue.Close(gradient[1], g[1], 1e-12, "slope");
    }

    [Fact]
    public void Derivatives_inside_a_compiled_function_and_stopped_gradients_are_recorded()
    {
        CompiledScalarFunction f = Diff.Compile(Nested, at: [1.0]);
        double[] x = [1.5], g = new double[1];
        var (value, gradient) = Diff.ValueAndGradient(Nested, at: x);
        Catalogue.Close(value, f.ValueAndGradient(x, g), 1e-13, "value");
        Catalogue.Close(gradient[0], g[0], 1e-13, "slope");
    }

    private static T Nested<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        T slope = Diff.Derivative((Dual<T> y) => y * y * Dual<T>.Sin(y), at: x[0]);
        return slope * Diff.StopGradient(x[0] * x[0]) + T.CreateChecked(2);
    }

    private static T Table<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
    {
        int cell = int.CreateTruncating(x[0]);
        return T.CreateChecked(cell) * x[0] * x[0];
    }

    private static T Frozen<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => T.CreateChecked(double.CreateChecked(x[0])) * x[0];

    [Fact]
    public void An_integer_read_from_an_input_makes_a_path_and_a_double_is_refused()
    {
        CompiledScalarFunction f = Diff.Compile(Table, at: [1.5]);
        var g = new double[1];
        Assert.Equal(3 * 3.5 * 3.5, f.ValueAndGradient([3.5], g));
        Assert.Equal([21.0], g);
        Assert.Equal(1.25 * 1.25, f.Value([1.25]));
        Assert.Equal(2, f.PathCount);
        Assert.Contains("would make it a constant", Assert.Throws<DerivativeScopeException>(() => Diff.Compile(Frozen, at: [1.0])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_kept_from_an_earlier_recording_is_refused()
    {
        Traced kept = default;
        Diff.Compile((ReadOnlySpan<Traced> x) => kept = x[0] * x[0], at: [1.0]);
        Assert.Throws<DerivativeScopeException>(() => Diff.Compile((ReadOnlySpan<Traced> x) => x[0] * kept, at: [1.0]));
    }

    [Fact]
    public void Wrong_lengths_are_named()
    {
        CompiledScalarFunction f = Diff.Compile(Branching, at: [1.0, 2.0]);
        double[] two = new double[2], three = new double[3];
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => f.Value(three)).ParamName);
        Assert.Equal("gradient", Assert.Throws<ArgumentException>(() => f.Gradient(two, three)).ParamName);
        Assert.Equal("hessian", Assert.Throws<ArgumentException>(() => f.Hessian(two, three)).ParamName);
        Assert.Equal("inputs", Assert.Throws<ArgumentException>(() => f.ValueBatch(three, two)).ParamName);
        Assert.Equal("gradients", Assert.Throws<ArgumentException>(() => f.ValueAndGradientBatch(new double[4], two, three)).ParamName);
        Assert.Equal("values", Assert.Throws<ArgumentException>(() => f.ValueBatch(three.AsSpan(0, 2), three.AsSpan(1, 1))).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => f.Prepare(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Diff.Compile(Branching, at: two, new() { Capacity = 0 }));
    }

    [Fact]
    public void No_inputs_and_constant_results_are_programs_too()
    {
        CompiledScalarFunction f = Diff.Compile((ReadOnlySpan<Traced> x) => 3.5, at: []);
        Assert.Equal(3.5, f.ValueAndGradient([], []));
        CompiledScalarFunction unused = Diff.Compile((ReadOnlySpan<Traced> x) => x[1] * 2, at: [1.0, 2.0]);
        double[] g = new double[2], h = new double[4];
        Assert.Equal(10, unused.ValueAndGradient([0.0, 5.0], g));
        Assert.Equal([0.0, 2.0], g);
        unused.Hessian([0.0, 5.0], h);
        Assert.Equal(new double[4], h);
    }
}
