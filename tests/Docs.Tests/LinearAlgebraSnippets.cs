using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/linear-algebra.md.</summary>
public class LinearAlgebraSnippets
{
    private static readonly Tensor A = new double[,] { { 4, 1 }, { 1, 3 } };
    private static readonly Tensor B = Tensor.Of(1, 2);

    [Fact]
    public void Products()
    {
        var (a, b) = (A, B);
        #region linear-products
        Tensor product = a.MatMul(b);                                 // [6, 7]
        Tensor form = Tensor.Dot(b, a.MatMul(b));                     // 20
        Tensor outer = Tensor.Outer(b, b);
        Tensor batch = Tensor.Einsum("nij,nj->ni", Tensor.Stack(a, 2 * a), Tensor.Stack(b, b));
        #endregion
        Expect.Equal([2], [6, 7], product);
        Expect.Number(20, form);
        Expect.Equal([2, 2], [1, 2, 2, 4], outer);
        Expect.Equal([2, 2], [6, 7, 12, 14], batch);
    }

    [Fact]
    public void Systems()
    {
        var (a, b) = (A, B);
        #region linear-solve
        Tensor x = Linalg.Solve(a, b);                                // A x = b
        Tensor factor = Linalg.Cholesky(a);                           // L Lᵀ = A
        Tensor same = Linalg.CholeskySolve(factor, b);
        Tensor logDet = Linalg.LogDet(a);                             // ln 11
        Tensor gradient = Diff.Gradient(m => Linalg.LogDet(m), a);    // A⁻ᵀ
        #endregion
        Expect.Equal([2], [1, 2], a.MatMul(x));
        Expect.Equal([2], x.ToArray(), same);
        Expect.Number(System.Math.Log(11), logDet);
        Expect.Elements(gradient, 1e-12, Linalg.Inverse(a).T.ToArray());
    }

    [Fact]
    public void Factorisations()
    {
        var a = A;
        #region linear-factor
        var (q, r) = Linalg.Qr(a);
        var (values, vectors) = Linalg.Eigh(a);
        var (u, s, vt) = Linalg.Svd(a);
        Tensor slope = Diff.Gradient(m => Linalg.Eigh(m).Eigenvalues[^1], a);    // of the largest eigenvalue: v vᵀ
        #endregion
        Expect.Elements(q.MatMul(r), 1e-12, a.ToArray());
        Expect.Elements((vectors * values).MatMul(vectors.T), 1e-12, a.ToArray());
        Expect.Elements((u * s).MatMul(vt), 1e-12, a.ToArray());
        Expect.Elements(slope, 1e-12, Tensor.Outer(vectors[.., ^1], vectors[.., ^1]).ToArray());
    }

    [Fact]
    public void Functions_and_equations()
    {
        var a = A;
        #region linear-functions
        Tensor root = Linalg.SymmetricFunction(Tensor.Sqrt, a);       // root · root = a
        Tensor same = Linalg.MatrixSqrt(a);                           // any square matrix
        Tensor back = Linalg.MatrixLog(Linalg.MatrixExp(a));          // a
        Tensor x = Linalg.Lyapunov(a, Tensor.Eye(2));                 // a x + x aᵀ = 1
        Tensor curvature = Diff.Hessian(s => Linalg.Trace(Linalg.SymmetricFunction(Tensor.Log, s)), Tensor.Eye(2));
        #endregion
        Expect.Elements(root.MatMul(root), 1e-12, a.ToArray());
        Expect.Elements(same, 1e-12, root.ToArray());
        Expect.Elements(back, 1e-12, a.ToArray());
        Expect.Elements(a.MatMul(x) + x.MatMul(a.T), 1e-12, 1, 0, 0, 1);
        Expect.Elements(curvature, 1e-12, -1, 0, 0, 0, 0, -0.5, -0.5, 0, 0, -0.5, -0.5, 0, 0, 0, 0, -1);
    }

    [Fact]
    public void Least_squares()
    {
        #region linear-lstsq
        Tensor t = Tensor.Linspace(0, 1, 21), pi = System.Math.PI;
        Tensor y = 2 * Tensor.Sin(pi * t) - 0.5 * Tensor.Sin(3 * pi * t);
        Tensor features = Tensor.Sin(Tensor.Outer(t, pi * Tensor.Of(1, 2, 3)));
        Tensor theta = Linalg.Lstsq(features, y);                     // [2, 0, -0.5]
        #endregion
        Expect.Elements(theta, 1e-9, 2, 0, -0.5);
    }
}
