using System;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>Comparisons, tests and logic of tensors, as static members of <see cref="Tensor"/>: <c>Tensor.Less(a, b)</c>, or <c>a &lt; b</c>.
/// <c>a == b</c> asks whether both are the same object; elements are compared by <c>Tensor.Equal(a, b)</c>, <c>Tensor.ArrayEqual(a, b)</c> and <c>Tensor.AllClose(a, b)</c>.</summary>
public static class TensorComparison
{
    extension(Tensor)
    {
        /// <summary>Where a = b, elementwise; NaN equals nothing.</summary>
        /// <param name="a">The left side.</param>
        /// <param name="b">The right side; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Equal(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Compare(CompareOp.Equal, a, b);
        }

        /// <summary>Where a ≠ b, elementwise; NaN differs from everything.</summary>
        /// <param name="a">The left side.</param>
        /// <param name="b">The right side; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor NotEqual(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Compare(CompareOp.NotEqual, a, b);
        }

        /// <summary>Where a &lt; b, elementwise; false at NaN.</summary>
        /// <param name="a">The left side.</param>
        /// <param name="b">The right side; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Less(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Compare(CompareOp.Less, a, b);
        }

        /// <summary>Where a ≤ b, elementwise; false at NaN.</summary>
        /// <param name="a">The left side.</param>
        /// <param name="b">The right side; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor LessOrEqual(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Compare(CompareOp.LessOrEqual, a, b);
        }

        /// <summary>Where a &gt; b, elementwise; false at NaN.</summary>
        /// <param name="a">The left side.</param>
        /// <param name="b">The right side; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor Greater(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Compare(CompareOp.Greater, a, b);
        }

        /// <summary>Where a ≥ b, elementwise; false at NaN.</summary>
        /// <param name="a">The left side.</param>
        /// <param name="b">The right side; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor GreaterOrEqual(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Tensor.Compare(CompareOp.GreaterOrEqual, a, b);
        }

        /// <summary>Where |a - b| ≤ absolute + relative·|b|, elementwise; equal infinities are close.</summary>
        /// <param name="a">The numbers under test.</param>
        /// <param name="b">The numbers they should be; shapes broadcast.</param>
        /// <param name="relative">The tolerance relative to |b|, 0 or more.</param>
        /// <param name="absolute">The tolerance added to it, 0 or more.</param>
        /// <param name="equalNaN">Whether NaN is close to NaN.</param>
        /// <returns>Truth values of the broadcast shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A tolerance is negative.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor IsClose(Tensor a, Tensor b, double relative = 1e-5, double absolute = 1e-8, bool equalNaN = false)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            ArgumentOutOfRangeException.ThrowIfNegative(relative);
            ArgumentOutOfRangeException.ThrowIfNegative(absolute);
            return Logic.IsClose(a, b, relative, absolute, equalNaN);
        }

        /// <summary>Whether every element is close: see <c>IsClose</c>. True for empty tensors.</summary>
        /// <param name="a">The numbers under test.</param>
        /// <param name="b">The numbers they should be; shapes broadcast.</param>
        /// <param name="relative">The tolerance relative to |b|, 0 or more.</param>
        /// <param name="absolute">The tolerance added to it, 0 or more.</param>
        /// <param name="equalNaN">Whether NaN is close to NaN.</param>
        /// <returns>One truth value.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A tolerance is negative.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static bool AllClose(Tensor a, Tensor b, double relative = 1e-5, double absolute = 1e-8, bool equalNaN = false)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Logic.All(Tensor.IsClose(a, b, relative, absolute, equalNaN));
        }

        /// <summary>Whether two tensors have the same shape and equal elements, of whatever element types; NaN equals nothing.</summary>
        /// <param name="a">One tensor.</param>
        /// <param name="b">The other; nothing broadcasts.</param>
        /// <returns>One truth value.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        public static bool ArrayEqual(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return a.Shape.Equals(b.Shape) && Logic.All(Tensor.Compare(CompareOp.Equal, a, b));
        }

        /// <summary>Where x is not a number.</summary>
        /// <param name="x">Any shape and element type.</param>
        /// <returns>Truth values of the same shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor IsNaN(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Logic.IsNaN(x);
        }

        /// <summary>Where x is neither NaN nor infinite.</summary>
        /// <param name="x">Any shape and element type.</param>
        /// <returns>Truth values of the same shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor IsFinite(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Logic.IsFinite(x);
        }

        /// <summary>Where x is ∞ or -∞.</summary>
        /// <param name="x">Any shape and element type.</param>
        /// <returns>Truth values of the same shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor IsInfinity(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Logic.IsInfinity(x);
        }

        /// <summary>Where x is ∞.</summary>
        /// <param name="x">Any shape and element type.</param>
        /// <returns>Truth values of the same shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor IsPositiveInfinity(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Logic.IsPositiveInfinity(x);
        }

        /// <summary>Where x is -∞.</summary>
        /// <param name="x">Any shape and element type.</param>
        /// <returns>Truth values of the same shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor IsNegativeInfinity(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Logic.IsNegativeInfinity(x);
        }

        /// <summary>Where the sign of x is negative, also of -0.</summary>
        /// <param name="x">Any shape and element type.</param>
        /// <returns>Truth values of the same shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor SignBit(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Logic.SignBit(x);
        }

        /// <summary>Where a and b both hold, elementwise.</summary>
        /// <param name="a">Truth values, or numbers, which are true where they differ from 0.</param>
        /// <param name="b">The same; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor LogicalAnd(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Logic.And(a, b);
        }

        /// <summary>Where a or b holds, or both, elementwise.</summary>
        /// <param name="a">Truth values, or numbers, which are true where they differ from 0.</param>
        /// <param name="b">The same; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor LogicalOr(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Logic.Or(a, b);
        }

        /// <summary>Where exactly one of a and b holds, elementwise.</summary>
        /// <param name="a">Truth values, or numbers, which are true where they differ from 0.</param>
        /// <param name="b">The same; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor LogicalXor(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return Logic.Xor(a, b);
        }

        /// <summary>Where x does not hold, elementwise.</summary>
        /// <param name="x">Truth values, or numbers, which are true where they differ from 0.</param>
        /// <returns>Truth values of the same shape, without derivative.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor LogicalNot(Tensor x)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Logic.Not(x);
        }
    }

    extension(Tensor)
    {
        /// <summary>Where a is greater than b, elementwise; false at NaN.</summary>
        /// <param name="a">The left side.</param>
        /// <param name="b">The right side; shapes broadcast. Numbers convert by themselves.</param>
        /// <returns>Truth values of the broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor operator >(Tensor a, Tensor b) => Tensor.Greater(a, b);

        /// <summary>Where a is less than b, elementwise; false at NaN.</summary>
        /// <param name="a">The left side.</param>
        /// <param name="b">The right side; shapes broadcast. Numbers convert by themselves.</param>
        /// <returns>Truth values of the broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor operator <(Tensor a, Tensor b) => Tensor.Less(a, b);

        /// <summary>Where a is at least b, elementwise; false at NaN.</summary>
        /// <param name="a">The left side.</param>
        /// <param name="b">The right side; shapes broadcast. Numbers convert by themselves.</param>
        /// <returns>Truth values of the broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor operator >=(Tensor a, Tensor b) => Tensor.GreaterOrEqual(a, b);

        /// <summary>Where a is at most b, elementwise; false at NaN.</summary>
        /// <param name="a">The left side.</param>
        /// <param name="b">The right side; shapes broadcast. Numbers convert by themselves.</param>
        /// <returns>Truth values of the broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor operator <=(Tensor a, Tensor b) => Tensor.LessOrEqual(a, b);

        /// <summary>Where a and b both hold, elementwise.</summary>
        /// <param name="a">Truth values, or numbers, which are true where they differ from 0.</param>
        /// <param name="b">The same; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor operator &(Tensor a, Tensor b) => Tensor.LogicalAnd(a, b);

        /// <summary>Where a or b holds, or both, elementwise.</summary>
        /// <param name="a">Truth values, or numbers, which are true where they differ from 0.</param>
        /// <param name="b">The same; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor operator |(Tensor a, Tensor b) => Tensor.LogicalOr(a, b);

        /// <summary>Where exactly one of a and b holds, elementwise.</summary>
        /// <param name="a">Truth values, or numbers, which are true where they differ from 0.</param>
        /// <param name="b">The same; shapes broadcast.</param>
        /// <returns>Truth values of the broadcast shape.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/> and <paramref name="b"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor operator ^(Tensor a, Tensor b) => Tensor.LogicalXor(a, b);

        /// <summary>Where x does not hold, elementwise.</summary>
        /// <param name="x">Truth values, or numbers, which are true where they differ from 0.</param>
        /// <returns>Truth values of the same shape.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
        public static Tensor operator !(Tensor x) => Tensor.LogicalNot(x);

        /// <summary>Whether the one element of x holds, so that <c>if (x &gt; 0)</c> reads as it should.</summary>
        /// <param name="x">A tensor with one element.</param>
        /// <returns>One truth value.</returns>
        /// <exception cref="InvalidOperationException">There is not exactly one element.</exception>
        public static bool operator true(Tensor x) => Facade.Truth(x);

        /// <summary>Whether the one element of x does not hold.</summary>
        /// <param name="x">A tensor with one element.</param>
        /// <returns>One truth value.</returns>
        /// <exception cref="InvalidOperationException">There is not exactly one element.</exception>
        public static bool operator false(Tensor x) => !Facade.Truth(x);
    }
}
