using System;
using System.Numerics;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>A hand: a tree of bones, a mesh of vertices that follow them, and the triangles between vertices.</summary>
/// <param name="Parents">The parent of each bone, before it; -1 for the root.</param>
/// <param name="BaseRelatives">4 x 4 numbers a bone, by rows: its place relative to the parent.</param>
/// <param name="InverseBaseAbsolutes">4 x 4 numbers a bone, by rows.</param>
/// <param name="Positions">3 coordinates a vertex.</param>
/// <param name="WeightStarts">Where the weights of each vertex begin, and behind the last where they end.</param>
/// <param name="WeightBones">The bone of each weight.</param>
/// <param name="Weights">How much a vertex follows a bone.</param>
/// <param name="Triangles">3 vertices a triangle.</param>
public sealed record HandModel(
    int[] Parents, double[] BaseRelatives, double[] InverseBaseAbsolutes, double[] Positions, int[] WeightStarts, int[] WeightBones, double[] Weights, int[] Triangles)
{
    /// <summary>The numbers of a pose: rotation vector, translation, four angles a finger.</summary>
    public const int PoseSize = 26;

    /// <summary>How many bones there are.</summary>
    public int Bones => Parents.Length;
}

/// <summary>
/// From a pose to what moves the vertices: for each bone the transposed affine map, 4 rows of 3, the hand's own rotation included, and behind the last one a row with its translation. A
/// position is then a sum of rows, weighted by homogeneous coordinates.
/// </summary>
internal readonly struct BoneMotions(HandModel model) : IVectorFunction
{
    /// <summary>Below this angle the hand does not turn, and the derivative is zero.</summary>
    private const double SmallestTurn = 1e-4;

    public int OutputLength(int inputLength) => 3 * (4 * model.Bones + 1);

    public void Invoke<T>(ReadOnlySpan<T> pose, Span<T> y) where T : IFloatingPointIeee754<T>
    {
        var turn = Turn(pose[0], pose[1], pose[2]);
        var places = new Affine<T>[model.Bones];
        for (var bone = 0; bone < places.Length; bone++)
        {
            var relative = Affine<T>.Constant(model.BaseRelatives.AsSpan(16 * bone, 16));
            var place = model.Parents[bone] < 0 ? relative : places[model.Parents[bone]] * relative;
            var (finger, joint) = ((bone - 1) / 4, (bone - 1) % 4);
            if (bone is > 0 and < 21 && joint > 0)
            {
                var angles = pose.Slice(6 + 4 * finger, 4);
                place *= joint == 1 ? Affine<T>.TurnX(angles[0]).ThenZ(angles[1]) : Affine<T>.TurnX(angles[joint]);
            }

            places[bone] = place;
            (turn * (place * Affine<T>.Constant(model.InverseBaseAbsolutes.AsSpan(16 * bone, 16)))).WriteTransposed(y.Slice(12 * bone, 12));
        }

        pose.Slice(3, 3).CopyTo(y[(12 * model.Bones)..]);
    }

    /// <summary>Rodrigues' formula: cosφ I + sinφ [a]ₓ + (1 - cosφ) a aᵀ.</summary>
    private static Affine<T> Turn<T>(T x, T y, T z) where T : IFloatingPointIeee754<T>
    {
        T angle = T.Sqrt(x * x + y * y + z * z);
        if (angle < T.CreateChecked(SmallestTurn)) return Affine<T>.Identity;
        (x, y, z) = (x / angle, y / angle, z / angle);
        (T sin, T cos) = T.SinCos(angle);
        T rest = T.One - cos;
        return Affine<T>.Of(
            cos + rest * x * x, rest * x * y - sin * z, rest * x * z + sin * y,
            rest * x * y + sin * z, cos + rest * y * y, rest * y * z - sin * x,
            rest * x * z - sin * y, rest * y * z + sin * x, cos + rest * z * z);
    }
}

/// <summary>An affine map of space: 3 rows of 4.</summary>
internal sealed class Affine<T> where T : IFloatingPointIeee754<T>
{
    private readonly T[,] _rows;

    private Affine(T[,] rows) => _rows = rows;

    public static Affine<T> Identity => Of(T.One, T.Zero, T.Zero, T.Zero, T.One, T.Zero, T.Zero, T.Zero, T.One);

    public static Affine<T> Of(T a, T b, T c, T d, T e, T f, T g, T h, T i) => new(new[,] { { a, b, c, T.Zero }, { d, e, f, T.Zero }, { g, h, i, T.Zero } });

    /// <summary>The first three rows of a matrix.</summary>
    public static Affine<T> Constant(ReadOnlySpan<double> matrix)
    {
        var rows = new T[3, 4];
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 4; j++) rows[i, j] = T.CreateChecked(matrix[4 * i + j]);
        return new(rows);
    }

    /// <summary>The right-handed turn about the first axis.</summary>
    public static Affine<T> TurnX(T angle)
    {
        (T sin, T cos) = T.SinCos(angle);
        return Of(T.One, T.Zero, T.Zero, T.Zero, cos, -sin, T.Zero, sin, cos);
    }

    /// <summary>This, and then the right-handed turn about the third axis.</summary>
    public Affine<T> ThenZ(T angle)
    {
        (T sin, T cos) = T.SinCos(angle);
        return Of(cos, -sin, T.Zero, sin, cos, T.Zero, T.Zero, T.Zero, T.One) * this;
    }

    public static Affine<T> operator *(Affine<T> a, Affine<T> b)
    {
        var rows = new T[3, 4];
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 4; j++)
            {
                T sum = a._rows[i, 0] * b._rows[0, j] + a._rows[i, 1] * b._rows[1, j] + a._rows[i, 2] * b._rows[2, j];
                rows[i, j] = j == 3 ? sum + a._rows[i, 3] : sum;
            }

        return new(rows);
    }

    /// <summary>Column after column.</summary>
    public void WriteTransposed(Span<T> y)
    {
        for (var j = 0; j < 4; j++)
            for (var i = 0; i < 3; i++) y[3 * j + i] = _rows[i, j];
    }
}
