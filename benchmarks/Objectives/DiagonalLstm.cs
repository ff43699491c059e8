using System;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>
/// The loss of a character model: layers of long short-term memory whose gates are elementwise, over one sequence. The gates that see a layer's input are computed for all
/// steps at once; what depends on the state goes through a scan.
/// </summary>
public sealed class DiagonalLstm
{
    private readonly int _layers, _width;
    private readonly Tensor _inputs, _targets;
    private readonly Tensor[] _hidden, _cells;
    private readonly Func<Tensor, Tensor, Tensor> _loss;
    private readonly Func<Tensor, Tensor, (Tensor, (Tensor, Tensor))> _gradient;

    /// <summary>Takes the data.</summary>
    /// <param name="layers">L.</param>
    /// <param name="width">b, the bits of a character.</param>
    /// <param name="state">For each layer b numbers of hidden state, then b of cell state: 2 L b.</param>
    /// <param name="sequence">The characters' bits, b each.</param>
    public DiagonalLstm(int layers, int width, ReadOnlySpan<double> state, ReadOnlySpan<double> sequence)
    {
        (_layers, _width) = (layers, width);
        var steps = sequence.Length / width - 1;
        _inputs = Tensor.FromSpan(sequence[..(steps * width)], steps, width);
        _targets = Tensor.FromSpan(sequence[width..], steps, width);
        (_hidden, _cells) = (new Tensor[layers], new Tensor[layers]);
        for (var layer = 0; layer < layers; layer++)
        {
            _hidden[layer] = Tensor.FromSpan(state.Slice(2 * layer * width, width), width);
            _cells[layer] = Tensor.FromSpan(state.Slice((2 * layer + 1) * width, width), width);
        }

        _loss = Diff.Compile<Tensor, Tensor, Tensor>(Loss);
        _gradient = Diff.Compile((Tensor main, Tensor extra) => Diff.ValueAndGradient(Loss, (main, extra)));
    }

    /// <summary>How many parameters there are: 8 L b of the layers and 3 b of input and output.</summary>
    public int Parameters => (8 * _layers + 3) * _width;

    /// <summary>The loss.</summary>
    /// <param name="parameters">For each layer the weights and then the biases of forget, input, output and change, b each; then input weight, output weight, output bias.</param>
    public double Objective(ReadOnlySpan<double> parameters) => _loss(Main(parameters), Extra(parameters)).ToDouble();

    /// <summary>The loss and its gradient.</summary>
    /// <param name="parameters">As for <see cref="Objective"/>.</param>
    /// <param name="gradient">Receives the derivatives, in the order of the parameters.</param>
    public double Gradient(ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        var (loss, (main, extra)) = _gradient(Main(parameters), Extra(parameters));
        var split = 8 * _layers * _width;
        main.CopyTo(gradient[..split]);
        extra.CopyTo(gradient[split..]);
        return loss.ToDouble();
    }

    private Tensor Main(ReadOnlySpan<double> parameters) => Tensor.FromSpan(parameters[..(8 * _layers * _width)], _layers, 8, _width);

    private Tensor Extra(ReadOnlySpan<double> parameters) => Tensor.FromSpan(parameters[(8 * _layers * _width)..], 3, _width);

    private Tensor Loss(Tensor main, Tensor extra)
    {
        var x = _inputs * extra[0];
        for (var layer = 0; layer < _layers; layer++) x = Layer(main[layer], _hidden[layer], _cells[layer], x);
        var y = x * extra[1] + extra[2];
        var z = Tensor.Log(2 + Tensor.Exp(y).Sum(1, keepAxes: true));
        return -(_targets * (y - z)).Mean();
    }

    /// <summary>The hidden states of a layer after every step, [steps, b].</summary>
    private static Tensor Layer(Tensor p, Tensor hidden, Tensor cell, Tensor x)
    {
        Tensor inputWeight = p[1], changeWeight = p[3], inputBias = p[5], changeBias = p[7];
        var forget = Tensor.Sigmoid(x * p[0] + p[4]);
        var output = Tensor.Sigmoid(x * p[2] + p[6]);
        var (_, states) = Diff.Scan(((Tensor Hidden, Tensor Cell) s, (Tensor Forget, Tensor Output) gates) =>
        {
            var input = Tensor.Sigmoid(s.Hidden * inputWeight + inputBias);
            var change = Tensor.Tanh(s.Hidden * changeWeight + changeBias);
            var next = s.Cell * gates.Forget + input * change;
            var shown = gates.Output * Tensor.Tanh(next);
            return ((shown, next), shown);
        }, (hidden, cell), (forget, output));
        return states;
    }
}
