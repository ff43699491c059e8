using System;

namespace DiffLib;

public static partial class Linalg
{
    /// <summary>A = P·L·U by elimination with partial pivoting, k = min(m, n). P is constant in derivatives, which ask for a regular leading block of PᵀA.</summary>
    /// <param name="a">[.., m, n].</param>
    /// <returns>The permutation matrix P [.., m, m], L [.., m, k] with ones on the diagonal, and U [.., k, n].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">The rank of a is below 2.</exception>
    public static (Tensor P, Tensor L, Tensor U) Lu(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Spectral.Lu(a);
    }

    /// <summary>A = Q·R, k = min(m, n). The derivative asks for independent columns (of the leading square, if the matrix is wide).</summary>
    /// <param name="a">[.., m, n].</param>
    /// <param name="complete">Whether Q is completed to a square matrix, and R by rows of zeros. Of a tall matrix the m - n columns added are orthonormal and arbitrary up to a
    /// rotation among them; derivatives are those of the choice that does not rotate, so that functions of their projection Q₂·Q₂ᵀ are right at every order.</param>
    /// <returns>Q [.., m, k] with orthonormal columns and the upper triangular R [.., k, n], or Q [.., m, m] and R [.., m, n]; the signs are those of the Householder method.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">The rank of a is below 2.</exception>
    /// <exception cref="SingularMatrixException">The derivative for dependent columns is asked for.</exception>
    public static (Tensor Q, Tensor R) Qr(Tensor a, bool complete = false)
    {
        ArgumentNullException.ThrowIfNull(a);
        return complete ? Equations.CompleteQr(a) : Spectral.Qr(a);
    }

    /// <summary>Eigenvalues, ascending, and orthonormal eigenvectors (columns) of symmetric matrices. Only the lower triangle is read, and a counts as symmetric in
    /// derivatives. Where eigenvalues coincide, their eigenvectors are arbitrary and have no derivative: what asks for it gets NaN (and large, inexact numbers close by). First derivatives of symmetric
    /// functions of the eigenvalues stay right; for functions of the matrix use <see cref="SymmetricFunction"/>, which stays right as well.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <returns>[.., n] and [.., n, n].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    public static (Tensor Eigenvalues, Tensor Eigenvectors) Eigh(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Spectral.Eigh(a);
    }

    /// <summary>The eigenvalues of symmetric matrices, ascending; as <see cref="Eigh"/>.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <returns>[.., n].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    public static Tensor Eigvalsh(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Spectral.Eigvalsh(a);
    }

    /// <summary>The eigenvalues of matrices that need not be symmetric, as real and imaginary parts; conjugate pairs stand together, otherwise in no order. The derivative asks for
    /// independent eigenvectors, the second one for distinct eigenvalues (NaN where two coincide). For symmetric matrices use <see cref="Eigvalsh"/>.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <returns>Twice [.., n].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    /// <exception cref="SingularMatrixException">The derivative where eigenvectors are dependent is asked for.</exception>
    public static (Tensor Re, Tensor Im) Eigvals(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Eigenvalues.Of(a);
    }

    /// <summary>A = U·diag(S)·Vᵀ with k = min(m, n) singular values, descending. Where singular values coincide or are 0, their
    /// vectors are arbitrary and have no derivative: what asks for it gets NaN (and large, inexact numbers close by). First derivatives of symmetric functions of the singular values stay right.</summary>
    /// <param name="a">[.., m, n].</param>
    /// <returns>U [.., m, k], S [.., k], Vᵀ [.., k, n].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">The rank of a is below 2.</exception>
    public static (Tensor U, Tensor S, Tensor Vt) Svd(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Spectral.Svd(a);
    }

    /// <summary>The singular values, descending; as <see cref="Svd"/>.</summary>
    /// <param name="a">[.., m, n].</param>
    /// <returns>[.., min(m, n)].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">The rank of a is below 2.</exception>
    public static Tensor SingularValues(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Spectral.SingularValues(a);
    }

    /// <summary>The pseudoinverse of Moore and Penrose. The derivative holds where the rank does not change.</summary>
    /// <param name="a">[.., m, n].</param>
    /// <param name="relativeTolerance">Singular values up to this times the largest count as 0; null means max(m, n) times the rounding unit, or 0 if an absolute tolerance is given.</param>
    /// <param name="absoluteTolerance">Singular values up to this count as 0.</param>
    /// <returns>[.., n, m].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">The rank of a is below 2.</exception>
    public static Tensor Pinv(Tensor a, double? relativeTolerance = null, double absoluteTolerance = 0)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Spectral.Pinv(a, relativeTolerance, absoluteTolerance);
    }

    /// <summary>The number of singular values above max(absolute, relative · largest): int64, without derivative.</summary>
    /// <param name="a">[.., m, n].</param>
    /// <param name="relativeTolerance">One number, or one for each matrix; null means max(m, n) times the rounding unit, or 0 if an absolute tolerance is given.</param>
    /// <param name="absoluteTolerance">One number, or one for each matrix; null means 0.</param>
    /// <returns>[..].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">The rank of a is below 2, or a tolerance does not broadcast.</exception>
    public static Tensor MatrixRank(Tensor a, Tensor? relativeTolerance = null, Tensor? absoluteTolerance = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        var x = Demand.Matrix("MatrixRank", a);
        var relative = relativeTolerance ?? (Tensor)Tolerance.Relative(x.DType, x.Shape[-2], x.Shape[-1], null, absoluteTolerance is null ? 0 : 1);
        return Spectral.Rank(x, relative, absoluteTolerance ?? (Tensor)0.0);
    }
}
