using System;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace DiffLib.Api.Tests.Engine;

/// <summary>Compiled scans whose step is elementwise run as one kernel: with the bits of a plain loop, whatever the sizes, and the derivatives of one.</summary>
public class ElementwiseScanTests
{
    private static Tensor Wave(int[] shape, double phase) =>
        Tensor.FromArray(Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(k => Math.Sin(0.7 * k + phase)).ToArray(), shape);

    private static (Tensor H, Tensor C) Step(Tensor h, Tensor c, Tensor x, Tensor w, Tensor rate)
    {
        var gate = Tensor.Sigmoid(w * h + x);
        var next = gate * c + rate * Tensor.Tanh(h - x);
        return (Tensor.Tanh(next) * gate, next);
    }

    private static Tensor Scanned(Tensor h, Tensor c, Tensor xs, Tensor w, Tensor rate, bool reverse)
    {
        var (last, rows) = Diff.Scan(((Tensor H, Tensor C) s, Tensor x) =>
        {
            var next = Step(s.H, s.C, x, w, rate);
            return (next, (next.H + x, s.C));
        }, (h, c), xs, reverse);
        return Tensor.Concat(last.Item1, last.Item2, rows.Item1.Ravel(), rows.Item2.Ravel());
    }

    private static Tensor Looped(Tensor h, Tensor c, Tensor xs, Tensor w, Tensor rate, bool reverse)
    {
        var steps = xs.Shape[0];
        Tensor[] first = new Tensor[steps], second = new Tensor[steps];
        for (var step = 0; step < steps; step++)
        {
            var t = reverse ? steps - 1 - step : step;
            second[t] = c;
            (h, c) = Step(h, c, xs[t], w, rate);
            first[t] = h + xs[t];
        }

        return Tensor.Concat([h, c, .. first, .. second]);
    }

    public static TheoryData<int, bool, ProgramExecutor> Ways()
    {
        var ways = new TheoryData<int, bool, ProgramExecutor>();
        foreach (var n in new[] { 1, 2, 7, 8, 14, 16, 17, 100, 4096, 5000 })
            foreach (var reverse in new[] { false, true })
                foreach (var executor in new[] { ProgramExecutor.Automatic, ProgramExecutor.Interpreted }) ways.Add(n, reverse, executor);
        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_results_have_the_bits_of_a_loop(int n, bool reverse, ProgramExecutor executor)
    {
        Tensor h = Wave([n], 0.1), c = Wave([n], 0.2), xs = Wave([6, n], 0.3), w = Wave([n], 0.4), rate = Tensor.Scalar(0.9);
        var f = Diff.Compile((Tensor h, (Tensor, Tensor) cx, Tensor w, Tensor rate) => Scanned(h, cx.Item1, cx.Item2, w, rate, reverse), new() { Executor = executor });
        Assert.Equal(Looped(h, c, xs, w, rate, reverse).ToArray(), f(h, (c, xs), w, rate).ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(14)]
    [InlineData(33)]
    public void The_gradients_by_everything_are_those_of_a_loop(int n)
    {
        Tensor h = Wave([n], 0.1), c = Wave([n], 0.2), xs = Wave([5, n], 0.3), w = Wave([n], 0.4), weights = Wave([2 * n + 10 * n], 0.9);
        Tensor Loss(Func<Tensor, Tensor, Tensor, Tensor, Tensor, bool, Tensor> f, Tensor[] p) => (weights * f(p[0], p[1], p[2], p[3], 0.8, false)).Sum();
        Tensor[] at = [h, c, xs, w];
        var wanted = Diff.Gradient((Tensor[] p) => Loss(Looped, p), at);
        var got = Diff.Compile((Tensor[] p) => Diff.Gradient((Tensor[] q) => Loss(Scanned, q), p))(at);
        var second = Diff.Compile((Tensor[] p) => Diff.Gradient((Tensor[] q) => Diff.Gradient((Tensor[] r) => Loss(Scanned, r), q)[3].Sum(), p))(at);
        var wantedSecond = Diff.Gradient((Tensor[] q) => Diff.Gradient((Tensor[] r) => Loss(Looped, r), q)[3].Sum(), at);
        for (var k = 0; k < at.Length; k++)
        {
            Near(wanted[k], got[k]);
            Near(wantedSecond[k], second[k]);
        }
    }

    private static void Near(Tensor want, Tensor got)
    {
        Assert.Equal(want.Shape, got.Shape);
        foreach (var (x, y) in want.ToArray().Zip(got.ToArray())) Assert.Equal(x, y, 1e-12);
    }

    [Fact]
    public void Carries_that_change_places_change_places()
    {
        static Tensor Fibonacci(Tensor a, Tensor b) => Diff.Scan(((Tensor A, Tensor B) s) => ((s.B, s.A + s.B), s.A), (a, b), length: 10).Results;
        var f = Diff.Compile<Tensor, Tensor, Tensor>(Fibonacci);
        Assert.Equal([0, 1, 1, 2, 3, 5, 8, 13, 21, 34], f(0.0, 1.0).ToArray());
    }

    [Fact]
    public void A_carry_that_no_step_changes_and_rows_of_single_numbers()
    {
        static Tensor Run(Tensor x, Tensor rows)
        {
            var (last, results) = Diff.Scan(((Tensor Sum, Tensor Same) s, Tensor row) => ((s.Sum + row * s.Same, s.Same), row * 2), (x, x + 1), rows);
            return Tensor.Concat(last.Item1, last.Item2, results);
        }

        var f = Diff.Compile<Tensor, Tensor, Tensor>(Run);
        Assert.Equal([76, 146, 11, 21, 2, 4, 6], f(Tensor.Of(10, 20), Tensor.Of(1, 2, 3)).ToArray());
    }

    [Fact]
    public void No_steps_give_the_first_carry()
    {
        var f = Diff.Compile((Tensor x, Tensor rows) => Diff.Scan((Tensor s, Tensor row) => (s + row, s), x, rows));
        var (carry, results) = f(Tensor.Of(1, 2), Tensor.Zeros(0, 2));
        Assert.Equal([1, 2], carry.ToArray());
        Assert.Equal([0, 2], results.Shape.ToArray());
    }

    [Fact]
    public void Rows_that_are_views_are_read_as_they_are_seen()
    {
        var rows = Wave([3, 8], 0.5);
        var f = Diff.Compile((Tensor x, Tensor rows) => Diff.Scan((Tensor s, Tensor row) => (s * 0.5 + row, s), x, rows).Carry);
        var columns = f(Tensor.Zeros(3), rows.T);
        Assert.Equal(f(Tensor.Zeros(3), rows.T + 0.0).ToArray(), columns.ToArray());
    }

    [Fact]
    public void Threads_may_run_one_scan_at_once()
    {
        var f = Diff.Compile((Tensor x, Tensor rows) => Diff.Scan((Tensor s, Tensor row) => (Tensor.Tanh(s + row), s * row), x, rows).Results);
        var rows = Wave([200, 14], 0.2);
        var wanted = Enumerable.Range(0, 8).Select(k => f(Wave([14], k), rows).ToArray()).ToArray();
        Parallel.For(0, 64, k => Assert.Equal(wanted[k % 8], f(Wave([14], k % 8), rows).ToArray()));
    }
}
