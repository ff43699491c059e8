using System;
using static DiffLib.TensorShaping;

namespace DiffLib;

/// <summary>Several tensors into one, and one into several. Joined tensors are promoted to one element type; parts are views.</summary>
public static class TensorJoining
{
    extension(Tensor)
    {
        /// <summary>Tensors behind each other along the first axis.</summary>
        /// <param name="tensors">One or more of one rank; the sizes of the other axes agree.</param>
        /// <returns>The sum of the sizes in the first axis.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">There are none, the shapes do not fit, or the rank is 0.</exception>
        public static Tensor Concat(params Tensor[] tensors) => Joining.Concat(NotNull(tensors), 0);

        /// <summary>Tensors behind each other along an axis.</summary>
        /// <param name="tensors">One or more of one rank; the sizes of the other axes agree.</param>
        /// <param name="axis">The axis.</param>
        /// <returns>The sum of the sizes in this axis.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">There are none, the shapes do not fit, or the rank is 0.</exception>
        public static Tensor Concat(Tensor[] tensors, int axis) => Joining.Concat(NotNull(tensors), axis);

        /// <summary>Tensors of one shape side by side along a new first axis.</summary>
        /// <param name="tensors">One or more.</param>
        /// <returns>Their shape with their number in front.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">There are none, or the shapes differ.</exception>
        public static Tensor Stack(params Tensor[] tensors) => Joining.Stack(NotNull(tensors), 0);

        /// <summary>Tensors of one shape side by side along a new axis.</summary>
        /// <param name="tensors">One or more.</param>
        /// <param name="axis">The place of the new axis in the result.</param>
        /// <returns>Their shape with their number at this place.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The place is outside the result.</exception>
        /// <exception cref="ArgumentException">There are none, or the shapes differ.</exception>
        public static Tensor Stack(Tensor[] tensors, int axis) => Joining.Stack(NotNull(tensors), axis);

        /// <summary>Side by side: vectors behind each other, others along axis 1.</summary>
        /// <param name="tensors">One or more.</param>
        /// <returns>The joined tensor.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">There are none, or the shapes do not fit.</exception>
        public static Tensor HStack(params Tensor[] tensors) => Joining.HStack(NotNull(tensors));

        /// <summary>On top of each other along axis 0; vectors count as rows.</summary>
        /// <param name="tensors">One or more.</param>
        /// <returns>The joined tensor.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">There are none, or the shapes do not fit.</exception>
        public static Tensor VStack(params Tensor[] tensors) => Joining.VStack(NotNull(tensors));

        /// <summary>Behind each other along axis 2; vectors [n] count as [1, n, 1], matrices [m, n] as [m, n, 1].</summary>
        /// <param name="tensors">One or more.</param>
        /// <returns>The joined tensor.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">There are none, or the shapes do not fit.</exception>
        public static Tensor DStack(params Tensor[] tensors) => Joining.DStack(NotNull(tensors));

        /// <summary>Along axis 1; vectors count as columns.</summary>
        /// <param name="tensors">One or more.</param>
        /// <returns>The joined tensor.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">There are none, or the shapes do not fit.</exception>
        public static Tensor ColumnStack(params Tensor[] tensors) => Joining.ColumnStack(NotNull(tensors));

        /// <summary>All tensors in the shape they broadcast to together. Views.</summary>
        /// <param name="tensors">Shapes that broadcast.</param>
        /// <returns>As many tensors, of one shape.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor[] BroadcastTensors(params Tensor[] tensors) => Shaping.BroadcastAll(NotNull(tensors));

        /// <summary>Grids of coordinates in matrix order: result k repeats vector k along all axes but k. Views.</summary>
        /// <param name="tensors">Vectors or single numbers.</param>
        /// <returns>As many tensors, each of the shape [n₀, n₁, ...].</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">A rank is above 1, or there are more than 8.</exception>
        public static Tensor[] MeshGrid(params Tensor[] tensors) => Joining.MeshGrid(NotNull(tensors), false);

        /// <summary>Grids of coordinates, in matrix order or with the first two axes exchanged as for plots. Views.</summary>
        /// <param name="tensors">Vectors or single numbers.</param>
        /// <param name="xy">Whether the first two axes are exchanged.</param>
        /// <returns>As many tensors of one shape.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">A rank is above 1, or there are more than 8.</exception>
        public static Tensor[] MeshGrid(Tensor[] tensors, bool xy) => Joining.MeshGrid(NotNull(tensors), xy);

        /// <summary>Every way to take one entry of each vector, as rows, the last entry changing fastest.</summary>
        /// <param name="tensors">One to 8 vectors.</param>
        /// <returns>Shape [n₀·n₁·..., number of vectors]; of a single vector the vector itself.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">There are none, or one is not a vector.</exception>
        public static Tensor CartesianProd(params Tensor[] tensors) => Joining.CartesianProd(NotNull(tensors));

        /// <summary>Every way to take r entries of a vector in order, as rows in lexicographic order of the positions.</summary>
        /// <param name="x">A vector [n].</param>
        /// <param name="r">How many entries.</param>
        /// <param name="withReplacement">Whether an entry may be taken again.</param>
        /// <returns>Shape [n over r, r]; [0] for r = 0.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="r"/> is negative.</exception>
        /// <exception cref="ArgumentException"><paramref name="x"/> is not a vector.</exception>
        public static Tensor Combinations(Tensor x, int r = 2, bool withReplacement = false) => Joining.Combinations(NotNull(x), r, withReplacement);

        /// <summary>Matrices along the diagonal of one, zeros elsewhere.</summary>
        /// <param name="tensors">Matrices; vectors count as rows, numbers as 1 by 1.</param>
        /// <returns>The sums of their rows and columns.</returns>
        /// <exception cref="ArgumentNullException">An argument or a tensor is null.</exception>
        /// <exception cref="ArgumentException">There are none, or a rank is above 2.</exception>
        public static Tensor BlockDiag(params Tensor[] tensors) => Joining.BlockDiag(NotNull(tensors));

        /// <summary>The patches of images as columns (im2col), padded with zeros: a convolution becomes a matrix product.</summary>
        /// <param name="x">Images [N, C, H, W] or [C, H, W].</param>
        /// <param name="kernelSize">Height and width of a patch.</param>
        /// <param name="dilation">Distance of the entries of a patch; null means 1.</param>
        /// <param name="padding">Zeros around the images; null means none.</param>
        /// <param name="stride">Distance of the patches; null means 1.</param>
        /// <returns>Shape [N, C·kh·kw, number of patches].</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The rank or a setting does not fit.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A patch does not fit into the padded image.</exception>
        public static Tensor Im2Col(Tensor x, int[] kernelSize, int[]? dilation = null, int[]? padding = null, int[]? stride = null)
        {
            ArgumentNullException.ThrowIfNull(kernelSize);
            return Padding.Im2Col(NotNull(x), kernelSize, dilation ?? [1, 1], padding ?? [0, 0], stride ?? [1, 1]);
        }

        /// <summary>Columns added up at the places of their patches (col2im): the transpose of Im2Col.</summary>
        /// <param name="x">Columns [N, C·kh·kw, number of patches], or without N.</param>
        /// <param name="outputSize">Height and width of the images.</param>
        /// <param name="kernelSize">Height and width of a patch.</param>
        /// <param name="dilation">Distance of the entries of a patch; null means 1.</param>
        /// <param name="padding">What the images were padded with; null means nothing.</param>
        /// <param name="stride">Distance of the patches; null means 1.</param>
        /// <returns>Shape [N, C, H, W].</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The columns do not belong to such images.</exception>
        public static Tensor Col2Im(Tensor x, int[] outputSize, int[] kernelSize, int[]? dilation = null, int[]? padding = null, int[]? stride = null)
        {
            ArgumentNullException.ThrowIfNull(outputSize);
            ArgumentNullException.ThrowIfNull(kernelSize);
            return Padding.Col2Im(NotNull(x), outputSize, kernelSize, dilation ?? [1, 1], padding ?? [0, 0], stride ?? [1, 1]);
        }
    }

    extension(Tensor x)
    {
        /// <summary>Parts of one size along an axis, the last one smaller if need be. Views.</summary>
        /// <param name="size">The size of a part.</param>
        /// <param name="axis">The axis.</param>
        /// <returns>One part or more.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or the size is below 1.</exception>
        public Tensor[] Split(int size, int axis = 0) => Joining.Split(NotNull(x), size, axis);

        /// <summary>Parts of given sizes along an axis. Views.</summary>
        /// <param name="sizes">The sizes; they add up to that of the axis.</param>
        /// <param name="axis">The axis.</param>
        /// <returns>As many parts as sizes.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The sizes do not add up.</exception>
        public Tensor[] Split(int[] sizes, int axis = 0)
        {
            ArgumentNullException.ThrowIfNull(sizes);
            return Joining.SplitSizes(NotNull(x), sizes, axis);
        }

        /// <summary>At most so many parts of one size along an axis, the last one smaller. Views. For exactly so many see TensorSplit.</summary>
        /// <param name="chunks">The number of parts.</param>
        /// <param name="axis">The axis.</param>
        /// <returns>The parts.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or the number is below 1.</exception>
        public Tensor[] Chunk(int chunks, int axis = 0) => Joining.Chunk(NotNull(x), chunks, axis);

        /// <summary>Exactly so many parts along an axis, the first ones larger by one where it does not divide. Views.</summary>
        /// <param name="sections">The number of parts.</param>
        /// <param name="axis">The axis.</param>
        /// <returns>The parts.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or the number is below 1.</exception>
        public Tensor[] TensorSplit(int sections, int axis = 0) => Joining.TensorSplit(NotNull(x), sections, axis);

        /// <summary>Parts that end before the given positions: [..i₀], [i₀..i₁], ..., [iₖ..]. Views.</summary>
        /// <param name="positions">Positions; negative ones count from the end, those beyond it mean the end.</param>
        /// <param name="axis">The axis.</param>
        /// <returns>One part more than positions.</returns>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        public Tensor[] TensorSplit(int[] positions, int axis = 0)
        {
            ArgumentNullException.ThrowIfNull(positions);
            return Joining.SplitAt(NotNull(x), positions, axis);
        }

        /// <summary>The slices along an axis, which goes away.</summary>
        /// <param name="axis">The axis.</param>
        /// <returns>As many tensors as the axis is long.</returns>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        public Tensor[] Unbind(int axis = 0) => Joining.Unbind(NotNull(x), axis);
    }
}
