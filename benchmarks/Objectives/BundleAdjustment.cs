using System;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>
/// Reprojection errors of bundle adjustment and their sparse Jacobian. The error of one observation is an ordinary generic method; it is compiled once and runs over many
/// observations at a time, derivatives included. Observations are gathered in blocks that stay in the cache.
/// </summary>
public sealed class BundleAdjustment
{
    private const int Camera = 11, Variables = 15, Inputs = 17;

    /// <summary>Observations gathered at a time.</summary>
    private const int Block = 512;

    private static readonly double[] s_example = [0.1, -0.2, 0.3, 0.5, -0.4, 0.2, 1.5, 0.05, -0.02, 0.01, -0.003, 0.3, 0.6, 4.0, 0.8, 0.25, -0.1];

    private readonly int[] _cameraOf, _pointOf;
    private readonly double[] _features;
    private readonly int _cameras, _points;
    private readonly CompiledVectorFunction _projection, _weight;
    private readonly double[] _gathered = new double[Block * Inputs], _errors = new double[2 * Block], _weightErrors;

    /// <summary>Takes what stays the same.</summary>
    /// <param name="cameras">How many cameras there are.</param>
    /// <param name="points">How many points there are.</param>
    /// <param name="cameraOf">The camera of each observation.</param>
    /// <param name="pointOf">The point of each observation.</param>
    /// <param name="features">The two measured coordinates of each observation.</param>
    public BundleAdjustment(int cameras, int points, int[] cameraOf, int[] pointOf, double[] features)
    {
        (_cameras, _points, _cameraOf, _pointOf, _features) = (cameras, points, cameraOf, pointOf, features);
        _weightErrors = new double[Observations];
        _projection = Diff.CompileVector(new Projection(), s_example, data: Inputs - Variables);
        _weight = Diff.CompileVector(new WeightError(), at: [0.8]);
    }

    /// <summary>How many observations there are: p. There are 3p residuals.</summary>
    public int Observations => _cameraOf.Length;

    /// <summary>How many numbers of the Jacobian are stored.</summary>
    public int NonZeros => 31 * Observations;

    /// <summary>The residuals: two of each observation, then one of each weight.</summary>
    /// <param name="cameras">11 numbers a camera: rotation vector, centre, focal length, principal point, radial distortion.</param>
    /// <param name="points">3 numbers a point.</param>
    /// <param name="weights">One number an observation.</param>
    /// <param name="residuals">Receives 3p numbers.</param>
    public void Objective(ReadOnlySpan<double> cameras, ReadOnlySpan<double> points, ReadOnlySpan<double> weights, Span<double> residuals)
    {
        var p = Observations;
        for (var first = 0; first < p; first += Block)
        {
            var count = Math.Min(Block, p - first);
            _projection.ValueBatch(count, Gather(cameras, points, weights, first, count), residuals.Slice(2 * first, 2 * count));
        }

        _weight.ValueBatch(p, weights, residuals[(2 * p)..]);
    }

    /// <summary>The Jacobian by rows: cameras, points and weights are the columns, in this order.</summary>
    /// <param name="cameras">11 numbers a camera.</param>
    /// <param name="points">3 numbers a point.</param>
    /// <param name="weights">One number an observation.</param>
    /// <param name="rowStarts">Receives 3p + 1 numbers: where the rows begin.</param>
    /// <param name="columns">Receives the columns of the stored numbers.</param>
    /// <param name="values">Receives the stored numbers: 15 in the rows of an observation, 1 in that of a weight.</param>
    public void Jacobian(
        ReadOnlySpan<double> cameras, ReadOnlySpan<double> points, ReadOnlySpan<double> weights, Span<int> rowStarts, Span<int> columns, Span<double> values)
    {
        var p = Observations;
        for (var first = 0; first < p; first += Block)
        {
            var count = Math.Min(Block, p - first);
            _projection.ValueAndJacobianBatch(
                count, Gather(cameras, points, weights, first, count), _errors.AsSpan(0, 2 * count), values.Slice(2 * Variables * first, 2 * Variables * count));
        }

        _weight.ValueAndJacobianBatch(p, weights, _weightErrors, values[(2 * Variables * p)..]);
        Rows(rowStarts);
        Columns(columns);
    }

    /// <summary>The inputs of some observations, one behind the other.</summary>
    private ReadOnlySpan<double> Gather(ReadOnlySpan<double> cameras, ReadOnlySpan<double> points, ReadOnlySpan<double> weights, int first, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var x = _gathered.AsSpan(i * Inputs, Inputs);
            cameras.Slice(Camera * _cameraOf[first + i], Camera).CopyTo(x);
            points.Slice(3 * _pointOf[first + i], 3).CopyTo(x[Camera..]);
            x[14] = weights[first + i];
            x[15] = _features[2 * (first + i)];
            x[16] = _features[2 * (first + i) + 1];
        }

        return _gathered.AsSpan(0, count * Inputs);
    }

    private void Rows(Span<int> starts)
    {
        var p = Observations;
        for (var row = 0; row <= 2 * p; row++) starts[row] = Variables * row;
        for (var i = 1; i <= p; i++) starts[2 * p + i] = 2 * Variables * p + i;
    }

    private void Columns(Span<int> columns)
    {
        int p = Observations, firstPoint = Camera * _cameras, firstWeight = firstPoint + 3 * _points;
        var step = Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 0, 0);
        var ofCamera = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(Camera));
        var ofPoint = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(Camera + 3));
        for (var i = 0; i < p; i++)
        {
            // The two rows of an observation are alike. The sixteenth number is written over by what comes next.
            var point = Vector512.ConditionalSelect(ofPoint, Vector512.Create(firstPoint + 3 * _pointOf[i]), Vector512.Create(firstWeight + i));
            var row = step + Vector512.ConditionalSelect(ofCamera, Vector512.Create(Camera * _cameraOf[i]), point);
            row.CopyTo(columns[(2 * Variables * i)..]);
            row.CopyTo(columns[(2 * Variables * i + Variables)..]);
        }

        for (var i = 0; i < p; i++) columns[2 * Variables * p + i] = firstWeight + i;
    }

    /// <summary>The weighted error of a point's projection: camera (11), point (3), weight, and as data the measured place (2).</summary>
    private readonly struct Projection : IVectorFunction
    {
        public int OutputLength(int inputLength) => 2;

        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
        {
            Rotate(x[0], x[1], x[2], x[11] - x[3], x[12] - x[4], x[13] - x[5], out T z0, out T z1, out T z2);
            T e0 = z0 / z2, e1 = z1 / z2, square = e0 * e0 + e1 * e1;
            T lens = T.One + square * (x[9] + x[10] * square);
            y[0] = x[14] * (x[6] * (e0 * lens) + x[7] - x[15]);
            y[1] = x[14] * (x[6] * (e1 * lens) + x[8] - x[16]);
        }

        /// <summary>Rodrigues' formula.</summary>
        private static void Rotate<T>(T r0, T r1, T r2, T v0, T v1, T v2, out T z0, out T z1, out T z2) where T : IFloatingPointIeee754<T>
        {
            T square = r0 * r0 + r1 * r1 + r2 * r2;
            T sin = T.One, cos = T.One;
            if (square != T.Zero)
            {
                T angle = T.Sqrt(square), inverse = T.One / angle;
                (sin, cos) = T.SinCos(angle);
                (r0, r1, r2) = (r0 * inverse, r1 * inverse, r2 * inverse);
            }

            T along = (r0 * v0 + r1 * v1 + r2 * v2) * (T.One - cos);
            z0 = v0 * cos + (r1 * v2 - r2 * v1) * sin + r0 * along;
            z1 = v1 * cos + (r2 * v0 - r0 * v2) * sin + r1 * along;
            z2 = v2 * cos + (r0 * v1 - r1 * v0) * sin + r2 * along;
        }
    }

    /// <summary>1 - w².</summary>
    private readonly struct WeightError : IVectorFunction
    {
        public int OutputLength(int inputLength) => 1;

        public void Invoke<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => y[0] = T.One - x[0] * x[0];
    }
}
