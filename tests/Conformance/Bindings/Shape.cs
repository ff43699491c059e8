using System;
using System.Linq;

namespace DiffLib.Conformance.Bindings;

/// <summary>Reshaping, joining, splitting, padding, and construction.</summary>
internal static class ShapeBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        Construction(r);
        Reshaping(r);
        Axes(r);
        Diagonals(r);
        Joined(r);
        Splitting(r);
        Repetition(r);
        Padding(r);
    }

    private static Tensor X(Call c) => c.Has("input") ? c.Tensor("input") : c.TensorArg(0);

    private static void Construction(Registry r)
    {
        r.Add("arange", c => c.ArgCount switch
        {
            1 => Tensor.Arange(c.DoubleArg(0)),
            2 => Tensor.Arange(c.DoubleArg(0), c.DoubleArg(1)),
            _ => Tensor.Arange(c.DoubleArg(0), c.DoubleArg(1), c.DoubleArg(2)),
        });
        r.Add("eye", c => Tensor.Eye(c.IntArg(0), c.ArgCount > 1 ? c.IntArg(1) : null));
        r.Add("linspace", c => Tensor.Linspace(c.DoubleArg(0), c.DoubleArg(1), c.IntArg(2)));
        r.Add("logspace", c => Tensor.Logspace(c.DoubleArg(0), c.DoubleArg(1), c.IntArg(2), c.ArgCount > 3 ? c.DoubleArg(3) : 10));
        r.Add("full_like", c => Tensor.FullLike(X(c), c.DoubleArg(1)));
        r.Add("ones_like", c => Tensor.OnesLike(X(c)));
        r.Add("zeros_like", c => Tensor.ZerosLike(X(c)));
        r.Add("tril_indices", c => Tensor.TrilIndices(c.IntArg(0), c.IntArg(1), c.ArgCount > 2 ? c.IntArg(2) : 0));
        r.Add("triu_indices", c => Tensor.TriuIndices(c.IntArg(0), c.IntArg(1), c.ArgCount > 2 ? c.IntArg(2) : 0));
        r.Add("nn.functional.one_hot", c => Tensor.OneHot(X(c), c.Int("num_classes", -1) is var n && n >= 0 ? n : null, DType.Int64));
    }

    private static void Reshaping(Registry r)
    {
        r.Add("reshape", c => X(c).Reshape(c.Ints("shape")));
        r.Add("view", c => X(c).Reshape(c.Ints("size")));
        r.Add("flatten", c => X(c).Flatten(c.Int("start_dim", 0), c.Int("end_dim", -1)));
        r.Add("ravel", c => X(c).Ravel());
        r.Add("unflatten", c => X(c).Unflatten(c.Int("dim"), c.Ints("sizes")));
        r.Add("unsqueeze", c => X(c).ExpandDims(c.Int("dim")));
        r.Add("squeeze", Squeeze);
        r.Add("atleast_1d", c => X(c).AtLeast1D());
        r.Add("atleast_2d", c => X(c).AtLeast2D());
        r.Add("atleast_3d", c => X(c).AtLeast3D());
        r.Add("broadcast_to", c => X(c).BroadcastTo(c.Ints("size")));
        r.Add("expand", c => X(c).BroadcastTo(c.Ints("size")));
        r.AddMany("broadcast_tensors", c => Tensor.BroadcastTensors(c.Tensors("tensors")));
        r.Add("sum_to_size", c => X(c).SumToSize(c.Ints("size")));
    }

    /// <summary>The peer leaves an axis alone whose size is not 1; ours refuses it.</summary>
    private static Tensor Squeeze(Call c)
    {
        var x = X(c);
        if (!c.Has("dim")) return x.Squeeze();
        var axis = c.Int("dim");
        return x.Rank > 0 && x.Shape[axis] == 1 ? x.Squeeze(axis) : x;
    }

    private static void Axes(Registry r)
    {
        r.Add("T", c => X(c).T);
        r.Add("t", c => X(c).T);
        r.Add("mT", c => X(c).Rank < 2 ? X(c) : X(c).MT);
        r.Add("transpose", c => X(c).Rank == 0 ? X(c) : X(c).SwapAxes(c.Int("dim0"), c.Int("dim1")));
        r.Add("swapaxes", c => X(c).SwapAxes(c.Int("axis0"), c.Int("axis1")));
        r.Add("permute", c => X(c).Permute(c.Ints("dims")));
        r.Add("movedim", c => X(c).MoveAxis(c.Ints("source"), c.Ints("destination")));
        r.Add("narrow", c => X(c).Narrow(c.Int("dim"), c.IsTensor("start") ? (int)c.Tensor("start").ToDouble() : c.Int("start"), c.Int("length")));
        r.Add("select", c => X(c).Select(c.Int("dim"), c.Int("index")));
        r.Add("flip", c => c.Ints("dims") is { Length: > 0 } axes ? X(c).Flip(axes) : X(c));
        r.Add("fliplr", c => X(c).Flip(1));
        r.Add("flipud", c => X(c).Flip(0));
        r.Add("rot90", c => X(c).Rot90(c.Int("k", 1), c.Ints("dims")[0], c.Ints("dims")[1]));
        r.Add("roll", c => c.IntsOrNull("dims") is { Length: > 0 } axes ? X(c).Roll(c.Ints("shifts"), axes) : X(c).Roll(c.Ints("shifts")[0]));
        r.Add("unfold", c => X(c).Unfold(c.Int("dimension"), c.Int("size"), c.Int("step")));
    }

    private static void Diagonals(Registry r)
    {
        r.Add("diag", c => X(c).Diag(c.Int("diagonal", 0)));
        r.Add("diagflat", c => X(c).Ravel().Diag(c.Int("offset", 0)));
        r.Add("diagonal", c => X(c).Diagonal(c.Int("offset", 0), c.Int("dim1", 0), c.Int("dim2", 1)));
        r.Add("diag_embed", c => X(c).DiagEmbed(c.Int("offset", 0), c.Int("dim1", -2), c.Int("dim2", -1)));
        r.Add("tril", c => X(c).Tril(c.Int("diagonal", 0)));
        r.Add("triu", c => X(c).Triu(c.Int("diagonal", 0)));
        r.Add("diagonal_scatter", c => X(c).DiagonalScatter(c.Tensor("src"), c.Int("offset", 0), c.Int("dim1", 0), c.Int("dim2", 1)));
        r.Add("select_scatter", c => X(c).SelectScatter(c.Tensor("src"), c.Int("dim"), c.Int("index")));
        r.Add("slice_scatter", c => X(c).SliceScatter(c.Tensor("src"), c.Int("dim"), c.Int("start", 0), c.IntOrNull("end"), c.Int("step", 1)));
    }

    private static void Joined(Registry r)
    {
        r.Add("cat", c => Tensor.Concat(c.Tensors("tensors"), c.Int("dim", 0)));
        r.Add("stack", c => Tensor.Stack(c.Tensors("tensors"), c.Int("dim", 0)));
        r.Add("hstack", c => Tensor.HStack(c.Tensors("tensors")));
        r.Add("vstack", c => Tensor.VStack(c.Tensors("tensors")));
        r.Add("dstack", c => Tensor.DStack(c.Tensors("tensors")));
        r.Add("column_stack", c => Tensor.ColumnStack(c.Tensors("tensors")));
        r.Add("block_diag", c => Tensor.BlockDiag(c.Tensors("tensors")));
        r.Add("cartesian_prod", c => Tensor.CartesianProd(c.Tensors("tensors")));
        r.Add("combinations", c => Tensor.Combinations(X(c), c.Int("r", 2), c.Bool("with_replacement")));
        r.AddMany("meshgrid", c => Tensor.MeshGrid(c.Tensors("tensors"), c.Text("indexing", "ij") == "xy"));
    }

    private static void Splitting(Registry r)
    {
        r.AddMany("chunk", c => X(c).Chunk(c.Int("chunks"), c.Int("dim", 0)));
        r.AddMany("split", c => c.IsList("split_size") ? X(c).Split(c.Ints("split_size"), c.Int("dim", 0)) : X(c).Split(c.Int("split_size"), c.Int("dim", 0)));
        r.AddMany("split_with_sizes", c => X(c).Split(c.Ints("split_sizes"), c.Int("dim", 0)));
        r.AddMany("tensor_split", c => Sections(c, c.Int("dim", 0)));
        r.AddMany("hsplit", c => Sections(c, X(c).Rank == 1 ? 0 : 1));
        r.AddMany("vsplit", c => Sections(c, 0));
        r.AddMany("dsplit", c => Sections(c, 2));
        r.AddMany("unbind", c => X(c).Unbind(c.Int("dim", 0)));
    }

    private static Tensor[] Sections(Call c, int axis)
    {
        if (c.Has("sections")) return X(c).TensorSplit(c.Int("sections"), axis);
        if (c.Has("indices")) return X(c).TensorSplit(c.Ints("indices"), axis);
        var at = c.Tensor("tensor_indices_or_sections");
        var numbers = Array.ConvertAll(at.ToArray(), v => (int)v);
        return at.Rank == 0 ? X(c).TensorSplit(numbers[0], axis) : X(c).TensorSplit(numbers, axis);
    }

    private static void Repetition(Registry r)
    {
        r.Add("tile", c => X(c).Tile(c.Ints("dims")));
        r.Add("repeat", c => X(c).Tile(c.Ints("repeats")));
        r.Add("repeat_interleave", c => X(c).RepeatInterleave(
            c.IsTensor("repeats") ? Array.ConvertAll(c.Tensor("repeats").ToArray(), v => (int)v) : c.Ints("repeats"), c.IntOrNull("dim")));
    }

    private static void Padding(Registry r)
    {
        r.Add("constant_pad_nd", c => X(c).Pad(Pairs(c.Ints("pad")), value: c.Double("value", 0)));
        r.Add("nn.functional.pad", c => X(c).Pad(Pairs(c.Ints("pad")), Mode(c.Text("mode", "constant")), c.Double("value", 0)));
        r.Add("nn.functional.unfold", c => Tensor.Im2Col(X(c), Pair(c, "kernel_size"), Pair(c, "dilation", 1), Pair(c, "padding", 0), Pair(c, "stride", 1)));
        r.Add("nn.functional.fold", c => Tensor.Col2Im(X(c), Pair(c, "output_size"), Pair(c, "kernel_size"), Pair(c, "dilation", 1), Pair(c, "padding", 0), Pair(c, "stride", 1)));
    }

    /// <summary>The peer lists the last axis first.</summary>
    private static (int, int)[] Pairs(int[] pad) => pad.Chunk(2).Select(p => (p[0], p[1])).Reverse().ToArray();

    private static PadMode Mode(string name) => name switch
    {
        "constant" => PadMode.Constant,
        "reflect" => PadMode.Reflect,
        "replicate" => PadMode.Replicate,
        _ => PadMode.Circular,
    };

    private static int[] Pair(Call c, string name, int otherwise = 1)
    {
        var numbers = c.IntsOrNull(name) ?? [otherwise];
        return numbers.Length == 1 ? [numbers[0], numbers[0]] : numbers;
    }
}
