using System;
using System.Collections.Generic;

namespace DiffLib.Conformance.Bindings;

/// <summary>Compositions of linear algebra that occur among the edge cases, and where this library departs from the record there.</summary>
internal static class EdgeLinalgBindings
{
    private const double NaN = double.NaN;

    /// <summary>Departures by the id of the case.</summary>
    public static readonly Dictionary<string, Departure> Departures = new(StringComparer.Ordinal)
    {
        ["edge/linalg.det/003"] = new("the cofactors are right for singular matrices too") { Jvp = [[1]] },
        ["edge/linalg.cholesky/003"] = new("NaN in a matrix gives NaN in all of its factor") { Outputs = [[NaN, 0, NaN, NaN]] },
        ["edge/linalg.eigh/funm/000"] = new("a function of a matrix is smooth where eigenvalues coincide") { Jvp = [[Math.E, Math.E, Math.E, Math.E]] },
        ["edge/linalg.eigh/funm/001"] = new("a function of a matrix is smooth where eigenvalues coincide") { Jvp = [Repeated(Math.Exp(2), 9)] },
        ["edge/linalg.svd/reconstruct/001"] = new("singular vectors of a repeated value have no derivative") { Vjp = [Repeated(NaN, 9)] },
    };

    private static double[] Repeated(double x, int count)
    {
        var xs = new double[count];
        Array.Fill(xs, x);
        return xs;
    }

    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        r.Add("linalg.eigvalsh/sum", call => Sum(Linalg.Eigvalsh(Symmetric(call.Inputs[0]))));
        r.Add("linalg.eigvalsh/sumsq", call => Sum(Tensor.Pow(Linalg.Eigvalsh(Symmetric(call.Inputs[0])), 2)));
        r.Add("linalg.eigvalsh/logdet", call => Sum(Tensor.Log(Linalg.Eigvalsh(Symmetric(call.Inputs[0])))));
        // a function of a symmetric matrix has its own verb here, which is right for repeated eigenvalues
        r.Add("linalg.eigh/funm", call => Linalg.SymmetricFunction(Tensor.Exp, Symmetric(call.Inputs[0])));
        r.Add("linalg.svdvals/sumsq", call => Sum(Tensor.Pow(Linalg.SingularValues(call.Inputs[0]), 2)));
        r.Add("linalg.svdvals/nuclear", call => Sum(Linalg.SingularValues(call.Inputs[0])));
        r.Add("linalg.svd/reconstruct", call => Linalg.Svd(call.Inputs[0]) is var (u, s, v) ? Tensor.MatMul(u * s, v) : throw new System.InvalidOperationException());
    }

    private static Tensor Symmetric(Tensor a) => 0.5 * (a + Tensor.Einsum("...ij->...ji", a));

    private static Tensor Sum(Tensor x) => Tensor.Einsum("i->", x);
}
