using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.FSharp.Core;

namespace DiffLib.Conformance;

/// <summary>A way to evaluate a case and its derivatives.</summary>
internal interface IEngine
{
    /// <summary>The results.</summary>
    Tensor[] Values(Attempt attempt);

    /// <summary>The cotangents of the differentiable inputs.</summary>
    Tensor?[] Vjp(Attempt attempt);

    /// <summary>The tangents of the results.</summary>
    Tensor?[] Jvp(Attempt attempt);

    /// <summary>The Hessian times the tangents.</summary>
    Tensor?[] Hvp(Attempt attempt, bool reverse);
}

/// <summary>Every operation as it is called.</summary>
internal sealed class Eager : IEngine
{
    public static readonly Eager Instance = new();

    public Tensor[] Values(Attempt attempt) => attempt.Values();

    public Tensor?[] Vjp(Attempt attempt) => Differentiation.Vjp(attempt.Function, attempt.Active, attempt.Cotangents).Cotangents;

    public Tensor?[] Jvp(Attempt attempt) => Differentiation.Jvp(attempt.Function, attempt.Active, attempt.Tangents);

    public Tensor?[] Hvp(Attempt attempt, bool reverse) => reverse
        ? Differentiation.HvpReverseOverReverse(attempt.Function, attempt.Active, attempt.Cotangents, attempt.Tangents)
        : Differentiation.HvpForwardOverReverse(attempt.Function, attempt.Active, attempt.Cotangents, attempt.Tangents);
}

/// <summary>A function that cannot be traced because the shapes of its results, or its steps, depend on elements.</summary>
internal sealed class UntraceableException(string reason) : Exception(reason);

/// <summary>A compiled function and the function itself give different results.</summary>
internal sealed class DisagreementException(string message) : Exception(message);

/// <summary>
/// The case as a program. Everything that comes out is also compared with the eager result: <see cref="BitEqual"/> of <see cref="Compared"/> tensors have the same bits, the
/// others agree to 1e-13 of the largest element.
/// </summary>
/// <param name="executor">What runs the program.</param>
/// <param name="ofCompiled">Whether derivatives are taken of the compiled function, instead of compiling the function's derivative.</param>
internal sealed class Compiling(ProgramExecutor executor, bool ofCompiled) : IEngine
{
    private const double Close = 1e-13;

    /// <summary>Inputs and further tensors to results.</summary>
    private delegate Tensor?[] Field(Func<Tensor[], Tensor[]> f, Tensor[] active, Tensor?[] cotangents, Tensor?[] tangents);

    public static IReadOnlyList<Compiling> All { get; } =
    [
        new(ProgramExecutor.Interpreted, ofCompiled: false),
        new(ProgramExecutor.Generated, ofCompiled: false),
        new(ProgramExecutor.Interpreted, ofCompiled: true),
        new(ProgramExecutor.Generated, ofCompiled: true),
    ];

    /// <summary>How it runs, in words.</summary>
    public string Name => (ofCompiled ? "derivative of compiled, " : "compiled derivative, ") + executor;

    /// <summary>How many tensors were compared with the eager ones.</summary>
    public int Compared { get; private set; }

    /// <summary>How many of them have the same bits.</summary>
    public int BitEqual { get; private set; }

    /// <summary>How many programs have the case's tensors without derivative as constants, because they decide shapes.</summary>
    public int WithConstants { get; private set; }

    public Tensor[] Values(Attempt attempt) => Run(attempt, (f, xs, _, _) => f(xs), false).Select(y => y!).ToArray();

    public Tensor?[] Vjp(Attempt attempt) => Run(attempt, (f, xs, ws, _) => Differentiation.Vjp(f, xs, ws).Cotangents, ofCompiled);

    public Tensor?[] Jvp(Attempt attempt) => Run(attempt, (f, xs, _, dxs) => Differentiation.Jvp(f, xs, dxs), ofCompiled);

    public Tensor?[] Hvp(Attempt attempt, bool reverse) => Run(
        attempt,
        (f, xs, ws, dxs) => reverse ? Differentiation.HvpReverseOverReverse(f, xs, ws, dxs) : Differentiation.HvpForwardOverReverse(f, xs, ws, dxs),
        ofCompiled);

    private Tensor?[] Run(Attempt attempt, Field field, bool outside)
    {
        var got = outside ? OfCompiled(attempt, field) : Compiled(attempt, field);
        Tensor?[] want;
        try
        {
            want = field(attempt.Function, attempt.Active, attempt.Cotangents, attempt.Tangents);
        }
        catch (Exception e)
        {
            throw new DisagreementException($"no exception, but without compilation {e.GetType().Name}: {e.Message}");
        }

        Demand(got, want);
        return got;
    }

    /// <summary>The derivative of the program.</summary>
    private Tensor?[] OfCompiled(Attempt attempt, Field field)
    {
        ProgramRule? rule = null;
        Tensor[] Function(Tensor[] active) => attempt.FunctionOfAll(attempt.Inserted(active));
        rule = Traced(Function, attempt.Active) ?? throw new UntraceableException("the shape of a result, or a step, depends on elements");
        return field(xs => Tensor.Apply(rule, xs), attempt.Active, attempt.Cotangents, attempt.Tangents);
    }

    /// <summary>The program of the derivative. All tensors of the case are its arguments, if need be only those with a derivative.</summary>
    private Tensor?[] Compiled(Attempt attempt, Field field)
    {
        var ws = attempt.Cotangents.OfType<Tensor>().ToArray();
        var dxs = attempt.Tangents.OfType<Tensor>().ToArray();
        bool[] there = [];

        Func<Tensor[], Tensor[]> Over(int count, Func<Tensor[], (Func<Tensor[], Tensor[]> F, Tensor[] Active)> split) => all =>
        {
            var (f, active) = split(all[..count]);
            var some = new Queue<Tensor>(all[count..]);
            var cotangents = attempt.Cotangents.Select(w => w is null ? null : some.Dequeue()).ToArray();
            var tangents = attempt.Tangents.Select(d => d is null ? null : some.Dequeue()).ToArray();
            var ys = field(f, active, cotangents, tangents);
            there = ys.Select(y => y is not null).ToArray();
            return ys.OfType<Tensor>().ToArray();
        };

        Tensor[] arguments = [.. attempt.All, .. ws, .. dxs];
        var rule = Traced(Over(attempt.All.Length, all => (active => attempt.FunctionOfAll(attempt.Inserted(active, all)), attempt.ActiveOf(all))), arguments);
        if (rule is null)
        {
            arguments = [.. attempt.Active, .. ws, .. dxs];
            rule = Traced(Over(attempt.Active.Length, active => (attempt.Function, active)), arguments)
                ?? throw new UntraceableException("the shape of a result, or a step, depends on elements");
            WithConstants++;
        }

        var results = new Queue<Tensor>(Tensor.Apply(rule, arguments));
        return there.Select(t => t ? results.Dequeue() : null).ToArray();
    }

    /// <summary>The function as one operation; null where it asks for elements.</summary>
    private ProgramRule? Traced(Func<Tensor[], Tensor[]> f, Tensor[] arguments)
    {
        try
        {
            var program = Programs.ofFunction("Diff.Compile", FuncConvert.FromFunc(f), Array.ConvertAll(arguments, x => x.Spec));
            return Compile.rule(executor, Simplify.simplify(program));
        }
        catch (InvalidOperationException e) when (e.Message.Contains("asks for the number", StringComparison.Ordinal) || e.Message.Contains("depends on the data", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private void Demand(Tensor?[] got, Tensor?[] want)
    {
        for (var k = 0; k < got.Length; k++)
        {
            if (got[k] is null && want[k] is null) continue;
            var x = got[k] ?? Differentiation.Zeros(want[k]!);
            var y = want[k] ?? Differentiation.Zeros(x);
            if (!x.Shape.Equals(y.Shape) || x.DType != y.DType)
                throw new DisagreementException($"tensor {k}: {x.DType}{x.Shape}, without compilation {y.DType}{y.Shape}");
            Compared++;
            var (a, b) = (Comparison.Numbers(x), Comparison.Numbers(y));
            if (a.Zip(b).All(p => p.First.Equals(p.Second) && (p.First != 0 || double.IsNegative(p.First) == double.IsNegative(p.Second))))
            {
                BitEqual++;
                continue;
            }

            var bound = (x.DType == DType.Float32 ? 1e-5 : Close) * b.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
            for (var i = 0; i < a.Length; i++)
                if (!(a[i].Equals(b[i]) || Math.Abs(a[i] - b[i]) <= bound))
                    throw new DisagreementException($"tensor {k}, element {i}: {a[i]:R}, without compilation {b[i]:R}");
        }
    }
}
