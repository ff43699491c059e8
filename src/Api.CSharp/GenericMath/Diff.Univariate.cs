using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib;

/// <summary>
/// Derivatives of functions: of ordinary generic C# methods over numbers, and of functions of tensors.
/// </summary>
public static partial class Diff
{
    private const string ClosedMethod =
        "A closed generic method is instantiated again at run time. Where code cannot be generated, pass the bare method name (F, not F<double>) or a struct that implements the function interface.";

    /// <summary>The slope of a function of one number.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IUnivariateFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>The derivative at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    public static T Derivative<TFunction, T>(TFunction f, T at)
        where TFunction : IUnivariateFunction where T : IFloatingPointIeee754<T> =>
        ValueAndDerivative(f, at).Derivative;

    /// <summary>The slope of a function of one number.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>The derivative at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    [OverloadResolutionPriority(-1)]
    public static T Derivative<T>(Func<Dual<T>, Dual<T>> f, T at)
        where T : IFloatingPointIeee754<T> =>
        ValueAndDerivative(f, at).Derivative;

    /// <summary>The slope of a function of one number.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>The derivative at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static T Derivative<T>(Func<T, T> f, T at)
        where T : IFloatingPointIeee754<T> =>
        Derivative(Closed(f), at);

    /// <summary>The value and the slope of a function of one number, by one evaluation.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IUnivariateFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Both, at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    public static (T Value, T Derivative) ValueAndDerivative<TFunction, T>(TFunction f, T at)
        where TFunction : IUnivariateFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        long tag = Tag.Fresh();
        return Split(f.Invoke(new Dual<T>(at, T.One, tag)), tag);
    }

    /// <summary>The value and the slope of a function of one number, by one evaluation.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Both, at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    [OverloadResolutionPriority(-1)]
    public static (T Value, T Derivative) ValueAndDerivative<T>(Func<Dual<T>, Dual<T>> f, T at)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(f);
        long tag = Tag.Fresh();
        return Split(f(new Dual<T>(at, T.One, tag)), tag);
    }

    /// <summary>The value and the slope of a function of one number, by one evaluation.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Both, at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static (T Value, T Derivative) ValueAndDerivative<T>(Func<T, T> f, T at)
        where T : IFloatingPointIeee754<T> =>
        ValueAndDerivative(Closed(f), at);

    /// <summary>The derivative of a given order of a function of one number.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IUnivariateFunction"/>.</param>
    /// <param name="order">How often to differentiate; 0 is the value.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>The derivative of that order at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is negative.</exception>
    public static T NthDerivative<TFunction, T>(TFunction f, int order, T at)
        where TFunction : IUnivariateFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        ArgumentOutOfRangeException.ThrowIfNegative(order);
        return NestedDerivative(f, order, at);
    }

    /// <summary>The derivative of a given order of a function of one number.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="order">How often to differentiate; 0 is the value.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>The derivative of that order at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is negative.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static T NthDerivative<T>(Func<T, T> f, int order, T at)
        where T : IFloatingPointIeee754<T> =>
        NthDerivative(Closed(f), order, at);

    // Order n over T is order n - 1 over Dual<T>, differentiated once more.
    private static T NestedDerivative<TFunction, T>(TFunction f, int order, T at)
        where TFunction : IUnivariateFunction where T : IFloatingPointIeee754<T>
    {
        if (order == 0) return f.Invoke(at);
        if (order == 1) return ValueAndDerivative(f, at).Derivative;
        long tag = Tag.Fresh();
        return Split(NestedDerivative(f, order - 1, new Dual<T>(at, T.One, tag)), tag).Derivative;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T Value, T Derivative) Split<T>(Dual<T> y, long tag) where T : IFloatingPointIeee754<T> =>
        (y.Primal, Tag.Belongs<Dual<T>>(y.Tag, tag) ? y.Tangent : T.Zero);

    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    private static ReboundUnivariate<T> Closed<T>(Func<T, T> f)
    {
        Rebinding.Check(f, typeof(T));
        return new(f);
    }

    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    private static ReboundScalar<T> Closed<T>(ScalarFunction<T> f)
    {
        Rebinding.Check(f, typeof(T));
        return new(f);
    }
}
