using System;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using DiffLib;
using MathNet.Numerics.Providers.LinearAlgebra;

// Says which libraries are in use and why, how far products and factorisations are from their definitions, and a digest of their bits.
var n = 90;
var a = Tensor.Sin(Tensor.Arange(n * n) * 0.7).Reshape(n, n) / n + 2.0 * Tensor.Eye(n);
var positive = a.MatMul(a.MT);
var symmetric = a + a.MT;
var right = Tensor.Cos(Tensor.Arange(n * 3) * 1.0).Reshape(n, 3);

var solution = Linalg.Solve(a, right);
var factor = Linalg.Cholesky(positive);
var (q, r) = Linalg.Qr(a);
var (u, s, vt) = Linalg.Svd(a);
var (values, vectors) = Linalg.Eigh(symmetric);
Tensor[] errors =
[
    a.MatMul(solution) - right, factor.MatMul(factor.MT) - positive, q.MatMul(r) - a, (u * s).MatMul(vt) - a,
    symmetric.MatMul(vectors) - vectors * values, Diff.Gradient(m => Linalg.LogDet(m), positive) - Linalg.Inverse(positive),
];

var description = Backend.Describe();
Console.WriteLine($"products={description.Products.Name}");
Console.WriteLine($"factorizations={description.Factorizations.Name}");
Console.WriteLine($"library={description.Factorizations.Library}");
Console.WriteLine($"threads={description.Factorizations.Threads}");
Console.WriteLine($"reason={description.Reason}");
Console.WriteLine($"error={errors.Max(e => Tensor.Abs(e).Max().ToDouble()).ToString("R", CultureInfo.InvariantCulture)}");
Console.WriteLine($"digest={Digest(a.MatMul(right), solution, factor, q, r, u, s, vt, values, vectors)}");
Console.WriteLine($"mathnet={LinearAlgebraControl.Provider}");

static string Digest(params Tensor[] results) => Convert.ToHexString(SHA256.HashData([.. results.SelectMany(t => t.ToArray()).SelectMany(BitConverter.GetBytes)]));
