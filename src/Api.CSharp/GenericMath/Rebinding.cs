using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace DiffLib;

/// <summary>
/// A closed generic method, <c>Energy&lt;double&gt;</c>, made to run over another number type: its definition is looked up
/// behind the delegate and instantiated again. Once for each delegate and number type, then kept as long as the delegate lives.
/// </summary>
internal static class Rebinding
{
    private const string Reason = "Instantiates a generic method at run time.";

    private static class Cache<TDelegate> where TDelegate : Delegate
    {
        public static readonly ConditionalWeakTable<Delegate, TDelegate> Known = [];
    }

    [RequiresDynamicCode(Reason), RequiresUnreferencedCode(Reason)]
    public static TDelegate To<TDelegate, T>(Delegate f, Type number) where TDelegate : Delegate =>
        Cache<TDelegate>.Known.TryGetValue(f, out TDelegate? known)
            ? known
            : Cache<TDelegate>.Known.GetOrAdd(f, closed => Instantiate<TDelegate>(closed, typeof(T), number));

    /// <summary>Refuses, before any work, what cannot be instantiated again.</summary>
    public static void Check(Delegate f, Type current)
    {
        ArgumentNullException.ThrowIfNull(f);
        MethodInfo method = f.Method;
        if (f.HasSingleTarget && method.IsGenericMethod && Array.IndexOf(method.GetGenericArguments(), current) >= 0) return;
        string type = Names.Of(current);
        string what = method.Name.Contains('<', StringComparison.Ordinal) && !method.IsGenericMethod ? "a lambda" : $"{method.Name}, which is not generic in its number type,";
        throw new ArgumentException(
            $"The function is {what} over {type}: its arithmetic is already fixed, so it cannot be differentiated. " +
            $"Write it as a generic method, static T F<T>(...) where T : IFloatingPointIeee754<T>, and pass it by name, F or F<{type}>; " +
            $"or write the lambda over a differentiated number: (Dual<{type}> x) => ... for Derivative, (ReadOnlySpan<Reverse<{type}>> x) => ... for Gradient.",
            nameof(f));
    }

    [RequiresDynamicCode(Reason), RequiresUnreferencedCode(Reason)]
    private static TDelegate Instantiate<TDelegate>(Delegate f, Type current, Type number) where TDelegate : Delegate
    {
        Check(f, current);
        MethodInfo definition = f.Method.GetGenericMethodDefinition();
        Type[] arguments = Array.ConvertAll(f.Method.GetGenericArguments(), argument => argument == current ? number : argument);
        try
        {
            return (TDelegate)Delegate.CreateDelegate(typeof(TDelegate), f.Target, definition.MakeGenericMethod(arguments));
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException(
                $"{definition.Name} cannot be instantiated with {Names.Of(number)}. Its number type may be constrained to interfaces up to " +
                "IFloatingPointIeee754<T> (not IBinaryFloatingPointIeee754<T>, which asks for bitwise operators), and each of its " +
                $"parameters must be that type or a span of it. {e.Message}", nameof(f), e);
        }
    }
}

/// <summary>A closed generic method of one number as a function over every number type.</summary>
internal readonly struct ReboundUnivariate<TClosed>(Func<TClosed, TClosed> f) : IUnivariateFunction
{
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Made only by overloads marked RequiresDynamicCode.")]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Made only by overloads marked RequiresUnreferencedCode.")]
    public T Invoke<T>(T x) where T : IFloatingPointIeee754<T> => Rebinding.To<Func<T, T>, TClosed>(f, typeof(T))(x);
}

/// <summary>A closed generic method of several numbers as a function over every number type.</summary>
internal readonly struct ReboundScalar<TClosed>(ScalarFunction<TClosed> f) : IScalarFunction
{
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Made only by overloads marked RequiresDynamicCode.")]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Made only by overloads marked RequiresUnreferencedCode.")]
    public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> =>
        Rebinding.To<ScalarFunction<T>, TClosed>(f, typeof(T))(x);
}
