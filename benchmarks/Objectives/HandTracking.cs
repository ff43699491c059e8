using System;
using System.Collections.Generic;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>
/// Distances between measured points and a posed hand, and their Jacobian. Three stages, each differentiated by the library and pushed through the next one: the motions of the
/// bones, a compiled scalar program with 26 inputs; the vertices that are used, one matrix product; the points, in blocks that stay in the cache. For derivatives there are as many hands side by
/// side as there are directions, each moving along its own.
/// </summary>
public sealed class HandTracking
{
    private const int Pose = HandModel.PoseSize;

    /// <summary>Points that go through at a time.</summary>
    private const int BlockPoints = 256;

    private readonly bool _free;
    private readonly double[] _motions, _motionSlopes;
    private readonly int _rows;
    private readonly Tensor _skin;
    private readonly Block[] _blocks;
    private readonly CompiledVectorFunction _bones;
    private readonly Func<Tensor, Tensor> _vertices;
    private readonly Func<Tensor, Tensor, Tensor> _vertexSlopes;
    private readonly Func<Tensor, Tensor, Block, Tensor> _residuals;
    private readonly Func<Tensor, Tensor, Tensor, Block, Tensor> _jacobian;

    /// <summary>Some points: [n, 3], and the vertices they belong to: [n] or three times [n].</summary>
    private sealed record Block(Tensor Points, Tensor[] Corners);

    /// <summary>Takes what stays the same.</summary>
    /// <param name="model">The hand.</param>
    /// <param name="correspondences">For each point the vertex it belongs to, or the triangle.</param>
    /// <param name="points">3 coordinates a point.</param>
    /// <param name="free">Whether points belong to triangles, where two numbers of their own place them.</param>
    public HandTracking(HandModel model, int[] correspondences, double[] points, bool free)
    {
        _free = free;
        _rows = 4 * model.Bones + 1;
        (_motions, _motionSlopes) = (new double[3 * _rows], new double[3 * _rows * Pose]);
        var corners = Corners(model, correspondences, free);
        _skin = Skin(model, Compress(corners));
        _blocks = Blocks(points, corners);
        _bones = Diff.CompileVector(new BoneMotions(model), Example());
        _bones.Prepare();
        _bones.Prepare(1);
        _vertices = Diff.Compile<Tensor, Tensor>(Vertices);
        _vertexSlopes = Diff.Compile((Tensor motions, Tensor slopes) => Diff.Jvp(Vertices, Side(motions, Pose), slopes).Tangent);
        _residuals = Diff.Compile<Tensor, Tensor, Block, Tensor>((vertices, us, block) => Residuals(vertices, us.ExpandDims(2), block));
        _jacobian = Diff.Compile<Tensor, Tensor, Tensor, Block, Tensor>(JacobianOf);
    }

    /// <summary>How many points there are.</summary>
    public int Points { get; private set; }

    /// <summary>The columns of the Jacobian: 26, or 28 with the two numbers of each point first.</summary>
    public int Columns => _free ? Pose + 2 : Pose;

    /// <summary>The residuals.</summary>
    /// <param name="pose">26 numbers.</param>
    /// <param name="us">2 numbers a point, or none.</param>
    /// <param name="residuals">Receives 3 numbers a point.</param>
    public void Objective(ReadOnlySpan<double> pose, ReadOnlySpan<double> us, Span<double> residuals)
    {
        _bones.Value(pose, _motions);
        var vertices = _vertices(Tensor.FromSpan<double>(_motions, _rows, 3, 1));
        var first = 0;
        foreach (var block in _blocks)
        {
            var count = block.Points.Shape[0];
            _residuals(vertices, Us(us, first, count), block).CopyTo(residuals.Slice(3 * first, 3 * count));
            first += count;
        }
    }

    /// <summary>The Jacobian, compressed: a point's own two numbers share two columns with those of all other points.</summary>
    /// <param name="pose">26 numbers.</param>
    /// <param name="us">2 numbers a point, or none.</param>
    /// <param name="jacobian">Receives 3 rows a point of <see cref="Columns"/> numbers.</param>
    public void Jacobian(ReadOnlySpan<double> pose, ReadOnlySpan<double> us, Span<double> jacobian)
    {
        _bones.ValueAndJacobian(pose, _motions, _motionSlopes);
        var motions = Tensor.FromSpan<double>(_motions, _rows, 3, 1);
        var slopes = _vertexSlopes(motions, Tensor.FromSpan<double>(_motionSlopes, _rows, 3, Pose));
        var vertices = _vertices(motions);
        int first = 0, size = 3 * Columns;
        foreach (var block in _blocks)
        {
            var count = block.Points.Shape[0];
            _jacobian(vertices, slopes, Us(us, first, count), block).CopyTo(jacobian.Slice(size * first, size * count));
            first += count;
        }
    }

    private Tensor Us(ReadOnlySpan<double> us, int first, int count) => _free ? Tensor.FromSpan(us.Slice(2 * first, 2 * count), count, 2) : Tensor.Zeros(count, 2);

    /// <summary>Copies side by side: [n, 3, 1] to [n, 3, copies].</summary>
    private static Tensor Side(Tensor x, int copies) => x.BroadcastTo(x.Shape[0], x.Shape[1], copies);

    /// <summary>Motions [rows, 3, copies] to vertices [vertices, 3, copies].</summary>
    private Tensor Vertices(Tensor motions) =>
        _skin.MatMul(motions.Reshape(_rows, -1)).Reshape(_skin.Shape[0], 3, motions.Shape[2]);

    /// <summary>Vertices [vertices, 3, copies], and for the points of a block [n, 2, copies], to residuals [n, 3, copies].</summary>
    private Tensor Residuals(Tensor vertices, Tensor us, Block block)
    {
        var points = block.Points.ExpandDims(2);
        Tensor Corner(int k) => vertices.Take(block.Corners[k], axis: 0);
        if (!_free) return points - Corner(0);
        Tensor u = us[.., ..1, ..], v = us[.., 1.., ..];
        return points - (u * Corner(0) + v * Corner(1) + (1 - u - v) * Corner(2));
    }

    private Tensor JacobianOf(Tensor vertices, Tensor slopes, Tensor us, Block block)
    {
        var own = us.ExpandDims(2);
        var byPose = Diff.Jvp(hands => Residuals(hands, own, block), at: Side(vertices, Pose), tangent: slopes).Tangent;
        if (!_free) return byPose;
        var directions = Tensor.Eye(2).ExpandDims(0).BroadcastTo(us.Shape[0], 2, 2);
        var byUs = Diff.Jvp(u => Residuals(vertices, u, block), at: Side(own, 2), tangent: directions).Tangent;
        return Tensor.Concat([byUs, byPose], axis: 2);
    }

    /// <summary>The vertices of each point: one, or the three of its triangle.</summary>
    private static int[][] Corners(HandModel model, int[] correspondences, bool free)
    {
        if (!free) return [[.. correspondences]];
        var corners = new int[3][];
        for (var k = 0; k < 3; k++) corners[k] = Array.ConvertAll(correspondences, t => model.Triangles[3 * t + k]);
        return corners;
    }

    /// <summary>Numbers the vertices that are used, in place, and lists them.</summary>
    private static List<int> Compress(int[][] corners)
    {
        var used = new List<int>();
        var numbers = new Dictionary<int, int>();
        foreach (var places in corners)
            for (var i = 0; i < places.Length; i++)
            {
                if (!numbers.TryGetValue(places[i], out var number))
                {
                    numbers.Add(places[i], number = used.Count);
                    used.Add(places[i]);
                }

                places[i] = number;
            }

        return used;
    }

    /// <summary>A row a vertex: its homogeneous coordinates, times its weight, in the columns of each bone it follows, and 1 for the translation.</summary>
    private Tensor Skin(HandModel model, List<int> vertices)
    {
        var skin = new double[vertices.Count * _rows];
        for (var r = 0; r < vertices.Count; r++)
        {
            var row = skin.AsSpan(r * _rows, _rows);
            var v = vertices[r];
            for (var k = model.WeightStarts[v]; k < model.WeightStarts[v + 1]; k++)
            {
                var columns = row.Slice(4 * model.WeightBones[k], 4);
                for (var c = 0; c < 4; c++) columns[c] += model.Weights[k] * (c < 3 ? model.Positions[3 * v + c] : 1);
            }

            row[^1] = 1;
        }

        return Tensor.FromArray(skin, vertices.Count, _rows);
    }

    private Block[] Blocks(double[] points, int[][] corners)
    {
        Points = points.Length / 3;
        var blocks = new Block[(Points + BlockPoints - 1) / BlockPoints];
        for (var b = 0; b < blocks.Length; b++)
        {
            int first = (int)((long)Points * b / blocks.Length), end = (int)((long)Points * (b + 1) / blocks.Length);
            blocks[b] = new(
                Tensor.FromSpan<double>(points.AsSpan(3 * first, 3 * (end - first)), end - first, 3),
                Array.ConvertAll(corners, c => Tensor.FromArray(Array.ConvertAll(c[first..end], i => (long)i))));
        }

        return blocks;
    }

    /// <summary>A pose in which the hand turns.</summary>
    private static double[] Example()
    {
        var pose = new double[Pose];
        Array.Fill(pose, 0.1);
        return pose;
    }
}
