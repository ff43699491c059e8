using System;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.DifferentialEquations;

/// <summary>Solutions of differential equations: orders, tolerances, continuous extensions, stiff problems, errors.</summary>
public class SolutionTests
{
    private static Tensor Times(params double[] times) => Tensor.FromArray(times);

    private static readonly OdeMethod[] Methods = [OdeMethod.DormandPrince54, OdeMethod.RungeKutta4, OdeMethod.Rodas4];

    public static TheoryData<OdeMethod> AllMethods => [.. Methods];

    /// <summary>y'' = -y with a force: y = sin t + t/2 - ..., known exactly: y = cos t + sin(2t).</summary>
    private static Tensor Oscillator(Tensor t, Tensor y) => Tensor.Stack(y[1], -y[0] - 3 * Tensor.Sin(2 * t));

    private static double[] OscillatorAt(double t) => [Math.Cos(t) + Math.Sin(2 * t), -Math.Sin(t) + 2 * Math.Cos(2 * t)];

    private static readonly Tensor OscillatorStart = Tensor.Of(1, 2);

    [Theory]
    [InlineData(OdeMethod.DormandPrince54, 5)]
    [InlineData(OdeMethod.RungeKutta4, 4)]
    [InlineData(OdeMethod.Rodas4, 4)]
    public void The_error_falls_with_the_order_of_the_method(OdeMethod method, int order)
    {
        // steps of fixed size also for the methods with step control: no tolerance is ever missed
        double Error(int n)
        {
            var options = new OdeOptions { Method = method, Step = 2.0 / n, LargestStep = 2.0 / n, RelativeTolerance = 0.5, AbsoluteTolerance = 1e3 };
            var y = Ode.Solve(Oscillator, OscillatorStart, Times(0, 2), options)[^1].ToArray();
            return Math.Max(Math.Abs(y[0] - OscillatorAt(2)[0]), Math.Abs(y[1] - OscillatorAt(2)[1]));
        }

        var observed = Math.Log2(Error(40) / Error(80));
        Assert.True(observed > order - 0.35 && observed < order + 1.5, $"{method}: order {observed:F2}, errors {Error(40):E2} and {Error(80):E2}");
    }

    [Theory]
    [InlineData(OdeMethod.DormandPrince54, 5)]
    [InlineData(OdeMethod.RungeKutta4, 4)]
    [InlineData(OdeMethod.Rodas4, 4)]
    public void Between_steps_the_solution_is_as_exact_as_the_extension_promises(OdeMethod method, int localOrder)
    {
        double Error(int n)
        {
            var options = new OdeOptions { Method = method, Step = 2.0 / n, LargestStep = 2.0 / n, RelativeTolerance = 0.5, AbsoluteTolerance = 1e3 };
            var path = Ode.Trajectory(Oscillator, OscillatorStart, 0, 2, options);
            return Enumerable.Range(0, 201).Max(k => Math.Abs(path.At(k * 0.01)[0].ToDouble() - OscillatorAt(k * 0.01)[0]));
        }

        var observed = Math.Log2(Error(40) / Error(80));
        Assert.True(observed > localOrder - 1.35, $"{method}: order {observed:F2}, errors {Error(40):E2} and {Error(80):E2}");
    }

    [Theory]
    [InlineData(OdeMethod.DormandPrince54)]
    [InlineData(OdeMethod.Rodas4)]
    public void Tolerances_are_met_roughly_at_every_output_time(OdeMethod method)
    {
        var times = Tensor.Linspace(0, 10, 57);
        foreach (var tolerance in new[] { 1e-4, 1e-7, 1e-10 })
        {
            var y = Ode.Solve(Oscillator, OscillatorStart, times, new OdeOptions { Method = method, RelativeTolerance = tolerance, AbsoluteTolerance = tolerance });
            Assert.Equal(new Shape(57, 2), y.Shape);
            for (var k = 0; k < 57; k++)
                Assert.True(Math.Abs(y[k, 0].ToDouble() - OscillatorAt(times[k].ToDouble())[0]) < 100 * tolerance, $"{method}, {tolerance}, time {k}: {y[k, 0].ToDouble() - OscillatorAt(times[k].ToDouble())[0]:E2}");
        }
    }

    [Theory]
    [MemberData(nameof(AllMethods))]
    public void Time_runs_backwards_too(OdeMethod method)
    {
        var end = Tensor.FromArray(OscillatorAt(3));
        var y = Ode.Solve(Oscillator, end, Times(3, 1, 0), new OdeOptions { Method = method, Step = method == OdeMethod.RungeKutta4 ? 0.005 : 0, RelativeTolerance = 1e-10, AbsoluteTolerance = 1e-10 });
        EveryWay.Near(OscillatorAt(1), y[1], 1e-8);
        EveryWay.Near(OscillatorAt(0), y[2], 1e-8);
    }

    [Fact]
    public void The_number_of_steps_is_that_of_the_published_code()
    {
        // HNW II.5: the Arenstorf orbit, one period, with tolerance 1e-7 takes DOPRI5 about 250 steps
        const double mu = 0.012277471, period = 17.0652165601579625588917206249;
        static Tensor Orbit(Tensor t, Tensor y)
        {
            var (x, z, u, v) = (y[0], y[1], y[2], y[3]);
            var near = Tensor.Pow(Tensor.Square(x + mu) + z * z, 1.5);
            var far = Tensor.Pow(Tensor.Square(x - (1 - mu)) + z * z, 1.5);
            return Tensor.Stack(u, v, x + 2 * v - (1 - mu) * (x + mu) / near - mu * (x - (1 - mu)) / far, z - 2 * u - (1 - mu) * z / near - mu * z / far);
        }

        var start = Tensor.Of(0.994, 0, 0, -2.00158510637908252240537862224);
        var path = Ode.Trajectory(Orbit, start, 0, period, new OdeOptions { RelativeTolerance = 1e-7, AbsoluteTolerance = 1e-7 });
        Assert.InRange(path.Steps, 180, 300);
        var exact = Ode.Solve(Orbit, start, Times(0, period), new OdeOptions { RelativeTolerance = 1e-13, AbsoluteTolerance = 1e-13 });
        EveryWay.Near(start.ToArray()[..2], exact[1][..2], 1e-6);
    }

    [Fact]
    public void Robertsons_reaction_over_eleven_decades()
    {
        static Tensor Reaction(Tensor t, Tensor y)
        {
            var (a, b, c) = (0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] * y[1]);
            return Tensor.Stack(b - a, a - b - c, c);
        }

        var options = new OdeOptions { Method = OdeMethod.Rodas4, RelativeTolerance = 1e-7, AbsoluteTolerance = 1e-14 };
        var y = Ode.Solve(Reaction, Tensor.Of(1, 0, 0), Times(0, 40, 1e11), options);
        // the test set for initial value problem solvers, and SUNDIALS' example for t = 40
        EveryWay.Near([0.7158, 9.185e-6, 0.2842], y[1], 1e-4);
        Assert.Equal(0.2083340149701255e-7, y[2, 0].ToDouble(), 2e-13);
        Assert.Equal(0.8333360770334713e-13, y[2, 1].ToDouble(), 1e-18);
        Assert.Equal(0.9999999791665050, y[2, 2].ToDouble(), 1e-11);
        var path = Ode.Trajectory(Reaction, Tensor.Of(1, 0, 0), 0, 1e11, options);
        Assert.InRange(path.Steps, 50, 2000);
    }

    [Fact]
    public void Van_der_Pols_oscillator_with_a_stiffness_of_1000()
    {
        static Tensor Oscillator(Tensor t, Tensor y) => Tensor.Stack(y[1], 1000 * (1 - y[0] * y[0]) * y[1] - y[0]);
        var y = Ode.Solve(Oscillator, Tensor.Of(2, 0), Times(0, 2000), new OdeOptions { Method = OdeMethod.Rodas4, RelativeTolerance = 1e-9, AbsoluteTolerance = 1e-9 });
        // the test set for initial value problem solvers: y(2000) = 1.706167732170469, y'(2000) = -0.8928097010248125e-3
        Assert.Equal(1.706167732170469, y[1, 0].ToDouble(), 1e-6);
        Assert.Equal(-0.8928097010248125e-3, y[1, 1].ToDouble(), 1e-8);
        var explicitly = Assert.Throws<IntegrationException>(() => Ode.Solve(Oscillator, Tensor.Of(2, 0), Times(0, 2000), new OdeOptions { MaxSteps = 3000 }));
        Assert.Contains("Rodas4", explicitly.Message, StringComparison.Ordinal);
        Assert.InRange(explicitly.Time, 0, 2000);
    }

    [Fact]
    public void States_may_be_trees_and_numbers()
    {
        var zero = Tensor.Scalar(0);
        var (x, v) = Ode.Solve<(Tensor, Tensor)>((t, s) => (s.Item2, Tensor.Scalar(1)), (zero, zero), Times(0, 1, 2));
        EveryWay.Near([0, 0.5, 2], x, 1e-9);
        EveryWay.Near([0, 1, 2], v, 1e-9);
        var matrix = Ode.Solve((t, y) => -y, Tensor.Ones(2, 3), Times(0, 1), new OdeOptions { Method = OdeMethod.Rodas4 });
        Assert.Equal(new Shape(2, 2, 3), matrix.Shape);
        EveryWay.Near([Math.Exp(-1)], matrix[1, 1, 2..], 1e-5);
    }

    [Theory]
    [MemberData(nameof(AllMethods))]
    public void Float32_stays_float32(OdeMethod method)
    {
        var y = Ode.Solve((t, y) => -y * t, Tensor.Of(1, 2).Cast(DType.Float32), Times(0, 1), new OdeOptions { Method = method, Step = 0.05, RelativeTolerance = 1e-4, AbsoluteTolerance = 1e-4 });
        Assert.Equal(DType.Float32, y.DType);
        EveryWay.Near([Math.Exp(-0.5), 2 * Math.Exp(-0.5)], y[1], 1e-3);
    }

    [Fact]
    public void A_trajectory_says_what_it_cost_and_where_it_ends()
    {
        var path = Ode.Trajectory(Oscillator, OscillatorStart, 0, 2);
        Assert.Equal(path.Steps + 1, path.StepTimes.Count);
        Assert.Equal(0, path.StepTimes[0]);
        Assert.Equal(2, path.StepTimes[^1]);
        Assert.True(path.Evaluations >= 6 * path.Steps);
        EveryWay.Near(OscillatorStart.ToArray(), path.At(0), 1e-15);
        Assert.Throws<ArgumentOutOfRangeException>(() => path.At(2.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => path.At(double.NaN));
    }

    [Fact]
    public void One_time_gives_the_start() => EveryWay.Near([1, 2], Ode.Solve(Oscillator, OscillatorStart, Times(4))[0], 0);

    // ---- errors

    [Fact]
    public void Where_the_solution_ends_the_error_says_where()
    {
        // y' = y²: y = 1/(1 - t)
        var error = Assert.Throws<IntegrationException>(() => Ode.Solve((t, y) => y * y, Tensor.Scalar(1), Times(0, 2)));
        Assert.Equal(1, error.Time, 1e-6);
        Assert.Contains("singularity", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_finite_at_the_start_is_an_error_at_once()
    {
        Assert.Contains("not finite", Assert.Throws<IntegrationException>(() => Ode.Solve((t, y) => Tensor.Log(y), Tensor.Of(1.0, -1), Times(0, 1))).Message, StringComparison.Ordinal);
        Assert.Contains("not finite", Assert.Throws<IntegrationException>(() => Ode.Solve((t, y) => y, Tensor.Of(double.NaN), Times(0, 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaving_the_finite_numbers_on_the_way_makes_steps_smaller_and_is_an_error_if_that_does_not_help()
    {
        // the square root of what falls below zero
        var error = Assert.Throws<IntegrationException>(() => Ode.Solve((t, y) => -1 - Tensor.Sqrt(y), Tensor.Scalar(1), Times(0, 5)));
        Assert.InRange(error.Time, 0.1, 1);
    }

    [Fact]
    public void Wrong_input_is_refused_by_name()
    {
        var one = Tensor.Ones(2);
        Tensor Same(Tensor t, Tensor y) => y;
        var order = Assert.Throws<ArgumentException>(() => Ode.Solve(Same, one, Times(0, 1, 1, 2)));
        Assert.Equal("times", order.ParamName);
        Assert.Contains("times[2]", order.Message, StringComparison.Ordinal);
        Assert.Equal("times", Assert.Throws<ArgumentException>(() => Ode.Solve(Same, one, Times(0, 1, 0.5))).ParamName);
        Assert.Equal("times", Assert.Throws<ArgumentException>(() => Ode.Solve(Same, one, Times(0, double.NaN))).ParamName);
        Assert.Equal("times", Assert.Throws<ArgumentException>(() => Ode.Solve(Same, one, Tensor.Scalar(1))).ParamName);
        var shape = Assert.Throws<ArgumentException>(() => Ode.Solve((t, y) => y.Sum(), one, Times(0, 1)));
        Assert.Contains("[2]", shape.Message, StringComparison.Ordinal);
        Assert.Contains("[]", shape.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Ode.Solve(Same, Tensor.FromArray(new[] { 1, 2 }), Times(0, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ode.Solve(Same, one, Times(0, 1), new OdeOptions { RelativeTolerance = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ode.Solve(Same, one, Times(0, 1), new OdeOptions { RelativeTolerance = 0, AbsoluteTolerance = 0 }));
        Assert.Throws<IntegrationException>(() => Ode.Solve(Same, one, Times(0, 1), new OdeOptions { Method = OdeMethod.RungeKutta4, Step = 1e-9 }));
    }
}
