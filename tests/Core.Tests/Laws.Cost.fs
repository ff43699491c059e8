namespace DiffLib.Core.Tests

open System
open System.Diagnostics
open DiffLib
open global.Xunit

/// What derivatives cost. Bytes are counted, which a busy machine does not change; time is measured with DIFFLIB_SOAK=1.
module CostLaws =
    /// A small network: two layers, a softmax, a loss. One of everything that is common.
    let private network (xs: Tensor[]) : Tensor =
        let hidden = tanh (TensorProducts.MatMul(xs[0], xs[1]) + xs[2])
        let logs = TensorReductions.LogSoftmax(TensorProducts.MatMul(hidden, xs[3]))
        TensorReductions.Mean(logs * xs[4])

    let private elementwise (xs: Tensor[]) : Tensor =
        let x = xs[0]
        TensorReductions.Sum(sin x * exp (-(x * x)) + log (1.0 + x * x) / (2.0 + cos x))

    let private normal (seed: int) (shape: int[]) =
        let random = Random seed
        Points.tensor DType.Float64 shape (Array.init (Array.fold (*) 1 shape) (fun _ -> Points.normal random))

    let private composites: (string * (Tensor[] -> Tensor) * Tensor[]) list =
        [ "network",
          network,
          [| normal 1 [| 256; 128 |]; normal 2 [| 128; 128 |]; normal 3 [| 128 |]; normal 4 [| 128; 64 |]; normal 5 [| 256; 64 |] |]
          "elementwise", elementwise, [| normal 6 [| 50000 |] |] ]

    let names: seq<obj[]> = composites |> Seq.map (fun (name, _, _) -> [| name :> obj |])

    /// The least of some calls: a collection in between charges the thread for memory it has not used, and code not yet optimised boxes.
    let private allocated (work: unit -> unit) : int64 =
        work ()

        Seq.init 5 (fun _ ->
            let before = GC.GetAllocatedBytesForCurrentThread()
            work ()
            GC.GetAllocatedBytesForCurrentThread() - before)
        |> Seq.min

    [<Theory; MemberData(nameof names)>]
    let ``F12 a gradient allocates at most five times what the function does`` (name: string) =
        let _, f, xs = composites |> List.find (fun (n, _, _) -> n = name)
        let forward = allocated (fun () -> f xs |> ignore)
        let reverse = allocated (fun () -> Derive.gradients f xs |> ignore)
        Assert.True(
            reverse <= 5L * forward,
            $"{name}: {reverse} bytes for the gradient, {forward} for the value: {float reverse / float forward:F2} times"
        )

    [<Theory; MemberData(nameof names)>]
    let ``F12 a gradient takes at most five times as long as the function (DIFFLIB_SOAK)`` (name: string) =
        if Environment.GetEnvironmentVariable "DIFFLIB_SOAK" = "1" then
            let _, f, xs = composites |> List.find (fun (n, _, _) -> n = name)

            let fastest (work: unit -> unit) =
                Seq.init 40 (fun _ ->
                    let clock = Stopwatch.StartNew()
                    work ()
                    clock.Elapsed.TotalMilliseconds)
                |> Seq.min

            let forward, reverse = fastest (fun () -> f xs |> ignore), fastest (fun () -> Derive.gradients f xs |> ignore)
            Assert.True(reverse <= 5.0 * forward, $"{name}: {reverse:F3} ms for the gradient, {forward:F3} ms for the value")

    [<Fact>]
    let ``F12 the memory of a gradient grows in proportion to the length of the program`` () =
        let chain (n: int) (xs: Tensor[]) =
            let mutable y = xs[0]
            for _ in 1..n do
                y <- sin y
            TensorReductions.Sum y

        let x = [| normal 7 [| 100 |] |]
        let short, long =
            allocated (fun () -> Derive.gradients (chain 500) x |> ignore), allocated (fun () -> Derive.gradients (chain 2000) x |> ignore)
        Assert.True(float long <= 4.4 * float short, $"{short} bytes for 500 operations, {long} for 2000")

    [<Fact>]
    let ``F12 a product with a Jacobian does not make the Jacobian`` () =
        // 2000 by 2000 numbers would be 32 MB
        let f (xs: Tensor[]) = TensorCumulative.CumSum(sin xs[0], 0)
        let x = [| normal 8 [| 2000 |] |]
        let y = f x
        Assert.True(allocated (fun () -> Derive.vjp f x y |> ignore) < 2_000_000L)
        Assert.True(allocated (fun () -> Derive.along f x [| y |] |> ignore) < 2_000_000L)
