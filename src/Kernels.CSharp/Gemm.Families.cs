using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffLib.Kernels;

/// <summary>The kernels of one element type, by the number of lanes of a register.</summary>
internal interface IProductFamily<T> where T : unmanaged, INumber<T>
{
    /// <summary>The lanes of the widest registers that the processor computes with.</summary>
    static abstract int Widest { get; }

    /// <summary>The next narrower registers; at last a single number.</summary>
    static abstract int Narrower(int lanes);

    /// <summary>The tile that fills the registers.</summary>
    static abstract (int Rows, int Columns) TileSize(int lanes);

    /// <summary>All rows of C, registers of columns wide, from column j on.</summary>
    static abstract void Strip(in Product<T> job, int j, int registers, int lanes);

    /// <summary>A large product.</summary>
    static abstract void Packed(in Product<T> job, int lanes);

    /// <summary>A product with a single column on the right.</summary>
    static abstract void Vector(in Product<T> job, int lanes);
}

/// <summary>The kernels in float64.</summary>
internal readonly struct DoubleFamily : IProductFamily<double>
{
    public static int Widest => Vector512.IsHardwareAccelerated ? Vector512<double>.Count : Vector256.IsHardwareAccelerated ? Vector256<double>.Count : Vector128<double>.Count;

    public static int Narrower(int lanes) => lanes > Vector128<double>.Count ? lanes / 2 : 1;

    public static (int Rows, int Columns) TileSize(int lanes)
        => lanes == Vector512<double>.Count ? (Doubles512.Rows, 3 * lanes) : lanes == Vector256<double>.Count ? (Doubles256.Rows, 3 * lanes) : (Doubles128.Rows, 3 * lanes);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strip(in Product<double> job, int j, int registers, int lanes)
    {
        if (lanes == Vector512<double>.Count) GemmTiles<Doubles512, Vector512<double>, double>.Strip(job, j, registers);
        else if (lanes == Vector256<double>.Count) GemmTiles<Doubles256, Vector256<double>, double>.Strip(job, j, registers);
        else if (lanes == Vector128<double>.Count) GemmTiles<Doubles128, Vector128<double>, double>.Strip(job, j, registers);
        else GemmTiles<DoubleOne, double, double>.Strip(job, j, registers);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Packed(in Product<double> job, int lanes)
    {
        if (lanes == Vector512<double>.Count) GemmPacked<Doubles512, Vector512<double>, double>.Run(job);
        else if (lanes == Vector256<double>.Count) GemmPacked<Doubles256, Vector256<double>, double>.Run(job);
        else GemmPacked<Doubles128, Vector128<double>, double>.Run(job);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Vector(in Product<double> job, int lanes)
    {
        if (lanes == Vector512<double>.Count) GemmVector<Doubles512, Vector512<double>, double>.Run(job);
        else if (lanes == Vector256<double>.Count) GemmVector<Doubles256, Vector256<double>, double>.Run(job);
        else GemmVector<Doubles128, Vector128<double>, double>.Run(job);
    }
}

/// <summary>The kernels in float32.</summary>
internal readonly struct SingleFamily : IProductFamily<float>
{
    public static int Widest => Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256.IsHardwareAccelerated ? Vector256<float>.Count : Vector128<float>.Count;

    public static int Narrower(int lanes) => lanes > Vector128<float>.Count ? lanes / 2 : 1;

    public static (int Rows, int Columns) TileSize(int lanes)
        => lanes == Vector512<float>.Count ? (Singles512.Rows, 3 * lanes) : lanes == Vector256<float>.Count ? (Singles256.Rows, 3 * lanes) : (Singles128.Rows, 3 * lanes);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strip(in Product<float> job, int j, int registers, int lanes)
    {
        if (lanes == Vector512<float>.Count) GemmTiles<Singles512, Vector512<float>, float>.Strip(job, j, registers);
        else if (lanes == Vector256<float>.Count) GemmTiles<Singles256, Vector256<float>, float>.Strip(job, j, registers);
        else if (lanes == Vector128<float>.Count) GemmTiles<Singles128, Vector128<float>, float>.Strip(job, j, registers);
        else GemmTiles<SingleOne, float, float>.Strip(job, j, registers);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Packed(in Product<float> job, int lanes)
    {
        if (lanes == Vector512<float>.Count) GemmPacked<Singles512, Vector512<float>, float>.Run(job);
        else if (lanes == Vector256<float>.Count) GemmPacked<Singles256, Vector256<float>, float>.Run(job);
        else GemmPacked<Singles128, Vector128<float>, float>.Run(job);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Vector(in Product<float> job, int lanes)
    {
        if (lanes == Vector512<float>.Count) GemmVector<Singles512, Vector512<float>, float>.Run(job);
        else if (lanes == Vector256<float>.Count) GemmVector<Singles256, Vector256<float>, float>.Run(job);
        else GemmVector<Singles128, Vector128<float>, float>.Run(job);
    }
}
