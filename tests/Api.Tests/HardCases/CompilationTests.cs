using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;
using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Group G, where it concerns compiled functions.</summary>
public class CompilationTests
{
    private static readonly ProgramExecutor[] Executors = [ProgramExecutor.Interpreted, ProgramExecutor.Generated];

    private static Tensor Chain(Tensor x) => Tensor.Tanh((x * 2) + 1) * Tensor.Exp(-(x * x));

    private static double[] Numbers(Tensor x) => x.Cast(DType.Float64).ToArray<double>();

    private static void Near(Tensor want, Tensor got, string what, double relative = 1e-13)
    {
        Assert.True(want.Shape.Equals(got.Shape) && want.DType == got.DType, $"{what}: {got.DType}{got.Shape} instead of {want.DType}{want.Shape}");
        var (a, b) = (Numbers(want), Numbers(got));
        var bound = relative * Math.Max(1, a.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max());
        for (var k = 0; k < a.Length; k++)
            Assert.True(a[k].Equals(b[k]) || Math.Abs(a[k] - b[k]) <= bound, $"{what}, element {k} of {a.Length}: {b[k]:R} instead of {a[k]:R}");
    }

    private static void Near(Tensor[] want, Tensor[] got, string what, double relative = 1e-13)
    {
        Assert.Equal(want.Length, got.Length);
        for (var k = 0; k < want.Length; k++) Near(want[k], got[k], $"{what}, result {k}", relative);
    }

    // ---- G10

    private static Func<Tensor[], Tensor[]> Gradient(Func<Tensor[], Tensor[]> f) =>
        xs => Diff.Gradient((Tensor[] ys) => f(ys).Aggregate((Tensor)0.0, (sum, y) => sum + Tensor.Tanh(y).Sum()), xs);

    private static void Demand(int seed)
    {
        var f = RandomPrograms.Of(seed);
        var xs = RandomPrograms.Inputs(seed + 1);
        var others = RandomPrograms.Inputs(seed + 2);
        var traced = DiffLib.Programs.ofFunction("test", FuncConvert.FromFunc(f), Array.ConvertAll(xs, x => x.Spec));
        var compiled = Executors.Select(e => Diff.Compile(f, new CompileOptions { Executor = e })).ToArray();
        foreach (var at in new[] { xs, others })
        {
            var plain = f(at);
            var evaluated = DiffLib.Programs.evaluate(traced, Array.ConvertAll(at, x => x.Value!));
            for (var k = 0; k < plain.Length; k++) EveryWay.Same(plain[k], Tensor.NewConst(evaluated![k]!));
            var bits = compiled.Select(g => g(at)).ToArray();
            Near(plain, bits[0], $"seed {seed}, interpreted");
            Near(plain, bits[1], $"seed {seed}, generated");
            Near(bits[0], bits[1], $"seed {seed}, generated against interpreted", 1e-15);
        }

        if (Soak.Skipped && seed % 3 != 0) return;
        var slopes = Gradient(f)(xs);
        Near(slopes, Diff.Compile(Gradient(f), new CompileOptions { Executor = Executors[seed % 2] })(xs), $"seed {seed}, compiled gradient", 1e-12);
        Near(slopes, Gradient(compiled[1 - (seed % 2)])(xs), $"seed {seed}, gradient of compiled", 1e-12);
    }

    private static void DemandOverExamples(int seed)
    {
        var f = RandomPrograms.Of(seed);
        var xs = RandomPrograms.Inputs(seed + 1, 3);
        var each = Enumerable.Range(0, 3).Select(k => f(Array.ConvertAll(xs, x => x.Select(0, k)))).ToArray();
        var loop = Enumerable.Range(0, each[0].Length).Select(r => Tensor.Stack(each.Select(ys => ys[r]).ToArray(), 0)).ToArray();
        var over = Diff.Vmap(f);
        Near(loop, over(xs), $"seed {seed}, Vmap", 1e-12);
        var (one, other) = (new CompileOptions { Executor = Executors[seed % 2] }, new CompileOptions { Executor = Executors[1 - (seed % 2)] });
        Near(loop, Diff.Compile(over, one)(xs), $"seed {seed}, compiled Vmap, {one.Executor}", 1e-12);
        Near(loop, Diff.Vmap(Diff.Compile(f, other))(xs), $"seed {seed}, Vmap of compiled, {other.Executor}", 1e-12);
    }

    private static void All(IEnumerable<int> seeds, Action<int> demand)
    {
        var wrong = new List<string>();
        foreach (var seed in seeds)
            try
            {
                demand(seed);
            }
            catch (Exception e)
            {
                wrong.Add($"seed {seed}: {e.GetType().Name}: {e.Message} {(e.StackTrace ?? "").Split('\n').FirstOrDefault(l => !l.Contains("Assert", StringComparison.Ordinal))?.Trim()}");
            }

        Assert.True(wrong.Count == 0, $"{wrong.Count} programs disagree:\n{string.Join('\n', wrong.Take(20))}");
    }

    [Fact]
    public void G10_compiled_functions_equal_eager_ones_on_random_programs() => All(Enumerable.Range(1, Soak.Skipped ? 300 : 10_000), Demand);

    [Fact]
    public void G10_and_F07_random_programs_over_examples_equal_a_loop() => All(Enumerable.Range(1, Soak.Skipped ? 100 : 3000), DemandOverExamples);

    [Fact]
    public void G10_the_exceptions_are_those_of_eager_calls()
    {
        foreach (var f in new Func<Tensor, Tensor>[] { x => x.MatMul(x), x => x + x.Transpose(), x => x.Sum(5), x => x.Reshape(7), x => Linalg.Cholesky(-Diff.StopGradient(x.MatMul(x.Transpose()))) })
            foreach (var executor in Executors)
            {
                var x = Tensor.Linspace(1, 6, 6).Reshape(2, 3);
                var plain = Assert.ThrowsAny<Exception>(() => f(x));
                var compiled = Assert.ThrowsAny<Exception>(() => Diff.Compile(f, new CompileOptions { Executor = executor })(x));
                Assert.Equal(plain.GetType(), compiled.GetType());
                Assert.Equal(plain.Message, compiled.Message);
            }
    }

    // ---- derivatives of what is compiled

    [Fact]
    public void G10_the_derivative_of_a_compiled_function_keeps_declared_slopes_at_kinks()
    {
        var x = Tensor.FromArray([-1.0, 0.5, 0.25]);
        Tensor F(Tensor x) => Tensor.Clamp(x, -1, 0.5).Sum();
        EveryWay.Same(Diff.Gradient(F, x), Diff.Gradient(Diff.Compile<Tensor, Tensor>(F), x));
    }

    [Fact]
    public void G10_the_derivative_of_a_compiled_function_follows_custom_rules()
    {
        // straight through a step: the slope is not that of the value
        var rule = new CustomRule("step", xs => Tensor.Greater(xs[0], 0.0).Cast(DType.Float64), pull: (xs, y, w) => [3 * w]);
        Tensor F(Tensor x) => (rule.Apply(x) * x).Sum();
        var x = Tensor.FromArray([-1.0, 0.5, 2]);
        var want = Diff.Gradient(F, x);
        Assert.Equal([-3, 2.5, 7], Numbers(want));
        foreach (var executor in Executors)
        {
            var options = new CompileOptions { Executor = executor };
            EveryWay.Same(want, Diff.Gradient(Diff.Compile<Tensor, Tensor>(F, options), x));
            EveryWay.Same(want, Diff.Compile((Tensor x) => Diff.Gradient(F, x), options)(x));
            EveryWay.Same(want, Diff.Gradient((Tensor x) => Diff.Vmap(Diff.Compile<Tensor, Tensor>(z => rule.Apply(z) * z, options))(x).Sum(), x));
        }
    }

    // ---- G07

    [Fact]
    public void G07_other_values_shapes_and_element_types_are_never_answered_with_an_old_program()
    {
        var f = Diff.Compile<Tensor, Tensor>(Chain);
        foreach (var x in new[] { Tensor.Linspace(0, 1, 5), Tensor.Linspace(3, 4, 5), Tensor.Linspace(0, 1, 6), Tensor.Linspace(0, 1, 6).Reshape(2, 3), Tensor.Linspace(0, 1, 5, true, DType.Float32), Tensor.Linspace(0, 1, 5) })
            Near(Chain(x), f(x), $"{x.DType}{x.Shape}", x.DType == DType.Float32 ? 1e-6 : 1e-15);
        Assert.Equal(4, CompiledFunction.Of(f).TraceCount);
    }

    [Fact]
    public void G07_a_comparison_whose_outcome_flips_is_an_error_while_tracing_and_right_with_Where_and_Cond()
    {
        static Tensor Branch(Tensor x) => x.Sum().ToDouble() > 0 ? x : -x;
        var error = Assert.Throws<InvalidOperationException>(() => Diff.Compile<Tensor, Tensor>(Branch)(Tensor.Linspace(1, 2, 3)));
        foreach (var part in new[] { "Diff.Compile", "Diff.Cond", "Where", "no" }) Assert.Contains(part, error.Message, StringComparison.Ordinal);

        static Tensor If(Tensor x) { if (x.Sum() > 0) return x; return -x; }
        Assert.Throws<InvalidOperationException>(() => Diff.Compile<Tensor, Tensor>(If)(Tensor.Linspace(1, 2, 3)));

        foreach (var executor in Executors)
        {
            var options = new CompileOptions { Executor = executor };
            var where = Diff.Compile((Tensor x) => Tensor.Where(Tensor.Greater(x.Sum(), 0.0), x, -x), options);
            var cond = Diff.Compile((Tensor x) => Diff.Cond(Tensor.Greater(x.Sum(), 0.0), x => x, x => -x, x), options);
            foreach (var sign in new[] { 1.0, -1, 1, -1 })
            {
                var x = sign * Tensor.Linspace(1, 2, 3);
                EveryWay.Same(Branch(x), where(x));
                EveryWay.Same(Branch(x), cond(x));
                EveryWay.Same(Diff.Gradient((Tensor x) => Branch(x).Sum(), x), Diff.Gradient((Tensor x) => cond(x).Sum(), x));
            }

            Assert.Equal(1, CompiledFunction.Of(where).TraceCount);
        }
    }

    [Fact]
    public void G07_what_is_not_a_tensor_belongs_to_the_signature_and_what_is_captured_is_constant_as_documented()
    {
        var f = Diff.Compile(((Tensor X, double Scale) a) => a.X * a.Scale);
        var x = Tensor.Linspace(0, 1, 3);
        EveryWay.Same(x * 2.0, f((x, 2)));
        EveryWay.Same(x * 3.0, f((x, 3)));
        EveryWay.Same(x * 2.0, f((x, 2)));

        // documented: tensors and numbers from outside are constants of the program
        var factor = 2.0;
        var g = Diff.Compile((Tensor x) => x * factor);
        EveryWay.Same(x * 2.0, g(x));
        factor = 3;
        EveryWay.Same(x * 2.0, g(x));
    }

    // ---- G08, G09

    [Fact]
    public void G08_a_value_that_leaks_out_of_tracing_is_an_error_that_says_so()
    {
        Tensor? kept = null;
        var f = Diff.Compile((Tensor x) => { kept = x * 2; return x; });
        f(Tensor.Linspace(0, 1, 3));
        var error = Assert.Throws<InvalidOperationException>(() => kept! + 1);
        foreach (var part in new[] { "Diff.Compile", "after tracing is over" }) Assert.Contains(part, error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidOperationException>(() => kept!.ToArray<double>());
        Assert.Contains("Diff.Compile", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task G09_concurrent_first_calls_trace_once_and_give_one_result()
    {
        var x = Tensor.Linspace(0, 1, 100);
        for (var round = 0; round < 20; round++)
        {
            var traced = 0;
            var f = Diff.Compile((Tensor x) => { Interlocked.Increment(ref traced); return Chain(x).Sum(); });
            using var gate = new ManualResetEventSlim();
            var calls = Enumerable.Range(0, 8).Select(_ => Task.Run(() => { gate.Wait(); return f(x).ToDouble(); })).ToArray();
            gate.Set();
            var results = await Task.WhenAll(calls);
            Assert.Single(results.Distinct());
            Assert.Equal(1, traced);
            Assert.Equal(1, CompiledFunction.Of(f).TraceCount);
        }
    }

    [Fact]
    public void G09_many_distinct_shapes_leave_a_bounded_cache()
    {
        var f = Diff.Compile((Tensor x) => (x * x).Sum(), new CompileOptions { Capacity = 8 });
        var count = Soak.Skipped ? 300 : 10_000;
        for (var n = 1; n <= count; n++) EveryWay.Same((Tensor.Linspace(0, 1, n) * Tensor.Linspace(0, 1, n)).Sum(), f(Tensor.Linspace(0, 1, n)));
        Assert.Equal(count, CompiledFunction.Of(f).TraceCount);
        for (var n = count - 7; n <= count; n++) f(Tensor.Linspace(0, 1, n));
        Assert.Equal(count, CompiledFunction.Of(f).TraceCount);
        f(Tensor.Linspace(0, 1, 1));
        Assert.Equal(count + 1, CompiledFunction.Of(f).TraceCount);
    }

    [Fact]
    public async Task G03_one_compiled_function_on_many_threads_gives_the_bits_of_one()
    {
        foreach (var executor in Executors)
        {
            var f = Diff.Compile(Gradient(RandomPrograms.Of(17)), new CompileOptions { Executor = executor });
            var inputs = Enumerable.Range(0, 16).Select(k => RandomPrograms.Inputs(k)).ToArray();
            var want = inputs.Select(xs => f(xs)).ToArray();
            await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
            {
                for (var k = 0; k < 100; k++)
                {
                    var got = f(inputs[(k + t) % 16]);
                    for (var r = 0; r < got.Length; r++) EveryWay.Same(want[(k + t) % 16][r], got[r]);
                }
            })));
        }
    }

    // ---- G02, G06: exceptions and cancellation

    [Fact]
    public void G06_a_compiled_step_cancelled_in_the_middle_leaves_parameters_and_pool_as_they_were()
    {
        using var source = new CancellationTokenSource();
        var countdown = int.MaxValue;
        // user's code in the middle of a program: what looks at numbers is one operation of it
        Tensor Fragile(Tensor x) => DiffLib.Opaque.call("gate", FuncConvert.FromFunc((Tensor[] z) =>
        {
            if (countdown-- <= 0) source.Cancel();
            source.Token.ThrowIfCancellationRequested();
            return new[] { Tensor.Sin(z[0]) };
        }), FuncConvert.FromFunc((Spec[] s) => s), [x])[0];
        Tensor Loss(Tensor p) => (Fragile(Tensor.Exp(0.1 * p)) * Fragile(p * p)).Sum();

        foreach (var executor in Executors)
        {
            var step = Diff.Compile((Tensor p) => p - (0.1 * Diff.Gradient(Loss, p)), new CompileOptions { Executor = executor });
            var p = Tensor.Linspace(0, 1, 50);
            countdown = int.MaxValue;
            var want = step(p);
            EveryWay.Same(p - (0.1 * Diff.Gradient(Loss, p)), want);
        }

        var last = Diff.Compile((Tensor p) => p - (0.1 * Diff.Gradient(Loss, p)));
        var parameters = Tensor.Linspace(0, 1, 50);
        var before = Numbers(parameters);
        var next = last(parameters);
        countdown = 1;
        Assert.Throws<OperationCanceledException>(() => last(parameters));
        Assert.Equal(before, Numbers(parameters));
        // what came out before the cancellation keeps its storage
        var kept = Numbers(next);
        Assert.Throws<OperationCanceledException>(() => last(next));
        Assert.Equal(kept, Numbers(next));
    }

    [Fact]
    public void G02_an_exception_inside_a_program_leaves_the_next_call_right()
    {
        foreach (var executor in Executors)
        {
            // not positive definite for a negative argument: fails in the middle of the program
            var f = Diff.Compile((Tensor s) => Linalg.Cholesky(s * Tensor.Eye(3)).Sum() + Chain(s), new CompileOptions { Executor = executor });
            var want = Numbers(f(2.0));
            for (var k = 0; k < 50; k++)
            {
                Assert.Throws<NotPositiveDefiniteException>(() => f(-1.0));
                Assert.Equal(want, Numbers(f(2.0)));
            }
        }
    }

    [Fact]
    public void G02_a_function_that_fails_while_traced_is_traced_again()
    {
        var fails = true;
        var f = Diff.Compile((Tensor x) => fails ? throw new TimeoutException("injected") : x * 2);
        Assert.Throws<TimeoutException>(() => f(1.0));
        fails = false;
        Assert.Equal(2, f(1.0).ToDouble());
    }
}

/// <summary>What compiled functions allocate, while no other test runs.</summary>
[Collection("alone")]
public class CompiledMemoryTests
{
    private static readonly Tensor s_inputs = Tensor.Linspace(-1, 1, 32 * 16).Reshape(32, 16);

    private static (Tensor W, Tensor B, Tensor V) Step((Tensor W, Tensor B, Tensor V) p)
    {
        Tensor Loss((Tensor W, Tensor B, Tensor V) p)
        {
            var y = Tensor.Tanh(s_inputs.MatMul(p.W) + p.B).MatMul(p.V);
            return ((y - 0.5) * (y - 0.5)).Mean();
        }

        var (w, b, v) = Diff.Gradient<(Tensor W, Tensor B, Tensor V)>(Loss, p);
        return (p.W - (0.01 * w), p.B - (0.01 * b), p.V - (0.01 * v));
    }

    [Fact]
    public void G01_ten_thousand_calls_of_a_compiled_training_step_keep_memory_flat()
    {
        foreach (var executor in new[] { ProgramExecutor.Interpreted, ProgramExecutor.Generated })
        {
            var step = Diff.Compile<(Tensor, Tensor, Tensor), (Tensor, Tensor, Tensor)>(Step, new CompileOptions { Executor = executor });
            var p = (Tensor.Linspace(-0.5, 0.5, 16 * 8).Reshape(16, 8), Tensor.Linspace(0, 0.1, 8), Tensor.Linspace(-1, 1, 8).Reshape(8, 1));
            for (var k = 0; k < 500; k++) p = step(p);
            const int Calls = 10_000;
            Heap.StaysFlat(Calls, () => p = step(p));
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            for (var k = 0; k < Calls; k++) p = step(p);
            var each = (GC.GetAllocatedBytesForCurrentThread() - allocated) / Calls;
            Console.WriteLine($"compiled training step, {executor}: {each} bytes a call");
            // results: 1128 bytes of numbers; everything else comes from the pool or is small
            Assert.True(each < 20_000, $"{executor}: {each} bytes a call");
        }
    }
}
