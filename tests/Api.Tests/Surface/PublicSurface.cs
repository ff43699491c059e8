using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace DiffLib.Api.Tests.Surface;

/// <summary>What the three assemblies show to the world: public types, and the members others can call or override.</summary>
internal static class PublicSurface
{
    public static readonly string[] Assemblies = ["DiffLib", "DiffLib.Core", "DiffLib.Kernels"];

    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Exported types, without those the compiler invents (closures, extension groupings), in order of name.</summary>
    public static IReadOnlyList<Type> Types(Assembly assembly) =>
        [.. assembly.GetExportedTypes()
            .Where(t => !HasUnspeakableName(t))
            .OrderBy(t => t.FullName, StringComparer.Ordinal)];

    /// <summary>Declared members that a user can reach; accessors appear as their property or event only.</summary>
    public static IEnumerable<MemberInfo> Members(Type type)
    {
        if (IsDelegate(type)) return [];
        var accessors = type.GetProperties(Declared).SelectMany(p => p.GetAccessors(nonPublic: true))
            .Concat(type.GetEvents(Declared).SelectMany(Accessors)).ToHashSet();
        return type.GetMembers(Declared)
            .Where(m => m is not Type && !m.Name.Contains('<') && IsReachable(m))
            .Where(m => m is not MethodInfo method || !accessors.Contains(method))
            .Where(m => m is not FieldInfo { IsSpecialName: true })
            .Where(m => !(type.IsEnum && m is ConstructorInfo));
    }

    /// <summary>The F# compiler makes a second method of an inline function with a member constraint, which takes the constrained members as arguments.</summary>
    public const string WitnessSuffix = "$W";

    /// <summary>Written by the compiler, not by us: a record's equality, a union's plumbing.</summary>
    public static bool IsSynthesized(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || member.Name.EndsWith(WitnessSuffix, StringComparison.Ordinal);

    public static bool IsDelegate(Type type) => typeof(Delegate).IsAssignableFrom(type) && type != typeof(Delegate);

    /// <summary>The repository's root, found upwards from where the tests run.</summary>
    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DiffLib.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No DiffLib.sln above {AppContext.BaseDirectory}.");
    }

    private static bool HasUnspeakableName(Type type) =>
        type.Name.Contains('<') || (type.DeclaringType is { } outer && HasUnspeakableName(outer));

    private static IEnumerable<MethodInfo> Accessors(EventInfo e) =>
        new[] { e.AddMethod, e.RemoveMethod, e.RaiseMethod }.OfType<MethodInfo>();

    private static bool IsReachable(MemberInfo member) => member switch
    {
        MethodBase m => IsReachable(m.Attributes, m.DeclaringType!),
        FieldInfo f => IsReachable((MethodAttributes)f.Attributes, f.DeclaringType!),
        PropertyInfo p => p.GetAccessors(nonPublic: true).Any(IsReachable),
        EventInfo e => Accessors(e).Any(IsReachable),
        _ => false,
    };

    // Fields and methods code their accessibility in the same bits.
    private static bool IsReachable(MethodAttributes attributes, Type declaring) =>
        (attributes & MethodAttributes.MemberAccessMask) switch
        {
            MethodAttributes.Public => true,
            MethodAttributes.Family or MethodAttributes.FamORAssem => !declaring.IsSealed,
            _ => false,
        };
}
