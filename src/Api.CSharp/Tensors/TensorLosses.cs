using System;

namespace DiffLib;

/// <summary>Losses, as static members of <see cref="Tensor"/>: <c>Tensor.CrossEntropy(logits, target)</c>. Each is a number to be minimised.</summary>
public static class TensorLosses
{
    extension(Tensor)
    {
        /// <summary>(x - t)², averaged: the mean squared error.</summary>
        /// <param name="prediction">The predictions, of any shape.</param>
        /// <param name="target">The targets, of the same shape.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="prediction"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        public static Tensor SquaredError(Tensor prediction, Tensor target, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(prediction);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.Squared(prediction, target, reduction);
        }

        /// <summary>|x - t|, averaged: the mean absolute error. Slope 0 where they agree.</summary>
        /// <param name="prediction">The predictions, of any shape.</param>
        /// <param name="target">The targets, of the same shape.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="prediction"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        public static Tensor AbsoluteError(Tensor prediction, Tensor target, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(prediction);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.Absolute(prediction, target, reduction);
        }

        /// <summary>d²/2 for |d| ≤ δ, otherwise δ(|d| - δ/2), with d = x - t; averaged.</summary>
        /// <param name="prediction">The predictions, of any shape.</param>
        /// <param name="target">The targets, of the same shape.</param>
        /// <param name="delta">δ, positive.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="prediction"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="delta"/> is not positive.</exception>
        /// <remarks>P. J. Huber, "Robust estimation of a location parameter", 1964.</remarks>
        public static Tensor Huber(Tensor prediction, Tensor target, double delta = 1, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(prediction);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.Huber(prediction, target, delta, reduction);
        }

        /// <summary>d²/(2β) for |d| ≤ β, otherwise |d| - β/2, with d = x - t; averaged. For β = 0 the absolute error.</summary>
        /// <param name="prediction">The predictions, of any shape.</param>
        /// <param name="target">The targets, of the same shape.</param>
        /// <param name="beta">β, 0 or more.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="prediction"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is negative or NaN.</exception>
        public static Tensor SmoothAbsoluteError(Tensor prediction, Tensor target, double beta = 1, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(prediction);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.SmoothAbsolute(prediction, target, beta, reduction);
        }

        /// <summary>The cross-entropy of softmax(logits) against classes or probabilities, averaged; accurate where the softmax underflows.</summary>
        /// <param name="logits">Scores before softmax: shape [n, classes], [n, classes, ...], or [classes] for a single one.</param>
        /// <param name="target">Integers: class numbers from 0, in the shape without the axis of classes. Floating point: probabilities in the shape of the scores.</param>
        /// <param name="classWeights">Shape [classes]: factors of the losses by class; null for none.</param>
        /// <param name="ignoreIndex">A class number that marks elements to be left out.</param>
        /// <param name="labelSmoothing">The share, 0 to 1, of each target that is spread evenly over the classes.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="logits"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A class number is outside, or <paramref name="labelSmoothing"/> is not between 0 and 1.</exception>
        /// <remarks>For class numbers the mean is weighted: the sum of the losses divided by the sum of the weights of the targets' classes. Not for scores that went through a softmax already: for logarithms of probabilities there is <c>NegativeLogLikelihood</c>.</remarks>
        public static Tensor CrossEntropy(Tensor logits, Tensor target, Tensor? classWeights = null, int? ignoreIndex = null, double labelSmoothing = 0, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(logits);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.CrossEntropy(logits, target, Facade.Option(classWeights), ignoreIndex, labelSmoothing, reduction);
        }

        /// <summary>Minus the log-probability of the target's class, averaged.</summary>
        /// <param name="logProbabilities">Logarithms of probabilities: shape [n, classes], [n, classes, ...], or [classes] for a single one.</param>
        /// <param name="target">Class numbers from 0, in the shape without the axis of classes.</param>
        /// <param name="classWeights">Shape [classes]: factors of the losses by class; null for none.</param>
        /// <param name="ignoreIndex">A class number that marks elements to be left out.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="logProbabilities"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A class number is outside.</exception>
        /// <remarks>The mean is the sum of the losses divided by the sum of the weights of the targets' classes.</remarks>
        public static Tensor NegativeLogLikelihood(Tensor logProbabilities, Tensor target, Tensor? classWeights = null, int? ignoreIndex = null, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(logProbabilities);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.NegativeLogLikelihood(logProbabilities, target, Facade.Option(classWeights), ignoreIndex, reduction);
        }

        /// <summary>-(t ln x + (1 - t) ln(1 - x)) of a probability x, averaged. The logarithms stop at -100, with slope 0 beyond: prefer the version of logits, which needs no such stop.</summary>
        /// <param name="probability">Numbers between 0 and 1, of any shape.</param>
        /// <param name="target">Numbers between 0 and 1, of the same shape.</param>
        /// <param name="weight">Factors of the losses, which broadcast; null for none.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="probability"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        public static Tensor BinaryCrossEntropy(Tensor probability, Tensor target, Tensor? weight = null, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(probability);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.BinaryCrossEntropy(probability, target, Facade.Option(weight), reduction);
        }

        /// <summary>The binary cross-entropy of σ(x), averaged; accurate in both tails.</summary>
        /// <param name="logits">Scores x before the sigmoid, of any shape.</param>
        /// <param name="target">Numbers between 0 and 1, of the same shape.</param>
        /// <param name="weight">Factors of the losses, which broadcast; null for none.</param>
        /// <param name="positiveWeight">Factors of the part of the positives, which broadcast; null for none.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="logits"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        public static Tensor BinaryCrossEntropyWithLogits(Tensor logits, Tensor target, Tensor? weight = null, Tensor? positiveWeight = null, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(logits);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.BinaryCrossEntropyWithLogits(logits, target, Facade.Option(weight), Facade.Option(positiveWeight), reduction);
        }

        /// <summary>t (ln t - x), the terms of the Kullback-Leibler divergence of a target t from a prediction given by its logarithm x, averaged; 0 where t is 0.</summary>
        /// <param name="logPrediction">Logarithms of probabilities, of any shape.</param>
        /// <param name="target">Probabilities of the same shape, or their logarithms.</param>
        /// <param name="logTarget">Whether the target is given by logarithms.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="logPrediction"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        /// <remarks>The divergence of a batch of distributions is <c>LossReduction.BatchMean</c>.</remarks>
        public static Tensor KlDivergence(Tensor logPrediction, Tensor target, bool logTarget = false, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(logPrediction);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.KlDivergence(logPrediction, target, logTarget, reduction);
        }

        /// <summary>The negative log-likelihood of counts t with a Poisson distribution, e^x - t x, averaged.</summary>
        /// <param name="prediction">The logarithms x of the rates, or the rates; any shape.</param>
        /// <param name="target">The counts, of the same shape.</param>
        /// <param name="logInput">Whether the predictions are logarithms.</param>
        /// <param name="full">Whether ln t! is added, by Stirling's formula where t > 1.</param>
        /// <param name="epsilon">Added to a rate before its logarithm is taken.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="prediction"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        public static Tensor PoissonNegativeLogLikelihood(Tensor prediction, Tensor target, bool logInput = true, bool full = false, double epsilon = 1e-8, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(prediction);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.Poisson(prediction, target, logInput, full, epsilon, reduction);
        }

        /// <summary>The negative log-likelihood of t with a normal distribution, (ln v + (x - t)²/v)/2, averaged.</summary>
        /// <param name="mean">The means x.</param>
        /// <param name="target">The observations t; shapes broadcast.</param>
        /// <param name="variance">The variances v; shapes broadcast.</param>
        /// <param name="full">Whether ln(2π)/2 is added.</param>
        /// <param name="epsilon">The least variance; below, its slope is 0.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="mean"/>, <paramref name="target"/> and <paramref name="variance"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        public static Tensor GaussianNegativeLogLikelihood(Tensor mean, Tensor target, Tensor variance, bool full = false, double epsilon = 1e-6, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(mean);
            ArgumentNullException.ThrowIfNull(target);
            ArgumentNullException.ThrowIfNull(variance);
            return Losses.Gaussian(mean, target, variance, full, epsilon, reduction);
        }

        /// <summary>x where the target is 1, max(0, margin - x) elsewhere, averaged.</summary>
        /// <param name="distance">Distances x, of any shape.</param>
        /// <param name="target">1 for similar, -1 for dissimilar, of the same shape.</param>
        /// <param name="margin">From where on dissimilar pairs cost nothing.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="distance"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        public static Tensor HingeEmbedding(Tensor distance, Tensor target, double margin = 1, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(distance);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.HingeEmbedding(distance, target, margin, reduction);
        }

        /// <summary>max(0, margin - t (a - b)), averaged.</summary>
        /// <param name="a">Scores.</param>
        /// <param name="b">Scores of the same shape.</param>
        /// <param name="target">1 where a should rank higher, -1 where b should; broadcasts.</param>
        /// <param name="margin">By how much.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/>, <paramref name="b"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        public static Tensor MarginRanking(Tensor a, Tensor b, Tensor target, double margin = 0, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.MarginRanking(a, b, target, margin, reduction);
        }

        /// <summary>ln(1 + e^(-t x)), averaged: the logistic loss of targets 1 and -1.</summary>
        /// <param name="prediction">The predictions, of any shape.</param>
        /// <param name="target">1 or -1, of the same shape.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="prediction"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        public static Tensor SoftMargin(Tensor prediction, Tensor target, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(prediction);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.SoftMargin(prediction, target, reduction);
        }

        /// <summary>1 - cos(a, b) where the target is 1, max(0, cos(a, b) - margin) elsewhere, averaged; cosines along the last axis.</summary>
        /// <param name="a">Vectors: shape [..., n].</param>
        /// <param name="b">Vectors of the same shape.</param>
        /// <param name="target">1 for similar, -1 for dissimilar: shape [...].</param>
        /// <param name="margin">Up to which cosine dissimilar pairs cost nothing.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="a"/>, <paramref name="b"/> and <paramref name="target"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes differ.</exception>
        public static Tensor CosineEmbedding(Tensor a, Tensor b, Tensor target, double margin = 0, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            ArgumentNullException.ThrowIfNull(target);
            return Losses.CosineEmbedding(a, b, target, margin, reduction);
        }

        /// <summary>max(0, ‖a - p‖ - ‖a - n‖ + margin), averaged; norms along the last axis.</summary>
        /// <param name="anchor">Vectors a: shape [..., n].</param>
        /// <param name="positive">Vectors p that should be near.</param>
        /// <param name="negative">Vectors n that should be far.</param>
        /// <param name="margin">By how much.</param>
        /// <param name="order">The order of the norm.</param>
        /// <param name="epsilon">Added to every difference, so that the norm has a slope.</param>
        /// <param name="swap">Whether the distance of p and n counts where it is smaller than that of a and n.</param>
        /// <param name="reduction">Mean, sum, or none.</param>
        /// <returns>A number, or the losses one by one.</returns>
        /// <exception cref="ArgumentNullException">One of <paramref name="anchor"/>, <paramref name="positive"/> and <paramref name="negative"/> is null.</exception>
        /// <exception cref="ArgumentException">The shapes do not broadcast.</exception>
        /// <remarks>F. Schroff, D. Kalenichenko and J. Philbin, "FaceNet", 2015.</remarks>
        public static Tensor TripletMargin(Tensor anchor, Tensor positive, Tensor negative, double margin = 1, double order = 2, double epsilon = 1e-6, bool swap = false, LossReduction reduction = LossReduction.Mean)
        {
            ArgumentNullException.ThrowIfNull(anchor);
            ArgumentNullException.ThrowIfNull(positive);
            ArgumentNullException.ThrowIfNull(negative);
            return Losses.TripletMargin(anchor, positive, negative, margin, order, epsilon, swap, reduction);
        }
    }
}
