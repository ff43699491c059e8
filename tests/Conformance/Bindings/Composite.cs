using System;
using System.Globalization;
using System.Linq;

namespace DiffLib.Conformance.Bindings;

/// <summary>Whole programs, written as a user would write them.</summary>
internal static class CompositeBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        Models(r);
        Finance(r);
        Networks(r);
        Nested(r);
        r.Add("control_flow", call => ControlFlow(call.Named("x")));
    }

    private static void Models(Registry r)
    {
        r.Add("rosenbrock", call => Rosenbrock(call.Named("x")));
        r.Add("logistic_regression", LogisticRegression);
        r.Add("gmm_loglik", call => GaussianMixture(call.Named("X"), call.Named("alpha"), call.Named("mu"), call.Named("q"), call.Named("l")));
        r.Add("matrix_factorisation", MatrixFactorisation);
        r.Add("kalman_loglik", Kalman);
        r.Add("lotka_volterra_rk4", call => LotkaVolterra(call.Named("theta"), call.Named("y0"), call.Expression));
        r.Add("mvn_logpdf", call => MultivariateNormal(call.Named("x"), call.Named("mu"), call.Named("A")));
        r.Add("gp_nll", call => GaussianProcess(call.Named("X"), call.Named("y"), call.Named("log_theta")));
        r.Add("vae_elbo_terms", VariationalTerms);
    }

    private static Tensor Rosenbrock(Tensor x) =>
        ((100 * Tensor.Square(x[1..] - Tensor.Square(x[..^1]))) + Tensor.Square(1 - x[..^1])).Sum();

    private static Tensor LogisticRegression(Call call)
    {
        var (X, y, w, b) = (call.Named("X"), call.Named("y"), call.Named("w"), call.Named("b"));
        var z = X.MatMul(w) + b;
        return (Tensor.Softplus(z) - (y * z)).Mean() + (0.05 * Tensor.Square(w).Sum());
    }

    private static Tensor GaussianMixture(Tensor x, Tensor alpha, Tensor mu, Tensor q, Tensor l)
    {
        var (n, d, k) = (x.Shape[0], x.Shape[1], alpha.Shape[0]);
        var scores = Enumerable.Range(0, k).Select(component =>
        {
            // Q = diag(exp(q)) + the strictly lower triangle, row by row
            var difference = x - mu[component];
            var rows = Enumerable.Range(0, d).Select(i =>
            {
                var y = Tensor.Exp(q[component, i]) * difference[.., i];
                for (var j = 0; j < i; j++) y += l[component, (i * (i - 1) / 2) + j] * difference[.., j];
                return Tensor.Square(y);
            });
            return alpha[component] + q[component].Sum() - (0.5 * rows.Aggregate((a, b) => a + b));
        }).ToArray();
        return (-0.5 * n * d * Math.Log(2 * Math.PI)) + Tensor.Stack(scores, 1).LogSumExp(1).Sum() - (n * alpha.LogSumExp());
    }

    private static Tensor MatrixFactorisation(Call call)
    {
        var (R, mask, U, V) = (call.Named("R"), call.Named("mask"), call.Named("U"), call.Named("V"));
        var error = R - U.MatMul(V.T);
        return (mask * Tensor.Square(error)).Sum() + (0.1 * (Tensor.Square(U).Sum() + Tensor.Square(V).Sum()));
    }

    private static Tensor Kalman(Call call)
    {
        var (Y, A, C, m) = (call.Named("Y"), call.Named("A"), call.Named("C"), call.Named("m0"));
        var (Q, R) = (Tensor.Exp(call.Named("log_q")).Diag(), Tensor.Exp(call.Named("log_r")).Diag());
        var P = Tensor.Eye(m.Count);
        Tensor likelihood = 0.0;
        for (var t = 0; t < Y.Shape[0]; t++)
        {
            m = A.MatMul(m);
            P = A.MatMul(P).MatMul(A.T) + Q;
            var S = C.MatMul(P).MatMul(C.T) + R;
            var v = Y[t] - C.MatMul(m);
            likelihood -= 0.5 * (v.Dot(Linalg.Solve(S, v)) + Linalg.LogDet(S) + (v.Count * Math.Log(2 * Math.PI)));
            var K = Linalg.Solve(S, C.MatMul(P.T)).T;
            m += K.MatMul(v);
            P -= K.MatMul(C).MatMul(P);
        }

        return likelihood;
    }

    /// <summary>The expression begins with the number of steps and names dt.</summary>
    private static Tensor LotkaVolterra(Tensor theta, Tensor y0, string expression)
    {
        var steps = int.Parse(expression.Split(' ')[0], CultureInfo.InvariantCulture);
        var dt = double.Parse(expression.Split("dt = ")[1].Split(';')[0], CultureInfo.InvariantCulture);
        Tensor Slope(Tensor y) => Tensor.Stack((theta[0] * y[0]) - (theta[1] * y[0] * y[1]), (-theta[2] * y[1]) + (theta[3] * y[0] * y[1]));
        var y = y0;
        for (var step = 0; step < steps; step++)
        {
            var k1 = Slope(y);
            var k2 = Slope(y + (0.5 * dt * k1));
            var k3 = Slope(y + (0.5 * dt * k2));
            var k4 = Slope(y + (dt * k3));
            y += dt / 6 * (k1 + (2 * k2) + (2 * k3) + k4);
        }

        return y;
    }

    private static Tensor MultivariateNormal(Tensor x, Tensor mu, Tensor A)
    {
        var n = x.Count;
        var L = Linalg.Cholesky(A.MatMul(A.T) + Tensor.Eye(n));
        var z = Linalg.SolveTriangular(L, x - mu, upper: false);
        return (-0.5 * z.Dot(z)) - Tensor.Log(L.Diagonal()).Sum() - (0.5 * n * Math.Log(2 * Math.PI));
    }

    private static Tensor GaussianProcess(Tensor X, Tensor y, Tensor logTheta)
    {
        var theta = Tensor.Exp(logTheta);
        var (length, signal, noise) = (theta[0], theta[1], theta[2]);
        var n = y.Count;
        var squares = Tensor.Square(X.ExpandDims(1) - X.ExpandDims(0)).Sum(-1);
        var K = (Tensor.Square(signal) * Tensor.Exp(-0.5 * squares / Tensor.Square(length))) + ((Tensor.Square(noise) + 1e-8) * Tensor.Eye(n));
        var L = Linalg.Cholesky(K);
        var z = Linalg.SolveTriangular(L, y, upper: false);
        return (0.5 * z.Dot(z)) + Tensor.Log(L.Diagonal()).Sum() + (0.5 * n * Math.Log(2 * Math.PI));
    }

    private static Tensor VariationalTerms(Call call)
    {
        var (mu, logvar, eps) = (call.Named("mu"), call.Named("logvar"), call.Named("eps"));
        var sample = mu + (Tensor.Exp(0.5 * logvar) * eps);
        return Tensor.Square(Tensor.Sin(sample)).Sum() + (0.5 * (Tensor.Exp(logvar) + Tensor.Square(mu) - 1 - logvar).Sum());
    }

    private static void Finance(Registry r)
    {
        r.AddMany("black_scholes", BlackScholes);
        r.AddMany("black_scholes/vector", BlackScholes);
    }

    private static Tensor[] BlackScholes(Call call)
    {
        var (S, K, T, r, sigma) = (call.Named("S"), call.Named("K"), call.Named("T"), call.Named("r"), call.Named("sigma"));
        var width = sigma * Tensor.Sqrt(T);
        var d1 = (Tensor.Log(S / K) + ((r + (0.5 * Tensor.Square(sigma))) * T)) / width;
        var d2 = d1 - width;
        var discounted = K * Tensor.Exp(-r * T);
        return
        [
            (S * Tensor.Ndtr(d1)) - (discounted * Tensor.Ndtr(d2)),
            (discounted * Tensor.Ndtr(-d2)) - (S * Tensor.Ndtr(-d1)),
        ];
    }

    private static void Networks(Registry r)
    {
        r.Add("mlp_softmax_xent/tanh", call => Perceptron(call, Tensor.Tanh));
        r.Add("mlp_softmax_xent/relu", call => Perceptron(call, x => Tensor.Relu(x)));
        r.Add("mlp_softmax_xent/sigmoid", call => Perceptron(call, x => Tensor.Sigmoid(x)));
        r.Add("mlp_softmax_xent/softplus", call => Perceptron(call, x => Tensor.Softplus(x)));
        r.Add("mlp_softmax_xent/gelu", call => Perceptron(call, x => Tensor.Gelu(x)));
        r.Add("mlp_softmax_xent/silu", call => Perceptron(call, x => Tensor.Silu(x)));
        r.Add("lstm_10_steps", LongShortTermMemory);
        r.Add("attention_block", AttentionBlock);
        r.Add("small_cnn", SmallConvolutional);
    }

    private static Tensor Perceptron(Call call, Func<Tensor, Tensor> activation)
    {
        var hidden = activation(call.Named("X").MatMul(call.Named("W1")) + call.Named("b1"));
        hidden = activation(hidden.MatMul(call.Named("W2")) + call.Named("b2"));
        return Tensor.CrossEntropy(hidden.MatMul(call.Named("W3")) + call.Named("b3"), call.Named("y"));
    }

    private static Tensor LongShortTermMemory(Call call)
    {
        var (X, h, c) = (call.Named("X"), call.Named("h0"), call.Named("c0"));
        var (input, recurrent) = (call.Named("W_ih").T, call.Named("W_hh").T);
        for (var t = 0; t < X.Shape[0]; t++)
        {
            var gates = (X[t].MatMul(input) + h.MatMul(recurrent) + call.Named("b")).Chunk(4, axis: 1);
            c = (Tensor.Sigmoid(gates[1]) * c) + (Tensor.Sigmoid(gates[0]) * Tensor.Tanh(gates[2]));
            h = Tensor.Sigmoid(gates[3]) * Tensor.Tanh(c);
        }

        return Tensor.Square(h).Mean() + c.Sum();
    }

    private static Tensor AttentionBlock(Call call)
    {
        var X = call.Named("X");
        var weights = (X.MatMul(call.Named("Wq")).MatMul(X.MatMul(call.Named("Wk")).T) / Math.Sqrt(2)).Softmax();
        var y = X + weights.MatMul(X.MatMul(call.Named("Wv")));
        var normalised = (y - y.Mean(-1, keepAxes: true)) / Tensor.Sqrt(y.Var(-1, keepAxes: true) + 1e-5);
        return Tensor.Pow(normalised, 3).Sum();
    }

    private static Tensor SmallConvolutional(Call call)
    {
        var (X, filters) = (call.Named("X"), call.Named("W1"));
        var patches = Tensor.Im2Col(X, [3, 3], padding: [1, 1]);
        var features = Tensor.Tanh(Tensor.MatMul(filters.Reshape(filters.Shape[0], -1), patches)).Mean(-1);
        return Tensor.CrossEntropy(features.MatMul(call.Named("W2").T), call.Named("y"));
    }

    private static void Nested(Registry r)
    {
        r.Add("nested/perturbation_confusion", call => call.Named("x") * Diff.Derivative(y => call.Named("x") + y, (Tensor)1.0));
        r.Add("nested/inner_uses_outer", call => call.Named("x") * Diff.Derivative(y => call.Named("x") * y * y, (Tensor)2.0));
        r.Add("nested/derivatives_0_to_4", call => OneVariable(call.Expression, call.Named("x")));
        r.Add("nested/third_order_tensor", call => Bumpy(call.Named("x")));
        r.Add("nested/gradient_norm", call => Tensor.Square(Diff.Gradient(Bumpy, call.Named("x"))).Sum());
        r.Add("nested/laplacian", call => Diff.Laplacian(Bumpy, call.Named("x")));
        r.Add("nested/inner_gradient_descent", call => InnerDescent(call.Named("theta"), call.Named("x")));
        r.Add("nested/newton_root", call => NewtonRoot(call.Named("a")));
    }

    private static Tensor OneVariable(string expression, Tensor x) => expression[..expression.IndexOf(';')] switch
    {
        "f(x) = sin(x)*exp(x)" => Tensor.Sin(x) * Tensor.Exp(x),
        "f(x) = tanh(x)" => Tensor.Tanh(x),
        "f(x) = x^5" => Tensor.Pow(x, 5),
        "f(x) = exp(-x^2/2)" => Tensor.Exp(-0.5 * Tensor.Square(x)),
        "f(x) = sqrt(x^2+1)" => Tensor.Sqrt(Tensor.Square(x) + 1),
        "f(x) = atan(x)" => Tensor.Atan(x),
        "f(x) = erf(x)" => Tensor.Erf(x),
        "f(x) = x^x (x>0)" => Tensor.Pow(x, x),
        _ => throw new FormatException($"unknown function: {expression}"),
    };

    private static Tensor Bumpy(Tensor x) =>
        Tensor.Sin(x[0] * x[1]) + (Tensor.Square(x[2]) * Tensor.Exp(x[0])) + (x[1] * Tensor.Pow(x[2], 3));

    private static Tensor InnerDescent(Tensor theta, Tensor x)
    {
        Tensor Loss(Tensor t, double goal) => Tensor.Square((t[0] * Tensor.Sin(t[1] * x)) - goal).Sum();
        for (var step = 0; step < 3; step++) theta -= 0.1 * Diff.Gradient(t => Loss(t, 0.5), theta);
        return Loss(theta, 0.2);
    }

    private static Tensor NewtonRoot(Tensor a)
    {
        var z = Tensor.OnesLike(a);
        for (var step = 0; step < 8; step++) z -= (Tensor.Pow(z, 3) + z - a) / ((3 * Tensor.Square(z)) + 1);
        return z;
    }

    private static Tensor ControlFlow(Tensor x)
    {
        Tensor s = 0.0;
        for (var i = 0; i < x.Count; i++)
        {
            var v = x[i];
            s += (v > 0 ? Tensor.Sin(v) : Tensor.Square(v)) * (1 + s);
        }

        return s;
    }
}
