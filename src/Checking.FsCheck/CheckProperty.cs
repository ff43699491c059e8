using System;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>Checks derivatives as properties: at many generated inputs, of many shapes, shrinking to the smallest that fails.</summary>
/// <remarks>A failure throws a <see cref="PropertyFailedException"/> whose message holds the smallest failing input, the report of the check there, and the
/// seed to replay. An input at which the check is inconclusive (a kink, a value that is not finite) counts as not tried.</remarks>
public static class CheckProperty
{
    /// <summary>The gradient is right at every generated input.</summary>
    /// <param name="f">A function to one number that takes every shape that is generated.</param>
    /// <param name="options">What is generated; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    /// <exception cref="ArgumentException">The options leave nothing to generate.</exception>
    /// <exception cref="PropertyFailedException">An input was found at which the gradient is wrong, or too few at which it could be checked.</exception>
    public static void Gradient(Func<Tensor, Tensor> f, PropertyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        Run((x, o) => Check.TryGradient(f, x, o), options ?? new());
    }

    /// <summary>The Jacobian is right at every generated input.</summary>
    /// <param name="f">A function that takes every shape that is generated.</param>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, PropertyOptions?)"/>
    /// <param name="options">What is generated; null for the defaults.</param>
    public static void Jacobian(Func<Tensor, Tensor> f, PropertyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        Run((x, o) => Check.TryJacobian(f, x, o), options ?? new());
    }

    /// <summary>The Hessian is right at every generated input.</summary>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, PropertyOptions?)"/>
    public static void Hessian(Func<Tensor, Tensor> f, PropertyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        Run((x, o) => Check.TryHessian(f, x, o), options ?? new());
    }

    /// <summary>An operation of one tensor keeps every demand of <see cref="DiffLib.Check.Rule(CustomRule, Tensor[], int, CheckOptions?)"/> at every generated input.</summary>
    /// <param name="op">An operation that takes every shape that is generated.</param>
    /// <param name="options">What is generated; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="op"/> is null.</exception>
    /// <exception cref="ArgumentException">The options leave nothing to generate.</exception>
    /// <exception cref="PropertyFailedException">An input was found at which a demand is not met, or too few that could be checked.</exception>
    public static void Rule(Func<Tensor, Tensor> op, PropertyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(op);
        Run((x, o) => Check.TryRule(op, x, 1, o), options ?? new());
    }

    /// <summary>Any check is right at every generated input.</summary>
    /// <param name="check">From an input, and the options of a check, to its report.</param>
    /// <param name="options">What is generated; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="check"/> is null.</exception>
    /// <exception cref="ArgumentException">The options leave nothing to generate.</exception>
    /// <exception cref="PropertyFailedException">An input was found at which the check disagrees, or too few that could be checked.</exception>
    public static void ForAll(Func<Tensor, CheckOptions, CheckReport> check, PropertyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(check);
        Run(check, options ?? new());
    }

    private static void Run(Func<Tensor, CheckOptions, CheckReport> check, PropertyOptions options)
    {
        var arbitrary = TensorArbitrary.Create(options);
        var inDomain = WithDomain(options);
        CheckReport? failed = null;
        Tensor? smallest = null;
        var property = Prop.ForAll(arbitrary, x =>
        {
            var report = check(x, inDomain);
            if (report.Outcome == CheckOutcome.Disagrees) (failed, smallest) = (report, x);
            return (report.Outcome != CheckOutcome.Disagrees).When(report.Outcome != CheckOutcome.Inconclusive);
        });
        var outcome = new Recorder();
        var config = Config.Quick.WithMaxTest(options.MaxTest).WithRunner(outcome).WithQuietOnSuccess(true);
        if (options.Replay.Length > 0) config = config.WithReplay(Parse(options.Replay));
        FsCheck.Check.One("derivatives", config, property);
        if (outcome.Message is null) return;
        var head = failed is null
            ? "too few of the generated inputs could be checked; every other one was inconclusive. Narrow the domain, or allow kinks.\n" + outcome.Message
            : $"after {outcome.Tests} inputs and {outcome.Shrinks} shrinks, the derivative is wrong at\n  {(smallest!.Rank == 0 ? "the number" : $"shape {smallest.Shape}:")} {smallest}\n{failed}";
        throw new PropertyFailedException($"{head}\n  replay      new PropertyOptions {{ Replay = \"{outcome.Replay}\" }}", failed, smallest, outcome.Replay);
    }

    private static CheckOptions WithDomain(PropertyOptions options)
    {
        var o = options.Check;
        return new()
        {
            RelTol = o.RelTol,
            AbsTol = o.AbsTol,
            Seed = o.Seed,
            MaxFullInputs = o.MaxFullInputs,
            Directions = o.Directions,
            Domain = o.Domain ?? [options.Domain],
            Kinks = o.Kinks,
            NondetTol = o.NondetTol,
            Timeout = o.Timeout,
            Modes = o.Modes,
            Float32Tol = o.Float32Tol,
        };
    }

    private static Replay Parse(string text)
    {
        var parts = text.Trim('(', ')', ' ').Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is < 2 or > 3 || !ulong.TryParse(parts[0], out var seed) || !ulong.TryParse(parts[1], out var gamma))
            throw new ArgumentException($"\"{text}\" is not a replay; write \"seed,gamma\" or \"seed,gamma,size\", as a failure prints it.", nameof(text));
        var size = parts.Length == 3 && int.TryParse(parts[2], out var given) ? FSharpOption<int>.Some(given) : FSharpOption<int>.None;
        return new Replay(new Rnd(seed, gamma), size);
    }

    /// <summary>Keeps what FsCheck found instead of printing it.</summary>
    private sealed class Recorder : IRunner
    {
        internal string? Message { get; private set; }
        internal string Replay { get; private set; } = "";
        internal int Tests { get; private set; }
        internal int Shrinks { get; private set; }

        public void OnStartFixture(Type t) { }

        public void OnArguments(int n, FSharpList<object> args, FSharpFunc<int, FSharpFunc<FSharpList<object>, string>> every) { }

        public void OnShrink(FSharpList<object> args, FSharpFunc<FSharpList<object>, string> every) { }

        public void OnFinished(string name, TestResult result)
        {
            switch (result)
            {
                case TestResult.Failed failed:
                    Message = Runner.onFinishedToString(name, result);
                    (Tests, Shrinks) = (failed.Item1.NumberOfTests, failed.Item1.NumberOfShrinks);
                    Replay = FormattableString.Invariant($"{failed.Item6.Seed},{failed.Item6.Gamma},{failed.Item7}");
                    break;
                case TestResult.Exhausted exhausted:
                    Message = Runner.onFinishedToString(name, result);
                    Tests = exhausted.Item.NumberOfTests;
                    break;
            }
        }
    }
}
