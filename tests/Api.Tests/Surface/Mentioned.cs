using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace DiffLib.Api.Tests.Surface;

/// <summary>Every type that a type's signatures name: parents, constraints, parameters, results, and what those are made of.</summary>
internal static class Mentioned
{
    public static IEnumerable<(string Where, Type Type)> InSignatures(Type type)
    {
        var parents = type.GetInterfaces().Where(i => i.IsVisible).Append(type.BaseType).OfType<Type>().Concat(Constraints(type.GetGenericArguments()));
        var own = PublicSurface.IsDelegate(type) ? In(type.GetMethod("Invoke")!) : [];
        return parents.Concat(own).SelectMany(Parts).Select(t => (type.FullName!, t))
            .Concat(PublicSurface.Members(type).SelectMany(m => In(m).SelectMany(Parts).Select(t => ($"{type.FullName}.{m.Name}", t))));
    }

    private static IEnumerable<Type> In(MemberInfo member) => member switch
    {
        MethodInfo m => In(m.GetParameters()).Append(m.ReturnType).Concat(m.IsGenericMethod ? Constraints(m.GetGenericArguments()) : []),
        ConstructorInfo c => In(c.GetParameters()),
        PropertyInfo p => In(p.GetIndexParameters()).Append(p.PropertyType),
        FieldInfo f => [f.FieldType],
        EventInfo e => [e.EventHandlerType!],
        _ => [],
    };

    private static IEnumerable<Type> In(ParameterInfo[] parameters) =>
        parameters.SelectMany(p => p.GetRequiredCustomModifiers().Append(p.ParameterType));

    private static IEnumerable<Type> Constraints(Type[] arguments) =>
        arguments.Where(a => a.IsGenericParameter).SelectMany(a => a.GetGenericParameterConstraints());

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType) return Parts(type.GetElementType()!);
        if (type.IsFunctionPointer) return type.GetFunctionPointerParameterTypes().Append(type.GetFunctionPointerReturnType()).SelectMany(Parts);
        return type.GetGenericArguments().Where(a => a != type).SelectMany(Parts).Prepend(type);
    }
}
