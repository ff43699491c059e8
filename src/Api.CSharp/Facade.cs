using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>What the facade needs to speak with the core.</summary>
internal static class Facade
{
    /// <summary>An optional value of the core from one that may be null.</summary>
    public static FSharpValueOption<T> Option<T>(T? value) where T : class =>
        value is null ? FSharpValueOption<T>.None : FSharpValueOption<T>.Some(value);

    /// <summary>The truth value of a tensor with one element.</summary>
    public static bool Truth(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Count == 1
            ? x.ToDouble() != 0
            : throw new InvalidOperationException($"a condition needs one truth value, but the tensor has shape {x.Shape}. Reduce it with All or Any, or choose elementwise with Tensor.Where.");
    }
}
