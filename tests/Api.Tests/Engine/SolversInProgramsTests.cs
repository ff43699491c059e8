using System;
using System.Collections.Generic;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Engine;

/// <summary>Solvers and integrators, which look at numbers, inside of batches and programs: the same solutions and derivatives as alone.</summary>
public class SolversInProgramsTests
{
    private static Tensor Friction(Tensor re) =>
        Diff.Root((Tensor x, Tensor re) => x + 2 * Tensor.Log10(1e-4 / 3.7 + 2.51 / re * x), start: Tensor.Scalar(7), parameters: re);

    private static Tensor Integrated(Tensor p, OdeMethod method, OdeDerivative derivative) => Ode.Solve(
        (Tensor t, Tensor y, Tensor p) => Tensor.Stack(y[1] * p, -y[0] - 0.1 * y[1] * t),
        Tensor.Stack(p, 1 + 0 * p),
        Tensor.Of(0, 0.5, 1),
        p,
        new OdeOptions { Method = method, Derivative = derivative, Step = 0.01, RelativeTolerance = 1e-9, AbsoluteTolerance = 1e-9 })[2].Sum();

    private static (Tensor Time, Tensor State) Event(Tensor p) => Ode.SolveToEvent(
        (Tensor t, Tensor y, Tensor p) => Tensor.Stack(y[1] * p, -y[0] - 0.1 * y[1] * t), (t, y, p) => y[0] - 0.1 * p, Tensor.Stack(p, 1 + 0 * p), 0, 20, p,
        OdeEventDirection.Falling, new OdeOptions { RelativeTolerance = 1e-9, AbsoluteTolerance = 1e-9 });

    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_functions = new()
    {
        ["root"] = p => Friction(1e5 * p),
        ["root between bounds"] = p => Diff.Root((Tensor x, Tensor p) => x - p * Tensor.Sin(x) - 1.3, lower: 0, upper: Math.PI, parameters: p * 0.5),
        ["fixed point"] = p => Diff.FixedPoint((Tensor x, Tensor p) => Tensor.Cos(x * p), Tensor.Scalar(0.5), p),
        ["minimum"] = p => Diff.Minimize(
            (Tensor x, Tensor p) => Tensor.Square(x - p).Sum() + Tensor.Pow(x, 4).Sum(), Tensor.Of(0.5, -0.5), Tensor.Stack(p, p * p)).Sum(),
        ["linear system"] = p => Diff.LinearSolve(
            (Tensor x, Tensor p) => Tensor.Of(3, 2, 4) * x + p * x.Roll(1, 0), Tensor.Of(1, 2, 3), p).Sum(),
        ["Runge-Kutta, discrete"] = p => Integrated(p, OdeMethod.RungeKutta4, OdeDerivative.Discrete),
        ["Runge-Kutta, adjoint"] = p => Integrated(p, OdeMethod.RungeKutta4, OdeDerivative.Adjoint),
        ["Dormand-Prince, discrete"] = p => Integrated(p, OdeMethod.DormandPrince54, OdeDerivative.Discrete),
        ["Dormand-Prince, adjoint"] = p => Integrated(p, OdeMethod.DormandPrince54, OdeDerivative.Adjoint),
        ["Rodas, discrete"] = p => Integrated(p, OdeMethod.Rodas4, OdeDerivative.Discrete),
        ["time of an event"] = p => Event(p).Time,
        ["state at an event"] = p => Event(p).State.Sum(),
        ["Rodas, adjoint"] = p => Integrated(p, OdeMethod.Rodas4, OdeDerivative.Adjoint),
    };

    public static TheoryData<string> Names => [.. s_functions.Keys];

    private static void Near(Tensor want, Tensor got) =>
        Assert.True(Tensor.AllClose(want, got, 1e-8, 1e-8), $"{want} and {got}");

    [Theory]
    [MemberData(nameof(Names))]
    public void Over_examples_a_solution_and_its_derivatives_are_those_of_a_loop(string name)
    {
        var f = s_functions[name];
        var ps = Tensor.Of(0.7, 1, 1.4);
        Func<Tensor, Tensor> slope = p => Diff.Gradient(f, p), tangent = p => Diff.Jvp(f, p, Tensor.Scalar(1)).Tangent, bend = p => Diff.Gradient(slope, p);
        foreach (var g in new[] { f, slope, tangent, bend })
        {
            var all = Diff.Vmap(g)(ps);
            for (var k = 0; k < 3; k++) Near(g(ps[k]), all[k]);
        }

        // derivatives of the batched function
        Near(Tensor.Stack([.. Enumerable.Range(0, 3).Select(k => slope(ps[k]))]), Diff.Gradient(p => Diff.Vmap(f)(p).Sum(), ps));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void In_a_program_a_solution_and_its_derivatives_are_those_of_the_plain_function(string name)
    {
        var f = s_functions[name];
        Func<Tensor, Tensor> slope = p => Diff.Gradient(f, p), bend = p => Diff.Gradient(slope, p);
        foreach (var g in new[] { f, slope, bend })
        {
            var compiled = Diff.Compile(g);
            foreach (var p in new[] { 0.7, 1.2 }) Near(g(p), compiled(Tensor.Scalar(p)));
            Assert.Equal(1, CompiledFunction.Of(compiled).TraceCount);
        }

        // a derivative of the compiled function, and examples through it
        var whole = Diff.Compile(f);
        Near(slope(0.9), Diff.Gradient(whole, Tensor.Scalar(0.9)));
        Near(Tensor.Stack(f(0.8), f(1.1)), Diff.Compile(Diff.Vmap(f))(Tensor.Of(0.8, 1.1)));
    }

    private static RecurrentWeights Weights(RandomKey key, int gates, int inputs, int hidden)
    {
        Tensor Part(int k, params int[] shape) => 0.4 * Tensor.RandomNormal(key.Fold((ulong)k), shape);
        return new(Part(0, gates * hidden, inputs), Part(1, gates * hidden, hidden), Part(2, gates * hidden), Part(3, gates * hidden));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(90)]
    public void Recurrent_sequences_of_any_length_run_in_programs_as_they_do_plainly(int steps)
    {
        var key = RandomKey.FromSeed(3);
        var x = Tensor.RandomNormal(key, new[] { steps, 2, 3 });
        var h = Tensor.RandomNormal(key.Fold(9), new[] { 4, 2, 5 });
        RecurrentWeights[] Layers(int gates) => [.. Enumerable.Range(0, 4).Select(k => Weights(key.Fold((ulong)k), gates, k < 2 ? 3 : 10, 5))];
        foreach (var (f, gates) in new (Func<Tensor, RecurrentWeights[], Tensor[]>, int)[]
        {
            ((x, w) => { var (y, s) = Nn.Rnn(x, h, w, bidirectional: true); return [y, s]; }, 1),
            ((x, w) => { var (y, s) = Nn.Gru(x, h, w, bidirectional: true); return [y, s]; }, 3),
            ((x, w) => { var (y, s, c) = Nn.Lstm(x, h, 0.5 * h, w, bidirectional: true); return [y, s, c]; }, 4),
        })
        {
            var w = Layers(gates);
            var (want, got) = (f(x, w), Diff.Compile(f)(x, w));
            for (var k = 0; k < want.Length; k++) Assert.True(Tensor.AllClose(want[k], got[k], 1e-13, 1e-13));
            Tensor Loss((Tensor X, RecurrentWeights[] W) a) => f(a.X, a.W).Select(y => Tensor.Square(y).Mean()).Aggregate((s, y) => s + y);
            Func<(Tensor X, RecurrentWeights[] W), (Tensor X, RecurrentWeights[] W)> slopes = a => Diff.Gradient<(Tensor X, RecurrentWeights[] W)>(Loss, a);
            var (plain, compiled) = (slopes((x, w)), Diff.Compile(slopes)((x, w)));
            foreach (var (p, q) in ParameterTree.Leaves(plain).Zip(ParameterTree.Leaves(compiled))) Assert.True(Tensor.AllClose(p, q, 1e-11, 1e-12));
        }

        var program = Diff.ProgramOf((Tensor x) => Nn.Lstm(x, h[..1], h[..1], [Weights(key, 4, 3, 5)]).Output, x);
        Assert.True(program.OperationCount < 64 * 30, $"{program.OperationCount} operations");
    }
}
