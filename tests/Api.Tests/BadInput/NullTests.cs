using System;
using System.Collections.Generic;
using System.Linq;
using System.Linq.Expressions;
using System.Reflection;
using Xunit;

namespace DiffLib.Api.Tests.BadInput;

/// <summary>null for every reference parameter of every public static and extension method.</summary>
public class NullTests
{
    /// <summary>Methods whose type parameters need a type of the user's own; their nulls are tested where they are.</summary>
    private static bool IsClosable(MethodInfo method) =>
        method.GetGenericArguments().All(a => a.GetGenericParameterConstraints().Length == 0 || a.GetGenericParameterConstraints().All(c => c == typeof(ValueType)));

    private static IEnumerable<MethodInfo> Methods() =>
        from type in typeof(Diff).Assembly.GetExportedTypes().Where(t => t.IsAbstract && t.IsSealed && !t.IsNested).Concat([typeof(Tensor), typeof(TensorIndex), typeof(Shape)])
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where IsClosable(method) && method.Name is not ("op_Equality" or "op_Inequality")
        select method.IsGenericMethodDefinition ? method.MakeGenericMethod([.. method.GetGenericArguments().Select(Argument)]) : method;

    /// <summary>A tensor for a free type parameter; a number for one that must be a value.</summary>
    private static Type Argument(Type parameter) =>
        parameter.GenericParameterAttributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint) ? typeof(double) : typeof(Tensor);

    [Fact]
    public void A_null_argument_is_named()
    {
        var nullness = new NullabilityInfoContext();
        var wrong = new List<string>();
        var tried = 0;
        foreach (var method in Methods())
        {
            var parameters = method.GetParameters();
            for (var k = 0; k < parameters.Length; k++)
            {
                var parameter = parameters[k];
                if (parameter.ParameterType.IsValueType || parameter.ParameterType.IsByRef || nullness.Create(parameter).WriteState == NullabilityState.Nullable) continue;
                var arguments = new object?[parameters.Length];
                for (var i = 0; i < arguments.Length; i++) arguments[i] = i == k ? null : Example(parameters[i]);
                if (Enumerable.Range(0, arguments.Length).Any(i => i != k && arguments[i] is null && !parameters[i].ParameterType.IsValueType && !parameters[i].IsOptional)) continue;
                tried++;
                if (Complaint(method, parameter, arguments) is { } complaint)
                    wrong.Add($"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", parameters.Select(p => p.ParameterType.Name + " " + p.Name))}), {parameter.Name}: {complaint}");
            }
        }

        Assert.True(tried > 200, $"only {tried} parameters were tried");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tried}:\n" + string.Join("\n", wrong));
    }

    [Fact]
    public void Comparison_with_null_is_false_and_not_an_error()
    {
        Shape? none = null, nothing = null;
        var shape = new Shape(2);
        Assert.False(none! == shape || shape == none! || !(none! == nothing!));
        Assert.True(none! != shape && shape != none!);
        Assert.False(shape.Equals(none));
        Assert.False(Tensor.Of(1).Equals((object?)null));
    }

    private static string? Complaint(MethodInfo method, ParameterInfo parameter, object?[] arguments)
    {
        try
        {
            method.Invoke(null, arguments);
            return "nothing was thrown";
        }
        catch (TargetInvocationException e) when (e.InnerException is ArgumentNullException named)
        {
            return named.ParamName == parameter.Name ? null : $"ArgumentNullException, but of {named.ParamName}";
        }
        catch (TargetInvocationException e)
        {
            return $"{e.InnerException!.GetType().Name}: {e.InnerException.Message}";
        }
        catch (NotSupportedException)
        {
            return null; // spans cannot be passed by reflection
        }
    }

    /// <summary>Something that is not null; null where nothing can be made up.</summary>
    private static object? Example(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (parameter.IsOptional && parameter.DefaultValue is not DBNull) return parameter.DefaultValue ?? (type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null);
        if (type == typeof(Tensor)) return Tensor.Of(1, 2);
        if (type == typeof(Shape)) return new Shape(2);
        if (type == typeof(string)) return "i->i";
        if (type.IsArray) return Array.CreateInstance(type.GetElementType()!, 0);
        if (typeof(Delegate).IsAssignableFrom(type)) return Constant(type);
        if (type.IsByRefLike) return null;
        return type.IsValueType ? Activator.CreateInstance(type) : null;
    }

    /// <summary>A delegate that returns a default.</summary>
    private static Delegate? Constant(Type type)
    {
        var invoke = type.GetMethod("Invoke")!;
        if (invoke.ReturnType.IsByRefLike) return null;
        var parameters = invoke.GetParameters().Select(p => Expression.Parameter(p.ParameterType, p.Name)).ToArray();
        return Expression.Lambda(type, Expression.Default(invoke.ReturnType), parameters).Compile();
    }
}
