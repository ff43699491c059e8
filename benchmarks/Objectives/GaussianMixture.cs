using System;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>What the Wishart term does to the likelihood. The two public benchmarks differ in its sign.</summary>
public enum WishartTerm
{
    /// <summary>Added to the log-likelihood: a log prior, as in GradBench.</summary>
    Prior,

    /// <summary>Subtracted from it: as ADBench writes it.</summary>
    Penalty,
}

/// <summary>The parameters of a mixture of Gaussians, or the derivatives with respect to them: K components in D dimensions.</summary>
/// <param name="Alpha">K unnormalised log weights.</param>
/// <param name="Means">K means of D coordinates.</param>
/// <param name="LogDiagonals">K times the D logarithms of the diagonal of the factor Q of the inverse covariance QᵀQ.</param>
/// <param name="Lowers">K times the D(D-1)/2 entries of Q below the diagonal, column by column.</param>
public sealed record MixtureParameters(double[] Alpha, double[] Means, double[] LogDiagonals, double[] Lowers)
{
    /// <summary>Room for the parameters of some components.</summary>
    /// <param name="components">K.</param>
    /// <param name="dimension">D.</param>
    public static MixtureParameters Create(int components, int dimension) =>
        new(new double[components], new double[components * dimension], new double[components * dimension], new double[components * dimension * (dimension - 1) / 2]);
}

/// <summary>
/// The log-likelihood of a mixture of Gaussians with a Wishart term, over data that stays the same. The factors Q of all components stand in one matrix, with a last column for
/// the means, so that Q(x - μ) of all components and points is one matrix product. Points lie side by side, which makes all loops long; they go through in blocks that stay in the cache.
/// </summary>
public sealed class GaussianMixture
{
    /// <summary>Numbers of a block's product: with what is made of it, it stays in the second cache. Rows of points should not be short either.</summary>
    private const int BlockNumbers = 1 << 16;

    private const int SmallestBlock = 256;

    /// <summary>All blocks but the last have a multiple of so many points: matrix products like round numbers.</summary>
    private const int BlockMultiple = 24;

    private readonly int _dimension, _components, _count;
    private readonly double _constant, _sign, _halfSquaredGamma, _m;
    private readonly Tensor[] _blocks;
    private readonly Tensor _places;
    private readonly Func<Parameters, Factors> _factors;
    private readonly Func<Factors, Tensor, Tensor> _value;
    private readonly Func<Factors, Tensor, (Tensor, Factors)> _gradient;
    private readonly Func<Factors, Tensor, Factors, (Tensor, Factors)> _more;
    private readonly Func<Parameters, Factors, Parameters> _pull;

    /// <summary>The parameters as tensors: [K], [K, D], [K, D], [K, D(D-1)/2].</summary>
    private sealed record Parameters(Tensor Alpha, Tensor Means, Tensor LogDiagonals, Tensor Lowers);

    /// <summary>What the points see of the parameters, and what they do not see.</summary>
    /// <param name="Weights">[K D, D + 1]: the factors, beside each -Qμ.</param>
    /// <param name="Offsets">[K]: log weight and log determinant.</param>
    /// <param name="Rest">The terms without points.</param>
    private sealed record Factors(Tensor Weights, Tensor Offsets, Tensor Rest);

    /// <summary>Takes the data.</summary>
    /// <param name="components">K.</param>
    /// <param name="dimension">D.</param>
    /// <param name="points">N points of D coordinates.</param>
    /// <param name="gamma">The scale of the Wishart term.</param>
    /// <param name="m">Its further degrees of freedom.</param>
    /// <param name="wishart">Its sign.</param>
    public GaussianMixture(int components, int dimension, ReadOnlySpan<double> points, double gamma, int m, WishartTerm wishart)
    {
        (_components, _dimension, _count) = (components, dimension, points.Length / dimension);
        _sign = wishart == WishartTerm.Prior ? 1 : -1;
        (_halfSquaredGamma, _m) = (0.5 * gamma * gamma, m);
        _constant = -0.5 * _count * dimension * Math.Log(2 * Math.PI) + _sign * components * WishartConstant(dimension, gamma, m);
        _blocks = Blocks(points);
        _places = Places();
        _factors = Diff.Compile<Parameters, Factors>(FactorsOf);
        _value = Diff.Compile<Factors, Tensor, Tensor>(LogLikelihood);
        _gradient = Diff.Compile((Factors f, Tensor x) => Diff.ValueAndGradient((Factors g) => LogLikelihood(g, x), f));
        _more = Diff.Compile((Factors f, Tensor x, Factors sum) =>
        {
            var (value, gradient) = Diff.ValueAndGradient((Factors g) => LogLikelihood(g, x), f);
            return (value, ParameterTree.Map((a, b) => a + b, sum, gradient));
        });
        _pull = Diff.Compile((Parameters p, Factors w) => Diff.Vjp<Parameters, Factors>(FactorsOf, p).Pull(w with { Rest = Tensor.OnesLike(w.Rest) }));
    }

    /// <summary>The value.</summary>
    /// <param name="p">Where.</param>
    public double Objective(MixtureParameters p)
    {
        var factors = _factors(Tensors(p));
        var sum = _constant + factors.Rest.ToDouble();
        foreach (var block in _blocks) sum += _value(factors, block).ToDouble();
        return sum;
    }

    /// <summary>The value and its derivatives.</summary>
    /// <param name="p">Where.</param>
    /// <param name="gradient">Receives the derivatives.</param>
    public double Gradient(MixtureParameters p, MixtureParameters gradient)
    {
        var parameters = Tensors(p);
        var factors = _factors(parameters);
        var (value, slopes) = _gradient(factors, _blocks[0]);
        var sum = _constant + factors.Rest.ToDouble() + value.ToDouble();
        foreach (var block in _blocks.AsSpan(1))
        {
            (value, slopes) = _more(factors, block, slopes);
            sum += value.ToDouble();
        }

        var result = _pull(parameters, slopes);
        result.Alpha.CopyTo<double>(gradient.Alpha);
        result.Means.CopyTo<double>(gradient.Means);
        result.LogDiagonals.CopyTo<double>(gradient.LogDiagonals);
        result.Lowers.CopyTo<double>(gradient.Lowers);
        return sum;
    }

    private Factors FactorsOf(Parameters p)
    {
        int d = _dimension, k = _components;
        var diagonals = Tensor.Exp(p.LogDiagonals);
        var packed = Tensor.Concat([diagonals, p.Lowers, Tensor.Zeros(k, 1)], axis: 1);
        var factors = packed.Take(_places, axis: 1).Reshape(k, d, d);
        var shifts = (factors * p.Means.ExpandDims(1)).Sum(2, keepAxes: true);
        var logDeterminants = p.LogDiagonals.Sum(1);
        var wishart = _m * logDeterminants.Sum() - _halfSquaredGamma * ((diagonals * diagonals).Sum() + (p.Lowers * p.Lowers).Sum());
        return new(
            Tensor.Concat([factors, -shifts], axis: 2).Reshape(k * d, d + 1),
            p.Alpha + logDeterminants,
            _sign * wishart - _count * p.Alpha.LogSumExp());
    }

    private Tensor LogLikelihood(Factors f, Tensor points)
    {
        var y = f.Weights.MatMul(points).Reshape(_components, _dimension, points.Shape[1]);
        return (f.Offsets.ExpandDims(1) - 0.5 * (y * y).Sum(1)).LogSumExp(0).Sum();
    }

    private Parameters Tensors(MixtureParameters p) => new(
        Tensor.FromArray(p.Alpha),
        Tensor.FromArray(p.Means, _components, _dimension),
        Tensor.FromArray(p.LogDiagonals, _components, _dimension),
        Tensor.FromArray(p.Lowers, _components, _dimension * (_dimension - 1) / 2));

    /// <summary>The points side by side, [D + 1, n] with a last row of ones, block by block.</summary>
    private Tensor[] Blocks(ReadOnlySpan<double> points)
    {
        var d = _dimension;
        var wanted = Math.Max(1, _count / Math.Max(SmallestBlock, BlockNumbers / (_components * d)));
        var rows = ((_count + wanted - 1) / wanted + BlockMultiple - 1) / BlockMultiple * BlockMultiple;
        var blocks = new Tensor[(_count + rows - 1) / rows];
        for (var b = 0; b < blocks.Length; b++)
        {
            int first = Math.Min(_count, b * rows), n = Math.Min(_count - first, rows);
            var block = new double[(d + 1) * n];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < d; j++) block[j * n + i] = points[(first + i) * d + j];
                block[d * n + i] = 1;
            }

            blocks[b] = Tensor.FromArray(block, d + 1, n);
        }

        return blocks;
    }

    /// <summary>Where a packed factor has its entries, row by row.</summary>
    private Tensor Places()
    {
        var d = _dimension;
        var places = new long[d * d];
        for (var i = 0; i < d; i++)
            for (var j = 0; j < d; j++)
            {
                // Column j of the strict lower triangle begins behind the j columns before it; above the diagonal is the zero at the end.
                places[i * d + j] = i == j ? i : i > j ? d + j * (2 * d - j - 1) / 2 + i - j - 1 : d + d * (d - 1) / 2;
            }

        return Tensor.FromArray(places);
    }

    /// <summary>ν D ln(γ/√2) - ln Γ_D(ν/2) with ν = D + m + 1 and the multivariate gamma function.</summary>
    private static double WishartConstant(int dimension, double gamma, int m)
    {
        double nu = dimension + m + 1;
        return nu * dimension * Math.Log(gamma / Math.Sqrt(2)) - Tensor.MultiLgamma(Tensor.Scalar(0.5 * nu), dimension).ToDouble();
    }
}
