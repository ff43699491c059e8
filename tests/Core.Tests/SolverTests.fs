module DiffLib.Core.Tests.SolverTests

open System
open DiffLib
open DiffLib.FSharp
open Xunit

// The laws that derivatives of solutions obey, and the operations behind them from inside.

let private near (tolerance: float) (expected: Tensor) (actual: Tensor) =
    Assert.Equal<int list>(shapeOf expected, shapeOf actual)
    Assert.True(allClose tolerance tolerance expected actual, $"expected {expected}, got {actual}")

/// w·(J v) = (Jᵀ w)·v for a function at a point.
let private transposes (f: Tensor -> Tensor) (x: Tensor) =
    let v, w = randomNormal (shapeOf x) (randomKey 3), randomNormal (shapeOf (f x)) (randomKey 4)
    let _, pushed = jvp f x v
    let _, pull = vjp f x
    near 1e-10 (sum (w * pushed)) (sum (pull w * v))

let private equations (x: Tensor) (p: Tensor) = x + 0.3 * sin (x * sum p) - p

let private strict = { OdeSettings.Default with RelativeTolerance = 1e-11; AbsoluteTolerance = 1e-11 }

let private pendulum (t: Tensor) (y: Tensor) (p: Tensor) = stack 0 [ y[1]; -p[0] * sin y[0] - p[1] * y[1] + sin t ]

let private swing settings (p: Tensor) = solveOdeWith settings pendulum (narrow 0 1 2 p * tensor [ 2.0; 1.0 ]) (tensor [ 0.0; 0.4; 1.5 ]) p

let private at = tensor [ 0.7; 0.2; 1.1 ]

let private solved: (string * (Tensor -> Tensor)) list =
    let minimum (x: Tensor) (p: Tensor) = sum (exp (x - p) + 0.5 * x * x) + 0.1 * sum x * sum x

    [ "root", root equations (zeros [ 3 ])
      "fixed point", fixedPoint (fun x p -> 0.5 * cos (x * p)) (zeros [ 3 ])
      "minimiser", minimize minimum (zeros [ 3 ])
      "linear solve", (fun p -> linearSolve (fun x p -> p * x + 0.1 * sum x) (exp p) p)
      "discrete", swing strict
      "Rodas", swing { strict with Method = OdeMethod.Rodas4; RelativeTolerance = 1e-8; AbsoluteTolerance = 1e-8 }
      "Runge-Kutta", swing { strict with Method = OdeMethod.RungeKutta4; Step = 0.05 } ]

let names: TheoryData<string> = TheoryData<string>(solved |> List.map fst)

let private find name = solved |> List.find (fun (n, _) -> n = name) |> snd

[<Theory; MemberData(nameof names)>]
let ``the derivative of a solution backward is the transpose of the one forward`` name = transposes (find name) at

[<Theory; MemberData(nameof names)>]
let ``a second derivative is the same in all four nestings`` name =
    let f p = find name p |> exp |> sum
    let v, w = tensor [ 1.0; -0.5; 0.3 ], tensor [ 0.2; 0.9; -1.0 ]
    let along u g p = snd (jvp g p u)
    let reverse g p = grad g p
    let forwardForward = along w (along v f) at
    let tolerance = 1e-8
    near tolerance forwardForward (sum (w * along v (reverse f) at))
    near tolerance forwardForward (sum (w * reverse (along v f) at))
    near tolerance forwardForward (sum (w * reverse (fun p -> sum (v * reverse f p)) at))

[<Fact>]
let ``the adjoint is the transpose of the derivative forward up to the tolerances`` () =
    let f = swing { strict with Derivative = OdeDerivative.Adjoint }
    let v, w = tensor [ 1.0; -0.5; 0.3 ], randomNormal [ 3; 2 ] (randomKey 5)
    let _, pushed = jvp f at v
    let _, pull = vjp f at
    near 1e-8 (sum (w * pushed)) (sum (pull w * v))

[<Fact>]
let ``a function of numbers as an operation has the derivatives of the function, to the third order`` () =
    // what Vmap and Compile see of a solver; here on numbers, so that the function itself can be compared
    let f (x: Tensor) (p: Tensor) = if x.ToDouble() > 0.0 then sin (x * p) else x
    let infer (specs: Spec[]) = [| specs[1] |]
    let opaque (x: Tensor) = Tensor.Apply(Opaque.OpaqueRule("test", (fun xs -> [| f xs[0] xs[1] |]), infer), [| x; x * x |])[0]
    let plain x = f x (x * x)
    let x = scalar 0.9
    near 1e-14 (plain x) (opaque x)
    near 1e-13 (derivative plain x) (derivative opaque x)
    near 1e-13 (grad plain x) (grad opaque x)
    near 1e-12 (grad (grad plain) x) (grad (derivative opaque) x)
    near 1e-12 (grad (grad plain) x) (derivative (grad opaque) x)
    near 1e-11 (nthDerivative 3 plain x) (grad (grad (grad opaque)) x)

[<Fact>]
let ``a solution at a batch of parameters is the stack of the solutions`` () =
    let stacked = tensor [ 0.5; 0.2; 1.1; 0.7; 0.1; 0.9 ] |> reshape [ 2; 3 ]

    // those that run example by example, as one operation
    for name, f in solved |> List.filter (fun (name, _) -> name <> "Runge-Kutta") do
        let batch = Batch(Trace.FreshTag(), 2)

        match f (Batched(stacked, Shape [| 3 |], batch)) with
        | Batched(result, _, _) ->
            for k in 0..1 do
                near 1e-9 (f stacked[k]) result[k]
        | other -> failwith $"{name}: not batched: {other}"

[<Fact>]
let ``a combination is a sum, in both modes`` () =
    let ks = [| tensor [ 1.0; 2.0 ]; tensor [ -3.0; 0.5 ] |]
    let f (x: Tensor) = Combination.Of(x, [| 2.0; -1.0 |], [| x * ks[0]; sin x |])
    let plain (x: Tensor) = x + 2.0 * (x * ks[0]) - sin x
    let x = tensor [ 0.3; -0.8 ]
    near 1e-15 (plain x) (f x)
    near 1e-15 (jacobianForward plain x) (jacobianForward f x)
    near 1e-15 (jacobianReverse plain x) (jacobianReverse f x)
    Assert.Equal(1.5, float (Combination.Of(scalar 1.0, [| 0.5 |], [| scalar 1.0 |])))
