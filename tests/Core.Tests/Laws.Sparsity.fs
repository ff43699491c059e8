namespace DiffLib.Core.Tests

open System
open DiffLib
open FsCheck.Xunit
open global.Xunit
open Numeric

/// Sparse derivatives are the dense ones: no place that differs from zero is missed, and the numbers at the places are right.
module SparsityLaws =
    /// A function of several tensors as one of the vector of all their elements.
    let private ofVector (f: Tensor[] -> Tensor) (inputs: Tensor[]) : Tensor -> Tensor =
        fun v ->
            let ends = inputs |> Array.scan (fun at x -> at + x.Count) 0
            f (Array.mapi (fun i (x: Tensor) -> Tensor.ReshapeTo(Shaping.Narrow(v, 0, ends[i], x.Count), x.Shape)) inputs)

    let private vectorOf (inputs: Tensor[]) : Tensor = Joining.Concat(inputs |> Array.map (fun x -> Tensor.ReshapeTo(x, Shape [| x.Count |])), 0)

    /// Every place where the dense matrix differs from zero is in the pattern, and the sparse matrix has its numbers.
    let private demandSame (t: Trial) (what: string) (pattern: SparsityPattern) (sparse: CsrMatrix) (dense: Tensor) =
        let columns = max 1 pattern.Columns
        let numbers = elements dense
        let got = elements (sparse.ToTensor())
        let scale = numbers |> Array.fold (fun m x -> if Double.IsFinite x then max m (abs x) else m) 1.0
        let tolerance = t.Tolerance(1e-11, 2e-3) * scale

        if not (pattern.Equals sparse.Pattern) then t.Fail $"{what}: the matrix has another pattern than the one detected"

        numbers
        |> Array.iteri (fun k d ->
            let i, j = k / columns, k % columns

            if d <> 0.0 && not (pattern.Contains(i, j)) then
                t.Fail $"{what}: the place ({i}, {j}) is {d}, but the pattern lacks it:\n{pattern}"

            if abs (got[k] - d) > tolerance && not (Double.IsNaN d && Double.IsNaN got[k]) then
                t.Fail $"{what}: the place ({i}, {j}) is {d}, the sparse matrix says {got[k]}")

    let private unlessShapeless (operation: string) (law: unit -> unit) =
        if operation.StartsWith "Unique" then
            let error = Assert.Throws<InvalidOperationException>(law)
            Assert.Contains("depends on the data", error.Message)
        else
            law ()

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``the sparse Jacobian of every operation is the dense one`` (operation: string) =
        unlessShapeless operation (fun () ->
            for t in Cases.all operation DType.Float64 do
                let f, x = ofVector t.F t.Inputs, vectorOf t.Inputs
                let dense = Tensor.ReshapeTo(Derivatives.jacobian f x, Shape [| (f x).Count; x.Count |])
                demandSame t "the Jacobian" (SparseDerivatives.pattern f x) (SparseDerivatives.jacobian f x) dense)

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``the sparse Hessian of every operation is the dense one`` (operation: string) =
        if (Catalogue.find operation).Precision.Order > 1 then
            unlessShapeless operation (fun () ->
                let t = Cases.first operation DType.Float64
                let w = t.Direction(t.F t.Inputs)
                let f, x = ofVector (Derive.against w t.F) t.Inputs, vectorOf t.Inputs
                demandSame t "the Hessian" (SparseDerivatives.hessianPattern f x) (SparseDerivatives.hessian f x) (Derivatives.hessian f x))

    [<Theory; MemberData("All", MemberType = typeof<Lines>)>]
    let ``the sparse Jacobian by rows is the dense one, also in float32`` (operation: string) =
        unlessShapeless operation (fun () ->
            for dtype in Cases.both do
                let t = Cases.first operation dtype
                let f, x = ofVector t.F t.Inputs, vectorOf t.Inputs
                let dense = Tensor.ReshapeTo(Derivatives.jacobian f x, Shape [| (f x).Count; x.Count |])

                let byRows =
                    CompressedJacobian.Of(
                        "SparseJacobian",
                        f,
                        x.Spec,
                        ValueNone,
                        ValueSome ColoringKind.Rows,
                        ColoringOrder.LargestFirst,
                        ProgramExecutor.Interpreted
                    )

                demandSame t "the Jacobian by rows" byRows.Pattern (byRows.At x.Value) dense)

    [<Property(MaxTest = 40)>]
    let ``sparse derivatives of random compositions are the dense ones`` (seed: FsCheck.NonNegativeInt) =
        let name, f = CompositionLaws.compose (200_000 + seed.Get)
        let random = Random seed.Get
        let x = Points.tensor DType.Float64 [| 5 |] (Array.init 5 (fun _ -> Points.normal random))
        let dense = Tensor.ReshapeTo(Derivatives.jacobian f x, Shape [| (f x).Count; 5 |])

        let law () =
            let sparse = SparseDerivatives.jacobian f x
            let scale = 1.0 + largest dense

            Array.iteri2
                (fun k a b ->
                    if abs (a - b) > 1e-9 * scale then
                        Assert.Fail $"composition {seed.Get}: {name}: place ({k / 5}, {k % 5}) is {a} dense and {b} sparse:\n{sparse.Pattern}")
                (elements dense)
                (elements (sparse.ToTensor()))

        if name.Contains "Unique" then
            Assert.Contains("depends on the data", Assert.Throws<InvalidOperationException>(law).Message)
        else
            law ()

    // ---- what precise patterns are

    let private vector (n: int) : Tensor = Points.tensor DType.Float64 [| n |] (Array.init n (fun k -> 0.3 + 0.1 * float (k % 7)))
    let private part (x: Tensor) start count = Shaping.Narrow(x, 0, start, count)

    let private placesOf (f: Tensor -> Tensor) (x: Tensor) : (int * int) list =
        let p = SparseDerivatives.pattern f x
        [ for i in 0 .. p.Rows - 1 do
              for j in (p.Row i).ToArray() do
                  yield i, j ]

    let private diagonal n = [ for i in 0 .. n - 1 -> i, i ]

    [<Fact>]
    let ``an elementwise function has a diagonal`` () = Assert.Equal<(int * int) list>(diagonal 5, placesOf (fun x -> sin x * x + exp x) (vector 5))

    [<Fact>]
    let ``a slope that is zero everywhere has no places`` () =
        Assert.Empty(placesOf floor (vector 4))
        Assert.Empty(placesOf (fun x -> Derivatives.stopGradient x * 2.0) (vector 4))
        Assert.Empty(placesOf (fun x -> 0.0 * x) (vector 4))
        Assert.Empty(placesOf (fun _ -> vector 3) (vector 4))

    [<Fact>]
    let ``zeros of a constant matrix and of a constant mask have no places`` () =
        let matrix = Points.tensor DType.Float64 [| 2; 3 |] [| 1.0; 0.0; 2.0; 0.0; 0.0; 3.0 |]
        Assert.Equal<(int * int) list>([ 0, 0; 0, 2; 1, 2 ], placesOf (fun x -> Products.MatMul(matrix, x)) (vector 3))
        let keep = Points.tensor DType.Float64 [| 3 |] [| 1.0; 0.0; 1.0 |]
        Assert.Equal<(int * int) list>([ 0, 0; 2, 2 ], placesOf (fun x -> keep * sin x) (vector 3))

    [<Fact>]
    let ``a choice by a constant has the side taken, one by numbers both`` () =
        let some = mask [ 3 ] [ 1; 0; 1 ]
        let other (x: Tensor) = part x 3 3
        Assert.Equal<(int * int) list>([ 0, 0; 1, 4; 2, 2 ], placesOf (fun x -> Tensor.Select(some, part x 0 3, other x)) (vector 6))

        Assert.Equal<(int * int) list>(
            [ 0, 0; 0, 3; 1, 1; 1, 4; 2, 2; 2, 5 ],
            placesOf (fun x -> Tensor.Select(Logic.Less(part x 0 3, 0.5), part x 0 3, other x)) (vector 6)
        )

    [<Fact>]
    let ``known indices move places, computed ones take the whole axis`` () =
        let at = ints [ 3 ] [ 2; 0; 2 ]
        Assert.Equal<(int * int) list>([ 0, 2; 1, 0; 2, 2 ], placesOf (fun x -> x[TensorIndex.op_Implicit at]) (vector 3))
        Assert.Equal(9, (placesOf (fun x -> let struct (sorted, _) = Sorting.Sort(x, 0, false) in sorted) (vector 3)).Length)

    [<Fact>]
    let ``a convolution has a band`` () =
        let kernel = Points.tensor DType.Float64 [| 1; 1; 3 |] [| 1.0; -2.0; 1.0 |]

        let stencil (x: Tensor) =
            Tensor.ReshapeTo(
                Tensor.Apply(
                    ConvolutionRule(ConvolutionMap.Output, [| 1 |], [| 1 |], [| 1 |], 1, [| 6 |]),
                    Tensor.ReshapeTo(x, Shape [| 1; 1; 6 |]),
                    kernel
                ),
                Shape [| 6 |]
            )

        let band =
            [ for i in 0..5 do
                  for j in max 0 (i - 1) .. min 5 (i + 1) -> i, j ]

        Assert.Equal<(int * int) list>(band, placesOf stencil (vector 6))

    [<Fact>]
    let ``running sums have a triangle`` () =
        let triangle =
            [ for i in 0..3 do
                  for j in 0..i -> i, j ]

        Assert.Equal<(int * int) list>(triangle, placesOf (fun x -> Cumulative.Sum(x, 0, false)) (vector 4))

    [<Fact>]
    let ``solutions of separate systems are separate`` () =
        let matrices = Points.tensor DType.Float64 [| 2; 2; 2 |] [| 2.0; 1.0; 0.0; 3.0; 1.0; 0.5; 0.0; 2.0 |]
        let solve (x: Tensor) = Tensor.ReshapeTo(LinearAlgebra.Solve(matrices, Tensor.ReshapeTo(x, Shape [| 2; 2; 1 |])), Shape [| 4 |])
        Assert.Equal<(int * int) list>([ 0, 0; 0, 1; 1, 0; 1, 1; 2, 2; 2, 3; 3, 2; 3, 3 ], placesOf solve (vector 4))

    // ---- programs inside

    [<Fact>]
    let ``a scan is followed step by step`` () =
        let f (x: Tensor) =
            let first = Points.tensor DType.Float64 [||] [| 1.0 |]
            let _, ys = DiffLib.FSharp.ControlFlow.scan (fun (carry: Tensor) (row: Tensor) -> row, carry * row) first x
            ys

        Assert.Equal<(int * int) list>([ 0, 0; 1, 0; 1, 1; 2, 1; 2, 2; 3, 2; 3, 3 ], placesOf f (vector 4))

    [<Fact>]
    let ``a loop of unknown length is followed until nothing is added`` () =
        let f (x: Tensor) =
            // doubles every element until the first is large
            DiffLib.FSharp.ControlFlow.whileLoop (fun (s: Tensor) -> Logic.Less(s[TensorIndex.op_Implicit 0], 10.0)) (fun s -> 2.0 * s) x

        Assert.Equal<(int * int) list>(diagonal 3, placesOf f (vector 3))

        let shifting (x: Tensor) =
            // every round mixes in one further neighbour
            let next (s: Tensor) = s + Joining.Concat([| part s 1 49; part s 0 1 |], 0)
            DiffLib.FSharp.ControlFlow.whileLoop (fun (s: Tensor) -> Logic.Less(s[TensorIndex.op_Implicit 0], 10.0)) next x

        Assert.Equal(2500, (placesOf shifting (vector 50)).Length)

    [<Fact>]
    let ``both branches of a choice between functions count`` () =
        let f (x: Tensor) =
            DiffLib.FSharp.ControlFlow.cond
                (Logic.Less(Derive.sum x, 1.0))
                (fun (x: Tensor) -> sin x)
                (fun (x: Tensor) -> Joining.Concat([| part x 1 2; part x 0 1 |], 0))
                x

        Assert.Equal<(int * int) list>([ 0, 0; 0, 1; 1, 1; 1, 2; 2, 0; 2, 2 ], placesOf f (vector 3))

    [<Fact>]
    let ``a rule of the user's own counts by its derivative, not by its value`` () =
        // rounding whose derivative is taken to be that of the identity
        let straightThrough = DiffLib.FSharp.Rules.withRules "straight_through" (fun _ _ dx -> dx) (fun _ _ w -> w) (fun x -> round x)
        Assert.Equal<(int * int) list>(diagonal 3, placesOf straightThrough (vector 3))

        let j = SparseDerivatives.jacobian straightThrough (vector 3)
        Assert.Equal<float[]>([| 1.0; 1.0; 1.0 |], j.Values.ToArray())

    [<Fact>]
    let ``a dependence too large to be sparse is an error that says so`` () =
        let error = Assert.Throws<InvalidOperationException>(fun () -> placesOf (fun x -> Cumulative.Sum(sin x, 0, false)) (vector 30_000) |> ignore)
        Assert.Contains("not sparse", error.Message)
