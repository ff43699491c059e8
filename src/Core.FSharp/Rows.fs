namespace rec DiffLib

open System
open DiffLib.Kernels

// Chapter 12a: rows, what loops over them need: slices as results of one operation, and back; tangents and cotangents that are always there.

/// Which of several values something holds for.
module internal Mask =
    let some (xs: Tensor voption[]) : bool[] = xs |> Array.map (fun x -> x.IsSome)
    let floats (specs: Spec[]) : bool[] = specs |> Array.map (fun s -> DTypes.isFloat s.DType)
    let both (a: bool[]) (b: bool[]) : bool[] = Array.map2 (&&) a b
    let count (mask: bool[]) : int = mask |> Array.sumBy (fun b -> if b then 1 else 0)
    let text (mask: bool[]) : string = String(mask |> Array.map (fun b -> if b then '1' else '0'))

    /// The values it holds for.
    let pick (mask: bool[]) (xs: 't[]) : 't[] =
        [| for k in 0 .. mask.Length - 1 do
               if mask[k] then xs[k] |]

    /// Values for the places it holds for, none elsewhere.
    let scatter (mask: bool[]) (xs: Tensor[]) : Tensor voption[] =
        let all = Array.create mask.Length ValueNone
        let mutable next = 0

        for k in 0 .. mask.Length - 1 do
            if mask[k] then
                all[k] <- ValueSome xs[next]
                next <- next + 1

        all

/// Tangents and cotangents as a loop carries them: there, and of the type and shape of what they belong to.
module internal Dense =
    /// A weak scalar becomes one of its own element type.
    let strong (x: Tensor) : Tensor = Tensor.Cast(x, x.DType)

    let like (x: Tensor) (d: Tensor voption) : Tensor =
        match d with
        | ValueSome d -> Tensor.Cast(Tensor.BroadcastTo(d, x.Shape), x.DType)
        | ValueNone -> Const((NDArray.Scalar(0.0).Cast x.DType).BroadcastTo x.Shape)

    let likeEach (xs: Tensor[]) (ds: Tensor voption[]) : Tensor[] = Array.map2 like xs ds

/// The rows of arrays along their first axis.
module internal Rows =
    /// The row at each position, as views.
    let reader (x: NDArray) : int -> NDArray =
        let shape, strides = Shape.Adopt(Array.tail x.Shape.Sizes), x.Strides
        let own = Array.tail strides
        fun t -> x.View(shape, own, x.Offset + t * strides[0])

    /// Writes a row of an array just made.
    let put (y: NDArray) (t: int) (row: NDArray) = NDArray.CopyInto(row, y, t * row.Count, row.Shape.RowMajorStrides)

    let spec (length: int) (row: Spec) : Spec = row.With(Stacks.Shape(length, row.Shape))

/// The slices along the first axis, as many results. Unlike one slice after another, its transpose writes every element once.
[<Sealed>]
type internal UnstackRule() =
    inherit ManyRule("unstack")
    static member val Instance = UnstackRule()
    override _.Attributes = ValueSome [||]
    override _.Infer xs = Array.create xs[0].Shape.Sizes[0] (xs[0].With(Shape.Adopt(Array.tail xs[0].Shape.Sizes)))
    override this.Batch(xs, _) = Tensor.Apply(this, [| Stacks.Move(xs[0], 0, 1) |])
    override _.Value xs = Array.init xs[0].Shape.Sizes[0] (Rows.reader xs[0])
    override this.Push(_, _, _, d) = Tensor.Apply(this, [| d |]) |> Array.map ValueSome

    override _.Pull(xs, ys, ws, _) =
        if ys.Length = 0 then
            [| ValueSome(Forward.zerosLike xs[0]) |]
        else
            [| ValueSome(Tensor.Apply(StackRule.Instance, Dense.likeEach ys ws)[0]) |]

/// Values of one shape and element type behind each other along a new first axis.
[<Sealed>]
type internal StackRule() =
    inherit ManyRule("stack")
    static member val Instance = StackRule()
    override _.Attributes = ValueSome [||]
    override _.Infer xs = [| Rows.spec xs.Length xs[0] |]

    override this.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        [| Stacks.Move(Tensor.Apply(this, Array.map2 (fun x s -> Stacks.Of(x, s, n)) xs stacked)[0], 1, 0) |]

    override _.Value xs =
        let y = NDArray.Allocate(xs[0].DType, Stacks.Shape(xs.Length, xs[0].Shape))
        xs |> Array.iteri (Rows.put y)
        [| y |]

    override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))
    override this.PushAll(xs, _, ds) = Tensor.Apply(this, Dense.likeEach xs ds) |> Array.map ValueSome

    override _.Pull(xs, _, ws, wanted) =
        match ws[0] with
        | ValueNone -> Array.create xs.Length ValueNone
        | ValueSome w -> Array.map2 (fun g wanted -> if wanted then ValueSome g else ValueNone) (Tensor.Apply(UnstackRule.Instance, [| w |])) wanted

/// An index of a branch, checked: an error where it is not from 0 to count - 1.
[<Sealed>]
type internal BranchRule(count: int) =
    inherit UnaryRule("branch")
    override _.Attributes = ValueSome [| "count", Attribute.Int count |]
    override _.Infer x = Spec.Of(DType.Int64, x.Shape)
    override this.Batch x = Tensor.Apply(this, x)
    override _.Differentiable = false

    override _.Value x =
        let index = (x.Cast DType.Int64).Contiguous()

        for k in index.Span<int64>() do
            if k < 0L || k >= int64 count then
                raise (
                    ArgumentOutOfRangeException(
                        "index",
                        k,
                        $"Diff.Switch: there is no branch {k}; {count} branches have the numbers 0 to {count - 1}. Clip the index if it may lie outside."
                    )
                )

        index

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x
