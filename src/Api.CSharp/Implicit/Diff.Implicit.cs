using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

public static partial class Diff
{
    /// <summary>The solution x of f(x, parameters) = 0, as a differentiable function of the parameters: Newton's method with backtracking finds it, the
    /// implicit function theorem gives derivatives of every order in both modes, at the cost of one linear solve each.</summary>
    /// <typeparam name="TParameters">A tensor or a tree of tensors: everything differentiable that the function uses beside x.</typeparam>
    /// <typeparam name="T">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">(x, parameters) to as many numbers as x has. The Jacobian by x, from automatic differentiation, has to be regular at the solution.</param>
    /// <param name="start">Where to start, float64 or float32; it chooses among several solutions and has no derivative.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="options">Tolerances, iterations, the linear solver.</param>
    /// <returns>x, built like <paramref name="start"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">f gives another number of equations, or an integer start.</exception>
    /// <exception cref="ConvergenceException">No solution was found from there.</exception>
    /// <exception cref="SingularMatrixException">A derivative is asked for where the Jacobian is singular.</exception>
    /// <exception cref="InvalidOperationException">f uses a value being differentiated that is not in the parameters.</exception>
    public static T Root<TParameters, T>(Func<T, TParameters, T> f, T start, TParameters parameters, RootOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        var (unknowns, given) = (Unknowns(start, nameof(start)), Functions.Apart(parameters, nameof(parameters)));
        return unknowns.Rebuild(Implicit.root((options ?? new()).Options, OverParts(f, unknowns, given), unknowns.Leaves, given.Leaves));
    }

    /// <summary>The number x between two others with f(x, parameters) = 0, by Brent's method; differentiable by the parameters like <see cref="Root{TParameters, T}"/>.</summary>
    /// <typeparam name="TParameters">A tensor or a tree of tensors: everything differentiable that the function uses beside x.</typeparam>
    /// <param name="f">(x of rank 0, parameters) to one number, of opposite signs at the ends.</param>
    /// <param name="lower">The lower end.</param>
    /// <param name="upper">The upper end.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="options">Tolerance and iterations.</param>
    /// <returns>x, float64 of rank 0.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The ends are not in order, or f has the same sign at both.</exception>
    /// <exception cref="ConvergenceException">There were too many iterations.</exception>
    public static Tensor Root<TParameters>(Func<Tensor, TParameters, Tensor> f, double lower, double upper, TParameters parameters, RootOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        var given = Functions.Apart(parameters, nameof(parameters));
        return Implicit.rootBetween((options ?? new()).Options, FuncConvert.FromFunc<Tensor, Tensor[], Tensor>((x, ps) => Functions.Given(f(x, given.Rebuild(ps)))), lower, upper, given.Leaves);
    }

    /// <summary>The point x with x = g(x, parameters), as a differentiable function of the parameters: Anderson's mixing finds it, the implicit function
    /// theorem gives derivatives of every order in both modes, without a trace of the iteration.</summary>
    /// <typeparam name="TParameters">A tensor or a tree of tensors: everything differentiable that the function uses beside x.</typeparam>
    /// <typeparam name="T">A tensor or a tree of tensors.</typeparam>
    /// <param name="g">(x, parameters) to a value built like x; a contraction near the point, or nearly.</param>
    /// <param name="start">Where to start, float64 or float32; it has no derivative.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="options">Tolerance, iterations, mixing, the linear solver.</param>
    /// <returns>x, built like <paramref name="start"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">g gives another number of elements than it takes.</exception>
    /// <exception cref="ConvergenceException">The iteration did not settle.</exception>
    /// <exception cref="InvalidOperationException">g uses a value being differentiated that is not in the parameters.</exception>
    public static T FixedPoint<TParameters, T>(Func<T, TParameters, T> g, T start, TParameters parameters, FixedPointOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(g);
        var (unknowns, given) = (Unknowns(start, nameof(start)), Functions.Apart(parameters, nameof(parameters)));
        options ??= new();
        return unknowns.Rebuild(Implicit.fixedPointOf(options.Options, options.Memory, OverParts(g, unknowns, given), unknowns.Leaves, given.Leaves));
    }

    /// <summary>The point x at which f(x, parameters) has a local minimum (the argmin), as a differentiable function of the parameters: MathNet's BFGS, sharpened
    /// by Newton's method, finds it; the implicit function theorem on the gradient gives derivatives of every order in both modes.</summary>
    /// <typeparam name="TParameters">A tensor or a tree of tensors: everything differentiable that the function uses beside x.</typeparam>
    /// <typeparam name="T">A tensor or a tree of tensors.</typeparam>
    /// <param name="f">(x, parameters) to one number, twice differentiable near the minimum.</param>
    /// <param name="start">Where to start, float64 or float32; it has no derivative.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="options">Tolerance, iterations, the linear solver.</param>
    /// <returns>x, built like <paramref name="start"/>. The value of the minimum is f(x, parameters), whose gradient by the parameters passes through x for free.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ConvergenceException">No minimum was found from there.</exception>
    /// <exception cref="SingularMatrixException">A derivative is asked for where the Hessian is singular.</exception>
    /// <exception cref="InvalidOperationException">f gives more than a number, or uses a value being differentiated that is not in the parameters.</exception>
    public static T Minimize<TParameters, T>(Func<T, TParameters, Tensor> f, T start, TParameters parameters, MinimizeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(f);
        var (unknowns, given) = (Unknowns(start, nameof(start)), Functions.Apart(parameters, nameof(parameters)));
        var objective = FuncConvert.FromFunc<Tensor[], Tensor[], Tensor>((xs, ps) => Functions.Given(f(unknowns.Rebuild(xs), given.Rebuild(ps))));
        return unknowns.Rebuild(Implicit.minimizer((options ?? new()).Options, objective, unknowns.Leaves, given.Leaves));
    }

    /// <summary>The solution x of A x = b for a matrix given by its products with vectors; differentiable by b. A itself may not depend on values being
    /// differentiated: for that, give it parameters.</summary>
    /// <typeparam name="T">A tensor or a tree of tensors.</typeparam>
    /// <param name="matvec">x to A x, linear, built like x.</param>
    /// <param name="b">The right-hand side, float64 or float32.</param>
    /// <param name="options">The method and its tolerance.</param>
    /// <returns>x, built like <paramref name="b"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">A is not square.</exception>
    /// <exception cref="SingularMatrixException">A, where it is formed, is singular.</exception>
    /// <exception cref="ConvergenceException">The iteration did not reach its tolerance.</exception>
    /// <exception cref="InvalidOperationException">matvec uses a value being differentiated.</exception>
    public static T LinearSolve<T>(Func<T, T> matvec, T b, LinearSolveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(matvec);
        var unknowns = Unknowns(b, nameof(b));
        var product = FuncConvert.FromFunc<Tensor[], Tensor[], Tensor[]>((_, v) => Functions.Each(matvec(unknowns.Rebuild(v))));
        return unknowns.Rebuild(LinearSolvers.solveParts((options ?? new()).Settings, product, [], unknowns.Leaves));
    }

    /// <summary>The solution x of A(parameters) x = b for a matrix given by its products with vectors; differentiable by the parameters and by b, to every
    /// order in both modes. The transposed products come from reverse mode.</summary>
    /// <inheritdoc cref="LinearSolve{T}(Func{T, T}, T, LinearSolveOptions?)"/>
    /// <typeparam name="TParameters">A tensor or a tree of tensors: everything differentiable that the matrix depends on.</typeparam>
    /// <typeparam name="T">A tensor or a tree of tensors.</typeparam>
    /// <param name="matvec">(x, parameters) to A(parameters) x, linear in x.</param>
    /// <param name="b">The right-hand side, float64 or float32.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="options">The method and its tolerance.</param>
    public static T LinearSolve<TParameters, T>(Func<T, TParameters, T> matvec, T b, TParameters parameters, LinearSolveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(matvec);
        var (unknowns, given) = (Unknowns(b, nameof(b)), Functions.Apart(parameters, nameof(parameters)));
        var product = FuncConvert.FromFunc<Tensor[], Tensor[], Tensor[]>((ps, v) => Functions.Each(matvec(unknowns.Rebuild(v), given.Rebuild(ps))));
        return unknowns.Rebuild(LinearSolvers.solveParts((options ?? new()).Settings, product, given.Leaves, unknowns.Leaves));
    }

    /// <summary>A value whose tensors are all unknowns: each place counts by itself.</summary>
    internal static Tree.Parts<T> Unknowns<T>(T value, string name)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        var parts = Tree.flattenEach(value);
        return parts.Leaves.Length > 0
            ? parts
            : throw new ArgumentException($"{typeof(T).Name} holds no tensors, so nothing is unknown. Put the unknowns into tensors.", name);
    }

    private static FSharpFunc<Tensor[], FSharpFunc<Tensor[], Tensor[]>> OverParts<T, TParameters>(Func<T, TParameters, T> f, Tree.Parts<T> unknowns, Tree.Parts<TParameters> given) =>
        FuncConvert.FromFunc<Tensor[], Tensor[], Tensor[]>((xs, ps) => Functions.Each(f(unknowns.Rebuild(xs), given.Rebuild(ps))));
}
