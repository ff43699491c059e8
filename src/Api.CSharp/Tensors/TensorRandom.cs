using System;
using DiffLib.Kernels;

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
        public static Tensor RandomUniform(RandomKey key, Shape shape, double low = 0, double high = 1, DType dtype = DType.Float64)
        {
            var y = Floats(shape, dtype);
            if (dtype == DType.Float64) RandomFill.Uniform(key, y.Write<double>(), low, high);
            else RandomFill.Uniform(key, y.Write<float>(), low, high);
            return Tensor.NewConst(y);
        }

        /// <summary>Normal with the given mean and standard deviation.</summary>
        /// <inheritdoc cref="RandomUniform(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="mean">The mean.</param>
        /// <param name="standardDeviation">The standard deviation, 0 or more.</param>
        /// <param name="dtype">float64 or float32.</param>
        public static Tensor RandomNormal(RandomKey key, Shape shape, double mean = 0, double standardDeviation = 1, DType dtype = DType.Float64)
        {
            var y = Floats(shape, dtype);
            if (dtype == DType.Float64) RandomFill.Normal(key, y.Write<double>(), mean, standardDeviation);
            else RandomFill.Normal(key, y.Write<float>(), mean, standardDeviation);
            return Tensor.NewConst(y);
        }

        /// <summary>Normal, drawn again until it lies in [low, high].</summary>
        /// <inheritdoc cref="RandomNormal(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="mean">The mean before truncation.</param>
        /// <param name="standardDeviation">The standard deviation before truncation.</param>
        /// <param name="low">The lower bound.</param>
        /// <param name="high">The upper bound.</param>
        /// <param name="dtype">float64 or float32.</param>
        public static Tensor RandomTruncatedNormal(RandomKey key, Shape shape, double mean = 0, double standardDeviation = 1, double low = -2, double high = 2, DType dtype = DType.Float64)
        {
            var y = Floats(shape, dtype);
            if (dtype == DType.Float64) RandomFill.TruncatedNormal(key, y.Write<double>(), mean, standardDeviation, low, high);
            else RandomFill.TruncatedNormal(key, y.Write<float>(), mean, standardDeviation, low, high);
            return Tensor.NewConst(y);
        }

        /// <summary>Exponential with the given rate (mean 1/rate).</summary>
        /// <inheritdoc cref="RandomUniform(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="rate">Above 0.</param>
        /// <param name="dtype">float64 or float32.</param>
        public static Tensor RandomExponential(RandomKey key, Shape shape, double rate = 1, DType dtype = DType.Float64)
        {
            var y = Floats(shape, dtype);
            if (dtype == DType.Float64) RandomFill.Exponential(key, y.Write<double>(), rate);
            else RandomFill.Exponential(key, y.Write<float>(), rate);
            return Tensor.NewConst(y);
        }

        /// <summary>Gumbel with the given location and scale.</summary>
        /// <inheritdoc cref="RandomUniform(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="location">The mode.</param>
        /// <param name="scale">Above 0.</param>
        /// <param name="dtype">float64 or float32.</param>
        public static Tensor RandomGumbel(RandomKey key, Shape shape, double location = 0, double scale = 1, DType dtype = DType.Float64)
        {
            var y = Floats(shape, dtype);
            if (dtype == DType.Float64) RandomFill.Gumbel(key, y.Write<double>(), location, scale);
            else RandomFill.Gumbel(key, y.Write<float>(), location, scale);
            return Tensor.NewConst(y);
        }

        /// <summary>True with the given probability.</summary>
        /// <inheritdoc cref="RandomUniform(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="probability">From 0 to 1.</param>
        /// <returns>A bool tensor.</returns>
        public static Tensor RandomBernoulli(RandomKey key, Shape shape, double probability = 0.5)
        {
            ArgumentNullException.ThrowIfNull(shape);
            var y = NDArray.Allocate(DType.Bool, shape);
            RandomFill.Bernoulli(key, [probability], y.Write<bool>());
            return Tensor.NewConst(y);
        }

        /// <summary>Whole numbers in [low, high), all equally likely, without modulo bias.</summary>
        /// <inheritdoc cref="RandomUniform(RandomKey, Shape, double, double, DType)"/>
        /// <param name="key">The source of randomness.</param>
        /// <param name="shape">The shape of the result.</param>
        /// <param name="low">The lower bound, included.</param>
        /// <param name="high">The upper bound, excluded.</param>
        /// <returns>An int64 tensor.</returns>
        public static Tensor RandomIntegers(RandomKey key, Shape shape, long low, long high)
        {
            ArgumentNullException.ThrowIfNull(shape);
            var y = NDArray.Allocate(DType.Int64, shape);
            RandomFill.Integers(key, y.Write<long>(), low, high);
            return Tensor.NewConst(y);
        }

        /// <summary>0 .. n-1 in random order, all orders equally likely.</summary>
        /// <param name="key">The source of randomness.</param>
        /// <param name="n">How many.</param>
        /// <returns>An int64 vector of shape [n].</returns>
        /// <exception cref="ArgumentException"><paramref name="n"/> is negative.</exception>
        public static Tensor RandomPermutation(RandomKey key, int n)
        {
            var order = NDArray.Allocate(DType.Int64, new Shape(n));
            RandomFill.Permutation(key, order.Write<long>());
            return Tensor.NewConst(order);
        }
    }

    private static NDArray Floats(Shape shape, DType dtype)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return dtype is DType.Float64 or DType.Float32
            ? NDArray.Allocate(dtype, shape)
            : throw new ArgumentException($"{dtype}: continuous random numbers are float64 or float32. For whole numbers use RandomIntegers.", nameof(dtype));
    }
}
