using System.Linq;

namespace DiffLib.Conformance.Bindings;

/// <summary>Indexing, gathering, scattering, sorting and searching.</summary>
internal static class ShapeIndexingBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        Taking(r);
        Putting(r);
        Masks(r);
        Order(r);
    }

    private static Tensor X(Call c) => c.Tensor("input");

    private static Tensor Index(Call c) => c.Tensor("index");

    private static int Axis(Call c) => c.Int("dim");

    private static void Taking(Registry r)
    {
        r.Add("__getitem__", c => X(c)[c.Index("index").Select(i => i.Kind == IndexKind.Tensor ? i.Tensor! : i.ToIndex()).ToArray()]);
        r.Add("gather", c => X(c).Gather(Axis(c), Index(c)));
        r.Add("take_along_dim", c => X(c).TakeAlongAxis(c.Tensor("indices"), c.IntOrNull("dim")));
        r.Add("index_select", c => X(c).IndexSelect(Axis(c), Index(c)));
        r.Add("take", c => X(c).Take(Index(c)));
        r.AddMany("nonzero", NonZero);
        r.Add("argwhere", c => X(c).ArgWhere());
    }

    private static Tensor[] NonZero(Call c)
    {
        var x = c.TensorArg(0);
        return c.Bool("as_tuple") ? x.AtLeast1D().NonZero().Unbind(1) : [x.NonZero()];
    }

    private static void Putting(Registry r)
    {
        r.Add("put", c => X(c).Put(Index(c), c.Tensor("source"), c.Bool("accumulate")));
        r.Add("index_put", IndexPut);
        r.Add("index_add", c => X(c).IndexAdd(Axis(c), Index(c), c.Tensor("source"), c.Double("alpha", 1)));
        r.Add("index_copy", c => X(c).IndexCopy(Axis(c), Index(c), c.Tensor("source")));
        r.Add("index_fill", c => X(c).IndexFill(Axis(c), Index(c), c.Operand("value")));
        r.Add("index_reduce", c => X(c).IndexReduce(Axis(c), Index(c), c.Tensor("source"), Reduction(c), c.Bool("include_self", true)));
        r.Add("scatter", c => c.TextOrNull("reduce") is { } how
            ? X(c).ScatterReduce(Axis(c), Index(c), Source(c), how == "add" ? ScatterReduction.Sum : ScatterReduction.Product)
            : X(c).Scatter(Axis(c), Index(c), Source(c)));
        r.Add("scatter_add", c => X(c).ScatterAdd(Axis(c), Index(c), c.Tensor("src")));
        r.Add("scatter_reduce", c => X(c).ScatterReduce(Axis(c), Index(c), c.Tensor("src"), Reduction(c), c.Bool("include_self", true)));
    }

    private static Tensor Source(Call c) => c.Has("src") ? c.Operand("src") : c.Operand("value");

    private static Tensor IndexPut(Call c)
    {
        var at = c.Tensors("indices").Select(i => (TensorIndex)i).ToArray();
        return c.Bool("accumulate") ? X(c).AddAt(c.Tensor("values"), at) : X(c).Set(c.Tensor("values"), at);
    }

    private static ScatterReduction Reduction(Call c) => c.Text("reduce") switch
    {
        "sum" => ScatterReduction.Sum,
        "prod" => ScatterReduction.Product,
        "mean" => ScatterReduction.Mean,
        "amax" => ScatterReduction.Maximum,
        _ => ScatterReduction.Minimum,
    };

    private static void Masks(Registry r)
    {
        r.Add("masked_fill", c => X(c).MaskedFill(c.Tensor("mask"), c.Operand("value")));
        r.Add("masked_select", c => X(c).MaskedSelect(c.Tensor("mask")));
        r.Add("masked_scatter", c => X(c).MaskedScatter(c.Tensor("mask"), c.Tensor("source")));
    }

    private static void Order(Registry r)
    {
        r.Add("argsort", c => X(c).ArgSort(c.Int("dim", -1), c.Bool("descending")));
        r.AddMany("sort", c => X(c).Sort(c.Int("dim", -1), c.Bool("descending")) is var (values, order) ? [values, order] : []);
        r.Add("msort", c => X(c).MSort());
        r.AddMany("topk", c => X(c).TopK(c.Int("k"), c.Int("dim", -1), c.Bool("largest", true)) is var (values, order) ? [values, order] : []);
        r.Add("bucketize", c => X(c).Bucketize(c.Tensor("boundaries"), c.Bool("right")));
        r.Add("searchsorted", c => Tensor.SearchSorted(c.Tensor("sorted_sequence"), X(c), c.Bool("right") || c.Text("side") == "right", c.TensorOrNull("sorter")));
        r.AddMany("unique", Unique);
    }

    private static Tensor[] Unique(Call c)
    {
        var (values, inverse, counts) = c.IntOrNull("dim") is { } axis ? X(c).Unique(axis) : X(c).Unique();
        return new[] { values }.Concat(c.Bool("return_inverse") ? [inverse] : []).Concat(c.Bool("return_counts") ? [counts] : []).ToArray();
    }
}
