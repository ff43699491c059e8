using System;
using System.Collections.Generic;
using System.Threading;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>A second query of a tape that answers only one.</summary>
/// <param name="message">What happened, and the way out.</param>
public sealed class TapeConsumedException(string message) : InvalidOperationException(message);

/// <summary>What a tape answers for a source that the target does not depend on.</summary>
public enum UnconnectedGradients
{
    /// <summary>Zeros of the source's shape.</summary>
    Zero,
    /// <summary>An <see cref="InvalidOperationException"/> that says which source it is.</summary>
    Throw,
}

/// <summary>Reverse mode for those who think in tapes: watch values, compute with what <see cref="Watch(Tensor)"/> returned, ask for gradients.</summary>
/// <remarks>
/// <para>The numbers are those of <see cref="Diff"/>, bit for bit. Tensors are immutable, so watching returns a new tensor, and it is that one the
/// tape sees. Whatever is computed from it is recorded until the tape is disposed, and may itself be a source: gradients by intermediates are there.</para>
/// <para>A tape answers once and then lets its record go, unless it is persistent. Tapes nest: an inner tape that watches a value of an outer one gives
/// gradients that the outer one has recorded. A tape must be opened inside the derivative call whose values it watches.</para>
/// <para>A tape may be used from several threads; it holds no unmanaged resource, and forgetting to dispose it costs memory only.</para>
/// </remarks>
public sealed class GradientTape : IDisposable
{
    private readonly Trace trace = new(Trace.FreshTag());
    private readonly bool persistent;
    private int state; // 0 recording, 1 consumed, 2 disposed

    /// <summary>Opens a tape.</summary>
    /// <param name="persistent">Whether it may be asked more than once.</param>
    public GradientTape(bool persistent = false) => this.persistent = persistent;

    /// <summary>Whether it may be asked more than once.</summary>
    public bool IsPersistent => persistent;

    /// <summary>The number of values recorded so far: watched values and results of operations on them; 0 after release.</summary>
    public int RecordedCount => Volatile.Read(ref state) == 0 ? trace.Count : 0;

    /// <summary>The tensor that the tape follows; compute with it instead of <paramref name="x"/>. One that is on this tape already is returned as it is.</summary>
    /// <param name="x">float64 or float32, any shape.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> is not floating point, or belongs to a derivative call that began after this tape.</exception>
    /// <exception cref="ObjectDisposedException">The tape was disposed.</exception>
    /// <exception cref="TapeConsumedException">The tape has given its one answer.</exception>
    public Tensor Watch(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        DemandRecording();
        Forward.demandFloat(nameof(x), x);
        if (PlaceOf(x) >= 0) return x;
        if (x.Level > trace.Tag && !ReferenceEquals(Forward.settle(trace.Tag, x), x) && IsLive(x))
            throw new ArgumentException("this value is being differentiated by a call that began after the tape was opened. Open the tape inside that call.", nameof(x));
        return Reverse.watch(trace, Forward.settle(trace.Tag, x));
    }

    /// <summary>The number as a tensor that the tape follows: float64 of rank 0.</summary>
    /// <inheritdoc cref="Watch(Tensor)"/>
    public Tensor Watch(double x) => Watch(Functions.Number(x));

    /// <summary>A tree of parameters whose tensors the tape follows; integer tensors stay as they are.</summary>
    /// <typeparam name="T">A record, class, tuple, array, list or dictionary of tensors, nested at will.</typeparam>
    /// <inheritdoc cref="Watch(Tensor)"/>
    /// <exception cref="ArgumentException">There are no tensors in it, or one belongs to a derivative call that began after this tape.</exception>
    /// <exception cref="NotSupportedException">A part holds tensors but cannot be built again.</exception>
    public T Watch<T>(T x)
    {
        ArgumentNullException.ThrowIfNull(x);
        DemandRecording();
        var parts = Functions.Apart(x, nameof(x));
        return parts.Rebuild(Array.ConvertAll(parts.Leaves, t => t.DType is DType.Float64 or DType.Float32 ? Watch(t) : t));
    }

    /// <summary>Whether a value was watched by this tape or computed from what was.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    public bool IsRecorded(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return PlaceOf(x) >= 0;
    }

    /// <summary>The gradient of a target by a source: zeros where the target does not depend on it, and where the source is not on this tape.</summary>
    /// <param name="target">What was computed; if it has several elements, the gradient of their sum, or of Σ cotangent·target.</param>
    /// <param name="source">What <see cref="Watch(Tensor)"/> returned, or anything computed from it.</param>
    /// <param name="cotangent">Weights of the target's elements, in its shape; ones by default.</param>
    /// <param name="unconnected">What to answer where there is no connection.</param>
    /// <returns>The shape and element type of <paramref name="source"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The cotangent's shape differs from the target's.</exception>
    /// <exception cref="TapeConsumedException">The tape is not persistent and has given its one answer.</exception>
    /// <exception cref="ObjectDisposedException">The tape was disposed.</exception>
    /// <exception cref="InvalidOperationException">There is no connection, and <paramref name="unconnected"/> asks for an error.</exception>
    public Tensor Gradient(Tensor target, Tensor source, Tensor? cotangent = null, UnconnectedGradients unconnected = UnconnectedGradients.Zero)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Gradients(target, [source], cotangent, unconnected)[0];
    }

    /// <summary>The gradient of a target by a watched tree of parameters: a value of the same type.</summary>
    /// <typeparam name="T">A record, class, tuple, array, list or dictionary of tensors, nested at will.</typeparam>
    /// <inheritdoc cref="Gradient(Tensor, Tensor, Tensor?, UnconnectedGradients)"/>
    public T Gradient<T>(Tensor target, T source, Tensor? cotangent = null, UnconnectedGradients unconnected = UnconnectedGradients.Zero)
    {
        var parts = Functions.Apart(source, nameof(source));
        return parts.Rebuild(Gradients(target, parts.Leaves, cotangent, unconnected));
    }

    /// <summary>The gradients of a target by several sources, from one sweep.</summary>
    /// <inheritdoc cref="Gradient(Tensor, Tensor, Tensor?, UnconnectedGradients)"/>
    public Tensor[] Gradients(Tensor target, IReadOnlyList<Tensor> sources, Tensor? cotangent = null, UnconnectedGradients unconnected = UnconnectedGradients.Zero)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(sources);
        var record = trace.Chunks; // before the question whether it is still there: another thread may release it from now on
        DemandRecording();
        var (primal, seed) = Reverse.locate(trace, target);
        if (cotangent is not null && !cotangent.Shape.Equals(primal.Shape))
            throw new ArgumentException($"the cotangent has shape {cotangent.Shape}, but the target has {primal.Shape}. Give one weight for each element of the target.", nameof(cotangent));

        var places = new int[sources.Count];
        for (var k = 0; k < places.Length; k++)
        {
            var source = sources[k] ?? throw new ArgumentNullException(nameof(sources), $"source {k} is null.");
            var place = PlaceOf(source);
            places[k] = place >= 0 ? place : int.MaxValue;
        }

        var swept = seed >= 0 ? Reverse.sweepOver(record, [seed], [cotangent is null ? Forward.onesLike(primal) : Tensor.Cast(cotangent, primal.DType)], places) : new FSharpValueOption<Tensor>[places.Length];
        if (!persistent && Interlocked.CompareExchange(ref state, 1, 0) == 0) trace.Release();

        var gradients = new Tensor[places.Length];
        for (var k = 0; k < places.Length; k++)
        {
            if (swept[k].IsNone && unconnected == UnconnectedGradients.Throw)
                throw new InvalidOperationException(places[k] == int.MaxValue
                    ? $"source {k} is not on this tape. Compute with the tensor that Watch returned, and pass that one as the source."
                    : $"the target does not depend on source {k}. Ask with UnconnectedGradients.Zero to get zeros.");
            gradients[k] = Functions.OrZeros(swept[k], Forward.settle(trace.Tag, sources[k]).Peel(trace.Tag));
        }

        return gradients;
    }

    /// <summary>Stops the recording and lets the record go. What was computed keeps its value. May be called again.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref state, 2) != 2) trace.Release();
    }

    private int PlaceOf(Tensor x)
    {
        var (_, place) = Reverse.locate(trace, x);
        return place;
    }

    private static bool IsLive(Tensor x) => x is not Tensor.Reverse reverse || reverse.trace.IsOpen;

    private void DemandRecording()
    {
        var now = Volatile.Read(ref state);
        ObjectDisposedException.ThrowIf(now == 2, this);
        if (now == 1) throw new TapeConsumedException("this tape has given its one answer and let its record go. Open it with persistent: true to ask more than once, or ask for all gradients at once with Gradients.");
    }
}
