using System;
using System.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra.Factorization;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace DiffLib.Kernels;

/// <summary>MathNet's linear algebra over one element type: products and factorisations by a library, the rest by MathNet's managed code. Column-major, whole arrays.</summary>
/// <remarks>What MathNet's managed provider promises is kept: pivots count from 0, a Cholesky factor has zeros above its diagonal, R has zeros below it, Q of the full
/// factorisation and both factors of an SVD are square, inputs of solvers that factorise are left alone.</remarks>
internal sealed class ProviderPart<T> : ILinearAlgebraProvider<T> where T : unmanaged, IEquatable<T>
{
    private readonly ILinearAlgebraProvider<T> _managed;
    private readonly IBackend _products;
    private readonly Lapack<T>? _lapack;
    private readonly bool _factorizes;

    public ProviderPart(ILinearAlgebraProvider managed, IBackend products, NativeBackend? native)
    {
        _managed = (ILinearAlgebraProvider<T>)managed;
        _products = products;
        _factorizes = native is { Factorizes: true };
        _lapack = native is null ? null : new(native.Handle, native.Calls, products: !_factorizes);
    }

    /// <summary>Whether our own factorisations serve: they compute in float64.</summary>
    private bool Own(int order) => !_factorizes && order > 0 && typeof(T) == typeof(double);

    private static double[] Doubles(T[] a) => (double[])(object)a;

    /// <summary>LAPACK, where there is one and the matrix is not empty.</summary>
    private Lapack<T>? For(int order) => _factorizes && order > 0 ? _lapack : null;

    // ---- forwarded

    public void AddVectorToScaledVector(T[] y, T alpha, T[] x, T[] result) => _managed.AddVectorToScaledVector(y, alpha, x, result);

    public void ScaleArray(T alpha, T[] x, T[] result) => _managed.ScaleArray(alpha, x, result);

    public void ConjugateArray(T[] x, T[] result) => _managed.ConjugateArray(x, result);

    public T DotProduct(T[] x, T[] y) => _managed.DotProduct(x, y);

    public void AddArrays(T[] x, T[] y, T[] result) => _managed.AddArrays(x, y, result);

    public void SubtractArrays(T[] x, T[] y, T[] result) => _managed.SubtractArrays(x, y, result);

    public void PointWiseMultiplyArrays(T[] x, T[] y, T[] result) => _managed.PointWiseMultiplyArrays(x, y, result);

    public void PointWiseDivideArrays(T[] x, T[] y, T[] result) => _managed.PointWiseDivideArrays(x, y, result);

    public void PointWisePowerArrays(T[] x, T[] y, T[] result) => _managed.PointWisePowerArrays(x, y, result);

    public double MatrixNorm(Norm norm, int rows, int columns, T[] matrix) => _managed.MatrixNorm(norm, rows, columns, matrix);

    public void SvdSolveFactored(int rowsA, int columnsA, T[] s, T[] u, T[] vt, T[] b, int columnsB, T[] x) => _managed.SvdSolveFactored(rowsA, columnsA, s, u, vt, b, columnsB, x);

    // ---- products

    public void MatrixMultiply(T[] x, int rowsX, int columnsX, T[] y, int rowsY, int columnsY, T[] result) =>
        MatrixMultiplyWithUpdate(Transpose.DontTranspose, Transpose.DontTranspose, Lapack<T>.One, x, rowsX, columnsX, y, rowsY, columnsY, default, result);

    public void MatrixMultiplyWithUpdate(Transpose transposeA, Transpose transposeB, T alpha, T[] a, int rowsA, int columnsA, T[] b, int rowsB, int columnsB, T beta, T[] c)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(c);
        bool ta = transposeA != Transpose.DontTranspose, tb = transposeB != Transpose.DontTranspose;
        var (m, k) = ta ? (columnsA, rowsA) : (rowsA, columnsA);
        var (l, n) = tb ? (columnsB, rowsB) : (rowsB, columnsB);
        // also a result in the place of an operand is left to MathNet, which copies
        if (k != l || a.Length != (long)m * k || b.Length != (long)k * n || c.Length != (long)m * n || c.Length == 0 || k == 0 || ReferenceEquals(a, c) || ReferenceEquals(b, c))
            _managed.MatrixMultiplyWithUpdate(transposeA, transposeB, alpha, a, rowsA, columnsA, b, rowsB, columnsB, beta, c);
        // the numbers of a column-major matrix are, row-major, those of its transpose: Cᵀ = op(B)ᵀ op(A)ᵀ
        else if (typeof(T) == typeof(double))
            _products.Multiply(tb, ta, n, m, k, (double)(object)alpha, (double[])(object)b, rowsB, (double[])(object)a, rowsA, (double)(object)beta, (double[])(object)c, m);
        else if (typeof(T) == typeof(float))
            _products.Multiply(tb, ta, n, m, k, (float)(object)alpha, (float[])(object)b, rowsB, (float[])(object)a, rowsA, (float)(object)beta, (float[])(object)c, m);
        else if (_lapack is not null)
            _lapack.ComplexMultiply((int)transposeA, (int)transposeB, m, n, k, alpha, a, rowsA, b, rowsB, beta, c);
        else
            _managed.MatrixMultiplyWithUpdate(transposeA, transposeB, alpha, a, rowsA, columnsA, b, rowsB, columnsB, beta, c);
    }

    // ---- LU

    public void LUFactor(T[] data, int order, int[] ipiv)
    {
        var lapack = For(order);
        if (lapack is null && !Own(order))
        {
            _managed.LUFactor(data, order, ipiv);
            return;
        }

        CheckSquare(data, order, nameof(data));
        CheckPivots(ipiv, order);
        if (lapack is null)
        {
            ManagedFactors.Lu(Doubles(data), order, ipiv);
            return;
        }

        lapack.Getrf(order, order, data, ipiv);
        for (var i = 0; i < order; i++) ipiv[i]--;
    }

    public void LUInverse(T[] a, int order)
    {
        if (For(order) is not { } lapack)
        {
            _managed.LUInverse(a, order);
            return;
        }

        CheckSquare(a, order, nameof(a));
        var pivots = new int[order];
        lapack.Getrf(order, order, a, pivots);
        CheckRegular(lapack.Getri(order, a, pivots));
    }

    public void LUInverseFactored(T[] a, int order, int[] ipiv)
    {
        if (For(order) is not { } lapack)
        {
            _managed.LUInverseFactored(a, order, ipiv);
            return;
        }

        CheckSquare(a, order, nameof(a));
        CheckPivots(ipiv, order, filled: true);
        CheckRegular(lapack.Getri(order, a, FromOne(ipiv)));
    }

    public void LUSolve(int columnsOfB, T[] a, int order, T[] b)
    {
        if (For(order) is not { } lapack)
        {
            _managed.LUSolve(columnsOfB, a, order, b);
            return;
        }

        CheckSquare(a, order, nameof(a));
        CheckRight(a, b, order, columnsOfB);
        var (factors, pivots) = ((T[])a.Clone(), new int[order]);
        lapack.Getrf(order, order, factors, pivots);
        lapack.Getrs(order, columnsOfB, factors, pivots, b);
    }

    public void LUSolveFactored(int columnsOfB, T[] a, int order, int[] ipiv, T[] b)
    {
        if (For(order) is not { } lapack)
        {
            _managed.LUSolveFactored(columnsOfB, a, order, ipiv, b);
            return;
        }

        CheckSquare(a, order, nameof(a));
        CheckPivots(ipiv, order, filled: true);
        CheckRight(a, b, order, columnsOfB);
        lapack.Getrs(order, columnsOfB, a, FromOne(ipiv), b);
    }

    // ---- Cholesky

    public void CholeskyFactor(T[] a, int order)
    {
        var lapack = For(order);
        if (lapack is null && !Own(order))
        {
            _managed.CholeskyFactor(a, order);
            return;
        }

        CheckSquare(a, order, nameof(a));
        if (lapack is null)
        {
            CheckDefinite(ManagedFactors.Cholesky(Doubles(a), order) ? 0 : 1);
            return;
        }

        CheckDefinite(lapack.Potrf(order, a));
        for (var j = 1; j < order; j++) a.AsSpan(j * order, j).Clear();
    }

    public void CholeskySolve(T[] a, int orderA, T[] b, int columnsB)
    {
        if (For(orderA) is not { } lapack)
        {
            _managed.CholeskySolve(a, orderA, b, columnsB);
            return;
        }

        CheckSquare(a, orderA, nameof(a));
        CheckRight(a, b, orderA, columnsB);
        var factor = (T[])a.Clone();
        CheckDefinite(lapack.Potrf(orderA, factor));
        lapack.Potrs(orderA, columnsB, factor, b);
    }

    public void CholeskySolveFactored(T[] a, int orderA, T[] b, int columnsB)
    {
        if (For(orderA) is not { } lapack)
        {
            _managed.CholeskySolveFactored(a, orderA, b, columnsB);
            return;
        }

        CheckSquare(a, orderA, nameof(a));
        CheckRight(a, b, orderA, columnsB);
        lapack.Potrs(orderA, columnsB, a, b);
    }

    // ---- QR

    public void QRFactor(T[] a, int rowsA, int columnsA, T[] q, T[] tau)
    {
        var k = Math.Min(rowsA, columnsA);
        var lapack = For(k);
        if (lapack is null && !Own(k))
        {
            _managed.QRFactor(a, rowsA, columnsA, q, tau);
            return;
        }

        CheckSize(a, rowsA, columnsA, nameof(a));
        CheckSize(q, rowsA, rowsA, nameof(q));
        CheckAtLeast(tau, k, nameof(tau));
        if (lapack is null)
        {
            ManagedFactorizations.Qr(rowsA, columnsA, Doubles(a), Doubles(q));
            return;
        }

        lapack.Geqrf(rowsA, columnsA, a, tau);
        a.AsSpan(0, rowsA * k).CopyTo(q);
        lapack.Orgqr(rowsA, rowsA, k, q, tau);
        for (var j = 0; j < k; j++) a.AsSpan((j * rowsA) + j + 1, rowsA - j - 1).Clear();
    }

    public void ThinQRFactor(T[] a, int rowsA, int columnsA, T[] r, T[] tau)
    {
        var lapack = For(columnsA);
        if (rowsA < columnsA || (lapack is null && !Own(columnsA)))
        {
            _managed.ThinQRFactor(a, rowsA, columnsA, r, tau);
            return;
        }

        CheckSize(a, rowsA, columnsA, nameof(a));
        CheckSize(r, columnsA, columnsA, nameof(r));
        CheckAtLeast(tau, columnsA, nameof(tau));
        if (lapack is null)
        {
            ManagedFactorizations.ThinQr(rowsA, columnsA, Doubles(a), Doubles(r));
            return;
        }

        lapack.Geqrf(rowsA, columnsA, a, tau);
        Array.Clear(r);
        for (var j = 0; j < columnsA; j++) a.AsSpan(j * rowsA, j + 1).CopyTo(r.AsSpan(j * columnsA));
        lapack.Orgqr(rowsA, columnsA, columnsA, a, tau);
    }

    public void QRSolve(T[] a, int rowsA, int columnsA, T[] b, int columnsB, T[] x, QRMethod method = QRMethod.Full)
    {
        var lapack = For(columnsA);
        if (rowsA < columnsA || (lapack is null && !Own(columnsA)))
        {
            _managed.QRSolve(a, rowsA, columnsA, b, columnsB, x, method);
            return;
        }

        CheckSize(a, rowsA, columnsA, nameof(a));
        CheckSize(b, rowsA, columnsB, nameof(b));
        CheckSize(x, columnsA, columnsB, nameof(x));
        if (lapack is null)
        {
            ManagedFactorizations.LeastSquares(rowsA, columnsA, Doubles(a), columnsB, Doubles(b), Doubles(x));
            return;
        }

        var (factors, right, tau) = ((T[])a.Clone(), (T[])b.Clone(), new T[columnsA]);
        lapack.Geqrf(rowsA, columnsA, factors, tau);
        lapack.Ormqr(rowsA, columnsB, columnsA, factors, tau, right);
        lapack.SolveUpper(columnsA, columnsB, factors, rowsA, right, rowsA);
        for (var j = 0; j < columnsB; j++) right.AsSpan(j * rowsA, columnsA).CopyTo(x.AsSpan(j * columnsA));
    }

    public void QRSolveFactored(T[] q, T[] r, int rowsA, int columnsA, T[] tau, T[] b, int columnsB, T[] x, QRMethod method = QRMethod.Full)
    {
        var columnsQ = method == QRMethod.Full ? rowsA : columnsA;
        var lapack = For(columnsA);
        if (rowsA < columnsA || (lapack is null && !Own(columnsA)))
        {
            _managed.QRSolveFactored(q, r, rowsA, columnsA, tau, b, columnsB, x, method);
            return;
        }

        CheckSize(q, rowsA, columnsQ, nameof(q));
        CheckSize(r, columnsQ, columnsA, nameof(r));
        CheckSize(b, rowsA, columnsB, nameof(b));
        CheckSize(x, columnsA, columnsB, nameof(x));
        // the columns of Q beyond those of A meet rows of zeros in R
        var thin = method == QRMethod.Full ? q[..(rowsA * columnsA)] : q;
        MatrixMultiplyWithUpdate(Transpose.ConjugateTranspose, Transpose.DontTranspose, Lapack<T>.One, thin, rowsA, columnsA, b, rowsA, columnsB, default, x);
        if (lapack is null) ManagedFactorizations.SolveUpper(columnsA, columnsB, Doubles(r), columnsQ, Doubles(x));
        else lapack.SolveUpper(columnsA, columnsB, r, columnsQ, x, columnsA);
    }

    // ---- SVD and eigenvalues

    public void SingularValueDecomposition(bool computeVectors, T[] a, int rowsA, int columnsA, T[] s, T[] u, T[] vt)
    {
        var k = Math.Min(rowsA, columnsA);
        if (For(k) is null && !Own(k))
        {
            _managed.SingularValueDecomposition(computeVectors, a, rowsA, columnsA, s, u, vt);
            return;
        }

        CheckSize(a, rowsA, columnsA, nameof(a));
        CheckAtLeast(s, k, nameof(s));
        CheckSize(u, rowsA, rowsA, nameof(u));
        CheckSize(vt, columnsA, columnsA, nameof(vt));
        Svd(a, rowsA, columnsA, s, computeVectors ? u : [], computeVectors ? vt : []);
    }

    /// <summary>A = U diag(S) Vᵀ with as many columns of U and rows of Vᵀ as there is room for: min(m, n), or all; without vectors where there is no room. A is used up.</summary>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    private void Svd(T[] a, int rows, int columns, T[] s, T[] u, T[] vt)
    {
        if (_lapack is not { } lapack || !_factorizes)
        {
            CheckConverged(ManagedFactorizations.Svd(rows, columns, Doubles(a), Doubles(s), Doubles(u), Doubles(vt)));
            return;
        }

        var (values, info) = lapack.Gesdd(rows, columns, a, u, vt);
        CheckConverged(info);
        for (var i = 0; i < values.Length; i++) s[i] = From(values[i]);
    }

    /// <summary>The singular values, and the first min(m, n) vectors of each side where there is room for them. A is used up.</summary>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    public void ThinSvd(T[] a, int rows, int columns, T[] s, T[] u, T[] vt)
    {
        var k = Math.Min(rows, columns);
        CheckSize(a, rows, columns, nameof(a));
        CheckAtLeast(s, k, nameof(s));
        if (u.Length + vt.Length > 0) CheckSize(u, rows, k, nameof(u));
        if (u.Length + vt.Length > 0) CheckSize(vt, k, columns, nameof(vt));
        if (k > 0) Svd(a, rows, columns, s, u, vt);
    }

    /// <summary>Eigenvalues, ascending, of the symmetric matrix in the lower triangle of a, and their vectors where there is room for them. A is used up.</summary>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    public void SymmetricEigen(T[] a, int order, double[] values, T[] vectors)
    {
        CheckSquare(a, order, nameof(a));
        CheckAtLeast(values, order, nameof(values));
        if (vectors.Length > 0) CheckSquare(vectors, order, nameof(vectors));
        if (order == 0) return;
        if (_lapack is not { } lapack || !_factorizes)
        {
            CheckConverged(ManagedFactorizations.Symmetric(order, Doubles(a), values, Doubles(vectors)));
            return;
        }

        var (found, info) = lapack.Syevd(vectors.Length > 0, order, a);
        CheckConverged(info);
        found.CopyTo(values, 0);
        if (vectors.Length > 0) a.CopyTo(vectors, 0);
    }

    /// <summary>Eigenvalues of any square matrix, and vectors of length 1: of a real matrix's conjugate pair, the first column holds the real part of the first vector, whose eigenvalue has a
    /// positive imaginary part, and the second the imaginary part. A is used up. Our own code leaves the vectors out where there is no room for them; the values have the same bits.</summary>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    public void GeneralEigen(T[] a, int order, Complex[] values, T[] vectors)
    {
        CheckSquare(a, order, nameof(a));
        CheckAtLeast(values, order, nameof(values));
        if (vectors.Length > 0 || For(order) is not null) CheckSquare(vectors, order, nameof(vectors));
        if (order == 0) return;
        if (_lapack is not { } lapack || !_factorizes)
        {
            CheckConverged(ManagedFactorizations.General(order, Doubles(a), values, Doubles(vectors)));
            return;
        }

        var (found, info) = lapack.Geev(order, a, vectors);
        CheckConverged(info);
        found.CopyTo(values, 0);
    }

    public void SvdSolve(T[] a, int rowsA, int columnsA, T[] b, int columnsB, T[] x)
    {
        var k = Math.Min(rowsA, columnsA);
        if (For(k) is null && !Own(k))
        {
            _managed.SvdSolve(a, rowsA, columnsA, b, columnsB, x);
            return;
        }

        CheckSize(a, rowsA, columnsA, nameof(a));
        T[] s = new T[k], u = new T[rowsA * rowsA], vt = new T[columnsA * columnsA];
        SingularValueDecomposition(true, (T[])a.Clone(), rowsA, columnsA, s, u, vt);
        SvdSolveFactored(rowsA, columnsA, s, u, vt, b, columnsB, x);
    }

    public void EigenDecomp(bool isSymmetric, int order, T[] matrix, T[] matrixEv, Complex[] vectorEv, T[] matrixD)
    {
        if (For(order) is null && !Own(order))
        {
            _managed.EigenDecomp(isSymmetric, order, matrix, matrixEv, vectorEv, matrixD);
            return;
        }

        CheckSquare(matrix, order, nameof(matrix));
        CheckSquare(matrixEv, order, nameof(matrixEv));
        CheckSquare(matrixD, order, nameof(matrixD));
        CheckAtLeast(vectorEv, order, nameof(vectorEv));
        Array.Clear(matrixD);
        if (isSymmetric) Symmetric(order, matrix, matrixEv, vectorEv);
        else GeneralEigen((T[])matrix.Clone(), order, vectorEv, matrixEv);
        for (var i = 0; i < order; i++) Block(vectorEv, i, order, matrixD);
    }

    private void Symmetric(int order, T[] matrix, T[] vectors, Complex[] values)
    {
        var found = new double[order];
        SymmetricEigen((T[])matrix.Clone(), order, found, vectors);
        for (var i = 0; i < order; i++) values[i] = found[i];
    }

    /// <summary>The diagonal of D; of a real matrix's conjugate pair a ± ib, the block [[a, b], [-b, a]].</summary>
    private static void Block(Complex[] values, int i, int order, T[] d)
    {
        var value = values[i];
        if (typeof(T) == typeof(Complex) || typeof(T) == typeof(Complex32))
        {
            d[(i * order) + i] = From(value);
            return;
        }

        d[(i * order) + i] = From(value.Real);
        if (value.Imaginary > 0) d[((i + 1) * order) + i] = From(value.Imaginary);
        else if (value.Imaginary < 0) d[((i - 1) * order) + i] = From(value.Imaginary);
    }

    private static T From(Complex x) =>
        typeof(T) == typeof(double) ? (T)(object)x.Real
        : typeof(T) == typeof(float) ? (T)(object)(float)x.Real
        : typeof(T) == typeof(Complex) ? (T)(object)x
        : (T)(object)new Complex32((float)x.Real, (float)x.Imaginary);

    // ---- checks

    private static int[] FromOne(int[] pivots) => Array.ConvertAll(pivots, p => p + 1);

    private static void CheckSquare(T[] a, int order, string name) => CheckSize(a, order, order, name);

    private static void CheckSize(T[] a, int rows, int columns, string name)
    {
        ArgumentNullException.ThrowIfNull(a, name);
        if (rows < 0 || columns < 0 || a.Length != (long)rows * columns) throw new ArgumentException($"{name} has {a.Length} elements, but a matrix of {rows} by {columns} has {(long)rows * columns}.", name);
    }

    private static void CheckAtLeast<E>(E[] a, int count, string name)
    {
        ArgumentNullException.ThrowIfNull(a, name);
        if (a.Length < count) throw new ArgumentException($"{name} has {a.Length} elements, but {count} are needed.", name);
    }

    /// <summary>Rows out of range would make LAPACK write where nothing of ours is.</summary>
    private static void CheckPivots(int[] ipiv, int order, bool filled = false)
    {
        ArgumentNullException.ThrowIfNull(ipiv);
        if (ipiv.Length != order) throw new ArgumentException($"ipiv has {ipiv.Length} elements, but the matrix has {order} rows.", nameof(ipiv));
        if (filled && ipiv.AsSpan().ContainsAnyExceptInRange(0, order - 1)) throw new ArgumentException($"ipiv names a row that a matrix of {order} rows does not have; pivots count from 0.", nameof(ipiv));
    }

    private static void CheckRight(T[] a, T[] b, int order, int columns)
    {
        CheckSize(b, order, columns, nameof(b));
        if (ReferenceEquals(a, b)) throw new ArgumentException("a and b must be different arrays.", nameof(b));
    }

    private static void CheckRegular(int info)
    {
        if (info > 0) throw new SingularUMatrixException(info);
    }

    private static void CheckDefinite(int info)
    {
        if (info > 0) throw new ArgumentException("The matrix must be positive definite.", "a");
    }

    private static void CheckConverged(int info)
    {
        if (info != 0) throw new NonConvergenceException();
    }
}
