using System;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>A sequence model.</summary>
internal sealed class LstmCase : AdBenchCase
{
    private readonly string _path;
    private readonly DiagonalLstm _model;
    private readonly double[] _at, _gradient;
    private double _value, _valueOfGradient;

    public LstmCase(string name, string path) : base(name)
    {
        _path = path;
        var file = new Tokens(path + ".in.txt");
        int layers = file.Int(), steps = file.Int(), width = file.Int();
        _at = file.Doubles((8 * layers + 3) * width);
        _gradient = new double[_at.Length];
        var state = file.Doubles(2 * layers * width);
        _model = new(layers, width, state, file.Doubles(steps * width));
    }

    public override void Objective() => _value = _model.Objective(_at);

    public override void Derivative() => _valueOfGradient = _model.Gradient(_at, _gradient);

    public override double WorstGap()
    {
        Objective();
        Derivative();
        var value = Tokens.All(_path + ".F.txt")[0];
        var gap = Math.Max(Gap(_value, value), Gap(_valueOfGradient, value));
        return Math.Max(gap, Gap(_gradient, Tokens.All(_path + ".J.txt")));
    }
}
