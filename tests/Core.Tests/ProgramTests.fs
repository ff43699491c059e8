namespace DiffLib.Core.Tests

open System
open Xunit
open DiffLib

/// Functions traced and run as programs.
module ProgramTests =
    let private vector (n: int) = Creation.Linspace(DType.Float64, 0.1, 1.5, n, true)

    let private compiled (f: Tensor -> Tensor) = Compiled(f, ProgramExecutor.Automatic, 16)

    let private equal (want: Tensor) (got: Tensor) =
        Assert.Equal<int[]>(want.Shape.ToArray(), got.Shape.ToArray())
        Assert.Equal<double[]>(Creation.ToDoubles want, Creation.ToDoubles got)

    let private chain (x: Tensor) = Tensor.Tanh(x * 2.0 + 1.0) * Tensor.Exp(-(x * x))

    [<Fact>]
    let ``an elementwise chain gives the same bits compiled`` () =
        let x = vector 1001
        equal (chain x) ((compiled chain).Invoke x)

    [<Fact>]
    let ``a compiled gradient gives the same numbers`` () =
        let loss x = Reducing.Sum(chain x, null, false)
        let x = vector 1001
        let gradient = Derivatives.gradient loss
        equal (gradient x) ((compiled gradient).Invoke x)

    [<Fact>]
    let ``the gradient of a compiled function is the gradient of the function`` () =
        let loss x = Reducing.Sum(chain x, null, false)
        let x = vector 100
        let f = compiled loss
        equal (Derivatives.gradient loss x) (Derivatives.gradient f.Invoke x)
        equal (Derivatives.gradient loss x) (Derivatives.gradient f.Invoke x)
        Assert.Equal(1, f.TraceCount)

    [<Fact>]
    let ``products of matrices and broadcast biases`` () =
        let w, b = Shaping.Reshape(vector 12, [| 3; 4 |]), vector 4
        let loss (x: Tensor) = Reducing.Sum(Tensor.Tanh(Products.MatMul(x, w) + b), null, false)
        let x = Shaping.Reshape(vector 15, [| 5; 3 |])
        let gradient = Derivatives.gradient loss
        equal (gradient x) ((compiled gradient).Invoke x)
        Console.WriteLine((compiled gradient).ProgramFor x)
