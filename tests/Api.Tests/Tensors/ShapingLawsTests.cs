using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace DiffLib.Api.Tests.Tensors;

/// <summary>Laws of every linear operation on shapes and positions, at random shapes of rank 0 to 4 with sizes 0, 1, 2, 3 and 5.</summary>
public class ShapingLawsTests
{
    private const int Trials = 40;

    /// <summary>An operation with random settings for a tensor of some shape, or null where the shape does not suit it.</summary>
    private delegate Func<Tensor, Tensor>? Choose(Shape shape, Random random);

    private static readonly Dictionary<string, Choose> Catalogue = new(StringComparer.Ordinal)
    {
        ["reshape"] = (s, _) => x => x.Reshape(x.Shape.ToArray().Reverse().ToArray()),
        ["ravel"] = (_, _) => x => x.Ravel(),
        ["flatten"] = (s, r) => s.Rank == 0 ? null : x => x.Flatten(0, r.Next(1) + (s.Rank - 1)),
        ["expand dims"] = (s, r) => { var d = r.Next(s.Rank + 1); return x => x.ExpandDims(d); },
        ["transpose"] = (_, _) => x => x.T,
        ["permute"] = (s, r) => { var order = Shuffled(s.Rank, r); return x => x.Permute(order); },
        ["swap axes"] = (s, r) => s.Rank == 0 ? null : Two(s, r) is var (a, b) ? x => x.SwapAxes(a, b) : null,
        ["move axis"] = (s, r) => s.Rank == 0 ? null : Two(s, r) is var (a, b) ? x => x.MoveAxis(a, b) : null,
        ["broadcast"] = (s, r) => { var sizes = new[] { r.Next(3) }.Concat(s).Select(n => n == 1 ? 3 : n).ToArray(); return x => x.BroadcastTo(sizes); },
        ["sum to size"] = (s, r) => { var sizes = s.Select(n => r.Next(2) == 0 ? 1 : n).Skip(r.Next(s.Rank + 1)).ToArray(); return x => x.SumToSize(sizes); },
        ["narrow"] = (s, r) => AnyAxis(s, r) is not { } d ? null : r.Next(s[d] + 1) is var from && r.Next(s[d] - from + 1) is var n ? x => x.Narrow(d, from, n) : null,
        ["select"] = (s, r) => FullAxis(s, r) is not { } d ? null : r.Next(-s[d], s[d]) is var i ? x => x.Select(d, i) : null,
        ["step"] = (s, r) => AnyAxis(s, r) is null ? null : (r.Next(1, 4) * (r.Next(2) * 2 - 1)) is var k ? x => x[TensorIndex.Step(null, null, k), TensorIndex.Ellipsis] : null,
        ["flip"] = (_, _) => x => x.Flip(),
        ["rot90"] = (s, r) => s.Rank < 2 ? null : r.Next(-4, 5) is var k ? x => x.Rot90(k, s.Rank - 1, 0) : null,
        ["roll"] = (s, r) => AnyAxis(s, r) is not { } d ? null : r.Next(-7, 8) is var k ? x => x.Roll(k, d) : null,
        ["diagonal"] = (s, r) => s.Rank < 2 ? null : r.Next(-3, 4) is var k ? x => x.Diagonal(k, 0, -1) : null,
        ["diag embed"] = (s, r) => s.Rank is 0 or > 4 ? null : r.Next(-2, 3) is var k ? x => x.DiagEmbed(k, 0, -1) : null,
        ["tril"] = (s, r) => s.Rank < 2 ? null : r.Next(-3, 4) is var k ? x => x.Tril(k) : null,
        ["triu"] = (s, r) => s.Rank < 2 ? null : r.Next(-3, 4) is var k ? x => x.Triu(k) : null,
        ["unfold"] = (s, r) => FullAxis(s, r) is not { } d ? null : (r.Next(1, s[d] + 1), r.Next(1, 3)) is var (n, k) ? x => x.Unfold(d, n, k) : null,
        ["dilated unfold"] = (s, r) => FullAxis(s, r) is not { } d || s[d] < 3 ? null : x => x.Unfold(d, 2, 1, 2),
        ["tile"] = (s, r) => { var n = Enumerable.Range(0, r.Next(s.Rank + 2)).Select(_ => r.Next(3)).ToArray(); return x => x.Tile(n); },
        ["repeat each"] = (s, r) => AnyAxis(s, r) is not { } d ? null : r.Next(3) is var k ? x => x.RepeatInterleave(k, d) : null,
        ["pad"] = (s, r) => { var p = s.Select(_ => (r.Next(3), r.Next(3))).ToArray(); return x => x.Pad(p); },
        ["crop"] = (s, r) => { var p = s.Select(n => (-r.Next(n / 2 + 1), r.Next(3) - n / 2)).ToArray(); return x => x.Pad(p); },
        ["pad, mirrored"] = (s, r) => Around(s, r, n => n - 1) is { } p ? x => x.Pad(p, PadMode.Reflect) : null,
        ["pad, edges"] = (s, r) => Around(s, r, _ => 3) is { } p ? x => x.Pad(p, PadMode.Replicate) : null,
        ["pad, round"] = (s, r) => Around(s, r, n => n) is { } p ? x => x.Pad(p, PadMode.Circular) : null,
        ["concat with itself"] = (s, r) => AnyAxis(s, r) is not { } d ? null : x => Tensor.Concat([x, 2.0 * x, x], d),
        ["stack"] = (s, r) => r.Next(-s.Rank - 1, s.Rank + 1) is var d ? x => Tensor.Stack([x, -x], d) : null,
        ["chunk"] = (s, r) => AnyAxis(s, r) is not { } d ? null : x => x.Chunk(2, d)[^1],
        ["index select"] = (s, r) => FullAxis(s, r) is not { } d ? null : Positions(s[d], 7, r) is var i ? x => x.IndexSelect(d, i) : null,
        ["take"] = (s, r) => s.Count == 0 ? null : Positions(s.Count, 6, r).Reshape(2, 3) is var i ? x => x.Take(i) : null,
        ["gather"] = (s, r) => FullAxis(s, r) is not { } d ? null : Like(s, d, r) is var i ? x => x.Gather(d, i) : null,
        ["scatter add"] = (s, r) => FullAxis(s, r) is not { } d ? null : Like(s, d, r) is var i ? x => Tensor.Zeros(s).ScatterAdd(d, i, x.Tile(s.Select((_, k) => k == d ? 4 : 1).ToArray())) : null,
        ["scatter into"] = (s, r) => FullAxis(s, r) is not { } d ? null : Like(s, d, r) is var i ? x => x.Scatter(d, i, 0) : null,
        ["scatter of"] = (s, r) => FullAxis(s, r) is not { } d ? null : Like(s, d, r) is var i ? x => Tensor.Zeros(s).Scatter(d, i, x.Tile(s.Select((_, k) => k == d ? 4 : 1).ToArray())) : null,
        ["index add"] = (s, r) => FullAxis(s, r) is not { } d ? null : Positions(s[d], s[d], r) is var i ? x => x.IndexAdd(d, i, x, 3) : null,
        ["index copy"] = (s, r) => FullAxis(s, r) is not { } d ? null : Positions(s[d], s[d], r) is var i ? x => x.IndexCopy(d, i, 2.0 * x) : null,
        ["mask"] = (s, r) => Mask(s, r) is var m ? x => x[m] : null,
        ["masked select"] = (s, r) => Mask(s, r) is var m ? x => x.MaskedSelect(m) : null,
        ["masked fill"] = (s, r) => Mask(s, r) is var m ? x => x.MaskedFill(m, 0) : null,
        ["masked scatter"] = (s, r) => Mask(s, r) is var m ? x => Tensor.Zeros(s).MaskedScatter(m, x) : null,
        ["tensors as indices"] = (s, r) => s.Rank < 2 || s[0] == 0 || s[-1] == 0 ? null : (Positions(s[0], 3, r), Positions(s[-1], 6, r).Reshape(2, 3)) is var (i, j) ? x => x[i, TensorIndex.Ellipsis, j] : null,
        ["set"] = (s, r) => FullAxis(s, r) is null || s[0] == 0 ? null : x => Tensor.Zeros(s).Set(x[^1], 0),
        ["set into"] = (s, r) => FullAxis(s, r) is null || s[0] == 0 ? null : x => x.Set(0, TensorIndex.Step(null, null, 2)),
        ["add at"] = (s, r) => FullAxis(s, r) is null || s[0] == 0 ? null : Positions(s[0], 3, r) is var i ? x => x.AddAt(x[0], i) : null,
        ["scatter mean"] = (s, r) => FullAxis(s, r) is not { } d ? null : Like(s, d, r, s[d]) is var i ? x => x.ScatterReduce(d, i, x, ScatterReduction.Mean) : null,
        ["diagonal scatter"] = (s, r) => s.Rank < 2 ? null : r.Next(-2, 3) is var k ? x => (2.0 * x).DiagonalScatter(x.Diagonal(k), k) : null,
        ["select scatter"] = (s, r) => FullAxis(s, r) is not { } d ? null : x => (2.0 * x).SelectScatter(x.Select(d, 0), d, -1),
        ["slice scatter"] = (s, r) => FullAxis(s, r) is not { } d || s[d] < 3 ? null : x => (2.0 * x).SliceScatter(x.Narrow(d, 0, 1), d, 0, null, 2),
        ["patches"] = (s, r) => s.Rank < 3 || s[-1] < 2 || s[-2] < 2 ? null : x => Tensor.Im2Col(x, [2, 2], null, [1, 0], [1, 2]),
        ["patches and back"] = (s, r) => s.Rank < 3 || s[-1] < 2 || s[-2] < 2 ? null : x => Tensor.Col2Im(Tensor.Im2Col(x, [2, 1], null, [1, 1], [1, 2]), [s[-2], s[-1]], [2, 1], null, [1, 1], [1, 2]),
        ["block diagonal"] = (s, _) => s.Rank > 2 ? null : x => Tensor.BlockDiag(x, Tensor.Ones(2, 2) * x.Ravel().SumToSize(1), x),
        ["mesh grid"] = (s, _) => s.Rank > 1 ? null : x => Tensor.Stack(Tensor.MeshGrid(x, 2.0 * x)),
    };

    public static TheoryData<string> Names() => [.. Catalogue.Keys];

    private static int[] Shuffled(int n, Random r)
    {
        var order = Enumerable.Range(0, n).ToArray();
        r.Shuffle(order);
        return order;
    }

    private static (int, int) Two(Shape s, Random r) => (r.Next(-s.Rank, s.Rank), r.Next(-s.Rank, s.Rank));

    private static int? AnyAxis(Shape s, Random r) => s.Rank == 0 ? null : r.Next(s.Rank);

    private static int? FullAxis(Shape s, Random r) => s.Rank > 0 && r.Next(s.Rank) is var d && s[d] > 0 ? d : null;

    private static (int, int)[]? Around(Shape s, Random r, Func<int, int> most)
        => s.Count == 0 ? null : s.Select(n => (r.Next(Math.Max(0, most(n)) + 1), r.Next(Math.Max(0, most(n)) + 1))).ToArray();

    private static Tensor Positions(int n, int count, Random r) => Tensor.FromArray(Enumerable.Range(0, count).Select(_ => (long)r.Next(-n, n)).ToArray());

    /// <summary>An index of a tensor's shape, four long (or as given) along the axis.</summary>
    private static Tensor Like(Shape s, int axis, Random r, int length = -1)
    {
        var sizes = s.Select((n, d) => d == axis ? (length < 0 ? 4 * n : length) : n).ToArray();
        return Positions(s[axis], sizes.Aggregate(1, (a, b) => a * b), r).Reshape(sizes);
    }

    private static Tensor Mask(Shape s, Random r)
        => s.Rank == 0 ? Tensor.Scalar(1, DType.Bool).Reshape() : Tensor.FromArray(Enumerable.Range(0, s.Count).Select(_ => r.Next(2) == 0).ToArray()).Reshape(s.ToArray());

    private static Shape RandomShape(Random r)
    {
        int[] sizes = [0, 1, 2, 3, 5, 2, 3];
        return new Shape(Enumerable.Range(0, r.Next(5)).Select(_ => sizes[r.Next(sizes.Length)]).ToArray());
    }

    private static Tensor Numbers(Shape s, Random r) => Tensor.FromArray(Enumerable.Range(0, s.Count).Select(_ => r.NextDouble() * 4 - 2).ToArray()).Reshape(s.ToArray());

    /// <summary>The tensor as a view with gaps, steps and another order of axes in memory, element by element the same.</summary>
    private static Tensor AsView(Tensor x, Random r)
    {
        if (x.Rank == 0) return Tensor.Stack(x - 1.0, x)[1];
        var order = Shuffled(x.Rank, r);
        var back = Enumerable.Range(0, x.Rank).Select(d => Array.IndexOf(order, d)).ToArray();
        var reversed = TensorIndex.Step(null, null, -1);
        var doubled = x.Permute(order).RepeatInterleave(2, 0)[reversed];
        var view = doubled[TensorIndex.Step(null, null, 2)][reversed].Permute(back);
        Assert.Equal(x.ToArray(), view.ToArray());
        return view;
    }

    private static void EachTrial(string name, Action<Func<Tensor, Tensor>, Tensor, Random, string> law)
    {
        var held = 0;
        for (var seed = 0; seed < Trials; seed++)
        {
            var r = new Random(seed * 7919 + name.Length);
            var shape = RandomShape(r);
            if (name == "mask" && shape.Rank == 0) continue;
            if (Catalogue[name](shape, r) is not { } op) continue;
            law(op, Numbers(shape, r), r, $"{name} at shape {shape}, seed {seed}");
            held++;
        }
        Assert.True(held > 2, $"{name} found only {held} shapes that suit it");
    }

    private static double Dot(Tensor a, Tensor b) => a.ToArray().Zip(b.ToArray(), (x, y) => x * y).Sum();

    private static double Size(Tensor a, Tensor b) => a.ToArray().Zip(b.ToArray(), (x, y) => Math.Abs(x * y)).Sum() + 1;

    [Theory, MemberData(nameof(Names))]
    public void Reverse_is_the_transpose_of_forward_and_forward_is_the_map_itself(string name) => EachTrial(name, (op, x, r, where) =>
    {
        var v = Numbers(x.Shape, r);
        var (y, dy) = Diff.Jvp(op, x, v);
        Assert.True(op(v).ToArray().Zip(dy.ToArray(), (a, b) => Math.Abs(a - b)).All(d => d < 1e-14), $"{where}: forward is not the map itself");
        var (_, pull) = Diff.Vjp(op, x);
        var w = Numbers(y.Shape, r);
        var g = pull(w);
        Assert.Equal(x.Shape, g.Shape);
        Assert.True(Math.Abs(Dot(dy, w) - Dot(v, g)) <= 1e-13 * (Size(dy, w) + Size(v, g)), $"{where}: <L v, w> = {Dot(dy, w)}, <v, Lt w> = {Dot(v, g)}");
    });

    [Theory, MemberData(nameof(Names))]
    public void A_view_gives_bit_for_bit_what_a_copy_gives(string name) => EachTrial(name, (op, x, r, where) =>
    {
        var view = AsView(x, r);
        Assert.True(op(x).ToArray().SequenceEqual(op(view).ToArray()), $"{where}: values differ");
        var w = Numbers(op(x).Shape, r);
        // a nonlinear end, so that the point matters; and cotangents that are views themselves
        Func<Tensor, Tensor> f = z => { var y = op(z * z); return (y * AsView(w, new Random(1)) * y).SumToSize(); };
        Assert.True(Diff.Gradient(f, x).ToArray().SequenceEqual(Diff.Gradient(f, view).ToArray()), $"{where}: gradients differ");
    });

    [Theory, MemberData(nameof(Names))]
    public void Float32_and_integers_are_moved_like_float64(string name) => EachTrial(name, (op, x, r, where) =>
    {
        if (name.Contains("mean")) return;
        var whole = Tensor.FromArray(x.ToArray().Select(v => Math.Round(v * 10)).ToArray()).Reshape(x.Shape.ToArray());
        var y = op(whole);
        foreach (var dtype in new[] { DType.Float32, DType.Int64, DType.Int32 })
        {
            var z = op(whole.Cast(dtype));
            Assert.True(y.Shape == z.Shape && y.ToArray().SequenceEqual(z.ToArray()), $"{where}: {dtype} differs");
        }
    });

    [Theory, MemberData(nameof(Names))]
    public void Second_derivatives_agree_in_all_nestings(string name) => EachTrial(name, (op, x, r, where) =>
    {
        var v = Numbers(x.Shape, r);
        Func<Tensor, Tensor> f = z => { var y = op(z * z); return (y * y * y).SumToSize(); };
        var forwardOverReverse = Diff.Jvp(Diff.Gradient(f), x, v).Tangent.ToArray();
        Func<Tensor, Tensor> slope = z => (Diff.Gradient(f)(z) * v).SumToSize();
        var reverseOverReverse = Diff.Gradient(slope, x).ToArray();
        Func<Tensor, Tensor> along = z => Diff.Jvp(f, z, v).Tangent;
        var reverseOverForward = Diff.Gradient(along, x).ToArray();
        foreach (var other in new[] { reverseOverReverse, reverseOverForward })
            Assert.True(forwardOverReverse.Zip(other, (a, b) => Math.Abs(a - b) <= 1e-11 * (1 + Math.Abs(a))).All(ok => ok), $"{where}: {string.Join(" ", forwardOverReverse)} and {string.Join(" ", other)}");
    });
}
