using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/derivatives.md.</summary>
public class DerivativesSnippets
{
    #region derivatives-functions
    static Tensor Bell(Tensor x) => Tensor.Exp(-x * x);                                   // a number to a number

    static Tensor Energy(Tensor x) => x[0] * x[0] * x[1];                                 // [2] to a number

    static Tensor Polar(Tensor x) => Tensor.Stack(x[0] * Tensor.Cos(x[1]), x[0] * Tensor.Sin(x[1]));    // [2] to [2]
    #endregion

    [Fact]
    public void One_number()
    {
        #region derivatives-number
        double slope = Diff.Derivative(Bell, at: 0.5);                                    // -2x exp(-x²)
        var (value, same) = Diff.ValueAndDerivative(Bell, at: 0.5);
        double fourth = Diff.NthDerivative(Bell, order: 4, at: 0.0);                       // 12
        Tensor[] series = Diff.Taylor(Bell, order: 4, Tensor.Scalar(0));                   // 1, 0, -1, 0, 1/2
        Func<Tensor, Tensor> second = Diff.Derivative(Diff.Derivative(Bell));              // functions again
        #endregion
        Assert.Equal(-Math.Exp(-0.25), slope, 1e-15);
        Assert.Equal((Math.Exp(-0.25), slope), (value, same));
        Assert.Equal(12, fourth, 1e-12);
        Expect.Equal([5], [1, 0, -1, 0, 0.5], Tensor.Stack(series));
        Expect.Number(-2, second(0.0));
    }

    [Fact]
    public void Gradients()
    {
        #region derivatives-gradient
        Tensor x = Tensor.Of(3, 5);
        Tensor gradient = Diff.Gradient(Energy, x);                                        // [30, 9]
        var (value, same) = Diff.ValueAndGradient(Energy, x);                              // 45 and the gradient
        var (da, db) = Diff.Gradient((a, b) => a * a * b, (Tensor.Scalar(3), Tensor.Scalar(5)));
        #endregion
        Expect.Equal([2], [30, 9], gradient);
        Expect.Number(45, value);
        Assert.True(Tensor.ArrayEqual(gradient, same));
        Expect.Elements(Tensor.Stack(da, db), 1e-15, 30, 9);

        #region derivatives-aux
        var (loss, slope, residuals) = Diff.ValueAndGradientWithAux<Tensor, Tensor>(
            p =>
            {
                Tensor r = p - Tensor.Of(1, 1);
                return ((r * r).Sum(), r);
            },
            x);
        #endregion
        Expect.Number(20, loss);
        Expect.Equal([2], [4, 8], slope);
        Expect.Equal([2], [2, 4], residuals);
    }

    [Fact]
    public void Linear_maps()
    {
        #region derivatives-maps
        Tensor x = Tensor.Of(2, 0);
        var (value, tangent) = Diff.Jvp(Polar, x, tangent: Tensor.Of(1, 1));               // J·(1, 1) = [1, 2]
        var (_, pull) = Diff.Vjp(Polar, x);
        Tensor cotangent = pull(Tensor.Of(1, 1));                                          // Jᵀ·(1, 1) = [1, 2]
        var (_, push) = Diff.Linearize(Polar, x);
        Tensor again = push(Tensor.Of(1, 1));                                              // f is not evaluated again
        #endregion
        Expect.Equal([2], [2, 0], value);
        Expect.Equal([2], [1, 2], tangent);
        Expect.Equal([2], [1, 2], cotangent);
        Expect.Equal([2], [1, 2], again);
    }

    [Fact]
    public void Jacobians()
    {
        #region derivatives-jacobian
        Tensor x = Tensor.Of(2, 0);
        Tensor jacobian = Diff.Jacobian(Polar, x);                                         // [[1, 0], [0, 2]]
        Tensor forward = Diff.Jacobian(Polar, x, JacobianMode.Forward);                     // a push for each column
        Tensor reverse = Diff.Jacobian(Polar, x, JacobianMode.Reverse);                     // a pull for each row
        var (value, same) = Diff.ValueAndJacobian(Polar, x);
        #endregion
        foreach (var j in new[] { jacobian, forward, reverse, same }) Expect.Equal([2, 2], [1, 0, 0, 2], j);
        Expect.Equal([2], [2, 0], value);
    }

    [Fact]
    public void Chain_rule_in_two_groupings()
    {
        #region derivatives-chain
        static Tensor H(Tensor x) => Tensor.Stack(x[0] * x[1], Tensor.Sin(x[0]), Tensor.Exp(x[1]));    // R² to R³
        static Tensor G(Tensor h) => Tensor.Stack(h[0] + h[1] * h[2], h[0] * h[0], Tensor.Tanh(h[2]));  // R³ to R³
        static Tensor F(Tensor g) => g[0] * g[1] + g[2];                                                 // R³ to R

        Tensor x = Tensor.Of(0.5, -1), h = H(x), g = G(h);
        Tensor whole = Diff.Gradient(x => F(G(H(x))), x);
        Tensor fromTheLeft = Diff.Gradient(F, g).MatMul(Diff.Jacobian(G, h)).MatMul(Diff.Jacobian(H, x));
        Tensor fromTheRight = Diff.Gradient(F, g).MatMul(Diff.Jacobian(G, h).MatMul(Diff.Jacobian(H, x)));
        Tensor forward = Diff.Jacobian(x => F(G(H(x))), x, JacobianMode.Forward);
        #endregion
        foreach (var other in new[] { fromTheLeft, fromTheRight, forward }) Expect.Elements(other, 1e-12, whole.ToArray());
    }

    [Fact]
    public void Second_order()
    {
        #region derivatives-second
        Tensor x = Tensor.Of(3, 5);
        Tensor hessian = Diff.Hessian(Energy, x);                                          // [[10, 6], [6, 0]]
        Tensor product = Diff.Hvp(Energy, x, direction: Tensor.Of(1, 1));                   // [16, 6], without the matrix
        var (gradient, same) = Diff.GradientAndHvp(Energy, x, direction: Tensor.Of(1, 1));
        Tensor laplacian = Diff.Laplacian(Energy, x);                                      // 10
        #endregion
        Expect.Equal([2, 2], [10, 6, 6, 0], hessian);
        Expect.Equal([2], [16, 6], product);
        Expect.Equal([2], [16, 6], same);
        Expect.Equal([2], [30, 9], gradient);
        Expect.Number(10, laplacian);
    }

    [Fact]
    public void Fields()
    {
        #region derivatives-fields
        static Tensor Field(Tensor x) => Tensor.Stack(-x[1], x[0], x[2] * x[2]);

        Tensor divergence = Diff.Divergence(Field, Tensor.Of(1, 2, 3));                    // 6
        Tensor curl = Diff.Curl(Field, Tensor.Of(1, 2, 3));                                 // [0, 0, 2]
        #endregion
        Expect.Number(6, divergence);
        Expect.Equal([3], [0, 0, 2], curl);
    }

    [Fact]
    public void Stopping_and_recomputing()
    {
        #region derivatives-stop
        double slope = Diff.Derivative(x => x * Diff.StopGradient(x), at: 3.0);            // 3, not 6
        #endregion
        Assert.Equal(3, slope);

        #region derivatives-checkpoint
        Func<Tensor, Tensor> deep = Diff.Checkpoint<Tensor, Tensor>(x =>
        {
            for (var k = 0; k < 100; k++) x = Tensor.Sin(x);
            return x;
        });
        Tensor gradient = Diff.Gradient(x => deep(x).Sum(), Tensor.Of(0.5, 1));             // remembers x and the result, not the hundred steps
        #endregion
        Tensor Plain(Tensor x)
        {
            for (var k = 0; k < 100; k++) x = Tensor.Sin(x);
            return x.Sum();
        }

        Assert.True(Tensor.ArrayEqual(Diff.Gradient(Plain, Tensor.Of(0.5, 1)), gradient));
    }
}
