using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace DiffLib.Api.Tests.Surface;

/// <summary>Writes types and members one a line, close to C#, for the reviewed text files.</summary>
internal sealed class Signature
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(char)] = "char",
        [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long",
        [typeof(ulong)] = "ulong", [typeof(nint)] = "nint", [typeof(nuint)] = "nuint", [typeof(float)] = "float", [typeof(double)] = "double",
        [typeof(decimal)] = "decimal", [typeof(string)] = "string", [typeof(object)] = "object",
    };

    private readonly NullabilityInfoContext _nullability = new();

    /// <summary>One heading a type, one indented line a member, in a stable order.</summary>
    public string Describe(Assembly assembly) =>
        string.Concat(PublicSurface.Types(assembly).Select(DescribeType));

    private string DescribeType(Type type)
    {
        var members = PublicSurface.Members(type).Where(m => !PublicSurface.IsSynthesized(m)).Select(Describe).Order(StringComparer.Ordinal).Select(line => "    " + line + "\n");
        return Heading(type) + "\n" + string.Concat(members) + "\n";
    }

    private string Heading(Type type)
    {
        if (type.IsEnum) return $"enum {Name(type)} : {Name(type.GetEnumUnderlyingType())}";
        var parents = type.GetInterfaces().Where(i => i.IsVisible).Select(i => Name(i)).Order(StringComparer.Ordinal).ToList();
        if (type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && !PublicSurface.IsDelegate(type)) parents.Insert(0, Name(b));
        var kind = Kind(type);
        if (type.GetMethod("Invoke") is { } invoke && kind == "delegate") return $"delegate {Name(type)}{Parameters(invoke)} : {Returned(invoke)}{Constraints(type.GetGenericArguments())}";
        return $"{kind} {Name(type)}" + (parents.Count > 0 ? " : " + string.Join(", ", parents) : "") + Constraints(type.GetGenericArguments());
    }

    private static string Kind(Type type)
    {
        if (PublicSurface.IsDelegate(type)) return "delegate";
        if (type.IsInterface) return "interface";
        if (type.IsValueType) return type.IsByRefLike ? "ref struct" : "struct";
        return type switch { { IsAbstract: true, IsSealed: true } => "static class", { IsSealed: true } => "sealed class", { IsAbstract: true } => "abstract class", _ => "class" };
    }

    private string Describe(MemberInfo member) => member switch
    {
        ConstructorInfo c => $"{Modifiers(c)}new{Parameters(c)}",
        MethodInfo m => $"{Modifiers(m)}{m.Name}{TypeParameters(m)}{Parameters(m)} : {Returned(m)}{(m.IsGenericMethod ? Constraints(m.GetGenericArguments()) : "")}",
        PropertyInfo p => Describe(p),
        FieldInfo f => Describe(f),
        EventInfo e => $"event {e.Name} : {Name(e.EventHandlerType!)}",
        _ => member.ToString()!,
    };

    private string Describe(PropertyInfo p)
    {
        var accessors = string.Concat(new[] { ("get", p.GetMethod), (IsInit(p) ? "init" : "set", p.SetMethod) }
            .Where(a => a.Item2 is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true }).Select(a => a.Item1 + "; "));
        var index = p.GetIndexParameters() is { Length: > 0 } ps ? "[" + string.Join(", ", ps.Select(Describe)) + "]" : "";
        return $"{Modifiers(p.GetMethod ?? p.SetMethod!)}{p.Name}{index} : {Name(p.PropertyType, _nullability.Create(p))} {{ {accessors}}}";
    }

    private string Describe(FieldInfo f)
    {
        if (f.DeclaringType!.IsEnum) return $"{f.Name} = {f.GetRawConstantValue()}";
        var how = f.IsLiteral ? "const " : (f.IsStatic ? "static " : "") + (f.IsInitOnly ? "readonly " : "");
        return $"{how}{f.Name} : {Name(f.FieldType, _nullability.Create(f))}" + (f.IsLiteral ? $" = {Literal(f.GetRawConstantValue())}" : "");
    }

    private static bool IsInit(PropertyInfo p) =>
        p.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit") == true;

    private static string Modifiers(MethodBase m)
    {
        var access = m.IsPublic ? "" : "protected ";
        if (m.IsStatic) return access + (m.IsAbstract ? "static abstract " : m.IsVirtual ? "static virtual " : "static ");
        if (m is not MethodInfo info || !m.IsVirtual || m.IsFinal) return access;
        if (info.GetBaseDefinition() != info) return access + "override ";
        return access + (m.IsAbstract ? "abstract " : "virtual ");
    }

    private static string TypeParameters(MethodInfo m) =>
        m.IsGenericMethod ? "<" + string.Join(", ", m.GetGenericArguments().Select(a => a.Name)) + ">" : "";

    private string Parameters(MethodBase m) =>
        (m.IsDefined(typeof(ExtensionAttribute)) ? "(this " : "(") + string.Join(", ", m.GetParameters().Select(Describe)) + ")";

    private string Returned(MethodInfo m) => Name(m.ReturnType, _nullability.Create(m.ReturnParameter));

    private string Describe(ParameterInfo p)
    {
        var how = p.ParameterType.IsByRef ? (p.IsOut ? "out " : p.IsIn ? "in " : "ref ") : p.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        var type = p.ParameterType.IsByRef ? p.ParameterType.GetElementType()! : p.ParameterType;
        return $"{how}{Name(type, _nullability.Create(p))} {p.Name}" + (p.HasDefaultValue ? $" = {Literal(p.RawDefaultValue)}" : p.IsOptional ? " = default" : "");
    }

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string s => $"\"{s}\"",
        bool b => b ? "true" : "false",
        IFormattable f => f.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private string Name(Type type, NullabilityInfo? nullability = null)
    {
        var mark = nullability is { ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable } && !type.IsValueType ? "?" : "";
        if (type.IsArray) return $"{Name(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        if (type.IsByRef) return "ref " + Name(type.GetElementType()!);
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (type.IsGenericParameter) return type.Name + mark;
        if (Nullable.GetUnderlyingType(type) is { } value) return Name(value) + "?";
        return (Keywords.TryGetValue(type, out var keyword) ? keyword : FullName(type, nullability)) + mark;
    }

    // Generic arguments of an outer type come first in the inner type's list: shown once, on the innermost.
    private string FullName(Type type, NullabilityInfo? nullability)
    {
        var plain = (type.Namespace is { Length: > 0 } space ? space + "." : "")
            + string.Join(".", Chain(type).Select(t => t.Name.Split('`')[0]));
        var arguments = type.GetGenericArguments();
        if (arguments.Length == 0) return plain;
        var marks = nullability?.GenericTypeArguments is { } ms && ms.Length == arguments.Length ? ms : null;
        return plain + "<" + string.Join(", ", arguments.Select((a, i) => Name(a, marks?[i]))) + ">";
    }

    private static IEnumerable<Type> Chain(Type type) =>
        type.DeclaringType is { } outer ? Chain(outer).Append(type) : [type];

    private string Constraints(Type[] parameters)
    {
        var all = parameters.Where(p => p.IsGenericParameter).Select(p => (p.Name, What: Constraint(p))).Where(c => c.What.Length > 0);
        return string.Concat(all.Select(c => $" where {c.Name} : {c.What}"));
    }

    private string Constraint(Type parameter)
    {
        var flags = parameter.GenericParameterAttributes;
        var isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        var parts = new List<string>();
        if (isStruct) parts.Add("struct");
        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) parts.Add("class");
        parts.AddRange(parameter.GetGenericParameterConstraints().Where(t => t != typeof(ValueType)).Select(t => Name(t)).Order(StringComparer.Ordinal));
        if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct) parts.Add("new()");
        return string.Join(", ", parts);
    }
}
