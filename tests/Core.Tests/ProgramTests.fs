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

    // ---- sums of placed blocks

    let private close (tolerance: float) (want: Tensor) (got: Tensor) =
        Array.iter2
            (fun a b -> if not (abs (a - b) <= tolerance * (1.0 + abs a)) then Assert.Fail $"{a} and {b}")
            (Creation.ToDoubles want)
            (Creation.ToDoubles got)

    let private range (start: int) (stop: int) = TensorIndex.op_Implicit (Range(Index.op_Implicit start, Index.op_Implicit stop))
    let private stepped (start: int) (stop: int) (step: int) = TensorIndex.Step(Nullable start, Nullable stop, step)
    let private part (x: Tensor) (indices: TensorIndex list) = Tensor.Indexed(x, List.toArray indices)
    let private total (x: Tensor) = Reducing.Sum(x, null, false)

    let slicers: obj[][] =
        [| [| "neighbours"; 5001 |]
           [| "three overlapping"; 4100 |]
           [| "columns"; 40 |]
           [| "steps"; 30 |]
           [| "backwards"; 30 |]
           [| "boxes"; 60 |] |]

    let private sliced (name: string) (x: Tensor) : Tensor =
        let n = x.Count

        match name with
        | "neighbours" -> total (part x [ range 1 n ] * Tensor.Sin(part x [ range 0 (n - 1) ]))
        | "three overlapping" -> total (part x [ range 0 2050 ] * part x [ range 7 2057 ] * part x [ range (n - 2050) n ])
        | "columns" ->
            let m = Shaping.Reshape(x, [| 4; 10 |])
            let all = TensorIndex.op_Implicit Range.All
            total (part m [ all; range 0 5 ] * Tensor.Exp(part m [ all; range 5 10 ]))
        | "steps" -> total (part x [ stepped 0 30 2 ] * Tensor.Sin(part x [ stepped 1 30 2 ]))
        | "backwards" -> total (part x [ stepped 29 14 -1 ] * Tensor.Sin(part x [ range 5 20 ]))
        | _ ->
            let b = Shaping.Reshape(x, [| 3; 4; 5 |])
            total (part b [ range 0 2; range 1 3; range 0 4 ] * Tensor.Sin(part b [ range 1 3; range 2 4; range 1 5 ]))

    [<Theory; MemberData(nameof slicers)>]
    let ``gradients of several slices are put in their places at once, with the same bits`` (name: string, n: int) =
        let gradient = Derivatives.gradient (sliced name)
        let f = compiled gradient
        let x = vector n
        equal (gradient x) (f.Invoke x)
        Assert.Contains("place_sum", (f.ProgramFor x).ToString())

    [<Theory; MemberData(nameof slicers)>]
    let ``derivatives and batches go through sums of placed blocks`` (name: string, n: int) =
        let n = if n > 100 then 4100 else n
        let gradient = Derivatives.gradient (sliced name)
        let f = compiled gradient
        let x, v = vector n, Tensor.Sin(10.0 * vector n)
        let along (g: Tensor -> Tensor) = let struct (_, d) = Derivatives.jvp g x v in d
        let back (g: Tensor -> Tensor) = let struct (_, pull) = Derivatives.vjp g x in pull v
        equal (along gradient) (along f.Invoke)
        close 1e-12 (back gradient) (back f.Invoke)
        let stack = Joining.Stack([| x; v; 2.0 * x |], 0)
        let each = Joining.Stack([| gradient x; gradient v; gradient (2.0 * x) |], 0)
        equal each ((Vmap.overStacks (fun xs -> [| f.Invoke xs[0] |]) [| stack |] [| true |])[0])

    // ---- storage of the sweep

    [<Fact>]
    let ``gradients that were given away are not touched by later sweeps`` () =
        let x = vector 1000
        let kept = Array.init 20 (fun k -> Derivatives.gradient (fun y -> total (chain (y * float (k + 1)))) x)
        let copies = kept |> Array.map Creation.ToDoubles

        for k in 0..19 do
            Derivatives.gradient (fun y -> total (Tensor.Tanh(y * y) * Tensor.Sin y + y * float k)) x |> ignore

        Array.iter2 (fun (g: Tensor) copy -> Assert.Equal<double[]>(copy, Creation.ToDoubles g)) kept copies

    [<Fact>]
    let ``cotangents that several pulls pass on keep their numbers`` () =
        // x + x, x - x, views and sums pass the cotangent on as it is
        let f (x: Tensor) =
            let y = Tensor.Sin x
            let z = y + y * 2.0 + (y + (y - y * 0.5))
            let m = Shaping.Reshape(z + y, [| 10; 10 |])
            total (m * Tensor.Apply(TransposeRule [| 1; 0 |], m) + m)

        let x = vector 100
        let want = Derivatives.gradient f x
        let moved k h = Tensor.op_Implicit (Creation.ToDoubles x |> Array.mapi (fun i v -> if i = k then v + h else v))
        let differences = Array.init 100 (fun k -> ((f (moved k 1e-5)).ToDouble() - (f (moved k -1e-5)).ToDouble()) / 2e-5)
        close 1e-6 want (Tensor.op_Implicit differences)
