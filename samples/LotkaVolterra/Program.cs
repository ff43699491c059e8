// Hares and lynxes: the rates of a predator-prey model are found from noisy counts, by least squares with exact derivatives through the
// integration; the adjoint equation gives the same gradient; the curvature at the optimum gives the errors of the rates. With a picture.
using System;
using System.IO;
using DiffLib;
using DiffLib.Samples.LotkaVolterra;
using MathNet.Numerics.Optimization;
using Spectre.Console;

// What nature knows, and what was counted: 30 visits, each count off by some ten percent.
var truth = new Species(Growth: Tensor.Scalar(0.9), Predation: Tensor.Scalar(0.12), Death: Tensor.Scalar(0.7), Conversion: Tensor.Scalar(0.05), Start: Tensor.Of(12, 5));
Tensor times = Tensor.Linspace(0, 22, 31);
Tensor counts = Model.Populations(truth, times) * Tensor.Exp(0.1 * Tensor.RandomNormal(RandomKey.FromSeed(11), new Shape(31, 2)));

// The model predicts logarithms, whose errors are alike. Everything positive is looked for as a logarithm, too.
Tensor observed = Tensor.Log(counts).Ravel();
Tensor Predict(Species logs) => Tensor.Log(Model.Populations(ParameterTree.Map(Tensor.Exp, logs), times)).Ravel();

var guess = ParameterTree.Map(Tensor.Log, new Species(Tensor.Scalar(0.7), Tensor.Scalar(0.1), Tensor.Scalar(0.6), Tensor.Scalar(0.06), counts[0]));
var fit = new LevenbergMarquardtMinimizer().FindMinimum(Objective.Model<Species>(Predict, guess, observed.ToVector<double>()), Objective.Start(guess));
var logs = Objective.Read(guess, fit.MinimizingPoint);
var found = ParameterTree.Map(Tensor.Exp, logs);

// Gradients of the misfit by three ways: through the steps, by the adjoint equation, forward one direction at a time.
Tensor point = ParameterTree.ToVector(guess);
Tensor Misfit(Tensor x, OdeDerivative way) =>
    Tensor.Square(Tensor.Log(Model.Populations(ParameterTree.Map(Tensor.Exp, ParameterTree.FromVector(guess, x)), times, way)).Ravel() - observed).Sum();

Tensor discrete = Diff.Gradient(x => Misfit(x, OdeDerivative.Discrete), point);
Tensor adjoint = Diff.Gradient(x => Misfit(x, OdeDerivative.Adjoint), point);
Tensor forward = Diff.Jacobian(x => Misfit(x, OdeDerivative.Discrete), point, JacobianMode.Forward);
AnsiConsole.WriteLine($"gradients at the guess: discrete and forward differ by {Tensor.Abs(discrete - forward).Max().ToDouble():E1}, discrete and adjoint by {Tensor.Abs(discrete - adjoint).Max().ToDouble():E1}, of {Tensor.Abs(discrete).Max().ToDouble():F1}");

// The errors of the rates: the inverse of half the Hessian of the misfit, times the variance of what is left.
Tensor best = ParameterTree.ToVector(logs);
double variance = Misfit(best, OdeDerivative.Discrete).ToDouble() / (observed.Count - best.Count);
Tensor errors = Tensor.Sqrt(2 * variance * Linalg.Inverse(Diff.Hessian(x => Misfit(x, OdeDerivative.Discrete), best)).Diagonal());

var table = new Table().AddColumns("rate", "true", "found", "relative error");
string[] names = ["growth of hares", "predation", "death of lynxes", "conversion", "hares at the start", "lynxes at the start"];
var (exact, values) = (ParameterTree.ToVector(truth), ParameterTree.ToVector(found));
for (var k = 0; k < names.Length; k++)
    table.AddRow(names[k], $"{exact[k].ToDouble():G4}", $"{values[k].ToDouble():G4}", $"{100 * errors[k].ToDouble():F1} %");
AnsiConsole.Write(table);
AnsiConsole.WriteLine($"{fit.Iterations} iterations, noise {Math.Sqrt(variance):P1}");

var path = Path.Combine(AppContext.BaseDirectory, "lotka-volterra.svg");
Tensor fine = Tensor.Linspace(0, 22, 441);
File.WriteAllText(path, Picture.Draw(times, counts, fine, Model.Populations(found, fine), Model.Populations(truth, fine)));
AnsiConsole.WriteLine($"picture: {path}");

// A sample that fits badly should fail, not smile.
for (var k = 0; k < names.Length; k++)
    if (Math.Abs(Math.Log(values[k].ToDouble() / exact[k].ToDouble())) > 4 * errors[k].ToDouble())
        throw new InvalidOperationException($"{names[k]}: {values[k]} is too far from {exact[k]}.");
