using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Xunit;

namespace DiffLib.Api.Tests.Surface;

/// <summary>What the library shows is decided, not discovered: reviewed text files, no F# type at the C# door, no unknown nullness.</summary>
public class SurfaceTests
{
    public static TheoryData<string> Assemblies() => [.. PublicSurface.Assemblies];

    [Theory, MemberData(nameof(Assemblies))]
    public void The_public_surface_is_the_reviewed_one(string name)
    {
        var folder = Path.Combine(PublicSurface.RepositoryRoot(), "tests", "Api.Tests", "Surface");
        var (reviewedFile, receivedFile) = (Path.Combine(folder, name + ".txt"), Path.Combine(folder, name + ".received.txt"));
        var received = new Signature().Describe(Assembly.Load(name));
        var reviewed = File.Exists(reviewedFile) ? File.ReadAllText(reviewedFile).ReplaceLineEndings("\n") : "";

        if (Environment.GetEnvironmentVariable("UPDATE_SURFACE") == "1") File.WriteAllText(reviewedFile, received);
        if (received == reviewed || Environment.GetEnvironmentVariable("UPDATE_SURFACE") == "1")
        {
            File.Delete(receivedFile);
            return;
        }

        File.WriteAllText(receivedFile, received);
        Assert.Fail($"The public surface of {name} is not the reviewed one:\n{Difference(reviewed, received)}\n"
            + $"The whole of it is in {Path.GetFileName(receivedFile)}, beside {Path.GetFileName(reviewedFile)}. If the change is meant, accept it:\n"
            + "  UPDATE_SURFACE=1 dotnet test tests/Api.Tests --filter FullyQualifiedName~Surface");
    }

    [Theory, MemberData(nameof(Assemblies))]
    public void No_type_of_FSharp_shows_in_a_signature_outside_the_FSharp_door(string name)
    {
        var found = PublicSurface.Types(Assembly.Load(name))
            .Where(t => !IsFSharpDoor(t.Namespace))
            .SelectMany(t => Mentioned.InSignatures(t).Where(m => IsFSharp(m.Type)))
            .Select(m => $"{m.Where} mentions {m.Type}").Distinct().ToList();
        Assert.True(found.Count == 0, $"{found.Count} signatures of {name} mention an F# type; give C# a delegate, an array or a nullable type instead:\n" + string.Join("\n", found));
    }

    [Theory, MemberData(nameof(Assemblies))]
    public void Every_reference_in_a_signature_says_whether_it_may_be_null(string name)
    {
        var found = PublicSurface.Types(Assembly.Load(name)).SelectMany(new Nullness().Unknown).ToList();
        Assert.True(found.Count == 0, $"{found.Count} places in {name} do not say whether null is allowed (is <Nullable> on?):\n" + string.Join("\n", found));
    }

    [Theory, MemberData(nameof(Assemblies))]
    public void Every_public_type_and_member_has_a_summary(string name)
    {
        var found = Documentation.Of(Assembly.Load(name)).Missing();
        Assert.True(found.Count == 0, $"{found.Count} public members of {name} have no <summary>:\n" + string.Join("\n", found));
    }

    private static bool IsFSharpDoor(string? space) => space == "DiffLib.FSharp" || space?.StartsWith("DiffLib.FSharp.", StringComparison.Ordinal) == true;

    private static bool IsFSharp(Type type) => type.Namespace?.StartsWith("Microsoft.FSharp", StringComparison.Ordinal) == true;

    private static string Difference(string reviewed, string received)
    {
        var (old, now) = (InContext(reviewed), InContext(received));
        var lines = old.Except(now).Select(l => "- " + l).Concat(now.Except(old).Select(l => "+ " + l)).ToList();
        return string.Join("\n", lines.Take(40)) + (lines.Count > 40 ? $"\n... and {lines.Count - 40} more" : "");
    }

    // A member's line with its type's name, so that equal members of two types stay apart.
    private static List<string> InContext(string text)
    {
        var (type, lines) = ("", new List<string>());
        foreach (var line in text.Split('\n').Where(l => l.Length > 0))
        {
            if (!line.StartsWith(' ')) type = line.Split(" : ")[0];
            lines.Add(line.StartsWith(' ') ? $"{type} | {line.Trim()}" : line);
        }
        return lines;
    }
}
