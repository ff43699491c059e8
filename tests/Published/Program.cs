using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using DiffLib;
using DiffLib.Published;

// A bit of everything that looks at types or makes code while it runs. Each line is a question and the bits of its answers.

Tensor x = Tensor.Linspace(-1, 2, 12).Reshape(4, 3);
var layer = new Layer(Tensor.Linspace(-0.5, 0.5, 6).Reshape(3, 2), Tensor.Of(0.25, -0.25));
Tensor Loss(Layer layer) => Tensor.Mean(Tensor.Pow(layer.Apply(x), 2));

Say("gradient of a record", Leaves(Diff.Gradient(Loss, layer)));
Say("gradient of a tuple", Leaves(Diff.Gradient(((Tensor A, Tensor B) p) => (p.A * Tensor.Exp(p.B)).Sum(), (x, x))));
Say("gradient of a dictionary", Leaves(Diff.Gradient((Dictionary<string, Tensor> p) => (p["a"] * p["b"]).Sum(), new() { ["a"] = x, ["b"] = x + 1 })));
Say("compiled gradient of a record", Leaves(Diff.Compile(Diff.Gradient((Layer l) => Loss(l)))(layer)));
Say("hessian", Diff.Hessian(x => Tensor.Sum(Tensor.Sin(x) * x), x[0]).ToArray());
Say("compiled hessian", Diff.Compile((Tensor x) => Diff.Hessian(x => Tensor.Sum(Tensor.Sin(x) * x), x))(x[0]).ToArray());
Say("examples in a batch", Diff.Vmap((Tensor row) => Diff.Gradient(r => Tensor.LogSumExp(r), row))(x).ToArray());
Say("linear algebra", Linalg.Solve(x.Transpose().MatMul(x) + Tensor.Eye(3), Tensor.Of(1, 2, 3)).ToArray());

var program = Diff.ProgramOf((Tensor x) => Diff.Gradient(x => Tensor.Sum(Tensor.Tanh(x) / (1 + x * x)), x), x);
var file = Path.GetTempFileName();
program.Save(file);
Say("a program from a file", Numbers(DiffLib.Program.Load(file).Run(x)));
File.Delete(file);

Say("a generic method, instantiated by the compiler", Scalars.Gradient);
Say("a generic method, instantiated while running", Scalars.GradientOfClosedMethod);
Say("a compiled generic method", Scalars.CompiledGradient);

CsrMatrix band = Diff.SparseJacobian(u => u[1..] * u[1..] - u[..^1], x.Reshape(12));
Say("a sparse Jacobian", band.Values.ToArray());
Say("a differential equation", Diff.Gradient(k => Ode.Solve((t, y, k) => -k * y, Tensor.Of(1.0), Tensor.Linspace(0, 1, 3), k)[^1].Sum(), Tensor.Of(0.5)).ToArray());
Say("random numbers", Tensor.RandomNormal(RandomKey.FromSeed(7), new[] { 5 }).ToArray());

Console.WriteLine($"generates code: {RuntimeFeature.IsDynamicCodeCompiled}");
return 0;

static IEnumerable<double> Leaves<T>(T tree) => Numbers(ParameterTree.Leaves(tree));

static void Say(string what, IEnumerable<double> numbers)
{
    var line = new StringBuilder(what).Append(':');
    foreach (var number in numbers) line.Append(' ').Append(BitConverter.DoubleToInt64Bits(number).ToString("x", CultureInfo.InvariantCulture));
    Console.WriteLine(line);
}

static IEnumerable<double> Numbers(IEnumerable<Tensor> tensors)
{
    foreach (var tensor in tensors)
        foreach (var number in tensor.ToArray())
            yield return number;
}

namespace DiffLib.Published
{
    /// <summary>Parameters as an application has them: nothing but the library's walk over trees uses its constructor and properties.</summary>
    public sealed record Layer(Tensor Weight, Tensor Bias)
    {
        /// <summary>tanh(x W + b).</summary>
        public Tensor Apply(Tensor x) => Tensor.Tanh(x.MatMul(Weight) + Bias);
    }

    /// <summary>The generic-math face.</summary>
    internal static class Scalars
    {
        private static readonly double[] At = [0.5, 2.0];

        private static T Energy<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => T.Exp(-x[0] * x[0]) + x[0] * T.Sin(x[1]);

        public static double[] Gradient => Diff.Gradient(Energy, at: At);

        public static double[] GradientOfClosedMethod => Diff.ValueAndGradient(Energy<double>, at: At).Gradient;

        public static double[] CompiledGradient
        {
            get
            {
                var gradient = new double[2];
                Diff.Compile(Energy, at: At).Gradient(At, gradient);
                return gradient;
            }
        }
    }
}
