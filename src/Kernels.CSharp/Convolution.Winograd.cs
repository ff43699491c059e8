using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>Convolutions of 3 by 3 taps without stride, and their transposes in the input, by minimal filtering: F(2×2, 3×3) of Winograd, after Lavin and Gray 2016. Squares of
/// 4 by 4 of the source become 16 numbers Bᵀ d B, kernels become 16 numbers G g Gᵀ, products of matrices sum over the channels, and Aᵀ m A is a square of 2 by 2 results:
/// 16 multiplications where the definition has 36.</summary>
/// <remarks>Every result is a fixed sequence of operations of the squares that it is in, whoever computes it. Where a result is not finite, nothing of this is kept: the definition
/// says which results an infinite number reaches, and differences of infinite numbers reach more.</remarks>
internal static unsafe class ConvolutionWinograd<L, V, T>
    where L : struct, IProductLanes<V, T> where V : struct where T : unmanaged, INumber<T>
{
    private const int Taps = 9;

    /// <summary>The numbers of a square.</summary>
    private const int Parts = 16;

    /// <summary>Fewer channels than this do not repay the sums.</summary>
    private const int FewestChannels = 24;

    /// <summary>The bytes of the transformed squares that are worked on at a time; they stay in the second cache.</summary>
    private const int BlockBytes = 640 << 10;

    private static int Columns => ConvolutionTiles<L, V, T>.Columns;

    /// <summary>Channels of a source, padded, give channels of a result.</summary>
    private sealed class Job
    {
        public required ConvolutionSizes Sizes { get; init; }

        public required int SourceChannels { get; init; }

        public required int ResultChannels { get; init; }

        public required int SourcePlane { get; init; }

        /// <summary>The rows and columns of a result channel.</summary>
        public required int Rows { get; init; }

        public required int Width { get; init; }

        /// <summary>Padded rows, of which the even columns are one plane and the odd ones another.</summary>
        public required PlaneLayout Layout { get; init; }

        /// <summary>Kernel elements from one result channel to the next, and from one source channel to the next; and whether the taps come in reverse.</summary>
        public required int ResultStep { get; init; }

        public required int SourceStep { get; init; }

        public required bool Reverse { get; init; }

        public T* Source;
        public T* Kernel;
        public T* Result;

        /// <summary>The transformed kernel: for each group and part the slivers of a product.</summary>
        public T* Packed;

        /// <summary>The rows of squares that are worked on at a time.</summary>
        public int RowsAtOnce { get; set; }

        /// <summary>Whether a result is not finite.</summary>
        public bool Fails { get; set; }

        public int SquareRows => (Rows + 1) / 2;

        public int SquareColumns => (Width + 1) / 2;

        public int AllRows => Sizes.Batch * SquareRows;

        public int Blocks => (AllRows + RowsAtOnce - 1) / RowsAtOnce;

        public int RowsPacked => (ResultChannels + L.Rows - 1) / L.Rows * L.Rows;

        public nint PartSize => (nint)RowsPacked * SourceChannels;
    }

    /// <summary>Whether this is a convolution of 3 by 3 taps, in two dimensions, with enough channels and more squares than channels.</summary>
    public static bool Fits(ConvolutionSizes s)
    {
        if (typeof(T) != typeof(float)) return false;
        var one = s[0];
        if (one.Kernel != 1 || one.Input != 1 || one.Output != 1 || one.Low != 0) return false;
        if (!IsPlain(s[1]) || !IsPlain(s[2])) return false;
        // with few squares of many channels most of the time goes into reading the transformed kernel, which is larger than the kernel
        var squares = (long)s.Batch * ((s[1].Output + 1) / 2) * ((s[2].Output + 1) / 2);
        return Math.Min(s.Inputs, s.Outputs) >= FewestChannels && squares >= Math.Max(2 * Math.Max(s.Inputs, s.Outputs), Columns) && Math.Min(s[1].Output, s[2].Output) >= 4;
    }

    private static bool IsPlain(ConvolutionAxis a) => a.Kernel == 3 && a.Stride == 1 && a.Dilation == 1 && a.Low <= 2;

    /// <summary>The convolution; false, and anything in the output, where a result is not finite.</summary>
    public static bool Output(ConvolutionSizes s, T* input, T* kernel, T* output) => Run(new()
    {
        Sizes = s,
        SourceChannels = s.Inputs,
        ResultChannels = s.Outputs,
        SourcePlane = s.InputPlane,
        Rows = s[1].Output,
        Width = s[2].Output,
        Layout = LayoutOf(s[1].Input, s[1].Output, s[1].Low, s[2].Input, s[2].Output, s[2].Low),
        ResultStep = s.Inputs * Taps,
        SourceStep = Taps,
        Reverse = false,
        Source = input,
        Kernel = kernel,
        Result = output,
    });

    /// <summary>The transpose in the input; false, and anything in the input, where a result is not finite.</summary>
    public static bool Input(ConvolutionSizes s, T* output, T* kernel, T* input) => Run(new()
    {
        Sizes = s,
        SourceChannels = s.Outputs,
        ResultChannels = s.Inputs,
        SourcePlane = s.OutputPlane,
        Rows = s[1].Input,
        Width = s[2].Input,
        Layout = LayoutOf(s[1].Output, s[1].Input, 2 - s[1].Low, s[2].Output, s[2].Input, 2 - s[2].Low),
        ResultStep = Taps,
        SourceStep = s.Inputs * Taps,
        Reverse = true,
        Source = output,
        Kernel = kernel,
        Result = input,
    });

    private static PlaneLayout LayoutOf(int rows, int resultRows, int lowRows, int columns, int resultColumns, int lowColumns) => new(
    [
        new(1, 1, [0], 0, 1),
        new(rows, 1, [0], lowRows, (resultRows + 1) / 2 * 2 + 2),
        new(columns, 2, [0, 1], lowColumns, (resultColumns + 1) / 2 + 1),
    ]);

    private static bool Run(Job job)
    {
        var s = job.Sizes;
        job.RowsAtOnce = RowsOf(job);
        job.Packed = ConvolutionScratch<T>.Get(2, s.Groups * Parts * job.PartSize + L.Rows);
        Pack(job);
        Parallelism.Share(job.Blocks * s.Groups, 0.5 * s.Nanoseconds<T>(), new BlocksOf(job));
        return !job.Fails;
    }

    /// <summary>As many rows of squares as stay in the second cache, so that few columns of the tiles are left empty.</summary>
    private static int RowsOf(Job job)
    {
        int columns = job.SquareColumns, most = BlockBytes / (Parts * (job.SourceChannels + job.RowsPacked) * sizeof(T));
        // but two tiles at least: the kernel is read once for each block
        var limit = Math.Clamp(Math.Max(most, 2 * Columns) / columns, 1, job.AllRows);
        var (best, least) = (1, double.PositiveInfinity);
        for (var rows = 1; rows <= limit; rows++)
        {
            int full = job.AllRows / rows, rest = job.AllRows % rows;
            var tiles = (double)full * Tiled(rows * columns) + Tiled(rest * columns);
            // of equals the larger
            if (tiles <= least) (best, least) = (rows, tiles);
        }
        return best;
    }

    private static int Tiled(int squares) => ConvolutionTiles<L, V, T>.Tiled(squares);

    private static void Pack(Job job)
    {
        var s = job.Sizes;
        for (var g = 0; g < s.Groups; g++)
        {
            var kernel = job.Kernel + (nint)g * s.Outputs * s.Inputs * Taps;
            var packed = job.Packed + g * Parts * job.PartSize;
            for (var m = 0; m < job.ResultChannels; m += L.Rows) PackSliver(job, kernel + (nint)m * job.ResultStep, Math.Min(L.Rows, job.ResultChannels - m), packed + (nint)m * job.SourceChannels);
        }
    }

    private static int Height(int rows) => ConvolutionTiles<L, V, T>.PanelHeight(rows);

    /// <summary>The rows of one tile, G g Gᵀ of each, column after column; zeros where the tile has more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackSliver(Job job, T* kernel, int rows, T* to)
    {
        int height = Height(rows), lanes = Vector128<T>.Count;
        var part = job.PartSize;
        var taps = stackalloc T[Taps * 8];
        new Span<T>(taps, Taps * 8).Clear();
        T* first = job.Reverse ? taps + (Taps - 1) * 8 : taps;
        var next = job.Reverse ? -8 : 8;
        var half = Vector128.Create(T.One / (T.One + T.One));
        for (var c = 0; c < job.SourceChannels; c++, kernel += job.SourceStep, to += height)
        {
            GemmPacking<T>.TurnRows(new MatrixView<T>(kernel, job.ResultStep, 1), rows, Taps, taps, 8, 0);
            for (var r = 0; r < height; r += lanes)
            {
                var tap = first + r;
                Vector128<T> a0 = Vector128.Load(tap), a1 = Vector128.Load(tap + next), a2 = Vector128.Load(tap + 2 * next);
                tap += 3 * next;
                Vector128<T> b0 = Vector128.Load(tap), b1 = Vector128.Load(tap + next), b2 = Vector128.Load(tap + 2 * next);
                tap += 3 * next;
                Vector128<T> c0 = Vector128.Load(tap), c1 = Vector128.Load(tap + next), c2 = Vector128.Load(tap + 2 * next);
                // by columns G g, by rows (G g) Gᵀ
                PackRow(a0, a1, a2, half, to + r, part);
                PackRow((a0 + b0 + c0) * half, (a1 + b1 + c1) * half, (a2 + b2 + c2) * half, half, to + r + 4 * part, part);
                PackRow((a0 - b0 + c0) * half, (a1 - b1 + c1) * half, (a2 - b2 + c2) * half, half, to + r + 8 * part, part);
                PackRow(c0, c1, c2, half, to + r + 12 * part, part);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PackRow(Vector128<T> x, Vector128<T> y, Vector128<T> z, Vector128<T> half, T* to, nint part)
    {
        x.Store(to);
        ((x + y + z) * half).Store(to + part);
        ((x - y + z) * half).Store(to + 2 * part);
        z.Store(to + 3 * part);
    }

    private readonly struct BlocksOf(Job job) : IShared
    {
        public void Run(int begin, int end) => Blocks(job, begin, end);
    }

    private static void Blocks(Job job, int begin, int end)
    {
        // of the image that is laid out: its number among all groups, or none
        var prepared = -1;
        T* image = null;
        var step = StepOf(job);
        nint squarePart = Spread(job.SourceChannels * step), productPart = Spread(job.RowsPacked * step);
        var squares = ConvolutionScratch<T>.Get(1, Parts * (squarePart + productPart) + 4 * (Tiled(job.SquareColumns) + L.Count));
        var products = squares + Parts * squarePart;
        var line = products + Parts * productPart;
        var cleared = 0;
        for (var block = begin; block < end; block++)
        {
            int group = block / job.Blocks, first = block % job.Blocks * job.RowsAtOnce, rows = Math.Min(job.RowsAtOnce, job.AllRows - first);
            if (rows != cleared)
            {
                ClearBehind(job.SourceChannels, squares, squarePart, step, rows * job.SquareColumns);
                ClearBehind(job.RowsPacked, products, productPart, step, rows * job.SquareColumns);
            }
            cleared = rows;
            for (var r = 0; r < rows; r++)
            {
                var number = (first + r) / job.SquareRows * job.Sizes.Groups + group;
                if (number != prepared) image = Prepared(job, number, prepared < 0);
                prepared = number;
                Squares(job, image, (first + r) % job.SquareRows, squares + (nint)r * job.SquareColumns, step, squarePart);
            }
            Multiply(job, job.Packed + group * Parts * job.PartSize, squares, squarePart, products, productPart, step, rows * job.SquareColumns);
            for (var r = 0; r < rows; r++)
            {
                var number = (first + r) / job.SquareRows * job.Sizes.Groups + group;
                Results(job, products + (nint)r * job.SquareColumns, step, productPart, job.Result + (nint)number * job.ResultChannels * job.Rows * job.Width, (first + r) % job.SquareRows, line);
            }
        }
    }

    /// <summary>From one row of squares to the next: what registers write too much has room, and rows do not all fall into the same places of the first cache.</summary>
    private static nint StepOf(Job job)
    {
        var step = Tiled(job.RowsAtOnce * job.SquareColumns) + L.Count;
        return step * sizeof(T) % 1024 == 0 ? step + L.Count : step;
    }

    /// <summary>From one part to the next, somewhat more than needed: 16 parts are written side by side, and must not all fall into the same places of the first cache.</summary>
    private static nint Spread(nint part)
    {
        const int line = 64, lines = 64, odd = 5;
        var least = (part * sizeof(T) + line - 1) / line;
        return (least + (lines + odd - least % lines) % lines) * line / sizeof(T);
    }

    /// <summary>Numbers behind the squares are computed with, too: they must not make one believe that a result is not finite.</summary>
    private static void ClearBehind(int rows, T* x, nint part, nint step, int count)
    {
        for (var p = 0; p < Parts; p++)
            for (var row = 0; row < rows; row++) new Span<T>(x + p * part + row * step + count, (int)step - count).Clear();
    }

    private static T* Prepared(Job job, int number, bool isFirst)
    {
        var layout = job.Layout;
        var size = layout.Planes * layout.PlaneSize;
        var to = ConvolutionScratch<T>.Get(0, (long)job.SourceChannels * size + 2 * L.Count);
        // the last registers reach this far
        new Span<T>(to + (nint)job.SourceChannels * size, 2 * L.Count).Clear();
        var from = job.Source + (nint)number * job.SourceChannels * job.SourcePlane;
        for (nint c = 0; c < job.SourceChannels; c++) layout.Fill(from + c * job.SourcePlane, to + c * size, layout.PlaneSize, isFirst);
        return to;
    }

    /// <summary>Bᵀ d B of a row of squares, of all channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Squares(Job job, T* image, int row, T* squares, nint step, nint part)
    {
        int columns = job.SquareColumns, width = columns + 1;
        nint plane = job.Layout.PlaneSize;
        var minus = L.Of(-T.One);
        for (var c = 0; c < job.SourceChannels; c++, image += 2 * plane, squares += step)
            for (var t = 0; t < columns; t += L.Count)
            {
                T* even = image + (nint)2 * row * width + t, odd = even + plane, to = squares + t;
                Square(even, width, minus, out var e0, out var e1, out var e2, out var e3);
                Square(odd, width, minus, out var o0, out var o1, out var o2, out var o3);
                Square(even + 1, width, minus, out var f0, out var f1, out var f2, out var f3);
                Square(odd + 1, width, minus, out var p0, out var p1, out var p2, out var p3);
                PutSquares(e0, o0, f0, p0, minus, to, part);
                PutSquares(e1, o1, f1, p1, minus, to + 4 * part, part);
                PutSquares(e2, o2, f2, p2, minus, to + 8 * part, part);
                PutSquares(e3, o3, f3, p3, minus, to + 12 * part, part);
            }
    }

    /// <summary>Bᵀ times a column of each square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(T* from, nint width, V minus, out V r0, out V r1, out V r2, out V r3)
    {
        V d0 = L.Load(from), d1 = L.Load(from + width), d2 = L.Load(from + 2 * width), d3 = L.Load(from + 3 * width);
        r0 = L.MultiplyAdd(minus, d2, d0);
        r1 = L.Add(d1, d2);
        r2 = L.MultiplyAdd(minus, d1, d2);
        r3 = L.MultiplyAdd(minus, d3, d1);
    }

    /// <summary>A row of each square times B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutSquares(V d0, V d1, V d2, V d3, V minus, T* to, nint part)
    {
        L.Store(L.MultiplyAdd(minus, d2, d0), to);
        L.Store(L.Add(d1, d2), to + part);
        L.Store(L.MultiplyAdd(minus, d1, d2), to + 2 * part);
        L.Store(L.MultiplyAdd(minus, d3, d1), to + 3 * part);
    }

    /// <summary>For each part the product of the kernel with the squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(Job job, T* packed, T* squares, nint squarePart, T* products, nint productPart, nint step, int count)
    {
        for (var part = 0; part < Parts; part++, packed += job.PartSize, squares += squarePart, products += productPart)
            for (var m = 0; m < job.ResultChannels; m += L.Rows)
            {
                var height = Height(Math.Min(L.Rows, job.ResultChannels - m));
                for (var j = 0; j < count; j += Columns)
                    ConvolutionTiles<L, V, T>.Tile(height, job.SourceChannels, packed + (nint)m * job.SourceChannels, squares + j, step, products + m * step + j, step, false);
            }
    }

    /// <summary>Aᵀ m A of a row of squares, of all channels: two rows of results, of which the last may not exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Results(Job job, T* products, nint step, nint part, T* result, int row, T* line)
    {
        int columns = job.SquareColumns, length = Tiled(columns) + L.Count;
        nint plane = (nint)job.Rows * job.Width;
        var minus = L.Of(-T.One);
        V zero = default, sum = default;
        result += (nint)2 * row * job.Width;
        for (var m = 0; m < job.ResultChannels; m++, products += step, result += plane)
        {
            for (var t = 0; t < columns; t += L.Count)
            {
                var from = products + t;
                Pair(from, 4 * part, minus, out var u0, out var d0);
                Pair(from + part, 4 * part, minus, out var u1, out var d1);
                Pair(from + 2 * part, 4 * part, minus, out var u2, out var d2);
                Pair(from + 3 * part, 4 * part, minus, out var u3, out var d3);
                V y00 = L.Add(L.Add(u0, u1), u2), y01 = L.MultiplyAdd(minus, u3, L.MultiplyAdd(minus, u2, u1));
                V y10 = L.Add(L.Add(d0, d1), d2), y11 = L.MultiplyAdd(minus, d3, L.MultiplyAdd(minus, d2, d1));
                sum = L.MultiplyAdd(zero, L.Add(L.Add(y00, y01), L.Add(y10, y11)), sum);
                L.Store(y00, line + t);
                L.Store(y01, line + length + t);
                L.Store(y10, line + 2 * length + t);
                L.Store(y11, line + 3 * length + t);
            }
            Zip(line, line + length, job.Width, result);
            if (2 * row + 1 < job.Rows) Zip(line + 2 * length, line + 3 * length, job.Width, result + job.Width);
        }
        if (!T.IsZero(L.Sum(sum))) job.Fails = true;
    }

    /// <summary>What is computed in squares is float32, see <see cref="Fits"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Zip(T* even, T* odd, int n, T* to) => AlternatingRows.Zip((float*)even, (float*)odd, n, (float*)to);

    /// <summary>Aᵀ times a column of each square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(T* from, nint step, V minus, out V up, out V down)
    {
        V m0 = L.Load(from), m1 = L.Load(from + step), m2 = L.Load(from + 2 * step), m3 = L.Load(from + 3 * step);
        up = L.Add(L.Add(m0, m1), m2);
        down = L.MultiplyAdd(minus, m3, L.MultiplyAdd(minus, m2, m1));
    }
}
