namespace DiffLib.Core.Tests

open System
open Xunit
open DiffLib
open DiffLib.Kernels

/// A function with choices or loops beside the same function written out: values and derivatives of two orders, every way there is.
module internal EveryRoute =
    let private direction (x: Tensor) = Const(NDArray.Adopt(x.Shape, Array.init x.Count (fun k -> 0.3 + 0.2 * float k)))

    let number (y: Tensor) = Reducing.Sum(y * y + y, null, false)

    let jvp f x =
        let struct (_, dy) = Derivatives.jvp f x (direction x)
        dy

    let gradient f = Derivatives.gradient (f >> number)
    let along f x = Reducing.Sum(gradient f x * direction x, null, false)

    /// Derivatives of first and second order, in every nesting.
    let verbs: (string * ((Tensor -> Tensor) -> Tensor -> Tensor)) list =
        [ "value", id
          "forward", jvp
          "reverse", gradient
          "forward over forward", (fun f -> jvp (jvp f))
          "forward over reverse", (fun f -> jvp (gradient f))
          "reverse over forward", (fun f -> gradient (jvp f))
          "reverse over reverse", (fun f -> gradient (along f)) ]

    let compiled executor (f: Tensor -> Tensor) : Tensor -> Tensor = Compiled(f, executor, 16).Invoke

    let private over (f: Tensor -> Tensor) (xs: Tensor) = (Vmap.vmap (fun xs -> [| f xs[0] |]) [| xs |] [| ValueSome 0 |] 0)[0]

    let private one (xs: Tensor) k = Tensor.Indexed(xs, [| TensorIndex.op_Implicit (k: int) |])

    let close (what: string) (want: Tensor) (got: Tensor) =
        Assert.Equal<int[]>(want.Shape.ToArray(), got.Shape.ToArray())
        let a, b = Creation.ToDoubles want, Creation.ToDoubles got
        let scale = a |> Array.fold (fun m v -> max m (abs v)) 1.0

        for k in 0 .. a.Length - 1 do
            if not (abs (a[k] - b[k]) <= 1e-11 * scale) then
                Assert.Fail $"{what}: element {k} is {b[k]}, but written out it is {a[k]}."

    /// f as it is, compiled by both executors, and with its derivative taken after compiling.
    let agree (f: Tensor -> Tensor) (reference: Tensor -> Tensor) (x: Tensor) =
        for name, verb in verbs do
            let want = verb reference x
            close name want (verb f x)
            close (name + ", compiled") want (compiled ProgramExecutor.Automatic (verb f) x)
            close (name + ", interpreted") want (compiled ProgramExecutor.Interpreted (verb f) x)
            close (name + " of the compiled function") want (verb (compiled ProgramExecutor.Automatic f) x)

    /// f over a stack of examples, and one example after another.
    let agreeOver (f: Tensor -> Tensor) (reference: Tensor -> Tensor) (xs: Tensor) =
        for name, verb in verbs do
            let want = Joining.Stack(Array.init xs.Shape.Sizes[0] (fun k -> verb reference (one xs k)), 0)
            close (name + " of examples") want (over (verb f) xs)
            close (name + " of examples, compiled") want (compiled ProgramExecutor.Automatic (over (verb f)) xs)
            close (name + " of examples of the compiled function") want (over (verb (compiled ProgramExecutor.Automatic f)) xs)

/// Gives its input, and remembers how the program was executed in which it ran.
[<Sealed>]
type internal Witness() =
    inherit LinearRule("witness")
    static member val Seen: Execution list = [] with get, set
    override _.Infer x = x
    override this.Batch x = Tensor.Apply(this, x)

    override _.Value x =
        Witness.Seen <- Running.Execution :: Witness.Seen
        x

    override _.Transpose(_, w) = w

/// Choices and loops: eager, compiled, batched, differentiated.
module ControlFlowTests =
    open EveryRoute

    let private vector (xs: double list) = Const(NDArray.Adopt(Shape [| xs.Length |], Array.ofList xs))
    let private matrix (rows: double list list) = Joining.Stack(rows |> List.map vector |> Array.ofList, 0)
    let private at (x: Tensor) (k: int) = Tensor.Indexed(x, [| TensorIndex.op_Implicit k |])
    let private positive (x: Tensor) = Tensor.Compare(CompareOp.Greater, x, Tensor.Weak 0.0)
    let private less (x: Tensor) (c: double) = Tensor.Compare(CompareOp.Less, x, Tensor.Weak c)
    let private sum (x: Tensor) = Reducing.Sum(x, null, false)

    // ---- choices

    let private chosen (x: Tensor) =
        (ControlFlow.cond (positive (at x 0)) (fun xs -> [| Tensor.Sin xs[0] * x |]) (fun xs -> [| Tensor.Exp xs[0] |]) [| x |])[0]

    let private chosenPlainly (x: Tensor) = if (at x 0).ToDouble() > 0.0 then Tensor.Sin x * x else Tensor.Exp x

    [<Theory>]
    [<InlineData(0.7)>]
    [<InlineData(-0.7)>]
    let ``a choice is the branch it takes`` (first: double) = agree chosen chosenPlainly (vector [ first; 0.3; 1.1 ])

    [<Fact>]
    let ``a choice for each of several examples`` () = agreeOver chosen chosenPlainly (matrix [ [ 0.7; 0.3 ]; [ -0.7; 0.2 ]; [ 0.1; -2.0 ] ])

    [<Fact>]
    let ``a compiled choice follows its predicate without tracing again`` () =
        let f = Compiled(chosen, ProgramExecutor.Automatic, 4)

        for first in [ 0.5; -0.5; 0.25; -1.0 ] do
            let x = vector [ first; 2.0 ]
            close "value" (chosenPlainly x) (f.Invoke x)

        Assert.Equal(1, f.TraceCount)

    [<Fact>]
    let ``the branch not taken does not spoil the derivative`` () =
        let f (x: Tensor) = (ControlFlow.cond (positive x) (fun xs -> [| Tensor.Sqrt xs[0] |]) (fun xs -> [| 2.0 * xs[0] |]) [| x |])[0]
        let xs = vector [ 4.0; 0.0; -1.0 ]
        let slopes = (Vmap.vmap (fun xs -> [| Derivatives.derivative f xs[0] |]) [| xs |] [| ValueSome 0 |] 0)[0]
        Assert.Equal<double[]>([| 0.25; 2.0; 2.0 |], Creation.ToDoubles slopes)

    [<Fact>]
    let ``one of three branches by number`` () =
        let index (x: Tensor) = Tensor.Cast(at x 0, DType.Int64)

        let f x =
            (ControlFlow.switch
                (index x)
                [| (fun xs -> [| xs[0] * xs[0] |]); (fun xs -> [| Tensor.Cos xs[0] |]); (fun _ -> [| x * x * x |]) |]
                [| x |])[0]

        let plain (x: Tensor) =
            match int ((at x 0).ToDouble()) with
            | 0 -> x * x
            | 1 -> Tensor.Cos x
            | _ -> x * x * x

        for first in [ 0.5; 1.5; 2.5 ] do
            agree f plain (vector [ first; 0.7 ])

        agreeOver f plain (matrix [ [ 0.5; 0.7 ]; [ 1.5; 0.7 ]; [ 2.5; 0.7 ]; [ 0.1; 0.2 ] ])

    [<Fact>]
    let ``an index without a branch is an error, known, compiled or batched`` () =
        let f (x: Tensor) = (ControlFlow.switch (Tensor.Cast(x, DType.Int64)) [| id; id |] [| x |])[0]
        let demand (call: unit -> Tensor) =
            let error = Assert.Throws<ArgumentOutOfRangeException>(fun () -> call () |> ignore)
            Assert.Contains("2 branches have the numbers 0 to 1", error.Message)

        demand (fun () -> f (Tensor.Weak 2.0))
        demand (fun () -> compiled ProgramExecutor.Automatic f (Const(NDArray.Scalar 2.0)))
        demand (fun () -> (Vmap.vmap (fun xs -> [| f xs[0] |]) [| vector [ 0.0; 5.0 ] |] [| ValueSome 0 |] 0)[0])

    [<Fact>]
    let ``branches that differ are an error that names both`` () =
        let f (x: Tensor) = (ControlFlow.cond (positive (sum x)) (fun xs -> xs) (fun xs -> [| sum xs[0] |]) [| x |])[0]
        let error = Assert.Throws<InvalidOperationException>(fun () -> compiled ProgramExecutor.Automatic f (vector [ 1.0; 2.0 ]) |> ignore)
        Assert.Contains("float64[]", error.Message)
        Assert.Contains("float64[2]", error.Message)

    [<Fact>]
    let ``a predicate of several truth values is an error`` () =
        let error =
            Assert.Throws<ArgumentException>(fun () ->
                chosen (vector [ 1.0 ]) |> ignore
                ControlFlow.cond (positive (vector [ 1.0; 2.0 ])) id id [||] |> ignore)
        Assert.Contains("bool[2]", error.Message)

    // ---- while

    /// Newton's method for the square root: as many steps as it takes.
    let private squareRoot (a: Tensor) =
        let far (xs: Tensor[]) = Tensor.Compare(CompareOp.Greater, Tensor.Abs(sum (xs[0] * xs[0] - a)), Tensor.Weak 1e-9)
        (ControlFlow.whileLoop far (fun xs -> [| 0.5 * (xs[0] + a / xs[0]) |]) [| a * 0.0 + 1.0 |] 0)[0]

    let private squareRootPlainly (a: Tensor) =
        let mutable x = a * 0.0 + 1.0

        while abs ((sum (x * x - a)).ToDouble()) > 1e-9 do
            x <- 0.5 * (x + a / x)

        x

    [<Fact>]
    let ``a loop of unknown length`` () = agree squareRoot squareRootPlainly (vector [ 7.0; 2.0 ])

    [<Fact>]
    let ``examples leave a loop at different steps`` () =
        agreeOver squareRoot squareRootPlainly (matrix [ [ 7.0; 2.0 ]; [ 1.0; 1.0 ]; [ 900.0; 4.0 ] ])

    [<Fact>]
    let ``a loop by checkpoints`` () =
        let f (a: Tensor) =
            let more (xs: Tensor[]) = less xs[1] 17.0
            (ControlFlow.whileLoop more (fun xs -> [| Tensor.Sin(xs[0] * a) + 1.0; xs[1] + 1.0 |]) [| a; Tensor.Weak 0.0 |] 3)[0]

        let plain (a: Tensor) =
            let mutable x = a

            for _ in 1..17 do
                x <- Tensor.Sin(x * a) + 1.0

            x

        agree f plain (vector [ 0.7; 0.2 ])

    /// Steps of the Collatz sequence until 1, each multiplying y by x.
    let private collatz (n: Tensor) (x: Tensor) =
        let goes (s: Tensor[]) = Tensor.Compare(CompareOp.NotEqual, s[0], Const(NDArray.WeakScalar 1))

        let step (s: Tensor[]) =
            let odd = Tensor.Compare(CompareOp.Equal, s[0] % Const(NDArray.WeakScalar 2), Const(NDArray.WeakScalar 1))
            let next =
                ControlFlow.cond odd (fun s -> [| s[0] * 3 + 1 |]) (fun s -> [| Tensor.Cast(Tensor.Floor(s[0] / 2.0), DType.Int64) |]) [| s[0] |]
            [| next[0]; s[1] * x |]

        (ControlFlow.whileLoop goes step [| n; x |] 0)[1]

    [<Fact>]
    let ``data decide how often a loop runs, with a choice inside`` () =
        let n (x: Tensor) = Tensor.Cast(Tensor.Floor(at x 1), DType.Int64)
        let f (x: Tensor) = collatz (n x) (at x 0)
        let plain (x: Tensor) = Tensor.Pow(at x 0, [| 0; 0; 1; 7; 2; 5; 8; 16 |][int ((at x 1).ToDouble())] + 1)

        for count in [ 1.0; 3.0; 6.0 ] do
            agree f plain (vector [ 0.9; count ])

        agreeOver f plain (matrix [ [ 0.9; 3.0 ]; [ 0.8; 1.0 ]; [ 1.1; 7.0 ] ])

    [<Fact>]
    let ``a loop that does not run gives its start`` () =
        let f (x: Tensor) = (ControlFlow.whileLoop (fun s -> less (sum s[0]) -1.0) (fun s -> [| s[0] * 2.0 |]) [| x |] 0)[0]
        agree f id (vector [ 1.0; 2.0 ])

    [<Fact>]
    let ``a state that changes shape is an error that names both`` () =
        let f (x: Tensor) = (ControlFlow.whileLoop (fun s -> less (sum s[0]) 9.0) (fun s -> [| sum s[0] |]) [| x |] 0)[0]

        for call in [ f; compiled ProgramExecutor.Automatic f ] do
            let error = Assert.Throws<InvalidOperationException>(fun () -> call (vector [ 1.0; 2.0 ]) |> ignore)
            Assert.Contains("state 0 goes into a step as float64[2] and comes out as float64[]", error.Message)

    // ---- scan

    let private recurrence (checkpoints: int) (reverse: bool) (x: Tensor) =
        let w = Tensor.Cos x // referred to from inside
        let step (c: Tensor[]) (row: Tensor[]) =
            let next = Tensor.Tanh(c[0] * w + row[0])
            struct ([| next |], [| next * row[0] |])

        let rows = Joining.Stack(Array.init 7 (fun k -> x * (0.1 * float k)), 0)
        let struct (c, ys) = ControlFlow.scan step [| x |] [| rows |] ValueNone reverse checkpoints
        c[0] + sum ys[0]

    let private recurrencePlainly (reverse: bool) (x: Tensor) =
        let w = Tensor.Cos x
        let mutable c = x
        let mutable total = Tensor.Weak 0.0

        for k in (if reverse then [ 6..-1..0 ] else [ 0..6 ]) do
            let row = x * (0.1 * float k)
            c <- Tensor.Tanh(c * w + row)
            total <- total + sum (c * row)

        c + total

    [<Theory>]
    [<InlineData(0, false)>]
    [<InlineData(0, true)>]
    [<InlineData(1, false)>]
    [<InlineData(2, true)>]
    [<InlineData(3, false)>]
    let ``a scan over rows that refers to a value outside`` (checkpoints: int) (reverse: bool) =
        agree (recurrence checkpoints reverse) (recurrencePlainly reverse) (vector [ 0.4; -0.9 ])

    [<Theory>]
    [<InlineData(0, false)>]
    [<InlineData(2, true)>]
    let ``a scan over examples`` (checkpoints: int) (reverse: bool) =
        agreeOver (recurrence checkpoints reverse) (recurrencePlainly reverse) (matrix [ [ 0.4; -0.9 ]; [ 1.0; 0.2 ]; [ -0.3; 0.0 ] ])

    [<Fact>]
    let ``results of steps stand in the order of the rows`` () =
        let step (c: Tensor[]) (row: Tensor[]) = struct ([| c[0] + row[0] |], [| c[0] |])
        let rows = vector [ 1.0; 2.0; 3.0 ]

        let sums reverse xs =
            let struct (_, ys) = ControlFlow.scan step [| Tensor.Weak 0.0 |] [| xs |] ValueNone reverse 0
            ys[0]

        for f in [ sums; (fun reverse -> compiled ProgramExecutor.Automatic (sums reverse)) ] do
            Assert.Equal<double[]>([| 0.0; 1.0; 3.0 |], Creation.ToDoubles(f false rows))
            Assert.Equal<double[]>([| 5.0; 3.0; 0.0 |], Creation.ToDoubles(f true rows))

    [<Fact>]
    let ``a scan of no steps gives its start and results without rows`` () =
        let step (c: Tensor[]) (row: Tensor[]) = struct ([| c[0] * row[0] |], [| c[0]; Joining.Stack([| row[0]; row[0] |], 0) |])

        let f x =
            let struct (c, ys) = ControlFlow.scan step [| x |] [| Const(NDArray.Zeros(DType.Float64, Shape [| 0 |])) |] ValueNone false 0
            Assert.Equal<int[]>([| 0 |], ys[0].Shape.ToArray())
            Assert.Equal<int[]>([| 0; 2 |], ys[1].Shape.ToArray())
            c[0] + sum ys[0] + sum ys[1]

        agree f id (Const(NDArray.Scalar 3.0))

    [<Fact>]
    let ``inputs of different lengths are an error that names both`` () =
        let step (c: Tensor[]) (_: Tensor[]) = struct (c, [||])
        let error =
            Assert.Throws<ArgumentException>(fun () ->
                ControlFlow.scan step [| Tensor.Weak 0.0 |] [| vector [ 1.0; 2.0 ]; vector [ 1.0 ] |] ValueNone false 0 |> ignore)
        Assert.Contains("[2], so 2 steps, but input 1 has shape [1]", error.Message)

    // ---- slices of values outside

    let private between (first: int) (stop: int) (x: Tensor) =
        Tensor.Indexed(x, [| TensorIndex.op_Implicit (Range(Index.op_Implicit first, Index.op_Implicit stop)) |])

    /// A chain of neighbours: two stages of a Runge-Kutta method by shifted slices, whose ends do not move.
    let private stencil (rates: Tensor) (y: Tensor) =
        let n = rates.Count - 2
        let rate k = between k (k + n) rates
        let state k = between k (k + n) y
        let slope k (y: int -> Tensor) = rate k * (y k - y (k - 1))
        let middle k = state k + 0.1 * slope k state
        let next = state 2 + 0.2 * (rate 2 * (middle 2 - middle 1))
        Joining.Concat([| between 0 2 y; next |], 0)

    let private chainOf (steps: int) (checkpoints: int) (x: Tensor) =
        let rates = Tensor.Sin(3.0 * x) // sliced inside the loop
        let step (c: Tensor[]) (_: Tensor[]) = struct ([| stencil rates c[0] |], [||])
        let struct (c, _) = ControlFlow.scan step [| Tensor.Cos x |] [||] (ValueSome steps) false checkpoints
        c[0]

    let private chainPlainly (steps: int) (x: Tensor) =
        let rates = Tensor.Sin(3.0 * x)
        let mutable y = Tensor.Cos x

        for _ in 1..steps do
            y <- stencil rates y

        y

    [<Theory>]
    [<InlineData(9, 0)>]
    [<InlineData(9, 2)>]
    [<InlineData(40, 0)>]
    let ``a loop over shifted slices of the state and of a value outside`` (n: int) (checkpoints: int) =
        agree (chainOf 3 checkpoints) (chainPlainly 3) (vector [ for k in 1..n -> 0.1 + 0.9 * sin (float k) ])

    [<Fact>]
    let ``a loop over shifted slices, for examples`` () =
        agreeOver (chainOf 3 0) (chainPlainly 3) (matrix [ for r in 1..3 -> [ for k in 1..7 -> cos (float (k * r)) ] ])

    let private scansOf (p: Program) =
        p.Equations
        |> Array.choose (fun e ->
            match e.Rule with
            | :? ScanRule as r -> Some r
            | _ -> None)

    [<Fact>]
    let ``a loop refers to one value, of which many slices were taken, and keeps one sum of cotangents for it`` () =
        let loss x = sum (chainOf 5 0 x)
        let p = Compiled(Derivatives.gradient loss, ProgramExecutor.Automatic, 4).ProgramFor(vector [ for k in 1..50 -> 0.01 * float k ])
        let scans = scansOf p
        Assert.Equal(2, scans.Length)
        // carry and rates; cotangents of both, carries that were met, rates
        Assert.Equal(2, scans[0].Body.Inputs.Length - scans[0].Scanned)
        Assert.Equal(2, scans[1].Carries)
        Assert.Equal(3, scans[1].Body.Inputs.Length - scans[1].Scanned)

    [<Fact>]
    let ``slices that are smaller than what they were taken of stay apart, and equal ones are one`` () =
        let f (x: Tensor) =
            let part () = between 10 20 x
            let step (c: Tensor[]) (_: Tensor[]) = struct ([| Tensor.Sin(c[0] * part () + part ()) |], [||])
            let struct (c, _) = ControlFlow.scan step [| between 0 10 x |] [||] (ValueSome 4) false 0
            c[0]

        let plainly (x: Tensor) =
            let part = between 10 20 x
            let mutable c = between 0 10 x

            for _ in 1..4 do
                c <- Tensor.Sin(c * part + part)

            c

        let x = vector [ for k in 1..50 -> 0.02 * float k ]
        agree f plainly x
        let p = Compiled(Derivatives.gradient (f >> sum), ProgramExecutor.Automatic, 4).ProgramFor x
        let inputs = (Array.head (scansOf p)).Body.Inputs
        Assert.Equal<int[]>([| 10; 10 |], inputs |> Array.filter (fun s -> s.DType = DType.Float64) |> Array.map (fun s -> s.Shape.Count))

    [<Fact>]
    let ``a weak start takes the element type that the step keeps`` () =
        let step (c: Tensor[]) (row: Tensor[]) = struct ([| c[0] * row[0]; c[1] + 1 |], [||])
        let xs = Tensor.Cast(vector [ 2.0; 3.0 ], DType.Float32)
        let start = [| Tensor.Cast(Tensor.Weak 1.0, DType.Float32); Const(NDArray.WeakScalar 0) |]

        let f xs =
            let struct (c, _) = ControlFlow.scan step start [| xs |] ValueNone false 0
            Assert.Equal(DType.Float32, c[0].DType)
            Assert.Equal(DType.Int32, c[1].DType)
            c[0] * Tensor.Cast(c[1], DType.Float32)

        Assert.Equal(12.0, (f xs).ToDouble())
        Assert.Equal(12.0, (compiled ProgramExecutor.Automatic f xs).ToDouble())

    [<Fact>]
    let ``a loop in a choice in a scan in a loop`` () =
        let f (x: Tensor) =
            let inner (c: Tensor[]) = [| (ControlFlow.whileLoop (fun s -> less (sum s[0]) 1.0) (fun s -> [| s[0] * 1.5 + x * x |]) [| c[0] |] 0)[0] |]
            let step (c: Tensor[]) (row: Tensor[]) =
                let next = ControlFlow.cond (less (sum c[0]) 1.0) inner (fun c -> [| c[0] * 0.4 |]) c
                struct (next, [| next[0] * row[0] |])

            let outer (i: Tensor) (c: Tensor[]) =
                let struct (c, ys) = ControlFlow.scan step c [| vector [ 1.0; 0.5; 0.25 ] |] ValueNone false 0
                [| c[0] + 0.1 * sum ys[0] + 0.01 * Tensor.Cast(i, DType.Float64) |]

            (ControlFlow.forLoop 0 2 outer [| x |] 0)[0]

        let plain (x: Tensor) =
            let mutable c = x

            for i in 0..1 do
                let mutable total = Tensor.Weak 0.0

                for row in [ 1.0; 0.5; 0.25 ] do
                    if (sum c).ToDouble() < 1.0 then
                        while (sum c).ToDouble() < 1.0 do
                            c <- c * 1.5 + x * x
                    else
                        c <- c * 0.4

                    total <- total + sum c * row

                c <- c + 0.1 * total + 0.01 * float i

            c

        agree f plain (vector [ 0.3; 0.2 ])
        agreeOver f plain (matrix [ [ 0.3; 0.2 ]; [ 0.9; 0.9 ] ])

    [<Fact>]
    let ``a loop inside a differentiated function refers to its variable`` () =
        // the inner derivative's variable is referred to by the body of the loop
        let f (x: Tensor) = Derivatives.derivative (fun y -> (ControlFlow.forLoop 0 3 (fun _ c -> [| c[0] * y * x |]) [| y |] 0)[0]) (x * 2.0)

        // y⁴x³ by y at 2x: 4 (2x)³ x³
        let plain (x: Tensor) = 32.0 * Tensor.Pow(x, 6)
        agree f plain (Const(NDArray.Scalar 0.8))

    // ---- associative scan

    [<Theory>]
    [<InlineData(1)>]
    [<InlineData(2)>]
    [<InlineData(7)>]
    [<InlineData(8)>]
    let ``running products of matrices`` (n: int) =
        let f reverse (x: Tensor) =
            let m = Shaping.Reshape(x, [| n; 2; 2 |])
            (ControlFlow.associativeScan (fun a b -> [| Products.MatMul(a[0], b[0]) |]) [| m |] 0 reverse)[0]

        let plain reverse (x: Tensor) =
            let m = Shaping.Reshape(x, [| n; 2; 2 |])
            let order = if reverse then [ n - 1 .. -1 .. 0 ] else [ 0 .. n - 1 ]
            let running =
                order
                |> List.map (at m)
                |> List.scan
                    (fun (a: Tensor voption) b ->
                        ValueSome(
                            match a with
                            | ValueSome a -> Products.MatMul(a, b)
                            | ValueNone -> b
                        ))
                    ValueNone
            let all = running |> List.choose (fun y -> if y.IsSome then Some y.Value else None)
            Joining.Stack((if reverse then List.rev all else all) |> Array.ofList, 0)

        let x = Creation.Linspace(DType.Float64, -0.9, 1.3, 4 * n, true)
        agree (f false) (plain false) x
        agree (f true) (plain true) x

    [<Fact>]
    let ``running sums along any axis`` () =
        let x = Shaping.Reshape(Creation.Linspace(DType.Float64, 0.1, 2.4, 24, true), [| 2; 3; 4 |])

        for axis in [ 0; 1; 2; -1 ] do
            let got = (ControlFlow.associativeScan (fun a b -> [| a[0] + b[0] |]) [| x |] axis false)[0]
            close $"axis {axis}" (Tensor.Apply(CumSumRule(x.Shape.Axis axis, false), x)) got

    // ---- memory and storage

    [<Fact>]
    let ``the schedule of checkpoints stays within its promise`` () =
        for s in 1..6 do
            for length in [ 2; 3; 10; 57; 200; 1000 ] do
                let mutable r = 1

                while Revolve.reach s r < int64 length do
                    r <- r + 1

                let runs = Array.zeroCreate length
                let mutable most = 0

                let rec back a b room depth =
                    most <- max most depth

                    if b - a <= room + 1 then
                        for k in a .. b - 1 do
                            runs[k] <- runs[k] + 1
                    else
                        let middle = if room = 0 then b - 1 else a + Revolve.ahead (b - a) room

                        for k in a .. middle - 1 do
                            runs[k] <- runs[k] + 1

                        back middle b (max 0 (room - 1)) (depth + 1)
                        back a middle room depth

                back 0 length s 0
                Assert.True(Array.max runs <= r, $"{length} steps with {s} checkpoints run {Array.max runs} times instead of {r}.")
                Assert.True(most <= s, $"{length} steps with {s} checkpoints keep {most}.")

    [<Fact>]
    let ``a compiled loop works in storage of its own`` () =
        let f (x: Tensor) = (ControlFlow.forLoop 0 2000 (fun _ c -> [| Tensor.Sin(Products.MatMul(c[0], x)) * 0.9 |]) [| x |] 0)[0]
        let x = Shaping.Reshape(Creation.Linspace(DType.Float64, -0.1, 0.1, 10_000, true), [| 100; 100 |])
        let g = compiled ProgramExecutor.Automatic f
        g x |> ignore

        let bytes =
            Seq.init 3 (fun _ ->
                let before = GC.GetAllocatedBytesForCurrentThread()
                g x |> ignore
                GC.GetAllocatedBytesForCurrentThread() - before)
            |> Seq.min
        // one state has 80 kB, all states together 160 MB
        Assert.True(bytes < 16_000_000L, $"{bytes} bytes")

    [<Fact>]
    let ``results of a compiled loop stay what they are when it runs again`` () =
        let f (x: Tensor) = (ControlFlow.whileLoop (fun s -> less (sum s[0]) 100.0) (fun s -> [| s[0] * 2.0 |]) [| x |] 0)[0]
        let g = compiled ProgramExecutor.Automatic f
        let first = g (vector [ 1.0; 2.0 ])
        let kept = Creation.ToDoubles first
        for k in 1..20 do
            g (vector [ float k; 0.5 ]) |> ignore
        Assert.Equal<double[]>(kept, Creation.ToDoubles first)

    [<Fact>]
    let ``a step that fails leaves nothing behind`` () =
        let scaled (c: Tensor[]) (row: Tensor[]) =
            let next = ControlFlow.switch (Tensor.Cast(sum row[0], DType.Int64)) [| (fun c -> [| c[0] * 2.0 |]); (fun c -> [| c[0] + 1.0 |]) |] c
            struct (next, next)

        let f (rows: Tensor) =
            let struct (_, ys) = ControlFlow.scan scaled [| vector [ 1.0; 2.0 ] |] [| rows |] ValueNone false 0
            ys[0]

        let g = compiled ProgramExecutor.Automatic f
        let right, wrong = matrix [ [ 0.0 ]; [ 1.0 ]; [ 0.0 ] ], matrix [ [ 0.0 ]; [ 1.0 ]; [ 7.0 ] ]

        for _ in 1..50 do
            close "after an error" (f right) (g right)
            let error = Assert.Throws<ArgumentOutOfRangeException>(fun () -> g wrong |> ignore)
            Assert.Contains("there is no branch 7", error.Message)

    [<Fact>]
    let ``threads share a compiled loop`` () =
        let f (x: Tensor) =
            (ControlFlow.whileLoop (fun s -> less (sum s[0]) 50.0) (fun s -> [| s[0] * 1.1 + Tensor.Sin s[0] * 0.01 |]) [| x |] 0)[0]
        let g = compiled ProgramExecutor.Automatic (gradient f)
        let points = Array.init 64 (fun k -> vector [ 1.0 + 0.1 * float k; 2.0; 0.5 ])
        let want = points |> Array.map (fun x -> Creation.ToDoubles(g x))

        System.Threading.Tasks.Parallel.For(0, 640, (fun k -> Assert.Equal<double[]>(want[k % 64], Creation.ToDoubles(g points[k % 64])))) |> ignore

    [<Fact>]
    let ``programs inside run by the executor of the program around them`` () =
        let f (x: Tensor) = (ControlFlow.forLoop 0 2 (fun _ c -> [| Tensor.Apply(Witness(), c[0]) |]) [| x |] 0)[0]

        for executor, execution in [ ProgramExecutor.Automatic, Execution.Automatic; ProgramExecutor.Interpreted, Execution.Interpreted ] do
            Witness.Seen <- []
            compiled executor f (vector [ 1.0; 2.0 ]) |> ignore
            Assert.Equal<Execution list>([ execution; execution ], Witness.Seen)

        Assert.Equal(Execution.Automatic, Running.Execution)

    // ---- recomputation

    [<Fact>]
    let ``a checkpoint in a compiled function stays one call, and its derivatives are the function's`` () =
        let f (x: Tensor) = (ControlFlow.checkpoint (fun xs -> [| Tensor.Sin xs[0] * xs[0] |]) [| x * 2.0 |])[0] * x
        let plain (x: Tensor) = Tensor.Sin(x * 2.0) * (x * 2.0) * x
        agree f plain (vector [ 0.3; 1.2 ])
        let program = Compiled(gradient f, ProgramExecutor.Automatic, 4).ProgramFor(vector [ 0.3; 1.2 ])
        let calls = program.Equations |> Array.filter (fun e -> e.Rule :? ProgramRule)
        Assert.Equal(2, calls.Length)

    [<Fact>]
    let ``a program shows its loops`` () =
        let text = Compiled(squareRoot, ProgramExecutor.Automatic, 4).ProgramFor(vector [ 2.0 ]).ToString()
        Assert.Contains("while", text)
        Assert.Contains("do:", text)

/// Tests that read the memory of the process: no other runs beside them.
[<CollectionDefinition("Alone", DisableParallelization = true)>]
type Alone() = class end

[<Collection("Alone")>]
module ControlFlowMemoryTests =
    [<Theory>]
    [<InlineData(false)>]
    [<InlineData(true)>]
    let ``a long scan by checkpoints needs little memory`` (compile: bool) =
        let width, length = 200, 100_000

        let f (x: Tensor) =
            let c = ControlFlow.forLoop 0 length (fun _ c -> [| Tensor.Sin(c[0]) * 0.5 + x |]) [| x |] 16
            Reducing.Sum(c[0], null, false)

        let gradient =
            if compile then
                (let g = Compiled(Derivatives.gradient f, ProgramExecutor.Automatic, 16) in g.Invoke)
            else
                Derivatives.gradient f
        let x = Creation.Linspace(DType.Float64, 0.1, 1.0, width, true)

        // live bytes on the way, beyond those before: of the process, whose test runner takes and frees some when it likes, so that one quiet run of several shows what is needed
        let rec run attempt =
            let before = GC.GetTotalMemory true
            let mutable most, looks = 0L, 0
            let look _ =
                most <- max most (GC.GetTotalMemory true)
                looks <- looks + 1
            use watch = new System.Threading.Timer(look, null, 50, 100)
            let g = gradient x
            if looks > 0 && most - before < 120_000_000L then
                g
            elif attempt < 5 then
                run (attempt + 1)
            // all carries would be 160 MB, live at once; what waits for the collector does not count
            else
                failwith $"{(most - before) / 1_000_000L} MB in the fifth run, {looks} looks"

        let g = run 1
        // the limit c = sin(c)/2 + x: dc/dx = 1/(1 - cos(c)/2)
        let c = ControlFlow.forLoop 0 200 (fun _ c -> [| Tensor.Sin(c[0]) * 0.5 + x |]) [| x |] 0
        EveryRoute.close "gradient" (1.0 / (1.0 - 0.5 * Tensor.Cos c[0])) g
