using System;
using System.Collections.Generic;
using System.Linq;

namespace DiffLib.Benchmarks;

/// <summary>The workloads, each as a user would write it: compiled where that is how a user would run it, unless all is asked to be eager. Inputs are closed
/// formulas, no random numbers.</summary>
internal static class Workloads
{
    /// <summary>Nothing is compiled.</summary>
    public static bool Eager { get; set; }

    private static Func<T, TOut> Fast<T, TOut>(Func<T, TOut> f) => Eager ? f : Diff.Compile(f);

    private static Func<T1, T2, TOut> Fast<T1, T2, TOut>(Func<T1, T2, TOut> f) => Eager ? f : Diff.Compile(f);

    private static Func<T1, T2, T3, T4, TOut> Fast<T1, T2, T3, T4, TOut>(Func<T1, T2, T3, T4, TOut> f) => Eager ? f : Diff.Compile(f);

    private static Func<T1, T2, T3, TOut> Fast<T1, T2, T3, TOut>(Func<T1, T2, T3, TOut> f) => Eager ? f : Diff.Compile(f);

    /// <summary>Names and constructors; a constructed workload gives its check value at each call.</summary>
    public static IEnumerable<(string Name, Func<Func<double>> Make)> All =>
    [
        ("gemm_f64_256", () => Gemm(256, DType.Float64)),
        ("gemm_f64_1024", () => Gemm(1024, DType.Float64)),
        ("gemm_f32_1024", () => Gemm(1024, DType.Float32)),
        ("chain_grad_f64_1000", () => Chain(1_000)),
        ("chain_grad_f64_100000", () => Chain(100_000)),
        ("chain_grad_f64_10000000", () => Chain(10_000_000)),
        ("scalar_chain_grad_1000", () => ScalarChain(1000)),
        ("rosenbrock_grad_100", () => RosenbrockGradient(100)),
        ("rosenbrock_grad_100000", () => RosenbrockGradient(100_000)),
        ("rosenbrock_hessian_100", () => RosenbrockHessian(100)),
        ("mlp_784_128_10_step_b32", () => MlpStep([784, 128, 10], 32, Tensor.Relu)),
        ("mlp_784_128_10_step_b128", () => MlpStep([784, 128, 10], 128, Tensor.Relu)),
        ("mlp_784_128_10_step_b512", () => MlpStep([784, 128, 10], 512, Tensor.Relu)),
        ("mlp_64x4_tanh_step_b16", () => MlpStep([64, 64, 64, 64, 10], 16, Tensor.Tanh)),
        ("mlp_hvp_b128", () => MlpHvp(128)),
        ("per_sample_grads_b64", () => PerSampleGradients(64)),
        ("lenet_step_b64", () => LeNet(64)),
        ("residual_block_grad_b16", () => ResidualBlock(16)),
        ("lstm_cell_t32_b32_h128", () => Lstm(32, 32, 64, 128)),
        ("gp_marginal_likelihood_grad_256", () => GaussianProcess(256)),
        ("solve_grad_256", () => Solve(256)),
        ("batched_matmul_grad_64x32x48", BatchedMatMul),
    ];

    /// <summary>Element k, row-major, is scale·sin(0.7 k + 0.3 sin(1.3 k) + phase).</summary>
    private static Tensor Grid(int[] shape, DType dtype = DType.Float64, double scale = 1, double phase = 0)
    {
        var data = new double[shape.Aggregate(1, (n, s) => n * s)];
        for (var k = 0; k < data.Length; k++) data[k] = scale * Math.Sin(0.7 * k + 0.3 * Math.Sin(1.3 * k) + phase);
        return Tensor.FromArray(data, shape).Cast(dtype);
    }

    /// <summary>The classes (7 i) mod n, one-hot.</summary>
    private static Tensor Labels(int batch, int classes, DType dtype)
    {
        var labels = new long[batch];
        for (var i = 0; i < batch; i++) labels[i] = i * 7 % classes;
        return Tensor.OneHot(Tensor.FromArray(labels), classes, dtype);
    }

    private static Func<double> Gemm(int n, DType dtype)
    {
        Tensor a = Grid([n, n], dtype), b = Grid([n, n], dtype, phase: 1);
        return () => a.MatMul(b)[0, 0].ToDouble();
    }

    private static Func<double> Chain(int n)
    {
        var x = Grid([n]);
        var step = Fast((Tensor x) => Diff.ValueAndGradient(x => (Tensor.Tanh(1.5 * x + 0.25) * Tensor.Exp(-x * x)).Sum(), x));
        return () =>
        {
            var (y, g) = step(x);
            return y.ToDouble() + g[0].ToDouble();
        };
    }

    private static Func<double> ScalarChain(int n)
    {
        var x0 = Tensor.Scalar(0.3);
        var step = Fast((Tensor x0) => Diff.ValueAndGradient(x =>
        {
            for (var i = 0; i < n; i++) x = Tensor.Sin(x) * 1.01 + 0.01;
            return x;
        }, x0));
        return () =>
        {
            var (y, g) = step(x0);
            return y.ToDouble() + g.ToDouble();
        };
    }

    private static Tensor Rosenbrock(Tensor x)
    {
        Tensor a = x[..^1], b = x[1..];
        return (100 * Tensor.Pow(b - a * a, 2) + Tensor.Pow(1 - a, 2)).Sum();
    }

    private static Func<double> RosenbrockGradient(int n)
    {
        var x = Grid([n]) * 0.5 + 1;
        var step = Fast((Tensor x) => Diff.ValueAndGradient(Rosenbrock, x));
        return () =>
        {
            var (y, g) = step(x);
            return y.ToDouble() + g[1].ToDouble();
        };
    }

    private static Func<double> RosenbrockHessian(int n)
    {
        var x = Grid([n]) * 0.5 + 1;
        var hessian = Fast((Tensor x) => Diff.Hessian(Rosenbrock, x));
        return () => hessian(x)[0, 1].ToDouble();
    }

    private sealed record Dense(Tensor Weight, Tensor Bias);

    private static Dense[] DenseLayers(int[] sizes, DType dtype) =>
        [.. Enumerable.Range(0, sizes.Length - 1).Select(i => new Dense(
            Grid([sizes[i], sizes[i + 1]], dtype, 1 / Math.Sqrt(sizes[i]), i),
            Tensor.Zeros([sizes[i + 1]], dtype)))];

    private static Tensor Logits(Dense[] layers, Tensor x, Func<Tensor, Tensor> activation)
    {
        for (var i = 0; i < layers.Length; i++)
        {
            x = x.MatMul(layers[i].Weight) + layers[i].Bias;
            if (i + 1 < layers.Length) x = activation(x);
        }

        return x;
    }

    private static Tensor CrossEntropy(Tensor logits, Tensor oneHot) => -(logits.LogSoftmax() * oneHot).Sum() / oneHot.Shape[0];

    private static Func<double> MlpStep(int[] sizes, int batch, Func<Tensor, Tensor> activation)
    {
        var layers = DenseLayers(sizes, DType.Float32);
        var adam = new Adam<Dense[]>(layers, 1e-3);
        Tensor x = Grid([batch, sizes[0]], DType.Float32), y = Labels(batch, sizes[^1], DType.Float32);
        var step = Fast((Dense[] layers, Adam<Dense[]> adam, Tensor x, Tensor y) =>
        {
            var (loss, gradient) = Diff.ValueAndGradient((Dense[] p) => CrossEntropy(Logits(p, x, activation), y), layers);
            var (next, state) = adam.Step(layers, gradient);
            return (loss, next, state);
        });
        return () =>
        {
            (var loss, layers, adam) = step(layers, adam, x, y);
            return loss.ToDouble();
        };
    }

    /// <summary>Adam (Kingma and Ba 2015), bias-corrected, as a map from parameters, gradient and state to parameters and state.</summary>
    private sealed record Adam<T>(T First, T Second, Tensor Count, double Rate)
    {
        public Adam(T like, double rate)
            : this(ParameterTree.Map(t => Tensor.ZerosLike(t), like), ParameterTree.Map(t => Tensor.ZerosLike(t), like), Tensor.Scalar(0.0), rate) { }

        public (T Parameters, Adam<T> State) Step(T parameters, T gradient)
        {
            var count = Count + 1;
            var first = ParameterTree.Map((m, g) => 0.9 * m + 0.1 * g, First, gradient);
            var second = ParameterTree.Map((v, g) => 0.999 * v + 0.001 * (g * g), Second, gradient);
            Tensor size = Rate / (1 - Tensor.Pow(0.9, count)), correction = Tensor.Sqrt(1 - Tensor.Pow(0.999, count));
            var step = ParameterTree.Map((m, v) => size.Cast(m.DType) * m / (Tensor.Sqrt(v) / correction.Cast(m.DType) + 1e-8), first, second);
            return (ParameterTree.Map((p, d) => p - d, parameters, step), this with { First = first, Second = second, Count = count });
        }
    }

    private static Func<double> MlpHvp(int batch)
    {
        var layers = DenseLayers([784, 128, 10], DType.Float64);
        Tensor x = Grid([batch, 784]), y = Labels(batch, 10, DType.Float64);
        var direction = ParameterTree.Map(p => Grid(p.Shape.ToArray(), phase: 2), layers);
        var product = Fast((Dense[] layers, Dense[] direction) => Diff.Hvp((Dense[] p) => CrossEntropy(Logits(p, x, Tensor.Tanh), y), layers, direction));
        return () => product(layers, direction)[0].Weight[0, 0].ToDouble();
    }

    private static Func<double> PerSampleGradients(int batch)
    {
        var layers = DenseLayers([784, 32, 10], DType.Float32);
        Tensor x = Grid([batch, 784], DType.Float32), y = Labels(batch, 10, DType.Float32);
        var gradients = Fast((Dense[] layers, Tensor x, Tensor y) => Diff.Vmap(
            (Tensor xi, Tensor yi) => Diff.Gradient((Dense[] p) => CrossEntropy(Logits(p, xi.ExpandDims(0), Tensor.Relu), yi.ExpandDims(0)), layers))(x, y));
        return () => gradients(layers, x, y)[0].Weight[3, 0, 0].ToDouble();
    }

    private sealed record LeNetParameters(Tensor First, Tensor Second, Dense[] Dense);

    private static Func<double> LeNet(int batch)
    {
        var p = new LeNetParameters(Grid([6, 1, 5, 5], DType.Float32, 0.2), Grid([16, 6, 5, 5], DType.Float32, 0.08, 1), DenseLayers([256, 120, 84, 10], DType.Float32));
        var velocity = ParameterTree.Map(t => Tensor.ZerosLike(t), p);
        Tensor x = Grid([batch, 1, 28, 28], DType.Float32), y = Labels(batch, 10, DType.Float32);
        var step = Fast((LeNetParameters p, LeNetParameters velocity, Tensor x, Tensor y) =>
        {
            var (loss, gradient) = Diff.ValueAndGradient((LeNetParameters q) =>
            {
                var h = Nn.MaxPool2D(Tensor.Relu(Nn.Conv2D(x, q.First)), 2);
                h = Nn.MaxPool2D(Tensor.Relu(Nn.Conv2D(h, q.Second)), 2);
                return CrossEntropy(Logits(q.Dense, h.Flatten(1), Tensor.Relu), y);
            }, p);
            velocity = ParameterTree.Map((v, g) => 0.9 * v + g, velocity, gradient);
            return (loss, ParameterTree.Map((t, v) => t - 0.01 * v, p, velocity), velocity);
        });
        return () =>
        {
            (var loss, p, velocity) = step(p, velocity, x, y);
            return loss.ToDouble();
        };
    }

    private sealed record Block(Tensor FirstKernel, Tensor SecondKernel, Tensor FirstScale, Tensor FirstShift, Tensor SecondScale, Tensor SecondShift);

    private static Func<double> ResidualBlock(int batch)
    {
        // four tensors of their own: one in two places would be one parameter
        Tensor Ones() => Tensor.Ones([32], DType.Float32);
        Tensor Zeros() => Tensor.Zeros([32], DType.Float32);
        var p = new Block(Grid([32, 32, 3, 3], DType.Float32, 0.06), Grid([32, 32, 3, 3], DType.Float32, 0.06, 1), Ones(), Zeros(), Ones(), Zeros());
        var x = Grid([batch, 32, 28, 28], DType.Float32);
        var step = Fast((Block p, Tensor x) => Diff.ValueAndGradient((Block q) =>
        {
            var h = Tensor.Relu(Nn.BatchNorm(Nn.Conv2D(x, q.FirstKernel, padding: 1), q.FirstScale, q.FirstShift).Output);
            h = Tensor.Relu(x + Nn.BatchNorm(Nn.Conv2D(h, q.SecondKernel, padding: 1), q.SecondScale, q.SecondShift).Output);
            return (h * h).Mean();
        }, p));
        return () =>
        {
            var (loss, g) = step(p, x);
            return loss.ToDouble() + g.FirstScale[0].ToDouble();
        };
    }

    private static Func<double> Lstm(int steps, int batch, int inputs, int hidden)
    {
        var wx = Grid([inputs, 4 * hidden], DType.Float32, 0.1);
        var wh = Grid([hidden, 4 * hidden], DType.Float32, 0.1, 1);
        var b = Tensor.Zeros([4 * hidden], DType.Float32);
        var x = Grid([steps, batch, inputs], DType.Float32);
        var step = Fast((Tensor wx, Tensor wh, Tensor b) =>
            Diff.ValueAndGradient((wx, wh, b) =>
            {
                Tensor h = Tensor.Zeros([batch, hidden], DType.Float32), c = h;
                for (var t = 0; t < steps; t++)
                {
                    var gates = x[t].MatMul(wx) + h.MatMul(wh) + b;
                    Tensor Gate(int k) => gates[.., (k * hidden)..((k + 1) * hidden)];
                    c = Tensor.Sigmoid(Gate(1)) * c + Tensor.Sigmoid(Gate(0)) * Tensor.Tanh(Gate(2));
                    h = Tensor.Sigmoid(Gate(3)) * Tensor.Tanh(c);
                }

                return (h * h).Mean();
            }, (wx, wh, b)));
        return () =>
        {
            var (loss, g) = step(wx, wh, b);
            return loss.ToDouble() + g.Item3[0].ToDouble();
        };
    }

    private static Func<double> GaussianProcess(int n)
    {
        var x = Grid([n, 3]);
        var y = Tensor.Sin(x.Sum(1));
        var squared = Tensor.Pow(x.ExpandDims(1) - x.ExpandDims(0), 2).Sum(-1);
        var theta = Tensor.Of(0.1, -0.2, -2.0);
        var step = Fast((Tensor theta) => Diff.ValueAndGradient(theta =>
            {
                var k = Tensor.Exp(2 * theta[0]) * Tensor.Exp(-0.5 * squared * Tensor.Exp(-2 * theta[1])) + Tensor.Exp(2 * theta[2]) * Tensor.Eye(n);
                var l = Linalg.Cholesky(k);
                var a = Linalg.SolveTriangular(l, y.ExpandDims(1), upper: false);
                return 0.5 * (a * a).Sum() + Tensor.Log(l.Diagonal()).Sum();
            }, theta));
        return () =>
        {
            var (loss, g) = step(theta);
            return loss.ToDouble() + g[0].ToDouble();
        };
    }

    private static Func<double> Solve(int n)
    {
        var a = Grid([n, n]) / n + 2 * Tensor.Eye(n);
        var b = Grid([n, 1], phase: 1);
        var gradient = Fast((Tensor a) => Diff.Gradient(a => Tensor.Pow(Linalg.Solve(a, b), 2).Sum(), a));
        return () => gradient(a)[0, 0].ToDouble();
    }

    private static Func<double> BatchedMatMul()
    {
        Tensor a = Grid([64, 32, 48]), b = Grid([64, 48, 32], phase: 1);
        var step = Fast((Tensor a, Tensor b) => Diff.ValueAndGradient((a, b) => Tensor.Tanh(a.MatMul(b)).Sum(), (a, b)));
        return () =>
        {
            var (y, g) = step(a, b);
            return y.ToDouble() + g.Item1[0, 0, 0].ToDouble() + g.Item2[0, 0, 0].ToDouble();
        };
    }
}
