using System;
using System.Collections.Generic;

namespace DiffLib;

/// <summary>A solution of a differential equation, to be read at any time: between steps by the method's continuous extension.</summary>
/// <typeparam name="TState">A tensor or a tree of tensors.</typeparam>
public sealed class OdeTrajectory<TState>
{
    private readonly Tree.Parts<TState> state;
    private readonly Integration.Trajectory path;

    internal OdeTrajectory(Tree.Parts<TState> state, Events.Followed followed, Integration.Counts counts, double from, double to)
        : this(state, followed.Path, counts, from, to)
    {
        Occurrences = Array.ConvertAll(followed.Occurrences, o => new OdeOccurrence<TState>(o.Event, o.Time, state.Rebuild(o.State)));
        if (followed.EndedBy < 0) return;
        EndedBy = followed.EndedBy;
        To = followed.EndTime;
    }

    internal OdeTrajectory(Tree.Parts<TState> state, Integration.Trajectory path, Integration.Counts counts, double from, double to)
    {
        this.state = state;
        this.path = path;
        From = from;
        To = to;
        Steps = counts.Steps;
        Rejected = counts.Rejected;
        Evaluations = counts.Evaluations;
    }

    /// <summary>The time of the start.</summary>
    public double From { get; }

    /// <summary>The time of the end: that asked for, or that of the event that ended the solution.</summary>
    public double To { get; }

    /// <summary>What happened on the way, in its order; nothing, if no events were given.</summary>
    public IReadOnlyList<OdeOccurrence<TState>> Occurrences { get; } = [];

    /// <summary>The number of the event that ended the solution; null if it went on to the time asked for.</summary>
    public int? EndedBy { get; }

    /// <summary>How many steps were made.</summary>
    public int Steps { get; }

    /// <summary>How many steps were tried and found too large.</summary>
    public int Rejected { get; }

    /// <summary>How many times the right-hand side was evaluated; for its derivatives, too.</summary>
    public int Evaluations { get; }

    /// <summary>The times at which steps start, in the order made, and the end.</summary>
    public IReadOnlyList<double> StepTimes
    {
        get
        {
            var times = new double[path.Segments.Length + 1];
            for (var k = 0; k < path.Segments.Length; k++) times[k] = path.Segments[k].Start;
            times[^1] = To;
            return times;
        }
    }

    /// <summary>The state at a time.</summary>
    /// <param name="t">Between <see cref="From"/> and <see cref="To"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside.</exception>
    public TState At(double t) =>
        t >= Math.Min(From, To) && t <= Math.Max(From, To)
            ? state.Rebuild(path.At(t))
            : throw new ArgumentOutOfRangeException(nameof(t), t, $"the solution runs from {From} to {To}; integrate further to read it there.");
}
