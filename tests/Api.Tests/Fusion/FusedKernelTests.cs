using System;
using System.Linq;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Fusion;

/// <summary>Fused kernels have the bits of the eager kernels, whatever the shape, the strides, the executor and the number of threads.</summary>
public sealed class FusedKernelTests
{
    private static readonly bool s_soak = Environment.GetEnvironmentVariable("DIFFLIB_SOAK") == "1";

    private static int Programs(int usual) => s_soak ? 20 * usual : usual;

    public static TheoryData<string> Executions => ["Interpreted", "Generated"];

    [Theory, MemberData(nameof(Executions))]
    public void Float64_programs_have_the_bits_of_eager_kernels(string execution) => Compare(execution, 300, 1000, ScalarType.Float64);

    [Theory, MemberData(nameof(Executions))]
    public void Float32_programs_have_the_bits_of_eager_kernels(string execution) => Compare(execution, 300, 2000, ScalarType.Float32);

    [Theory, MemberData(nameof(Executions))]
    public void Programs_with_masks_have_the_bits_of_eager_kernels(string execution)
        => Compare(execution, 300, 3000, ScalarType.Float64, ScalarType.Float64, ScalarType.Bool);

    [Theory, MemberData(nameof(Executions))]
    public void Programs_of_mixed_types_have_the_bits_of_eager_kernels(string execution) => Compare(execution, 200, 4000, [.. Enum.GetValues<ScalarType>()]);

    [Theory, MemberData(nameof(Executions))]
    public void Programs_of_hundreds_of_instructions_have_the_bits_of_eager_kernels(string execution)
    {
        for (var seed = 0; seed < Programs(6); seed++)
        {
            var random = new RandomPrograms(seed);
            var program = random.Program(700, 4, 20, seed % 2 == 0 ? [ScalarType.Float64] : [ScalarType.Float32, ScalarType.Bool]);
            CompareOnce(FusedKernel.Create(program, default, Enum.Parse<Execution>(execution)), random, seed, [3, 111]);
        }
    }

    [Theory, MemberData(nameof(Executions))]
    public void Functions_that_share_their_work_have_the_bits_of_each_alone(string execution)
    {
        (UnaryOp, UnaryOp)[] pairs = [(UnaryOp.Tanh, UnaryOp.Sech2), (UnaryOp.Sigmoid, UnaryOp.SigmoidSlope), (UnaryOp.Sin, UnaryOp.Cos)];
        foreach (var type in new[] { ScalarType.Float64, ScalarType.Float32 })
            foreach (var copies in new[] { 1, 2, 5 })
                foreach (var (first, second) in pairs)
                    foreach (var turned in new[] { false, true })
                        SharedWork(execution, type, copies, turned ? (second, first) : (first, second));
    }

    /// <summary>Few functions are compiled into one loop, many are called one by one; either way both of a pair are computed together.</summary>
    private static void SharedWork(string execution, ScalarType type, int copies, (UnaryOp, UnaryOp) pair)
    {
        var builder = new ScalarProgramBuilder();
        var outputs = new int[2 * copies];
        for (var k = 0; k < copies; k++)
        {
            var x = builder.Binary(BinaryOp.Multiply, builder.Input(type), builder.Constant(type, type.Bits(k + 1)));
            outputs[2 * k] = builder.Unary(pair.Item1, x);
            outputs[2 * k + 1] = builder.Unary(pair.Item2, x);
        }
        var sum = builder.Binary(BinaryOp.Add, outputs[0], outputs[1]);
        var kernel = FusedKernel.Create(builder.Build([.. outputs, sum]), default, Enum.Parse<Execution>(execution));
        foreach (var n in new[] { 1, 7, 64, 1003 }) CompareOnce(kernel, new RandomPrograms(n), n, [n]);
    }

    private static void Compare(string execution, int programs, int firstSeed, params ScalarType[] types)
    {
        for (var seed = firstSeed; seed < firstSeed + Programs(programs); seed++)
        {
            var random = new RandomPrograms(seed);
            var program = random.Program(1 + random.Random.Next(25), 1 + random.Random.Next(4), 1 + random.Random.Next(3), types);
            var kernel = FusedKernel.Create(program, default, Enum.Parse<Execution>(execution));
            for (var call = 0; call < 2; call++) CompareOnce(kernel, random, seed, random.Shape(call == 0 ? 60 : 3000));
        }
    }

    private static void CompareOnce(FusedKernel kernel, RandomPrograms random, int seed, int[] shape)
    {
        var program = kernel.Program;
        var inputs = new LoopOperand[program.Inputs.Length];
        for (var k = 0; k < inputs.Length; k++) inputs[k] = random.View(program.Inputs[k], shape);
        var expected = OpByOp.Run(program, shape, inputs);
        var outputs = new LoopOperand[expected.Length];
        for (var k = 0; k < outputs.Length; k++) outputs[k] = LoopOperand.View(OpByOp.New(program.OutputType(k), expected[k].Length));
        kernel.Run(shape, inputs, outputs);
        for (var k = 0; k < outputs.Length; k++) Same(expected[k], outputs[k].Data!, program, shape, $"output {k}, seed {seed}");
    }

    private static void Same(Array expected, Array got, ScalarProgram program, int[] shape, string where)
    {
        Assert.Equal(expected.Length, got.Length);
        var at = OpByOp.FirstDifference(expected, got);
        if (at >= 0)
            Assert.Fail($"{where}, element {at} of [{string.Join("; ", shape)}]: eager {expected.GetValue(at):R}, fused {got.GetValue(at):R}\n{program}");
    }

    [Theory, MemberData(nameof(Executions))]
    public void Reductions_have_the_bits_of_eager_reductions(string execution)
    {
        for (var seed = 0; seed < Programs(150); seed++)
        {
            var random = new RandomPrograms(seed);
            var program = random.Program(1 + random.Random.Next(12), 1 + random.Random.Next(3), 2, random.Random.Next(2) == 0 ? ScalarType.Float64 : ScalarType.Float32);
            if (!program.OutputType(0).IsFloat()) continue;
            var reduction = (FusedReduction)(1 + random.Random.Next(5));
            var kernel = FusedKernel.Create(program, [reduction, FusedReduction.None], Enum.Parse<Execution>(execution));
            foreach (var (outer, n, inner) in new[] { (1, 5, 1), (3, 17, 1), (2, 1500, 1), (1, 5000, 1), (40, 3, 1), (1, 700, 3), (2, 130, 5), (1, 90, 300), (3, 1, 4) })
                CompareReduction(kernel, random, reduction, [outer, n, inner], seed);
        }
    }

    private static void CompareReduction(FusedKernel kernel, RandomPrograms random, FusedReduction reduction, int[] shape, int seed)
    {
        var program = kernel.Program;
        var inputs = new LoopOperand[program.Inputs.Length];
        for (var k = 0; k < inputs.Length; k++) inputs[k] = random.View(program.Inputs[k], shape);
        var values = OpByOp.Run(program, shape, inputs);
        var expected = OpByOp.Reduce(reduction, values[0], shape[0], shape[1], shape[2]);
        var got = OpByOp.New(program.OutputType(0), expected.Length);
        var stored = OpByOp.New(program.OutputType(1), values[1].Length);
        kernel.Run(shape, 1, 1, inputs, [LoopOperand.View(got), LoopOperand.View(stored)]);
        Same(expected, got, program, shape, $"{reduction}, seed {seed}");
        Same(values[1], stored, program, shape, $"stored beside {reduction}, seed {seed}");
    }

    [Theory, MemberData(nameof(Executions))]
    public void The_number_of_threads_does_not_change_a_bit(string execution)
    {
        var builder = new ScalarProgramBuilder();
        int x = builder.Input(ScalarType.Float64), y = builder.Input(ScalarType.Float64);
        var t = builder.Unary(UnaryOp.Tanh, builder.Binary(BinaryOp.Multiply, x, y));
        var kernel = FusedKernel.Create(builder.Build(t, builder.Unary(UnaryOp.Exp, t)), [FusedReduction.Sum, FusedReduction.None], Enum.Parse<Execution>(execution));
        var random = new RandomPrograms(5);
        foreach (var (outer, n, inner) in new[] { (1, 200_003, 1), (13, 20_011, 1), (50_000, 7, 1), (1, 30_001, 9), (1, 400, 700), (3, 300, 300) })
        {
            int[] shape = [outer, n, inner];
            LoopOperand[] inputs = [LoopOperand.View(random.Data(ScalarType.Float64, outer * n * inner)), LoopOperand.View(random.Data(ScalarType.Float64, inner), 0, [0, 0, 1])];
            var alone = RunWith(1, kernel, shape, inputs);
            foreach (var threads in new[] { 2, 3, 8 })
            {
                var together = RunWith(threads, kernel, shape, inputs);
                for (var k = 0; k < 2; k++) Same(alone[k], together[k], kernel.Program, shape, $"output {k} on {threads} threads");
            }
            var values = OpByOp.Run(kernel.Program, shape, inputs);
            Same(OpByOp.Reduce(FusedReduction.Sum, values[0], outer, n, inner), alone[0], kernel.Program, shape, "sum");
        }
    }

    private static Array[] RunWith(int threads, FusedKernel kernel, int[] shape, LoopOperand[] inputs)
    {
        var before = Parallelism.MaxThreads;
        try
        {
            Parallelism.MaxThreads = threads;
            Array[] outputs = [new double[shape[0] * shape[2]], new double[shape.Aggregate(1, (a, b) => a * b)]];
            kernel.Run(shape, 1, 1, inputs, [LoopOperand.View(outputs[0]), LoopOperand.View(outputs[1])]);
            return outputs;
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
    }

    [Theory, MemberData(nameof(Executions))]
    public void Long_rows_that_share_inputs_have_the_bits_of_eager_operations_in_whatever_order_they_are_taken(string execution)
    {
        var builder = new ScalarProgramBuilder();
        var inputs = Enumerable.Range(0, 6).Select(_ => builder.Input(ScalarType.Float64)).ToArray();
        var single = builder.Convert(ScalarType.Float64, builder.Input(ScalarType.Float32));
        var product = builder.Binary(BinaryOp.Scale, builder.Binary(BinaryOp.Add, inputs[0], inputs[1]), builder.Unary(UnaryOp.Sin, inputs[2]));
        var rest = builder.Binary(BinaryOp.Subtract, builder.Binary(BinaryOp.Multiply, inputs[3], inputs[4]), builder.Binary(BinaryOp.Multiply, inputs[5], single));
        var kernel = FusedKernel.Create(builder.Build(builder.Binary(BinaryOp.Add, product, rest), product), default, Enum.Parse<Execution>(execution));
        var random = new RandomPrograms(11);
        var before = Parallelism.MaxThreads;
        try
        {
            foreach (var (rows, columns) in new[] { (5, 40_003), (3, 16_384), (2, 100_001), (300, 257) })
            {
                int[] shape = [rows, columns];
                LoopOperand[] operands =
                [
                    LoopOperand.View(random.Data(ScalarType.Float64, rows * columns)), LoopOperand.View(random.Data(ScalarType.Float64, columns + 3), 3, [0, 1]),
                    LoopOperand.View(random.Data(ScalarType.Float64, 2 * columns), 0, [0, 2]), LoopOperand.View(random.Data(ScalarType.Float64, rows), 0, [1, 0]),
                    LoopOperand.View(random.Data(ScalarType.Float64, rows * (columns + 7)), 5, [columns + 7, 1]), LoopOperand.View(random.Data(ScalarType.Float64, columns), columns - 1, [0, -1]),
                    LoopOperand.View(random.Data(ScalarType.Float32, columns), 0, [0, 1]),
                ];
                var expected = OpByOp.Run(kernel.Program, shape, operands);
                foreach (var threads in new[] { 1, 2, 3 })
                {
                    Parallelism.MaxThreads = threads;
                    double[] sum = new double[rows * columns], scaled = new double[rows * columns];
                    kernel.Run(shape, operands, [LoopOperand.View(sum), LoopOperand.View(scaled)]);
                    Same(expected[0], sum, kernel.Program, shape, $"on {threads} threads");
                    Same(expected[1], scaled, kernel.Program, shape, $"the product on {threads} threads");
                }
            }
        }
        finally
        {
            Parallelism.MaxThreads = before;
        }
    }

    [Fact]
    public void An_array_is_added_behind_placed_outputs_and_one_that_does_not_fit_is_refused()
    {
        var builder = new ScalarProgramBuilder();
        var x = builder.Input(ScalarType.Float64);
        var program = builder.Build(builder.Unary(UnaryOp.Exp, x), builder.Unary(UnaryOp.Negate, x));
        FusedReduction[] placed = [FusedReduction.Place, FusedReduction.Place];
        var kernel = FusedKernel.Create(program, placed, Execution.Automatic, [new FusedPlaces([0, 2], 1000, 1002, true)]);
        double[] from = [.. Enumerable.Range(0, 1000).Select(i => 0.001 * i)], rest = [.. Enumerable.Range(0, 1005).Select(i => Math.Sin(i))], y = new double[1002];
        kernel.Run([1000], 0, 0, [LoopOperand.View(from)], [LoopOperand.View(y), LoopOperand.View(y)], [LoopOperand.View(rest, 3)]);
        for (var i = 0; i < y.Length; i++)
        {
            var sum = 0.0;
            if (i < 1000) sum += DiffLib.Kernels.Elementwise.Unary(UnaryOp.Exp, from[i]);
            if (i >= 2) sum += -from[i - 2];
            Assert.Equal(sum + rest[i + 3], y[i]);
        }

        void Refuses(string said, LoopOperand rest) =>
            Assert.Contains(said, Assert.Throws<ArgumentException>(() => kernel.Run([1000], 0, 0, [LoopOperand.View(from)], [LoopOperand.View(y), LoopOperand.View(y)], [rest])).Message);
        Refuses("needs 1002 elements from 4 on", LoopOperand.View(rest, 4));
        Refuses("the array that it is added to", LoopOperand.View(y));
        Refuses("its array holds Single", LoopOperand.View(new float[1002]));
    }

    [Theory, MemberData(nameof(Executions))]
    public void An_output_may_take_the_place_of_an_input_read_element_by_element(string execution)
    {
        var builder = new ScalarProgramBuilder();
        int x = builder.Input(ScalarType.Float64), y = builder.Input(ScalarType.Float64);
        var sum = builder.Binary(BinaryOp.Add, x, y);
        var kernel = FusedKernel.Create(builder.Build(sum, builder.Binary(BinaryOp.Multiply, sum, x)), default, Enum.Parse<Execution>(execution));
        var a = Enumerable.Range(0, 2003).Select(i => (double)i).ToArray();
        var b = Enumerable.Range(0, 2003).Select(i => 0.5 * i).ToArray();
        kernel.Run([2003], [LoopOperand.View(a), LoopOperand.View(b)], [LoopOperand.View(a), LoopOperand.View(b)]);
        Assert.Equal(Enumerable.Range(0, 2003).Select(i => 1.5 * i), a);
        Assert.Equal(Enumerable.Range(0, 2003).Select(i => 1.5 * i * i), b);
    }

    [Fact]
    public void Operands_that_do_not_fit_are_refused_in_words()
    {
        var builder = new ScalarProgramBuilder();
        var x = builder.Input(ScalarType.Float64);
        var program = builder.Build(builder.Unary(UnaryOp.Exp, x));
        var kernel = FusedKernel.Create(program);
        double[] a = new double[6], y = new double[6];
        Assert.Throws<ArgumentNullException>(() => FusedKernel.Create(null!));
        Assert.Throws<ArgumentException>(() => FusedKernel.Create(program, [FusedReduction.Sum, FusedReduction.Sum]));
        Assert.Throws<ArgumentException>(() => kernel.Run([6], [], [LoopOperand.View(y)]));
        Assert.Throws<ArgumentException>(() => kernel.Run([6], [LoopOperand.View(new float[6])], [LoopOperand.View(y)]));
        Assert.Throws<ArgumentException>(() => kernel.Run([6], [LoopOperand.View(a, 1)], [LoopOperand.View(y)]));
        Assert.Throws<ArgumentException>(() => kernel.Run([2, 3], [LoopOperand.View(a, 0, [3])], [LoopOperand.View(y)]));
        Assert.Throws<ArgumentException>(() => kernel.Run([2, 3], [LoopOperand.View(a, 0, [-1, 1])], [LoopOperand.View(y)]));
        Assert.Throws<ArgumentException>(() => kernel.Run([6], [LoopOperand.View(a)], [LoopOperand.View(y, 1)]));
        Assert.Throws<ArgumentException>(() => kernel.Run([6], [LoopOperand.View(a)], [LoopOperand.Number(ScalarType.Float64, 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.Run([6], 1, 1, [LoopOperand.View(a)], [LoopOperand.View(y)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.Run([-1], [LoopOperand.View(a)], [LoopOperand.View(y)]));
        Assert.Contains("shares the array", Assert.Throws<ArgumentException>(() => kernel.Run([5], [LoopOperand.View(y, 1)], [LoopOperand.View(y)])).Message);
        var greatest = FusedKernel.Create(program, [FusedReduction.Maximum]);
        Assert.Contains("no elements", Assert.Throws<ArgumentException>(() => greatest.Run([2, 0], 1, 1, [LoopOperand.View(a)], [LoopOperand.View(y)])).Message);
    }

    [Fact]
    public void Nothing_sums_to_zero()
    {
        var builder = new ScalarProgramBuilder();
        var x = builder.Input(ScalarType.Float64);
        var kernel = FusedKernel.Create(builder.Build(x, x), [FusedReduction.Sum, FusedReduction.Mean]);
        double[] sum = [7, 7], mean = [7, 7];
        kernel.Run([2, 0], 1, 1, [LoopOperand.View(Array.Empty<double>())], [LoopOperand.View(sum), LoopOperand.View(mean)]);
        Assert.Equal([0, 0], sum);
        Assert.Equal([double.NaN, double.NaN], mean);
    }

    [Fact]
    public void Integer_division_by_zero_says_so_and_leaves_the_kernel_usable()
    {
        var builder = new ScalarProgramBuilder();
        int x = builder.Input(ScalarType.Int32), y = builder.Input(ScalarType.Int32);
        var kernel = FusedKernel.Create(builder.Build(builder.Binary(BinaryOp.FloorDivide, x, y)));
        var quotient = new int[2];
        Assert.Throws<DivideByZeroException>(() => kernel.Run([2], [LoopOperand.View(new[] { 1, 2 }), LoopOperand.View(new[] { 1, 0 })], [LoopOperand.View(quotient)]));
        kernel.Run([2], [LoopOperand.View(new[] { 7, -7 }), LoopOperand.View(new[] { 2, 2 })], [LoopOperand.View(quotient)]);
        Assert.Equal([3, -4], quotient);
    }
}
