using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using DiffLib;
using DiffLib.Samples.TrainingStep;
using Spectre.Console;

// A training step as one compiled function: gradient, dropout, Adam and the key of the next step. The same step, not compiled, beside it.

const int batchSize = 100, epochs = 12, compared = 12;
var clock = Stopwatch.StartNew();
var folder = Path.Combine(AppContext.BaseDirectory, "data");
var (train, test) = (Clothes.Load(folder, "train"), Clothes.Load(folder, "test"));
Func<Training, Clothes, Tensor, (Training, Tensor)> plain = (state, batch, rate) => state.After(batch, rate);
var compiled = Diff.Compile(plain);
var accuracyOf = Diff.Compile((Network net, Clothes data) => Tensor.Equal(net.Scores(data.Images).ArgMax(1), data.Classes).Cast(DType.Float64).Mean());

var start = Training.Start(RandomKey.FromSeed(2026));
AnsiConsole.MarkupLine($"[bold]A training step[/]: {train.Count} pictures of clothes, {ParameterTree.Count(start.Network)} parameters, batches of {batchSize}.\n");

// 1. The two in turn over the same batches: equal losses, different times. The first compiled step traces and compiles.
var first = Stopwatch.StartNew();
compiled(start, Batch(0), Rate(0));
var compileTime = first.Elapsed;
plain(start, Batch(0), Rate(0));
var (fast, slow) = (start, start);
var (fastTimes, slowTimes) = (new List<double>(), new List<double>());
var apart = 0.0;
for (var step = 0; step < compared; step++)
{
    var (batch, rate) = (Batch(step), Rate(step));
    (fast, var fastLoss) = Timed(fastTimes, () => compiled(fast, batch, rate));
    (slow, var slowLoss) = Timed(slowTimes, () => plain(slow, batch, rate));
    apart = Math.Max(apart, Math.Abs(fastLoss.ToDouble() - slowLoss.ToDouble()));
}

var table = new Table().AddColumns("step", "milliseconds, median of " + compared, "first call");
table.AddRow("compiled", $"{Median(fastTimes):F1}", $"{compileTime.TotalMilliseconds:F0} ms, traced and compiled");
table.AddRow("as it is", $"{Median(slowTimes):F1}", "");
AnsiConsole.Write(table);
AnsiConsole.MarkupLine($"{Median(slowTimes) / Median(fastTimes):F2} times faster; the losses differ by {apart:E1} at most. Traced {CompiledFunction.Of(compiled).TraceCount} time.\n");

// 2. Training, every step compiled.
var (losses, accuracies) = (new List<double>(), new List<double>());
var state = start;
var steps = train.Count / batchSize;
for (var step = 0; step < epochs * steps; step++)
{
    (state, var loss) = compiled(state, Batch(step), Rate(step));
    losses.Add(loss.ToDouble());
    if (step % steps != steps - 1) continue;
    accuracies.Add(accuracyOf(state.Network, test).ToDouble());
    AnsiConsole.WriteLine($"  epoch {(step / steps) + 1,2}: loss {losses[^1]:F3}, test accuracy {accuracies[^1]:P1}");
}

var picture = Path.GetFullPath(args.Length > 0 ? args[0] : "training-step.svg");
File.WriteAllText(picture, Picture.Draw(losses, accuracies));
AnsiConsole.MarkupLine($"\nAccuracy on {test.Count} pictures it has not seen: [green]{accuracies[^1]:P1}[/], after {clock.Elapsed.TotalSeconds:F1} s in all.");
AnsiConsole.MarkupLine($"Picture: [blue]{Markup.Escape(picture)}[/]");
return accuracies[^1] > 0.75 && apart < 1e-3 ? 0 : 1;

// the batches of an epoch are a random order, cut up
Clothes Batch(int step)
{
    var perEpoch = train.Count / batchSize;
    var order = Tensor.RandomPermutation(RandomKey.FromSeed(5).Fold((ulong)(step / perEpoch)), train.Count);
    var at = step % perEpoch * batchSize;
    return train.Take(order[at..(at + batchSize)]);
}

// falls from 0.002 to nearly nothing along half a cosine; a tensor, so that it is an input and no program is made anew, and a float32, so that nothing becomes float64
Tensor Rate(int step) => Tensor.Scalar(0.001 * (1 + Math.Cos(Math.PI * step / (epochs * (train.Count / batchSize)))), DType.Float32);

static T Timed<T>(List<double> times, Func<T> step)
{
    var watch = Stopwatch.StartNew();
    var result = step();
    times.Add(watch.Elapsed.TotalMilliseconds);
    return result;
}

static double Median(List<double> times)
{
    times.Sort();
    return times[times.Count / 2];
}
