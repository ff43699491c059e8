using System;
using System.Linq;
using System.Threading.Tasks;
using DiffLib.Api.Tests.Checking;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Fusion;

/// <summary>Scalar programs called for one input or for many have the bits of the eager kernels, of any length and by either executor.</summary>
public sealed class ScalarKernelTests
{
    private static readonly int s_times = Environment.GetEnvironmentVariable("DIFFLIB_SOAK") == "1" ? 20 : 1;

    public static TheoryData<string> Executions => ["Interpreted", "Generated"];

    [Theory, MemberData(nameof(Executions))]
    public void One_input_or_many_give_the_bits_of_eager_kernels(string execution)
    {
        for (var seed = 0; seed < 150 * s_times; seed++)
        {
            var random = new RandomPrograms(seed);
            var types = seed % 3 == 0 ? [ScalarType.Float64] : seed % 3 == 1 ? [ScalarType.Float64, ScalarType.Float32, ScalarType.Bool] : Enum.GetValues<ScalarType>();
            Compare(random.Program(1 + random.Random.Next(40), 1 + random.Random.Next(4), 1 + random.Random.Next(3), types), random, 1 + random.Random.Next(40), execution, $"seed {seed}");
        }
    }

    private static void Compare(ScalarProgram program, RandomPrograms random, int samples, string execution, string where)
    {
        var kernel = ScalarKernel.Create(program, Enum.Parse<Execution>(execution));
        int inputs = program.Inputs.Length, outputs = program.Outputs.Length;
        var data = program.Inputs.ToArray().Select(t => random.Data(t, samples)).ToArray();
        var expected = OpByOp.Run(program, samples, data);
        var from = new double[inputs * samples];
        for (var k = 0; k < inputs; k++) Array.Copy(Doubles(data[k]), 0, from, k * samples, samples);
        var many = new double[outputs * samples];
        kernel.InvokeBatch(from, samples, many, samples, samples);
        var y = new double[outputs];
        for (var s = 0; s < samples; s++)
        {
            kernel.Invoke([.. Enumerable.Range(0, inputs).Select(k => from[k * samples + s])], y);
            for (var k = 0; k < outputs; k++)
            {
                var wanted = Doubles(expected[k])[s];
                SameBits(wanted, y[k], program, $"output {k} of sample {s}, alone, {where}");
                SameBits(wanted, many[k * samples + s], program, $"output {k} of sample {s} of {samples}, {where}");
            }
        }
    }

    private static double[] Doubles(Array values)
    {
        var y = new double[values.Length];
        for (var p = 0; p < y.Length; p++) y[p] = values.GetValue(p) is bool b ? (b ? 1 : 0) : Convert.ToDouble(values.GetValue(p));
        return y;
    }

    private static void SameBits(double expected, double got, ScalarProgram program, FormattableString what)
    {
        if (BitConverter.DoubleToInt64Bits(expected) != BitConverter.DoubleToInt64Bits(got) && !(double.IsNaN(expected) && double.IsNaN(got)))
            Assert.Fail($"eager {expected:R}, kernel {got:R}: {what}\n{program}");
    }

    /// <summary>Sums and products of earlier values, near and far, that stay in range.</summary>
    internal static ScalarProgram Long(int operations, int inputs)
    {
        var random = new Random(operations);
        var builder = new ScalarProgramBuilder();
        for (var k = 0; k < inputs; k++) builder.Input(ScalarType.Float64);
        var half = builder.Constant(0.5);
        while (builder.Count < operations + inputs + 1)
        {
            int a = random.Next(Math.Max(0, builder.Count - 60), builder.Count), b = random.Next(builder.Count);
            var sum = builder.Binary(random.Next(2) == 0 ? BinaryOp.Add : BinaryOp.Subtract, a, b);
            builder.Binary(BinaryOp.Multiply, sum, half);
        }
        return builder.Build([.. Enumerable.Range(builder.Count - 30, 30)]);
    }

    /// <summary>Called so often that all pieces are generated, one after the other: interpreted and generated ones pass values of all types to each other meanwhile.</summary>
    [Fact]
    public void A_kernel_left_to_itself_gives_the_bits_of_eager_kernels_while_it_generates_code()
    {
        for (var seed = 0; seed < 12 * s_times; seed++)
        {
            var random = new RandomPrograms(seed);
            var program = seed % 3 == 0 ? Long(900 + 100 * seed, 4) : random.Program(300 + 40 * seed, 5, 6, Enum.GetValues<ScalarType>());
            var kernel = ScalarKernel.Create(program);
            const int Samples = 7;
            var data = program.Inputs.ToArray().Select(t => random.Data(t, Samples)).ToArray();
            var expected = OpByOp.Run(program, Samples, data).Select(Doubles).ToArray();
            var from = data.Select(Doubles).ToArray();
            var x = new double[from.Length];
            var y = new double[expected.Length];
            for (var call = 0; call < 10_000; call++)
            {
                var s = call % Samples;
                for (var k = 0; k < x.Length; k++) x[k] = from[k][s];
                kernel.Invoke(x, y);
                for (var k = 0; k < y.Length; k++) SameBits(expected[k][s], y[k], program, $"output {k} of sample {s}, call {call}, seed {seed}");
            }
            Assert.True(kernel.IsGenerated, $"seed {seed}: ten thousand calls did not pay for the code of {program.Instructions.Length} instructions");
        }
    }

    [Fact]
    public void A_loop_that_is_generated_on_the_way_takes_as_many_steps_to_the_same_numbers()
    {
        // x ← x + 1/x, i ← i - 1 as long as i > 0
        var builder = new ScalarProgramBuilder();
        int x = builder.Input(ScalarType.Float64), i = builder.Input(ScalarType.Float64), one = builder.Constant(1.0);
        var program = builder.Build(builder.Binary(BinaryOp.Add, x, builder.Unary(UnaryOp.Reciprocal, x)), builder.Binary(BinaryOp.Subtract, i, one), i);
        double[] wanted = [0.5, 1_000_000];
        Assert.Equal(1_000_000, ScalarKernel.Create(program, Execution.Interpreted).Iterate(wanted));
        foreach (var execution in new[] { Execution.Automatic, Execution.Generated })
        {
            double[] state = [0.5, 1_000_000];
            var kernel = ScalarKernel.Create(program, execution);
            Assert.Equal(1_000_000, kernel.Iterate(state));
            Assert.Equal(wanted, state);
            Assert.True(kernel.IsGenerated);
        }
    }

    [Fact]
    public void Preparing_generates_what_calls_would()
    {
        var program = Long(900, 4);
        foreach (var (execution, generated) in new[] { (Execution.Automatic, true), (Execution.Generated, true), (Execution.Interpreted, false) })
        {
            var kernel = ScalarKernel.Create(program, execution);
            double[] before = new double[30], after = new double[30];
            kernel.Invoke([1, 2, 3, 4], before);
            Assert.Equal(execution == Execution.Generated, kernel.IsGenerated);
            kernel.Prepare();
            Assert.Equal(generated, kernel.IsGenerated);
            kernel.Invoke([1, 2, 3, 4], after);
            Assert.Equal(before, after);
        }
    }

    [Theory, MemberData(nameof(Executions))]
    public void Fifty_thousand_instructions_give_the_bits_of_eager_kernels(string execution)
    {
        var random = new RandomPrograms(3);
        Compare(Long(50_000, 12), random, 37, execution, "long program");
    }

    [Theory, MemberData(nameof(Executions))]
    public void The_number_of_threads_does_not_change_a_bit(string execution)
    {
        var kernel = ScalarKernel.Create(Long(3000, 5), Enum.Parse<Execution>(execution));
        const int Samples = 5003;
        var from = (double[])new RandomPrograms(11).Data(ScalarType.Float64, 5 * Samples);
        double[] alone = new double[30 * Samples], together = new double[30 * Samples];
        var before = Parallelism.MaxThreads;
        try
        {
            Parallelism.MaxThreads = 1;
            kernel.InvokeBatch(from, Samples, alone, Samples, Samples);
            Parallelism.MaxThreads = 3;
            kernel.InvokeBatch(from, Samples, together, Samples, Samples);
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
        Assert.Equal(alone, together);
    }

    [Theory, MemberData(nameof(Executions))]
    public void A_call_for_one_input_allocates_nothing_after_the_first(string execution)
    {
        foreach (var operations in new[] { 40, 20_000 })
        {
            var kernel = ScalarKernel.Create(Long(operations, 3), Enum.Parse<Execution>(execution));
            double[] x = [0.1, 0.2, 0.3], y = new double[30];
            kernel.Invoke(x, y);
            Assert.Equal(0, Measured.Bytes(() =>
            {
                for (var k = 0; k < 20; k++) kernel.Invoke(x, y);
            }));
        }
    }

    [Fact]
    public void First_calls_from_many_threads_agree()
    {
        for (var round = 0; round < 5; round++)
        {
            var program = Long(2000 + round, 4);
            var kernel = ScalarKernel.Create(program);
            double[] x = [1, -2, 3, -4], expected = new double[30];
            ScalarKernel.Create(program, Execution.Interpreted).Invoke(x, expected);
            Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 }, p =>
            {
                var y = new double[30];
                if (p % 2 == 0) kernel.Invoke(x, y);
                else kernel.InvokeBatch(x, 1, y, 1, 1);
                Assert.Equal(expected, y);
            });
        }
    }

    [Fact]
    public void Spans_that_do_not_fit_are_refused_in_words()
    {
        var builder = new ScalarProgramBuilder();
        int x = builder.Input(ScalarType.Float64), y = builder.Input(ScalarType.Float64);
        var kernel = ScalarKernel.Create(builder.Build(builder.Binary(BinaryOp.Add, x, y)));
        Assert.Throws<ArgumentNullException>(() => ScalarKernel.Create(null!));
        Assert.Throws<ArgumentException>(() => kernel.Invoke([1], new double[1]));
        Assert.Throws<ArgumentException>(() => kernel.Invoke([1, 2], new double[2]));
        Assert.Throws<ArgumentException>(() => kernel.InvokeBatch(new double[4], 1, new double[2], 2, 2));
        Assert.Throws<ArgumentException>(() => kernel.InvokeBatch(new double[3], 2, new double[2], 2, 2));
        Assert.Throws<ArgumentException>(() => kernel.InvokeBatch(new double[4], 2, new double[1], 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.InvokeBatch(new double[4], 2, new double[2], 2, -1));
        var shared = new double[6];
        Assert.Throws<ArgumentException>(() => kernel.InvokeBatch(shared.AsSpan(0, 4), 2, shared.AsSpan(2, 2), 2, 2));
    }
}
