namespace DiffLib.Core.Tests

open System
open Xunit
open DiffLib
open DiffLib.Kernels

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
           [| "second differences"; 9001 |]
           [| "neighbouring rows"; 2220 |]
           [| "neighbouring columns"; 2220 |]
           [| "both neighbours"; 2220 |]
           [| "columns"; 40 |]
           [| "steps"; 30 |]
           [| "backwards"; 30 |]
           [| "boxes"; 60 |] |]

    let private sliced (name: string) (x: Tensor) : Tensor =
        let n = x.Count

        match name with
        | "neighbours" -> total (part x [ range 1 n ] * Tensor.Sin(part x [ range 0 (n - 1) ]))
        | "three overlapping" -> total (part x [ range 0 2050 ] * part x [ range 7 2057 ] * part x [ range (n - 2050) n ])
        | "second differences" -> total (Tensor.Sin(part x [ range 2 n ] - 2.0 * part x [ range 1 (n - 1) ] + part x [ range 0 (n - 2) ]))
        | "neighbouring rows" ->
            let m = Shaping.Reshape(x, [| 60; n / 60 |])
            total (part m [ range 0 57 ] * Tensor.Exp(-(part m [ range 3 60 ])))
        | "neighbouring columns" ->
            let m = Shaping.Reshape(x, [| 60; n / 60 |])
            let c, all = n / 60, TensorIndex.op_Implicit Range.All
            total (part m [ all; range 0 (c - 1) ] * Tensor.Exp(-(part m [ all; range 1 c ])))
        | "both neighbours" ->
            let m = Shaping.Reshape(x, [| 60; n / 60 |])
            let c, all = n / 60, TensorIndex.op_Implicit Range.All
            total (Tensor.Sin(part m [ range 0 59 ] - part m [ range 1 60 ]))
            + total (Tensor.Cos(part m [ all; range 0 (c - 1) ] * part m [ all; range 1 c ]))
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
        let n = min n 4100
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

    let private stepsOf (execution: Execution) (p: Program) = Executable(Simplify.simplify (Programs.writeOut p), execution).Steps

    [<Theory;
      InlineData("neighbours", 5001);
      InlineData("second differences", 9001);
      InlineData("neighbouring rows", 2220);
      InlineData("neighbouring columns", 2220)>]
    let ``the loop that makes blocks puts them in their places`` (name: string, n: int) =
        let p = (compiled (Derivatives.gradient (sliced name))).ProgramFor(vector n)
        Assert.Contains("place_sum", p.ToString())
        let steps = stepsOf Execution.Automatic p
        Assert.DoesNotContain(steps, fun s -> s.Describe().Contains "place_sum")
        Assert.Single(steps |> Array.filter (fun s -> s :? LoopStep)) |> ignore

    [<Fact>]
    let ``the parts that threads share out put blocks in the same places, with the same bits`` () =
        let x = vector 300_000
        let gradients = [ sliced "neighbours"; sliced "second differences" ] |> List.map Derivatives.gradient
        let threads = Parallelism.MaxThreads

        try
            for gradient in gradients do
                for executor in [ ProgramExecutor.Generated; ProgramExecutor.Interpreted ] do
                    let f = Compiled(gradient, executor, 16)
                    Parallelism.MaxThreads <- 1
                    let one = f.Invoke x
                    equal (gradient x) one

                    for n in 2..4 do
                        Parallelism.MaxThreads <- n
                        equal one (f.Invoke x)
        finally
            Parallelism.MaxThreads <- threads

    [<Fact>]
    let ``negative zeros that are placed come out as they do one operation after the other`` () =
        let x = Tensor.op_Implicit (Array.init 100 (fun k -> if k % 3 = 0 then 1.0 else -0.0))
        let program name = Programs.ofFunction "test" name [| x.Spec |]
        let embed (x: Tensor) = Tensor.Apply(EmbedRule([| 2 |], [| 1 |], Shape [| 104 |]), x)
        let other (x: Tensor) = Tensor.Apply(EmbedRule([| 0 |], [| 1 |], Shape [| 104 |]), x)
        let bits (x: NDArray) = x.ToArray<double>() |> Array.map BitConverter.DoubleToInt64Bits

        for f in
            [ (fun x -> embed (x * 0.5))
              (fun x -> embed (x * 0.5) + other (x * 2.0))
              (fun x -> embed (-x) + other (Tensor.Unary(UnaryOp.Relu, x))) ] do
            let p = Simplify.simplify (program (fun xs -> [| f xs[0] |]))
            let input =
                [| (match x with
                    | Const v -> v
                    | _ -> failwith "a constant") |]
            let want = (Programs.evaluate p input)[0]

            for execution in [ Execution.Interpreted; Execution.Generated ] do
                let executable = Executable(p, execution)
                Assert.DoesNotContain(executable.Steps, fun s -> s :? CallStep)
                Assert.Equal<int64[]>(bits want, bits ((executable.Run input).[0]))

    [<Fact>]
    let ``blocks inside blocks that are placed again come after the loop that placed them`` () =
        let x = vector 50
        let inner (x: Tensor) = Tensor.Apply(EmbedRule([| 3 |], [| 1 |], Shape [| 60 |]), Tensor.Sin x)
        let outer (x: Tensor) = Tensor.Apply(EmbedRule([| 7 |], [| 1 |], Shape [| 70 |]), inner x)
        equal (outer x) ((compiled outer).Invoke x)

    // ---- blocks of which a loop makes some

    let private embedded (at: int) (size: int) (x: Tensor) = Tensor.Apply(EmbedRule([| at |], [| 1 |], Shape [| size |]), x)
    let private all = TensorIndex.op_Implicit Range.All

    /// Functions of a vector x of n elements and a vector of n + 4, and whether all that puts blocks in their places is part of a loop.
    let private partlyMade: (string * (int -> Tensor -> Tensor -> Tensor)) list =
        [ "joined behind a part of an argument", (fun _ x y -> Joining.Concat([| part y [ range 0 4 ]; Tensor.Sin x |], 0))
          "joined before", (fun _ x y -> Joining.Concat([| Tensor.Sin x; part y [ range 1 3 ]; part y [ range 0 1 ] |], 0))
          "a carried sum in front", (fun n x y -> y + (embedded 1 (n + 4) (x * 0.5) + embedded 3 (n + 4) (Tensor.Exp x)))
          "a carried sum behind", (fun n x y -> (embedded 4 (n + 4) (x * 0.5) + embedded 0 (n + 4) (x + 1.0)) + y)
          "one block and a carried sum", (fun n x y -> embedded 2 (n + 4) (Tensor.Sin x) + y)
          "a small block behind",
          (fun n x y -> embedded 4 (n + 4) (x * 2.0) + embedded 3 (n + 4) (x + 1.0) + embedded 1 (n + 4) (part y [ range 0 5 ]))
          "a block that the loop reads",
          (fun n x y ->
              let z = part y [ range 4 (n + 4) ]
              embedded 4 (n + 4) (x * z) + embedded 3 (n + 4) z + embedded 0 (n + 4) (part y [ range 0 4 ])) ]

    let private isPlacing (s: ProgramStep) =
        s :? CallStep && (s.Describe().Contains "place_sum" || s.Describe().Contains "concat" || s.Describe().Contains "embed")

    let private sameBits (p: Program) (input: NDArray[]) =
        let bits (xs: NDArray[]) = xs |> Array.collect (fun x -> x.ToArray<double>() |> Array.map BitConverter.DoubleToInt64Bits)
        let want = Programs.evaluate p input
        let threads = Parallelism.MaxThreads

        try
            for execution in [ Execution.Interpreted; Execution.Generated ] do
                let executable = Executable(p, execution)

                for n in 1..3 do
                    Parallelism.MaxThreads <- n
                    Assert.Equal<int64[]>(bits want, bits (executable.Run input))
                    Assert.Equal<int64[]>(bits want, bits (executable.Run input))
        finally
            Parallelism.MaxThreads <- threads

    let private arrayOf (x: Tensor) =
        match x with
        | Const v -> v
        | _ -> failwith "a constant"

    [<Fact>]
    let ``a loop puts what it makes in its place, and the rest comes after it, with the same bits`` () =
        for name, f in partlyMade do
            for n in [ 5; 16; 1003; 90_001 ] do
                let x, y = Tensor.Sin(40.0 * vector n), Tensor.Cos(30.0 * vector (n + 4))
                let p = Simplify.simplify (Programs.ofFunction "test" (fun xs -> [| f n xs[0] xs[1] |]) [| x.Spec; y.Spec |])
                if n > 5 then Assert.False(Array.exists isPlacing (stepsOf Execution.Automatic p), name + "\n" + p.ToString())
                sameBits p [| arrayOf x; arrayOf y |]

    [<Fact>]
    let ``blocks of matrices are put in their places along either axis, with the same bits`` () =
        let x, y = Shaping.Reshape(Tensor.Sin(40.0 * vector 600), [| 20; 30 |]), Shaping.Reshape(Tensor.Cos(30.0 * vector 690), [| 23; 30 |])
        let z = Shaping.Reshape(Tensor.Cos(3.0 * vector 660), [| 20; 33 |])
        let place (row: int) (column: int) (like: Tensor) (x: Tensor) = Tensor.Apply(EmbedRule([| row; column |], [| 1; 1 |], like.Shape), x)

        let functions: (Tensor[] -> Tensor) list =
            [ (fun xs -> Joining.Concat([| part xs[1] [ range 0 3 ]; Tensor.Sin xs[0] |], 0))
              (fun xs -> Joining.Concat([| Tensor.Sin xs[0]; part xs[2] [ all; range 0 3 ] |], 1))
              (fun xs -> xs[1] + (place 0 0 xs[1] (xs[0] * 2.0) + place 3 0 xs[1] (Tensor.Exp xs[0])))
              (fun xs -> place 0 1 xs[2] (xs[0] * 2.0) + place 0 3 xs[2] (Tensor.Exp xs[0]) + xs[2])
              (fun xs -> place 0 1 xs[2] (xs[0] * 2.0) + place 0 0 xs[2] (part xs[2] [ all; range 30 32 ])) ]

        for f in functions do
            let p = Simplify.simplify (Programs.ofFunction "test" (fun xs -> [| f xs |]) [| x.Spec; y.Spec; z.Spec |])
            Assert.False(Array.exists isPlacing (stepsOf Execution.Automatic p), p.ToString())
            sameBits p [| arrayOf x; arrayOf y; arrayOf z |]

    [<Fact>]
    let ``the rest of a joined block may wait for what the loop makes`` () =
        let w = Shaping.Reshape(Tensor.Sin(vector 100), [| 10; 10 |])
        let f (x: Tensor) =
            let y = Tensor.Tanh x
            Joining.Concat([| y; Tensor.Exp(Products.MatMul(y, w)) |], 0)
        let x = Shaping.Reshape(vector 200, [| 20; 10 |])
        equal (f x) ((compiled f).Invoke x)
        let loss x = total (f x * f x)
        close 1e-13 (Derivatives.gradient loss x) ((compiled (Derivatives.gradient loss)).Invoke x)

    // ---- what runs together

    [<Fact>]
    let ``operations over the same values are one loop, also where their results are needed at different times`` () =
        let w = Shaping.Reshape(Tensor.Sin(vector 100), [| 10; 10 |])
        // the slope is needed before the next product, the sum at the end only
        let f (x: Tensor) =
            let y = Products.MatMul(x, w)
            total (Tensor.Tanh y) + total (Products.MatMul(Tensor.Exp y, w))

        let x = Shaping.Reshape(vector 200, [| 20; 10 |])
        let gradient = Derivatives.gradient f
        let g = compiled gradient
        equal (gradient x) (g.Invoke x)
        let loops =
            stepsOf Execution.Automatic (g.ProgramFor x)
            |> Array.choose (function
                | :? LoopStep as s -> Some s.Fused
                | _ -> None)
        Assert.Equal(1, loops |> Array.filter (fun f -> f.Scalar.ToString().Contains "exp") |> Array.length)

    [<Fact>]
    let ``what reads a sum waits for it, also where the sum has the shape of what it sums`` () =
        let f (x: Tensor) = Reducing.Sum(Tensor.Sin x, [| 1 |], true) * Tensor.Exp x
        let x = Shaping.Reshape(vector 20, [| 20; 1 |])
        equal (f x) ((compiled f).Invoke x)
        let gradient = Derivatives.gradient (fun x -> total (f x))
        equal (gradient x) ((compiled gradient).Invoke x)

    [<Fact>]
    let ``functions that share their work run together, however much later the second is needed`` () =
        let w = Shaping.Reshape(Tensor.Sin(vector 100), [| 10; 10 |])
        let rec layers n (x: Tensor) = if n = 0 then total x else layers (n - 1) (Tensor.Unary(UnaryOp.Sigmoid, Tensor.Tanh(Products.MatMul(x, w))))
        let x = Shaping.Reshape(vector 200, [| 20; 10 |])
        let gradient = Derivatives.gradient (layers 3)
        let g = compiled gradient
        equal (gradient x) (g.Invoke x)

        for step in stepsOf Execution.Automatic (g.ProgramFor x) do
            match step with
            | :? LoopStep as s ->
                let text = s.Fused.Scalar.ToString()
                if text.Contains "= tanh" then Assert.Contains("= sech2", text)
                if text.Contains "= sigmoid " then Assert.Contains("= sigmoidslope", text)
            | _ -> ()

    // ---- sums of products

    /// A recurrence written out, whose matrix every step uses.
    let private recurrence (steps: int) (w: Tensor) (x: Tensor) : Tensor =
        let rec go k (h: Tensor) = if k = 0 then total (h * h) else go (k - 1) (Tensor.Tanh(Products.MatMul(h, w) + x * (0.1 * float k)))
        go steps x

    let recurrences: obj[][] =
        [| for dtype in [ DType.Float64; DType.Float32 ] do
               for rows, width in [ 1, 5; 3, 8; 7, 33; 32, 40; 176, 12; 177, 12; 200, 20 ] do
                   [| dtype; rows; width |] |]

    [<Theory; MemberData(nameof recurrences)>]
    let ``the gradient of a matrix that every step uses is summed in its place, with the same bits`` (dtype: DType, rows: int, width: int) =
        let cast (x: Tensor) = Tensor.Apply(CastRule dtype, x)
        let w = cast (Shaping.Reshape(Tensor.Sin(13.0 * vector (width * width)), [| width; width |]))
        let x = cast (Shaping.Reshape(Tensor.Cos(7.0 * vector (rows * width)), [| rows; width |]))
        let gradient (w: Tensor) = Derivatives.gradient (fun w -> recurrence 5 w x) w
        // other libraries round in ways of their own
        let same = if Backends.Products.Name = "managed" then equal else close (if dtype = DType.Float64 then 1e-12 else 1e-4)

        for executor in [ ProgramExecutor.Generated; ProgramExecutor.Interpreted ] do
            let f = Compiled(gradient, executor, 16)
            same (gradient w) (f.Invoke w)
            same (gradient (w * 0.5)) (f.Invoke(w * 0.5))

        let added = stepsOf Execution.Automatic ((compiled gradient).ProgramFor w) |> Array.filter (fun s -> s :? AddStep)

        // a first product, and four added to it; sums longer than a stretch of the kernel's would round differently
        Assert.Equal((if rows <= Gemm.DepthBlock then 4 else 0), added.Length)

    [<Fact>]
    let ``a sum of products that is needed before its last term is not written over`` () =
        let at k = Shaping.Reshape(Tensor.Sin(float k * vector 36), [| 6; 6 |])
        let product k (x: Tensor) = Products.MatMul(at k, x)

        let f (x: Tensor) =
            let two = product 1 x + product 2 x
            let three = two + product 3 x
            let four = three + product 4 x
            total (four * three + two)

        let x = at 9
        let gradient = Derivatives.gradient f
        equal (f x) ((compiled f).Invoke x)
        equal (gradient x) ((compiled gradient).Invoke x)

    [<Fact>]
    let ``programs whose inputs are terms of a sum of products leave them as they are`` () =
        let at k = Shaping.Reshape(Tensor.Sin(float k * vector 36), [| 6; 6 |])
        let f (x: Tensor) = x + Products.MatMul(x, at 1) + Products.MatMul(x, at 2) + Products.MatMul(x, at 3) + Products.MatMul(at 4, x)
        let x = at 5
        let copy = Creation.ToDoubles x
        let g = compiled f
        equal (f x) (g.Invoke x)
        equal (f x) (g.Invoke x)
        Assert.Equal<double[]>(copy, Creation.ToDoubles x)

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
