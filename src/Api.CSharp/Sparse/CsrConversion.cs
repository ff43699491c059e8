using System;
using MathNet.Numerics.LinearAlgebra;

namespace DiffLib;

/// <summary>Sparse matrices to MathNet.Numerics. Data is copied at the border.</summary>
public static class CsrConversion
{
    extension(CsrMatrix matrix)
    {
        /// <summary>The matrix as a sparse matrix of MathNet.Numerics, with the same places.</summary>
        /// <returns>A matrix in compressed-row storage.</returns>
        /// <exception cref="ArgumentNullException">The matrix is null.</exception>
        public Matrix<double> ToMatrix()
        {
            ArgumentNullException.ThrowIfNull(matrix);
            SparsityPattern pattern = matrix.Pattern;
            return Matrix<double>.Build.SparseFromCompressedSparseRowFormat(
                pattern.Rows, pattern.Columns, pattern.Count, pattern.RowOffsets.ToArray(), pattern.ColumnIndices.ToArray(), matrix.Values.ToArray());
        }
    }
}
