namespace DiffLib.Core.Tests

open System
open DiffLib
open FsCheck.Xunit
open global.Xunit
open Numeric

/// Laws over chains of operations drawn from the catalogue. 500 in the usual run; 10 000 with DIFFLIB_SOAK=1.
module CompositionLaws =
    let private soak = Environment.GetEnvironmentVariable "DIFFLIB_SOAK" = "1"

    /// Lines whose results stay moderate when their inputs do, so that rounding says nothing about the law.
    let private pool = Catalogue.lines |> Array.filter (fun l -> l.Precision.Condition <= 10.0 && l.Precision.Homogeneous && l.Precision.Order > 1)

    /// As many elements of x as the shape has, over and over if need be.
    let private reshaped (x: Tensor) (shape: int[]) : Tensor =
        let n = Array.fold (*) 1 shape
        let places = Const(NDArray.Adopt(Shape [| n |], Array.init n (fun k -> int64 (k % x.Count))))
        Tensor.ReshapeTo(Tensor.Take(Tensor.ReshapeTo(x, Shape [| x.Count |]), 0, places), Shape shape)

    /// Numbers of any size brought to sizes around 1; the root of a sum of squares keeps directions apart.
    let private tamed (x: Tensor) : Tensor = x / Tensor.Sqrt(1.0 + TensorReductions.Mean(x * x))

    /// A chain: each operation takes the last result for one of its inputs, and earlier results for the others.
    let compose (seed: int) : string * (Tensor -> Tensor) =
        let random = Random seed
        let steps = Array.init (random.Next(3, 9)) (fun _ -> pool[random.Next pool.Length])
        let choices = steps |> Array.map (fun line -> line.Domains |> Array.map (fun _ -> random.Next()))

        let run (x: Tensor) =
            let results = ResizeArray [ x ]

            for i in 0 .. steps.Length - 1 do
                let line = steps[i]

                let inputs =
                    Array.init line.Domains.Length (fun k ->
                        let source = if k = 0 then results[results.Count - 1] else results[choices[i][k] % results.Count]
                        Points.fit line.Domains[k] (reshaped source (line.Cases[0].[k])))

                results.Add(tamed (line.Call inputs))

            results[results.Count - 1]

        String.Join(" | ", steps |> Array.map (fun l -> l.Name)), run

    let private demand (seed: int) =
        let name, f = compose seed
        let random = Random(seed + 1)
        let x = Points.tensor DType.Float64 [| 5 |] (Array.init 5 (fun _ -> Points.normal random))

        try
            let v = Points.direction random x
            let struct (y, dy) = Derivatives.jvp f x v
            let struct (z, pull) = Derivatives.vjp f x
            Assert.True(same y z, "the values of the two modes differ")
            let w = Points.direction random y
            let dx = pull w
            let left, right = dot w dy, dot dx v
            // steep chains cancel: the bound is relative to what was added up
            let bound = 1e-10 * (norm w * norm dy + norm dx * norm v + 1e-3)
            Assert.True(Double.IsFinite left && abs (left - right) <= bound, $"⟨w, J v⟩ = {left:R}, but ⟨Jᵀ w, v⟩ = {right:R}")

            // one entry of the Jacobian, from its row and from its column
            let i, j = random.Next y.Count, random.Next x.Count
            let unit (like: Tensor) k = Points.tensor DType.Float64 like.Shape.Sizes (Array.init like.Count (fun m -> if m = k then 1.0 else 0.0))
            let row, column = pull (unit y i), (let struct (_, d) = Derivatives.jvp f x (unit x j) in d)
            let byRow, byColumn = (elements row)[j], (elements column)[i]
            Assert.True(
                abs (byRow - byColumn) <= 1e-10 * (largest row + largest column + 1e-3),
                $"entry ({i}, {j}) is {byColumn:R} forward and {byRow:R} in reverse"
            )
        with error ->
            raise (Sdk.XunitException($"composition of seed {seed}: {name}: {error.Message}", error))

    [<Fact>]
    let ``F01 and F04 hold for 500 compositions`` () =
        for seed in 1..500 do
            demand seed

    [<Fact>]
    let ``F01 and F04 hold for ten thousand compositions (DIFFLIB_SOAK)`` () =
        if soak then
            for seed in 501..10000 do
                demand seed

    [<Property(MaxTest = 30)>]
    let ``F01 and F04 hold for compositions of any seed`` (seed: FsCheck.NonNegativeInt) = demand (100000 + seed.Get)

    [<Property>]
    let ``F01 holds for any elementwise chain of numbers`` (x: FsCheck.NormalFloat) (NonZero: int) =
        let at = Tensor.op_Implicit (Math.Tanh x.Get)
        let f (x: Tensor) = sin (exp x) * tanh (x * float (NonZero % 7)) + x
        let struct (_, dy) = Derivatives.jvp f at (Tensor.op_Implicit 1.0)
        (Derivatives.gradient f at).ToDouble() = dy.ToDouble()
        || abs ((Derivatives.gradient f at).ToDouble() - dy.ToDouble()) <= 1e-14 * (1.0 + abs (dy.ToDouble()))
