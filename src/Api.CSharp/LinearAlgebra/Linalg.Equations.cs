using System;

namespace DiffLib;

public static partial class Linalg
{
    /// <summary>X with A·X = B for a symmetric positive definite A, by Cholesky's factor: twice as fast as <see cref="Solve"/>, and it says where A is not positive definite.
    /// Only the lower triangle of A is read. A counts as symmetric in derivatives: a gradient is the symmetric one, and a tangent acts by its symmetric part.</summary>
    /// <param name="a">Symmetric positive definite, [.., n, n].</param>
    /// <param name="b">[n], or [.., n, k]; only rank 1 means a vector.</param>
    /// <returns>[n], or [.., n, k].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">a is not square, or b has another number of rows.</exception>
    /// <exception cref="NotPositiveDefiniteException">a is not positive definite.</exception>
    public static Tensor SolvePositiveDefinite(Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return Equations.SolvePositive(a, b);
    }

    /// <summary>X with A·X = B for a tridiagonal A, by elimination with partial pivoting: n·k steps instead of n³. Differentiable by all four arguments.</summary>
    /// <param name="lower">The diagonal below the main one, [.., n - 1].</param>
    /// <param name="diagonal">The main diagonal, [.., n].</param>
    /// <param name="upper">The diagonal above the main one, [.., n - 1].</param>
    /// <param name="b">[n], or [.., n, k]; only rank 1 means a vector. Leading axes of all four broadcast.</param>
    /// <returns>[n], or [.., n, k].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    /// <exception cref="SingularMatrixException">A pivot is exactly 0.</exception>
    public static Tensor SolveTridiagonal(Tensor lower, Tensor diagonal, Tensor upper, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(diagonal);
        ArgumentNullException.ThrowIfNull(upper);
        ArgumentNullException.ThrowIfNull(b);
        return Equations.SolveTridiagonal(lower, diagonal, upper, b);
    }

    /// <summary>X with A·X + X·B = C, by the Schur forms of A and B (R. Bartels and G. Stewart, 1972).</summary>
    /// <param name="a">[.., m, m].</param>
    /// <param name="b">[.., n, n].</param>
    /// <param name="c">[.., m, n]. Leading axes broadcast.</param>
    /// <returns>[.., m, n].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="SingularMatrixException">An eigenvalue of a is minus one of b, to rounding.</exception>
    public static Tensor Sylvester(Tensor a, Tensor b, Tensor c)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(c);
        return Equations.Sylvester(a, b, c);
    }

    /// <summary>X with A·X + X·Aᵀ = Q: the equation of Lyapunov in continuous time.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <param name="q">[.., n, n]; symmetric or not. Leading axes broadcast.</param>
    /// <returns>[.., n, n].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="SingularMatrixException">The sum of two eigenvalues of a is 0, to rounding.</exception>
    public static Tensor Lyapunov(Tensor a, Tensor q)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(q);
        return Equations.Lyapunov(a, q);
    }

    /// <summary>X with X - A·X·Aᵀ = Q: the equation of Lyapunov in discrete time (of Stein), such as the stationary covariance of x' = A·x + noise of covariance Q.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <param name="q">[.., n, n]; symmetric or not. Leading axes broadcast.</param>
    /// <returns>[.., n, n].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="SingularMatrixException">The product of two eigenvalues of a is 1, to rounding.</exception>
    public static Tensor DiscreteLyapunov(Tensor a, Tensor q)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(q);
        return Equations.DiscreteLyapunov(a, q);
    }
}
