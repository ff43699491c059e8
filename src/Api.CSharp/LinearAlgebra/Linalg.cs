using System;

namespace DiffLib;

/// <summary>Linear algebra with derivatives. Functions act on the last two axes; leading axes are a stack, over which operands broadcast.</summary>
/// <remarks>All take float64 and float32 (integers become float64); factorisations compute in float64 and round the result. Every function whose result is floating
/// point is differentiable in both modes, at any order unless it says otherwise. Matrices that must be regular and are exactly singular give a
/// <see cref="SingularMatrixException"/>, in every mode alike; NaN in a matrix gives NaN in its results. The rules are those of M. Giles, "Collected matrix derivative results"
/// (2008), S. Walter and L. Lehmann (2010), M. Seeger et al. (2017), J. Townsend (2016), I. Murray (2016), G. Golub and V. Pereyra (1973).</remarks>
public static partial class Linalg
{
    /// <summary>X with A·X = B.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <param name="b">[n], or [.., n, k]; only rank 1 means a vector.</param>
    /// <returns>[n], or [.., n, k].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">a is not square, or b has another number of rows.</exception>
    /// <exception cref="SingularMatrixException">A pivot is exactly 0.</exception>
    public static Tensor Solve(Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return LinearAlgebra.Solve(a, b);
    }

    /// <summary>X with T·X = B for a triangular T, or X·T = B. The other triangle is not read and has derivative 0.</summary>
    /// <param name="t">[.., n, n].</param>
    /// <param name="b">[n] or [.., n, k]; where the unknown stands on the left, [.., k, n].</param>
    /// <param name="upper">Whether T is the upper triangle; else the lower one.</param>
    /// <param name="unitDiagonal">Whether the diagonal counts as ones and is not read either.</param>
    /// <param name="left">Whether T stands on the left of the unknown: T·X = B; else X·T = B.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="SingularMatrixException">A diagonal element is 0.</exception>
    public static Tensor SolveTriangular(Tensor t, Tensor b, bool upper, bool unitDiagonal = false, bool left = true)
    {
        ArgumentNullException.ThrowIfNull(t);
        ArgumentNullException.ThrowIfNull(b);
        return LinearAlgebra.SolveTriangular(t, b, upper, unitDiagonal, left);
    }

    /// <summary>A⁻¹. To solve equations, <see cref="Solve"/> is faster and more accurate.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    /// <exception cref="SingularMatrixException">A pivot is exactly 0.</exception>
    public static Tensor Inverse(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return LinearAlgebra.Inverse(a);
    }

    /// <summary>The determinant; 1 for a 0 by 0 matrix. First and second derivatives are exact for singular matrices too (cofactors, not the inverse);
    /// the third asks for a regular matrix.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <returns>[..].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    public static Tensor Det(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return LinearAlgebra.Det(a);
    }

    /// <summary>The sign of the determinant (-1, 0 or 1, without derivative) and the logarithm of its absolute value, which does not overflow.
    /// A singular matrix gives (0, -∞), and a <see cref="SingularMatrixException"/> where a derivative is asked for.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <returns>Twice [..].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    public static (Tensor Sign, Tensor LogAbs) SlogDet(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return LinearAlgebra.SlogDet(a);
    }

    /// <summary>The logarithm of the determinant: -∞ for a singular matrix, NaN (with derivative 0) where the determinant is negative.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <returns>[..].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    /// <exception cref="SingularMatrixException">The derivative for a singular matrix is asked for.</exception>
    public static Tensor LogDet(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return LinearAlgebra.LogDet(a);
    }

    /// <summary>The lower triangular L with L·Lᵀ = A, or the upper U with Uᵀ·U = A. Only the lower triangle of A is read. A counts as symmetric in derivatives:
    /// a gradient is the symmetric one, and a tangent acts by its symmetric part.</summary>
    /// <param name="a">Symmetric positive definite, [.., n, n].</param>
    /// <param name="upper">Whether to return U = Lᵀ.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    /// <exception cref="NotPositiveDefiniteException">a is not positive definite.</exception>
    public static Tensor Cholesky(Tensor a, bool upper = false)
    {
        ArgumentNullException.ThrowIfNull(a);
        var l = LinearAlgebra.Cholesky(a);
        return upper ? DiffLib.Matrix.Transpose(l) : l;
    }

    /// <summary>X with A·X = B, from the Cholesky factor of A.</summary>
    /// <param name="factor">[.., n, n]; only its triangle is read.</param>
    /// <param name="b">[n] or [.., n, k].</param>
    /// <param name="upper">Whether the factor is U (A = Uᵀ·U); else L (A = L·Lᵀ).</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="SingularMatrixException">A diagonal element of the factor is 0.</exception>
    public static Tensor CholeskySolve(Tensor factor, Tensor b, bool upper = false)
    {
        ArgumentNullException.ThrowIfNull(factor);
        ArgumentNullException.ThrowIfNull(b);
        return LinearAlgebra.CholeskySolve(factor, b, upper);
    }

    /// <summary>A⁻¹ from the Cholesky factor of A.</summary>
    /// <param name="factor">[.., n, n]; only its triangle is read.</param>
    /// <param name="upper">Whether the factor is U (A = Uᵀ·U); else L (A = L·Lᵀ).</param>
    /// <exception cref="ArgumentNullException"><paramref name="factor"/> is null.</exception>
    /// <exception cref="ArgumentException">The factor is not square.</exception>
    /// <exception cref="SingularMatrixException">A diagonal element of the factor is 0.</exception>
    public static Tensor CholeskyInverse(Tensor factor, bool upper = false)
    {
        ArgumentNullException.ThrowIfNull(factor);
        return LinearAlgebra.CholeskyInverse(factor, upper);
    }

    /// <summary>The shortest X among those that make ‖A·X - B‖ smallest, for any shape and rank of A. The derivative holds where the rank does not change.</summary>
    /// <param name="a">[.., m, n].</param>
    /// <param name="b">[m] or [.., m, k].</param>
    /// <param name="relativeTolerance">Singular values up to this times the largest count as 0; null means max(m, n) times the rounding unit.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">b has not as many rows as a.</exception>
    public static Tensor Lstsq(Tensor a, Tensor b, double? relativeTolerance = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return Spectral.Lstsq(a, b, relativeTolerance);
    }

    /// <summary>The inverse of a as a linear map between tensors: the first axes against the others.</summary>
    /// <param name="a">As many elements in its first axes as in the others.</param>
    /// <param name="axes">How many axes come first.</param>
    /// <returns>The sizes of the other axes, then those of the first.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many axes.</exception>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    /// <exception cref="SingularMatrixException">The map is singular.</exception>
    public static Tensor TensorInverse(Tensor a, int axes = 2)
    {
        ArgumentNullException.ThrowIfNull(a);
        return LinearAlgebra.TensorInverse(a, axes);
    }

    /// <summary>X with <c>TensorDot(a, X, X.Rank)</c> = b.</summary>
    /// <param name="a">The sizes of b, then those of X; as many elements in X as in b.</param>
    /// <param name="b">The right-hand side.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="SingularMatrixException">The map is singular.</exception>
    public static Tensor TensorSolve(Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return LinearAlgebra.TensorSolve(a, b);
    }
}
