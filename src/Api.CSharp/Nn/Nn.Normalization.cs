using System;
using DiffLib.Kernels;

namespace DiffLib;

public static partial class Nn
{
    /// <summary>Batch normalisation by the statistics of the batch (Ioffe and Szegedy 2015): (x - mean)/√(variance + ε)·scale + shift, over all axes but that of channels.</summary>
    /// <param name="x">[n, channels, ...].</param>
    /// <param name="scale">[channels], or null for 1.</param>
    /// <param name="shift">[channels], or null for 0.</param>
    /// <param name="epsilon">What is added to the variance, 0 or more.</param>
    /// <returns>The result, and the mean and the variance (divided by the count) of each channel.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">x has no axis of channels, or scale or shift do not have one number for each.</exception>
    /// <remarks>For statistics that run along see <see cref="BatchNormTraining"/>.</remarks>
    public static (Tensor Output, Tensor Mean, Tensor Variance) BatchNorm(Tensor x, Tensor? scale = null, Tensor? shift = null, double epsilon = 1e-5) =>
        Normalization.BatchStatistics(nameof(BatchNorm), NotNull(x), Facade.Option(scale), Facade.Option(shift), epsilon);

    /// <summary>Batch normalisation by given statistics, as when a trained network is used.</summary>
    /// <param name="x">[n, channels, ...], or a single [channels].</param>
    /// <param name="mean">[channels].</param>
    /// <param name="variance">[channels].</param>
    /// <param name="scale">[channels], or null for 1.</param>
    /// <param name="shift">[channels], or null for 0.</param>
    /// <param name="epsilon">What is added to the variance, 0 or more.</param>
    /// <exception cref="ArgumentNullException">x, mean or variance is null.</exception>
    /// <exception cref="ArgumentException">x has no axis of channels, or there is not one number for each.</exception>
    public static Tensor BatchNorm(Tensor x, Tensor mean, Tensor variance, Tensor? scale, Tensor? shift, double epsilon = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(variance);
        return Normalization.ByStatistics(nameof(BatchNorm), NotNull(x), mean, variance, Facade.Option(scale), Facade.Option(shift), epsilon);
    }

    /// <summary>Batch normalisation by the statistics of the batch, and running statistics moved towards them: running + momentum (batch - running). The running variance is moved towards the
    /// unbiased one, Σ (x - mean)²/(count - 1).</summary>
    /// <param name="x">[n, channels, ...], with more than one element for each channel.</param>
    /// <param name="runningMean">[channels].</param>
    /// <param name="runningVariance">[channels].</param>
    /// <param name="scale">[channels], or null for 1.</param>
    /// <param name="shift">[channels], or null for 0.</param>
    /// <param name="momentum">How far the running statistics move.</param>
    /// <param name="epsilon">What is added to the variance, 0 or more.</param>
    /// <returns>The result, and the new running statistics, through which no derivative passes.</returns>
    /// <exception cref="ArgumentNullException">x or a running statistic is null.</exception>
    /// <exception cref="ArgumentException">x has no axis of channels or only one element in each, or there is not one number for each channel.</exception>
    public static (Tensor Output, Tensor RunningMean, Tensor RunningVariance) BatchNormTraining(Tensor x, Tensor runningMean, Tensor runningVariance, Tensor? scale = null, Tensor? shift = null, double momentum = 0.1, double epsilon = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(runningMean);
        ArgumentNullException.ThrowIfNull(runningVariance);
        var (y, mean, variance) = Normalization.BatchStatistics(nameof(BatchNormTraining), NotNull(x), Facade.Option(scale), Facade.Option(shift), epsilon);
        if (!runningMean.Shape.Equals(mean.Shape)) throw new ArgumentException($"BatchNormTraining: x is {x.Shape}, so the running mean needs shape {mean.Shape}, but has {runningMean.Shape}.", nameof(runningMean));
        if (!runningVariance.Shape.Equals(mean.Shape)) throw new ArgumentException($"BatchNormTraining: x is {x.Shape}, so the running variance needs shape {mean.Shape}, but has {runningVariance.Shape}.", nameof(runningVariance));
        var count = mean.Count == 0 ? 0 : x.Count / mean.Count;
        if (count < 2) throw new ArgumentException($"BatchNormTraining: x {x.Shape} has {count} elements for each channel, which have no variance. Give a larger batch, or normalise by given statistics.", nameof(x));
        var unbiased = (double)count / (count - 1) * variance;
        return (y, Diff.StopGradient(Normalization.Running(runningMean, mean, momentum)), Diff.StopGradient(Normalization.Running(runningVariance, unbiased, momentum)));
    }

    /// <summary>Layer normalisation (Ba, Kiros and Hinton 2016): (x - mean)/√(variance + ε)·scale + shift, over the last axes of each example.</summary>
    /// <param name="x">Any shape of rank 1 or more.</param>
    /// <param name="scale">The shape of the normalised axes, or null for 1.</param>
    /// <param name="shift">The shape of the normalised axes, or null for 0.</param>
    /// <param name="axes">How many of the last axes are normalised.</param>
    /// <param name="epsilon">What is added to the variance, 0 or more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">There are not so many axes, or scale or shift have another shape.</exception>
    public static Tensor LayerNorm(Tensor x, Tensor? scale = null, Tensor? shift = null, int axes = 1, double epsilon = 1e-5) =>
        Normalization.Layer(NotNull(x), axes, Facade.Option(scale), Facade.Option(shift), epsilon);

    /// <summary>Group normalisation (Wu and He 2018): over the channels of a group and all positions of an example.</summary>
    /// <param name="x">[n, channels, ...].</param>
    /// <param name="groups">How many groups the channels fall into.</param>
    /// <param name="scale">[channels], or null for 1.</param>
    /// <param name="shift">[channels], or null for 0.</param>
    /// <param name="epsilon">What is added to the variance, 0 or more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">The channels do not divide into the groups, or scale or shift do not have one number for each channel.</exception>
    public static Tensor GroupNorm(Tensor x, int groups, Tensor? scale = null, Tensor? shift = null, double epsilon = 1e-5) =>
        Normalization.Group(nameof(GroupNorm), NotNull(x), groups, Facade.Option(scale), Facade.Option(shift), epsilon);

    /// <summary>Instance normalisation (Ulyanov, Vedaldi and Lempitsky 2016): over all positions of each channel of each example.</summary>
    /// <param name="x">[n, channels, ...].</param>
    /// <param name="scale">[channels], or null for 1.</param>
    /// <param name="shift">[channels], or null for 0.</param>
    /// <param name="epsilon">What is added to the variance, 0 or more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">x has no axis of channels, or scale or shift do not have one number for each.</exception>
    public static Tensor InstanceNorm(Tensor x, Tensor? scale = null, Tensor? shift = null, double epsilon = 1e-5) =>
        Normalization.Group(nameof(InstanceNorm), NotNull(x), x.Rank < 2 ? 1 : Math.Max(1, x.Shape[1]), Facade.Option(scale), Facade.Option(shift), epsilon);

    /// <summary>x/√(mean x² + ε)·scale over the last axes (Zhang and Sennrich 2019).</summary>
    /// <param name="x">Any shape of rank 1 or more.</param>
    /// <param name="scale">The shape of the normalised axes, or null for 1.</param>
    /// <param name="axes">How many of the last axes are normalised.</param>
    /// <param name="epsilon">What is added to the mean of squares, 0 or more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">There are not so many axes, or the scale has another shape.</exception>
    public static Tensor RmsNorm(Tensor x, Tensor? scale = null, int axes = 1, double epsilon = 1e-6) =>
        Normalization.RootMeanSquare(NotNull(x), axes, Facade.Option(scale), epsilon);

    /// <summary>Local response normalisation (Krizhevsky, Sutskever and Hinton 2012): x/(k + α·mean of x² over neighbouring channels)^β, zeros beyond the first and last channel.</summary>
    /// <param name="x">[n, channels, ...] with at least three axes.</param>
    /// <param name="size">How many neighbouring channels.</param>
    /// <param name="alpha">α.</param>
    /// <param name="beta">β.</param>
    /// <param name="k">k.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">x has fewer than three axes, or <paramref name="size"/> is not positive.</exception>
    public static Tensor LocalResponseNorm(Tensor x, int size, double alpha = 1e-4, double beta = 0.75, double k = 1) =>
        Normalization.LocalResponse(NotNull(x), size, alpha, beta, k);

    /// <summary>Dropout (Srivastava et al. 2014): each element becomes 0 with the given probability, the others are divided by the probability of staying, so that the mean stays.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="probability">The probability of being dropped, 0 to 1.</param>
    /// <param name="key">The source of the choice: the same key drops the same elements.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not between 0 and 1.</exception>
    public static Tensor Dropout(Tensor x, double probability, RandomKey key) => Normalization.Dropout(NotNull(x), probability, key, false);

    /// <summary>Dropout of whole channels: all positions of a channel of an example stay or go together.</summary>
    /// <param name="x">[n, channels, ...] with at least three axes.</param>
    /// <param name="probability">The probability of being dropped, 0 to 1.</param>
    /// <param name="key">The source of the choice: the same key drops the same channels.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">x has fewer than three axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not between 0 and 1.</exception>
    public static Tensor ChannelDropout(Tensor x, double probability, RandomKey key) => Normalization.Dropout(NotNull(x), probability, key, true);
}
