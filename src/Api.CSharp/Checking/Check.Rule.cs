using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

public static partial class Check
{
    /// <summary>Checks an operation with a rule of its own, and everything it owes its users: derivatives up to an order in every nesting; inputs, tangents
    /// and cotangents in any layout (transposed, strided, reversed, broadcast); the same tensor twice; float32 inputs; empty inputs, inputs of rank 0, wrong
    /// shapes and integers, which must work or be refused alike in every mode; inputs left unchanged; no state left behind by an exception.</summary>
    /// <param name="rule">The operation.</param>
    /// <param name="inputs">Where to check: as many inputs as the operation takes, at least one of them float64 or float32.</param>
    /// <param name="order">The highest order of derivatives checked; 2 shows whether the rule's own derivative is right.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <returns>The report of a check that passed.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">There is no floating-point input, or an option is out of range.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is below 1.</exception>
    /// <exception cref="CheckFailedException">The operation fails a demand, or the check was inconclusive.</exception>
    public static CheckReport Rule(CustomRule rule, Tensor[] inputs, int order = 2, CheckOptions? options = null) => Demand(TryRule(rule, inputs, order, options), options);

    /// <summary>Checks an operation with a rule of its own, and reports.</summary>
    /// <inheritdoc cref="Rule(CustomRule, Tensor[], int, CheckOptions?)"/>
    public static CheckReport TryRule(CustomRule rule, Tensor[] inputs, int order = 2, CheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return TryRule(rule.Apply, inputs, order, options);
    }

    /// <summary>Checks a function of several tensors as if it were one operation: derivatives, layouts, sizes, errors.</summary>
    /// <param name="op">The operation: an array of inputs to a tensor.</param>
    /// <param name="inputs">Where to check: as many inputs as the operation takes, at least one of them float64 or float32.</param>
    /// <param name="order">The highest order of derivatives checked.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <inheritdoc cref="Rule(CustomRule, Tensor[], int, CheckOptions?)"/>
    public static CheckReport Rule(Func<Tensor[], Tensor> op, Tensor[] inputs, int order = 2, CheckOptions? options = null) => Demand(TryRule(op, inputs, order, options), options);

    /// <summary>Checks a function of several tensors as if it were one operation, and reports.</summary>
    /// <inheritdoc cref="Rule(Func{Tensor[], Tensor}, Tensor[], int, CheckOptions?)"/>
    public static CheckReport TryRule(Func<Tensor[], Tensor> op, Tensor[] inputs, int order = 2, CheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(op);
        return Rule(Asked(op, inputs), order, options);
    }

    /// <summary>Checks a function of one tensor, such as <see cref="Diff.WithRule"/> gives, as if it were one operation.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="input">Where to check: float64 or float32.</param>
    /// <param name="order">The highest order of derivatives checked.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <inheritdoc cref="Rule(CustomRule, Tensor[], int, CheckOptions?)"/>
    public static CheckReport Rule(Func<Tensor, Tensor> op, Tensor input, int order = 2, CheckOptions? options = null) => Demand(TryRule(op, input, order, options), options);

    /// <summary>Checks a function of one tensor as if it were one operation, and reports.</summary>
    /// <inheritdoc cref="Rule(Func{Tensor, Tensor}, Tensor, int, CheckOptions?)"/>
    public static CheckReport TryRule(Func<Tensor, Tensor> op, Tensor input, int order = 2, CheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentNullException.ThrowIfNull(input);
        return Rule(Subject(op, input), order, options);
    }

    private static CheckReport Rule(Checks.Asked asked, int order, CheckOptions? options) =>
        Checks.rule($"{order}", Order(order), asked, Valid(options));

    private static Checks.Asked Asked(Func<Tensor[], Tensor> op, Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        foreach (var input in inputs) ArgumentNullException.ThrowIfNull(input, nameof(inputs));
        if (!Array.Exists(inputs, x => x.DType is DType.Float64 or DType.Float32))
            throw new ArgumentException("none of the inputs is floating point; derivatives exist for float64 and float32. Give at least one.", nameof(inputs));
        var names = new string[inputs.Length];
        for (var k = 0; k < names.Length; k++) names[k] = $"x{k}";
        return new(CheckCode.Call.Inputs, names, inputs, FuncConvert.FromFunc<Tensor[], Tensor[]>(xs => [op(xs) ?? throw NullResult()]));
    }
}
