using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>Ordinary differential equations y' = f(t, y), whose solutions are differentiable functions of the initial state, the parameters and the times.</summary>
/// <remarks>
/// <para>Tangents go forward through the steps. Cotangents go back through the steps (<see cref="OdeDerivative.Discrete"/>: exact for the numbers computed) or by
/// the adjoint equation (<see cref="OdeDerivative.Adjoint"/>: little memory, as exact as the tolerances). Derivatives of derivatives work either way.
/// Step sizes are chosen by the values alone and held constant.</para>
/// <para>Inside <c>Vmap</c> and <c>Compile</c>, <see cref="OdeMethod.RungeKutta4"/> runs step by step on all examples at once; the methods with step control run
/// as one operation, example by example.</para>
/// </remarks>
public static class Ode
{
    /// <summary>The solution at the times.</summary>
    /// <typeparam name="TState">A tensor or a tree of tensors.</typeparam>
    /// <typeparam name="TParameters">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">(t, y, parameters) to dy/dt, built like y; t has rank 0.</param>
    /// <param name="start">y at times[0], float64 or float32.</param>
    /// <param name="times">A vector, strictly increasing or decreasing; differentiable, too.</param>
    /// <param name="parameters">What f depends on beside t and y.</param>
    /// <param name="options">Method, tolerances, derivative.</param>
    /// <returns>The states, built like <paramref name="start"/>; each tensor has the axis of the times in front. The first state is the start.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The times do not run one way; f gives another shape than that of the state; the state is not floating point.</exception>
    /// <exception cref="IntegrationException">The step size became too small, steps ran out, or the start is not finite.</exception>
    /// <exception cref="InvalidOperationException">With adjoint derivatives: f uses a value being differentiated that is not in the parameters.</exception>
    public static TState Solve<TState, TParameters>(Func<Tensor, TState, TParameters, TState> f, TState start, Tensor times, TParameters parameters, OdeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(times);
        var (state, given) = (Diff.Unknowns(start, nameof(start)), Functions.Apart(parameters, nameof(parameters)));
        var family = FuncConvert.FromFunc<Tensor[], FSharpFunc<Tensor, FSharpFunc<Tensor[], Tensor[]>>>(ps => Slope(f, state, given.Rebuild(ps)));
        return state.Rebuild(DifferentialEquations.solve((options ?? new()).Settings, family, times, state.Leaves, given.Leaves));
    }

    /// <summary>The solution at the times, for a right-hand side without parameters. With discrete derivatives it may use values being differentiated.</summary>
    /// <inheritdoc cref="Solve{TState, TParameters}(Func{Tensor, TState, TParameters, TState}, TState, Tensor, TParameters, OdeOptions?)"/>
    /// <typeparam name="TState">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">(t, y) to dy/dt, built like y; t has rank 0.</param>
    /// <param name="start">y at times[0], float64 or float32.</param>
    /// <param name="times">A vector, strictly increasing or decreasing; differentiable, too.</param>
    /// <param name="options">Method, tolerances, derivative.</param>
    public static TState Solve<TState>(Func<Tensor, TState, TState> f, TState start, Tensor times, OdeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(times);
        var state = Diff.Unknowns(start, nameof(start));
        var slope = Slope(f, state);
        var family = FuncConvert.FromFunc<Tensor[], FSharpFunc<Tensor, FSharpFunc<Tensor[], Tensor[]>>>(_ => slope);
        return state.Rebuild(DifferentialEquations.solve((options ?? new()).Settings, family, times, state.Leaves, []));
    }

    /// <summary>The solution from one time to another, to be read at any time between.</summary>
    /// <typeparam name="TState">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">(t, y) to dy/dt, built like y; t has rank 0. It may use values being differentiated: states read off the solution depend on them, through the steps.</param>
    /// <param name="start">y at the start, float64 or float32.</param>
    /// <param name="from">The time of the start.</param>
    /// <param name="to">Where to end; earlier or later.</param>
    /// <param name="options">Method and tolerances.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The times are equal or not finite; f gives another shape than that of the state.</exception>
    /// <exception cref="IntegrationException">The step size became too small, steps ran out, or the start is not finite.</exception>
    public static OdeTrajectory<TState> Trajectory<TState>(Func<Tensor, TState, TState> f, TState start, double from, double to, OdeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        var state = Diff.Unknowns(start, nameof(start));
        var counts = new Integration.Counts();
        var path = DifferentialEquations.path((options ?? new()).Settings, counts, Slope(f, state), from, to, state.Leaves);
        return new(state, path, counts, from, to);
    }

    private static FSharpFunc<Tensor, FSharpFunc<Tensor[], Tensor[]>> Slope<TState, TParameters>(Func<Tensor, TState, TParameters, TState> f, Tree.Parts<TState> state, TParameters parameters) =>
        Slope((t, y) => f(t, y, parameters), state);

    private static FSharpFunc<Tensor, FSharpFunc<Tensor[], Tensor[]>> Slope<TState>(Func<Tensor, TState, TState> f, Tree.Parts<TState> state) =>
        f is Func<Tensor, Tensor, Tensor> plain
            ? FuncConvert.FromFunc<Tensor, Tensor[], Tensor[]>((t, y) => [Functions.Given(plain(t, y[0]))])
            : FuncConvert.FromFunc<Tensor, Tensor[], Tensor[]>((t, y) => Functions.Each(f(t, state.Rebuild(y))));
}
