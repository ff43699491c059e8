using System;

namespace DiffLib;

/// <summary>Random tensors from explicit keys: the same key and shape give the same numbers, bit for bit, on any number of threads.</summary>
/// <remarks>A key is used once: split it where several tensors are needed, <c>var (a, b) = key.Split();</c>. Random numbers are constants; differentiate
/// through them by writing the sample as a function of the parameters, for instance <c>mean + scale * Tensor.RandomNormal(key, shape)</c>.</remarks>
public static class TensorRandom
{
    extension(Tensor)
    {
        /// <summary>Uniform in [low, high); high itself never comes.</summary>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="low">The lower bound.</param>
        /// <param name="high">The upper bound.</param>
        /// <param name="dtype">float64 or float32.</param>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        /// <exception cref="ArgumentException">The bounds are not finite and in order, or <paramref name="dtype"/> is not floating point.</exception>
        public static Tensor RandomUniform(RandomKey key, Shape shape, double low = 0, double high = 1, DType dtype = DType.Float64) =>
            DrawRule.Floats(DrawKind.Uniform, Given(shape), dtype, low, high).From(key);

        /// <summary>Normal with the given mean and standard deviation.</summary>
        /// <inheritdoc cref="RandomUniform(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="mean">The mean.</param>
        /// <param name="standardDeviation">The standard deviation, 0 or more.</param>
        /// <param name="dtype">float64 or float32.</param>
        public static Tensor RandomNormal(RandomKey key, Shape shape, double mean = 0, double standardDeviation = 1, DType dtype = DType.Float64) =>
            DrawRule.Floats(DrawKind.Normal, Given(shape), dtype, mean, standardDeviation).From(key);

        /// <summary>Normal, drawn again until it lies in [low, high].</summary>
        /// <inheritdoc cref="RandomNormal(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="mean">The mean before truncation.</param>
        /// <param name="standardDeviation">The standard deviation before truncation.</param>
        /// <param name="low">The lower bound.</param>
        /// <param name="high">The upper bound.</param>
        /// <param name="dtype">float64 or float32.</param>
        public static Tensor RandomTruncatedNormal(RandomKey key, Shape shape, double mean = 0, double standardDeviation = 1, double low = -2, double high = 2, DType dtype = DType.Float64) =>
            DrawRule.Floats(DrawKind.TruncatedNormal, Given(shape), dtype, mean, standardDeviation, low, high).From(key);

        /// <summary>Exponential with the given rate (mean 1/rate).</summary>
        /// <inheritdoc cref="RandomUniform(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="rate">Above 0.</param>
        /// <param name="dtype">float64 or float32.</param>
        public static Tensor RandomExponential(RandomKey key, Shape shape, double rate = 1, DType dtype = DType.Float64) =>
            DrawRule.Floats(DrawKind.Exponential, Given(shape), dtype, rate).From(key);

        /// <summary>Gumbel with the given location and scale.</summary>
        /// <inheritdoc cref="RandomUniform(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="location">The mode.</param>
        /// <param name="scale">Above 0.</param>
        /// <param name="dtype">float64 or float32.</param>
        public static Tensor RandomGumbel(RandomKey key, Shape shape, double location = 0, double scale = 1, DType dtype = DType.Float64) =>
            DrawRule.Floats(DrawKind.Gumbel, Given(shape), dtype, location, scale).From(key);

        /// <summary>True with the given probability.</summary>
        /// <inheritdoc cref="RandomUniform(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="probability">From 0 to 1.</param>
        /// <returns>A bool tensor.</returns>
        public static Tensor RandomBernoulli(RandomKey key, Shape shape, double probability = 0.5) => DrawRule.Bernoulli(Given(shape), probability).From(key);

        /// <summary>Whole numbers in [low, high), all equally likely, without modulo bias.</summary>
        /// <inheritdoc cref="RandomUniform(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="low">The lower bound, included.</param>
        /// <param name="high">The upper bound, excluded.</param>
        /// <returns>An int64 tensor.</returns>
        public static Tensor RandomIntegers(RandomKey key, Shape shape, long low, long high) => DrawRule.Integers(Given(shape), low, high).From(key);

        /// <summary>0 .. n-1 in random order, all orders equally likely.</summary>
        /// <param name="key">The source of randomness.</param>
        /// <param name="n">How many.</param>
        /// <returns>An int64 vector of shape [n].</returns>
        /// <exception cref="ArgumentException"><paramref name="n"/> is negative.</exception>
        public static Tensor RandomPermutation(RandomKey key, int n) => DrawRule.Permutation(n).From(key);

        /// <summary>Positions of entries chosen from 0 .. n-1, with or without putting them back.</summary>
        /// <remarks><c>x[Tensor.RandomChoice(key, x.Shape[0], 32, replace: false)]</c> takes 32 different rows.</remarks>
        /// <param name="key">The source of randomness.</param>
        /// <param name="n">How many there are to choose from, at least 1.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="replace">Whether an entry may be chosen again.</param>
        /// <returns>An int64 tensor.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
        /// <exception cref="ArgumentException">There is nothing to choose from, or fewer entries than asked for without replacement.</exception>
        public static Tensor RandomChoice(RandomKey key, int n, Shape shape, bool replace = true) => Draws.Choice(key, n, Given(shape), replace);

        /// <summary>Numbers of categories, drawn with the probabilities softmax(logits) along an axis.</summary>
        /// <remarks>The largest sum of logit and Gumbel noise, so that it works in compiled and batched functions with any logits. It is a constant to derivatives.</remarks>
        /// <param name="key">The source of randomness.</param>
        /// <param name="logits">Unnormalised log-probabilities; -∞ stands for probability 0.</param>
        /// <param name="axis">The axis of the categories.</param>
        /// <param name="samples">Further axes in front, for several draws at each place; none by default.</param>
        /// <returns>An int64 tensor: <paramref name="samples"/>, then the other axes of the logits.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="logits"/> is null.</exception>
        /// <exception cref="ArgumentException">The logits have no such axis, or no category along it.</exception>
        public static Tensor RandomCategorical(RandomKey key, Tensor logits, int axis = -1, Shape? samples = null)
        {
            ArgumentNullException.ThrowIfNull(logits);
            return Draws.Categorical(key, logits, axis, samples ?? Shape.Scalar);
        }
    }

    private static Shape Given(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape;
    }
}

/// <summary>Keys and tensors: stacks of keys, and keys of numbers that are not known yet.</summary>
public static class RandomKeys
{
    extension(RandomKey key)
    {
        /// <summary>The key that belongs to a number such as a step, which may be a tensor of a compiled function or a loop; for a known number the same as
        /// <see cref="RandomKey.Fold(ulong)"/>.</summary>
        /// <param name="data">Whole numbers; one gives a key, several give a stack of keys.</param>
        /// <exception cref="ArgumentNullException"><paramref name="data"/> is null.</exception>
        /// <exception cref="ArgumentException"><paramref name="data"/> is not of whole numbers.</exception>
        public RandomKey Fold(Tensor data)
        {
            ArgumentNullException.ThrowIfNull(data);
            return Keys.fold(key, data);
        }

        /// <summary>Independent keys in one value, as examples for <c>Diff.Vmap</c> and rows for <c>Diff.Scan</c>: those of <see cref="RandomKey.Split(int)"/>.</summary>
        /// <param name="count">How many.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
        public RandomKey SplitStack(int count) => Keys.splitStack(key, count);

        /// <summary>The key as int64[2], a stack of keys as int64[n, 2]: to keep it in a file, or beside other tensors.</summary>
        public Tensor ToTensor() => Keys.tensor(key);
    }

    extension(RandomKey)
    {
        /// <summary>Keys in one value, as examples for <c>Diff.Vmap</c> and rows for <c>Diff.Scan</c>.</summary>
        /// <param name="keys">At least one.</param>
        /// <exception cref="ArgumentNullException"><paramref name="keys"/> is null.</exception>
        /// <exception cref="ArgumentException">There is none, or they are stacks of different sizes.</exception>
        public static RandomKey Stack(params RandomKey[] keys)
        {
            ArgumentNullException.ThrowIfNull(keys);
            return Keys.stack(keys);
        }

        /// <summary>The key that <see cref="ToTensor"/> wrote.</summary>
        /// <param name="data">int64[2], or int64[n, 2] for a stack.</param>
        /// <exception cref="ArgumentNullException"><paramref name="data"/> is null.</exception>
        /// <exception cref="ArgumentException">It has another shape or element type.</exception>
        public static RandomKey FromTensor(Tensor data)
        {
            ArgumentNullException.ThrowIfNull(data);
            return Keys.ofTensor(nameof(data), data);
        }
    }
}
