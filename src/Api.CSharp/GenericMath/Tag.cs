using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace DiffLib;

/// <summary>
/// The identity of a derivative call: a number never used before. Every number carries the tag of the call it belongs to;
/// 0 is a constant and mixes with any, -1 is a number made by hand, outside any call.
/// </summary>
internal static class Tag
{
    public const long Constant = 0;
    public const long ByHand = -1;

    // Each thread draws its tags from a block of its own, so that parallel calls do not contend for one counter.
    private const long BlockSize = 1 << 16;
    private static long s_lastBlock;
    [ThreadStatic] private static long t_next;
    [ThreadStatic] private static long t_left;

    public static long Fresh()
    {
        if (t_left == 0)
        {
            t_next = Interlocked.Add(ref s_lastBlock, BlockSize) - BlockSize + 1;
            t_left = BlockSize;
        }
        t_left--;
        return t_next++;
    }

    /// <summary>The tag of a result of two operands: the one they share, or the one that is not constant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Join<TNumber>(long a, long b)
    {
        if (a != b && a != Constant && b != Constant) ThrowMixed<TNumber>();
        return a | b;
    }

    /// <summary>Whether a result with tag <paramref name="result"/> depends on the call <paramref name="call"/>; a third call's number is an error.</summary>
    public static bool Belongs<TNumber>(long result, long call)
    {
        if (result == call) return true;
        if (result != Constant) ThrowMixed<TNumber>();
        return false;
    }

    private static void ThrowMixed<TNumber>() => throw DerivativeScopeException.Mixed(Names.Of(typeof(TNumber)));
}

/// <summary>Type names as a C# user writes them.</summary>
internal static class Names
{
    public static string Of(Type type)
    {
        if (type == typeof(double)) return "double";
        if (type == typeof(float)) return "float";
        if (!type.IsGenericType) return type.Name;
        string name = type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
        return $"{name}<{string.Join(", ", Array.ConvertAll(type.GetGenericArguments(), Of))}>";
    }
}
