using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>Which mode a Jacobian is computed by.</summary>
public enum JacobianMode
{
    /// <summary>Reverse where the result has no more elements than the input, else forward.</summary>
    Automatic,
    /// <summary>Column by column: one push for each element of the input.</summary>
    Forward,
    /// <summary>Row by row: one pull for each element of the result.</summary>
    Reverse,
}

public static partial class Diff
{
    /// <summary>Forward mode: the value of f, and its derivative along a tangent (the Jacobian-vector product).</summary>
    /// <typeparam name="TIn">A tensor or a tree of tensors.</typeparam>
    /// <typeparam name="TOut">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">The function.</param>
    /// <param name="at">Where to differentiate; integer tensors in it are constants.</param>
    /// <param name="tangent">Built like <paramref name="at"/>, with the same shapes.</param>
    /// <returns>The value, and a tangent built like it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The tangent's build or a shape differs from that of <paramref name="at"/>.</exception>
    public static (TOut Value, TOut Tangent) Jvp<TIn, TOut>(Func<TIn, TOut> f, TIn at, TIn tangent)
    {
        ArgumentNullException.ThrowIfNull(f);
        var parts = Functions.Apart(at, nameof(at));
        ArgumentNullException.ThrowIfNull(tangent);
        var aligned = parts.Align(nameof(tangent), Tree.flatten(tangent));
        var tangents = new FSharpValueOption<Tensor>[aligned.Length];
        for (var k = 0; k < aligned.Length; k++)
            tangents[k] = parts.Leaves[k].DType is DType.Float64 or DType.Float32 ? FSharpValueOption<Tensor>.NewValueSome(aligned[k]) : FSharpValueOption<Tensor>.ValueNone;
        Tree.Parts<TOut>? result = null;
        var (values, pushed) = Forward.jvp(Functions.OverLeaves(f, parts, r => result = r), parts.Leaves, tangents);
        return (result!.Rebuild(values), result.Rebuild(Functions.Dense(pushed, values)));
    }

    /// <summary>Reverse mode: the value of f, and the map from a cotangent of the result to one of the input (the vector-Jacobian product).</summary>
    /// <typeparam name="TIn">A tensor or a tree of tensors.</typeparam>
    /// <typeparam name="TOut">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">The function; evaluated once, whatever the number of pulls.</param>
    /// <param name="at">Where to differentiate; integer tensors in it are constants and get zeros.</param>
    /// <returns>The value, and the map; it takes cotangents built like the value.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static (TOut Value, Func<TOut, TIn> Pull) Vjp<TIn, TOut>(Func<TIn, TOut> f, TIn at)
    {
        ArgumentNullException.ThrowIfNull(f);
        var (parts, result, recording) = Record(f, at);
        return (result.Rebuild(recording.Values), cotangent =>
        {
            ArgumentNullException.ThrowIfNull(cotangent);
            var aligned = result.Align(nameof(cotangent), Tree.flatten(cotangent));
            return parts.Rebuild(Functions.Dense(recording.Pull(Functions.Some(aligned)), parts.Leaves));
        }
        );
    }

    /// <summary>The value of f, and its derivative at that point as a linear function of a tangent; f is evaluated once, whatever the number of tangents.</summary>
    /// <inheritdoc cref="Vjp{TIn, TOut}(Func{TIn, TOut}, TIn)"/>
    /// <returns>The value, and the linear map; it takes tangents built like <paramref name="at"/>.</returns>
    public static (TOut Value, Func<TIn, TOut> Push) Linearize<TIn, TOut>(Func<TIn, TOut> f, TIn at)
    {
        ArgumentNullException.ThrowIfNull(f);
        var (parts, result, recording) = Record(f, at);
        return (result.Rebuild(recording.Values), tangent =>
        {
            ArgumentNullException.ThrowIfNull(tangent);
            var aligned = parts.Align(nameof(tangent), Tree.flatten(tangent));
            return result.Rebuild(Functions.Dense(recording.Push(Functions.Some(aligned)), recording.Values));
        }
        );
    }

    /// <summary>The Jacobian: the shape of the result followed by the shape of <paramref name="at"/>.</summary>
    /// <param name="f">Any shape to any shape.</param>
    /// <param name="at">Where to differentiate; float64 or float32.</param>
    /// <param name="mode">The mode; by default the cheaper one.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> is not floating point.</exception>
    /// <exception cref="InvalidOperationException">The result is not floating point, or both ranks together exceed 8.</exception>
    public static Tensor Jacobian(Func<Tensor, Tensor> f, Tensor at, JacobianMode mode = JacobianMode.Automatic)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        return mode switch
        {
            JacobianMode.Forward => Derivatives.jacobianForward(f.AsFSharp(), at),
            JacobianMode.Reverse => Derivatives.jacobianReverse(f.AsFSharp(), at),
            JacobianMode.Automatic => Derivatives.jacobian(f.AsFSharp(), at),
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "the modes are Automatic, Forward and Reverse."),
        };
    }

    /// <summary>The Jacobian as a function.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    public static Func<Tensor, Tensor> Jacobian(Func<Tensor, Tensor> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return x => Jacobian(f, x);
    }

    /// <summary>Value and Jacobian, with one evaluation of f.</summary>
    /// <inheritdoc cref="Jacobian(Func{Tensor, Tensor}, Tensor, JacobianMode)"/>
    public static (Tensor Value, Tensor Jacobian) ValueAndJacobian(Func<Tensor, Tensor> f, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        return Derivatives.valueAndJacobian(f.AsFSharp(), at);
    }

    /// <summary>The Hessian of a function to one number: the shape of <paramref name="at"/> twice.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> is not floating point.</exception>
    /// <exception cref="InvalidOperationException">The result is not a single floating-point number.</exception>
    public static Tensor Hessian(Func<Tensor, Tensor> f, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        return Derivatives.hessian(f.AsFSharp(), at);
    }

    /// <summary>The Hessian as a function.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    public static Func<Tensor, Tensor> Hessian(Func<Tensor, Tensor> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return x => Hessian(f, x);
    }

    /// <summary>The Hessian times a direction, by forward over reverse: the cost of a few gradients, whatever the size.</summary>
    /// <param name="f">A function to one number.</param>
    /// <param name="at">Where to differentiate: a tensor or a tree of tensors.</param>
    /// <param name="direction">Built like <paramref name="at"/>.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The direction's build or a shape differs from that of <paramref name="at"/>.</exception>
    /// <exception cref="InvalidOperationException">The result is not a single floating-point number.</exception>
    public static T Hvp<T>(Func<T, Tensor> f, T at, T direction) => GradientAndHvp(f, at, direction).Hvp;

    /// <summary>Gradient, and the Hessian times a direction, together.</summary>
    /// <inheritdoc cref="Hvp{T}(Func{T, Tensor}, T, T)"/>
    public static (T Gradient, T Hvp) GradientAndHvp<T>(Func<T, Tensor> f, T at, T direction) => Jvp(Gradient(f), at, direction);

    /// <summary>The Laplacian Σ ∂²f/∂xᵢ² of a function to one number, without forming the Hessian.</summary>
    /// <inheritdoc cref="Hessian(Func{Tensor, Tensor}, Tensor)"/>
    public static Tensor Laplacian(Func<Tensor, Tensor> f, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        return Derivatives.laplacian(f.AsFSharp(), at);
    }

    /// <summary>The divergence Σ ∂Fᵢ/∂xᵢ of a field with as many components as arguments.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">The field's shape differs from that of <paramref name="at"/>.</exception>
    public static Tensor Divergence(Func<Tensor, Tensor> field, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(at);
        return Derivatives.divergence(field.AsFSharp(), at);
    }

    /// <summary>The curl of a field in three dimensions, shape [3].</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> is not of shape [3].</exception>
    /// <exception cref="InvalidOperationException">The field does not give three components.</exception>
    public static Tensor Curl(Func<Tensor, Tensor> field, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(at);
        return Derivatives.curl(field.AsFSharp(), at);
    }

    private static (Tree.Parts<TIn> Parts, Tree.Parts<TOut> Result, Recording Recording) Record<TIn, TOut>(Func<TIn, TOut> f, TIn at)
    {
        var parts = Functions.Apart(at, nameof(at));
        Tree.Parts<TOut>? result = null;
        var recording = Recording.Of(Functions.OverLeaves(f, parts, r => result = r), parts.Leaves);
        return (parts, result!, recording);
    }
}
