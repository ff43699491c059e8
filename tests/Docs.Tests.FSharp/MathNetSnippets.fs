/// The code blocks of docs/mathnet.md.
module DiffLib.Docs.Tests.FSharp.MathNetSnippets

open System
open DiffLib
open DiffLib.FSharp
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.Optimization
open Xunit

[<Fact>]
let ``minimising`` () =
    // #region mathnet-objective
    let rosenbrock (x: Tensor) = (1.0 - x[0]) ** 2 + 100.0 * (x[1] - x[0] * x[0]) ** 2

    let objective = Objective.From(Func<Tensor, Tensor> rosenbrock)
    let start = Vector<float>.Build.Dense [| -1.2; 1.0 |]
    let quasiNewton = BfgsMinimizer(1e-8, 1e-10, 1e-10).FindMinimum(objective, start)
    let newton = NewtonMinimizer(1e-8, 1000).FindMinimum(objective, start) // with the exact Hessian
    // #endregion
    for point in [ quasiNewton.MinimizingPoint; newton.MinimizingPoint ] do
        Assert.Equal(1.0, point[0], 1e-6)
        Assert.Equal(1.0, point[1], 1e-6)

// #region mathnet-decay
type Decay = { Amount: Tensor; Rate: Tensor }
// #endregion

[<Fact>]
let ``fitting`` () =
    // #region mathnet-model
    let t = linspace 0.0 4.0 9
    let predict (m: Decay) = m.Amount * exp (-m.Rate * t)
    let measured = predict { Amount = scalar 3.0; Rate = scalar 0.7 }

    let guess = { Amount = scalar 1.0; Rate = scalar 0.1 }
    let model = Objective.Model(Func<Decay, Tensor> predict, guess, measured.ToVector<float>())
    let result = LevenbergMarquardtMinimizer().FindMinimum(model, Objective.Start guess)
    let fitted = Objective.Read(guess, result.MinimizingPoint) // 3 and 0.7
    // #endregion
    Assert.Equal(3.0, float fitted.Amount, 1e-6)
    Assert.Equal(0.7, float fitted.Rate, 1e-6)

[<Fact>]
let ``the border`` () =
    // #region mathnet-convert
    let matrix = Matrix<float>.Build.DenseIdentity 3
    let identity = TensorConversion.FromMatrix matrix
    let column = identity[*, 0].ToVector<float>()
    // #endregion
    Assert.Equal<float[]>([| 1.0; 0.0; 0.0 |], column.ToArray())
