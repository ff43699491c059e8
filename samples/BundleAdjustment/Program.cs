// Bundle adjustment: where 49 cameras stood and where 7776 points are, from 31843 places where the points were seen on photographs. Least squares by
// Levenberg and Marquardt's method; the Jacobian has 63686 rows and 23867 columns, of which a row needs 13; it costs 13 products. With a picture.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using DiffLib;
using DiffLib.Samples.BundleAdjustment;
using Spectre.Console;

var copies = Scene.Read(Path.Combine(AppContext.BaseDirectory, "data", "ba1_n49_m7776_p31843.txt.gz"));
var scene = copies.Scattered(RandomKey.FromSeed(3));
var table = new Table().AddColumns("problem", "unknowns", "cost before", "after", "miss before", "after (px)");

// The file as it is: every camera and every point is the same, and one place is to be met.
Solve("ADBench's copies", copies, out _, out _);

// Cameras and points around those of the file, seen with noise, then misplaced.
double[] found = Solve("a scene around them", scene, out double[] before, out var costs);
AnsiConsole.Write(table);

double[] after = Misses(scene, found);
var path = Path.Combine(AppContext.BaseDirectory, "bundle-adjustment.svg");
File.WriteAllText(path, Picture.Draw(before, after, costs));
AnsiConsole.WriteLine($"picture: {path}");

// What least squares leave of the noise: seven directions (moving, turning and scaling everything) are free.
int unknowns = found.Length - 7, residuals = 2 * scene.CameraOf.Length;
double expected = Scene.Noise * Math.Sqrt(2.0 * (residuals - unknowns) / residuals), left = RootMeanSquare(after);
AnsiConsole.WriteLine($"noise of {Scene.Noise} px an axis leaves {expected:F3} px when {unknowns} unknowns are fitted to {residuals} residuals; left are {left:F3} px");
if (Math.Abs(left / expected - 1) > 0.02) throw new InvalidOperationException("the adjustment did not reach the noise.");

double[] Solve(string name, Scene problem, out double[] misses, out List<double> steps)
{
    double[] start = problem.Start.ToArray();
    var adjustment = new Adjustment(problem);
    AnsiConsole.WriteLine($"{name}: pattern with {adjustment.Pattern.Count} places, {adjustment.Coloring.Count} colours, prepared in {adjustment.PreparationSeconds:F2} s");
    var costs = new List<double> { Adjustment.Cost(problem.Residuals(problem.Start).ToArray()) };
    double[] x = adjustment.Run(start, 25, p =>
    {
        costs.Add(p.Cost);
        AnsiConsole.WriteLine($"  {p.Iteration,2}: cost {p.Cost:E4}, damping {p.Damping:E0}, Jacobian {p.JacobianSeconds * 1000:F0} ms, step {p.SolveSeconds * 1000:F0} ms");
    });
    misses = Misses(problem, start);
    steps = costs;
    table.AddRow(name, $"{x.Length}", $"{costs[0]:E1}", $"{costs[^1]:E1}",
        $"{RootMeanSquare(misses):G3}", $"{RootMeanSquare(Misses(problem, x)):G3}");
    return x;
}

static double[] Misses(Scene scene, double[] unknowns) =>
    Tensor.Sqrt(Tensor.Square(scene.Residuals(Tensor.Of(unknowns)).Reshape(-1, 2) / scene.Weight).Sum(axis: 1)).ToArray();

static double RootMeanSquare(double[] misses) => Math.Sqrt(misses.Sum(miss => miss * miss) / misses.Length);
