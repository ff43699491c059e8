using System;
using Microsoft.FSharp.Core;

namespace DiffLib;

public static partial class Linalg
{
    /// <summary>Norms of matrices; those of vectors are <c>x.Norm(p, axes)</c>.</summary>
    /// <param name="x">Rank 2 or more.</param>
    /// <param name="kind">Which norm.</param>
    /// <param name="rowAxis">The axis that counts the rows.</param>
    /// <param name="columnAxis">The axis that counts the columns.</param>
    /// <param name="keepAxes">Whether both axes stay, with size 1.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis or norm.</exception>
    /// <exception cref="ArgumentException">Both axes are the same.</exception>
    public static Tensor MatrixNorm(Tensor x, MatrixNormKind kind = MatrixNormKind.Frobenius, int rowAxis = -2, int columnAxis = -1, bool keepAxes = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        return MatrixFunctions.Norm(x, kind, rowAxis, columnAxis, keepAxes);
    }

    /// <summary>The condition number ‖A‖·‖A⁻¹‖; in the spectral norm the largest singular value over the smallest (∞ for a singular matrix), for any shape.</summary>
    /// <param name="a">[.., m, n]; square for all norms but the spectral one.</param>
    /// <param name="kind">The norm; <see cref="MatrixNormKind.SmallestSingularValue"/> gives the smallest singular value over the largest.</param>
    /// <returns>[..].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    /// <exception cref="SingularMatrixException">a is singular, in a norm that needs the inverse.</exception>
    public static Tensor Cond(Tensor a, MatrixNormKind kind = MatrixNormKind.Spectral)
    {
        ArgumentNullException.ThrowIfNull(a);
        return MatrixFunctions.Condition(a, kind);
    }

    /// <summary>The sum of the diagonal.</summary>
    /// <param name="a">[.., m, n].</param>
    /// <returns>[..].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">The rank of a is below 2.</exception>
    public static Tensor Trace(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return LinearAlgebra.Trace(a);
    }

    /// <summary>Aⁿ by repeated squaring; n = 0 gives the identity, a negative n the power of the inverse.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <param name="n">The exponent.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    /// <exception cref="SingularMatrixException">n is negative and a is singular.</exception>
    public static Tensor MatrixPower(Tensor a, int n)
    {
        ArgumentNullException.ThrowIfNull(a);
        return MatrixFunctions.Power(a, n);
    }

    /// <summary>The matrix exponential, by scaling and squaring with a Padé approximant (N. Higham, 2005). Smooth for every matrix, at every order.</summary>
    /// <param name="a">[.., n, n].</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    public static Tensor MatrixExp(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return MatrixFunctions.Exp(a);
    }

    /// <summary>f(A) = Q·diag(f(λ))·Qᵀ of symmetric matrices, for an elementwise f: square roots, logarithms, powers of matrices. The first derivative is right for repeated
    /// eigenvalues too (Y. Daleckii and S. Krein, 1965); higher ones ask for distinct eigenvalues, and are NaN without. Only the lower triangle is read, and a counts as symmetric in derivatives.</summary>
    /// <param name="f">An elementwise, differentiable function, such as <c>Tensor.Sqrt</c>. It must not use other tensors that are being differentiated.</param>
    /// <param name="a">[.., n, n].</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">a is not square, or f changes the shape.</exception>
    /// <exception cref="InvalidOperationException">f uses a tensor that is being differentiated.</exception>
    public static Tensor SymmetricFunction(Func<Tensor, Tensor> f, Tensor a)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(a);
        return MatrixFunctions.Symmetric(FuncConvert.FromFunc(f), a);
    }

    /// <summary>The powers x⁰, x¹, .., side by side (Vandermonde matrices, powers ascending).</summary>
    /// <param name="x">[.., n].</param>
    /// <param name="count">How many powers; null means n.</param>
    /// <returns>[.., n, count].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">x is a single number.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static Tensor Vander(Tensor x, int? count = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank == 0) throw new ArgumentException("Vander: x is a single number; give a vector, or a stack of vectors.", nameof(x));
        return MatrixFunctions.Vander(x, count ?? x.Shape[-1]);
    }

    /// <summary>The first n columns of the product of k reflections I - τᵢ·vᵢ·vᵢᵀ, where vᵢ is 0 above the diagonal, 1 on it, and column i of a below.</summary>
    /// <param name="a">[.., m, n], m ≥ n.</param>
    /// <param name="tau">[.., k], k ≤ n.</param>
    /// <returns>[.., m, n].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor HouseholderProduct(Tensor a, Tensor tau)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(tau);
        return MatrixFunctions.HouseholderProduct(a, tau);
    }
}
