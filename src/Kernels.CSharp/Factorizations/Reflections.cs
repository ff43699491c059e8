using System;

namespace DiffLib.Kernels;

/// <summary>Householder's reflections I - τ v vᵀ, one by one and as blocks I - V T Vᵀ with upper triangular T (R. Schreiber &amp; C. Van Loan, "A storage-efficient WY representation for
/// products of Householder transformations", 1989). V is stored with its ones and with zeros above them, so that a block is applied by matrix products alone.</summary>
internal static unsafe class Reflections
{
    /// <summary>So many reflections are one block.</summary>
    public const int Block = 32;

    private const double Tiny = 1e-270, Huge = 1e270;

    /// <summary>The reflection that takes x to (beta, 0, .., 0): x becomes its vector v with v(0) = 1.</summary>
    /// <returns>τ, which is 0 where x has zeros already.</returns>
    public static double Make(int n, double* x, out double beta)
    {
        var square = ColumnMajor.Dot(n - 1, x + 1, x + 1);
        if (square + x[0] * x[0] is > Tiny and < Huge && square > Tiny) return Make(n, x, square, out beta);
        var largest = ColumnMajor.Largest(n - 1, x + 1);
        if (largest == 0)
        {
            beta = x[0];
            x[0] = 1;
            return 0;
        }

        // squares overflow, underflow, or lose digits: a power of two brings the numbers near 1
        largest = Math.Max(largest, Math.Abs(x[0]));
        var exponent = double.IsFinite(largest) ? Math.ILogB(largest) : 0;
        for (var i = 0; i < n; i++) x[i] = Math.ScaleB(x[i], -exponent);
        var tau = Make(n, x, ColumnMajor.Dot(n - 1, x + 1, x + 1), out beta);
        beta = Math.ScaleB(beta, exponent);
        return tau;
    }

    private static double Make(int n, double* x, double square, out double beta)
    {
        var first = x[0];
        beta = -Math.CopySign(Math.Sqrt(first * first + square), first);
        ColumnMajor.Scale(n - 1, 1 / (first - beta), x + 1);
        x[0] = 1;
        return (beta - first) / beta;
    }

    /// <summary>T of the block of k reflections in the columns of V [m; k], zeros below its diagonal.</summary>
    public static void Triangle(int m, int k, double* v, int ldv, double* tau, double* t, int ldt)
    {
        ColumnMajor.Multiply(true, false, k, k, m, 1, v, ldv, v, ldv, 0, t, ldt);
        for (var j = 0; j < k; j++)
        {
            var column = t + (nint)j * ldt;
            // -τ T(0..j, 0..j) (Vᵀ v), from the top, where T needs what is not yet replaced
            for (var i = 0; i < j; i++)
            {
                double sum = 0;
                for (var l = i; l < j; l++) sum += t[i + (nint)l * ldt] * column[l];
                column[i] = -tau[j] * sum;
            }

            column[j] = tau[j];
            for (var i = j + 1; i < k; i++) column[i] = 0;
        }
    }

    /// <summary>C = (I - V op(T) Vᵀ) C for C [m; n]; work holds 2·k·n numbers.</summary>
    public static void Apply(bool transposed, int m, int n, int k, double* v, int ldv, double* t, int ldt, double* c, int ldc, double* work)
    {
        ColumnMajor.Multiply(true, false, k, n, m, 1, v, ldv, c, ldc, 0, work, k);
        Finish(transposed, m, n, k, v, ldv, t, ldt, c, ldc, work);
    }

    /// <summary>C -= V op(T) W, where work begins with W [k; n].</summary>
    private static void Finish(bool transposed, int m, int n, int k, double* v, int ldv, double* t, int ldt, double* c, int ldc, double* work)
    {
        var scaled = work + (nint)k * n;
        ColumnMajor.Multiply(transposed, false, k, n, k, 1, t, ldt, work, k, 0, scaled, k);
        ColumnMajor.Multiply(false, false, m, n, k, -1, v, ldv, scaled, k, 1, c, ldc);
    }

    /// <summary>The T of all blocks of k reflections in V [m; k], one beside the other: t holds Block·k numbers.</summary>
    public static void Triangles(int m, int k, double* v, int ldv, double* tau, double* t)
    {
        for (var j = 0; j < k; j += Block) Triangle(m - j, Math.Min(Block, k - j), v + j + (nint)j * ldv, ldv, tau + j, t + (nint)j * Block, Block);
    }

    /// <summary>C = Qᵀ C for C [m; n], Q the product of the k reflections in V.</summary>
    public static void ApplyTransposed(int m, int n, int k, double* v, int ldv, double* t, double* c, int ldc)
    {
        using var room = new Scratch(2 * Block * n);
        fixed (double* work = room.Numbers)
            for (var j = 0; j < k; j += Block)
                Apply(true, m - j, n, Math.Min(Block, k - j), v + j + (nint)j * ldv, ldv, t + (nint)j * Block, Block, c + j, ldc, work);
    }

    /// <summary>The first columns of the product Q of the k reflections in V [m; k], from the last block to the first; columns ≥ k.</summary>
    public static void Product(int m, int columns, int k, double* v, int ldv, double* t, double* q, int ldq)
    {
        for (var j = 0; j < columns; j++)
        {
            new Span<double>(q + (nint)j * ldq, m).Clear();
            q[j + (nint)j * ldq] = 1;
        }

        if (k == 0) return;
        using var room = new Scratch(checked(2 * Block * columns));
        fixed (double* work = room.Numbers)
            for (var j = (k - 1) / Block * Block; j >= 0; j -= Block)
            {
                int b = Math.Min(Block, k - j), rest = columns - j - b;
                var own = v + j + (nint)j * ldv;
                // Q is still the identity in the rows and columns of the block: there W is the transpose of the top of V
                for (var i = 0; i < b; i++)
                    for (var l = 0; l < b; l++) work[l + i * b] = own[i + (nint)l * ldv];
                ColumnMajor.Multiply(true, false, b, rest, m - j - b, 1, own + b, ldv, q + j + b + (nint)(j + b) * ldq, ldq, 0, work + b * b, b);
                if (m == j + b) new Span<double>(work + b * b, b * rest).Clear();
                Finish(false, m - j, columns - j, b, own, ldv, t + (nint)j * Block, Block, q + j + (nint)j * ldq, ldq, work);
            }
    }

    /// <summary>The first row and column of the identity.</summary>
    public static void FirstUnit(int n, double* q)
    {
        new Span<double>(q, n).Clear();
        for (var j = 1; j < n; j++) q[(nint)j * n] = 0;
        q[0] = 1;
    }
}
