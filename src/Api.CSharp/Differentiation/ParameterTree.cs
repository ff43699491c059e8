using System;
using System.Collections.Generic;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>Work on trees of parameters: records, classes, tuples, arrays, lists and dictionaries that hold tensors, nested at will.</summary>
/// <remarks>A tensor that stands in several places is one leaf. What is not a tensor is kept as it is.</remarks>
public static class ParameterTree
{
    /// <summary>The distinct tensors of a tree, in the order met.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="tree"/> is null.</exception>
    /// <exception cref="NotSupportedException">A part holds tensors but cannot be taken apart.</exception>
    public static IReadOnlyList<Tensor> Leaves<T>(T tree) => Apart(tree).Leaves;

    /// <summary>The tensors of a tree with the places where they were met first, such as <c>Layers[0].Weight</c>.</summary>
    /// <inheritdoc cref="Leaves{T}(T)"/>
    public static IReadOnlyList<(string Name, Tensor Leaf)> NamedLeaves<T>(T tree)
    {
        var parts = Apart(tree);
        var named = new (string, Tensor)[parts.Leaves.Length];
        for (var k = 0; k < named.Length; k++) named[k] = (parts.Names[k], parts.Leaves[k]);
        return named;
    }

    /// <summary>The number of elements of all leaves together.</summary>
    /// <inheritdoc cref="Leaves{T}(T)"/>
    public static long Count<T>(T tree)
    {
        var count = 0L;
        foreach (var leaf in Apart(tree).Leaves) count += leaf.Count;
        return count;
    }

    /// <summary>A tree of the same build around <paramref name="f"/> of each leaf.</summary>
    /// <inheritdoc cref="Leaves{T}(T)"/>
    public static T Map<T>(Func<Tensor, Tensor> f, T tree)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(tree);
        return Tree.map(f.AsFSharp(), tree);
    }

    /// <summary>A tree of the same build around <paramref name="f"/> of each pair of leaves.</summary>
    /// <inheritdoc cref="Leaves{T}(T)"/>
    /// <exception cref="ArgumentException">The trees differ in build or a shape.</exception>
    public static T Map<T>(Func<Tensor, Tensor, Tensor> f, T tree, T other)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(other);
        var parts = Apart(tree);
        var others = parts.Align(nameof(other), Tree.flatten(other));
        var mapped = new Tensor[others.Length];
        for (var k = 0; k < mapped.Length; k++) mapped[k] = f(parts.Leaves[k], others[k]) ?? throw new InvalidOperationException("the function returned null; return a tensor.");
        return parts.Rebuild(mapped);
    }

    /// <summary>A tree of the same build around other leaves, in the order of <see cref="Leaves{T}(T)"/>.</summary>
    /// <inheritdoc cref="Leaves{T}(T)"/>
    /// <exception cref="ArgumentException">There are not as many leaves.</exception>
    public static T Rebuild<T>(T tree, IReadOnlyList<Tensor> leaves)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        var parts = Apart(tree);
        if (leaves.Count != parts.Leaves.Length) throw new ArgumentException($"{leaves.Count} leaves for a tree of {parts.Leaves.Length}. Give one for each.", nameof(leaves));
        return parts.Rebuild([.. leaves]);
    }

    /// <summary>All elements of all leaves, one after another, as a vector of the widest element type; differentiable.</summary>
    /// <inheritdoc cref="Leaves{T}(T)"/>
    public static Tensor ToVector<T>(T tree)
    {
        var leaves = Apart(tree).Leaves;
        var flat = Array.ConvertAll(leaves, leaf => Tensor.ReshapeTo(leaf, new Shape(leaf.Count)));
        return flat.Length == 0 ? Tensor.NewConst(NDArray.Zeros(DType.Float64, new Shape(0))) : Tensor.Concat(flat, axis: 0);
    }

    /// <summary>A tree of the same build with its leaves read from a vector, in the order of <see cref="ToVector{T}(T)"/>; differentiable.</summary>
    /// <inheritdoc cref="Leaves{T}(T)"/>
    /// <exception cref="ArgumentException">The vector has another length or rank.</exception>
    public static T FromVector<T>(T tree, Tensor vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        var parts = Apart(tree);
        var count = Count(tree);
        if (vector.Rank != 1 || vector.Count != count) throw new ArgumentException($"the vector has shape {vector.Shape}, but the tree has {count} elements, so [{count}] is needed.", nameof(vector));
        var at = 0;
        var leaves = new Tensor[parts.Leaves.Length];
        for (var k = 0; k < leaves.Length; k++)
        {
            var leaf = parts.Leaves[k];
            leaves[k] = Tensor.Cast(Tensor.ReshapeTo(vector[at..(at + leaf.Count)], leaf.Shape), leaf.DType);
            at += leaf.Count;
        }

        return parts.Rebuild(leaves);
    }

    private static Tree.Parts<T> Apart<T>(T tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return Tree.flatten(tree);
    }
}
