using System;
using System.Numerics;
using System.Text;

namespace DiffLib;

/// <summary>What a key is whose bits are not at hand: one that a function being traced or batched sees, or several keys in one.</summary>
internal abstract class HiddenKey
{
    /// <summary>The child of a number, by <see cref="RandomKey.Split(int)"/> or by <see cref="RandomKey.Fold"/>.</summary>
    public abstract RandomKey Derive(ulong data, bool splits);

    /// <summary>The error for a question about the bits.</summary>
    public abstract InvalidOperationException NoBits();

    /// <summary>What it is, in short.</summary>
    public abstract string Text { get; }
}

/// <summary>
/// A key of random numbers: what a seed is, but a value. The same key always gives the same numbers; independent numbers come from the keys
/// that <see cref="Split()"/> and <see cref="Fold"/> derive. Nothing is advanced, so order and threads do not matter.
/// </summary>
/// <remarks>
/// Threefry-2x64 with 20 rounds: a block cipher run over counters (J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011), which passes the known statistical tests. It is not meant for secrets.
/// <para>A key given to a compiled function is an input of the program like a tensor, also inside a tree; so is one among the arguments of Vmap, where a
/// stack of keys holds one for each example, and in the state of a loop. There it has no bits yet: <see cref="High"/> and <see cref="Low"/> are errors,
/// everything else works.</para>
/// </remarks>
/// <param name="High">The first 64 bits.</param>
/// <param name="Low">The second 64 bits.</param>
public readonly record struct RandomKey(ulong High, ulong Low)
{
    // Second counter words of derived keys. Draws use small ones, so a key's numbers and its children's never share a block.
    private const ulong SplitDomain = ulong.MaxValue;
    private const ulong FoldDomain = ulong.MaxValue - 1;

    /// <summary>What stands for the bits where there are none.</summary>
    internal HiddenKey? Hidden { get; private init; }

    /// <summary>The first 64 bits.</summary>
    /// <exception cref="InvalidOperationException">The key is an argument of a function being traced or batched, or a stack of keys.</exception>
    public ulong High
    {
        get => Hidden is null ? field : throw Hidden.NoBits();
        init;
    } = High;

    /// <summary>The second 64 bits.</summary>
    /// <exception cref="InvalidOperationException">The key is an argument of a function being traced or batched, or a stack of keys.</exception>
    public ulong Low
    {
        get => Hidden is null ? field : throw Hidden.NoBits();
        init;
    } = Low;

    internal static RandomKey Of(HiddenKey hidden) => new(0, 0) { Hidden = hidden };

    /// <summary>The key of a seed. Neighbouring seeds give unrelated numbers.</summary>
    /// <param name="seed">Any number.</param>
    /// <returns>A key.</returns>
    public static RandomKey FromSeed(ulong seed) => new(seed, 0);

    /// <summary>Two keys, independent of each other and of this one's numbers: children 0 and 1 of <see cref="Split(int)"/>.</summary>
    /// <returns>The two keys.</returns>
    public (RandomKey First, RandomKey Second) Split() => (Derive(0, splits: true), Derive(1, splits: true));

    /// <summary>Independent keys. Child k is the same whatever <paramref name="count"/> is.</summary>
    /// <param name="count">How many, at least 0.</param>
    /// <returns>[count] keys.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public RandomKey[] Split(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var keys = new RandomKey[count];
        for (var k = 0; k < count; k++) keys[k] = Derive((ulong)k, splits: true);
        return keys;
    }

    /// <summary>The key that belongs to a number, such as a step or a layer; independent of this key's numbers and of its <see cref="Split()"/>.</summary>
    /// <param name="data">Any number; different numbers give independent keys.</param>
    /// <returns>A key.</returns>
    public RandomKey Fold(ulong data) => Derive(data, splits: false);

    /// <summary>The 128 random bits at a counter: one Threefry-2x64-20 block. The two highest values of <paramref name="second"/> belong to
    /// <see cref="Split()"/> and <see cref="Fold"/>; the small ones to <see cref="Kernels.RandomFill"/>.</summary>
    /// <param name="first">The first counter word.</param>
    /// <param name="second">The second counter word.</param>
    /// <returns>Two independent uniform 64-bit words.</returns>
    public (ulong First, ulong Second) Bits(ulong first, ulong second)
    {
        Span<ulong> schedule = [High, Low, Parity];
        var x = first + schedule[0];
        var y = second + schedule[1];
        for (var group = 1; group <= 5; group++)
        {
            if (group % 2 == 1) FourRounds(ref x, ref y, 16, 42, 12, 31);
            else FourRounds(ref x, ref y, 16, 32, 24, 21);
            x += schedule[group % 3];
            y += schedule[(group + 1) % 3] + (ulong)group;
        }
        return (x, y);
    }

    /// <summary>The third word of the key schedule.</summary>
    internal ulong Parity => 0x1BD11BDAA9FC1A22UL ^ High ^ Low;

    private static void FourRounds(ref ulong x, ref ulong y, int a, int b, int c, int d)
    {
        x += y; y = BitOperations.RotateLeft(y, a) ^ x;
        x += y; y = BitOperations.RotateLeft(y, b) ^ x;
        x += y; y = BitOperations.RotateLeft(y, c) ^ x;
        x += y; y = BitOperations.RotateLeft(y, d) ^ x;
    }

    /// <summary>The child of a number: of a split, or of a fold.</summary>
    internal RandomKey Derive(ulong data, bool splits)
    {
        if (Hidden is not null) return Hidden.Derive(data, splits);
        var (high, low) = Bits(data, splits ? SplitDomain : FoldDomain);
        return new(high, low);
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(Hidden is null ? $"High = {High}, Low = {Low}" : Hidden.Text);
        return true;
    }
}
