namespace DiffLib.Core.Tests

open System
open DiffLib
open global.Xunit

// What the laws have in common: derivatives of lines, numbers out of tensors, comparisons that say what went wrong.

/// A line at a point: what a law is tried on.
[<NoEquality; NoComparison>]
type internal Trial =
    { Line: Line
      DType: DType
      Inputs: Tensor[]
      Seed: int
      Random: Random }

    member this.F: Tensor[] -> Tensor = this.Line.Call

    /// Tolerances count in units of the last place of float64; float32 has 5e8 times larger ones.
    member this.Tolerance(float64: float, float32: float) : float =
        this.Line.Precision.Condition * (if this.DType = DType.Float64 then float64 else float32)

    member this.Direction(like: Tensor) : Tensor = Points.direction this.Random like
    member this.Directions(likes: Tensor[]) : Tensor[] = likes |> Array.map this.Direction

    /// Fails with everything that is needed to see the failure again.
    member this.Fail(message: string) : unit =
        let shapes = String.Join(", ", this.Inputs |> Array.map (fun x -> string x.Shape))
        let elements = String.Join("; ", this.Inputs |> Array.map string)
        Assert.Fail $"{this.Line.Name} ({this.DType}, inputs {shapes}, seed {this.Seed}): {message}\nat {elements}"

/// Numbers out of tensors.
module internal Numeric =
    let elements (x: Tensor) : float[] = (x.Value.Cast DType.Float64).ToArray<double>()

    let dot (a: Tensor) (b: Tensor) : float = Array.fold2 (fun sum x y -> sum + x * y) 0.0 (elements a) (elements b)
    let norm (a: Tensor) : float = Math.Sqrt(dot a a)
    let dots (a: Tensor[]) (b: Tensor[]) : float = Array.map2 dot a b |> Array.sum
    let norms (a: Tensor[]) : float = Math.Sqrt(dots a a)
    let largest (a: Tensor) : float = elements a |> Array.fold (fun m x -> max m (abs x)) 0.0

    /// Bit for bit, shape and element type included.
    let same (a: Tensor) (b: Tensor) : bool =
        a.DType = b.DType
        && a.Shape.Equals b.Shape
        && (match a.DType with
            | DType.Float64 ->
                MemoryExtensions.SequenceEqual(
                    ReadOnlySpan(a.Value.ToArray<double>() |> Array.map BitConverter.DoubleToInt64Bits),
                    ReadOnlySpan(b.Value.ToArray<double>() |> Array.map BitConverter.DoubleToInt64Bits)
                )
            | _ ->
                MemoryExtensions.SequenceEqual(
                    ReadOnlySpan(a.Value.ToArray<float32>() |> Array.map BitConverter.SingleToInt32Bits),
                    ReadOnlySpan(b.Value.ToArray<float32>() |> Array.map BitConverter.SingleToInt32Bits)
                ))

/// Derivatives of functions of several tensors to one, dense.
module internal Derive =
    let private orZeros (like: Tensor) (d: Tensor voption) =
        match d with
        | ValueSome d -> d
        | ValueNone -> Forward.zerosLike like

    let jvp (f: Tensor[] -> Tensor) (xs: Tensor[]) (dxs: Tensor[]) : struct (Tensor * Tensor) =
        let struct (ys, dys) = Forward.jvp (fun xs -> [| f xs |]) xs (Array.map ValueSome dxs)
        struct (ys[0], orZeros ys[0] dys[0])

    let along f xs dxs : Tensor =
        let struct (_, dy) = jvp f xs dxs
        dy

    let record (f: Tensor[] -> Tensor) (xs: Tensor[]) : Recording = Recording.Of((fun xs -> [| f xs |]), xs)

    let pull (recording: Recording) (xs: Tensor[]) (w: Tensor) : Tensor[] = Array.map2 orZeros xs (recording.Pull [| ValueSome w |])
    let push (recording: Recording) (dxs: Tensor[]) : Tensor = orZeros recording.Values[0] (recording.Push(Array.map ValueSome dxs)).[0]
    let vjp f xs w : Tensor[] = pull (record f xs) xs w

    let sum (x: Tensor) : Tensor = Reducing.Sum(x, null, false)

    /// ⟨w, f⟩: a function to one number.
    let against (w: Tensor) (f: Tensor[] -> Tensor) : Tensor[] -> Tensor = fun xs -> sum (w * f xs)

    /// The gradients of a function to one number.
    let gradients (f: Tensor[] -> Tensor) (xs: Tensor[]) : Tensor[] =
        let recording = record f xs
        pull recording xs (Forward.onesLike recording.Values[0])

    /// Σ ⟨a, b⟩ in Tensor arithmetic.
    let inner (a: Tensor[]) (b: Tensor[]) : Tensor = Array.map2 (fun (a: Tensor) (b: Tensor) -> sum (a * b)) a b |> Array.reduce (+)

/// The lines as cases of theories.
module internal Cases =
    let both = [ DType.Float64; DType.Float32 ]

    let trial (line: Line) (dtype: DType) (case: int[][]) : Trial =
        let seed = Points.seedOf line.Name
        { Line = line; DType = dtype; Inputs = Catalogue.inputs line dtype case; Seed = seed; Random = Random(seed + 1) }

    /// The first case of a line.
    let first (name: string) (dtype: DType) : Trial =
        let line = Catalogue.find name
        trial line dtype line.Cases[0]

    /// All cases of a line.
    let all (name: string) (dtype: DType) : Trial[] =
        let line = Catalogue.find name
        line.Cases |> Array.map (trial line dtype)

/// Member data of the theories.
type Lines() =
    static let names (keep: Line -> bool) = Catalogue.lines |> Array.filter keep |> Array.map (fun l -> l.Name)

    /// Every line.
    static member All: seq<obj[]> = seq { for name in names (fun _ -> true) -> [| name :> obj |] }

    /// Every line, in float64 and float32.
    static member InBothTypes: seq<obj[]> =
        seq {
            for name in names (fun _ -> true) do
                for t in Cases.both -> [| name :> obj; t :> obj |]
        }

    /// The lines whose derivative is the limit of difference quotients.
    static member WithDifferences: seq<obj[]> = seq { for name in names (fun l -> l.Precision.Differences) -> [| name :> obj |] }

    /// The same with a second derivative.
    static member OfSecondOrderWithDifferences: seq<obj[]> =
        seq { for name in names (fun l -> l.Precision.Differences && l.Precision.Order > 1) -> [| name :> obj |] }

    /// The same in float64 and float32.
    static member OfSecondOrderInBothTypes: seq<obj[]> =
        seq {
            for name in names (fun l -> l.Precision.Order > 1) do
                for t in Cases.both -> [| name :> obj; t :> obj |]
        }
