using System;

namespace DiffLib;

/// <summary>Products of vectors, matrices and tensors, as static members of <see cref="Tensor"/>: <c>Tensor.MatMul(a, b)</c>.</summary>
/// <remarks>Operands are brought to their common element type; integers and truth values are counted in int64. All products are differentiable in
/// both modes at any order (M. Giles, "Collected matrix derivative results", 2008). No zero is skipped: a NaN or ∞ reaches every result it is part of.</remarks>
public static class TensorProducts
{
    extension(Tensor)
    {
        /// <summary>The matrix product with NumPy's meaning: [.., m, k] by [.., k, n] to [.., m, n]; leading axes broadcast; a vector is a row
        /// on the left and a column on the right, and leaves no axis behind. An inner size of 0 gives zeros. Transposed views are read in place.</summary>
        /// <param name="a">Rank 1 or more.</param>
        /// <param name="b">Rank 1 or more.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The inner sizes differ, the leading axes do not broadcast, or an operand is a single number.</exception>
        public static Tensor MatMul(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.MatMul(a, b);
        }

        /// <summary>NumPy's dot: the inner product of two vectors, the matrix product of two matrices, the product with a single number; in general
        /// the last axis of a against the last but one of b (its only one, if it has one), with all other axes of a and then of b kept.</summary>
        /// <param name="a">Any rank.</param>
        /// <param name="b">Any rank.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The summed axes differ in size.</exception>
        public static Tensor Dot(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.Dot(a, b);
        }

        /// <summary>Sums of products over the last axis of both: [.., k] and [~, k] to [.., ~]. A single number multiplies.</summary>
        /// <param name="a">Any rank.</param>
        /// <param name="b">Any rank; its last axis as long as a's.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The last axes differ in size.</exception>
        public static Tensor Inner(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.Inner(a, b);
        }

        /// <summary>All products of an element of a and an element of b, both flattened: m and n elements to [m, n].</summary>
        /// <param name="a">Any shape.</param>
        /// <param name="b">Any shape.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        public static Tensor Outer(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.Outer(a, b);
        }

        /// <summary>The sum of the products of all elements, in row-major order: rank 0.</summary>
        /// <param name="a">Any shape.</param>
        /// <param name="b">Any shape with as many elements.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The element counts differ.</exception>
        public static Tensor VDot(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.VDot(a, b);
        }

        /// <summary>Sums of products over one axis; all other axes broadcast. An empty axis gives 0.</summary>
        /// <param name="a">Rank 1 or more.</param>
        /// <param name="b">Rank 1 or more.</param>
        /// <param name="axis">The axis to sum over, in both; negative counts from the end.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The axis differs in size, or the others do not broadcast.</exception>
        public static Tensor VecDot(Tensor a, Tensor b, int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.VecDot(a, b, axis);
        }

        /// <summary>Sums of products over the last axes of a and the first axes of b; the other axes of a, then those of b, are kept.</summary>
        /// <param name="a">At least as many axes as are summed.</param>
        /// <param name="b">At least as many axes as are summed.</param>
        /// <param name="axes">How many axes to sum over; 0 gives all products.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There are not so many axes.</exception>
        /// <exception cref="ArgumentException">Paired axes differ in size.</exception>
        public static Tensor TensorDot(Tensor a, Tensor b, int axes = 2)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            if (axes < 0 || axes > a.Rank || axes > b.Rank)
                throw new ArgumentOutOfRangeException(nameof(axes), axes, $"TensorDot: a is {a.Shape} and b is {b.Shape}; sum over 0 to {Math.Min(a.Rank, b.Rank)} axes.");

            var (last, first) = (new int[axes], new int[axes]);
            for (var k = 0; k < axes; k++) (last[k], first[k]) = (a.Rank - axes + k, k);
            return Products.TensorDot(a, b, last, first);
        }

        /// <summary>Sums of products over pairs of axes; the other axes of a, then those of b, are kept.</summary>
        /// <param name="a">Any rank.</param>
        /// <param name="b">Any rank.</param>
        /// <param name="axesOfA">Axes of a.</param>
        /// <param name="axesOfB">Their partners in b, of the same sizes.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice, or a pair differs in size.</exception>
        public static Tensor TensorDot(Tensor a, Tensor b, int[] axesOfA, int[] axesOfB)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            ArgumentNullException.ThrowIfNull(axesOfA);
            ArgumentNullException.ThrowIfNull(axesOfB);
            return Products.TensorDot(a, b, axesOfA, axesOfB);
        }

        /// <summary>Sums of products by subscripts: <c>Tensor.Einsum("bij,bjk->bik", a, b)</c>. A letter names an axis; letters that the result does not name are
        /// summed over; a letter twice in one operand takes its diagonal; <c>...</c> stands for all other axes, which broadcast. Without <c>-&gt;</c> the result has
        /// the axes of the ellipsis and then the letters that occur once, in alphabetical order. Several operands are multiplied in pairs, the cheapest first.</summary>
        /// <param name="equation">Subscripts of the operands, separated by commas, and of the result behind <c>-&gt;</c>; spaces are ignored.</param>
        /// <param name="operands">One tensor for each list of subscripts.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The equation does not fit the operands.</exception>
        public static Tensor Einsum(string equation, params Tensor[] operands)
        {
            ArgumentNullException.ThrowIfNull(equation);
            ArgumentNullException.ThrowIfNull(operands);
            foreach (var x in operands) ArgumentNullException.ThrowIfNull(x, nameof(operands));
            return DiffLib.Einsum.evaluate(equation, operands);
        }

        /// <summary>The Kronecker product: each element of a becomes that element times the whole of b. [m, n] and [p, q] to [mp, nq]; missing leading axes count as 1.</summary>
        /// <param name="a">Rank up to 4.</param>
        /// <param name="b">Rank up to 4.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The rank of either is above 4.</exception>
        public static Tensor Kron(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            if (a.Rank > 4 || b.Rank > 4) throw new ArgumentException($"Kron: a is {a.Shape} and b is {b.Shape}; ranks go up to 4. Merge axes with Reshape.", a.Rank > 4 ? nameof(a) : nameof(b));
            return Products.Kron(a, b);
        }

        /// <summary>The vector product a × b in three dimensions; other axes broadcast.</summary>
        /// <param name="a">Size 3 along the axis.</param>
        /// <param name="b">Size 3 along the axis.</param>
        /// <param name="axis">The axis of the components.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The axis is not of size 3, or the shapes do not broadcast.</exception>
        public static Tensor Cross(Tensor a, Tensor b, int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.Cross(a, b, axis);
        }

        /// <summary>The product of several matrices, in the order that needs the fewest multiplications.</summary>
        /// <param name="factors">Matrices; the first may be a vector (a row) and the last too (a column).</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">There is no factor, a rank is wrong, or neighbours do not fit.</exception>
        public static Tensor MultiDot(params Tensor[] factors)
        {
            ArgumentNullException.ThrowIfNull(factors);
            foreach (var x in factors) ArgumentNullException.ThrowIfNull(x, nameof(factors));
            return Products.MultiDot(factors);
        }

        /// <summary>β·c + α·a·b, with the product of <c>MatMul</c>; c broadcasts to the product. β = 0 ignores c, whatever it holds.</summary>
        /// <param name="c">What to add to.</param>
        /// <param name="a">The left factor: a matrix, a stack of matrices, or a vector.</param>
        /// <param name="b">The right factor.</param>
        /// <param name="beta">The factor of c.</param>
        /// <param name="alpha">The factor of the product.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        public static Tensor AddMM(Tensor c, Tensor a, Tensor b, double beta = 1, double alpha = 1)
        {
            ArgumentNullException.ThrowIfNull(c);
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.Combined(c, Products.MatMul(a, b), beta, alpha);
        }

        /// <summary>β·c + α·Σ aᵢ·bᵢ: a stack of matrix products, summed over the stack.</summary>
        /// <param name="c">Broadcasts to [m, n].</param>
        /// <param name="a">[s, m, k].</param>
        /// <param name="b">[s, k, n].</param>
        /// <param name="beta">The factor of c; 0 ignores c.</param>
        /// <param name="alpha">The factor of the sum.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        public static Tensor AddBatchMM(Tensor c, Tensor a, Tensor b, double beta = 1, double alpha = 1)
        {
            ArgumentNullException.ThrowIfNull(c);
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.Combined(c, DiffLib.Einsum.evaluate("bij,bjk->ik", [a, b]), beta, alpha);
        }

        /// <summary>β·c + α·u·vᵀ: the outer product of two vectors, added to c.</summary>
        /// <param name="c">Broadcasts to [m, n].</param>
        /// <param name="u">[m].</param>
        /// <param name="v">[n].</param>
        /// <param name="beta">The factor of c; 0 ignores c.</param>
        /// <param name="alpha">The factor of the product.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">c does not broadcast to the product.</exception>
        public static Tensor AddOuter(Tensor c, Tensor u, Tensor v, double beta = 1, double alpha = 1)
        {
            ArgumentNullException.ThrowIfNull(c);
            ArgumentNullException.ThrowIfNull(u);
            ArgumentNullException.ThrowIfNull(v);
            return Products.Combined(c, Products.Outer(u, v), beta, alpha);
        }

        /// <summary>Distances ‖xᵢ - yⱼ‖ between all rows: [.., m, d] and [.., n, d] to [.., m, n]. The derivative at distance 0 is 0, not NaN.</summary>
        /// <param name="x">Points as rows.</param>
        /// <param name="y">Points as rows, of the same dimension.</param>
        /// <param name="order">The order p ≥ 0 of the norm: 2 is Euclid's, 1 the city block's, ∞ the largest difference, 0 the number of differences.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The dimensions differ, or the leading axes do not broadcast.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The order is negative.</exception>
        public static Tensor CDist(Tensor x, Tensor y, double order = 2)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(y);
            return PairDistances.Between(x, y, order);
        }
    }
}

/// <summary>Products as methods of a tensor: <c>a.MatMul(b)</c>.</summary>
public static class TensorProductMethods
{
    extension(Tensor a)
    {
        /// <summary>The matrix product of this tensor with another; see <c>Tensor.MatMul</c>.</summary>
        /// <param name="b">Rank 1 or more.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        public Tensor MatMul(Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.MatMul(a, b);
        }

        /// <summary>The dot product of this tensor with another; see <c>Tensor.Dot</c>.</summary>
        /// <param name="b">Any rank.</param>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        public Tensor Dot(Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Products.Dot(a, b);
        }
    }
}
