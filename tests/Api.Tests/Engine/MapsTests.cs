using System;
using System.Linq;
using System.Threading.Tasks;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Engine;

/// <summary>Recorded linear maps, and tapes as data.</summary>
public class MapsTests
{
    private static Tensor Field(Tensor x) => Tensor.Sin(x) * x.Sum() + Tensor.Concat(x[1..], x[..1]);

    private static readonly Tensor At = Tensor.Of(0.3, -0.7, 1.1);

    [Fact]
    public void A_linearisation_evaluates_the_function_once_and_pushes_any_number_of_tangents()
    {
        var calls = 0;
        var (y, push) = Diff.Linearize((Tensor x) => { calls++; return Field(x); }, At);
        EveryWay.Same(Field(At), y);
        var jacobian = Diff.Jacobian(Field, At);
        for (var k = 0; k < 3; k++)
            EveryWay.Near(jacobian[.., k].ToArray(), push(EveryWay.Unit(At, k)), 1e-15);
        Assert.Equal(1, calls);
        Assert.Equal("tangent", Assert.Throws<ArgumentException>(() => push(Tensor.Of(1, 2))).ParamName);
    }

    [Fact]
    public void A_pull_may_be_called_again_and_its_numbers_can_be_differentiated()
    {
        var calls = 0;
        var (_, pull) = Diff.Vjp((Tensor x) => { calls++; return Field(x); }, At);
        var w = Tensor.Of(1, 2, 3);
        EveryWay.Same(pull(w), pull(w));
        EveryWay.Near((2.0 * pull(w)).ToArray(), pull(2.0 * w), 1e-15);
        Assert.Equal(1, calls);
        // the pull is linear in w: its derivative by w is the Jacobian transposed
        EveryWay.Near(Diff.Jacobian(Field, At).T.Ravel().ToArray(), Diff.Jacobian(pull, w).Ravel(), 1e-15);
        Assert.Equal("cotangent", Assert.Throws<ArgumentException>(() => pull(Tensor.Of(1))).ParamName);
    }

    [Fact]
    public void A_pull_made_inside_a_derivative_carries_the_outer_variable()
    {
        EveryWay.Slope(Math.Cos(0.4) - 0.4 * Math.Sin(0.4), x => x * Diff.Vjp((Tensor y) => Tensor.Sin(y), x).Pull(1.0), 0.4, 1e-15);
        EveryWay.Slope(Math.Cos(0.4) - 0.4 * Math.Sin(0.4), x => x * Diff.Linearize((Tensor y) => Tensor.Sin(y), x).Push(1.0), 0.4, 1e-15);
    }

    [Fact]
    public void The_same_tape_on_two_threads_answers_both()
    {
        using var tape = new GradientTape(persistent: true);
        var x = tape.Watch(At);
        var parts = new Tensor[8];
        Parallel.For(0, parts.Length, k => parts[k] = (Field(x) * (k + 1)).Sum());
        var expected = Diff.Gradient(v => Field(v).Sum(), At);
        var gradients = new Tensor[parts.Length];
        Parallel.For(0, parts.Length, k => gradients[k] = tape.Gradient(parts[k], x));
        for (var k = 0; k < parts.Length; k++) EveryWay.Near(((k + 1.0) * expected).ToArray(), gradients[k], 1e-15);
        EveryWay.Near((36.0 * expected).ToArray(), tape.Gradient(parts.Aggregate((a, b) => a + b), x), 1e-14);
    }

    [Fact]
    public void A_tape_counts_what_it_recorded()
    {
        using var tape = new GradientTape();
        Assert.Equal(0, tape.RecordedCount);
        var x = tape.Watch(At);
        Assert.Equal(1, tape.RecordedCount);
        Assert.Same(x, tape.Watch(x));
        Assert.Equal(1, tape.RecordedCount);
        var y = Tensor.Sin(x);
        _ = Tensor.Sin(At); // not watched
        Assert.Equal(2, tape.RecordedCount);
        _ = Tensor.Floor(y); // no derivative
        Assert.Equal(2, tape.RecordedCount);
    }

    [Fact]
    public void A_tape_weights_the_elements_of_its_target()
    {
        using var tape = new GradientTape(persistent: true);
        var x = tape.Watch(At);
        var y = Field(x);
        var w = Tensor.Of(1, 2, 3);
        EveryWay.Same(Diff.Vjp((Tensor v) => Field(v), At).Pull(w), tape.Gradient(y, x, w));
        EveryWay.Same(Diff.Gradient(v => Field(v).Sum(), At), tape.Gradient(y, x));
        Assert.Equal("cotangent", Assert.Throws<ArgumentException>(() => tape.Gradient(y, x, Tensor.Of(1, 2))).ParamName);

        var single = tape.Watch(Tensor.FromArray(new[] { 1f, 2f }));
        Assert.Equal(DType.Float32, tape.Gradient(single * single, single, Tensor.Of(1, 1)).DType);
    }

    [Fact]
    public void A_tape_refuses_what_it_cannot_follow()
    {
        using var tape = new GradientTape();
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => tape.Watch(Tensor.FromArray(new[] { 1, 2 }))).ParamName);
        Assert.Contains("inside that call", Assert.Throws<ArgumentException>(() => Diff.Gradient(x => tape.Watch(x).Sum(), At)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_is_a_tensor_to_gradients_and_tapes()
    {
        Assert.Equal(6, Diff.Gradient(x => x * x, 3.0).ToDouble());
        Assert.Equal((9.0, 6.0), (Diff.ValueAndGradient(x => x * x, 3.0).Value.ToDouble(), Diff.ValueAndGradient(x => x * x, 3.0).Gradient.ToDouble()));
        using var tape = new GradientTape();
        var x = tape.Watch(3.0);
        Assert.Equal(6, tape.Gradient(x * x, x).ToDouble());
    }

    [Fact]
    public void Jacobians_of_any_shapes_and_the_limit_of_their_rank()
    {
        Tensor x = new double[,] { { 1, 2 }, { 3, 4 } };
        foreach (var mode in Enum.GetValues<JacobianMode>())
        {
            var j = Diff.Jacobian(v => Tensor.MatMul(v, v), x, mode);
            Assert.Equal(new Shape(2, 2, 2, 2), j.Shape);
            Assert.Equal(x[1, 0].ToDouble() + 0, j[0, 0, 0, 1].ToDouble());
            Assert.Equal(new Shape(0, 2, 2), Diff.Jacobian(v => v.Ravel()[..0], x, mode).Shape);
        }

        Assert.Contains("Reshape", Assert.Throws<InvalidOperationException>(() => Diff.Jacobian(v => v.Reshape(1, 1, 1, 1, 1, 2, 2), x)).Message, StringComparison.Ordinal);
        Assert.Equal(2 * 3 + 2, Diff.Laplacian(v => (v * v).Sum() + v[0] * v[1], Tensor.Of(1, 2, 3, 4)).ToDouble());
        EveryWay.Near([0, 0, 2], Diff.Curl(v => Tensor.Stack(-v[1], v[0], v[2]), Tensor.Of(1, 2, 3)), 0);
        Assert.Equal(3, Diff.Divergence(v => v, Tensor.Of(1, 2, 3)).ToDouble());
        EveryWay.Near([1, 1, 0.5, 1 / 6.0], Tensor.Stack(Diff.Taylor(Tensor.Exp, 3, 0.0)), 1e-15);
    }
}
