using System;

namespace DiffLib;

/// <summary>An event on the way of a solution: where a condition is zero.</summary>
/// <typeparam name="TState">A tensor or a tree of tensors.</typeparam>
/// <param name="Condition">(t, y) to one number, whose sign changes where the event happens. It may use values being differentiated. Where it is zero at the start, that is no event; two
/// changes of sign within a step are not seen (<see cref="OdeOptions.LargestStep"/> makes steps shorter).</param>
public sealed record OdeEvent<TState>(Func<Tensor, TState, Tensor> Condition)
{
    /// <summary>Which changes of sign are events, as the integration goes.</summary>
    public OdeEventDirection Direction { get; init; } = OdeEventDirection.Either;

    /// <summary>The solution ends when the event has happened so often: 1 for the first time; 0: it goes on.</summary>
    public int EndsAfter { get; init; }
}

/// <summary>An event that happened.</summary>
/// <typeparam name="TState">A tensor or a tree of tensors.</typeparam>
/// <param name="Event">Its number among the events given.</param>
/// <param name="Time">When: float64 of rank 0. A differentiable function of whatever the solution and the condition depend on.</param>
/// <param name="State">The state there, with the derivative of the time in it.</param>
public sealed record OdeOccurrence<TState>(int Event, Tensor Time, TState State);
