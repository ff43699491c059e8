using System;
using System.Collections.Generic;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>Ordinary differential equations y' = f(t, y), whose solutions are differentiable functions of the initial state, the parameters and the times.</summary>
/// <remarks>
/// <para>Tangents go forward through the steps. Cotangents go back through the steps (<see cref="OdeDerivative.Discrete"/>: exact for the numbers computed) or by
/// the adjoint equation (<see cref="OdeDerivative.Adjoint"/>: little memory, as exact as the tolerances). Derivatives of derivatives work either way.
/// Step sizes are chosen by the values alone and held constant.</para>
/// <para>Events are zeros of functions of time and state along the solution: <c>SolveToEvent</c> ends at the first one, <c>Trajectory</c> notes any number of them on the way. Time and state of an
/// event are differentiable functions, too: by the implicit function theorem, in both modes and to any order.</para>
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
        return Solve(ps => Slope(f, state, given.Rebuild(ps)), state, times, given.Leaves, options);
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
        return Solve(_ => slope, state, times, [], options);
    }

    private static TState Solve<TState>(
        Func<Tensor[], FSharpFunc<Tensor, FSharpFunc<Tensor[], Tensor[]>>> slope, Tree.Parts<TState> state, Tensor times, Tensor[] parameters, OdeOptions? options) =>
        state.Rebuild(DifferentialEquations.solve((options ?? new()).Settings, FuncConvert.FromFunc(slope), times, state.Leaves, parameters));

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

    /// <summary>The solution from one time to another, with the events on the way, of which some may end it.</summary>
    /// <typeparam name="TState">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">(t, y) to dy/dt, built like y; t has rank 0. It may use values being differentiated: states and events depend on them, through the steps.</param>
    /// <param name="start">y at the start, float64 or float32.</param>
    /// <param name="from">The time of the start.</param>
    /// <param name="to">Where to end at the latest; earlier or later. An infinite time leaves the end to the events, for methods with step control.</param>
    /// <param name="events">What to look for: see <see cref="OdeEvent{TState}"/>. Their <see cref="OdeTrajectory{TState}.Occurrences"/> are in the order in which they happen.</param>
    /// <param name="options">Method and tolerances. Derivatives go through the steps.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The times are equal or not finite; f gives another shape than that of the state; a condition does not give one floating-point number;
    /// adjoint derivatives are asked for.</exception>
    /// <exception cref="IntegrationException">The step size became too small, steps ran out, the start or a condition is not finite; or the time of an event is to be differentiated
    /// that touches zero without crossing it.</exception>
    public static OdeTrajectory<TState> Trajectory<TState>(
        Func<Tensor, TState, TState> f, TState start, double from, double to, IReadOnlyList<OdeEvent<TState>> events, OdeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(events);
        var state = Diff.Unknowns(start, nameof(start));
        var watched = new Events.Event[events.Count];
        for (var k = 0; k < watched.Length; k++)
        {
            var e = events[k] ?? throw new ArgumentNullException(nameof(events), $"event {k} is null.");
            watched[k] = new(FuncConvert.FromFunc<Tensor, Tensor[], Tensor>((t, y) => Functions.Given(e.Condition(t, state.Rebuild(y)))), e.Direction, e.EndsAfter);
        }
        var counts = new Integration.Counts();
        return new(state, DifferentialEquations.pathWithEvents((options ?? new()).Settings, counts, Slope(f, state), from, to, state.Leaves, watched), counts, from, to);
    }

    /// <summary>The first time at which a condition is zero along the solution, and the state there: both are differentiable functions of the start, its time and the parameters.</summary>
    /// <typeparam name="TState">A tensor or a tree of tensors.</typeparam>
    /// <typeparam name="TParameters">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">(t, y, parameters) to dy/dt, built like y; t has rank 0.</param>
    /// <param name="condition">(t, y, parameters) to one number g, whose sign changes where the event happens. Where it is zero at the start, that is no event.</param>
    /// <param name="start">y at the start, float64 or float32.</param>
    /// <param name="from">The time of the start, one number; differentiable, too.</param>
    /// <param name="to">Where to give up; earlier or later than the start. Infinite: after <see cref="OdeOptions.MaxSteps"/>.</param>
    /// <param name="parameters">What f and the condition depend on beside t and y.</param>
    /// <param name="direction">Which changes of sign are events, as the integration goes.</param>
    /// <param name="options">Method and tolerances. Derivatives go through the steps.</param>
    /// <returns>The time, float64 of rank 0, and the state, built like <paramref name="start"/>.</returns>
    /// <remarks>
    /// <para>Steps show an event by the condition's sign at their ends; two changes of sign within a step are not seen: <see cref="OdeOptions.LargestStep"/> makes steps shorter. The time is found on
    /// the method's continuous extension to rounding, so it is as exact as the solution.</para>
    /// <para>With T the time, dT = -(∂g/∂t + ∂g/∂y f)⁻¹ dg, where dg is the change of the condition at the time held fixed; dy(T) has the term f dT. Derivatives of every order follow, in both modes.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The times are equal or not finite; f gives another shape than that of the state; the condition does not give one floating-point number;
    /// adjoint derivatives are asked for.</exception>
    /// <exception cref="IntegrationException">The event did not happen; or the step size became too small, steps ran out, the start or the condition is not finite; or the time is to be
    /// differentiated and the condition touches zero without crossing it.</exception>
    public static (Tensor Time, TState State) SolveToEvent<TState, TParameters>(
        Func<Tensor, TState, TParameters, TState> f,
        Func<Tensor, TState, TParameters, Tensor> condition,
        TState start,
        Tensor from,
        double to,
        TParameters parameters,
        OdeEventDirection direction = OdeEventDirection.Either,
        OdeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(from);
        var (state, given) = (Diff.Unknowns(start, nameof(start)), Functions.Apart(parameters, nameof(parameters)));
        return SolveToEvent(ps => Slope(f, state, given.Rebuild(ps)), (ps, t, y) => condition(t, state.Rebuild(y), given.Rebuild(ps)), state, from, to, given.Leaves, direction, options);
    }

    /// <summary>The first time at which a condition is zero along the solution, and the state there, for functions without parameters: they may use values being differentiated.</summary>
    /// <inheritdoc cref="SolveToEvent{TState, TParameters}"/>
    /// <typeparam name="TState">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">(t, y) to dy/dt, built like y; t has rank 0.</param>
    /// <param name="condition">(t, y) to one number, whose sign changes where the event happens. Where it is zero at the start, that is no event.</param>
    /// <param name="start">y at the start, float64 or float32.</param>
    /// <param name="from">The time of the start, one number; differentiable, too.</param>
    /// <param name="to">Where to give up; earlier or later than the start. Infinite: after <see cref="OdeOptions.MaxSteps"/>.</param>
    /// <param name="direction">Which changes of sign are events, as the integration goes.</param>
    /// <param name="options">Method and tolerances. Derivatives go through the steps.</param>
    public static (Tensor Time, TState State) SolveToEvent<TState>(
        Func<Tensor, TState, TState> f,
        Func<Tensor, TState, Tensor> condition,
        TState start,
        Tensor from,
        double to,
        OdeEventDirection direction = OdeEventDirection.Either,
        OdeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(from);
        var state = Diff.Unknowns(start, nameof(start));
        var slope = Slope(f, state);
        return SolveToEvent(_ => slope, (_, t, y) => condition(t, state.Rebuild(y)), state, from, to, [], direction, options);
    }

    private static (Tensor Time, TState State) SolveToEvent<TState>(
        Func<Tensor[], FSharpFunc<Tensor, FSharpFunc<Tensor[], Tensor[]>>> slope,
        Func<Tensor[], Tensor, Tensor[], Tensor> condition,
        Tree.Parts<TState> state,
        Tensor from,
        double to,
        Tensor[] parameters,
        OdeEventDirection direction,
        OdeOptions? options)
    {
        var zero = FuncConvert.FromFunc<Tensor[], Tensor, Tensor[], Tensor>((ps, t, y) => Functions.Given(condition(ps, t, y)));
        var (time, at) = DifferentialEquations.solveToEvent((options ?? new()).Settings, FuncConvert.FromFunc(slope), zero, direction, from, to, state.Leaves, parameters);
        return (time, state.Rebuild(at));
    }

    private static FSharpFunc<Tensor, FSharpFunc<Tensor[], Tensor[]>> Slope<TState, TParameters>(Func<Tensor, TState, TParameters, TState> f, Tree.Parts<TState> state, TParameters parameters) =>
        Slope((t, y) => f(t, y, parameters), state);

    private static FSharpFunc<Tensor, FSharpFunc<Tensor[], Tensor[]>> Slope<TState>(Func<Tensor, TState, TState> f, Tree.Parts<TState> state) =>
        f is Func<Tensor, Tensor, Tensor> plain
            ? FuncConvert.FromFunc<Tensor, Tensor[], Tensor[]>((t, y) => [Functions.Given(plain(t, y[0]))])
            : FuncConvert.FromFunc<Tensor, Tensor[], Tensor[]>((t, y) => Functions.Each(f(t, state.Rebuild(y))));
}
