using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib;

public static partial class Diff
{
    /// <summary>A generic method of several numbers, recorded at an example point and compiled: value, gradient and Hessian for one input or for many.</summary>
    /// <remarks>See <see cref="CompiledScalarFunction"/> for what becomes of loops and branches.</remarks>
    /// <param name="f">The bare name of a generic method, <c>static T F&lt;T&gt;(ReadOnlySpan&lt;T&gt; x) where T : IFloatingPointIeee754&lt;T&gt;</c> (or a narrower constraint), or a lambda over <see cref="Traced"/>.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <param name="data">How many of the inputs, the last ones, are data: no derivatives are taken by them.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1, the executor is not one, or there are not so many inputs to be data.</exception>
    /// <exception cref="InvalidOperationException">The function does more operations than a program may have.</exception>
    [OverloadResolutionPriority(-1)]
    public static CompiledScalarFunction Compile(ScalarFunction<Traced> f, ReadOnlySpan<double> at, CompileOptions? options = null, int data = 0)
    {
        ArgumentNullException.ThrowIfNull(f);
        return Compiled(x => f(x), at, options, data);
    }

    /// <summary>A function of several numbers, recorded at an example point and compiled: value, gradient and Hessian for one input or for many.</summary>
    /// <remarks>See <see cref="CompiledScalarFunction"/> for what becomes of loops and branches.</remarks>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IScalarFunction"/>.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <param name="data">How many of the inputs, the last ones, are data: no derivatives are taken by them.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1, the executor is not one, or there are not so many inputs to be data.</exception>
    /// <exception cref="InvalidOperationException">The function does more operations than a program may have.</exception>
    public static CompiledScalarFunction Compile<TFunction>(TFunction f, ReadOnlySpan<double> at, CompileOptions? options = null, int data = 0)
        where TFunction : IScalarFunction
    {
        Require.Function(f);
        return Compiled(x => f.Invoke<Traced>(x), at, options, data);
    }

    /// <summary>A closed generic method of several numbers, recorded at an example point and compiled: value, gradient and Hessian for one input or for many.</summary>
    /// <remarks>See <see cref="CompiledScalarFunction"/> for what becomes of loops and branches.</remarks>
    /// <param name="f">A generic method closed over double, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <param name="data">How many of the inputs, the last ones, are data: no derivatives are taken by them.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1, the executor is not one, or there are not so many inputs to be data.</exception>
    /// <exception cref="InvalidOperationException">The function does more operations than a program may have.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static CompiledScalarFunction Compile(ScalarFunction<double> f, ReadOnlySpan<double> at, CompileOptions? options = null, int data = 0) => Compile(Closed(f), at, options, data);

    /// <summary>A generic method of several numbers with several results, recorded at an example point and compiled: results and Jacobian for one input or for many.</summary>
    /// <remarks>See <see cref="CompiledScalarFunction"/> for what becomes of loops and branches.</remarks>
    /// <param name="f">The bare name of a generic method, <c>static T[] F&lt;T&gt;(ReadOnlySpan&lt;T&gt; x) where T : IFloatingPointIeee754&lt;T&gt;</c> (or a narrower constraint), or a lambda over <see cref="Traced"/>.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <param name="data">How many of the inputs, the last ones, are data: no derivatives are taken by them.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1, the executor is not one, or there are not so many inputs to be data.</exception>
    /// <exception cref="InvalidOperationException">The function does more operations than a program may have, or gives different numbers of results.</exception>
    [OverloadResolutionPriority(-1)]
    public static CompiledVectorFunction CompileVector(VectorFunction<Traced> f, ReadOnlySpan<double> at, CompileOptions? options = null, int data = 0)
    {
        ArgumentNullException.ThrowIfNull(f);
        return new(new(x => f(x), at, options ?? new(), data));
    }

    /// <summary>A function of several numbers with several results, recorded at an example point and compiled: results and Jacobian for one input or for many.</summary>
    /// <remarks>See <see cref="CompiledScalarFunction"/> for what becomes of loops and branches.</remarks>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="f">The function, a struct or class that implements <see cref="IVectorFunction"/>.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <param name="data">How many of the inputs, the last ones, are data: no derivatives are taken by them.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1, the executor is not one, or there are not so many inputs to be data.</exception>
    /// <exception cref="InvalidOperationException">The function does more operations than a program may have.</exception>
    public static CompiledVectorFunction CompileVector<TFunction>(TFunction f, ReadOnlySpan<double> at, CompileOptions? options = null, int data = 0)
        where TFunction : IVectorFunction
    {
        Require.Function(f);
        return new(new(x =>
        {
            var y = new Traced[f.OutputLength(x.Length)];
            f.Invoke<Traced>(x, y);
            return y;
        }, at, options ?? new(), data));
    }

    /// <summary>A closed generic method of several numbers with several results, recorded at an example point and compiled: results and Jacobian for one input or for many.</summary>
    /// <remarks>See <see cref="CompiledScalarFunction"/> for what becomes of loops and branches.</remarks>
    /// <param name="f">A generic method closed over double, as in <c>F&lt;double&gt;</c>; it is instantiated again at run time.</param>
    /// <param name="at">An example input: its length is the number of inputs, and the first path is the one taken there.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <param name="data">How many of the inputs, the last ones, are data: no derivatives are taken by them.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="f"/> is a lambda or not generic: its arithmetic is fixed. The message shows the way out.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1, the executor is not one, or there are not so many inputs to be data.</exception>
    /// <exception cref="InvalidOperationException">The function does more operations than a program may have, or gives different numbers of results.</exception>
    [RequiresDynamicCode(ClosedMethod), RequiresUnreferencedCode(ClosedMethod)]
    [OverloadResolutionPriority(-2)]
    public static CompiledVectorFunction CompileVector(VectorFunction<double> f, ReadOnlySpan<double> at, CompileOptions? options = null, int data = 0)
    {
        Rebinding.Check(f, typeof(double));
        return CompileVector(Closed<double, Traced>(f), at, options, data);
    }

    private static CompiledScalarFunction Compiled(Func<Traced[], Traced> f, ReadOnlySpan<double> at, CompileOptions? options, int data) =>
        new(new(x => [f(x)], at, options ?? new(), data, isScalar: true));
}
