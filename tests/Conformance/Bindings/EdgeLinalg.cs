namespace DiffLib.Conformance.Bindings;

/// <summary>Compositions of linear algebra that occur among the edge cases.</summary>
internal static class EdgeLinalgBindings
{
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
