using System;
using System.Numerics;
using DiffLib.Api.Tests.Checking;
using Xunit;

namespace DiffLib.Api.Tests.ScalarPrograms;

/// <summary>Loops over a few numbers, plain and with a compiled step.</summary>
public sealed class CompiledLoopTests
{
    /// <summary>Newton's iteration for a square root. State: the estimate, the number.</summary>
    private readonly struct SquareRoot : ILoop
    {
        public T Continue<T>(ReadOnlySpan<T> s) where T : IFloatingPointIeee754<T> => T.Abs(s[0] * s[0] - s[1]) - T.CreateChecked(1e-12) * s[1];

        public void Step<T>(Span<T> s) where T : IFloatingPointIeee754<T> => s[0] = T.CreateChecked(0.5) * (s[0] + s[1] / s[0]);
    }

    /// <summary>A ball in a potential that is differentiated inside the step, and bounces. State: place, velocity, time left.</summary>
    private readonly struct Ball : ILoop
    {
        public T Continue<T>(ReadOnlySpan<T> s) where T : IFloatingPointIeee754<T> => s[2];

        public void Step<T>(Span<T> s) where T : IFloatingPointIeee754<T>
        {
            var step = T.CreateChecked(0.01);
            T force = -Diff.Derivative((Dual<T> x) => Dual<T>.Cos(x) + x * x / (Dual<T>)T.CreateChecked(8), s[0]), velocity = s[1] + step * force;
            s[0] += step * velocity;
            s[1] = Diff.WhereLess(s[0], T.Zero, T.Abs(velocity), velocity);
            s[2] -= step;
        }
    }

    private readonly struct Branching : ILoop
    {
        public T Continue<T>(ReadOnlySpan<T> s) where T : IFloatingPointIeee754<T> => s[0];

        public void Step<T>(Span<T> s) where T : IFloatingPointIeee754<T> => s[0] = s[0] > T.One ? s[0] / T.CreateChecked(2) : s[0] - T.One;
    }

    public static TheoryData<ProgramExecutor> Executors => [ProgramExecutor.Automatic, ProgramExecutor.Interpreted];

    [Theory]
    [MemberData(nameof(Executors))]
    public void A_compiled_loop_takes_the_steps_of_the_plain_one(ProgramExecutor executor)
    {
        var root = Diff.CompileLoop(new SquareRoot(), [1.5, 2], new() { Executor = executor });
        Assert.Equal(2, root.Length);
        foreach (var number in new[] { 2.0, 1e6, 0.01, 81 })
        {
            double[] plain = [1, number], compiled = [1, number];
            Assert.Equal(Diff.Loop<SquareRoot, double>(new(), plain), root.Run(compiled));
            Assert.Equal(plain, compiled);
            Assert.Equal(Math.Sqrt(number), compiled[0], 1e-9 * Math.Sqrt(number));
        }
    }

    [Theory]
    [MemberData(nameof(Executors))]
    public void Derivatives_go_through_a_compiled_loop(ProgramExecutor executor)
    {
        var ball = Diff.CompileLoop(new Ball(), [1, 0, 1], new() { Executor = executor });
        static Dual<double> Plain(Dual<double> v)
        {
            Dual<double>[] s = [0.2, v, 3];
            Diff.Loop<Ball, Dual<double>>(new(), s);
            return s[0] * s[1];
        }

        Dual<double> Compiled(Dual<double> v)
        {
            Dual<double>[] s = [0.2, v, 3];
            Assert.InRange(ball.Run(s), 299, 301);
            return s[0] * s[1];
        }

        foreach (var v in new[] { -1.5, 0, 0.75 })
        {
            var (value, slope) = Diff.ValueAndDerivative((Dual<double> x) => Compiled(x), v);
            var (expected, expectedSlope) = Diff.ValueAndDerivative((Dual<double> x) => Plain(x), v);
            Assert.Equal(expected, value, 1e-10);
            Assert.Equal(expectedSlope, slope, 1e-8 * Math.Max(1, Math.Abs(expectedSlope)));
        }
    }

    [Theory]
    [MemberData(nameof(Executors))]
    public void Derivatives_go_back_through_a_compiled_loop(ProgramExecutor executor)
    {
        var ball = Diff.CompileLoop(new Ball(), [1, 0, 1], new() { Executor = executor });
        static Reverse<double> After(Action<Reverse<double>[]> run, ReadOnlySpan<Reverse<double>> x)
        {
            // two flights, one after the other, of which the second starts from numbers that the first one and others made
            Reverse<double>[] s = [x[0] * x[0], x[1], 3];
            run(s);
            s = [s[0] + 0.5 * x[1], s[1], x[2]];
            run(s);
            return s[0] * s[1] + s[2] * x[0];
        }

        double[] got = new double[3], expected = new double[3];
        foreach (var v in new[] { -1.5, 0, 0.75 })
        {
            double[] at = [0.4, v, 2];
            var value = Diff.ValueAndGradient<double>(x => After(s => Assert.InRange(ball.Run(s), 199, 301), x), at, got);
            Assert.Equal(Diff.ValueAndGradient<double>(x => After(s => Diff.Loop<Ball, Reverse<double>>(new(), s), x), at, expected), value, 1e-10);
            for (var k = 0; k < 3; k++) Assert.Equal(expected[k], got[k], 1e-8 * Math.Max(1, Math.Abs(expected[k])));
        }
    }

    [Theory]
    [MemberData(nameof(Executors))]
    public void The_rows_of_a_Jacobian_go_back_through_the_same_states(ProgramExecutor executor)
    {
        var ball = Diff.CompileLoop(new Ball(), [1, 0, 1], new() { Executor = executor });
        var jacobian = Diff.JacobianReverse<double>(
            (ReadOnlySpan<Reverse<double>> x) =>
            {
                Reverse<double>[] s = [x[0], x[1], 1];
                ball.Run(s);
                return [s[0], s[1], s[2] + x[0]];
            },
            [0.2, 0.5]);
        double Slope(int result, int variable)
        {
            Dual<double>[] s = [0.2, 0.5, 1];
            s[variable] = new(s[variable].Primal, 1);
            ball.Run(s);
            return s[result].Tangent;
        }

        for (var k = 0; k < 2; k++)
            for (var j = 0; j < 2; j++) Assert.Equal(Slope(k, j), jacobian[k, j], 1e-11);
        Assert.Equal(1, jacobian[2, 0]);
        Assert.Equal(0, jacobian[2, 1]);
    }

    [Fact]
    public void Numbers_without_a_record_run_without_one_and_a_loop_that_does_not_begin_passes_derivatives_on()
    {
        var root = Diff.CompileLoop(new SquareRoot(), [1.5, 2]);
        Reverse<double>[] constants = [1, 9];
        Assert.True(root.Run(constants) > 3);
        Assert.Equal(3, constants[0].Primal, 1e-9);
        double[] gradient = new double[2];
        Diff.ValueAndGradient<double>(
            x =>
            {
                Reverse<double>[] state = [x[0], x[1]];
                Assert.Equal(0, root.Run(state));
                return 2 * state[0] + 5 * state[1];
            },
            [3, 9], gradient);
        Assert.Equal([2, 5], gradient);
    }

    [Fact]
    public void Many_steps_and_numbers_that_nobody_needs_cost_no_records()
    {
        var ball = Diff.CompileLoop(new Ball(), [1, 0, 1]);
        double[] gradient = new double[2];
        var value = Diff.ValueAndGradient<double>(
            x =>
            {
                Reverse<double>[] unused = [x[0], x[1], 5], s = [0.25, x[1], 200];
                ball.Run(unused);
                Assert.InRange(ball.Run(s), 19_999, 20_001);
                return x[0] * s[2];
            },
            [2, 0.1], gradient);
        Assert.Equal(value / 2, gradient[0], 1e-15);
        Assert.Equal(0, gradient[1]);
    }

    [Fact]
    public void A_loop_that_does_not_begin_leaves_its_state()
    {
        var root = Diff.CompileLoop(new SquareRoot(), [1.5, 2]);
        double[] state = [3, 9], undecided = [double.NaN, 2];
        Assert.Equal(0, root.Run(state));
        Assert.Equal([3, 9], state);
        Assert.Equal(0, root.Run(undecided));
        Assert.Equal(0, Diff.Loop<SquareRoot, double>(new(), undecided));
    }

    [Fact]
    public void A_step_that_branches_on_its_numbers_is_refused_and_the_way_out_named()
    {
        var e = Assert.Throws<InvalidOperationException>(() => Diff.CompileLoop(new Branching(), [5.0]));
        Assert.Contains("Diff.WhereLess", e.Message, StringComparison.Ordinal);
        double[] state = [5];
        Assert.Equal(4, Diff.Loop<Branching, double>(new(), state));
    }

    [Fact]
    public void A_wrong_length_and_numbers_of_two_calls_are_refused()
    {
        var root = Diff.CompileLoop(new SquareRoot(), [1.5, 2]);
        Assert.Equal("state", Assert.Throws<ArgumentException>(() => root.Run(new double[3])).ParamName);
        Assert.Equal("state", Assert.Throws<ArgumentException>(() => root.Run(new Dual<double>[1])).ParamName);
        Assert.Equal("state", Assert.Throws<ArgumentException>(() => root.Run(new Reverse<double>[1])).ParamName);
        Reverse<double> escaped = default;
        Diff.ValueAndGradient<double>(x => escaped = x[0] * x[0], [3], new double[1]);
        Assert.Throws<DerivativeScopeException>(() => root.Run((Reverse<double>[])[2, escaped]));
        Dual<double> kept = default;
        Diff.Derivative((Dual<double> x) => kept = x * x, 3.0);
        Assert.Throws<DerivativeScopeException>(() => Diff.Derivative((Dual<double> x) =>
        {
            root.Run((Dual<double>[])[x, kept]);
            return x;
        }, 1.0));
    }

    [Fact]
    public void A_run_allocates_nothing_once_warm()
    {
        var root = Diff.CompileLoop(new SquareRoot(), [1.5, 2], new() { Executor = ProgramExecutor.Generated });
        double[] state = new double[2];
        var carried = new Dual<double>[2];
        void Run()
        {
            (state[0], state[1]) = (1, 7);
            root.Run(state);
            (carried[0], carried[1]) = (1, new Dual<double>(7, 1));
            root.Run(carried);
        }

        Assert.Equal(0, Measured.Bytes(() =>
        {
            for (var k = 0; k < 100; k++) Run();
        }));
        Assert.Equal(0.5 / Math.Sqrt(7), carried[0].Tangent, 1e-9);
    }
}
