using System;
using System.Linq;

namespace DiffLib.Conformance.Bindings;

/// <summary>Products of vectors, matrices and tensors.</summary>
internal static class MatmulBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        RegisterProducts(r);
        RegisterSums(r);
    }

    private static void RegisterProducts(Registry r)
    {
        r.Add("matmul", call => Tensor.MatMul(call.Tensor("input"), call.Tensor("other")));
        r.Add("mm", call => Tensor.MatMul(call.Tensor("input"), call.Tensor("mat2")));
        r.Add("bmm", call => Tensor.MatMul(call.Tensor("input"), call.Tensor("mat2")));
        r.Add("mv", call => Tensor.MatMul(call.Tensor("input"), call.Tensor("vec")));
        r.Add("dot", call => Tensor.Dot(call.Tensor("input"), call.Tensor("tensor")));
        r.Add("vdot", call => Tensor.VDot(call.Tensor("input"), call.Tensor("other")));
        r.Add("inner", call => Tensor.Inner(call.Tensor("input"), call.Tensor("other")));
        r.Add("outer", call => Tensor.Outer(call.Tensor("input"), call.Tensor("vec2")));
        r.Add("kron", call => Tensor.Kron(call.Tensor("input"), call.Tensor("other")));
        r.Add("einsum", call => Tensor.Einsum(call.Text("equation"), call.Tensors("operands")));
        r.Add("tensordot", TensorDot);
        r.Add("cross", call => Tensor.Cross(call.Tensor("input"), call.Tensor("other"), call.IntOrNull("dim") ?? FirstOfThree(call.Tensor("input"))));
        r.Add("linalg.cross", call => Tensor.Cross(call.Tensor("input"), call.Tensor("other"), call.Int("dim", -1)));
        r.Add("linalg.multi_dot", call => Tensor.MultiDot(call.Tensors("tensors")));
        r.Add("linalg.vecdot", call => Tensor.VecDot(call.Tensor("x"), call.Tensor("y"), call.Int("dim", -1)));
        r.Add("cdist", call => Tensor.CDist(call.Tensor("x1"), call.Tensor("x2"), call.Double("p", 2)));
    }

    private static void RegisterSums(Registry r)
    {
        r.Add("addmm", call => Tensor.AddMM(call.Tensor("input"), call.Tensor("mat1"), call.Tensor("mat2"), call.Double("beta", 1), call.Double("alpha", 1)));
        r.Add("addmv", call => Tensor.AddMM(call.Tensor("input"), call.Tensor("mat"), call.Tensor("vec"), call.Double("beta", 1), call.Double("alpha", 1)));
        r.Add("addr", call => Tensor.AddOuter(call.Tensor("input"), call.Tensor("vec1"), call.Tensor("vec2"), call.Double("beta", 1), call.Double("alpha", 1)));
        r.Add("addbmm", call => Tensor.AddBatchMM(call.Tensor("input"), call.Tensor("batch1"), call.Tensor("batch2"), call.Double("beta", 1), call.Double("alpha", 1)));
        r.Add("baddbmm", call => Tensor.AddMM(call.Tensor("input"), call.Tensor("batch1"), call.Tensor("batch2"), call.Double("beta", 1), call.Double("alpha", 1)));
    }

    private static Tensor TensorDot(Call call)
    {
        var (a, b) = (call.Tensor("a"), call.Tensor("b"));
        if (call.IsInt("dims")) return Tensor.TensorDot(a, b, call.Int("dims"));
        var axes = call.IntLists("dims");
        return Tensor.TensorDot(a, b, axes[0], axes[1]);
    }

    /// <summary>The peer's default axis of cross: the first of size 3.</summary>
    private static int FirstOfThree(Tensor x) => Array.IndexOf(x.Shape.ToArray(), 3);
}
