namespace DiffLib

open System
open System.Collections.Generic

/// Element types of a tensor. Derivatives exist for float64 and float32. Promotion follows the order of declaration, from the last to the first.
type DType =
    /// IEEE 754 binary64 (C# double, F# float).
    | Float64 = 0
    /// IEEE 754 binary32 (float, float32).
    | Float32 = 1
    /// 64-bit integer, two's complement.
    | Int64 = 2
    /// 32-bit integer, two's complement.
    | Int32 = 3
    /// Unsigned byte.
    | UInt8 = 4
    /// True or false.
    | Bool = 5

/// The sizes of an n-d array, outermost first: rank 0 to 8, every size at least 0, at most 2 147 483 591 elements. Immutable, compared by content.
[<Sealed; AllowNullLiteral(false)>]
type Shape internal (sizes: int[], count: int) =
    static let scalar = Shape([||], 1)

    /// The highest rank: 8.
    static member MaxRank = 8

    /// The shape of a single number: no axes, one element.
    static member Scalar = scalar

    /// <summary>The shape with these sizes.</summary>
    /// <exception cref="T:System.ArgumentException">A size is negative, there are more than 8, or the element count exceeds 2 147 483 591.</exception>
    new([<ParamArray>] sizes: int[]) =
        let own =
            match box sizes with
            | null -> nullArg "sizes"
            | _ -> Array.copy sizes

        Shape(own, Shape.CountOf own)

    /// Sizes that nobody else holds and whose count is known.
    static member internal Adopt(sizes: int[], count: int) = Shape(sizes, count)

    /// Sizes that nobody else holds.
    static member internal Adopt(sizes: int[]) = if sizes.Length = 0 then scalar else Shape(sizes, Shape.CountOf sizes)

    /// The product of the sizes, by the short way where nothing can go wrong.
    static member internal CountOf(sizes: int[]) : int =
        let mutable count = 1L
        let mutable sound = sizes.Length <= Shape.MaxRank

        for s in sizes do
            if s < 0 || count > int64 Array.MaxLength then sound <- false else count <- count * int64 s

        if sound && count <= int64 Array.MaxLength then int count else Shape.CountOf(Array.map int64 sizes)

    /// <summary>The shape with these sizes, given as 64-bit integers.</summary>
    /// <exception cref="T:System.ArgumentException">As for 32-bit sizes; nothing wraps around.</exception>
    static member Of([<ParamArray>] sizes: int64[]) =
        if isNull (box sizes) then nullArg "sizes"
        let count = Shape.CountOf sizes
        Shape(Array.map int sizes, count)

    /// The one place where sizes are multiplied: exact, and checked against what an array can hold.
    static member internal CountOf(sizes: int64[]) : int =
        let text () = Shape.Text sizes

        if sizes.Length > Shape.MaxRank then
            invalidArg "shape" $"shape {text ()} has rank {sizes.Length}; ranks go up to {Shape.MaxRank}. Merge axes with Reshape."

        if Array.exists (fun s -> s < 0L) sizes then
            invalidArg "shape" $"shape {text ()} has a negative size; sizes are 0 or more."

        if Array.contains 0L sizes && sizes |> Array.forall (fun s -> s <= int64 Int32.MaxValue) then
            0
        else
            let count = sizes |> Array.fold (fun (n: bigint) s -> n * bigint s) 1I

            if count > bigint Array.MaxLength || sizes |> Array.exists (fun s -> s > int64 Int32.MaxValue) then
                invalidArg "shape" $"shape {text ()} has {count} elements; an array holds at most {Array.MaxLength}. Work in pieces."

            int count

    static member internal Text(sizes: int64 seq) = "[" + String.Join(", ", sizes) + "]"

    /// The number of axes.
    member _.Rank = sizes.Length

    /// The number of sizes, which is the rank: what C# counts by in <c>shape[^1]</c>, the last size, and in patterns such as <c>shape is [var rows, var columns]</c>.
    member _.Length = sizes.Length

    /// The number of elements: the product of the sizes (1 for rank 0).
    member _.Count = count

    /// <summary>The size of an axis; negative axes count from the end.</summary>
    /// <exception cref="T:System.ArgumentOutOfRangeException">There is no such axis.</exception>
    member this.Item
        with get (axis: int) = sizes[this.Axis axis]

    /// The sizes as a new array.
    member _.ToArray() = Array.copy sizes

    /// The sizes, read only, without a copy.
    member _.AsSpan() = ReadOnlySpan<int> sizes

    member internal _.Sizes = sizes

    /// Row-major strides, counted in elements.
    member internal _.RowMajorStrides: int[] =
        let strides = Array.zeroCreate sizes.Length
        let mutable step = 1

        for d = sizes.Length - 1 downto 0 do
            strides[d] <- step
            step <- step * max 1 sizes[d]

        strides

    /// The axis counted from the front, for one that may be negative.
    member internal this.Axis(axis: int) : int =
        let d = if axis < 0 then axis + sizes.Length else axis

        if d < 0 || d >= sizes.Length then
            let range = if sizes.Length = 0 then "a single number has no axes" else $"axes run from {-sizes.Length} to {sizes.Length - 1}"

            raise (ArgumentOutOfRangeException("axis", axis, $"axis {axis} does not exist in shape {this}; {range}."))

        d

    /// The axes counted from the front, without repetition; null means all of them.
    member internal this.Axes(axes: int[] | null) : int[] =
        match axes with
        | null -> Array.init sizes.Length id
        | axes ->
            let own = Array.zeroCreate axes.Length
            let mutable repeated = false

            for k in 0 .. own.Length - 1 do
                own[k] <- this.Axis axes[k]
                if Array.IndexOf(own, own[k], 0, k) >= 0 then repeated <- true

            if repeated then
                let text = String.Join(", ", axes)
                invalidArg "axes" $"axes ({text}) name an axis of shape {this} twice; name each once."

            own

    member internal _.With(axis: int, size: int) =
        let own = Array.copy sizes
        own[axis] <- size
        Shape(own, Shape.CountOf own)

    member internal _.Without(axis: int) : Shape =
        if sizes.Length = 1 then
            scalar
        else
            let own: int[] = Array.zeroCreate (sizes.Length - 1)
            Array.Copy(sizes, own, axis)
            Array.Copy(sizes, axis + 1, own, axis, own.Length - axis)
            Shape(own, Shape.CountOf own)

    /// [outer; n; inner] around an axis: the products of the sizes before it, its own, and of those behind it.
    member internal _.Around(axis: int) : struct (int * int * int) =
        let mutable outer = 1
        let mutable inner = 1

        for d in 0 .. sizes.Length - 1 do
            if d < axis then outer <- outer * sizes[d]
            elif d > axis then inner <- inner * sizes[d]

        struct (outer, sizes[axis], inner)

    /// <summary>Whether a value of this shape broadcasts to the other one.</summary>
    member internal _.BroadcastsTo(target: Shape) =
        let t = target.Sizes
        let shift = t.Length - sizes.Length

        shift >= 0
        && (let mutable ok = true
            for d in 0 .. sizes.Length - 1 do
                if sizes[d] <> 1 && sizes[d] <> t[d + shift] then ok <- false
            ok)

    /// <summary>The shape both broadcast to: axes are matched from the last one; sizes agree or one of them is 1.</summary>
    /// <exception cref="T:System.ArgumentException">Two sizes differ and neither is 1.</exception>
    static member internal Broadcast(operation: string, a: Shape, b: Shape) : Shape =
        if Object.ReferenceEquals(a, b) || a.Equals b then
            a
        else
            let rank = max a.Rank b.Rank
            let size (s: Shape) d =
                let k = d - (rank - s.Rank)
                if k < 0 then 1 else s.Sizes[k]

            let both =
                Array.init rank (fun d ->
                    match size a d, size b d with
                    | m, n when m = n -> m
                    | 1, n -> n
                    | m, 1 -> m
                    | m, n ->
                        invalidArg
                            "b"
                            $"{operation}: a is {a} and b is {b}: they do not broadcast, for sizes {m} and {n} differ and neither is 1. Insert axes of size 1 with ExpandDims, or Reshape.")

            Shape both

    /// Same rank and same sizes.
    override this.Equals(other: objnull) =
        match other with
        | :? Shape as o when Object.ReferenceEquals(o, this) -> true
        | :? Shape as o -> o.Sizes.AsSpan().SequenceEqual(ReadOnlySpan<int> sizes)
        | _ -> false

    override _.GetHashCode() =
        let mutable h = HashCode()
        for s in sizes do
            h.Add s
        h.ToHashCode()

    /// The sizes in brackets: [2, 3].
    override _.ToString() = Shape.Text(Seq.map int64 sizes)

    /// Same rank and same sizes.
    static member op_Equality(a: Shape, b: Shape) = Object.Equals(a, b)

    /// Another rank or another size.
    static member op_Inequality(a: Shape, b: Shape) = not (Object.Equals(a, b))

    /// A shape from its sizes: <c>Shape s = new[] { 2, 3 };</c>
    static member op_Implicit(sizes: int[]) : Shape = Shape(sizes)

    interface IReadOnlyList<int> with
        member _.Count = sizes.Length
        member this.Item
            with get i = this[i]
        member _.GetEnumerator() : IEnumerator<int> = (sizes :> seq<int>).GetEnumerator()
        member _.GetEnumerator() : Collections.IEnumerator = sizes.GetEnumerator()
