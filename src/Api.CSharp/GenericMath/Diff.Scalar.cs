using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib;

public static partial class Diff
{
    /// <summary>The gradient of a function of several numbers: by forward passes with several tangents where there are few inputs, else by one reverse sweep.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>The derivatives with respect to each input, as many as <paramref name="at"/> has.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    public static T[] Gradient<TFunction, T>(TFunction f, ReadOnlySpan<T> at)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        var gradient = new T[at.Length];
        ScalarDerivatives.Gradient(f, at, gradient);
        return gradient;
    }

    /// <summary>The gradient of a function of several numbers, by one reverse sweep.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>The derivatives with respect to each input, as many as <paramref name="at"/> has.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    [OverloadResolutionPriority(-1)]
    public static T[] Gradient<T>(ScalarFunction<Reverse<T>> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T> =>
        ValueAndGradient(f, at).Gradient;

    /// <summary>The gradient of a function of several numbers: by forward passes with several tangents where there are few inputs, else by one reverse sweep.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>The derivatives with respect to each input, as many as <paramref name="at"/> has.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static T[] Gradient<T>(ScalarFunction<T> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T> =>
        Gradient(Closed(f), at);

    /// <summary>The value and the gradient of a function of several numbers, together.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Both, at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    public static (T Value, T[] Gradient) ValueAndGradient<TFunction, T>(TFunction f, ReadOnlySpan<T> at)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        var gradient = new T[at.Length];
        return (ValueAndGradient(f, at, gradient), gradient);
    }

    /// <summary>The value and the gradient of a function of several numbers, written into a span: repeated calls allocate nothing.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="gradient">Receives the gradient; as long as <paramref name="at"/>, and may be the same memory.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static T ValueAndGradient<TFunction, T>(TFunction f, ReadOnlySpan<T> at, Span<T> gradient)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        Require.Length(nameof(gradient), gradient.Length, nameof(at), at.Length);
        return ScalarDerivatives.Gradient(f, at, gradient);
    }

    /// <summary>The value and the gradient of a function of several numbers, by one reverse sweep.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Both, at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    [OverloadResolutionPriority(-1)]
    public static (T Value, T[] Gradient) ValueAndGradient<T>(ScalarFunction<Reverse<T>> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T>
    {
        var gradient = new T[at.Length];
        return (ValueAndGradient(f, at, gradient), gradient);
    }

    /// <summary>The value and the gradient of a function of several numbers, by one reverse sweep, written into a span: repeated calls allocate nothing.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="gradient">Receives the gradient; as long as <paramref name="at"/>, and may be the same memory.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    [OverloadResolutionPriority(-1)]
    public static T ValueAndGradient<T>(ScalarFunction<Reverse<T>> f, ReadOnlySpan<T> at, Span<T> gradient)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(f);
        Require.Length(nameof(gradient), gradient.Length, nameof(at), at.Length);
        return ScalarDerivatives.ByReverse<ScalarOf<Reverse<T>>, T>(new(f), at, gradient);
    }

    /// <summary>The value and the gradient of a function of several numbers, together.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Both, at the point.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static (T Value, T[] Gradient) ValueAndGradient<T>(ScalarFunction<T> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T> =>
        ValueAndGradient(Closed(f), at);

    /// <summary>The derivative of a function of several numbers along a direction, by one forward evaluation.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="direction">The direction, as long as <paramref name="at"/>; it is not normalised.</param>
    /// <returns>The gradient times the direction.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static T DirectionalDerivative<TFunction, T>(TFunction f, ReadOnlySpan<T> at, ReadOnlySpan<T> direction)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        Require.Length(nameof(direction), direction.Length, nameof(at), at.Length);
        return ScalarDerivatives.Along<ScalarOf<TFunction, Dual<T>>, T>(new(f), at, direction).Derivative;
    }

    /// <summary>The derivative of a function of several numbers along a direction, by one forward evaluation.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="direction">The direction, as long as <paramref name="at"/>; it is not normalised.</param>
    /// <returns>The gradient times the direction.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    [OverloadResolutionPriority(-1)]
    public static T DirectionalDerivative<T>(ScalarFunction<Dual<T>> f, ReadOnlySpan<T> at, ReadOnlySpan<T> direction)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(f);
        Require.Length(nameof(direction), direction.Length, nameof(at), at.Length);
        return ScalarDerivatives.Along<ScalarOf<Dual<T>>, T>(new(f), at, direction).Derivative;
    }

    /// <summary>The derivative of a function of several numbers along a direction, by one forward evaluation.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="direction">The direction, as long as <paramref name="at"/>; it is not normalised.</param>
    /// <returns>The gradient times the direction.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static T DirectionalDerivative<T>(ScalarFunction<T> f, ReadOnlySpan<T> at, ReadOnlySpan<T> direction)
        where T : IFloatingPointIeee754<T> =>
        DirectionalDerivative(Closed(f), at, direction);

    /// <summary>The matrix of second derivatives of a function of several numbers, forward over reverse.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Second derivatives: row i, column j with respect to inputs i and j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    public static T[,] Hessian<TFunction, T>(TFunction f, ReadOnlySpan<T> at)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        var target = new JacobianTarget<T>(at.Length);
        target.Expect(at.Length);
        ScalarDerivatives.Hessian(f, at, target.Cells);
        return target.Array!;
    }

    /// <summary>The matrix of second derivatives of a function of several numbers, forward over reverse, written row by row into a span: repeated calls over double or float allocate nothing.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="hessian">Receives the matrix, row by row; as long as the square of the number of inputs.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static void Hessian<TFunction, T>(TFunction f, ReadOnlySpan<T> at, Span<T> hessian)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        Require.Length(nameof(hessian), hessian.Length, "the square of at", checked(at.Length * at.Length));
        ScalarDerivatives.Hessian(f, at, hessian);
    }

    /// <summary>The matrix of second derivatives of a function of several numbers, forward over reverse.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Second derivatives: row i, column j with respect to inputs i and j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    [OverloadResolutionPriority(-1)]
    public static T[,] Hessian<T>(ScalarFunction<Reverse<Dual<T>>> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(f);
        var target = new JacobianTarget<T>(at.Length);
        target.Expect(at.Length);
        ScalarDerivatives.HessianByColumns<ScalarOf<Reverse<Dual<T>>>, T>(new(f), at, target.Cells);
        return target.Array!;
    }

    /// <summary>The matrix of second derivatives of a function of several numbers, forward over reverse.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <returns>Second derivatives: row i, column j with respect to inputs i and j.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static T[,] Hessian<T>(ScalarFunction<T> f, ReadOnlySpan<T> at)
        where T : IFloatingPointIeee754<T> =>
        Hessian(Closed(f), at);

    /// <summary>The matrix of second derivatives times a direction, forward over reverse: the matrix is never made.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="direction">The direction, as long as <paramref name="at"/>; it is not normalised.</param>
    /// <returns>The derivative of the gradient along the direction.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static T[] Hvp<TFunction, T>(TFunction f, ReadOnlySpan<T> at, ReadOnlySpan<T> direction)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        var product = new T[at.Length];
        Hvp(f, at, direction, product);
        return product;
    }

    /// <summary>The matrix of second derivatives times a direction, written into a span: repeated calls allocate nothing.</summary>
    /// <typeparam name="TFunction">The function's type; a struct is inlined.</typeparam>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="direction">The direction, as long as <paramref name="at"/>; it is not normalised.</param>
    /// <param name="product">Receives the product; as long as <paramref name="at"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public static void Hvp<TFunction, T>(TFunction f, ReadOnlySpan<T> at, ReadOnlySpan<T> direction, Span<T> product)
        where TFunction : IScalarFunction where T : IFloatingPointIeee754<T>
    {
        Require.Function(f);
        Require.Length(nameof(direction), direction.Length, nameof(at), at.Length);
        Require.Length(nameof(product), product.Length, nameof(at), at.Length);
        ScalarDerivatives.HessianProduct<ScalarOf<TFunction, Reverse<Dual<T>>>, T>(new(f), at, direction, product);
    }

    /// <summary>The matrix of second derivatives times a direction, forward over reverse: the matrix is never made.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">The function: the bare name of a generic method, or a lambda over the differentiated number.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="direction">The direction, as long as <paramref name="at"/>; it is not normalised.</param>
    /// <returns>The derivative of the gradient along the direction.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    [OverloadResolutionPriority(-1)]
    public static T[] Hvp<T>(ScalarFunction<Reverse<Dual<T>>> f, ReadOnlySpan<T> at, ReadOnlySpan<T> direction)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(f);
        Require.Length(nameof(direction), direction.Length, nameof(at), at.Length);
        var product = new T[at.Length];
        ScalarDerivatives.HessianProduct<ScalarOf<Reverse<Dual<T>>>, T>(new(f), at, direction, product);
        return product;
    }

    /// <summary>The matrix of second derivatives times a direction, forward over reverse: the matrix is never made.</summary>
    /// <typeparam name="T">The number type: double, float, or a differentiated number when derivatives nest.</typeparam>
    /// <param name="f">A generic method closed over <typeparamref name="T"/>, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="direction">The direction, as long as <paramref name="at"/>; it is not normalised.</param>
    /// <returns>The derivative of the gradient along the direction.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="DerivativeScopeException">Numbers of another derivative call, or of an earlier one, met this call's.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static T[] Hvp<T>(ScalarFunction<T> f, ReadOnlySpan<T> at, ReadOnlySpan<T> direction)
        where T : IFloatingPointIeee754<T> =>
        Hvp(Closed(f), at, direction);
}
