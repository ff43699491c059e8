using System;

namespace DiffLib;

/// <summary>
/// A number that carries a derivative met a derivative call it does not belong to: it outlived its own call, it met numbers of
/// another call of the same type, or it was used on a thread other than the one that records. The message names the way out.
/// </summary>
/// <remarks>
/// Without this check, the tangent of one call would be counted as the tangent of another ("perturbation confusion") and the
/// result would be wrong in silence. Nested derivatives need none of it: write the outer function generic in its number type
/// <c>T</c> and differentiate the inner one over <c>Dual&lt;T&gt;</c>; then the two calls have different types.
/// </remarks>
public sealed class DerivativeScopeException : InvalidOperationException
{
    /// <summary>Creates the exception with a general message.</summary>
    public DerivativeScopeException() : this("A differentiated number was used outside its derivative call.") { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and the way out.</param>
    public DerivativeScopeException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and the way out.</param>
    /// <param name="innerException">The cause.</param>
    public DerivativeScopeException(string message, Exception innerException) : base(message, innerException) { }

    internal static DerivativeScopeException Mixed(string type) => new(
        $"Numbers of two derivative calls met: both are {type}, but each call's numbers belong to that call alone " +
        "(mixing them would count one call's derivative as the other's). " +
        "To nest derivatives, make the outer function generic in its number type T and differentiate the inner one over Dual<T>, " +
        "so that x of type T lifts into it: x * Diff.Derivative((Dual<T> y) => x + y, at: T.One). " +
        "To use an old result as a plain constant, take its Primal, or Diff.StopGradient(x).");

    internal static DerivativeScopeException Escaped(string type) => new(
        $"A {type} was used after the derivative call that made it had returned. Its record is gone. " +
        "Return what you need from the function, or keep the number's Primal instead of the number itself.");

    internal static DerivativeScopeException WrongThread(string type) => new(
        $"A {type} was used on another thread than the one its derivative call runs on. A reverse call records on one thread. " +
        "Differentiate forward (Dual<T> is free of this limit), or call Diff inside each parallel branch on plain numbers.");

    internal static DerivativeScopeException DroppedByConversion(string from, string to) => new(
        $"Converting {from} to {to} would drop the derivative it carries. " +
        "Lift it into a number type built on its own (Dual<T> over the same T), or take its Primal, or Diff.StopGradient(x), if it is meant as a constant.");

    internal static DerivativeScopeException TraceEnded() => new(
        "A Traced number was used after its recording had ended. Return what you need from the compiled function; " +
        "a number kept in a field or a captured variable belongs to the recording that made it.");

    internal static DerivativeScopeException TracedConverted(string to) => new(
        $"Converting a Traced number to {to} would make it a constant of the compiled program, whatever the later inputs are. " +
        "Keep the computation in the number type T (T.CreateChecked lifts constants into it), or do not compile the function: Diff.Gradient takes it as it is.");
}
