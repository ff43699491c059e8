using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>Delegates as the core's functions, and parameters taken apart into tensors.</summary>
internal static class Functions
{
    /// <summary>The delegate as an F# function; a null result is reported as the caller's mistake.</summary>
    internal static FSharpFunc<TIn, TOut> AsFSharp<TIn, TOut>(this Func<TIn, TOut> f) where TOut : class =>
        FuncConvert.FromFunc<TIn, TOut>(x => f(x) ?? throw NullResult());

    /// <summary>What a function of the caller returned; null is reported as the caller's mistake.</summary>
    internal static Tensor Given(Tensor? result) => result ?? throw NullResult();

    /// <summary>The tensors of what a function of the caller returned, one for every place.</summary>
    internal static Tensor[] Each<T>(T result) => result is null ? throw NullResult() : Tree.each(result);

    /// <summary>A float64 of rank 0.</summary>
    internal static Tensor Number(double value) => Tensor.NewNumber(value, false);

    /// <summary>Parameters of any build; at least one tensor.</summary>
    internal static Tree.Parts<T> Apart<T>(T parameters, string name)
    {
        ArgumentNullException.ThrowIfNull(parameters, name);
        var parts = Tree.flatten(parameters);
        return parts.Leaves.Length > 0
            ? parts
            : throw new ArgumentException($"{typeof(T).Name} holds no tensors, so there is nothing to differentiate by. Put the parameters into Tensor properties.", name);
    }

    /// <summary>f over the leaves of its parameters, with the leaves of its result; <paramref name="result"/> gets the result's build.</summary>
    internal static FSharpFunc<Tensor[], Tensor[]> OverLeaves<TIn, TOut>(Func<TIn, TOut> f, Tree.Parts<TIn> parts, Action<Tree.Parts<TOut>> result, bool withKeys = false) =>
        FuncConvert.FromFunc<Tensor[], Tensor[]>(xs =>
        {
            var y = f(parts.Rebuild(xs)) ?? throw NullResult();
            var apart = withKeys ? Tree.flattenWithKeys(y) : Tree.flatten(y);
            if (apart.Leaves.Length == 0) throw new InvalidOperationException($"the function returned a {typeof(TOut).Name} without tensors, so there is nothing to differentiate. Return a Tensor, or a record, tuple or list of them.");
            result(apart);
            return apart.Leaves;
        });

    /// <summary>The tensor or, for none, zeros like another.</summary>
    internal static Tensor OrZeros(FSharpValueOption<Tensor> d, Tensor like) => d.IsSome ? d.Value : Forward.zerosLike(like);

    internal static FSharpValueOption<Tensor>[] Some(Tensor[] ds) => Array.ConvertAll(ds, FSharpValueOption<Tensor>.NewValueSome);

    internal static Tensor[] Dense(FSharpValueOption<Tensor>[] ds, Tensor[] like)
    {
        var dense = new Tensor[ds.Length];
        for (var k = 0; k < ds.Length; k++) dense[k] = OrZeros(ds[k], like[k]);
        return dense;
    }

    internal static InvalidOperationException NullResult() => new("the function returned null; return the tensor it computed.");
}
