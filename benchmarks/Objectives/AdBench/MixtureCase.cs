using System;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>A Gaussian mixture.</summary>
internal sealed class MixtureCase : AdBenchCase
{
    private readonly string _path;
    private readonly int _dimension, _components;
    private readonly GaussianMixture _mixture;
    private readonly MixtureParameters _at, _gradient;
    private double _value, _valueOfGradient;

    public MixtureCase(string name, string path) : base(name)
    {
        _path = path;
        var file = new Tokens(path + ".in.txt");
        (_dimension, _components, var count) = (file.Int(), file.Int(), file.Int());
        (_at, _gradient) = (MixtureParameters.Create(_components, _dimension), MixtureParameters.Create(_components, _dimension));
        file.Doubles(_components).CopyTo(_at.Alpha, 0);
        file.Doubles(_components * _dimension).CopyTo(_at.Means, 0);
        for (var k = 0; k < _components; k++)
        {
            file.Doubles(_dimension).CopyTo(_at.LogDiagonals, k * _dimension);
            file.Doubles(Lower).CopyTo(_at.Lowers, k * Lower);
        }

        var points = file.Doubles(count * _dimension);
        _mixture = new(_components, _dimension, points, gamma: file.Double(), m: file.Int(), WishartTerm.Penalty);
    }

    private int Lower => _dimension * (_dimension - 1) / 2;

    public override void Objective() => _value = _mixture.Objective(_at);

    public override void Derivative() => _valueOfGradient = _mixture.Gradient(_at, _gradient);

    public override double WorstGap()
    {
        Objective();
        Derivative();
        var value = Tokens.All(_path + ".F.txt")[0];
        var gap = Math.Max(Gap(_value, value), Gap(_valueOfGradient, value));
        return Math.Max(gap, Gap(InOrder(), Tokens.All(_path + ".J.txt")));
    }

    /// <summary>The gradient as the files have it: diagonal and lower triangle of a component side by side.</summary>
    private double[] InOrder()
    {
        int d = _dimension, k = _components;
        var all = new double[k + k * d + k * (d + Lower)];
        _gradient.Alpha.CopyTo(all, 0);
        _gradient.Means.CopyTo(all, k);
        for (var c = 0; c < k; c++)
        {
            var block = all.AsSpan(k + k * d + c * (d + Lower), d + Lower);
            _gradient.LogDiagonals.AsSpan(c * d, d).CopyTo(block);
            _gradient.Lowers.AsSpan(c * Lower, Lower).CopyTo(block[d..]);
        }

        return all;
    }
}
