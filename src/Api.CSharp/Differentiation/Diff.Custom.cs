using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>A differentiable operation of one's own: its value, and its derivative as a linear map forward, backward or both.</summary>
/// <remarks>Everything is written in <see cref="Tensor"/> arithmetic, so derivatives of every order follow. One of <see cref="Push"/> and <see cref="Pull"/>
/// is enough: the other is its transpose, which the library derives. Give both where the second is cheaper or more accurate by hand.
/// The functions must use no value that is being differentiated except their arguments.</remarks>
public sealed class CustomRule
{
    private readonly Custom.UserRule rule;

    /// <summary>Makes the operation.</summary>
    /// <param name="name">Shown in messages.</param>
    /// <param name="value">The value for the inputs.</param>
    /// <param name="push">(inputs, value, tangents of the inputs) to the tangent of the value: linear in the tangents.</param>
    /// <param name="pull">(inputs, value, cotangent of the value) to the cotangents of the inputs, one for each: linear in the cotangent.</param>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> or <paramref name="value"/> is null.</exception>
    /// <exception cref="ArgumentException">Neither push nor pull is given.</exception>
    public CustomRule(string name, Func<Tensor[], Tensor> value, Func<Tensor[], Tensor, Tensor[], Tensor>? push = null, Func<Tensor[], Tensor, Tensor, Tensor[]>? pull = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        if (push is null && pull is null) throw new ArgumentException($"{name}: neither push nor pull is given; one of them is needed. For a function without derivative use Diff.StopGradient.", nameof(pull));
        Name = name;
        Push = push;
        Pull = pull;
        Value = value;
        rule = new Custom.UserRule(
            name,
            value.AsFSharp(),
            push is null ? FSharpOption<FSharpFunc<Tensor[], FSharpFunc<Tensor, FSharpFunc<Tensor[], Tensor>>>>.None : FuncConvert.FromFunc(push),
            pull is null ? FSharpOption<FSharpFunc<Tensor[], FSharpFunc<Tensor, FSharpFunc<Tensor, Tensor[]>>>>.None : FuncConvert.FromFunc(pull));
    }

    /// <summary>The name shown in messages.</summary>
    public string Name { get; }

    /// <summary>The value for the inputs.</summary>
    public Func<Tensor[], Tensor> Value { get; }

    /// <summary>Tangents forward, if given by hand.</summary>
    public Func<Tensor[], Tensor, Tensor[], Tensor>? Push { get; }

    /// <summary>Cotangents back, if given by hand.</summary>
    public Func<Tensor[], Tensor, Tensor, Tensor[]>? Pull { get; }

    /// <summary>Applies the operation.</summary>
    /// <param name="inputs">As many as the functions expect.</param>
    /// <exception cref="ArgumentNullException">An input is null.</exception>
    /// <exception cref="InvalidOperationException">A rule gave a wrong shape or number of results, or used a value being differentiated that it was not given.</exception>
    public Tensor Apply(params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        foreach (var input in inputs) ArgumentNullException.ThrowIfNull(input, nameof(inputs));
        return Tensor.Apply(rule, inputs)[0];
    }
}

public static partial class Diff
{
    /// <summary>A function of one tensor with its own derivative rule.</summary>
    /// <param name="value">x to y.</param>
    /// <param name="push">(x, y, dx) to dy, linear in dx; null: the transpose of <paramref name="pull"/>.</param>
    /// <param name="pull">(x, y, w) to the cotangent of x, linear in w; null: the transpose of <paramref name="push"/>.</param>
    /// <param name="name">Shown in messages.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    /// <exception cref="ArgumentException">Neither push nor pull is given.</exception>
    public static Func<Tensor, Tensor> WithRule(Func<Tensor, Tensor> value, Func<Tensor, Tensor, Tensor, Tensor>? push = null, Func<Tensor, Tensor, Tensor, Tensor>? pull = null, string name = "custom")
    {
        ArgumentNullException.ThrowIfNull(value);
        var rule = new CustomRule(
            name,
            xs => value(xs[0]),
            push is null ? null : (xs, y, dxs) => push(xs[0], y, dxs[0]),
            pull is null ? null : (xs, y, w) => [pull(xs[0], y, w)]);
        return x => rule.Apply(x);
    }

    /// <summary>The same function, computed again in the backward sweep instead of remembered: only its inputs and results are kept.</summary>
    /// <remarks>Inside <c>Diff.Compile</c> it stays one call, so that what is computed again is not taken from where it was computed first.</remarks>
    /// <typeparam name="TIn">A tensor or a tree of tensors: everything differentiable that the function uses.</typeparam>
    /// <typeparam name="TOut">A tensor or a tree of tensors.</typeparam>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="InvalidOperationException">When called: the function uses a value being differentiated that it was not given.</exception>
    public static Func<TIn, TOut> Checkpoint<TIn, TOut>(Func<TIn, TOut> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return x =>
        {
            var parts = Functions.Apart(x, nameof(x));
            Tree.Parts<TOut>? result = null;
            var ys = ControlFlow.checkpoint(Functions.OverLeaves<TIn, TOut>(f, parts, r => result ??= r), parts.Leaves);
            return result!.Rebuild(ys);
        };
    }
}
