using System;

namespace DiffLib;

/// <summary>Variance, medians and quantiles, averages, covariance and correlation, and counts.</summary>
public static class TensorStatistics
{
    extension(Tensor x)
    {
        /// <summary>The variance Σ (x - mean)² / (n - ddof), in two passes with a correction for the rounding of the mean, accumulated in float64. NaN where n ≤ ddof. Integers become float64. T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance", The American Statistician 37 (1983).</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="ddof">What is subtracted from the number of elements in the divisor: 0 for the population, 1 for the unbiased estimate from a sample.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Var(int[]? axes = null, double ddof = 0, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Variance(x, axes, ddof, keepAxes);
        }

        /// <summary>The variance Σ (x - mean)² / (n - ddof), in two passes with a correction for the rounding of the mean, accumulated in float64. NaN where n ≤ ddof. Integers become float64. T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance", The American Statistician 37 (1983).</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="ddof">What is subtracted from the number of elements in the divisor: 0 for the population, 1 for the unbiased estimate from a sample.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Var(int axis, double ddof = 0, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Variance(x, [axis], ddof, keepAxes);
        }

        /// <summary>The standard deviation, √<c>Var</c>. Where all elements are equal its derivative is 0, at every order.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="ddof">What is subtracted from the number of elements in the divisor: 0 for the population, 1 for the unbiased estimate from a sample.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Std(int[]? axes = null, double ddof = 0, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Deviation(x, axes, ddof, keepAxes);
        }

        /// <summary>The standard deviation, √<c>Var</c>. Where all elements are equal its derivative is 0, at every order.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="ddof">What is subtracted from the number of elements in the divisor: 0 for the population, 1 for the unbiased estimate from a sample.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Std(int axis, double ddof = 0, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Deviation(x, [axis], ddof, keepAxes);
        }

        /// <summary>The variance and the mean, as of <c>Var</c> and <c>Mean</c>.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="ddof">What is subtracted from the number of elements in the divisor: 0 for the population, 1 for the unbiased estimate from a sample.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>Two tensors of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Var, Tensor Mean) VarMean(int[]? axes = null, double ddof = 0, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return (Statistics.Variance(x, axes, ddof, keepAxes), Reducing.Mean(x, axes, keepAxes));
        }

        /// <summary>The variance and the mean, as of <c>Var</c> and <c>Mean</c>.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="ddof">What is subtracted from the number of elements in the divisor: 0 for the population, 1 for the unbiased estimate from a sample.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>Two tensors of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Var, Tensor Mean) VarMean(int axis, double ddof = 0, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return (Statistics.Variance(x, [axis], ddof, keepAxes), Reducing.Mean(x, [axis], keepAxes));
        }

        /// <summary>The standard deviation and the mean, as of <c>Std</c> and <c>Mean</c>.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="ddof">What is subtracted from the number of elements in the divisor: 0 for the population, 1 for the unbiased estimate from a sample.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>Two tensors of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Std, Tensor Mean) StdMean(int[]? axes = null, double ddof = 0, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return (Statistics.Deviation(x, axes, ddof, keepAxes), Reducing.Mean(x, axes, keepAxes));
        }

        /// <summary>The standard deviation and the mean, as of <c>Std</c> and <c>Mean</c>.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="ddof">What is subtracted from the number of elements in the divisor: 0 for the population, 1 for the unbiased estimate from a sample.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>Two tensors of the shape without the reduced axes.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Std, Tensor Mean) StdMean(int axis, double ddof = 0, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return (Statistics.Deviation(x, [axis], ddof, keepAxes), Reducing.Mean(x, [axis], keepAxes));
        }

        /// <summary>The median: the lower one of the two in the middle if the number of elements is even (their mean is <c>Quantile(0.5)</c>); NaN if there is one. Elements equal to it share the derivative equally.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty: an empty set has no such element.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Median(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Median(x, axes, keepAxes, false);
        }

        /// <summary>The median: the lower one of the two in the middle if the number of elements is even (their mean is <c>Quantile(0.5)</c>); NaN if there is one. Elements equal to it share the derivative equally.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty: an empty set has no such element.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Median(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Median(x, [axis], keepAxes, false);
        }

        /// <summary>The median of the elements that are not NaN: the lower one of the two in the middle if their number is even; NaN if there is none. Elements equal to it share the derivative equally.</summary>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty: an empty set has no such element.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor NanMedian(int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Median(x, axes, keepAxes, true);
        }

        /// <summary>The median of the elements that are not NaN: the lower one of the two in the middle if their number is even; NaN if there is none. Elements equal to it share the derivative equally.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty: an empty set has no such element.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor NanMedian(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Median(x, [axis], keepAxes, true);
        }

        /// <summary>The median along an axis (the lower one of two, the first NaN if there is one) and its place; the derivative goes to that element alone. Among equals the place is the one that a stable sort puts in the middle.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The elements, and their places along the axis as int64; both of the shape without the axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The axis is empty.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Values, Tensor Indices) MedianWithIndex(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            var (values, indices) = Statistics.MedianWithIndex(x, axis, keepAxes, false);
            return (values, indices);
        }

        /// <summary>The median of the numbers along an axis (the lower one of two; NaN if there is none) and its place; the derivative goes to that element alone.</summary>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The elements, and their places along the axis as int64; both of the shape without the axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The axis is empty.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Values, Tensor Indices) NanMedianWithIndex(int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            var (values, indices) = Statistics.MedianWithIndex(x, axis, keepAxes, true);
            return (values, indices);
        }

        /// <summary>The k-th smallest element along an axis and its place, as a stable sort with NaN last finds it; the derivative goes to that element alone.</summary>
        /// <param name="k">From 1, the smallest, to the size of the axis.</param>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The elements, and their places along the axis as int64; both of the shape without the axis.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or it has fewer than k elements.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Values, Tensor Indices) KthValue(int k, int axis = -1, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            var (values, indices) = Statistics.KthValue(x, k, axis, keepAxes);
            return (values, indices);
        }

        /// <summary>The quantile at level q: the element, or what lies between the two elements, at place q (n - 1) of the sorted ones; NaN if there is a NaN. Integers become float64.</summary>
        /// <param name="q">The level, from 0 to 1.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <param name="interpolation">What lies between two elements.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">A level is outside [0, 1], or there is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty, or the levels have more than one axis.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor Quantile(double q, int[]? axes = null, bool keepAxes = false, Interpolation interpolation = Interpolation.Linear)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Quantile(x, q, axes, keepAxes, interpolation, false);
        }

        /// <summary>The quantile at level q: the element, or what lies between the two elements, at place q (n - 1) of the sorted ones; NaN if there is a NaN. Integers become float64.</summary>
        /// <param name="q">The level, from 0 to 1.</param>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <param name="interpolation">What lies between two elements.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">A level is outside [0, 1], or there is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty, or the levels have more than one axis.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor Quantile(double q, int axis, bool keepAxes = false, Interpolation interpolation = Interpolation.Linear)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Quantile(x, q, [axis], keepAxes, interpolation, false);
        }

        /// <summary>The quantile at level q: the element, or what lies between the two elements, at place q (n - 1) of the sorted ones; NaN if there is a NaN. Integers become float64.</summary>
        /// <param name="q">The levels, from 0 to 1: a number, or several in rank 1. With linear interpolation there is a derivative with respect to them.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <param name="interpolation">What lies between two elements.</param>
        /// <returns>The shape without the reduced axes, behind an axis for the levels if they have rank 1.</returns>
        /// <exception cref="ArgumentOutOfRangeException">A level is outside [0, 1], or there is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty, or the levels have more than one axis.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor Quantile(Tensor q, int[]? axes = null, bool keepAxes = false, Interpolation interpolation = Interpolation.Linear)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(q);
            return Statistics.Quantile(x, q, axes, keepAxes, interpolation, false);
        }

        /// <summary>The quantile at level q: the element, or what lies between the two elements, at place q (n - 1) of the sorted ones; NaN if there is a NaN. Integers become float64.</summary>
        /// <param name="q">The levels, from 0 to 1: a number, or several in rank 1. With linear interpolation there is a derivative with respect to them.</param>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <param name="interpolation">What lies between two elements.</param>
        /// <returns>The shape without the reduced axes, behind an axis for the levels if they have rank 1.</returns>
        /// <exception cref="ArgumentOutOfRangeException">A level is outside [0, 1], or there is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty, or the levels have more than one axis.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor Quantile(Tensor q, int axis, bool keepAxes = false, Interpolation interpolation = Interpolation.Linear)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(q);
            return Statistics.Quantile(x, q, [axis], keepAxes, interpolation, false);
        }

        /// <summary>The quantile at level q of the elements that are not NaN; NaN if there are none. Integers become float64.</summary>
        /// <param name="q">The level, from 0 to 1.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <param name="interpolation">What lies between two elements.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">A level is outside [0, 1], or there is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty, or the levels have more than one axis.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor NanQuantile(double q, int[]? axes = null, bool keepAxes = false, Interpolation interpolation = Interpolation.Linear)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Quantile(x, q, axes, keepAxes, interpolation, true);
        }

        /// <summary>The quantile at level q of the elements that are not NaN; NaN if there are none. Integers become float64.</summary>
        /// <param name="q">The level, from 0 to 1.</param>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <param name="interpolation">What lies between two elements.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">A level is outside [0, 1], or there is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty, or the levels have more than one axis.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor NanQuantile(double q, int axis, bool keepAxes = false, Interpolation interpolation = Interpolation.Linear)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Quantile(x, q, [axis], keepAxes, interpolation, true);
        }

        /// <summary>The quantile at level q of the elements that are not NaN; NaN if there are none. Integers become float64.</summary>
        /// <param name="q">The levels, from 0 to 1: a number, or several in rank 1. With linear interpolation there is a derivative with respect to them.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <param name="interpolation">What lies between two elements.</param>
        /// <returns>The shape without the reduced axes, behind an axis for the levels if they have rank 1.</returns>
        /// <exception cref="ArgumentOutOfRangeException">A level is outside [0, 1], or there is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty, or the levels have more than one axis.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor NanQuantile(Tensor q, int[]? axes = null, bool keepAxes = false, Interpolation interpolation = Interpolation.Linear)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(q);
            return Statistics.Quantile(x, q, axes, keepAxes, interpolation, true);
        }

        /// <summary>The quantile at level q of the elements that are not NaN; NaN if there are none. Integers become float64.</summary>
        /// <param name="q">The levels, from 0 to 1: a number, or several in rank 1. With linear interpolation there is a derivative with respect to them.</param>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <param name="interpolation">What lies between two elements.</param>
        /// <returns>The shape without the reduced axes, behind an axis for the levels if they have rank 1.</returns>
        /// <exception cref="ArgumentOutOfRangeException">A level is outside [0, 1], or there is no such axis.</exception>
        /// <exception cref="ArgumentException">A reduced axis is empty, or the levels have more than one axis.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor NanQuantile(Tensor q, int axis, bool keepAxes = false, Interpolation interpolation = Interpolation.Linear)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(q);
            return Statistics.Quantile(x, q, [axis], keepAxes, interpolation, true);
        }

        /// <summary>The weighted mean Σ w x / Σ w; NaN where the weights sum to 0 and so do the products. Integers become float64.</summary>
        /// <param name="weights">Of a shape that broadcasts to the tensor's.</param>
        /// <param name="axes">The axes to reduce, negative ones from the end; null for all.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">An axis is named twice.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor Average(Tensor weights, int[]? axes = null, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(weights);
            return Statistics.Average(x, weights, axes, keepAxes);
        }

        /// <summary>The weighted mean Σ w x / Σ w; NaN where the weights sum to 0 and so do the products. Integers become float64.</summary>
        /// <param name="weights">Of a shape that broadcasts to the tensor's, or of rank 1 with one weight for each place on the axis.</param>
        /// <param name="axis">The axis to reduce; negative from the end.</param>
        /// <param name="keepAxes">Whether reduced axes stay, with size 1.</param>
        /// <returns>The shape without the reduced axes; rank 0 over all of them.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
        /// <exception cref="ArgumentException">The shapes do not fit.</exception>
        /// <exception cref="ArgumentNullException">A tensor is null.</exception>
        public Tensor Average(Tensor weights, int axis, bool keepAxes = false)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(weights);
            return Statistics.Average(x, weights, [axis], keepAxes);
        }

        /// <summary>The covariances of the variables in the rows over the observations in the columns: the products of their deviations from the (weighted) means, divided by Σ w - ddof · Σ w a / Σ w, where w = frequencies · weights and a = weights.</summary>
        /// <param name="ddof">What is subtracted from the number of elements in the divisor: 0 for the population, 1 for the unbiased estimate from a sample.</param>
        /// <param name="frequencies">How often each observation counts: whole numbers of shape [n], or null for once.</param>
        /// <param name="weights">How much each observation weighs, of shape [n], or null for all the same.</param>
        /// <returns>[v, v] for a tensor of shape [v, n]; rank 0, the variance, for one of shape [n].</returns>
        /// <exception cref="ArgumentException">The rank is above 2, or the weights do not fit.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor Cov(double ddof = 1, Tensor? frequencies = null, Tensor? weights = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Covariance(x, ddof, frequencies, weights);
        }

        /// <summary>The correlation coefficients of the variables in the rows over the observations in the columns, within [-1, 1]; NaN for a variable that does not vary.</summary>
        /// <returns>[v, v] for a tensor of shape [v, n]; rank 0 for one of shape [n].</returns>
        /// <exception cref="ArgumentException">The rank is above 2.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor CorrCoef()
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.Correlation(x);
        }

        /// <summary>How often each of the whole numbers 0, 1, 2, … occurs in a tensor of integers of rank 1, or the sum of the weights where it occurs, which is linear in them.</summary>
        /// <param name="weights">One for each element, or null for counts.</param>
        /// <param name="minLength">The least length of the result; otherwise it reaches to the largest number.</param>
        /// <returns>Rank 1: int64, or the weights' floating-point type.</returns>
        /// <exception cref="ArgumentException">The tensor is not of integers of rank 1, has a negative one, or the weights have another shape.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="minLength"/> is negative.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public Tensor BinCount(Tensor? weights = null, int minLength = 0)
        {
            ArgumentNullException.ThrowIfNull(x);
            return Statistics.BinCount(x, weights, minLength);
        }

        /// <summary>How many elements fall into each of equal bins between the smallest and the largest element (between 0 and 1 if there is none; half a unit to each side if they are equal). A bin includes its lower edge, the last one also its upper one. All elements are counted together.</summary>
        /// <param name="bins">The number of bins, at least 1.</param>
        /// <returns>The counts, int64 of shape [bins], and the edges of the bins, of shape [bins + 1]. They have no derivative.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is less than one bin.</exception>
        /// <exception cref="ArgumentException">The smallest or the largest element is not finite.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Counts, Tensor Edges) Histogram(int bins = 10)
        {
            ArgumentNullException.ThrowIfNull(x);
            var (counts, edges) = Statistics.Histogram(x, bins);
            return (counts, edges);
        }

        /// <summary>How many elements fall into each of equal bins between two numbers. A bin includes its lower edge, the last one also its upper one; NaN and elements outside are not counted.</summary>
        /// <param name="bins">The number of bins, at least 1.</param>
        /// <param name="low">The lower edge of the first bin.</param>
        /// <param name="high">The upper edge of the last bin.</param>
        /// <returns>The counts, int64 of shape [bins], and the edges of the bins, of shape [bins + 1]. They have no derivative.</returns>
        /// <exception cref="ArgumentOutOfRangeException">There is less than one bin.</exception>
        /// <exception cref="ArgumentException">The range is not finite or not in ascending order.</exception>
        /// <exception cref="ArgumentNullException">The tensor is null.</exception>
        public (Tensor Counts, Tensor Edges) Histogram(int bins, double low, double high)
        {
            ArgumentNullException.ThrowIfNull(x);
            var (counts, edges) = Statistics.Histogram(x, bins, low, high);
            return (counts, edges);
        }
    }
}
