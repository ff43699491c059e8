using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

public sealed class LargeArraysTests
{
    /// <summary>A length that nothing else asks for.</summary>
    private const int Length = 1_234_567;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RentAndForget()
    {
        var array = LargeArrays.Rent<int>(Length);
        (array[0], array[^1]) = (31415, 92653);
    }

    [Fact]
    public void An_array_that_nobody_can_see_any_more_is_handed_out_again()
    {
        RentAndForget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var array = LargeArrays.Rent<int>(Length);
        Assert.Equal((31415, 92653), (array[0], array[^1]));
    }

    [Fact]
    public void An_array_that_is_still_seen_keeps_its_numbers()
    {
        var kept = new List<(long[] Array, long Mark)>();
        for (var i = 0; i < 400; i++)
        {
            var array = LargeArrays.Rent<long>(20_001);
            array.AsSpan().Fill(i);
            if (i % 7 == 0) kept.Add((array, i));
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        for (var i = 0; i < 400; i++) LargeArrays.Rent<long>(20_001).AsSpan().Fill(-1);
        foreach (var (array, mark) in kept) Assert.True(array.All(v => v == mark), $"the array of round {mark} was written by somebody else.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Memory<byte> MemoryOfForgotten()
    {
        var array = LargeArrays.Rent<byte>(100_003);
        array.AsSpan().Fill(7);
        return array.AsMemory(5, 50_000);
    }

    [Fact]
    public void A_span_keeps_its_array()
    {
        var span = MemoryOfForgotten().Span;
        for (var i = 0; i < 2000; i++) LargeArrays.Rent<byte>(100_003).AsSpan().Clear();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        for (var i = 0; i < 50; i++) LargeArrays.Rent<byte>(100_003).AsSpan().Clear();
        Assert.True(span.IndexOfAnyExcept((byte)7) < 0, "a span was written by somebody else.");
    }

    [Fact]
    public void Zeros_are_zeros_also_in_an_array_that_was_used_before()
    {
        for (var i = 0; i < 600; i++)
        {
            var array = LargeArrays.RentZeros<double>(40_009);
            Assert.True(array.AsSpan().IndexOfAnyExcept(0.0) < 0, $"round {i}: not all zeros.");
            array.AsSpan().Fill(3.5);
        }
    }

    [Fact]
    public void Threads_never_get_the_same_array()
        => Parallel.For(0, 8, thread =>
        {
            for (var i = 0; i < 200; i++)
            {
                var array = LargeArrays.Rent<long>(15_013);
                array.AsSpan().Fill(thread);
                Assert.True(array.AsSpan().IndexOfAnyExcept((long)thread) < 0, $"thread {thread}: somebody else wrote into its array.");
            }
        });
}
