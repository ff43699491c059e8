using System;

namespace DiffLib;

/// <summary>Tables looked up by index, and windows over the last axes.</summary>
public static class TensorWindows
{
    extension(Tensor)
    {
        /// <summary>Rows of a table: integer indices of any shape [..] and a table of shape [n, d] give [.., d]. A row looked up several times gets the sum of the cotangents.</summary>
        /// <param name="indices">Integers from 0 to n - 1; negative ones count from the end.</param>
        /// <param name="table">[n, d], float64 or float32.</param>
        /// <param name="paddingIndex">A row that stands for nothing: it is looked up like the others, but no derivative passes through it.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The table is not of rank 2, or an index is outside it.</exception>
        public static Tensor Embedding(Tensor indices, Tensor table, int? paddingIndex = null)
        {
            ArgumentNullException.ThrowIfNull(indices);
            ArgumentNullException.ThrowIfNull(table);
            if (table.Rank != 2) throw new ArgumentException($"Embedding: the table has shape {table.Shape}; it needs rows and columns, [n, d].", nameof(table));
            var columns = table.Shape[1];
            if (paddingIndex is { } padding)
            {
                var row = table.Shape[0];
                if (padding < -row || padding >= row) throw new ArgumentOutOfRangeException(nameof(paddingIndex), padding, $"Embedding: row {padding} is outside the table of shape {table.Shape}.");
                var isPadding = Tensor.Equal(Tensor.Arange(row, DType.Int64), Tensor.FromArray(new long[] { padding < 0 ? padding + row : padding })).ExpandDims(1);
                table = Tensor.Where(isPadding, Diff.StopGradient(table), table);
            }

            int[] shape = [.. indices.Shape.ToArray(), columns];
            return table.IndexSelect(0, indices.Reshape(indices.Count)).Reshape(shape);
        }

        /// <summary>The largest element of each window over the last two axes: [.., h, w] to [.., (h + 2 padding - dilation (kernel - 1) - 1)/stride + 1, ...].
        /// The derivative goes to the first largest element; a NaN wins.</summary>
        /// <param name="x">[.., h, w], float64 or float32; outside it lies -∞.</param>
        /// <param name="kernel">The window's height and width.</param>
        /// <param name="stride">The step from window to window; the kernel by default.</param>
        /// <param name="padding">Rows and columns of -∞ on each side, at most half the kernel.</param>
        /// <param name="dilation">The step inside a window.</param>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentException">x has fewer than two axes, a size is not positive, the padding exceeds half the kernel, or no window fits.</exception>
        public static Tensor MaxPool2D(Tensor x, (int Height, int Width) kernel, (int Height, int Width)? stride = null, (int Height, int Width)? padding = null, (int Height, int Width)? dilation = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            if (x.Rank < 2) throw new ArgumentException($"MaxPool2D: shape {x.Shape} has no height and width; give at least two axes.", nameof(x));
            var (step, pad, gap) = (stride ?? kernel, padding ?? (0, 0), dilation ?? (1, 1));
            if (kernel.Height < 1 || kernel.Width < 1 || step.Height < 1 || step.Width < 1 || gap.Height < 1 || gap.Width < 1)
                throw new ArgumentException($"MaxPool2D: kernel {kernel}, stride {step} and dilation {gap} must be 1 or more.", nameof(kernel));
            if (pad.Height < 0 || pad.Width < 0 || 2 * pad.Height > kernel.Height || 2 * pad.Width > kernel.Width)
                throw new ArgumentException($"MaxPool2D: padding {pad} must be between 0 and half the kernel {kernel}, or a window could hold nothing.", nameof(padding));

            return Nn.MaxPool2D(x, kernel, step, pad, gap);
        }
    }
}
