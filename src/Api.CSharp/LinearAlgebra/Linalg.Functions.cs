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

    /// <summary>Aᵖ = exp(p·log A), the principal power; a whole p is taken by repeated squaring, and asks nothing of the eigenvalues.</summary>
    /// <param name="a">[.., n, n]; unless p is whole, without eigenvalues on the negative real axis or at 0.</param>
    /// <param name="p">The exponent, a finite number.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    /// <exception cref="ArgumentOutOfRangeException">p is not finite.</exception>
    /// <exception cref="SingularMatrixException">a is singular, and p is negative or not whole.</exception>
    /// <exception cref="ArithmeticException">p is not whole, and an eigenvalue lies on the negative real axis.</exception>
    public static Tensor MatrixPower(Tensor a, double p)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Equations.Power(a, p);
    }

    /// <summary>The principal logarithm: the real X with e^X = A whose eigenvalues have imaginary parts between -π and π. By square roots of the Schur form and a Padé approximant
    /// (N. Higham, "Functions of Matrices", 2008, 11.5). Smooth where it exists, at every order. For symmetric matrices <c>SymmetricFunction(Tensor.Log, a)</c> is faster.</summary>
    /// <param name="a">[.., n, n], without eigenvalues on the negative real axis or at 0.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    /// <exception cref="SingularMatrixException">a is singular.</exception>
    /// <exception cref="ArithmeticException">An eigenvalue lies on the negative real axis.</exception>
    public static Tensor MatrixLog(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Equations.Log(a);
    }

    /// <summary>The principal square root: the X with X·X = A whose eigenvalues have positive real parts (A. Björck and S. Hammarling, 1983). The derivative solves X·dX + dX·X = dA,
    /// which asks for a regular matrix. For symmetric matrices <c>SymmetricFunction(Tensor.Sqrt, a)</c> is faster.</summary>
    /// <param name="a">[.., n, n], without eigenvalues on the negative real axis.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">a is not square.</exception>
    /// <exception cref="SingularMatrixException">a is singular and has no square root, or its derivative is asked for.</exception>
    /// <exception cref="ArithmeticException">An eigenvalue lies on the negative real axis.</exception>
    public static Tensor MatrixSqrt(Tensor a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return Equations.Sqrt(a);
    }

    /// <summary>f(A) = Q·diag(f(λ))·Qᵀ of symmetric matrices, for an elementwise f: square roots, logarithms, powers of matrices. Derivatives of every order are right for repeated and
    /// for close eigenvalues too, by divided differences (Y. Daleckii and S. Krein, 1965); where f itself has no derivative they are what the derivative of f is there. Only the lower
    /// triangle is read, and a counts as symmetric in derivatives. The work of the derivative of order k grows as n^(k+1).</summary>
    /// <param name="f">An elementwise, differentiable function, such as <c>Tensor.Sqrt</c>. It must not use other tensors that are being differentiated, and is called with float64.</param>
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
