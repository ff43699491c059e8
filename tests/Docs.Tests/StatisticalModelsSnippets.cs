using System;
using System.Linq;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/statistical-models.md.</summary>
public class StatisticalModelsSnippets
{
    #region models-normal
    /// <summary>ln N(x; mean, covariance), by the Cholesky factor of the covariance.</summary>
    static Tensor LogDensity(Tensor x, Tensor mean, Tensor covariance)
    {
        Tensor l = Linalg.Cholesky(covariance);
        Tensor z = Linalg.SolveTriangular(l, x - mean, upper: false);
        return -0.5 * Tensor.Sum(z * z) - Tensor.Sum(Tensor.Log(l.Diagonal())) - 0.5 * x.Count * Math.Log(2 * Math.PI);
    }
    #endregion

    [Fact]
    public void A_normal_density()
    {
        #region models-normal-use
        Tensor x = Tensor.Of(0.5, -1.0), mean = Tensor.Of(0.2, 0.1);
        Tensor covariance = new double[,] { { 1.0, 0.3 }, { 0.3, 0.5 } };
        Tensor density = LogDensity(x, mean, covariance);                          // -3.1640
        Tensor score = Diff.Gradient(m => LogDensity(x, m, covariance), mean);     // covariance⁻¹ (x - mean)
        Check.Gradient(p => LogDensity(x, p.Mean, 0.5 * (p.Covariance + p.Covariance.T)), at: (Mean: mean, Covariance: covariance));
        #endregion
        Expect.Elements(score, 1e-12, Linalg.Solve(covariance, x - mean).ToArray());
        var r = x - mean;
        var byHand = -0.5 * Tensor.Dot(r, Linalg.Solve(covariance, r)).ToDouble() - 0.5 * Math.Log(0.41) - Math.Log(2 * Math.PI);
        Expect.Number(byHand, density);
        Assert.Equal(-3.1640, byHand, 4);
    }

    #region models-gp
    /// <summary>The negative log marginal likelihood of a Gaussian process with a squared exponential kernel; theta holds the logarithms of length scale, amplitude and noise.</summary>
    static Tensor NegativeLogLikelihood(Tensor theta, Tensor t, Tensor y)
    {
        Tensor scale = Tensor.Exp(theta);
        Tensor distance = (t.ExpandDims(1) - t) / scale[0];
        Tensor kernel = scale[1] * scale[1] * Tensor.Exp(-0.5 * distance * distance) + scale[2] * scale[2] * Tensor.Eye(t.Count);
        return -LogDensity(y, Tensor.ZerosLike(y), kernel);
    }
    #endregion

    [Fact]
    public void A_Gaussian_process()
    {
        #region models-gp-fit
        Tensor t = Tensor.Linspace(0, 5, 25);
        Tensor y = Tensor.Sin(2 * t) + 0.1 * Tensor.Cos(37 * t);                   // a wave and something like noise
        Tensor Loss(Tensor theta) => NegativeLogLikelihood(theta, t, y);
        Tensor theta = Tensor.Of(0, 0, -1);
        Check.Gradient(Loss, at: theta);

        for (int step = 0; step < 30; step++)
        {
            // Newton's method; negative curvature is turned round, so that every step leads down
            Tensor curvature = Linalg.SymmetricFunction(l => Tensor.Sqrt(l * l + 0.01), Diff.Hessian(Loss, theta));
            Tensor direction = Linalg.SolvePositiveDefinite(curvature, -Diff.Gradient(Loss, theta));
            double size = Math.Min(1, 0.5 / Tensor.Abs(direction).Max().ToDouble());
            theta += size * direction;
        }

        Tensor fitted = Tensor.Exp(theta);                                         // length scale, amplitude, noise: 1.06, 1.27, 0.080
        Console.WriteLine($"{fitted}, loss {Loss(theta)}, gradient {Diff.Gradient(Loss, theta)}");
        #endregion
        Assert.True(Diff.Gradient(Loss, theta).ToArray().All(g => Math.Abs(g) < 1e-8), $"{Diff.Gradient(Loss, theta)} at {fitted}");
        Assert.True(Linalg.Eigvalsh(Diff.Hessian(Loss, theta)).ToArray().All(l => l > 0));
        Expect.Elements(fitted, 0.01, 1.06, 1.27, 0.080);
    }

    #region models-kalman
    /// <summary>The log-likelihood of positions seen with noise, where a position moves by a velocity, and the velocity wanders. theta holds the logarithms of the two noises' variances.</summary>
    static Tensor KalmanLogLikelihood(Tensor theta, Tensor seen)
    {
        Tensor move = new double[,] { { 1, 1 }, { 0, 1 } };
        Tensor look = new double[,] { { 1, 0 } };
        Tensor wander = Tensor.Exp(theta[0]) * (Tensor)new double[,] { { 0.25, 0.5 }, { 0.5, 1 } };
        Tensor noise = Tensor.Exp(theta[1]);
        Tensor state = Tensor.Zeros(2, 1), covariance = 10 * Tensor.Eye(2), total = 0.0;

        for (int k = 0; k < seen.Count; k++)
        {
            Tensor surprise = seen[k] - look.MatMul(state);
            Tensor spread = look.MatMul(covariance).MatMul(look.T) + noise;
            total -= 0.5 * (surprise * surprise / spread + Tensor.Log(2 * Math.PI * spread)).Sum();
            Tensor gain = Linalg.SolvePositiveDefinite(spread, look.MatMul(covariance)).T;
            state = move.MatMul(state + gain.MatMul(surprise));
            covariance = move.MatMul(covariance - gain.MatMul(spread).MatMul(gain.T)).MatMul(move.T) + wander;
        }

        return total;
    }
    #endregion

    [Fact]
    public void A_Kalman_filter()
    {
        #region models-kalman-use
        Tensor time = Tensor.Linspace(0, 6, 40);
        Tensor seen = 3 * Tensor.Sin(time) + 0.2 * Tensor.Cos(50 * time);
        Tensor theta = Tensor.Of(Math.Log(0.1), Math.Log(0.5));
        Check.Gradient(p => KalmanLogLikelihood(p, seen), at: theta);
        Tensor slope = Diff.Gradient(p => KalmanLogLikelihood(p, seen), theta);
        Tensor information = -Diff.Hessian(p => KalmanLogLikelihood(p, seen), theta);
        #endregion

        // the same density, from the covariance of all observations at once
        Expect.Number(Joint(theta, seen).ToDouble(), KalmanLogLikelihood(theta, seen));
        Expect.Elements(slope, 1e-8, Diff.Gradient(p => Joint(p, seen), theta).ToArray());
        Expect.Elements(information, 1e-7, (-Diff.Hessian(p => Joint(p, seen), theta)).ToArray());
    }

    private static Tensor Joint(Tensor theta, Tensor seen)
    {
        Tensor move = new double[,] { { 1, 1 }, { 0, 1 } };
        var wander = Tensor.Exp(theta[0]) * (Tensor)new double[,] { { 0.25, 0.5 }, { 0.5, 1 } };
        var (n, own) = (seen.Count, 10 * Tensor.Eye(2));
        var rows = new Tensor[n][];
        for (var i = 0; i < n; i++) rows[i] = new Tensor[n];
        for (var i = 0; i < n; i++, own = move.MatMul(own).MatMul(move.T) + wander)
            for (var (j, cross) = (i, own); j < n; j++, cross = move.MatMul(cross))
                rows[i][j] = rows[j][i] = cross[0, 0];
        return LogDensity(seen, Tensor.ZerosLike(seen), Tensor.Stack([.. rows.Select(r => Tensor.Stack(r))]) + Tensor.Exp(theta[1]) * Tensor.Eye(n));
    }

    [Fact]
    public void Least_squares()
    {
        #region models-leastsquares
        Tensor t = Tensor.Linspace(-1, 1, 12), y = Tensor.Exp(t);
        Tensor features = Linalg.Vander(t, 4);                                     // 1, t, t², t³
        Tensor Fit(Tensor data) => features.MatMul(Linalg.Lstsq(features, data));
        Tensor hat = Diff.Jacobian(Fit, y);                                        // how much each fitted value listens to each datum
        Tensor freedom = Linalg.Trace(hat);                                        // 4, the number of coefficients
        Check.Jacobian(x => Linalg.Lstsq(x, y), at: features);
        #endregion
        Expect.Elements(hat, 1e-12, features.MatMul(Linalg.Pinv(features)).ToArray());
        Expect.Number(4, freedom);
    }

    [Fact]
    public void Nonlinear_least_squares()
    {
        #region models-gaussnewton
        Tensor t = Tensor.Linspace(0, 3, 20);
        Tensor Curve(Tensor p) => p[0] * Tensor.Exp(-p[1] * t) + p[2];
        Tensor data = Curve(Tensor.Of(2, 1.5, 0.5)), p = Tensor.Of(1, 1, 0);
        for (int step = 0; step < 10; step++)
            p += Linalg.Lstsq(Diff.Jacobian(Curve, p), data - Curve(p));           // Gauss and Newton
        #endregion
        Expect.Elements(p, 1e-12, 2, 1.5, 0.5);
    }
}
