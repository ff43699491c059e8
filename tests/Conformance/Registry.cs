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

    /// <summary>Binds an operation in one group only: where the cases of that group need a corner of something that this library does not have as such.</summary>
    public void AddIn(string group, string op, Func<Call, Tensor> call) => bindings.Add(group + ":" + op, c => [call(c)]);

    /// <summary>The binding of an operation, or null where this library has none.</summary>
    public Func<Call, Tensor[]>? Find(string op) => bindings.TryGetValue(op, out var call) ? call : null;

    /// <summary>The binding for a case: that of its group, else that of its operation.</summary>
    public Func<Call, Tensor[]>? Find(Case c) => Find(c.Group + ":" + c.Op) ?? Find(c.Op);

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
        EdgeReduceBindings.Register(r);
        return r;
    }
}
