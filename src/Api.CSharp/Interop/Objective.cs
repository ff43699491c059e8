using System;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace DiffLib;

/// <summary>Differentiable functions for MathNet's minimisers, with exact gradients, Hessians and Jacobians.</summary>
/// <remarks>
/// <para>For BFGS, L-BFGS, Newton and conjugate gradients: <c>new BfgsMinimizer(1e-8, 1e-8, 1e-8).FindMinimum(Objective.From(f), start)</c>.
/// For Levenberg-Marquardt and trust regions: <c>new LevenbergMarquardtMinimizer().FindMinimum(Objective.Model(predict, observed), start)</c>.</para>
/// <para>Parameters that are trees go through vectors: <see cref="From{T}(Func{T, Tensor}, T)"/> with <see cref="ParameterTree.ToVector{T}(T)"/> for the start
/// and <see cref="ParameterTree.FromVector{T}(T, Tensor)"/> for the result, or <see cref="Start{T}(T)"/> and <see cref="Read{T}(T, Vector{double})"/>.</para>
/// </remarks>
public static class Objective
{
    /// <summary>A function of a vector as an objective. Value and gradient come from one evaluation; the Hessian is computed when it is asked for.</summary>
    /// <param name="f">float64 of shape [n] to one number.</param>
    /// <exception cref="ArgumentNullException"><paramref name="f"/> is null.</exception>
    public static IObjectiveFunction From(Func<Tensor, Tensor> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return new DifferentiableObjective(f);
    }

    /// <summary>A function of a tree of parameters as an objective over the vector of all their elements.</summary>
    /// <param name="f">The parameters to one number.</param>
    /// <param name="like">Parameters of the same build and shapes; their values do not matter.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IObjectiveFunction From<T>(Func<T, Tensor> f, T like)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(like);
        return new DifferentiableObjective(x => f(ParameterTree.FromVector(like, x)));
    }

    /// <summary>A model to be fitted by least squares: the minimiser sees Σ wᵢ (yᵢ - predictionᵢ)² and the exact Jacobian of the predictions.</summary>
    /// <param name="predict">Parameters of shape [n] to predictions of shape [m]; the inputs of the model are in the function.</param>
    /// <param name="observed">The m observations.</param>
    /// <param name="weights">Their weights; null means 1 for each.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">There are no observations, or not as many weights.</exception>
    /// <exception cref="InvalidOperationException">When evaluated: the predictions are not of shape [m].</exception>
    public static IObjectiveModel Model(Func<Tensor, Tensor> predict, Vector<double> observed, Vector<double>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentNullException.ThrowIfNull(observed);
        if (weights is not null && weights.Count != observed.Count)
            throw new ArgumentException($"{weights.Count} weights for {observed.Count} observations. Give one for each, or none.", nameof(weights));

        var count = observed.Count;
        var positions = Vector<double>.Build.Dense(count, i => i);
        return ObjectiveFunction.NonlinearModel(
            (parameters, _) => Demand(predict(Tensor.FromVector(parameters)), count).ToVector<double>(),
            (parameters, _) => Diff.Jacobian(x => Demand(predict(x), count), Tensor.FromVector(parameters)).ToMatrix<double>(),
            positions,
            observed,
            weights);
    }

    /// <summary>A model of a tree of parameters to be fitted by least squares.</summary>
    /// <inheritdoc cref="Model(Func{Tensor, Tensor}, Vector{double}, Vector{double})"/>
    /// <param name="predict">The parameters to predictions of shape [m].</param>
    /// <param name="like">Parameters of the same build and shapes; their values do not matter.</param>
    /// <param name="observed">The m observations.</param>
    /// <param name="weights">Their weights; null means 1 for each.</param>
    public static IObjectiveModel Model<T>(Func<T, Tensor> predict, T like, Vector<double> observed, Vector<double>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentNullException.ThrowIfNull(like);
        return Model(x => predict(ParameterTree.FromVector(like, x)), observed, weights);
    }

    /// <summary>The elements of a tree of parameters as the vector a minimiser starts from.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    public static Vector<double> Start<T>(T parameters) => ParameterTree.ToVector(parameters).Cast(DType.Float64).ToVector<double>();

    /// <summary>The parameters at a minimiser's point.</summary>
    /// <param name="like">Parameters of the same build and shapes.</param>
    /// <param name="point">For instance <c>result.MinimizingPoint</c>.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The point has another length.</exception>
    public static T Read<T>(T like, Vector<double> point)
    {
        ArgumentNullException.ThrowIfNull(point);
        return ParameterTree.FromVector(like, Tensor.FromVector(point));
    }

    private static Tensor Demand(Tensor predictions, int count) =>
        predictions.Rank == 1 && predictions.Count == count
            ? predictions
            : throw new InvalidOperationException($"the model gave predictions of shape {predictions.Shape} for {count} observations; give one each, shape [{count}].");

    /// <summary>Value and gradient by one sweep, the Hessian on demand, all at one point.</summary>
    private sealed class DifferentiableObjective(Func<Tensor, Tensor> f) : IObjectiveFunction
    {
        private Vector<double>? point;
        private (double Value, Vector<double> Gradient)? first;
        private Matrix<double>? hessian;

        public bool IsGradientSupported => true;

        public bool IsHessianSupported => true;

        public Vector<double> Point => point ?? throw new InvalidOperationException("no point yet: call EvaluateAt first.");

        public double Value => First.Value;

        public Vector<double> Gradient => First.Gradient;

        public Matrix<double> Hessian => hessian ??= Diff.Hessian(f, Tensor.FromVector(Point)).ToMatrix<double>();

        private (double Value, Vector<double> Gradient) First
        {
            get
            {
                if (first is { } known) return known;
                var (value, gradient) = Diff.ValueAndGradient(f, Tensor.FromVector(Point));
                var both = (value.ToDouble(), gradient.ToVector<double>());
                first = both;
                return both;
            }
        }

        public void EvaluateAt(Vector<double> point)
        {
            ArgumentNullException.ThrowIfNull(point);
            this.point = point.Clone();
            first = null;
            hessian = null;
        }

        public IObjectiveFunction Fork() => new DifferentiableObjective(f) { point = point, first = first, hessian = hessian };

        public IObjectiveFunction CreateNew() => new DifferentiableObjective(f);
    }
}
