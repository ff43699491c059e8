using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The lists of F# functions on docs/fsharp.md against what there is.</summary>
public partial class FSharpDoorTests
{
    [Fact]
    public void The_page_names_every_function_of_the_door_and_no_other()
    {
        var named = Repository.Read("docs/fsharp.md").Split('\n').Where(l => l.StartsWith('|')).SelectMany(l => Code().Matches(l).Select(m => m.Groups["name"].Value)).ToList();
        var there = Functions().ToList();
        Assert.Equal([], named.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key));
        Assert.Equal([], there.Except(named).Order());
        Assert.Equal([], named.Except(there).Order());
    }

    /// <summary>Functions by the name an F# user writes: those of modules that open by themselves bare, the others with their module.</summary>
    private static IEnumerable<string> Functions() =>
        from module in typeof(Tensor).Assembly.GetExportedTypes()
        where module.Namespace == "DiffLib.FSharp" && module is { IsAbstract: true, IsSealed: true } && module.GetMethods().All(m => m.Name is not ("Of" or "Weak"))
        let prefix = module.CustomAttributes.Any(a => a.AttributeType.Name == "RequireQualifiedAccessAttribute") ? module.Name + "." : ""
        from method in module.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where !method.Name.EndsWith("$W", StringComparison.Ordinal) && !method.Name.StartsWith("op_", StringComparison.Ordinal) && !method.Name.Contains('.')
        select prefix + method.Name;

    [GeneratedRegex("`(?<name>[^`]+)`")]
    private static partial Regex Code();
}
