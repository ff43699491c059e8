using System;
using System.IO;
using System.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Engine;

/// <summary>Random keys as inputs: of compiled functions, of batches, of loops, of saved programs.</summary>
public class RandomKeyProgramTests
{
    private static readonly RandomKey s_key = RandomKey.FromSeed(7);

    /// <summary>A model that carries its key.</summary>
    private sealed record State(Tensor Weight, RandomKey Key, int Step);

    /// <summary>Everything that draws, from one key.</summary>
    private static Tensor[] Draws(RandomKey key)
    {
        var keys = key.Split(12);
        var (left, right) = key.Fold(3).Split();
        return
        [
            Tensor.RandomUniform(keys[0], new[] { 3, 5 }, -1, 2),
            Tensor.RandomNormal(keys[1], new[] { 17 }, 1, 0.5, DType.Float32),
            Tensor.RandomTruncatedNormal(keys[2], new[] { 4 }),
            Tensor.RandomExponential(keys[3], new[] { 2, 2 }, 3, DType.Float32),
            Tensor.RandomGumbel(keys[4], Shape.Scalar),
            Tensor.RandomBernoulli(keys[5], new[] { 40 }, 0.3),
            Tensor.RandomIntegers(keys[6], new[] { 9 }, long.MinValue, long.MaxValue),
            Tensor.RandomPermutation(keys[7], 11),
            Tensor.RandomChoice(keys[8], 6, new[] { 2, 3 }, replace: false),
            Tensor.RandomCategorical(keys[9], Tensor.Of(0.5, 1, -2, 0), samples: new Shape(20)),
            Nn.Dropout(Tensor.Ones(30), 0.4, keys[10]),
            Nn.ChannelDropout(Tensor.Ones(2, 5, 3), 0.4, keys[11]),
            Tensor.RandomNormal(left, new[] { 3 }) + Tensor.RandomNormal(right.Fold(Tensor.Of(4).Cast(DType.Int64)[0]), new[] { 3 }),
        ];
    }

    private static void Same(Tensor[] want, Tensor[] got)
    {
        Assert.Equal(want.Length, got.Length);
        for (var k = 0; k < want.Length; k++) EveryWay.Same(want[k], got[k]);
    }

    [Theory]
    [InlineData(ProgramExecutor.Interpreted)]
    [InlineData(ProgramExecutor.Generated)]
    public void A_key_given_to_a_compiled_function_is_an_input_and_draws_the_bits_of_the_plain_function(ProgramExecutor executor)
    {
        var compiled = Diff.Compile<RandomKey, Tensor[]>(Draws, new() { Executor = executor });
        for (ulong seed = 0; seed < 5; seed++) Same(Draws(RandomKey.FromSeed(seed)), compiled(RandomKey.FromSeed(seed)));
        Assert.Equal(1, CompiledFunction.Of(compiled).TraceCount);
    }

    [Fact]
    public void A_key_from_outside_is_a_constant_of_the_program()
    {
        var key = s_key;
        var compiled = Diff.Compile((Tensor x) => x + Tensor.RandomNormal(key, new[] { 3 }));
        var first = compiled(Tensor.Zeros(3));
        key = RandomKey.FromSeed(99);
        EveryWay.Same(first, compiled(Tensor.Zeros(3)));
    }

    [Fact]
    public void Keys_derived_inside_come_out_as_keys()
    {
        var next = Diff.Compile((RandomKey key) => key.Split());
        Assert.Equal(s_key.Split(), next(s_key));
        var (first, _) = next(s_key);
        Assert.Equal(s_key.Split().First.Split(), next(first));
        Assert.Equal(1, CompiledFunction.Of(next).TraceCount);
        var folded = Diff.Compile((RandomKey key, Tensor step) => key.Fold(step));
        for (var k = 0; k < 4; k++) Assert.Equal(s_key.Fold((ulong)k), folded(s_key, Tensor.FromArray(new[] { k })[0]));
    }

    [Fact]
    public void A_tree_may_hold_keys_beside_tensors_and_its_gradient_keeps_them()
    {
        static Tensor Loss(State s) => Tensor.Square(s.Weight * Tensor.RandomNormal(s.Key, new[] { 4 })).Sum();
        var state = new State(Tensor.Linspace(1, 2, 4), s_key, 3);
        var plain = Diff.Gradient<State>(Loss, state);
        Assert.Equal(s_key, plain.Key);
        Assert.Equal(3, plain.Step);

        static State Step(State s) => s with { Weight = s.Weight - (0.1 * Diff.Gradient<State>(Loss, s).Weight), Key = s.Key.Fold(1) };
        var compiled = Diff.Compile<State, State>(Step);
        var (one, other) = (state, state);
        for (var k = 0; k < 4; k++)
        {
            (one, other) = (Step(one), compiled(other));
            Assert.Equal(one.Key, other.Key);
            Assert.True(Tensor.AllClose(one.Weight, other.Weight, 1e-14, 1e-14));
        }

        Assert.Equal(1, CompiledFunction.Of(compiled).TraceCount);
    }

    [Fact]
    public void A_stack_of_keys_gives_every_example_its_own()
    {
        var all = Diff.Vmap<RandomKey, Tensor[]>(Draws)(s_key.SplitStack(6));
        var keys = s_key.Split(6);
        for (var k = 0; k < 6; k++) Same(Draws(keys[k]), Array.ConvertAll(all, y => y[k]));
        var stacked = Diff.Compile(Diff.Vmap<RandomKey, Tensor[]>(Draws));
        Same(all, stacked(RandomKey.Stack(keys)));
    }

    [Fact]
    public void A_shared_key_draws_the_same_for_all_examples_and_folds_with_what_differs()
    {
        var x = Tensor.Linspace(0, 1, 3);
        var noisy = Diff.Vmap((RandomKey key, Tensor x) => x + Tensor.RandomNormal(key, Shape.Scalar), axis1: null);
        EveryWay.Same(x + Tensor.RandomNormal(s_key, Shape.Scalar), noisy(s_key, x));
        var own = Diff.Vmap((RandomKey key, Tensor k) => Tensor.RandomNormal(key.Fold(k), new[] { 2 }), axis1: null);
        var rows = own(s_key, Tensor.FromArray(new long[] { 5, 6, 7 }));
        for (var k = 0; k < 3; k++) EveryWay.Same(Tensor.RandomNormal(s_key.Fold((ulong)(5 + k)), new[] { 2 }), rows[k]);
        var both = Diff.Vmap((RandomKey key, Tensor k) => key.Fold(k))(s_key.SplitStack(3), Tensor.FromArray(new long[] { 1, 2, 3 }));
        for (var k = 0; k < 3; k++) EveryWay.Same(s_key.Split(3)[k].Fold((ulong)(k + 1)).ToTensor(), both.ToTensor()[k]);
    }

    [Fact]
    public void Nested_batches_of_keys_are_grids_of_keys()
    {
        var grid = Diff.Vmap((RandomKey key) => key.SplitStack(2))(s_key.SplitStack(3));
        Assert.Equal(new Shape(3, 2, 2), grid.ToTensor().Shape);
        var draws = Diff.Vmap(Diff.Vmap((RandomKey key) => Tensor.RandomUniform(key, Shape.Scalar)))(grid);
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 2; j++)
                EveryWay.Same(Tensor.RandomUniform(s_key.Split(3)[i].Split(2)[j], Shape.Scalar), draws[i, j]);
    }

    private static (Tensor, Tensor) Walk(RandomKey key, Tensor x)
    {
        var ((end, _), steps) = Diff.Scan(
            ((Tensor X, RandomKey Key) c, Tensor drift) =>
            {
                var (now, next) = c.Key.Split();
                var y = c.X + drift + Tensor.RandomNormal(now, new[] { 2 });
                return ((y, next), y.Sum());
            },
            (x, key),
            Tensor.Linspace(0, 1, 5));
        return (end, steps);
    }

    [Fact]
    public void A_key_in_the_state_of_a_loop_moves_on_from_step_to_step()
    {
        var x = Tensor.Of(1, 2);
        var (end, steps) = Walk(s_key, x);
        var key = s_key;
        for (var k = 0; k < 5; k++)
        {
            var (now, next) = key.Split();
            x = x + Tensor.Linspace(0, 1, 5)[k] + Tensor.RandomNormal(now, new[] { 2 });
            EveryWay.Same(x.Sum(), steps[k]);
            key = next;
        }

        EveryWay.Same(x, end);
        var compiled = Diff.Compile<RandomKey, Tensor, (Tensor, Tensor)>(Walk);
        EveryWay.Same(end, compiled(s_key, Tensor.Of(1, 2)).Item1);
        EveryWay.Same(Walk(s_key.Fold(1), Tensor.Of(1, 2)).Item2, compiled(s_key.Fold(1), Tensor.Of(1, 2)).Item2);
        var slopes = Diff.Compile((RandomKey key, Tensor x) => Diff.Gradient(x => Tensor.Square(Walk(key, x).Item1).Sum(), x));
        Assert.True(Tensor.AllClose(2 * end, slopes(s_key, Tensor.Of(1, 2)), 1e-13, 1e-13));
    }

    [Fact]
    public void A_stack_of_keys_is_scanned_row_by_row_and_numbers_of_steps_fold_into_a_key()
    {
        static Tensor Sum(RandomKey keys) =>
            Diff.Scan((Tensor s, RandomKey key) => (s + Tensor.RandomNormal(key, Shape.Scalar), s), Tensor.Scalar(0), keys).Item1;
        var want = s_key.Split(4).Aggregate(Tensor.Scalar(0), (s, key) => s + Tensor.RandomNormal(key, Shape.Scalar));
        EveryWay.Same(want, Sum(s_key.SplitStack(4)));
        EveryWay.Same(want, Diff.Compile<RandomKey, Tensor>(Sum)(s_key.SplitStack(4)));

        static Tensor Numbered(RandomKey key) => Diff.ForI(0, 4, (k, s) => s + Tensor.RandomNormal(key.Fold(k), Shape.Scalar), Tensor.Scalar(0));
        want = Enumerable.Range(0, 4).Aggregate(Tensor.Scalar(0), (s, k) => s + Tensor.RandomNormal(s_key.Fold((ulong)k), Shape.Scalar));
        EveryWay.Same(want, Numbered(s_key));
        EveryWay.Same(want, Diff.Compile<RandomKey, Tensor>(Numbered)(s_key));
    }

    [Fact]
    public void Choices_and_while_loops_take_keys()
    {
        static Tensor First(RandomKey key)
        {
            // draws until one is above 1.5
            var (x, _) = Diff.While(
                ((Tensor X, RandomKey Key) s) => s.X <= 1.5,
                s => (X: Tensor.RandomNormal(s.Key, Shape.Scalar), Key: s.Key.Fold(1)),
                (X: Tensor.Scalar(0), Key: key));
            return Diff.Cond(x > 2, k => x + Tensor.RandomUniform(k, Shape.Scalar), k => x - Tensor.RandomUniform(k.Fold(2), Shape.Scalar), key);
        }

        var compiled = Diff.Compile<RandomKey, Tensor>(First);
        var many = Diff.Vmap<RandomKey, Tensor>(First)(s_key.SplitStack(8));
        for (var k = 0; k < 8; k++)
        {
            var want = First(s_key.Split(8)[k]);
            EveryWay.Same(want, compiled(s_key.Split(8)[k]));
            EveryWay.Same(want, many[k]);
        }
    }

    [Fact]
    public void A_checkpointed_function_draws_the_same_mask_again()
    {
        static Tensor Loss(RandomKey key, Tensor x) => Tensor.Square(Nn.Dropout(Tensor.Sin(x), 0.5, key)).Sum();
        var x = Tensor.Linspace(0.1, 2, 40);
        var plain = Diff.Gradient(x => Loss(s_key, x), x);
        EveryWay.Same(plain, Diff.Gradient(x => Diff.Checkpoint((Tensor y) => Loss(s_key, y))(x), x));
        var compiled = Diff.Compile((RandomKey key, Tensor x) => Diff.Gradient(x => Diff.Checkpoint((Tensor y) => Loss(key, y))(x), x));
        Assert.True(Tensor.AllClose(plain, compiled(s_key, x), 1e-14, 1e-14));
    }

    [Fact]
    public void A_program_with_draws_is_saved_and_run_with_other_keys()
    {
        var program = Diff.ProgramOf<RandomKey, Tensor[]>(Draws, s_key);
        using var stream = new MemoryStream();
        program.Save(stream);
        stream.Position = 0;
        var back = Program.Load(stream);
        var other = RandomKey.FromSeed(123);
        Same(Draws(other), back.Run(other.ToTensor()));
        Assert.Contains("random_normal", program.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_become_tensors_and_come_back()
    {
        Assert.Equal(s_key, RandomKey.FromTensor(s_key.ToTensor()));
        var big = new RandomKey(ulong.MaxValue, 1UL << 63);
        Assert.Equal(big, RandomKey.FromTensor(big.ToTensor()));
        var stack = RandomKey.Stack(s_key, big);
        EveryWay.Same(stack.ToTensor(), RandomKey.FromTensor(stack.ToTensor()).ToTensor());
    }

    [Fact]
    public void Mistakes_with_keys_are_errors_that_say_the_way_out()
    {
        void Says(Func<object?> what, params string[] parts)
        {
            var error = Record.Exception(what);
            Assert.True(error is ArgumentException or InvalidOperationException, $"{error}");
            foreach (var part in parts) Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }

        Says(() => Diff.Compile((RandomKey key) => Tensor.Scalar((double)key.High))(s_key), "bits", "Split");
        Says(() => Tensor.RandomNormal(s_key.SplitStack(3), new[] { 2 }), "stack of keys", "Vmap");
        Says(() => s_key.SplitStack(3).High, "stack of keys", "[3, 2]");
        Says(() => Diff.Vmap((RandomKey key) => Tensor.RandomNormal(key, new[] { 2 }))(s_key), "SplitStack");
        Says(() => Diff.Vmap((RandomKey key) => Tensor.RandomNormal(key, new[] { 2 }), inAxis: -1)(s_key.SplitStack(2)), "axis -1", "SplitStack");
        Says(() => Diff.Vmap((RandomKey key) => key.Fold(1), outAxis: 1)(s_key.SplitStack(2)), "axis 0");
        Says(() => s_key.Fold(Tensor.Scalar(1.5)), "whole numbers", "Cast");
        Says(() => RandomKey.FromTensor(Tensor.Of(1, 2)), "not a key", "int64[2]");
        Says(() => RandomKey.Stack(), "at least one");
        Says(() => RandomKey.Stack(s_key, s_key.SplitStack(2)), "[2]", "[2, 2]");
        Says(() => s_key.SplitStack(-1), "0 or more");
        Says(() => Diff.Compile((RandomKey key) => Tensor.RandomUniform(key, new[] { 2 }, 3, 1))(s_key), "low");
        Says(() => Diff.Compile((RandomKey key) => Tensor.RandomBernoulli(key, new[] { 2 }, 1.5))(s_key), "1.5");
        Says(() => Tensor.RandomChoice(s_key, 3, new[] { 4 }, replace: false), "4 different", "there are 3");
        Says(() => Tensor.RandomCategorical(s_key, Tensor.Scalar(1)), "single number");
        Says(() => Tensor.RandomCategorical(s_key, Tensor.Zeros(3, 0)), "empty");
        RandomKey? leaked = null;
        Diff.Compile((RandomKey key) => { leaked = key; return Tensor.RandomUniform(key, new[] { 2 }); })(s_key);
        Says(() => Tensor.RandomUniform(leaked!.Value, new[] { 2 }), "tracing is over");
    }

    [Fact]
    public void A_choice_takes_different_entries_and_categories_come_in_their_proportions()
    {
        var taken = Tensor.RandomChoice(s_key, 50, new[] { 50 }, replace: false).ToArray<long>();
        Assert.Equal(Enumerable.Range(0, 50).Select(k => (long)k), taken.Order());
        var many = Tensor.RandomChoice(s_key, 3, new[] { 3000 }).ToArray<long>();
        for (var k = 0; k < 3; k++) Assert.InRange(many.Count(v => v == k), 900, 1100);
        var drawn = Tensor.RandomCategorical(s_key, Tensor.Log(Tensor.Of(0.1, 0.6, 0, 0.3)), samples: new Shape(10_000)).ToArray<long>();
        Assert.InRange(drawn.Count(v => v == 1), 5800, 6200);
        Assert.InRange(drawn.Count(v => v == 0), 880, 1120);
        Assert.DoesNotContain(2L, drawn);
        var rows = Tensor.RandomCategorical(s_key, Tensor.Zeros(4, 3, 5), axis: 1);
        Assert.Equal(new Shape(4, 5), rows.Shape);
    }
}
