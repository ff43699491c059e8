using System;
using System.Collections.Generic;
using System.Linq;

namespace DiffLib.Conformance;

/// <summary>A case made ready to run: its function of the differentiable inputs, and the tensors that go in.</summary>
internal sealed class Attempt
{
    private readonly Case source;
    private readonly Func<Call, Tensor[]> binding;
    private readonly Tensor[] inputs;
    private readonly int[] places;
    private Tensor[]? values;

    public Attempt(Case source, Func<Call, Tensor[]> binding, DType floats)
    {
        this.source = source;
        this.binding = binding;
        var (tensors, differentiable) = source.Inputs();
        inputs = tensors.Select(t => t.ToTensor(floats)).ToArray();
        places = Enumerable.Range(0, inputs.Length).Where(i => differentiable[i]).ToArray();
        Active = places.Select(i => inputs[i]).ToArray();
        Cotangents = (source.Tensors("cotangents") ?? []).Select(t => t?.ToTensor(floats)).ToArray();
        var tangents = source.Tensors("tangents") ?? new Recorded?[inputs.Length];
        Tangents = places.Select(i => tangents[i]?.ToTensor(floats)).ToArray();
    }

    /// <summary>The differentiable inputs.</summary>
    public Tensor[] Active { get; }

    /// <summary>Their tangents.</summary>
    public Tensor?[] Tangents { get; }

    /// <summary>The cotangents of the outputs.</summary>
    public Tensor?[] Cotangents { get; }

    /// <summary>All inputs, differentiable or not.</summary>
    public Tensor[] All => inputs;

    /// <summary>The outputs for the differentiable inputs, with the wrappers of the case.</summary>
    public Tensor[] Function(Tensor[] active) => FunctionOfAll(Inserted(active));

    /// <summary>The outputs for all inputs.</summary>
    public Tensor[] FunctionOfAll(Tensor[] all) => Wrappers.Post(source.Text("post"), binding(source.CallWith(Wrappers.Pre(source.Text("pre"), all))));

    /// <summary>All inputs with these as the differentiable ones; the others are those of the case or of a list.</summary>
    public Tensor[] Inserted(Tensor[] active, Tensor[]? others = null)
    {
        var all = (Tensor[])(others ?? inputs).Clone();
        for (var k = 0; k < places.Length; k++) all[places[k]] = active[k];
        return all;
    }

    /// <summary>The differentiable ones of a list of all inputs.</summary>
    public Tensor[] ActiveOf(Tensor[] all) => Array.ConvertAll(places, i => all[i]);

    /// <summary>The outputs for the recorded inputs.</summary>
    public Tensor[] Values() => values ??= Function(Active);

    /// <summary>One tensor per input from one per differentiable input; zeros where there is none.</summary>
    public Tensor[] Spread(IReadOnlyList<Tensor?> active)
    {
        var all = inputs.Select(Differentiation.Zeros).ToArray();
        for (var k = 0; k < places.Length; k++)
            if (active[k] is { } g) all[places[k]] = g;
        return all;
    }
}
