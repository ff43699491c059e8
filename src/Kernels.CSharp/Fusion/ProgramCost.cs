namespace DiffLib.Kernels;

/// <summary>Rough costs, to decide about threads and about what is worth a call.</summary>
internal static class ProgramCost
{
    /// <summary>What one element costs, in nanoseconds: memory traffic and arithmetic.</summary>
    public static double NanosecondsPerElement(ScalarProgram program)
    {
        var bytes = 0;
        foreach (var input in program.Inputs) bytes += input.Size();
        for (var k = 0; k < program.Outputs.Length; k++) bytes += program.OutputType(k).Size();
        var cost = 0.02 * bytes;
        foreach (ref readonly var i in program.Instructions) cost += Nanoseconds(i);
        return cost;
    }

    private static double Nanoseconds(in Instruction i) => i.Opcode switch
    {
        Opcode.Input or Opcode.Constant => 0,
        Opcode.Unary => IsElementary(i.UnaryOp) ? 1 : IsArithmetic(i.UnaryOp) ? 0.06 : 20,
        Opcode.Binary => IsElementary(i.BinaryOp) ? 2 : IsArithmetic(i.BinaryOp) ? 0.06 : 20,
        _ => 0.06,
    };

    /// <summary>Functions that are a few vector instructions.</summary>
    public static bool IsArithmetic(UnaryOp op) => op is UnaryOp.Negate or UnaryOp.Abs or UnaryOp.Sign or UnaryOp.Square or UnaryOp.Reciprocal or UnaryOp.Sqrt
        or UnaryOp.Relu or UnaryOp.Step or UnaryOp.Floor or UnaryOp.Ceiling or UnaryOp.Round or UnaryOp.Truncate;

    /// <summary>Functions that are a few vector instructions.</summary>
    public static bool IsArithmetic(BinaryOp op) => op is BinaryOp.Add or BinaryOp.Subtract or BinaryOp.Multiply or BinaryOp.Divide or BinaryOp.Scale
        or BinaryOp.Maximum or BinaryOp.Minimum or BinaryOp.MaximumNumber or BinaryOp.MinimumNumber or BinaryOp.CopySign or BinaryOp.Heaviside;

    /// <summary>Functions that are computed in vector lanes by polynomials.</summary>
    public static bool IsElementary(UnaryOp op) => !IsArithmetic(op) && op is not UnaryOp.Cbrt && (op < UnaryOp.Erf || op > UnaryOp.I1e);

    /// <summary>Functions that are computed in vector lanes by polynomials.</summary>
    public static bool IsElementary(BinaryOp op) => op is BinaryOp.Hypot or BinaryOp.LogAddExp or BinaryOp.LogAddExp2 or BinaryOp.Xlogy or BinaryOp.Xlog1py;
}
