using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>Checks derivatives against differences of values, and against the laws that derivatives obey.</summary>
/// <remarks>
/// <para>Each verb comes twice: <c>Gradient</c> throws a <see cref="CheckFailedException"/> with a readable report, <c>TryGradient</c> returns the report and never
/// throws for what the function does (wrong arguments, such as null, still throw).</para>
/// <para>The steps: two evaluations give the same bits; each mode gives the function's value; values and derivatives are finite; derivatives agree with
/// Ridders' extrapolated differences in float64, for each input number up to <see cref="CheckOptions.MaxFullInputs"/> of them, beyond that along random
/// directions and for the largest and some random inputs; kinks are recognised by slopes that differ on the two sides; forward and reverse mode are each
/// other's transpose; both are linear. float32 inputs are checked in float64, and the float32 gradient is compared with that.</para>
/// <para>The function must be pure and written in <see cref="Tensor"/> arithmetic. It is evaluated at points near the given one: say with
/// <see cref="CheckOptions.Domain"/> where it must not be.</para>
/// </remarks>
public static partial class Check
{
    /// <summary>Checks the gradient of a function to one number, forward and reverse.</summary>
    /// <param name="f">The function; gives a tensor with one element.</param>
    /// <param name="at">Where to check: any shape, float64 or float32.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <returns>The report of a check that passed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> or <paramref name="at"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> is not floating point, or an option is out of range.</exception>
    /// <exception cref="CheckFailedException">The gradient is wrong, or the check was inconclusive (see <see cref="CheckOptions.ThrowOnInconclusive"/>).</exception>
    public static CheckReport Gradient(Func<Tensor, Tensor> f, Tensor at, CheckOptions? options = null) => Demand(TryGradient(f, at, options), options);

    /// <summary>Checks the gradient of a function to one number, and reports.</summary>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, Tensor, CheckOptions?)"/>
    public static CheckReport TryGradient(Func<Tensor, Tensor> f, Tensor at, CheckOptions? options = null) =>
        Checks.gradient("Gradient", Subject(f, at), Valid(options));

    /// <summary>Checks the gradient by a tree of parameters.</summary>
    /// <typeparam name="T">A record, class, tuple, array, list or dictionary of tensors, nested at will; integer tensors are constants.</typeparam>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, Tensor, CheckOptions?)"/>
    /// <exception cref="NotSupportedException">A part of the parameters holds tensors but cannot be built again.</exception>
    public static CheckReport Gradient<T>(Func<T, Tensor> f, T at, CheckOptions? options = null) => Demand(TryGradient(f, at, options), options);

    /// <summary>Checks the gradient by a tree of parameters, and reports.</summary>
    /// <inheritdoc cref="Gradient{T}(Func{T, Tensor}, T, CheckOptions?)"/>
    public static CheckReport TryGradient<T>(Func<T, Tensor> f, T at, CheckOptions? options = null) =>
        Checks.gradient("Gradient", Subject(f, at), Valid(options));

    /// <summary>Checks a gradient written by hand: against differences, and against both modes of the library.</summary>
    /// <param name="f">The function; gives a tensor with one element.</param>
    /// <param name="gradient">From a point to the gradient there, in the point's shape.</param>
    /// <param name="at">Where to check.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, Tensor, CheckOptions?)"/>
    public static CheckReport Gradient(Func<Tensor, Tensor> f, Func<Tensor, Tensor> gradient, Tensor at, CheckOptions? options = null) =>
        Demand(TryGradient(f, gradient, at, options), options);

    /// <summary>Checks a gradient written by hand, and reports.</summary>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, Func{Tensor, Tensor}, Tensor, CheckOptions?)"/>
    public static CheckReport TryGradient(Func<Tensor, Tensor> f, Func<Tensor, Tensor> gradient, Tensor at, CheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        return Checks.ownGradient(Subject(f, at), FuncConvert.FromFunc<Tensor[], Tensor[]>(xs => [gradient(xs[0])]), Valid(options));
    }

    /// <summary>Checks a gradient by a tree of parameters written by hand.</summary>
    /// <typeparam name="T">A record, class, tuple, array, list or dictionary of tensors, nested at will.</typeparam>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, Func{Tensor, Tensor}, Tensor, CheckOptions?)"/>
    public static CheckReport Gradient<T>(Func<T, Tensor> f, Func<T, T> gradient, T at, CheckOptions? options = null) =>
        Demand(TryGradient(f, gradient, at, options), options);

    /// <summary>Checks a gradient by a tree of parameters written by hand, and reports.</summary>
    /// <inheritdoc cref="Gradient{T}(Func{T, Tensor}, Func{T, T}, T, CheckOptions?)"/>
    public static CheckReport TryGradient<T>(Func<T, Tensor> f, Func<T, T> gradient, T at, CheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        var parts = Functions.Apart(at, nameof(at));
        var own = FuncConvert.FromFunc<Tensor[], Tensor[]>(xs => parts.Align(nameof(gradient), Tree.flatten(gradient(parts.Rebuild(xs)))));
        return Checks.ownGradient(Subject(f, at), own, Valid(options));
    }

    /// <summary>Checks the Jacobian of a function from any shape to any shape, forward and reverse.</summary>
    /// <param name="f">The function.</param>
    /// <param name="at">Where to check: any shape, float64 or float32.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <returns>The report of a check that passed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> or <paramref name="at"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> is not floating point, or an option is out of range.</exception>
    /// <exception cref="CheckFailedException">A derivative is wrong, or the check was inconclusive.</exception>
    public static CheckReport Jacobian(Func<Tensor, Tensor> f, Tensor at, CheckOptions? options = null) => Demand(TryJacobian(f, at, options), options);

    /// <summary>Checks the Jacobian of a function from any shape to any shape, and reports.</summary>
    /// <inheritdoc cref="Jacobian(Func{Tensor, Tensor}, Tensor, CheckOptions?)"/>
    public static CheckReport TryJacobian(Func<Tensor, Tensor> f, Tensor at, CheckOptions? options = null) =>
        Checks.derivatives("Jacobian", "", 1, Subject(f, at), Valid(options));

    /// <summary>Checks the Jacobian by a tree of parameters.</summary>
    /// <typeparam name="T">A record, class, tuple, array, list or dictionary of tensors, nested at will; integer tensors are constants.</typeparam>
    /// <inheritdoc cref="Jacobian(Func{Tensor, Tensor}, Tensor, CheckOptions?)"/>
    public static CheckReport Jacobian<T>(Func<T, Tensor> f, T at, CheckOptions? options = null) => Demand(TryJacobian(f, at, options), options);

    /// <summary>Checks the Jacobian by a tree of parameters, and reports.</summary>
    /// <inheritdoc cref="Jacobian{T}(Func{T, Tensor}, T, CheckOptions?)"/>
    public static CheckReport TryJacobian<T>(Func<T, Tensor> f, T at, CheckOptions? options = null) =>
        Checks.derivatives("Jacobian", "", 1, Subject(f, at), Valid(options));

    /// <summary>Checks the Hessian of a function to one number: the gradient, the Hessian against differences of the gradient, its symmetry, and that forward
    /// over reverse, reverse over reverse, reverse over forward and forward over forward mode give the same.</summary>
    /// <param name="f">The function; gives a tensor with one element.</param>
    /// <param name="at">Where to check: any shape, float64 or float32.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults.</param>
    /// <returns>The report of a check that passed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> or <paramref name="at"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> is not floating point, or an option is out of range.</exception>
    /// <exception cref="CheckFailedException">A derivative is wrong, or the check was inconclusive.</exception>
    public static CheckReport Hessian(Func<Tensor, Tensor> f, Tensor at, CheckOptions? options = null) => Demand(TryHessian(f, at, options), options);

    /// <summary>Checks the Hessian of a function to one number, and reports.</summary>
    /// <inheritdoc cref="Hessian(Func{Tensor, Tensor}, Tensor, CheckOptions?)"/>
    public static CheckReport TryHessian(Func<Tensor, Tensor> f, Tensor at, CheckOptions? options = null) => Checks.hessian(Subject(f, at), Valid(options));

    /// <summary>Checks the second derivatives by a tree of parameters.</summary>
    /// <typeparam name="T">A record, class, tuple, array, list or dictionary of tensors, nested at will; integer tensors are constants.</typeparam>
    /// <inheritdoc cref="Hessian(Func{Tensor, Tensor}, Tensor, CheckOptions?)"/>
    public static CheckReport Hessian<T>(Func<T, Tensor> f, T at, CheckOptions? options = null) => Demand(TryHessian(f, at, options), options);

    /// <summary>Checks the second derivatives by a tree of parameters, and reports.</summary>
    /// <inheritdoc cref="Hessian{T}(Func{T, Tensor}, T, CheckOptions?)"/>
    public static CheckReport TryHessian<T>(Func<T, Tensor> f, T at, CheckOptions? options = null) => Checks.hessian(Subject(f, at), Valid(options));

    /// <summary>Checks derivatives up to an order, in every nesting of the modes: the derivative by each mode, as a function of point and direction, is checked in its turn.</summary>
    /// <param name="f">Any shape to any shape.</param>
    /// <param name="at">Where to check: any shape, float64 or float32.</param>
    /// <param name="order">The highest order, 1 or more; the work grows by a factor of about 4 with each.</param>
    /// <param name="modes">The modes to nest; both by default.</param>
    /// <param name="options">Tolerances, seed, domain; null for the defaults. Its modes give way to <paramref name="modes"/>.</param>
    /// <returns>The report of a check that passed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> or <paramref name="at"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="at"/> is not floating point, or an option is out of range.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="order"/> is below 1, or <paramref name="modes"/> holds none.</exception>
    /// <exception cref="CheckFailedException">A derivative is wrong, or the check was inconclusive.</exception>
    public static CheckReport Derivatives(Func<Tensor, Tensor> f, Tensor at, int order = 2, CheckModes modes = CheckModes.All, CheckOptions? options = null) =>
        Demand(TryDerivatives(f, at, order, modes, options), options);

    /// <summary>Checks derivatives up to an order, in every nesting of the modes, and reports.</summary>
    /// <inheritdoc cref="Derivatives(Func{Tensor, Tensor}, Tensor, int, CheckModes, CheckOptions?)"/>
    public static CheckReport TryDerivatives(Func<Tensor, Tensor> f, Tensor at, int order = 2, CheckModes modes = CheckModes.All, CheckOptions? options = null) =>
        Checks.derivatives("Derivatives", $"{order}, CheckModes.{modes}", Order(order), Subject(f, at), Modes(options, modes));

    /// <summary>Checks derivatives by a tree of parameters up to an order, in every nesting of the modes.</summary>
    /// <typeparam name="T">A record, class, tuple, array, list or dictionary of tensors, nested at will; integer tensors are constants.</typeparam>
    /// <inheritdoc cref="Derivatives(Func{Tensor, Tensor}, Tensor, int, CheckModes, CheckOptions?)"/>
    public static CheckReport Derivatives<T>(Func<T, Tensor> f, T at, int order = 2, CheckModes modes = CheckModes.All, CheckOptions? options = null) =>
        Demand(TryDerivatives(f, at, order, modes, options), options);

    /// <summary>Checks derivatives by a tree of parameters up to an order, and reports.</summary>
    /// <inheritdoc cref="Derivatives{T}(Func{T, Tensor}, T, int, CheckModes, CheckOptions?)"/>
    public static CheckReport TryDerivatives<T>(Func<T, Tensor> f, T at, int order = 2, CheckModes modes = CheckModes.All, CheckOptions? options = null) =>
        Checks.derivatives("Derivatives", $"{order}, CheckModes.{modes}", Order(order), Subject(f, at), Modes(options, modes));

    internal static CheckReport Demand(CheckReport report, CheckOptions? options) => report.Outcome switch
    {
        CheckOutcome.Agrees => report,
        CheckOutcome.Inconclusive when options is { ThrowOnInconclusive: false } => report,
        _ => throw new CheckFailedException(report),
    };

    private static Checks.Asked Subject(Func<Tensor, Tensor> f, Tensor at)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(at);
        Forward.demandFloat(nameof(at), at);
        return new(CheckCode.Call.Single, ["x"], [at], FuncConvert.FromFunc<Tensor[], Tensor[]>(xs => [f(xs[0]) ?? throw NullResult()]));
    }

    private static Checks.Asked Subject<T>(Func<T, Tensor> f, T at)
    {
        ArgumentNullException.ThrowIfNull(f);
        var parts = Functions.Apart(at, nameof(at));
        if (!Array.Exists(parts.Leaves, x => x.DType is DType.Float64 or DType.Float32))
            throw new ArgumentException("no tensor among the parameters is floating point; derivatives exist for float64 and float32. Convert one with Cast.", nameof(at));
        return new(CheckCode.Call.Tree, parts.Names, parts.Leaves, FuncConvert.FromFunc<Tensor[], Tensor[]>(xs => [f(parts.Rebuild(xs)) ?? throw NullResult()]));
    }

    private static InvalidOperationException NullResult() => new("the function returned null; return the tensor it computed.");

    private static int Order(int order) =>
        order >= 1 ? order : throw new ArgumentOutOfRangeException(nameof(order), order, "the order of a derivative to check is 1 or more.");

    private static CheckOptions Modes(CheckOptions? options, CheckModes modes)
    {
        if ((modes & CheckModes.All) == 0) throw new ArgumentOutOfRangeException(nameof(modes), modes, "choose Forward, Reverse or All.");
        return Checks.withModes(Valid(options), modes);
    }

    internal static CheckOptions Valid(CheckOptions? options)
    {
        options ??= new CheckOptions();
        Checks.demandValid(options);
        return options;
    }
}
