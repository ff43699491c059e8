using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace DiffLib.Samples.BundleAdjustment;

/// <summary>One iteration as it went.</summary>
internal sealed record Progress(int Iteration, double Cost, double Damping, double JacobianSeconds, double SolveSeconds);

/// <summary>Levenberg and Marquardt's method for a scene. The points leave the normal equations by their Schur complement, which is a dense system for the cameras alone.
/// B. Triggs, P. McLauchlan, R. Hartley and A. Fitzgibbon, "Bundle adjustment: a modern synthesis", 2000.</summary>
internal sealed class Adjustment
{
    private const int OfCamera = 11, OfPoint = 3;

    private readonly Scene _scene;
    private readonly SparseEvaluator _jacobian;
    private readonly int _cameras, _points, _observations;

    /// <summary>The observations of each point.</summary>
    private readonly List<int>[] _seen;

    public Adjustment(Scene scene)
    {
        _scene = scene;
        (_cameras, _points, _observations) = (scene.Cameras.Shape[0], scene.Points.Shape[0], scene.CameraOf.Length);
        var watch = Stopwatch.StartNew();
        _jacobian = Diff.CompileSparseJacobian(scene.Residuals, scene.Start);
        PreparationSeconds = watch.Elapsed.TotalSeconds;
        _seen = new List<int>[_points];
        for (int j = 0; j < _points; j++) _seen[j] = [];
        for (int i = 0; i < _observations; i++) _seen[scene.PointOf[i]].Add(i);
    }

    /// <summary>How long it took to find the pattern, colour it and compile the products.</summary>
    public double PreparationSeconds { get; }

    public SparsityPattern Pattern => _jacobian.Pattern;

    public Coloring Coloring => _jacobian.Coloring;

    /// <summary>The unknowns at the least squares, from the start; each accepted step is reported.</summary>
    public double[] Run(double[] x, int iterations, Action<Progress> report)
    {
        var (residuals, values) = (new double[2 * _observations], new double[Pattern.Count]);
        double damping = 1e-3;
        double seconds = Timed(() => _jacobian.Evaluate(x, residuals, values));
        double cost = Cost(residuals), first = cost;
        for (int iteration = 1; iteration <= iterations; iteration++)
        {
            var equations = new NormalEquations(this, residuals, values);
            double[] step = [];
            double solve = 0, next = double.PositiveInfinity;
            double[] candidate = x;
            // more damping until the step goes down
            for (int attempt = 0; attempt < 12 && !(next < cost); attempt++, damping *= 4)
            {
                solve += Timed(() => step = equations.Step(damping));
                candidate = Sum(x, step);
                next = Cost(_scene.Residuals(Tensor.Of(candidate)).ToArray());
            }
            if (!(next < cost)) break;
            report(new(iteration, next, damping / 4, seconds, solve));
            bool settled = cost - next < 1e-4 * cost || next < 1e-16 * first;
            (x, cost, damping) = (candidate, next, Math.Max(1e-9, damping / 4 / 9));
            if (settled) break;
            seconds = Timed(() => _jacobian.Evaluate(x, residuals, values));
        }
        return x;
    }

    private static double Timed(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }

    private static double[] Sum(double[] x, double[] step)
    {
        var sum = new double[x.Length];
        for (int k = 0; k < x.Length; k++) sum[k] = x[k] + step[k];
        return sum;
    }

    /// <summary>Half the sum of squares.</summary>
    public static double Cost(double[] residuals)
    {
        double sum = 0;
        foreach (double e in residuals) sum += e * e;
        return sum / 2;
    }

    /// <summary>JᵀJ and -Jᵀe in blocks: [U W; Wᵀ V] with a block of U for each camera, of V for each point, of W for each observation.</summary>
    private sealed class NormalEquations
    {
        private readonly Adjustment _problem;
        private readonly double[,,] _u, _v, _w;
        private readonly double[,] _a, _b;

        public NormalEquations(Adjustment problem, double[] residuals, double[] values)
        {
            _problem = problem;
            (_u, _v) = (new double[problem._cameras, OfCamera, OfCamera], new double[problem._points, OfPoint, OfPoint]);
            _w = new double[problem._observations, OfCamera, OfPoint];
            (_a, _b) = (new double[problem._cameras, OfCamera], new double[problem._points, OfPoint]);
            ReadOnlySpan<int> offsets = problem.Pattern.RowOffsets, columns = problem.Pattern.ColumnIndices;
            Span<double> ofCamera = stackalloc double[OfCamera], ofPoint = stackalloc double[OfPoint];
            for (int row = 0; row < residuals.Length; row++)
            {
                ofCamera.Clear();
                ofPoint.Clear();
                int observation = row / 2, camera = problem._scene.CameraOf[observation], point = problem._scene.PointOf[observation];
                for (int p = offsets[row]; p < offsets[row + 1]; p++)
                {
                    int column = columns[p] - OfCamera * problem._cameras;
                    if (column < 0) ofCamera[columns[p] - OfCamera * camera] = values[p];
                    else ofPoint[column - OfPoint * point] = values[p];
                }
                Add(observation, camera, point, ofCamera, ofPoint, residuals[row]);
            }
        }

        private void Add(int observation, int camera, int point, ReadOnlySpan<double> ofCamera, ReadOnlySpan<double> ofPoint, double residual)
        {
            for (int r = 0; r < OfCamera; r++)
            {
                _a[camera, r] -= ofCamera[r] * residual;
                for (int c = 0; c < OfCamera; c++) _u[camera, r, c] += ofCamera[r] * ofCamera[c];
                for (int c = 0; c < OfPoint; c++) _w[observation, r, c] += ofCamera[r] * ofPoint[c];
            }
            for (int r = 0; r < OfPoint; r++)
            {
                _b[point, r] -= ofPoint[r] * residual;
                for (int c = 0; c < OfPoint; c++) _v[point, r, c] += ofPoint[r] * ofPoint[c];
            }
        }

        /// <summary>The step for a damping of the diagonal.</summary>
        public double[] Step(double damping)
        {
            int cameras = OfCamera * _problem._cameras;
            var schur = new double[cameras, cameras];
            var right = new double[cameras];
            for (int k = 0; k < _problem._cameras; k++)
                for (int r = 0; r < OfCamera; r++)
                {
                    right[OfCamera * k + r] = _a[k, r];
                    for (int c = 0; c < OfCamera; c++) schur[OfCamera * k + r, OfCamera * k + c] = _u[k, r, c] * (r == c ? 1 + damping : 1);
                }
            var inverses = new double[_problem._points][,];
            for (int j = 0; j < inverses.Length; j++)
            {
                inverses[j] = InverseOf(j, damping);
                Eliminate(j, inverses[j], schur, right);
            }
            double[] ofCameras = Linalg.SolvePositiveDefinite(schur, Tensor.Of(right)).ToArray();
            var step = new double[cameras + OfPoint * _problem._points];
            ofCameras.CopyTo(step, 0);
            for (int j = 0; j < inverses.Length; j++) Resolve(j, inverses[j], ofCameras, step.AsSpan(cameras + OfPoint * j, OfPoint));
            return step;
        }

        /// <summary>The inverse of a point's damped block, by cofactors.</summary>
        private double[,] InverseOf(int j, double damping)
        {
            double M(int r, int c) => _v[j, r, c] * (r == c ? 1 + damping : 1);
            var inverse = new double[OfPoint, OfPoint];
            for (int r = 0; r < OfPoint; r++)
                for (int c = 0; c < OfPoint; c++)
                    inverse[c, r] = M((r + 1) % 3, (c + 1) % 3) * M((r + 2) % 3, (c + 2) % 3) - M((r + 1) % 3, (c + 2) % 3) * M((r + 2) % 3, (c + 1) % 3);
            double determinant = 0;
            for (int c = 0; c < OfPoint; c++) determinant += M(0, c) * inverse[c, 0];
            for (int r = 0; r < OfPoint; r++)
                for (int c = 0; c < OfPoint; c++) inverse[r, c] /= determinant;
            return inverse;
        }

        /// <summary>W V⁻¹ for an observation.</summary>
        private void Weighted(int observation, double[,] inverse, Span<double> product)
        {
            for (int r = 0; r < OfCamera; r++)
                for (int c = 0; c < OfPoint; c++)
                    product[OfPoint * r + c] = _w[observation, r, 0] * inverse[0, c] + _w[observation, r, 1] * inverse[1, c] + _w[observation, r, 2] * inverse[2, c];
        }

        /// <summary>Takes a point out: S -= W V⁻¹ Wᵀ, right side -= W V⁻¹ b.</summary>
        private void Eliminate(int j, double[,] inverse, double[,] schur, double[] right)
        {
            Span<double> product = stackalloc double[OfCamera * OfPoint];
            foreach (int one in _problem._seen[j])
            {
                Weighted(one, inverse, product);
                int row = OfCamera * _problem._scene.CameraOf[one];
                for (int r = 0; r < OfCamera; r++)
                    right[row + r] -= product[OfPoint * r] * _b[j, 0] + product[OfPoint * r + 1] * _b[j, 1] + product[OfPoint * r + 2] * _b[j, 2];
                foreach (int other in _problem._seen[j])
                {
                    int column = OfCamera * _problem._scene.CameraOf[other];
                    for (int r = 0; r < OfCamera; r++)
                        for (int c = 0; c < OfCamera; c++)
                            schur[row + r, column + c] -= product[OfPoint * r] * _w[other, c, 0] + product[OfPoint * r + 1] * _w[other, c, 1]
                                + product[OfPoint * r + 2] * _w[other, c, 2];
                }
            }
        }

        /// <summary>A point's step from those of the cameras: V⁻¹ (b - Wᵀ a).</summary>
        private void Resolve(int j, double[,] inverse, double[] ofCameras, Span<double> step)
        {
            Span<double> left = [_b[j, 0], _b[j, 1], _b[j, 2]];
            foreach (int one in _problem._seen[j])
            {
                int row = OfCamera * _problem._scene.CameraOf[one];
                for (int r = 0; r < OfCamera; r++)
                    for (int c = 0; c < OfPoint; c++) left[c] -= _w[one, r, c] * ofCameras[row + r];
            }
            for (int r = 0; r < OfPoint; r++) step[r] = inverse[r, 0] * left[0] + inverse[r, 1] * left[1] + inverse[r, 2] * left[2];
        }
    }
}
