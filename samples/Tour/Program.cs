using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using DiffLib;
using DiffLib.Samples.Tour;
using MathNet.Numerics.Optimization;
using Spectre.Console;

// A classifier of penguins, as a tour of the library: a model that is a record, its derivative in three ways, and two ways down.

var data = Penguins.Load(Path.Combine(AppContext.BaseDirectory, "data", "penguins.csv"));
var (train, test) = data.Split();
var start = Classifier.Random(RandomKey.FromSeed(7));
AnsiConsole.MarkupLine($"[bold]DiffLib tour[/]: {data.Count} penguins, {ParameterTree.Count(start)} parameters in a C# record.\n");

// 1. The gradient is a Classifier, too. Forward mode, reverse mode and differences agree.
Tensor Loss(Classifier model) => model.Loss(train);
var reverse = ParameterTree.ToVector(Diff.Gradient<Classifier>(Loss, start));
var point = ParameterTree.ToVector(start);
Tensor LossOfVector(Tensor x) => Loss(ParameterTree.FromVector(start, x));
double Forward(int k) => Diff.Jvp(LossOfVector, point, Unit(k)).Tangent.ToDouble();
double Difference(int k) => (LossOfVector(point + 1e-5 * Unit(k)) - LossOfVector(point - 1e-5 * Unit(k))).ToDouble() / 2e-5;
Tensor Unit(int k) => Tensor.OneHot(Tensor.FromArray(new[] { k }), point.Count)[0];

var table = new Table().AddColumns("parameter", "forward", "reverse", "differences");
table.Columns.Skip(1).ToList().ForEach(column => column.RightAligned());
foreach (var k in Enumerable.Range(0, point.Count).Where(k => k % 10 == 0))
    table.AddRow($"{k}", $"{Forward(k):F12}", $"{reverse[k].ToDouble():F12}", $"{Difference(k):F12}");
AnsiConsole.Write(table);
var worst = Enumerable.Range(0, point.Count).Max(k => Math.Abs(Forward(k) - reverse[k].ToDouble()));
AnsiConsole.MarkupLine($"Largest gap between forward and reverse over all {point.Count}: [green]{worst:E1}[/]\n");

// 2. MathNet's L-BFGS with our gradient: one line.
List<double> quick = [];
Tensor Watched(Classifier model)
{
    var loss = Loss(model);
    quick.Add(loss.ToDouble());
    return loss;
}

var result = new LimitedMemoryBfgsMinimizer(1e-5, 1e-10, 1e-10, 10, 500).FindMinimum(Objective.From<Classifier>(Watched, start), Objective.Start(start));
var fitted = Objective.Read(start, result.MinimizingPoint);
AnsiConsole.MarkupLine($"[bold]L-BFGS (MathNet)[/]: loss {quick[^1]:F5} after {result.Iterations} iterations, {quick.Count} evaluations ({result.ReasonForExit}).");

// 3. Gradient descent, written by hand.
List<double> slow = [];
var model = start;
const int steps = 3000;
for (var step = 0; step < steps; step++)
{
    var (loss, gradient) = Diff.ValueAndGradient<Classifier>(Loss, model);
    slow.Add(loss.ToDouble());
    if (step % 500 == 0) AnsiConsole.WriteLine($"  gradient descent, step {step,4}: loss {slow[^1]:F5}");
    model = ParameterTree.Map((p, g) => p - 0.5 * g, model, gradient);
}

AnsiConsole.MarkupLine($"[bold]Gradient descent[/]: loss {slow[^1]:F5} after {steps} steps.\n");

// 4. How good it is.
var scores = new Table().AddColumns("model", "train accuracy", "test accuracy");
scores.AddRow("start", $"{start.Accuracy(train):P1}", $"{start.Accuracy(test):P1}");
scores.AddRow("L-BFGS", $"{fitted.Accuracy(train):P1}", $"{fitted.Accuracy(test):P1}");
scores.AddRow("gradient descent", $"{model.Accuracy(train):P1}", $"{model.Accuracy(test):P1}");
AnsiConsole.Write(scores);

var picture = Path.GetFullPath(args.Length > 0 ? args[0] : "penguins.svg");
Picture.Write(picture, data, fitted, [("L-BFGS", quick), ("gradient descent", slow)]);
AnsiConsole.MarkupLine($"Picture: [blue]{Markup.Escape(picture)}[/]");
return 0;
