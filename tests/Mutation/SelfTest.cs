using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace DiffLib.Mutation;

/// <summary>The driver on a toy: a file of rules, a "build" that refuses the word BROKEN, and a "test" that knows one of two rules.</summary>
internal static class SelfTest
{
    private const string Rules = "tanh = 1 - y * y\nsin = cos x\ncos = - sin x\n";

    private const string Toy = """
        # a toy
        build: ! grep -q BROKEN rules.txt
        test: grep -q 'tanh = 1 - y' rules.txt

        file: rules.txt
        kind: sign
        find: 1 - y
        with: 1 + y

        file: rules.txt
        kind: name
        after: sin =
        find: cos
        with: sin

        file: rules.txt
        kind: nonsense
        after: cos = -
        find: sin x
        with: BROKEN
        """;

    public static async Task<int> Run()
    {
        var complaints = (await Verdicts()).Concat(StaleLists()).ToList();
        complaints.ForEach(Console.Error.WriteLine);
        Console.WriteLine(complaints.Count == 0 ? "the driver works" : $"the driver is wrong in {complaints.Count} ways");
        return complaints.Count == 0 ? 0 : 1;
    }

    private static async Task<IEnumerable<string>> Verdicts()
    {
        var source = Directory.CreateTempSubdirectory("difflib-toy-").FullName;
        try
        {
            var file = Path.Combine(source, "rules.txt");
            File.WriteAllText(file, Rules);
            using var one = Workspace.Of(source, ["rules.txt"]);
            using var two = Workspace.Of(source, ["rules.txt", "deleted.txt"]);
            var results = await new Campaign(MutationList.Parse(Toy), TimeSpan.FromSeconds(30), _ => { }).Run([one, two]);
            return Expect("verdicts", "Killed Survived NotBuilt", string.Join(" ", results.Select(r => r.Verdict)))
                .Concat(Expect("the source", Rules, File.ReadAllText(file)))
                .Concat(Expect("the mended copy", Rules, File.ReadAllText(Path.Combine(one.Root, "rules.txt"))))
                .Concat(Expect("a command without end", "TimedOut", $"{await one.Run("sleep 60", TimeSpan.FromMilliseconds(200))}"));
        }
        finally
        {
            Directory.Delete(source, recursive: true);
        }
    }

    private static IEnumerable<string> StaleLists() =>
        Refused("not in the file", () => new Mutation("rules.txt", "sign", null, "tan x", "").ApplyTo(Rules))
            .Concat(Refused("more than once", () => new Mutation("rules.txt", "sign", null, " = ", "").ApplyTo(Rules)))
            .Concat(Refused("does not stand after", () => new Mutation("rules.txt", "sign", "cos =", "tanh", "").ApplyTo(Rules)))
            .Concat(Refused("needs one 'with:' line", () => MutationList.Parse("build: a\ntest: b\n\nfile: c\nkind: d\nfind: e")))
            .Concat(Refused("Expected one of", () => MutationList.Parse("buidl: a")))
            .Concat(Refused("no 'test:' line", () => MutationList.Parse("build: a")));

    private static IEnumerable<string> Expect(string what, string expected, string actual) =>
        expected == actual ? [] : [$"{what}: expected {expected}, got {actual}"];

    private static IEnumerable<string> Refused(string message, Func<object> action)
    {
        try
        {
            action();
            return [$"nothing was refused where \"{message}\" was expected"];
        }
        catch (InvalidDataException error)
        {
            return error.Message.Contains(message, StringComparison.Ordinal) ? [] : [$"expected \"{message}\", got \"{error.Message}\""];
        }
    }
}
