using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Xml.Linq;
using Microsoft.FSharp.Core;

namespace DiffLib.Api.Tests.Surface;

/// <summary>The XML documentation of an assembly, looked up by member.</summary>
/// <remarks>
/// The two compilers do not spell every parameter type alike, so a member is matched by its full name, number of type parameters
/// and number of parameters: of n overloads alike in these, n must be documented.
/// </remarks>
internal sealed class Documentation
{
    private readonly Assembly _assembly;
    private readonly ILookup<string, XElement> _documented;

    private Documentation(Assembly assembly, XDocument xml)
    {
        _assembly = assembly;
        _documented = xml.Descendants("member").Where(IsDocumented).ToLookup(m => Key((string)m.Attribute("name")!));
    }

    public static Documentation Of(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        if (!File.Exists(file)) throw new FileNotFoundException($"{assembly.GetName().Name} has no XML documentation beside it. Is GenerateDocumentationFile on?", file);
        return new Documentation(assembly, XDocument.Load(file));
    }

    /// <summary>Everything public without a summary, in order of name.</summary>
    public IReadOnlyList<string> Missing() =>
        [.. PublicSurface.Types(_assembly).SelectMany(t => MissingMembers(t).Concat(_documented.Contains("T:" + Name(t)) ? [] : [$"{t.FullName}"])).Order(StringComparer.Ordinal)];

    private IEnumerable<string> MissingMembers(Type type) =>
        PublicSurface.Members(type).Where(NeedsSummary).GroupBy(Key)
            .Where(overloads => _documented[overloads.Key].Count() < overloads.Count())
            .SelectMany(overloads => overloads.Select(m => $"{type.FullName}: {m}"));

    /// <summary>A summary with text in it (of whatever element), or one taken over from elsewhere.</summary>
    private static bool IsDocumented(XElement member) =>
        member.Element("inheritdoc") is not null
        || member.Element("summary") is { } summary && (summary.HasElements || !string.IsNullOrWhiteSpace(summary.Value));

    // A parameterless constructor may be the compiler's; object's overrides and interface plumbing say nothing new.
    private static bool NeedsSummary(MemberInfo member) =>
        !PublicSurface.IsSynthesized(member)
        && member is not ConstructorInfo { IsStatic: true }
        && !(member is ConstructorInfo c && (c.GetParameters().Length == 0 || IsFSharpRecord(c.DeclaringType!)))
        && !(member is MethodInfo m && m.GetBaseDefinition().DeclaringType == typeof(object));

    // Its fields are documented; nobody can write a comment on its constructor.
    private static bool IsFSharpRecord(Type type) =>
        type.GetCustomAttribute<CompilationMappingAttribute>()?.SourceConstructFlags.HasFlag(SourceConstructFlags.RecordType) == true;

    private static string Key(MemberInfo member) => member switch
    {
        ConstructorInfo c => $"M:{Name(c.DeclaringType!)}.#ctor/{c.GetParameters().Length}",
        MethodInfo m => $"M:{Name(m.DeclaringType!)}.{m.Name}{(m.IsGenericMethod ? $"``{m.GetGenericArguments().Length}" : "")}/{(WitnessOf(m) ?? m).GetParameters().Length}",
        PropertyInfo p => $"P:{Name(p.DeclaringType!)}.{p.Name}/{p.GetIndexParameters().Length}",
        FieldInfo f => $"F:{Name(f.DeclaringType!)}.{f.Name}",
        EventInfo e => $"E:{Name(e.DeclaringType!)}.{e.Name}",
        _ => throw new ArgumentException($"No documentation key for {member}.", nameof(member)),
    };

    // The compiler writes the documentation of an inline function with a member constraint for its twin.
    private static MethodInfo? WitnessOf(MethodInfo method) => method.IsStatic && method.IsGenericMethod ? method.DeclaringType!.GetMethod(method.Name + PublicSurface.WitnessSuffix) : null;

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    /// <summary>"M:N.T.F``1(System.Int32,System.Func{A,B})~R" to "M:N.T.F``1/2".</summary>
    private static string Key(string id)
    {
        if (id[0] is not ('M' or 'P')) return id;
        var open = id.IndexOf('(');
        if (open < 0) return id.Split('~')[0] + "/0";
        return $"{id[..open]}/{CountParameters(id[(open + 1)..id.LastIndexOf(')')])}";
    }

    // Commas inside {...}, [...] and (...) belong to one parameter.
    private static int CountParameters(string list)
    {
        var (depth, count) = (0, list.Length == 0 ? 0 : 1);
        foreach (var c in list)
        {
            if (c is '{' or '[' or '(') depth++;
            if (c is '}' or ']' or ')') depth--;
            if (c == ',' && depth == 0) count++;
        }
        return count;
    }
}
