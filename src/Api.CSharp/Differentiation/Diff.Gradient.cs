using System;
using System.Runtime.CompilerServices;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>Derivatives of functions: functions in, derivatives out, and every verb applies to the result of every other.</summary>
/// <remarks>Parameters may be a <see cref="Tensor"/> or a tree of them: a record, a class whose constructor takes its properties, a tuple, array,
/// list or dictionary, nested at will; derivatives by them have the same type. What is not a tensor in such a tree is kept as it is.
/// A tensor that stands in several places of a tree is one parameter: each place gets the sum. Calls on different threads are independent.</remarks>
public static partial class Diff
{
    /// <summary>The slope f'(x) of a function of one number, by forward mode.</summary>
    /// <param name="f">The function, written with <see cref="Tensor"/> arithmetic; gives one number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The result is not a single number.</exception>
    public static double Derivative(Func<Tensor, Tensor> f, double at) => Derivative(f, Functions.Number(at)).ToDouble();

    /// <summary>The derivative of a function of one number, by forward mode; it has the shape of the function's result.</summary>
    /// <param name="f">The function: one number to any shape.</param>
    /// <param name="at">One number, float64 or float32.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> has more than one element or is not floating point.</exception>
    public static Tensor Derivative(Func<Tensor, Tensor> f, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        return Derivatives.derivative(f.AsFSharp(), at);
    }

    /// <summary>The derivative as a function, to be evaluated or differentiated again.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    public static Func<Tensor, Tensor> Derivative(Func<Tensor, Tensor> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return x => Derivative(f, x);
    }

    /// <summary>f(x) and f'(x) of a function of one number, in one evaluation.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    public static (double Value, double Derivative) ValueAndDerivative(Func<Tensor, Tensor> f, double at)
    {
        var (y, dy) = Jvp(f, Functions.Number(at), Functions.Number(1.0));
        return (y.ToDouble(), dy.ToDouble());
    }

    /// <summary>The derivative of any order of a function of one number, by nested forward mode: the cost doubles with each order.</summary>
    /// <param name="f">The function.</param>
    /// <param name="order">0 gives the function itself.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is negative.</exception>
    public static double NthDerivative(Func<Tensor, Tensor> f, int order, double at) => NthDerivative(f, order, Functions.Number(at)).ToDouble();

    /// <inheritdoc cref="NthDerivative(Func{Tensor, Tensor}, int, double)"/>
    public static Tensor NthDerivative(Func<Tensor, Tensor> f, int order, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        return Derivatives.nthDerivative(order, f.AsFSharp(), at);
    }

    /// <summary>The coefficients f(x), f'(x), f''(x)/2!, ... of the Taylor polynomial at x.</summary>
    /// <param name="f">A function of one number.</param>
    /// <param name="order">The degree of the polynomial: order + 1 coefficients.</param>
    /// <param name="at">The centre.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is negative.</exception>
    public static Tensor[] Taylor(Func<Tensor, Tensor> f, int order, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        return Derivatives.taylor(order, f.AsFSharp(), at);
    }

    /// <summary>The gradient of a function to one number, by reverse mode: it has the shape and element type of <paramref name="at"/>.</summary>
    /// <param name="f">The function; gives a tensor with one element.</param>
    /// <param name="at">Where to differentiate; any shape, float64 or float32.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> is not floating point.</exception>
    /// <exception cref="InvalidOperationException">The result is not a single floating-point number.</exception>
    public static Tensor Gradient(Func<Tensor, Tensor> f, Tensor at) => ValueAndGradient(f, at).Gradient;

    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, Tensor)"/>
    /// <remarks>Goes before the gradient by a tree of parameters, which a plain number is not.</remarks>
    [OverloadResolutionPriority(1)]
    public static Tensor Gradient(Func<Tensor, Tensor> f, double at) => Gradient(f, Functions.Number(at));

    /// <summary>The gradient as a function, to be evaluated or differentiated again.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    public static Func<Tensor, Tensor> Gradient(Func<Tensor, Tensor> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return x => Gradient(f, x);
    }

    /// <summary>Value and gradient of a function to one number, in one evaluation and one sweep.</summary>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, Tensor)"/>
    public static (Tensor Value, Tensor Gradient) ValueAndGradient(Func<Tensor, Tensor> f, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        return Derivatives.valueAndGradient(f.AsFSharp(), at);
    }

    /// <inheritdoc cref="ValueAndGradient(Func{Tensor, Tensor}, Tensor)"/>
    /// <remarks>Goes before the gradient by a tree of parameters, which a plain number is not.</remarks>
    [OverloadResolutionPriority(1)]
    public static (Tensor Value, Tensor Gradient) ValueAndGradient(Func<Tensor, Tensor> f, double at) => ValueAndGradient(f, Functions.Number(at));

    /// <summary>The gradient by a tree of parameters: a value of the same type whose tensors are the partial derivatives.</summary>
    /// <typeparam name="T">A record, class, tuple, array, list or dictionary of tensors, nested at will.</typeparam>
    /// <param name="f">The function; gives a tensor with one element.</param>
    /// <param name="at">The parameters. Integer tensors among them are constants and get zeros.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The parameters hold no tensors.</exception>
    /// <exception cref="NotSupportedException">A part of the parameters holds tensors but cannot be built again.</exception>
    /// <exception cref="InvalidOperationException">The result is not a single floating-point number.</exception>
    public static T Gradient<T>(Func<T, Tensor> f, T at) => ValueAndGradient(f, at).Gradient;

    /// <summary>The gradient by a tree of parameters, as a function.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    public static Func<T, T> Gradient<T>(Func<T, Tensor> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return x => Gradient(f, x);
    }

    /// <summary>Value and gradient by a tree of parameters, in one evaluation and one sweep.</summary>
    /// <inheritdoc cref="Gradient{T}(Func{T, Tensor}, T)"/>
    public static (Tensor Value, T Gradient) ValueAndGradient<T>(Func<T, Tensor> f, T at)
    {
        ArgumentNullException.ThrowIfNull(f);
        var parts = Functions.Apart(at, nameof(at));
        var overLeaves = new Func<Tensor[], Tensor>(xs => f(parts.Rebuild(xs))).AsFSharp();
        var (value, gradients) = Derivatives.valueAndGradients(overLeaves, parts.Leaves);
        return (value, parts.Rebuild(gradients));
    }

    /// <summary>Value and gradient as a function.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    public static Func<T, (Tensor Value, T Gradient)> ValueAndGradient<T>(Func<T, Tensor> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return x => ValueAndGradient(f, x);
    }

    /// <summary>The gradient by two arguments at once.</summary>
    /// <inheritdoc cref="Gradient{T}(Func{T, Tensor}, T)"/>
    public static (T1, T2) Gradient<T1, T2>(Func<T1, T2, Tensor> f, (T1, T2) at) => ValueAndGradient(f, at).Gradient;

    /// <summary>Value and gradient by two arguments at once.</summary>
    /// <inheritdoc cref="Gradient{T}(Func{T, Tensor}, T)"/>
    public static (Tensor Value, (T1, T2) Gradient) ValueAndGradient<T1, T2>(Func<T1, T2, Tensor> f, (T1, T2) at)
    {
        ArgumentNullException.ThrowIfNull(f);
        return ValueAndGradient<(T1, T2)>(p => f(p.Item1, p.Item2), at);
    }

    /// <summary>The gradient by three arguments at once.</summary>
    /// <inheritdoc cref="Gradient{T}(Func{T, Tensor}, T)"/>
    public static (T1, T2, T3) Gradient<T1, T2, T3>(Func<T1, T2, T3, Tensor> f, (T1, T2, T3) at) => ValueAndGradient(f, at).Gradient;

    /// <summary>Value and gradient by three arguments at once.</summary>
    /// <inheritdoc cref="Gradient{T}(Func{T, Tensor}, T)"/>
    public static (Tensor Value, (T1, T2, T3) Gradient) ValueAndGradient<T1, T2, T3>(Func<T1, T2, T3, Tensor> f, (T1, T2, T3) at)
    {
        ArgumentNullException.ThrowIfNull(f);
        return ValueAndGradient<(T1, T2, T3)>(p => f(p.Item1, p.Item2, p.Item3), at);
    }

    /// <summary>Gradient and auxiliary output of a function that gives both: f returns (number, anything).</summary>
    /// <typeparam name="T">The parameters.</typeparam>
    /// <typeparam name="TAux">What else the function gives; tensors in it come out as plain values at this level.</typeparam>
    /// <inheritdoc cref="Gradient{T}(Func{T, Tensor}, T)"/>
    public static (T Gradient, TAux Aux) GradientWithAux<T, TAux>(Func<T, (Tensor Value, TAux Aux)> f, T at)
    {
        var (_, gradient, aux) = ValueAndGradientWithAux(f, at);
        return (gradient, aux);
    }

    /// <summary>Value, gradient and auxiliary output of a function that gives (number, anything).</summary>
    /// <inheritdoc cref="GradientWithAux{T, TAux}(Func{T, ValueTuple{Tensor, TAux}}, T)"/>
    public static (Tensor Value, T Gradient, TAux Aux) ValueAndGradientWithAux<T, TAux>(Func<T, (Tensor Value, TAux Aux)> f, T at)
    {
        ArgumentNullException.ThrowIfNull(f);
        var before = Trace.FreshTag();
        TAux? aux = default;
        var (value, gradient) = ValueAndGradient<T>(x =>
        {
            (var y, aux) = f(x);
            return y;
        }, at);
        var settle = new Func<Tensor, Tensor>(t => Forward.settle(before, t)).AsFSharp();
        return (value, gradient, Tree.map(settle, aux!));
    }

    /// <summary>The value alone, as a constant at every level: no derivative passes through it.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    public static Tensor StopGradient(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Derivatives.stopGradient(x);
    }

    /// <summary>A tree of parameters as constants, or a <see cref="Dual{T}"/> or <see cref="Reverse{T}"/> as one: every derivative it carries, of every level, is dropped. What carries none comes back as it is.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    public static T StopGradient<T>(T parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return parameters is IStoppable<T> number ? number.Stopped : Tree.map(new Func<Tensor, Tensor>(Derivatives.stopGradient).AsFSharp(), parameters);
    }
}
