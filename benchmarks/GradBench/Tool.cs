using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using DiffLib.Benchmarks.GradBench.Evals;
using DiffLib.Benchmarks.GradBench.Protocol;

namespace DiffLib.Benchmarks.GradBench;

/// <summary>Answers messages until there are no more.</summary>
internal sealed class Tool
{
    /// <summary>Calls of every function when an eval is defined: at least this long, so that hot code is compiled a second time.</summary>
    private const double DefineSeconds = 0.3;

    private readonly MessageReader _messages;
    private readonly AnswerWriter _answers;
    private readonly TextWriter _log;
    private readonly Times _times = new();
    private readonly double _defineSeconds;
    private readonly HashSet<string> _defined = [];
    private Message _message = new(-1, "", "", "", 0, 0);

    /// <param name="messages">Where the messages come from, one a line.</param>
    /// <param name="answers">Where the answers go, one a line.</param>
    /// <param name="log">Where everything else goes.</param>
    /// <param name="defineSeconds">How long each function is warmed up when its eval is defined; null for what measurements need.</param>
    public Tool(Stream messages, Stream answers, TextWriter log, double? defineSeconds = null)
    {
        _messages = new(messages);
        _answers = new(answers);
        _log = log;
        _defineSeconds = defineSeconds ?? DefineSeconds;
    }

    /// <summary>The evals there are.</summary>
    public static IReadOnlyList<IEval> Evals { get; } =
        [new Hello(), new Gmm(), new Ba(), new Ht(), new Lstm(), new KMeans(), new Llsq(), new Lse(), new OdeChain(), new Det(), new Particle(), new Saddle()];

    /// <summary>Answers every message, in order.</summary>
    public void Serve()
    {
        while (_messages.TryRead(out var line))
        {
            if (line.Trim(" \t\r"u8).IsEmpty) continue;
            _message = new(_message.Id + 1, "", "", "", 0, 0);
            var problem = Message.Read(line, ref _message);
            if (problem is not null) Fail(problem);
            else Answer(line);
            _answers.Raw("\n"u8);
            _answers.Flush();
        }
    }

    private void Answer(ReadOnlySpan<byte> line)
    {
        switch (_message.Kind)
        {
            case "start":
                Begin();
                _answers.Raw(",\"tool\":\"difflib\"}"u8);
                break;
            case "define":
                Define();
                break;
            case "evaluate":
                Evaluate(line.Slice(_message.InputStart, _message.InputLength));
                break;
            default:
                Begin();
                _answers.Raw("}"u8);
                break;
        }
    }

    private void Define()
    {
        var eval = Evals.FirstOrDefault(e => e.Name == _message.Module);
        if (eval is null)
        {
            Fail($"There is no module {_message.Module}.");
            return;
        }

        var start = Stopwatch.GetTimestamp();
        if (_defined.Add(eval.Name)) WarmUp(eval, _defineSeconds);
        Begin();
        _answers.Raw(",\"success\":true,\"timings\":["u8);
        Timing("warmup", Times.Since(start));
        _answers.Raw("]}"u8);
    }

    /// <summary>Compiles, on a made-up input, what does not depend on the input.</summary>
    public static void WarmUp(IEval eval, double seconds)
    {
        foreach (var function in eval.Functions)
        {
            var evaluation = eval.Prepare(function, eval.Example);
            var start = Stopwatch.GetTimestamp();
            do evaluation.Run();
            while (Times.Since(start) < 1e9 * seconds);
        }
    }

    private void Evaluate(ReadOnlySpan<byte> json)
    {
        try
        {
            var eval = Evals.FirstOrDefault(e => e.Name == _message.Module) ?? throw new InputException($"There is no module {_message.Module}.");
            if (!eval.Functions.Contains(_message.Function)) throw new InputException($"The module {eval.Name} has no function {_message.Function}.");
            if (json.IsEmpty) throw new InputException("There is no input.");
            Evaluate(eval, json);
        }
        catch (Exception e) when (e is not IOException)
        {
            if (e is not (InputException or JsonException)) _log.WriteLine(e);
            Fail(e.Message);
        }
    }

    private void Evaluate(IEval eval, ReadOnlySpan<byte> json)
    {
        var start = Stopwatch.GetTimestamp();
        var input = Input.Parse(json);
        var (runs, seconds) = (input.Has("min_runs") ? input.Integer("min_runs", 1) : 1, input.Has("min_seconds") ? input.Number("min_seconds") : 0);
        var evaluation = eval.Prepare(_message.Function, input);
        var prepare = Times.Since(start);
        var warmup = Times.WarmUp(evaluation, seconds);
        _times.Measure(evaluation, runs, seconds);
        var result = evaluation.Result();
        if (!result.IsFinite) throw new InputException("The result is not finite: it has infinities or NaN.");
        Succeed(result, prepare, warmup);
    }

    private void Succeed(Output result, long prepare, long warmup)
    {
        Begin();
        _answers.Raw(",\"success\":true,\"output\":"u8);
        result.Write(_answers);
        _answers.Raw(",\"timings\":["u8);
        Timing("prepare", prepare);
        _answers.Raw(","u8);
        Timing("warmup", warmup);
        foreach (var time in _times.Nanoseconds)
        {
            _answers.Raw(",{\"name\":\"evaluate\",\"nanoseconds\":"u8);
            _answers.Integer(time);
            _answers.Raw("}"u8);
        }

        _answers.Raw("]}"u8);
    }

    private void Fail(string error)
    {
        Begin();
        _answers.Raw(",\"success\":false,\"error\":"u8);
        _answers.Text(error);
        _answers.Raw("}"u8);
    }

    private void Begin()
    {
        _answers.Raw("{\"id\":"u8);
        _answers.Integer(_message.Id);
    }

    private void Timing(string name, long nanoseconds)
    {
        _answers.Raw("{\"name\":"u8);
        _answers.Text(name);
        _answers.Raw(",\"nanoseconds\":"u8);
        _answers.Integer(nanoseconds);
        _answers.Raw("}"u8);
    }
}
