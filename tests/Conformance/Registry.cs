using System;
using System.Collections.Generic;
using DiffLib.Conformance.Bindings;

namespace DiffLib.Conformance;

/// <summary>From the peer's names to calls of this library.</summary>
internal sealed class Registry
{
    private readonly Dictionary<string, Func<Call, Tensor[]>> bindings = new(StringComparer.Ordinal);

    /// <summary>Every binding there is.</summary>
    public static Registry Default { get; } = Build();

    /// <summary>Binds an operation with one result.</summary>
    public void Add(string op, Func<Call, Tensor> call) => bindings.Add(op, c => [call(c)]);

    /// <summary>Binds an operation with several results.</summary>
    public void AddMany(string op, Func<Call, Tensor[]> call) => bindings.Add(op, call);

    /// <summary>The binding of an operation, or null where this library has none.</summary>
    public Func<Call, Tensor[]>? Find(string op) => bindings.TryGetValue(op, out var call) ? call : null;

    private static Registry Build()
    {
        var r = new Registry();
        UnaryBindings.Register(r);
        BinaryBindings.Register(r);
        ReduceBindings.Register(r);
        ShapeBindings.Register(r);
        ShapeIndexingBindings.Register(r);
        MatmulBindings.Register(r);
        LinalgBindings.Register(r);
        EdgeBindings.Register(r);
        CompositeBindings.Register(r);
        NnBindings.Register(r);
        NnWindowBindings.Register(r);
        NnSequenceBindings.Register(r);
        EdgeReduceBindings.Register(r);
        return r;
    }
}

/// <summary>Thrown by a binding for a call with an option that this library does not have: the case counts as not available.</summary>
internal sealed class OptionNotAvailableException(string option) : Exception($"option not available: {option}");
