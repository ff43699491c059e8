using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using DiffLib.Benchmarks.GradBench;
using Xunit;

namespace DiffLib.Conformance.GradBench;

/// <summary>The GradBench tool: the protocol, and the recorded conversations in the repository.</summary>
public sealed class GradBenchTests
{
    private const string Folder = "gradbench";

    public static TheoryData<string> Files => new(Conversations.In(Path.Combine(AppContext.BaseDirectory, Folder)).Select(f => f.Name));

    [Theory]
    [MemberData(nameof(Files))]
    public void Recorded_conversations_get_the_recorded_answers(string name)
    {
        var path = Conversations.In(Path.Combine(AppContext.BaseDirectory, Folder)).Single(f => f.Name == name).Path;
        var result = Replay.Run(path);
        Assert.True(result.Failures.Count == 0, string.Join(Environment.NewLine, result.Failures));
        Assert.True(result.Passed > 0);
    }

    [Fact]
    public void Every_message_is_answered_with_its_id()
    {
        var answers = Answers(
            """{"id": 0, "kind": "start", "eval": "hello", "config": {"a": [1, {"b": null}]}}""",
            """{"kind": "analysis", "of": 0, "id": 7, "valid": false, "error": "no"}""",
            """{"id": 8, "kind": "something else", "module": {"x": [1, 2]}}""",
            "",
            """{"id": 9}""");
        Assert.Equal([0, 7, 8, 9], answers.Select(a => a.GetProperty("id").GetInt32()));
        Assert.Equal("difflib", answers[0].GetProperty("tool").GetString());
    }

    [Theory]
    [InlineData("""{"id": 3, "kind": "define", "module": "nothing"}""", "nothing")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "nothing", "function": "f", "input": 1}""", "nothing")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "hello", "function": "cube", "input": 1}""", "cube")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "hello", "function": "square", "input": "one"}""", "input")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "hello", "function": "square"}""", "input")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "hello", "function": "square", "input": 1e200}""", "finite")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "lse", "function": "primal", "input": {"min_runs": 1}}""", "x is missing")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "lse", "function": "primal", "input": {"x": []}}""", "empty")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "lse", "function": "primal", "input": {"x": [1, "a"]}}""", "list of numbers")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "lse", "function": "primal", "input": {"x": [1], "min_runs": 0}}""", "min_runs")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "det", "function": "primal", "input": {"A": [1, 2, 3], "ell": 2}}""", "A")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "kmeans", "function": "cost", "input": {"points": [[1, 2], [3]], "centroids": [[1, 2]]}}""", "equally long")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "kmeans", "function": "cost", "input": {"points": [[1, 2], [3, 4]], "centroids": [[1]]}}""", "centroids")]
    [InlineData("""{"id": 3, "kind": "evaluate", "module": "lse", "function": "primal", "input": {"x": [1,]}}""", "read")]
    public void What_goes_wrong_is_an_answer_that_says_so(string message, string part)
    {
        var answers = Answers(message, """{"id": 4, "kind": "evaluate", "module": "hello", "function": "square", "input": 3}""");
        Assert.False(answers[0].GetProperty("success").GetBoolean());
        Assert.Equal(3, answers[0].GetProperty("id").GetInt32());
        Assert.Contains(part, answers[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(answers[0].TryGetProperty("output", out _));
        Assert.Equal(9, answers[1].GetProperty("output").GetDouble());
    }

    [Fact]
    public void Text_that_is_no_message_is_answered_under_the_next_id()
    {
        var answers = Answers("""{"id": 5, "kind": "start"}""", "garbage", """["id", 6]""", """{"id": 9, "kind": """);
        Assert.Equal([5, 6, 7, 9], answers.Select(a => a.GetProperty("id").GetInt32()));
        Assert.All(answers.Skip(1), a => Assert.False(a.GetProperty("success").GetBoolean()));
    }

    [Theory]
    [InlineData("3", 9)]
    [InlineData("3.0", 9)]
    [InlineData("-0.25", 0.0625)]
    [InlineData("1e-05", 1e-10)]
    [InlineData("2.3E+4", 529000000)]
    public void Numbers_come_in_every_form_of_JSON(string number, double square)
    {
        var answer = Answers($$"""{"id": 0, "kind": "evaluate", "module": "hello", "function": "square", "input": {{number}}}""")[0];
        Assert.Equal(square, answer.GetProperty("output").GetDouble(), 1e-12 * square);
    }

    [Fact]
    public void Every_run_is_reported_and_both_bounds_hold()
    {
        var answers = Answers(
            """{"id": 0, "kind": "evaluate", "module": "lse", "function": "primal", "input": {"x": [0.5, -1, 2], "min_runs": 17, "min_seconds": 0}}""",
            """{"id": 1, "kind": "evaluate", "module": "lse", "function": "primal", "input": {"x": [0.5, -1, 2], "min_runs": 1, "min_seconds": 0.01}}""");
        Assert.Equal(17, Measured(answers[0]).Count);
        Assert.True(Measured(answers[1]).Sum() >= 10_000_000);
        Assert.Contains(answers[0].GetProperty("timings").EnumerateArray(), t => t.GetProperty("name").GetString() == "warmup");
    }

    [Fact]
    public void Long_messages_come_and_long_answers_go_without_loss()
    {
        var x = Enumerable.Range(0, 200_000).Select(k => Math.Sin(k) * 1e-3).ToArray();
        var message = JsonSerializer.Serialize(new { id = 0, kind = "evaluate", module = "lse", function = "gradient", input = new { x } });
        var output = Answers(message, message)[1].GetProperty("output").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        var sum = x.Sum(Math.Exp);
        Assert.Equal(x.Length, output.Length);
        for (var k = 0; k < x.Length; k++) Assert.Equal(Math.Exp(x[k]) / sum, output[k], 1e-16);
    }

    [Fact]
    public void The_end_of_the_last_line_may_be_missing()
    {
        using var output = new MemoryStream();
        new Tool(new MemoryStream("{\"id\": 0, \"kind\": \"start\"}\n{\"id\": 1}"u8.ToArray()), output, TextWriter.Null, 0).Serve();
        Assert.Equal(2, Encoding.UTF8.GetString(output.ToArray()).Count(c => c == '\n'));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(5, 2)]
    [InlineData(7, 3)]
    public void The_gradient_of_ode_is_that_of_the_steps(int n, int s)
    {
        double[] x = [.. Enumerable.Range(0, n).Select(k => 0.3 + 0.1 * k)];
        var gradient = Ode("gradient", x, s);
        for (var k = 0; k < n; k++)
        {
            double Last(double by) => Ode("primal", [.. x.Select((v, i) => i == k ? v + by : v)], s)[^1];
            Assert.Equal((Last(1e-3) - Last(-1e-3)) / 2e-3, gradient[k], 1e-9);
        }
    }

    private static double[] Ode(string function, double[] x, int s) =>
        [.. Answers(JsonSerializer.Serialize(new { id = 0, kind = "evaluate", module = "ode", function, input = new { x, s } }))[0].GetProperty("output").EnumerateArray().Select(v => v.GetDouble())];

    private static List<JsonElement> Answers(params string[] messages) => [.. Replay.Ask(messages).Select(a => JsonDocument.Parse(a).RootElement)];

    private static List<long> Measured(JsonElement answer) =>
        [.. answer.GetProperty("timings").EnumerateArray().Where(t => t.GetProperty("name").GetString() == "evaluate").Select(t => t.GetProperty("nanoseconds").GetInt64())];
}
