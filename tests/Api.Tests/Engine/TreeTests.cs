using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Engine;

/// <summary>Parameters of every build: the gradient has the same type, and everything that is not a tensor stays as it is.</summary>
public class TreeTests
{
    private static readonly Tensor A = Tensor.Of(1, 2), B = new double[,] { { 3, 4 }, { 5, 6 } }, C = Tensor.Of(7);

    public record Dense(Tensor Weight, Tensor Bias, string Activation = "relu");

    public record struct Pair(Tensor First, Tensor Second);

    public readonly record struct Fixed(Tensor Only, int Size);

    public class WithConstructor(Tensor weight, Tensor bias, double rate)
    {
        public Tensor Weight { get; } = weight;

        public Tensor Bias { get; } = bias;

        public double Rate { get; } = rate;
    }

    public class WithInit
    {
        public required Tensor Weight { get; init; }

        public Tensor? Bias { get; init; }

        public int Epochs { get; init; }
    }

    public class WithSetters
    {
        public Tensor Weight { get; set; } = Tensor.Of(0);

        public string Name { get; set; } = "";
    }

    public struct WithFields
    {
        public Tensor Weight;
        public int Size;
    }

    public record Model(IReadOnlyList<Dense> Layers, IReadOnlyDictionary<string, Tensor> Extra, (Tensor, int) Tail);

    public record Base(Tensor Weight);

    public record Derived(Tensor Weight, Tensor Bias) : Base(Weight);

    /// <summary>Σ (k + 1)·‖leaf k‖², whose gradient by leaf k is 2 (k + 1) leaf k.</summary>
    private static Tensor Weighted(IReadOnlyList<Tensor> leaves)
    {
        Tensor sum = 0.0;
        for (var k = 0; k < leaves.Count; k++) sum += (k + 1) * (leaves[k] * leaves[k]).Sum();
        return sum;
    }

    private static T Demand<T>(T tree, params Tensor[] expected) where T : notnull
    {
        var leaves = ParameterTree.Leaves(tree);
        Assert.Equal(expected.Length, leaves.Count);
        for (var k = 0; k < expected.Length; k++) Assert.Same(expected[k], leaves[k]);
        Assert.Equal(expected.Sum(x => (long)x.Count), ParameterTree.Count(tree));

        T? last = default;
        foreach (var gradient in new[]
        {
            Diff.Gradient(t => Weighted(ParameterTree.Leaves(t)), tree),
            OnTape(tree),
            Diff.Vjp((T t) => Weighted(ParameterTree.Leaves(t)), tree).Pull(1.0),
            // H·v of this function along the tree itself is its gradient
            Diff.Hvp(t => Weighted(ParameterTree.Leaves(t)), tree, tree),
        })
        {
            Assert.Equal(tree.GetType(), gradient!.GetType());
            var parts = ParameterTree.Leaves(gradient);
            for (var k = 0; k < expected.Length; k++) EveryWay.Same(2.0 * (k + 1) * expected[k], parts[k], $"{typeof(T).Name}, leaf {k}");
            last = gradient;
        }

        EveryWay.Near(ParameterTree.ToVector(tree).ToArray(), ParameterTree.ToVector(ParameterTree.FromVector(tree, ParameterTree.ToVector(tree))), 0);
        return last!;
    }

    private static T OnTape<T>(T tree) where T : notnull
    {
        using var tape = new GradientTape();
        var watched = tape.Watch(tree);
        return tape.Gradient(Weighted(ParameterTree.Leaves(watched)), watched);
    }

    [Fact]
    public void Records_classes_and_structs()
    {
        Assert.Equal("tanh", Demand(new Dense(A, B, "tanh"), A, B).Activation);
        Demand(new Pair(A, B), A, B);
        Assert.Equal(5, Demand(new Fixed(A, 5), A).Size);
        Assert.Equal(0.5, Demand(new WithConstructor(A, B, 0.5), A, B).Rate);
        var init = Demand(new WithInit { Weight = A, Epochs = 3 }, A);
        Assert.Equal((3, null), (init.Epochs, init.Bias));
        Demand(new WithInit { Weight = A, Bias = C }, A, C);
        Assert.Equal("first", Demand(new WithSetters { Weight = A, Name = "first" }, A).Name);
        Assert.Equal(9, Demand(new WithFields { Weight = A, Size = 9 }, A).Size);
        Assert.IsType<Derived>(Demand<Base>(new Derived(A, B), A, B));
    }

    [Fact]
    public void Tuples_of_any_length()
    {
        Demand((A, B), A, B);
        Demand(Tuple.Create(A, 5, B), A, B);
        Demand(new KeyValuePair<string, Tensor>("a", A), A);
        var (_, _, _, _, _, _, _, eighth, ninth) = Demand((1, A, 2, B, 3, "x", 4, C, 9.5), A, B, C);
        Assert.Equal(9.5, ninth);
        EveryWay.Same(6.0 * C, eighth);
        Demand((A, (B, new[] { C })), A, B, C);
    }

    [Fact]
    public void Arrays_and_lists()
    {
        Demand(new[] { A, B }, A, B);
        Demand(new[] { new Dense(A, B), new Dense(C, A + 1) }[..1], A, B);
        Demand(new List<Tensor> { A, B }, A, B);
        Demand(new Tensor?[] { A, null, B }, A, B);
        Demand(new object[] { A, "text", 5, B }, A, B);
        Demand(ImmutableArray.Create(A, B), A, B);
        Demand(ImmutableList.Create(A, B), A, B);
        Demand(new ReadOnlyCollection<Tensor>([A, B]), A, B);
        Demand(new Queue<Tensor>([A, B]), A, B);
        Demand<IReadOnlyList<Tensor>>(new List<Tensor> { A, B }, A, B);
        Demand<IEnumerable<Tensor>>(new[] { A, B }, A, B);
        var jagged = Demand(new[] { new[] { A }, [B, C] }, A, B, C);
        Assert.Equal(2, jagged[1].Length);
    }

    [Fact]
    public void Dictionaries_keep_their_keys_and_their_comparer()
    {
        var table = new Dictionary<string, Tensor>(StringComparer.OrdinalIgnoreCase) { ["Weight"] = A, ["Bias"] = B };
        var gradient = Demand(table, A, B);
        EveryWay.Same(2.0 * A, gradient["WEIGHT"]);
        Demand(new SortedDictionary<string, Tensor>(StringComparer.Ordinal) { ["b"] = B, ["a"] = A }, A, B);
        Demand(ImmutableDictionary<int, Tensor>.Empty.Add(1, A), A);
        Demand(ImmutableSortedDictionary<int, Tensor>.Empty.Add(2, B).Add(1, A), A, B);
        Demand<IReadOnlyDictionary<string, Tensor>>(table, A, B);
    }

    [Fact]
    public void Nested_models_keep_their_build()
    {
        var model = new Model([new Dense(A, B), new Dense(C, A * 2, "tanh")], new Dictionary<string, Tensor> { ["scale"] = Tensor.Of(9) }, (B * 2, 7));
        var leaves = ParameterTree.Leaves(model).ToArray();
        Assert.Equal(6, leaves.Length);
        var gradient = Demand(model, leaves);
        Assert.Equal((2, "tanh", 7), (gradient.Layers.Count, gradient.Layers[1].Activation, gradient.Tail.Item2));
        Assert.Equal(["Layers[0].Weight", "Layers[0].Bias", "Layers[1].Weight", "Layers[1].Bias", "Extra[scale]", "Tail.Item1"], ParameterTree.NamedLeaves(model).Select(l => l.Name));
    }

    [Fact]
    public void A_tensor_in_several_places_is_one_leaf()
    {
        var tied = new Dense(A, A);
        Assert.Single(ParameterTree.Leaves(tied));
        Assert.Equal(2, ParameterTree.Count(tied));
        var gradient = Diff.Gradient(d => (d.Weight * d.Bias).Sum(), tied);
        EveryWay.Same(2.0 * A, gradient.Weight);
        Assert.Same(gradient.Weight, gradient.Bias);
        var moved = ParameterTree.Map(x => x + 1, tied);
        Assert.Same(moved.Weight, moved.Bias);
        Assert.Equal(A.ToArray(), ParameterTree.ToVector(tied).ToArray());
    }

    [Fact]
    public void Integers_and_truth_values_are_constants_and_get_zeros()
    {
        var labels = Tensor.FromArray(new[] { 1, 2 });
        var mask = Tensor.FromArray(new[] { true, false });
        var gradient = Diff.Gradient(p => (p.Item1 * p.Item2).Sum() + Tensor.Where(p.Item3, p.Item1, 0.0).Sum(), (A, labels, mask));
        Assert.Equal([2, 2], gradient.Item1.ToArray());
        Assert.Equal([0, 0], gradient.Item2.ToArray());
        Assert.Equal([0, 0], gradient.Item3.ToArray());
        var (_, tangent) = Diff.Jvp(p => p.Item1 * p.Item2, (A, labels), (Tensor.Ones(2), labels));
        Assert.Equal([1, 2], tangent.ToArray());
    }

    [Fact]
    public void Parameters_of_both_precisions_keep_them()
    {
        var gradient = Diff.Gradient(p => (p.Item1 * p.Item2).Sum(), (A, Tensor.FromArray(new[] { 3f, 4f })));
        Assert.Equal((DType.Float64, DType.Float32), (gradient.Item1.DType, gradient.Item2.DType));
        Assert.Equal([3, 4], gradient.Item1.ToArray());
        Assert.Equal([1f, 2f], gradient.Item2.ToArray<float>());
    }

    private class Cyclic(Tensor weight)
    {
        public Tensor Weight { get; set; } = weight;

        public Cyclic? Next { get; set; }
    }

    [Fact]
    public void A_cycle_is_refused_with_the_place()
    {
        var node = new Cyclic(A);
        node.Next = new Cyclic(B) { Next = node };
        var refused = Assert.Throws<NotSupportedException>(() => ParameterTree.Leaves(node));
        Assert.Contains("Next.Next", refused.Message, StringComparison.Ordinal);
        Assert.Contains("cycle", refused.Message, StringComparison.Ordinal);
        node.Next.Next = null;
        Assert.Equal(2, ParameterTree.Leaves(node).Count);
    }

    private class Hidden(double scale)
    {
        public Tensor Weight { get; } = Tensor.Of(scale);
    }

    [Fact]
    public void What_cannot_be_built_again_is_refused_with_the_way_out()
    {
        var refused = Assert.Throws<NotSupportedException>(() => Diff.Gradient(h => h.Item1.Weight.Sum(), (new Hidden(2), 5)));
        Assert.Contains("Item1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Hidden", refused.Message, StringComparison.Ordinal);
        Assert.Contains("constructor", refused.Message, StringComparison.Ordinal);
        Assert.Contains("rray of arrays", Assert.Throws<NotSupportedException>(() => ParameterTree.Leaves(new Tensor[1, 1] { { A } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trees_without_tensors_are_refused()
    {
        Assert.Equal("at", Assert.Throws<ArgumentException>(() => Diff.Gradient(p => Tensor.Of(1).Sum(), (1, "text"))).ParamName);
        Assert.Equal("at", Assert.Throws<ArgumentException>(() => Diff.Gradient(p => Tensor.Of(1).Sum(), Array.Empty<Tensor>())).ParamName);
        using var tape = new GradientTape();
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => tape.Watch((1, 2))).ParamName);
    }

    [Fact]
    public void Maps_over_trees_demand_the_same_build()
    {
        var model = new Dense(A, B);
        var sum = ParameterTree.Map((x, y) => x + y, model, model);
        EveryWay.Same(2.0 * B, sum.Bias);
        var wrongShape = Assert.Throws<ArgumentException>(() => ParameterTree.Map((x, y) => x, model, new Dense(A, A)));
        Assert.Contains("[2, 2]", wrongShape.Message, StringComparison.Ordinal);
        Assert.Contains("[2]", wrongShape.Message, StringComparison.Ordinal);
        Assert.Contains("Bias", wrongShape.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ParameterTree.Map((x, y) => x, new[] { A, B }, [A]));
        Assert.Equal("leaves", Assert.Throws<ArgumentException>(() => ParameterTree.Rebuild(model, [A])).ParamName);
        EveryWay.Same(C, ParameterTree.Rebuild(model, [C, B]).Weight);
        Assert.Equal("vector", Assert.Throws<ArgumentException>(() => ParameterTree.FromVector(model, Tensor.Of(1, 2))).ParamName);
    }

    [Fact]
    public void Vectors_of_parameters_are_differentiable_both_ways()
    {
        var model = new Dense(A, B);
        Assert.Equal([1, 2, 3, 4, 5, 6], ParameterTree.ToVector(model).ToArray());
        EveryWay.Gradient([2, 4, 6, 8, 10, 12], v =>
        {
            var built = ParameterTree.FromVector(model, v);
            return (built.Weight * built.Weight).Sum() + (built.Bias * built.Bias).Sum();
        }, ParameterTree.ToVector(model));
        var gradient = Diff.Gradient(m => (ParameterTree.ToVector(m) * Tensor.Arange(6)).Sum(), model);
        Assert.Equal([0, 1], gradient.Weight.ToArray());
        Assert.Equal([2, 3, 4, 5], gradient.Bias.Ravel().ToArray());
        Assert.Equal(DType.Float32, ParameterTree.FromVector(new[] { Tensor.FromArray(new[] { 1f }) }, Tensor.Of(5))[0].DType);
    }

    [Fact]
    public void Auxiliary_results_are_settled()
    {
        var (value, gradient, aux) = Diff.ValueAndGradientWithAux((Tensor x) => ((x * x).Sum(), (Doubled: x * 2, Note: "kept")), A);
        Assert.Equal(5, value.ToDouble());
        Assert.Equal([2, 4], gradient.ToArray());
        Assert.Equal("kept", aux.Note);
        Assert.Equal([0, 0], Diff.Gradient(y => (aux.Doubled + 0 * y).Sum(), A).ToArray());
        // inside another derivative the auxiliary result still depends on the outer variable
        EveryWay.Slope(2, x => Diff.GradientWithAux((Tensor y) => ((x * y).Sum(), x * y), (Tensor)2.0).Aux, 3);
    }
}
