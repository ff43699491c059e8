using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace DiffLib.Api.Tests.Surface;

/// <summary>Finds references whose nullness the metadata leaves open.</summary>
internal sealed class Nullness
{
    private readonly NullabilityInfoContext _context = new();

    public IEnumerable<string> Unknown(Type type)
    {
        var own = PublicSurface.IsDelegate(type) ? Unknown(type, type.GetMethod("Invoke")!) : [];
        return own.Concat(PublicSurface.Members(type).Where(m => !PublicSurface.IsSynthesized(m) && !IsObjectsOwn(m)).SelectMany(m => Unknown(type, m)));
    }

    private IEnumerable<string> Unknown(Type type, MemberInfo member)
    {
        var where = $"{type.FullName}.{member.Name}";
        return member switch
        {
            MethodInfo m => Unknown(where, m.GetParameters().Append(m.ReturnParameter)),
            ConstructorInfo c => Unknown(where, c.GetParameters()),
            PropertyInfo p => IsUnknown(_context.Create(p)) ? [where] : [],
            FieldInfo f => !type.IsEnum && IsUnknown(_context.Create(f)) ? [where] : [],
            EventInfo e => IsUnknown(_context.Create(e)) ? [where] : [],
            _ => [],
        };
    }

    private IEnumerable<string> Unknown(string where, IEnumerable<ParameterInfo> parameters) =>
        parameters.Where(p => IsUnknown(_context.Create(p))).Select(p => $"{where}: {(p.Position < 0 ? "the result" : $"parameter {p.Name}")}, {p.ParameterType}");

    private static bool IsUnknown(NullabilityInfo info)
    {
        if (info.ElementType is { } element && IsUnknown(element)) return true;
        if (info.GenericTypeArguments.Any(IsUnknown)) return true;
        var type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        if (type.IsValueType || type.IsGenericParameter || type.IsPointer || type.IsFunctionPointer || type == typeof(void)) return false;
        return info.ReadState == NullabilityState.Unknown && info.WriteState == NullabilityState.Unknown;
    }

    // Equals, GetHashCode and ToString: their nullness is object's.
    private static bool IsObjectsOwn(MemberInfo member) =>
        member is MethodInfo m && m.GetBaseDefinition().DeclaringType == typeof(object);
}
