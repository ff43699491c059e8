using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>What the facade needs to speak with the core.</summary>
internal static class Facade
{
    /// <summary>An optional value of the core from one that may be null.</summary>
    public static FSharpValueOption<T> Option<T>(T? value) where T : class =>
        value is null ? FSharpValueOption<T>.None : FSharpValueOption<T>.Some(value);
}
