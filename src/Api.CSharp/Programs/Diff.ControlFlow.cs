using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.FSharp.Core;

namespace DiffLib;

public static partial class Diff
{
    /// <summary>One of two functions of an argument, by a truth value: an <c>if</c> that also works inside <see cref="Compile{TIn, TOut}"/> and
    /// <see cref="Vmap{TIn, TOut}(Func{TIn, TOut}, int, int)"/>.</summary>
    /// <remarks>Where the predicate is known, only the branch it names runs. In a compiled function both are traced and one runs at each call. Where every example has a predicate
    /// of its own, both run for all examples and each example gets its own result; the other one does not reach its derivatives. The branches may use tensors from
    /// outside. The predicate has no derivative.</remarks>
    /// <typeparam name="TIn">A tensor or a tree of tensors.</typeparam>
    /// <typeparam name="TOut">A tensor or a tree of tensors.</typeparam>
    /// <param name="predicate">One bool.</param>
    /// <param name="then">The result where it is true.</param>
    /// <param name="otherwise">The result where it is false: the same build, shapes and element types.</param>
    /// <param name="argument">What the branches get.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The predicate is not a single bool.</exception>
    /// <exception cref="InvalidOperationException">Both branches are needed, and their results differ in build, shape or element type.</exception>
    public static TOut Cond<TIn, TOut>(Tensor predicate, Func<TIn, TOut> then, Func<TIn, TOut> otherwise, TIn argument)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        ArgumentNullException.ThrowIfNull(then);
        ArgumentNullException.ThrowIfNull(otherwise);
        ArgumentNullException.ThrowIfNull(argument);
        return ControlTrees.cond(predicate, Given(then), Given(otherwise), argument);
    }

    /// <inheritdoc cref="Cond{TIn, TOut}(Tensor, Func{TIn, TOut}, Func{TIn, TOut}, TIn)"/>
    /// <param name="predicate">One bool.</param>
    /// <param name="then">The result where it is true, from tensors around it.</param>
    /// <param name="otherwise">The result where it is false: the same build, shapes and element types.</param>
    public static TOut Cond<TOut>(Tensor predicate, Func<TOut> then, Func<TOut> otherwise)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        ArgumentNullException.ThrowIfNull(then);
        ArgumentNullException.ThrowIfNull(otherwise);
        return ControlTrees.cond(predicate, Given((int _) => then()), Given((int _) => otherwise()), 0);
    }

    /// <summary>One of several functions of an argument, by number: a <c>switch</c> that also works inside <see cref="Compile{TIn, TOut}"/> and
    /// <see cref="Vmap{TIn, TOut}(Func{TIn, TOut}, int, int)"/>.</summary>
    /// <remarks>As <see cref="Cond{TIn, TOut}(Tensor, Func{TIn, TOut}, Func{TIn, TOut}, TIn)"/>, with a branch for each of 0, 1, 2, ...</remarks>
    /// <typeparam name="TIn">A tensor or a tree of tensors.</typeparam>
    /// <typeparam name="TOut">A tensor or a tree of tensors.</typeparam>
    /// <param name="index">One integer, from 0 to the number of branches less 1.</param>
    /// <param name="branches">At least one function; all give results of the same build, shapes and element types.</param>
    /// <param name="argument">What the branches get.</param>
    /// <exception cref="ArgumentNullException">An argument or a branch is null.</exception>
    /// <exception cref="ArgumentException">There is no branch, or the index is not a single integer.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No branch has this number. In a compiled function: when it runs.</exception>
    /// <exception cref="InvalidOperationException">Several branches are needed, and their results differ in build, shape or element type.</exception>
    public static TOut Switch<TIn, TOut>(Tensor index, IReadOnlyList<Func<TIn, TOut>> branches, TIn argument)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(branches);
        ArgumentNullException.ThrowIfNull(argument);
        foreach (var branch in branches) ArgumentNullException.ThrowIfNull(branch, nameof(branches));
        return ControlTrees.@switch(index, branches.Select(Given).ToArray(), argument);
    }

    /// <summary>A state stepped as long as a condition on it holds: a <c>while</c> that also works inside <see cref="Compile{TIn, TOut}"/> and
    /// <see cref="Vmap{TIn, TOut}(Func{TIn, TOut}, int, int)"/>.</summary>
    /// <remarks>Forward derivatives step along. For reverse mode the states are remembered, in memory that grows with the number of steps, unless
    /// <paramref name="checkpoints"/> bounds it. Examples of a Vmap that are done keep their state while others go on; the body still runs on them, so it must not fail
    /// there. The condition has no derivative: the number of steps counts as fixed. A loop that never ends is not noticed.</remarks>
    /// <typeparam name="TState">A tensor or a tree with at least one.</typeparam>
    /// <param name="condition">From the state to one bool.</param>
    /// <param name="body">From a state to the next: the same build, shapes and element types.</param>
    /// <param name="initial">The first state.</param>
    /// <param name="checkpoints">How many states reverse mode may keep at once; 0 keeps all. With s checkpoints no step of T runs more than r + 2 times, where r is the smallest number
    /// with C(s + r, s) ≥ T (Griewank and Walther's "Revolve", 2000). The functions are then traced, also outside Compile.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The condition is not a single bool, or the state holds no tensors.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of checkpoints is negative.</exception>
    /// <exception cref="InvalidOperationException">The body changes the state's build, a shape or an element type.</exception>
    public static TState While<TState>(Func<TState, Tensor> condition, Func<TState, TState> body, TState initial, int checkpoints = 0)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(initial);
        return ControlTrees.whileLoop(Given(condition), Given(body), initial, checkpoints);
    }

    /// <summary>A state stepped once for each number of a range: a <c>for</c> that stays one operation inside <see cref="Compile{TIn, TOut}"/>, however many steps it has.</summary>
    /// <remarks>A plain C# <c>for</c> works everywhere too; inside Compile it is written out step by step. See <see cref="Scan{TCarry, TX, TY}"/> for memory and derivatives.</remarks>
    /// <typeparam name="TState">A tensor or a tree with at least one.</typeparam>
    /// <param name="from">The first number.</param>
    /// <param name="to">The number after the last; no step where it is not above <paramref name="from"/>.</param>
    /// <param name="body">From the number (int64, rank 0) and a state to the next: the same build, shapes and element types.</param>
    /// <param name="initial">The first state.</param>
    /// <param name="checkpoints">How many states reverse mode may keep at once; 0 keeps all.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The state holds no tensors.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of checkpoints is negative.</exception>
    /// <exception cref="InvalidOperationException">The body changes the state's build, a shape or an element type.</exception>
    public static TState ForI<TState>(int from, int to, Func<Tensor, TState, TState> body, TState initial, int checkpoints = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(initial);
        return ControlTrees.forLoop(from, to, Given(body), initial, checkpoints);
    }

    /// <summary>Steps over the rows of tensors, from a carry and a row to the next carry and a result: recurrent nets, filters, integrators.</summary>
    /// <remarks>One operation inside <see cref="Compile{TIn, TOut}"/>, however many steps it has. The step may use tensors from outside; their gradients add up over the steps.
    /// Reverse mode keeps the carries of all T steps, unless <paramref name="checkpoints"/> bounds it; rows, results and their cotangents are there in full in any case.</remarks>
    /// <typeparam name="TCarry">A tensor or a tree of tensors.</typeparam>
    /// <typeparam name="TX">A tensor or a tree with at least one.</typeparam>
    /// <typeparam name="TY">A tensor or a tree of tensors.</typeparam>
    /// <param name="step">From a carry and a row to the next carry (the same build, shapes and element types) and a result.</param>
    /// <param name="initial">The first carry.</param>
    /// <param name="xs">The rows: each tensor [T, ...], the step sees [...].</param>
    /// <param name="reverse">From the last row to the first; results stand at their rows.</param>
    /// <param name="checkpoints">How many carries reverse mode may keep at once; 0 keeps all. With s checkpoints no step of T runs more than r + 2 times, where r is the smallest number
    /// with C(s + r, s) ≥ T (Griewank and Walther's "Revolve", 2000): 16 checkpoints and r = 7 reach 245,157 steps. The step is then traced, also outside Compile.</param>
    /// <returns>The last carry, and the results of all steps: each tensor [T, ...]. With no rows the first carry, and tensors [0, ...].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">There are no rows to count, or different numbers of them.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of checkpoints is negative.</exception>
    /// <exception cref="InvalidOperationException">The step changes the carry's build, a shape or an element type, or gives results that differ from step to step.</exception>
    public static (TCarry Carry, TY Results) Scan<TCarry, TX, TY>(Func<TCarry, TX, (TCarry Carry, TY Result)> step, TCarry initial, TX xs, bool reverse = false, int checkpoints = 0)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(xs);
        return ControlTrees.scan(FuncConvert.FromFunc(step), initial, xs, FSharpValueOption<int>.ValueNone, reverse, checkpoints);
    }

    /// <inheritdoc cref="Scan{TCarry, TX, TY}"/>
    /// <param name="step">From a carry to the next (the same build, shapes and element types) and a result.</param>
    /// <param name="initial">The first carry.</param>
    /// <param name="length">The number of steps.</param>
    /// <param name="checkpoints">How many carries reverse mode may keep at once; 0 keeps all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of steps or of checkpoints is negative.</exception>
    public static (TCarry Carry, TY Results) Scan<TCarry, TY>(Func<TCarry, (TCarry Carry, TY Result)> step, TCarry initial, int length, int checkpoints = 0)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(initial);
        var one = FuncConvert.FromFunc<TCarry, int, (TCarry, TY)>((carry, _) => step(carry));
        return ControlTrees.scan(one, initial, 0, FSharpValueOption<int>.NewValueSome(length), false, checkpoints);
    }

    /// <summary>Running combinations along an axis, x₀, x₀·x₁, x₀·x₁·x₂, ..., in about 2 log₂ n operations on whole stacks.</summary>
    /// <remarks>The function sees two elements, without the axis, and is applied to many pairs at once (see <see cref="Vmap{TIn, TOut}(Func{TIn, TOut}, int, int)"/>). It must be associative,
    /// (a·b)·c = a·(b·c); it need not commute. Linear recurrences are of this form: combine pairs (a, b) by (a₁a₂, a₂b₁ + b₂).</remarks>
    /// <typeparam name="T">A tensor or a tree with at least one.</typeparam>
    /// <param name="combine">Two neighbouring elements, the earlier one first, to one of the same build, shapes and element types.</param>
    /// <param name="xs">The elements, along the axis of every tensor.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="reverse">From the end: the last element, x₍ₙ₋₁₎·x₍ₙ₋₂₎, ...</param>
    /// <returns>As many elements, in place.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The tensors have different lengths along the axis, or there are none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A tensor lacks the axis.</exception>
    /// <exception cref="InvalidOperationException">The function changes the build, a shape or an element type.</exception>
    public static T AssociativeScan<T>(Func<T, T, T> combine, T xs, int axis = 0, bool reverse = false)
    {
        ArgumentNullException.ThrowIfNull(combine);
        ArgumentNullException.ThrowIfNull(xs);
        return ControlTrees.associativeScan(Given(combine), xs, axis, reverse);
    }

    private static FSharpFunc<TIn, TOut> Given<TIn, TOut>(Func<TIn, TOut> f) => FuncConvert.FromFunc<TIn, TOut>(x => NotNull(f(x)));

    private static FSharpFunc<T1, FSharpFunc<T2, TOut>> Given<T1, T2, TOut>(Func<T1, T2, TOut> f) => FuncConvert.FromFunc<T1, T2, TOut>((x, y) => NotNull(f(x, y)));

    private static T NotNull<T>(T result) => result is null ? throw new InvalidOperationException("the function returned null; return the tensor it computed.") : result;
}
