using System;
using System.Linq;
using System.Numerics;
using DiffLib.Kernels;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra.Factorization;
using MathNet.Numerics.Providers.LinearAlgebra;
using Xunit;

namespace DiffLib.Api.Tests.LinearAlgebra;

/// <summary>What MathNet's interface promises, for every library found on this machine and every element type.</summary>
public class ProviderContractTests
{
    public static TheoryData<string, string, int> Cases()
    {
        var cases = new TheoryData<string, string, int>();
        foreach (var backend in Backends.Found)
            foreach (var type in new[] { "double", "float", "Complex", "Complex32" })
                foreach (var n in new[] { 1, 2, 3, 17, 70 }) cases.Add(backend.Name, type, n);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_member_keeps_its_promise(string backend, string type, int n)
    {
        var provider = Backends.Found.Single(b => b.Name == backend).Provider;
        switch (type)
        {
            case "double": new Contract<double>(provider, n, z => z.Real, z => z, 1e-13).Check(); break;
            case "float": new Contract<float>(provider, n, z => (float)z.Real, z => z, 1e-4).Check(); break;
            case "Complex": new Contract<Complex>(provider, n, z => z, z => z, 1e-13).Check(); break;
            default: new Contract<Complex32>(provider, n, z => new((float)z.Real, (float)z.Imaginary), z => new(z.Real, z.Imaginary), 1e-4).Check(); break;
        }
    }

    public static TheoryData<string> Names() => [.. Backends.Found.Select(b => b.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Arrays_of_wrong_sizes_are_refused_before_native_code_sees_them(string backend)
    {
        ILinearAlgebraProvider<double> p = Backends.Found.Single(b => b.Name == backend).Provider;
        double[] four = [4, 1, 1, 3], three = [1, 2, 3];
        Assert.ThrowsAny<ArgumentException>(() => p.LUFactor(three, 2, new int[2]));
        Assert.ThrowsAny<ArgumentException>(() => p.LUFactor([.. four], 2, new int[1]));
        Assert.ThrowsAny<ArgumentException>(() => p.LUSolve(1, four, 2, three));
        Assert.ThrowsAny<ArgumentException>(() => p.MatrixMultiply(four, 2, 2, three, 2, 2, new double[4]));
        Assert.ThrowsAny<ArgumentException>(() => p.ThinQRFactor([.. four], 2, 2, three, new double[2]));
        Assert.ThrowsAny<ArgumentException>(() => p.SingularValueDecomposition(true, [.. four], 2, 2, new double[2], three, new double[4]));
        Assert.ThrowsAny<ArgumentException>(() => p.EigenDecomp(true, 2, [.. four], three, new Complex[2], new double[4]));
        Assert.ThrowsAny<ArgumentException>(() => p.CholeskyFactor([1, 2, 2, 1], 2));
        Assert.ThrowsAny<ArgumentNullException>(() => p.LUFactor(null!, 2, new int[2]));
    }

    [Fact]
    public void Pivots_out_of_range_never_reach_LAPACK()
    {
        foreach (var backend in Backends.Found.OfType<NativeBackend>().Where(b => b.Factorizes))
        {
            ILinearAlgebraProvider<double> p = backend.Provider;
            Assert.Throws<ArgumentException>("ipiv", () => p.LUSolveFactored(1, [4, 1, 1, 3], 2, [0, 1000000], [1, 2]));
            Assert.Throws<ArgumentException>("ipiv", () => p.LUInverseFactored([4, 1, 1, 3], 2, [-1, 1]));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Spans_too_short_are_refused(string name)
    {
        var backend = Backends.Found.Single(b => b.Name == name);
        Assert.ThrowsAny<ArgumentException>(() => backend.Multiply(false, false, 3, 3, 3, 1.0, new double[8], 3, new double[9], 3, 0, new double[9], 3));
        Assert.ThrowsAny<ArgumentException>(() => backend.Multiply(false, false, 3, 3, 3, 1f, new float[9], 3, new float[9], 2, 0, new float[9], 3));
        Assert.ThrowsAny<ArgumentException>(() => backend.Multiply(false, false, -1, 3, 3, 1.0, new double[9], 3, new double[9], 3, 0, new double[9], 3));
        Assert.ThrowsAny<ArgumentException>(() => backend.SolveTriangle(true, false, false, 3, 1, new double[9], 3, new double[2]));
    }

    public static TheoryData<string, int, int> Triangles()
    {
        var cases = new TheoryData<string, int, int>();
        foreach (var backend in Backends.Found)
            foreach (var (n, k) in new[] { (0, 2), (1, 1), (5, 0), (5, 3), (49, 1), (130, 1), (130, 7) }) cases.Add(backend.Name, n, k);
        return cases;
    }

    [Theory, MemberData(nameof(Triangles))]
    public void Triangles_and_strided_products_agree_with_their_definition(string name, int n, int k)
    {
        var backend = Backends.Found.Single(b => b.Name == name);
        var ld = n + 3;
        var t = Enumerable.Range(0, n * ld).Select(i => Math.Sin(1.3 * i) + (i % (ld + 1) == 0 ? n + 1 : 0)).ToArray();
        var x = Enumerable.Range(0, n * k).Select(i => Math.Cos(0.9 * i)).ToArray();
        foreach (var upper in new[] { false, true })
            foreach (var transposed in new[] { false, true })
                foreach (var unit in new[] { false, true })
                {
                    var part = new double[n * n];
                    for (var i = 0; i < n; i++)
                        for (var j = 0; j < n; j++)
                            if (i == j) part[(i * n) + j] = unit ? 1 : t[(i * ld) + j];
                            else if (i < j == upper) part[(i * n) + j] = unit ? t[(i * ld) + j] / (4 * n) : t[(i * ld) + j];
                    var stored = new double[n * ld];
                    for (var i = 0; i < n; i++) part.AsSpan(i * n, n).CopyTo(stored.AsSpan(i * ld));
                    // what lies in the other triangle, and on a diagonal taken as 1, must not be read
                    for (var i = 0; i < n; i++)
                        for (var j = 0; j < n; j++)
                            if (i == j ? unit : i < j != upper) stored[(i * ld) + j] = double.NaN;
                    var b = new double[n * k];
                    backend.Multiply(transposed, false, n, k, n, 1.0, part, Math.Max(n, 1), x, k, 0.0, b, k);
                    var expected = new double[n * k];
                    for (var i = 0; i < n; i++)
                        for (var c = 0; c < k; c++)
                            for (var j = 0; j < n; j++) expected[(i * k) + c] += (transposed ? part[(j * n) + i] : part[(i * n) + j]) * x[(j * k) + c];
                    Near(expected, b, 1e-11);
                    backend.SolveTriangle(upper, transposed, unit, n, k, stored, ld, b);
                    Near(x, b, 1e-11);
                }
    }

    private static void Near(double[] expected, double[] actual, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"element {i}: {actual[i]} instead of {expected[i]}");
    }

    /// <summary>The promises over one type, checked by their definitions in complex arithmetic, column-major.</summary>
    private sealed class Contract<T>(ILinearAlgebraProvider all, int n, Func<Complex, T> lower, Func<T, Complex> raise, double tolerance) where T : struct
    {
        private readonly ILinearAlgebraProvider<T> _p = (ILinearAlgebraProvider<T>)all;
        private readonly bool _complex = typeof(T) == typeof(Complex) || typeof(T) == typeof(Complex32);

        public void Check()
        {
            Products();
            Lu();
            Cholesky();
            foreach (var m in new[] { n, n + 3 }) Qr(m);
            foreach (var (m, k) in new[] { (n, n), (n + 3, n), (n, n + 3) }) Svd(m, k);
            Eigen();
        }

        private Complex[] Sample(int rows, int columns, int seed) =>
            [.. Enumerable.Range(0, rows * columns).Select(i => new Complex(Math.Sin((1.7 * i) + seed + (0.3 * i * i)), _complex ? Math.Cos((2.3 * i) + seed) : 0))];

        /// <summary>With a heavy diagonal: well conditioned.</summary>
        private Complex[] Heavy(int seed)
        {
            var a = Sample(n, n, seed);
            for (var i = 0; i < n; i++) a[(i * n) + i] += 2 * n;
            return a;
        }

        private static Complex[] Times(Complex[] a, int m, int k, Complex[] b, int columns)
        {
            var c = new Complex[m * columns];
            for (var j = 0; j < columns; j++)
                for (var l = 0; l < k; l++)
                    for (var i = 0; i < m; i++) c[(j * m) + i] += a[(l * m) + i] * b[(j * k) + l];
            return c;
        }

        private static Complex[] Adjoint(Complex[] a, int m, int k, bool conjugate = true)
        {
            var c = new Complex[m * k];
            for (var j = 0; j < k; j++)
                for (var i = 0; i < m; i++) c[(i * k) + j] = conjugate ? Complex.Conjugate(a[(j * m) + i]) : a[(j * m) + i];
            return c;
        }

        private static Complex[] Eye(int n) => [.. Enumerable.Range(0, n * n).Select(i => i / n == i % n ? Complex.One : 0)];

        private T[] Down(Complex[] a) => [.. a.Select(lower)];

        private Complex[] Up(T[] a) => [.. a.Select(raise)];

        private void Near(Complex[] expected, Complex[] actual, string what)
        {
            Assert.Equal(expected.Length, actual.Length);
            var scale = Math.Max(1, expected.Select(z => z.Magnitude).DefaultIfEmpty().Max());
            for (var i = 0; i < expected.Length; i++)
                Assert.True((expected[i] - actual[i]).Magnitude <= tolerance * scale * Math.Max(1, n / 8), $"{what}, n = {n}: element {i} is {actual[i]}, not {expected[i]}");
        }

        private void Products()
        {
            var (k, columns) = (n + 2, n + 1);
            Complex[] a = Sample(n, k, 1), b = Sample(k, columns, 2), c = Sample(n, columns, 3);
            var result = Down(c);
            _p.MatrixMultiply(Down(a), n, k, Down(b), k, columns, result);
            Near(Times(a, n, k, b, columns), Up(result), "product");
            Transpose[] ways = [Transpose.DontTranspose, Transpose.Transpose, Transpose.ConjugateTranspose];
            foreach (var ta in ways)
                foreach (var tb in ways)
                {
                    var stored = (A: ta == Transpose.DontTranspose ? a : Adjoint(a, n, k, ta == Transpose.ConjugateTranspose), B: tb == Transpose.DontTranspose ? b : Adjoint(b, k, columns, tb == Transpose.ConjugateTranspose));
                    var (rowsA, columnsA) = ta == Transpose.DontTranspose ? (n, k) : (k, n);
                    var (rowsB, columnsB) = tb == Transpose.DontTranspose ? (k, columns) : (columns, k);
                    result = Down(c);
                    _p.MatrixMultiplyWithUpdate(ta, tb, lower(2), Down(stored.A), rowsA, columnsA, Down(stored.B), rowsB, columnsB, lower(-0.5), result);
                    Near([.. Times(a, n, k, b, columns).Zip(c, (x, y) => (2 * x) - (0.5 * y))], Up(result), $"product {ta} {tb}");
                }
        }

        private void Lu()
        {
            // not diagonally heavy, so that rows are exchanged
            var a = Sample(n, n, 4);
            for (var i = 0; i < n; i++) a[(i * n) + ((i + 1) % n)] += 2 * n;
            Complex[] b = Sample(n, 2, 5);
            var (factors, pivots) = (Down(a), new int[n]);
            _p.LUFactor(factors, n, pivots);
            Assert.All(pivots, (p, i) => Assert.InRange(p, i, n - 1));
            Complex[] packed = Up(factors), l = Eye(n), u = new Complex[n * n];
            for (var j = 0; j < n; j++)
                for (var i = 0; i < n; i++) (i > j ? l : u)[(j * n) + i] = packed[(j * n) + i];
            var exchanged = (Complex[])a.Clone();
            for (var i = 0; i < n; i++)
                for (var j = 0; j < n; j++) (exchanged[(j * n) + i], exchanged[(j * n) + pivots[i]]) = (exchanged[(j * n) + pivots[i]], exchanged[(j * n) + i]);
            Near(exchanged, Times(l, n, n, u, n), "P A = L U");

            T[] x = Down(b), source = Down(a);
            _p.LUSolve(2, source, n, x);
            Near(b, Times(a, n, n, Up(x), 2), "LUSolve");
            Assert.Equal(Down(a), source);
            x = Down(b);
            _p.LUSolveFactored(2, factors, n, pivots, x);
            Near(b, Times(a, n, n, Up(x), 2), "LUSolveFactored");
            _p.LUInverseFactored(factors, n, pivots);
            Near(Eye(n), Times(a, n, n, Up(factors), n), "LUInverseFactored");
            _p.LUInverse(source, n);
            Near(Eye(n), Times(a, n, n, Up(source), n), "LUInverse");
        }

        private void Cholesky()
        {
            var g = Heavy(6);
            var a = Times(g, n, n, Adjoint(g, n, n), n);
            var (l, b) = (Down(a), Sample(n, 2, 7));
            _p.CholeskyFactor(l, n);
            var factor = Up(l);
            for (var j = 0; j < n; j++)
                for (var i = 0; i < j; i++) Assert.Equal(Complex.Zero, factor[(j * n) + i]);
            Near(a, Times(factor, n, n, Adjoint(factor, n, n), n), "L Lᴴ");
            var (x, source) = (Down(b), Down(a));
            _p.CholeskySolve(source, n, x, 2);
            Near(b, Times(a, n, n, Up(x), 2), "CholeskySolve");
            Assert.Equal(Down(a), source);
            x = Down(b);
            _p.CholeskySolveFactored(l, n, x, 2);
            Near(b, Times(a, n, n, Up(x), 2), "CholeskySolveFactored");
            for (var i = 0; i < n; i++) a[(i * n) + i] = -1;
            Assert.ThrowsAny<ArgumentException>(() => _p.CholeskyFactor(Down(a), n));
        }

        private void Qr(int m)
        {
            Complex[] a = Sample(m, n, 8), b = Sample(m, 2, 9);
            for (var i = 0; i < n; i++) a[(i * m) + i] += 2 * n;
            T[] r = Down(a), q = new T[m * m], tau = new T[n];
            _p.QRFactor(r, m, n, q, tau);
            CheckFactors(a, Up(q), m, m, Up(r), m, "QRFactor");
            T[] thinQ = Down(a), thinR = new T[n * n];
            _p.ThinQRFactor(thinQ, m, n, thinR, new T[n]);
            CheckFactors(a, Up(thinQ), m, n, Up(thinR), n, "ThinQRFactor");

            // the residual of a least-squares fit is orthogonal to the columns
            void Fits(T[] x, string what) => Near(new Complex[n * 2], Times(Adjoint(a, m, n), n, m, [.. Times(a, m, n, Up(x), 2).Zip(b, (f, y) => (f - y) / (4 * n))], 2), what);
            var x = new T[n * 2];
            var source = Down(a);
            _p.QRSolve(source, m, n, Down(b), 2, x);
            Fits(x, "QRSolve");
            Assert.Equal(Down(a), source);
            _p.QRSolveFactored(q, r, m, n, tau, Down(b), 2, x);
            Fits(x, "QRSolveFactored");
            _p.QRSolveFactored(thinQ, thinR, m, n, tau, Down(b), 2, x, QRMethod.Thin);
            Fits(x, "QRSolveFactored thin");
            _p.SvdSolve(source, m, n, Down(b), 2, x);
            Fits(x, "SvdSolve");
        }

        private void CheckFactors(Complex[] a, Complex[] q, int m, int k, Complex[] r, int rowsR, string what)
        {
            Near(a, Times(q, m, k, r, n), what);
            Near(Eye(k), Times(Adjoint(q, m, k), k, m, q, k), what + " Qᴴ Q");
            for (var j = 0; j < n; j++)
                for (var i = j + 1; i < rowsR; i++) Assert.True(r[(j * rowsR) + i].Magnitude <= tolerance * n, $"{what}: R is not zero below the diagonal");
        }

        private void Svd(int m, int k)
        {
            var a = Sample(m, k, 10);
            T[] s = new T[Math.Min(m, k)], u = new T[m * m], vt = new T[k * k];
            _p.SingularValueDecomposition(true, Down(a), m, k, s, u, vt);
            var values = Up(s).Select(z => z.Real).ToArray();
            Assert.Equal(values.OrderDescending(), values);
            var middle = new Complex[m * k];
            for (var i = 0; i < values.Length; i++) middle[(i * m) + i] = values[i];
            Near(a, Times(Times(Up(u), m, m, middle, k), m, k, Up(vt), k), "U S Vᴴ");
            Near(Eye(m), Times(Adjoint(Up(u), m, m), m, m, Up(u), m), "Uᴴ U");
            Near(Eye(k), Times(Adjoint(Up(vt), k, k), k, k, Up(vt), k), "V Vᴴ");
            var alone = new T[values.Length];
            _p.SingularValueDecomposition(false, Down(a), m, k, alone, new T[m * m], new T[k * k]);
            Near(Up(s), Up(alone), "singular values alone");
        }

        private void Eigen()
        {
            var a = Sample(n, n, 11);
            // MathNet gives the identity to be filled in and zeros
            T[] vectors = Down(Eye(n)), d = new T[n * n];
            var values = new Complex[n];
            _p.EigenDecomp(false, n, Down(a), vectors, values, d);
            Near(Times(a, n, n, Up(vectors), n), Times(Up(vectors), n, n, Up(d), n), "A V = V D");
            if (_complex) Near(values, [.. Enumerable.Range(0, n).Select(i => raise(d[(i * n) + i]))], "eigenvalues on the diagonal");

            Complex[] adjoint = Adjoint(a, n, n), symmetric = [.. a.Select((z, i) => z + adjoint[i])];
            (vectors, d) = (Down(Eye(n)), new T[n * n]);
            _p.EigenDecomp(true, n, Down(symmetric), vectors, values, d);
            Near(Times(symmetric, n, n, Up(vectors), n), Times(Up(vectors), n, n, Up(d), n), "S V = V D");
            Near(Eye(n), Times(Adjoint(Up(vectors), n, n), n, n, Up(vectors), n), "Vᴴ V");
            Assert.Equal(values.Select(z => z.Real).Order(), values.Select(z => z.Real));
        }
    }
}
