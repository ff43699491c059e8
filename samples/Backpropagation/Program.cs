using System;
using System.Collections.Generic;
using DiffLib;

// Back-propagation on paper, and by the library: the classic textbook examples, small enough to follow by hand.

// 1. A net of three layers, y = s(W3 s(W2 s(W1 x))): the derivative of y by every weight.
Tensor x = Tensor.Of(0.5, -1);
Weights weights = new(
    W1: new double[,] { { 0.1, 0.2 }, { -0.3, 0.4 }, { 0.5, -0.6 } },
    W2: new double[,] { { 0.2, -0.1, 0.4 }, { 0.3, 0.5, -0.2 } },
    W3: new double[,] { { 0.7, -0.8 } });

var (y, gradient) = Diff.ValueAndGradient(w => w.Apply(x), weights);
Console.WriteLine($"y = {y.ToDouble():F12}");
foreach (var (name, leaf) in ParameterTree.NamedLeaves(gradient)) Console.WriteLine($"dy/d{name} =\n{Table(leaf)}");

// 2. A straight line through one house: loss = (θ₂ · size + θ₁ - price)². Every arrow of the drawing has its number.
using var tape = new GradientTape();
Tensor theta1 = tape.Watch(10_000.0), theta2 = tape.Watch(123.0);
Tensor c1 = theta2 * 2_500;
Tensor prediction = c1 + theta1;
Tensor c2 = prediction - 360_000;
Tensor loss = c2 * c2;
var arrows = new Dictionary<string, Tensor> { ["c2"] = c2, ["prediction"] = prediction, ["c1"] = c1, ["theta1"] = theta1, ["theta2"] = theta2 };
Console.WriteLine($"loss = {loss.ToDouble():N0}");
foreach (var (name, slope) in tape.Gradient(loss, arrows)) Console.WriteLine($"dloss/d{name,-10} = {slope.ToDouble(),14:N0}");

static string Table(Tensor matrix)
{
    var rows = matrix.ToArray2D<double>();
    var text = new List<string>();
    for (var i = 0; i < rows.GetLength(0); i++)
    {
        var cells = new List<string>();
        for (var j = 0; j < rows.GetLength(1); j++) cells.Add($"{rows[i, j],16:F12}");
        text.Add(string.Concat(cells));
    }

    return string.Join('\n', text);
}

/// <summary>Three matrices of weights; their gradient is three matrices, too.</summary>
internal sealed record Weights(Tensor W1, Tensor W2, Tensor W3)
{
    public Tensor Apply(Tensor x) => Tensor.Sigmoid(W3.MatMul(Tensor.Sigmoid(W2.MatMul(Tensor.Sigmoid(W1.MatMul(x))))));
}
