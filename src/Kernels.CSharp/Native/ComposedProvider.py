"""Writes ComposedProvider.Members.cs: MathNet's provider is one interface of 28 methods for each of four element types, all forwarded to one generic part. Run after a change of the interface."""
import pathlib

TYPES = [("double", "_double"), ("float", "_single"), ("Complex", "_complex"), ("Complex32", "_complex32")]
QR = "T[] a, int rowsA, int columnsA, T[] b, int columnsB, T[] x, QRMethod method"
METHODS = [
    ("void", "AddVectorToScaledVector", "T[] y, T alpha, T[] x, T[] result"),
    ("void", "ScaleArray", "T alpha, T[] x, T[] result"),
    ("void", "ConjugateArray", "T[] x, T[] result"),
    ("T", "DotProduct", "T[] x, T[] y"),
    ("void", "AddArrays", "T[] x, T[] y, T[] result"),
    ("void", "SubtractArrays", "T[] x, T[] y, T[] result"),
    ("void", "PointWiseMultiplyArrays", "T[] x, T[] y, T[] result"),
    ("void", "PointWiseDivideArrays", "T[] x, T[] y, T[] result"),
    ("void", "PointWisePowerArrays", "T[] x, T[] y, T[] result"),
    ("double", "MatrixNorm", "Norm norm, int rows, int columns, T[] matrix"),
    ("void", "MatrixMultiply", "T[] x, int rowsX, int columnsX, T[] y, int rowsY, int columnsY, T[] result"),
    ("void", "MatrixMultiplyWithUpdate", "Transpose transposeA, Transpose transposeB, T alpha, T[] a, int rowsA, int columnsA, T[] b, int rowsB, int columnsB, T beta, T[] c"),
    ("void", "LUFactor", "T[] data, int order, int[] ipiv"),
    ("void", "LUInverse", "T[] a, int order"),
    ("void", "LUInverseFactored", "T[] a, int order, int[] ipiv"),
    ("void", "LUSolve", "int columnsOfB, T[] a, int order, T[] b"),
    ("void", "LUSolveFactored", "int columnsOfB, T[] a, int order, int[] ipiv, T[] b"),
    ("void", "CholeskyFactor", "T[] a, int order"),
    ("void", "CholeskySolve", "T[] a, int orderA, T[] b, int columnsB"),
    ("void", "CholeskySolveFactored", "T[] a, int orderA, T[] b, int columnsB"),
    ("void", "QRFactor", "T[] a, int rowsA, int columnsA, T[] q, T[] tau"),
    ("void", "ThinQRFactor", "T[] a, int rowsA, int columnsA, T[] r, T[] tau"),
    ("void", "QRSolve", QR),
    ("void", "QRSolveFactored", "T[] q, T[] r, int rowsA, int columnsA, T[] tau, T[] b, int columnsB, T[] x, QRMethod method"),
    ("void", "SingularValueDecomposition", "bool computeVectors, T[] a, int rowsA, int columnsA, T[] s, T[] u, T[] vt"),
    ("void", "SvdSolve", "T[] a, int rowsA, int columnsA, T[] b, int columnsB, T[] x"),
    ("void", "SvdSolveFactored", "int rowsA, int columnsA, T[] s, T[] u, T[] vt, T[] b, int columnsB, T[] x"),
    ("void", "EigenDecomp", "bool isSymmetric, int order, T[] matrix, T[] matrixEv, Complex[] vectorEv, T[] matrixD"),
]


def typed(text, t):
    return " ".join(t + word[1:] if word == "T" or word.startswith("T[") else word for word in text.split(" "))


def main():
    out = ['// Written by ComposedProvider.py.', 'using System.Numerics;', 'using MathNet.Numerics;', 'using MathNet.Numerics.LinearAlgebra.Factorization;',
           'using MathNet.Numerics.Providers.LinearAlgebra;', '', 'namespace DiffLib.Kernels;', '',
           '/// <summary>MathNet\'s provider for all four element types, each of them a <see cref="ProviderPart{T}"/>.</summary>',
           'internal sealed partial class ComposedProvider']
    out.append('{')
    for index, (t, field) in enumerate(TYPES):
        if index:
            out.append('')
        for result, name, parameters in METHODS:
            names = ", ".join(p.split(" ")[-1] for p in parameters.split(", "))
            out.append(f"    {t if result == 'T' else result} ILinearAlgebraProvider<{t}>.{name}({typed(parameters, t)}) => {field}.{name}({names});")
    out.append('}')
    pathlib.Path(__file__).with_name("ComposedProvider.Members.cs").write_text("\n".join(out) + "\n")


main()
