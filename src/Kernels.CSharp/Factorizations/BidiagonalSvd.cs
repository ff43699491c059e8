using System;
using System.Runtime.CompilerServices;

namespace DiffLib.Kernels;

/// <summary>Singular values of upper bidiagonal matrices by implicit QR steps, without a shift where the shift would spoil the digits of the smallest values (J. Demmel &amp; W. Kahan,
/// "Accurate singular values of bidiagonal matrices", 1990): each value has a small relative error against those of the bidiagonal matrix.</summary>
internal static unsafe class BidiagonalSvd
{
    /// <summary>Steps for each value before the iteration is given up; two are usual.</summary>
    private const int Patience = 60;

    private static readonly double Unit = Math.ScaleB(1, -53);

    /// <summary>What counts as zero, in relation to a bound of the smallest singular value.</summary>
    private static readonly double Tolerance = 16 * Unit;

    /// <summary>d becomes the singular values, of either sign and in no order; the left and right vectors are turned along.</summary>
    /// <returns>Whether the iteration came to its end.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Iterate(int n, double* d, double* e, RotatedColumns? left, RotatedColumns? right)
    {
        var threshold = Threshold(n, d, e);
        int end = n - 1, oldBegin = -1, oldEnd = -1;
        var fromEnd = false;
        for (var rest = Patience * (long)n; end > 0;)
        {
            var begin = end;
            var largest = Math.Abs(d[end]);
            for (; begin > 0; begin--)
            {
                if (Math.Abs(e[begin - 1]) <= threshold)
                {
                    e[begin - 1] = 0;
                    break;
                }

                largest = Math.Max(largest, Math.Max(Math.Abs(d[begin - 1]), Math.Abs(e[begin - 1])));
            }

            if (begin == end)
            {
                end--;
                continue;
            }

            if (begin > oldEnd || end < oldBegin || oldEnd < 0) fromEnd = Math.Abs(d[end]) > Math.Abs(d[begin]);
            (oldBegin, oldEnd) = (begin, end);
            var count = end - begin;
            // read from its end, the transposed matrix is upper bidiagonal again, and left and right have changed places
            var block = fromEnd ? new Block(count, -1, d + end, e + end - 1) : new Block(count, 1, d + begin, e + begin);
            if (block.Splits(out var smallest)) continue;
            if (rest-- == 0) return false;
            var (first, second) = fromEnd ? (left, right) : (right, left);
            int start = fromEnd ? end : begin, step = fromEnd ? -1 : 1;
            var before = first is null ? default : first.Sweep(start, step, count);
            var after = second is null ? default : second.Sweep(start, step, count);
            var shift = block.Shift(n, smallest, largest);
            if (shift == 0) block.StepWithoutShift(before, after);
            else block.Step(shift, before, after);
        }

        return true;
    }

    /// <summary>Numbers e up to here are zero: a small part of a bound below the smallest singular value.</summary>
    private static double Threshold(int n, double* d, double* e)
    {
        double bound = Math.Abs(d[0]), least = bound;
        for (var i = 1; i < n && least != 0; i++)
        {
            bound = Math.Abs(d[i]) * (bound / (bound + Math.Abs(e[i - 1])));
            least = Math.Min(least, bound);
        }

        return Math.Max(Tolerance * (least / Math.Sqrt(n)), 1e-290);
    }

    /// <summary>A block without zeros above the diagonal, read in either direction: diagonal i lies at d + i·step, the number above diagonal i + 1 at e + i·step.</summary>
    private readonly struct Block(int count, nint step, double* d, double* e)
    {
        private ref double D(int i) => ref d[i * step];

        private ref double E(int i) => ref e[i * step];

        /// <summary>Sets a number above the diagonal to zero that is negligible, if there is one; else gives a bound of the smallest singular value.</summary>
        public bool Splits(out double smallest)
        {
            smallest = 0;
            if (Math.Abs(E(count - 1)) <= Tolerance * Math.Abs(D(count)))
            {
                E(count - 1) = 0;
                return true;
            }

            var bound = smallest = Math.Abs(D(0));
            for (var i = 0; i < count; i++)
            {
                var size = Math.Abs(E(i));
                if (size <= Tolerance * bound)
                {
                    E(i) = 0;
                    return true;
                }

                bound = Math.Abs(D(i + 1)) * (bound / (bound + size));
                smallest = Math.Min(smallest, bound);
            }

            return false;
        }

        /// <summary>The smaller singular value of the last two rows and columns, or 0 where it would spoil the smallest values.</summary>
        public double Shift(int n, double smallest, double largest)
        {
            if (100.0 * n * smallest <= largest) return 0;
            var shift = Rotation.SmallerSingularValue(D(count - 1), E(count - 1), D(count));
            var ratio = shift / Math.Abs(D(0));
            return ratio * ratio < Unit ? 0 : shift;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void StepWithoutShift(Span<double> right, Span<double> left)
        {
            double c = 1, oldC = 1, oldS = 0;
            for (var i = 0; i < count; i++)
            {
                Rotation.Make(D(i) * c, E(i), out c, out var s, out var r);
                if (i > 0) E(i - 1) = oldS * r;
                Rotation.Make(oldC * r, D(i + 1) * s, out oldC, out oldS, out D(i));
                if (!right.IsEmpty) (right[2 * i], right[2 * i + 1]) = (c, s);
                if (!left.IsEmpty) (left[2 * i], left[2 * i + 1]) = (oldC, oldS);
            }

            var h = D(count) * c;
            D(count) = h * oldC;
            E(count - 1) = h * oldS;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Step(double shift, Span<double> right, Span<double> left)
        {
            var f = (Math.Abs(D(0)) - shift) * (Math.CopySign(1, D(0)) + shift / D(0));
            var g = E(0);
            for (var i = 0; i < count; i++)
            {
                Rotation.Make(f, g, out var c, out var s, out var r);
                if (i > 0) E(i - 1) = r;
                f = c * D(i) + s * E(i);
                E(i) = c * E(i) - s * D(i);
                g = s * D(i + 1);
                D(i + 1) *= c;
                if (!right.IsEmpty) (right[2 * i], right[2 * i + 1]) = (c, s);
                Rotation.Make(f, g, out c, out s, out D(i));
                f = c * E(i) + s * D(i + 1);
                D(i + 1) = c * D(i + 1) - s * E(i);
                if (i < count - 1)
                {
                    g = s * E(i + 1);
                    E(i + 1) *= c;
                }

                if (!left.IsEmpty) (left[2 * i], left[2 * i + 1]) = (c, s);
            }

            E(count - 1) = f;
        }
    }
}
