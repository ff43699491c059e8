using System;
using System.Linq;
using Microsoft.FSharp.Core;

namespace DiffLib.Conformance;

/// <summary>The derivatives that golden cases record, of functions of several tensors with several results; null stands for zero or for "not asked".</summary>
internal static class Differentiation
{
    /// <summary>The results' tangents along those of the inputs.</summary>
    public static Tensor?[] Jvp(Func<Tensor[], Tensor[]> f, Tensor[] xs, Tensor?[] dxs)
    {
        var (_, dys) = Forward.jvp(FuncConvert.FromFunc(f), xs, dxs.Select(Wrap).ToArray());
        return dys.Select(Unwrap).ToArray();
    }

    /// <summary>The results, and the inputs' cotangents for those of the results.</summary>
    public static (Tensor[] Values, Tensor?[] Cotangents) Vjp(Func<Tensor[], Tensor[]> f, Tensor[] xs, Tensor?[] ws)
    {
        var recording = Recording.Of(FuncConvert.FromFunc(f), xs);
        return (recording.Values, recording.Pull(ws.Select(Wrap).ToArray()).Select(Unwrap).ToArray());
    }

    /// <summary>The Hessian of Σ⟨w, f⟩ times the tangents, forward over reverse.</summary>
    public static Tensor?[] HvpForwardOverReverse(Func<Tensor[], Tensor[]> f, Tensor[] xs, Tensor?[] ws, Tensor?[] dxs) =>
        Jvp(Gradient(f, ws), xs, dxs);

    /// <summary>The same, reverse over reverse: the Hessian is symmetric.</summary>
    public static Tensor?[] HvpReverseOverReverse(Func<Tensor[], Tensor[]> f, Tensor[] xs, Tensor?[] ws, Tensor?[] dxs) =>
        Vjp(Gradient(f, ws), xs, dxs).Cotangents;

    private static Func<Tensor[], Tensor[]> Gradient(Func<Tensor[], Tensor[]> f, Tensor?[] ws) =>
        xs => Vjp(f, xs, ws).Cotangents.Select((g, i) => g ?? Zeros(xs[i])).ToArray();

    /// <summary>Zeros like x.</summary>
    public static Tensor Zeros(Tensor x) => Tensor.NewConst(NDArray.Zeros(x.DType, x.Shape));

    private static FSharpValueOption<Tensor> Wrap(Tensor? x) => x is null ? FSharpValueOption<Tensor>.None : FSharpValueOption<Tensor>.Some(x);

    private static Tensor? Unwrap(FSharpValueOption<Tensor> x) => x.IsSome ? x.Value : null;
}
