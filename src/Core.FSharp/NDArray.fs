namespace DiffLib

open System
open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open DiffLib.Kernels

/// What is known of element types: C# type, size, kind, promotion.
module internal DTypes =
    let isFloat (t: DType) = t = DType.Float64 || t = DType.Float32

    let size (t: DType) =
        match t with
        | DType.Float64
        | DType.Int64 -> 8
        | DType.Float32
        | DType.Int32 -> 4
        | _ -> 1

    let name (t: DType) =
        match t with
        | DType.Float64 -> "float64"
        | DType.Float32 -> "float32"
        | DType.Int64 -> "int64"
        | DType.Int32 -> "int32"
        | DType.UInt8 -> "uint8"
        | _ -> "bool"

    /// The element type that holds .NET values of type 't; an error names those there are.
    let ofType (t: Type) =
        if t = typeof<double> then
            DType.Float64
        elif t = typeof<float32> then
            DType.Float32
        elif t = typeof<int64> then
            DType.Int64
        elif t = typeof<int> then
            DType.Int32
        elif t = typeof<byte> then
            DType.UInt8
        elif t = typeof<bool> then
            DType.Bool
        else
            raise (
                NotSupportedException
                    $"A tensor cannot hold {t.Name}; its elements are double, float, long, int, byte or bool. Convert the data first."
            )

    /// 0 for truth values, 1 for integers, 2 for floating point.
    let kind (t: DType) =
        match t with
        | DType.Bool -> 0
        | DType.Float64
        | DType.Float32 -> 2
        | _ -> 1

    /// The element type of a result: the first in declaration order, where a weak scalar counts only if its kind is higher.
    let promote (a: DType) weakA (b: DType) weakB =
        if a = b then a
        elif weakA && not weakB && kind a <= kind b then b
        elif weakB && not weakA && kind b <= kind a then a
        else enum<DType>(min (int a) (int b))

    /// Where a function needs fractions: floating point stays, the rest becomes float64.
    let fractional (t: DType) = if isFloat t then t else DType.Float64

/// Storage for arrays about to be written. While a compiled program or a reverse sweep runs, its thread takes storage from what earlier steps and calls have left
/// over; otherwise from the garbage collector. What is left over beyond a limit of bytes goes to the collector.
[<Sealed>]
type internal Buffers(limit: int64) =
    let free = Dictionary<struct (DType * int), Stack<Array>>()
    let handed = List<Array>()
    let mutable bytes = 0L

    let sizeOf (dtype: DType) (n: int) = int64 n * int64 (DTypes.size dtype)

    [<ThreadStatic; DefaultValue>]
    static val mutable private current: Buffers | null

    [<ThreadStatic; DefaultValue>]
    static val mutable private forSweeps: Buffers | null

    static let fresh (dtype: DType) (n: int) : Array =
        match dtype with
        | DType.Float64 -> GC.AllocateUninitializedArray<double> n
        | DType.Float32 -> GC.AllocateUninitializedArray<float32> n
        | DType.Int64 -> GC.AllocateUninitializedArray<int64> n
        | DType.Int32 -> GC.AllocateUninitializedArray<int> n
        | DType.UInt8 -> GC.AllocateUninitializedArray<byte> n
        | _ -> GC.AllocateUninitializedArray<bool> n

    static let zeroed (dtype: DType) (n: int) : Array =
        match dtype with
        | DType.Float64 -> Array.zeroCreate<double> n
        | DType.Float32 -> Array.zeroCreate<float32> n
        | DType.Int64 -> Array.zeroCreate<int64> n
        | DType.Int32 -> Array.zeroCreate<int> n
        | DType.UInt8 -> Array.zeroCreate<byte> n
        | _ -> Array.zeroCreate<bool> n

    new() = Buffers(Int64.MaxValue)

    /// What this thread's reverse sweeps leave over for the next: as much as a processor's own cache holds.
    static member ForSweeps: Buffers =
        match Buffers.forSweeps with
        | null ->
            let own = Buffers(2L <<< 20)
            Buffers.forSweeps <- own
            own
        | own -> own

    /// The buffers this thread takes storage from; none outside compiled programs and sweeps.
    static member Current
        with get () = Buffers.current
        and set (value: Buffers | null) = Buffers.current <- value

    /// Uninitialised storage.
    static member Take(dtype: DType, n: int) : Array =
        match Buffers.current with
        | null -> fresh dtype n
        | buffers -> buffers.Reuse(dtype, n)

    /// Storage of zeros.
    static member TakeZeroed(dtype: DType, n: int) : Array =
        match Buffers.current with
        | null -> zeroed dtype n
        | buffers ->
            let data = buffers.Reuse(dtype, n)
            Array.Clear data
            data

    member private _.Reuse(dtype: DType, n: int) : Array =
        let data =
            match free.TryGetValue(struct (dtype, n)) with
            | true, stack when stack.Count > 0 ->
                bytes <- bytes - sizeOf dtype n
                stack.Pop()
            | _ -> fresh dtype n

        handed.Add data
        data

    /// What was handed out and is not accounted for yet. A run inside a run looks only at what came since it began.
    member _.Handed = handed

    /// Takes back what was handed out since there were so many, except what is kept.
    member this.Reclaim(since: int, kept: (Array | null)[]) =
        let mutable left = since

        for h in since .. handed.Count - 1 do
            let data = handed[h]

            if kept |> Array.exists (fun other -> obj.ReferenceEquals(other, data)) then
                handed[left] <- data
                left <- left + 1
            else
                this.Give(DTypes.ofType (nonNull (data.GetType().GetElementType())), data)

        handed.RemoveRange(left, handed.Count - left)

    /// Runs something whose arrays stay: nothing is taken from storage that a running program will use again.
    static member Outside(f: unit -> 't) : 't =
        let outer = Buffers.current
        Buffers.current <- null

        try
            f ()
        finally
            Buffers.current <- outer

    /// Runs something with storage to take from: that of the program around it, or its own.
    static member Within(f: Buffers -> 't) : 't =
        match Buffers.current with
        | null ->
            let own = Buffers()
            Buffers.current <- own

            try
                f own
            finally
                Buffers.current <- null
        | buffers -> f buffers

    /// Storage that nobody refers to any more.
    member _.Give(dtype: DType, data: Array) =
        let size = sizeOf dtype data.Length

        if bytes <= limit - size then
            bytes <- bytes + size
            let key = struct (dtype, data.Length)

            match free.TryGetValue key with
            | true, stack -> stack.Push data
            | _ ->
                let stack = Stack<Array>()
                stack.Push data
                free[key] <- stack

    /// Whether an array was handed out since there were so many; it is then accounted for.
    member _.Claim(since: int, data: Array) : bool =
        let mutable h = handed.Count - 1

        while h >= since && not (obj.ReferenceEquals(handed[h], data)) do
            h <- h - 1

        if h >= since then handed.RemoveAt h
        h >= since

    /// Leaves to the collector what was handed out and is not accounted for.
    member _.Forget() = handed.Clear()

/// An immutable n-d array: a shape over storage that views share. Knows nothing of derivatives.
/// A rank-0 array keeps its number in the object itself. Strides count elements; no strides means row-major without gaps.
[<Sealed>]
type internal NDArray =
    val private data: Array | null
    val private strides: int[] | null
    val mutable private inlined: double
    /// The sizes.
    val Shape: Shape
    val private offset: int
    /// The element type.
    val DType: DType
    /// A weak scalar takes the element type of what it meets.
    val IsWeak: bool

    private new(data, dtype, shape, strides, offset, inlined, weak) =
        { data = data; strides = strides; inlined = inlined; Shape = shape; offset = offset; DType = dtype; IsWeak = weak }

    member x.Count = x.Shape.Count
    member x.Rank = x.Shape.Rank
    member x.IsScalar = x.Shape.Rank = 0
    member x.IsContiguous = isNull x.strides
    member internal x.Offset = x.offset

    /// One number seen many times: a scalar, or a broadcast of one.
    member x.IsConstant =
        match x.strides with
        | null -> x.Count = 1
        | strides -> x.Count > 0 && not (strides.AsSpan().ContainsAnyExcept 0)

    /// The number of a constant array, as rank 0.
    member x.First: NDArray = x.Pick x.offset

    /// The number 1 seen many times, in float64.
    member x.IsOnes = x.DType = DType.Float64 && not (isNull x.strides) && x.IsConstant && x.First.Inlined = 1.0

    member x.Strides: int[] =
        match x.strides with
        | null -> x.Shape.RowMajorStrides
        | s -> s

    // ---- making

    /// A float64 of rank 0.
    static member Scalar(value: double) = NDArray(null, DType.Float64, Shape.Scalar, null, 0, value, false)

    static member WeakScalar(value: double) = NDArray(null, DType.Float64, Shape.Scalar, null, 0, value, true)

    /// A float64 of rank 0 computed from others: weak if they all were.
    static member Scalar(value: double, weak: bool) = NDArray(null, DType.Float64, Shape.Scalar, null, 0, value, weak)

    static member WeakScalar(value: int) =
        let y = NDArray(null, DType.Int32, Shape.Scalar, null, 0, 0.0, true)
        Unsafe.As<double, int>(&y.inlined) <- value
        y

    /// Rank 0 of any element type.
    static member ScalarOf<'t when 't: unmanaged and 't: struct>(value: 't) =
        let y = NDArray(null, DTypes.ofType typeof<'t>, Shape.Scalar, null, 0, 0.0, false)
        Unsafe.As<double, 't>(&y.inlined) <- value
        y

    /// The array over row-major data that nobody else will write to.
    static member Adopt<'t when 't: unmanaged and 't: struct>(shape: Shape, data: 't[]) : NDArray =
        if data.Length <> shape.Count then
            invalidArg "data" $"shape {shape} has {shape.Count} elements, but the data has {data.Length}. Give as many numbers as the shape has."

        if shape.Rank = 0 then NDArray.ScalarOf data[0] else NDArray(data, DTypes.ofType typeof<'t>, shape, null, 0, 0.0, false)

    /// Uninitialised storage to be written through Write before anyone else sees it.
    static member Allocate(dtype: DType, shape: Shape) : NDArray =
        if shape.Rank = 0 then
            NDArray(null, dtype, shape, null, 0, 0.0, false)
        else
            NDArray(Buffers.Take(dtype, shape.Count), dtype, shape, null, 0, 0.0, false)

    /// Zero-filled storage.
    static member Zeros(dtype: DType, shape: Shape) : NDArray =
        if shape.Rank = 0 then
            NDArray(null, dtype, shape, null, 0, 0.0, false)
        else
            NDArray(Buffers.TakeZeroed(dtype, shape.Count), dtype, shape, null, 0, 0.0, false)

    // ---- reading and writing

    /// The elements of a gap-free array, row-major.
    member x.Span<'t when 't: unmanaged and 't: struct>() : ReadOnlySpan<'t> =
        match x.data with
        | null -> MemoryMarshal.CreateReadOnlySpan(&Unsafe.As<double, 't>(&x.inlined), 1)
        | data -> ReadOnlySpan<'t>(Unsafe.As<'t[]> data, x.offset, x.Count)

    /// The whole storage behind a view.
    member x.Storage<'t when 't: unmanaged and 't: struct>() : ReadOnlySpan<'t> =
        match x.data with
        | null -> MemoryMarshal.CreateReadOnlySpan(&Unsafe.As<double, 't>(&x.inlined), 1)
        | data -> ReadOnlySpan<'t>(Unsafe.As<'t[]> data)

    /// The elements of an array that was just made and that nobody else has seen.
    member x.Write<'t when 't: unmanaged and 't: struct>() : Span<'t> =
        match x.data with
        | null -> MemoryMarshal.CreateSpan(&Unsafe.As<double, 't>(&x.inlined), 1)
        | data -> Span<'t>(Unsafe.As<'t[]> data, x.offset, x.Count)

    /// The number of a float64 of rank 0.
    member x.Inlined = x.inlined

    /// True for a float64 of rank 0: the short way through the kernels.
    member x.IsFloat64Scalar = x.DType = DType.Float64 && isNull x.data

    /// The same elements, row-major without gaps: itself where it is so already.
    member x.Contiguous() : NDArray =
        match x.strides with
        | null -> x
        | strides ->
            let y = NDArray.Allocate(x.DType, x.Shape)

            match DTypes.size x.DType with
            | 8 -> Strided.Gather(x.Raw<int64>(), x.offset, x.Shape.AsSpan(), ReadOnlySpan strides, y.RawWrite<int64>())
            | 4 -> Strided.Gather(x.Raw<int>(), x.offset, x.Shape.AsSpan(), ReadOnlySpan strides, y.RawWrite<int>())
            | _ -> Strided.Gather(x.Raw<byte>(), x.offset, x.Shape.AsSpan(), ReadOnlySpan strides, y.RawWrite<byte>())

            y

    /// The storage as numbers of the same size: for copies, which do not ask what a number means.
    member private x.Raw<'t when 't: unmanaged and 't: struct>() : ReadOnlySpan<'t> =
        match x.data with
        | null -> MemoryMarshal.CreateReadOnlySpan(&Unsafe.As<double, 't>(&x.inlined), 1)
        | data -> MemoryMarshal.CreateReadOnlySpan(&Unsafe.As<byte, 't>(&MemoryMarshal.GetArrayDataReference data), data.Length)

    member private x.RawWrite<'t when 't: unmanaged and 't: struct>() : Span<'t> =
        match x.data with
        | null -> MemoryMarshal.CreateSpan(&Unsafe.As<double, 't>(&x.inlined), 1)
        | data -> MemoryMarshal.CreateSpan(&Unsafe.As<byte, 't>(&MemoryMarshal.GetArrayDataReference data), data.Length)

    /// y with this view of it replaced by x's elements: for writing into an array just made.
    static member internal CopyInto(x: NDArray, y: NDArray, offset: int, strides: int[]) =
        let x = x.Contiguous()

        match DTypes.size x.DType with
        | 8 -> Strided.Scatter(x.Raw<int64>().Slice(x.offset, x.Count), y.RawWrite<int64>(), offset, x.Shape.AsSpan(), ReadOnlySpan strides)
        | 4 -> Strided.Scatter(x.Raw<int>().Slice(x.offset, x.Count), y.RawWrite<int>(), offset, x.Shape.AsSpan(), ReadOnlySpan strides)
        | _ -> Strided.Scatter(x.Raw<byte>().Slice(x.offset, x.Count), y.RawWrite<byte>(), offset, x.Shape.AsSpan(), ReadOnlySpan strides)

    /// The elements in row-major order, as a new array of the storage's own type.
    member x.ToArray<'t when 't: unmanaged and 't: struct>() : 't[] = x.Contiguous().Span<'t>().ToArray()

    // ---- storage, for those who plan with it

    /// The array behind the elements; none for rank 0, whose number is in the object.
    member internal x.Data: Array | null = x.data

    /// No strides where the elements lie row-major without gaps.
    member internal x.OwnStrides: int[] | null = x.strides

    /// The array over storage of a known type, row-major from its first element.
    static member internal OfStorage(data: Array, dtype: DType, shape: Shape) = NDArray(data, dtype, shape, null, 0, 0.0, false)

    /// The bits of a rank-0 array's number.
    member internal x.InlinedBits: int64 =
        match DTypes.size x.DType with
        | 8 -> Unsafe.As<double, int64>(&x.inlined)
        | 4 -> int64 (Unsafe.As<double, int>(&x.inlined))
        | _ -> int64 (Unsafe.As<double, byte>(&x.inlined))

    /// A gap-free array's elements as integers of the same size: for comparing bits.
    member internal x.Bits() : NDArray =
        match x.data with
        | null -> x
        | data ->
            let kind =
                match DTypes.size x.DType with
                | 8 -> DType.Int64
                | 4 -> DType.Int32
                | _ -> DType.UInt8

            NDArray(data, kind, x.Shape, x.strides, x.offset, 0.0, false)

    // ---- views

    /// Another shape and strides over the same storage. Rank 0 keeps its number inline; size and bounds are the caller's business.
    member x.View(shape: Shape, strides: int[], offset: int) : NDArray =
        if shape.Rank = 0 then
            x.Pick offset
        else
            match x.data with
            | null ->
                // a rank-0 array seen with axes: every stride meets the one number
                let y = NDArray.Allocate(x.DType, Shape [| 1 |])
                NDArray.CopyInto(x, y, 0, [||])
                NDArray(y.data, x.DType, shape, (if shape.Count = 1 then null else strides), 0, 0.0, false)
            | data ->
                let plain = shape.Count <= 1 || (strides.AsSpan().SequenceEqual(ReadOnlySpan shape.RowMajorStrides))
                NDArray(data, x.DType, shape, (if plain then null else strides), (if shape.Count = 0 then 0 else offset), 0.0, false)

    /// The element at a storage position, as rank 0.
    member private x.Pick(position: int) : NDArray =
        match x.data with
        | null when x.Rank = 0 -> x
        | null -> NDArray(null, x.DType, Shape.Scalar, null, 0, x.inlined, false)
        | _ ->
            let y = NDArray(null, x.DType, Shape.Scalar, null, 0, 0.0, false)

            match DTypes.size x.DType with
            | 8 -> Unsafe.As<double, int64>(&y.inlined) <- x.Raw<int64>()[position]
            | 4 -> Unsafe.As<double, int>(&y.inlined) <- x.Raw<int>()[position]
            | _ -> Unsafe.As<double, byte>(&y.inlined) <- x.Raw<byte>()[position]

            y

    /// Strides that show the same storage, row-major, under another shape of the same count; none where axes with gaps between them
    /// would have to merge. Axes are matched in the smallest groups of equal product.
    member private x.StridesUnder(shape: Shape, own: int[]) : int[] voption =
        let keep =
            [| for d in 0 .. x.Rank - 1 do
                   if x.Shape.Sizes[d] <> 1 then d |]
        let sizes, strides = keep |> Array.map (fun d -> x.Shape.Sizes[d]), keep |> Array.map (fun d -> own[d])
        let target = shape.Sizes
        let result = Array.zeroCreate target.Length
        let mutable i, j = 0, 0
        let mutable fits = true

        while fits && i < sizes.Length do
            let mutable iEnd, jEnd = i + 1, j + 1
            let mutable m, n = sizes[i], target[j]

            while m <> n do
                if m < n then
                    m <- m * sizes[iEnd]
                    iEnd <- iEnd + 1
                else
                    n <- n * target[jEnd]
                    jEnd <- jEnd + 1

            for k in i .. iEnd - 2 do
                if strides[k] <> strides[k + 1] * sizes[k + 1] then fits <- false

            let mutable step = strides[iEnd - 1]

            for k = jEnd - 1 downto j do
                result[k] <- step
                step <- step * target[k]

            i <- iEnd
            j <- jEnd

        if fits then ValueSome result else ValueNone

    /// The same elements in row-major order under another shape of the same count: a view where the memory allows it.
    member x.Reshape(shape: Shape) : NDArray =
        let strides =
            match x.strides with
            | null -> ValueSome shape.RowMajorStrides
            | _ when x.Count = 0 -> ValueSome shape.RowMajorStrides
            | own -> x.StridesUnder(shape, own)

        match strides with
        | ValueSome strides -> x.View(shape, strides, x.offset)
        | ValueNone ->
            let x = x.Contiguous()
            x.View(shape, shape.RowMajorStrides, x.offset)

    /// Axes of size 1 repeat, missing leading axes appear: a view with zero strides. The caller has checked that it can be.
    member x.BroadcastTo(shape: Shape) : NDArray =
        if x.Shape.Equals shape then
            x
        else
            let shift = shape.Rank - x.Rank
            let own = x.Strides

            let strides = Array.init shape.Rank (fun d -> if d < shift || x.Shape.Sizes[d - shift] = 1 then 0 else own[d - shift])

            x.View(shape, strides, x.offset)

    member x.Transpose(order: int[]) : NDArray =
        let own = x.Strides
        x.View(Shape.Adopt(order |> Array.map (fun d -> x.Shape.Sizes[d]), x.Count), order |> Array.map (fun d -> own[d]), x.offset)

    // ---- conversion

    static member private ConvertFrom<'t
        when 't: unmanaged and 't: struct and 't: (new: unit -> 't) and 't :> ValueType and 't :> System.Numerics.INumber<'t>>
        (source: ReadOnlySpan<'t>, y: NDArray)
        =
        match y.DType with
        | DType.Float64 -> Elementwise.Convert(source, y.Write<double>())
        | DType.Float32 -> Elementwise.Convert(source, y.Write<float32>())
        | DType.Int64 -> Elementwise.Convert(source, y.Write<int64>())
        | DType.Int32 -> Elementwise.Convert(source, y.Write<int>())
        | DType.UInt8 -> Elementwise.Convert(source, y.Write<byte>())
        | _ -> Elementwise.Compare(CompareOp.NotEqual, source, ReadOnlySpan [| 't.Zero |], y.Write<bool>())

    /// The same numbers in another element type; to bool: whether they differ from 0.
    member x.Cast(dtype: DType) : NDArray =
        if dtype = x.DType then
            (if x.IsWeak then NDArray(x.data, x.DType, x.Shape, x.strides, x.offset, x.inlined, false) else x)
        else
            let x = x.Contiguous()
            let y = NDArray.Allocate(dtype, x.Shape)

            match x.DType with
            | DType.Float64 -> NDArray.ConvertFrom(x.Span<double>(), y)
            | DType.Float32 -> NDArray.ConvertFrom(x.Span<float32>(), y)
            | DType.Int64 -> NDArray.ConvertFrom(x.Span<int64>(), y)
            | DType.Int32 -> NDArray.ConvertFrom(x.Span<int>(), y)
            | _ -> NDArray.ConvertFrom(x.Span<byte>(), y)

            y

    static member Full(dtype: DType, shape: Shape, value: double) : NDArray = NDArray.Scalar(value).Cast(dtype).BroadcastTo(shape).Contiguous()

/// Elementwise work on arrays of one element type.
module internal Numbers =
    let private binaryNames = Enum.GetNames<BinaryOp>()
    let private compareNames = Enum.GetNames<CompareOp>()

    let unsupported operation (dtype: DType) advice = raise (NotSupportedException $"{operation} does not take {DTypes.name dtype}; {advice}")

    let unary (op: UnaryOp) (x: NDArray) : NDArray =
        if x.IsFloat64Scalar then
            NDArray.Scalar(Elementwise.Unary(op, x.Inlined), x.IsWeak)
        else
            let x = x.Contiguous()
            let y = NDArray.Allocate(x.DType, x.Shape)

            match x.DType with
            | DType.Float64 -> Elementwise.Unary(op, x.Span<double>(), y.Write<double>())
            | DType.Float32 -> Elementwise.Unary(op, x.Span<float32>(), y.Write<float32>())
            | DType.Int64 -> Elementwise.UnaryInteger(op, x.Span<int64>(), y.Write<int64>())
            | DType.Int32 -> Elementwise.UnaryInteger(op, x.Span<int>(), y.Write<int>())
            | DType.UInt8 -> Elementwise.UnaryInteger(op, x.Span<byte>(), y.Write<byte>())
            | t -> unsupported (string op) t "convert with Cast first."

            y

    /// How two operands meet: in one run where both are gap-free blocks or scalars, else run by run over the leading axes.
    /// The body gets (start in the result, start in a, start in b, run length); a run length of 1 in aRun or bRun marks a scalar.
    let private runs (shape: Shape) (a: NDArray) (b: NDArray) (body: int -> int -> int -> int -> int -> int -> unit) =
        let sizes = shape.Sizes
        let stridesOf (x: NDArray) =
            let own = x.Strides
            let shift = sizes.Length - x.Rank
            Array.init sizes.Length (fun d -> if d < shift || x.Shape.Sizes[d - shift] = 1 then 0 else own[d - shift])

        let sa, sb = stridesOf a, stridesOf b
        // the trailing axes over which both are either gap-free or constant
        let mutable run = 1
        let mutable axis = sizes.Length - 1
        let mutable flowA = true
        let mutable flowB = true
        let mutable go = true

        while go && axis >= 0 do
            let size = sizes[axis]
            let dense (s: int) = s = run
            let first = run = 1

            if size = 1 then
                axis <- axis - 1
            else
                let okA = if first then (sa[axis] = 1 || sa[axis] = 0) else (if flowA then dense sa[axis] else sa[axis] = 0)
                let okB = if first then (sb[axis] = 1 || sb[axis] = 0) else (if flowB then dense sb[axis] else sb[axis] = 0)

                if okA && okB then
                    if first then
                        flowA <- sa[axis] = 1
                        flowB <- sb[axis] = 1

                    run <- run * size
                    axis <- axis - 1
                else
                    go <- false

        let lenA = if flowA then run else 1
        let lenB = if flowB then run else 1
        let outer = axis + 1
        let index = Array.zeroCreate outer
        let mutable at = 0
        let mutable ia = a.Offset
        let mutable ib = b.Offset

        while at < shape.Count do
            body at ia ib run lenA lenB
            at <- at + run
            let mutable d = outer - 1
            let mutable carry = true

            while carry && d >= 0 do
                ia <- ia + sa[d]
                ib <- ib + sb[d]
                index[d] <- index[d] + 1

                if index[d] < sizes[d] then
                    carry <- false
                else
                    ia <- ia - sa[d] * sizes[d]
                    ib <- ib - sb[d] * sizes[d]
                    index[d] <- 0
                    d <- d - 1

    /// Both operands gap-free over the common shape (or a scalar on one side).
    let private flat (shape: Shape) (x: NDArray) =
        if x.IsConstant && x.Rank <= shape.Rank then x.First
        elif x.IsContiguous && x.Shape.Equals shape then x
        else x.BroadcastTo(shape).Contiguous()

    /// x where its rows are gap-free or constant, else a copy: runs of one element would cost more than the copy.
    let private byRows (x: NDArray) =
        let last = x.Rank - 1

        if last < 0 || x.IsContiguous || x.Shape.Sizes[last] = 1 || x.Strides[last] = 0 || x.Strides[last] = 1 then
            x
        else
            x.Contiguous()

    let private runIsWorthIt (shape: Shape) = shape.Rank > 0 && shape.Sizes[shape.Rank - 1] >= 8

    let binary (op: BinaryOp) (a: NDArray) (b: NDArray) : NDArray =
        if a.IsFloat64Scalar && b.IsFloat64Scalar then
            NDArray.Scalar(Elementwise.Binary(op, a.Inlined, b.Inlined), a.IsWeak && b.IsWeak)
        else
            let shape = Shape.Broadcast(binaryNames[int op], a.Shape, b.Shape)
            let y = NDArray.Allocate(a.DType, shape)

            let isFlat (x: NDArray) = (x.IsContiguous && x.Shape.Equals shape) || x.IsConstant

            if not (isFlat a && isFlat b) && runIsWorthIt shape && DTypes.isFloat a.DType && shape.Count > 0 then
                let a, b = byRows a, byRows b

                match a.DType with
                | DType.Float64 ->
                    runs shape a b (fun at ia ib run lenA lenB ->
                        Elementwise.Binary(
                            op,
                            a.Storage<double>().Slice(ia, lenA),
                            b.Storage<double>().Slice(ib, lenB),
                            y.Write<double>().Slice(at, run)
                        ))
                | _ ->
                    runs shape a b (fun at ia ib run lenA lenB ->
                        Elementwise.Binary(
                            op,
                            a.Storage<float32>().Slice(ia, lenA),
                            b.Storage<float32>().Slice(ib, lenB),
                            y.Write<float32>().Slice(at, run)
                        ))
            else
                let a, b = flat shape a, flat shape b

                match a.DType with
                | DType.Float64 -> Elementwise.Binary(op, a.Span<double>(), b.Span<double>(), y.Write<double>())
                | DType.Float32 -> Elementwise.Binary(op, a.Span<float32>(), b.Span<float32>(), y.Write<float32>())
                | DType.Int64 -> Elementwise.BinaryInteger(op, a.Span<int64>(), b.Span<int64>(), y.Write<int64>())
                | DType.Int32 -> Elementwise.BinaryInteger(op, a.Span<int>(), b.Span<int>(), y.Write<int>())
                | DType.UInt8 -> Elementwise.BinaryInteger(op, a.Span<byte>(), b.Span<byte>(), y.Write<byte>())
                | t -> unsupported (string op) t "convert with Cast, or use the logical functions."

            y

    /// x op c for floating-point x and a number c.
    let withNumber (op: BinaryOp) (x: NDArray) (c: double) : NDArray =
        if x.IsFloat64Scalar then
            NDArray.Scalar(Elementwise.Binary(op, x.Inlined, c), x.IsWeak)
        else
            let x = x.Contiguous()
            let y = NDArray.Allocate(x.DType, x.Shape)

            if x.DType = DType.Float64 then
                let c = c
                Elementwise.Binary(op, x.Span<double>(), ReadOnlySpan<double>(&c), y.Write<double>())
            else
                let c = float32 c
                Elementwise.Binary(op, x.Span<float32>(), ReadOnlySpan<float32>(&c), y.Write<float32>())

            y

    /// c - x for floating-point x and a number c.
    let numberMinus (c: double) (x: NDArray) : NDArray =
        if x.IsFloat64Scalar then
            NDArray.Scalar(c - x.Inlined, x.IsWeak)
        else
            let x = x.Contiguous()
            let y = NDArray.Allocate(x.DType, x.Shape)

            if x.DType = DType.Float64 then
                let c = c
                Elementwise.Binary(BinaryOp.Subtract, ReadOnlySpan<double>(&c), x.Span<double>(), y.Write<double>())
            else
                let c = float32 c
                Elementwise.Binary(BinaryOp.Subtract, ReadOnlySpan<float32>(&c), x.Span<float32>(), y.Write<float32>())

            y

    let compare (op: CompareOp) (a: NDArray) (b: NDArray) : NDArray =
        let shape = Shape.Broadcast(compareNames[int op], a.Shape, b.Shape)
        let y = NDArray.Allocate(DType.Bool, shape)
        let a, b = flat shape a, flat shape b

        match a.DType with
        | DType.Float64 -> Elementwise.Compare(op, a.Span<double>(), b.Span<double>(), y.Write<bool>())
        | DType.Float32 -> Elementwise.Compare(op, a.Span<float32>(), b.Span<float32>(), y.Write<bool>())
        | DType.Int64 -> Elementwise.Compare(op, a.Span<int64>(), b.Span<int64>(), y.Write<bool>())
        | DType.Int32 -> Elementwise.Compare(op, a.Span<int>(), b.Span<int>(), y.Write<bool>())
        | _ -> Elementwise.Compare(op, a.Span<byte>(), b.Span<byte>(), y.Write<bool>())

        y

    /// condition ? a : b, all three broadcast together; a and b of one element type.
    let where (condition: NDArray) (a: NDArray) (b: NDArray) : NDArray =
        let shape = Shape.Broadcast("where", Shape.Broadcast("where", condition.Shape, a.Shape), b.Shape)
        let y = NDArray.Allocate(a.DType, shape)
        let c = (flat shape condition).Span<bool>()
        let a, b = flat shape a, flat shape b

        match DTypes.size a.DType with
        | 8 when a.DType = DType.Float64 -> Elementwise.Where(c, a.Span<double>(), b.Span<double>(), y.Write<double>())
        | 8 -> Elementwise.Where(c, a.Span<int64>(), b.Span<int64>(), y.Write<int64>())
        | 4 when a.DType = DType.Float32 -> Elementwise.Where(c, a.Span<float32>(), b.Span<float32>(), y.Write<float32>())
        | 4 -> Elementwise.Where(c, a.Span<int>(), b.Span<int>(), y.Write<int>())
        | _ when a.DType = DType.UInt8 -> Elementwise.Where(c, a.Span<byte>(), b.Span<byte>(), y.Write<byte>())
        | _ -> Elementwise.Where(c, a.Span<bool>(), b.Span<bool>(), y.Write<bool>())

        y

    /// Adds x to an accumulator that nobody else has seen; both gap-free, floating point, of one shape.
    let addInto (x: NDArray) (accumulator: NDArray) =
        match x.DType with
        | DType.Float64 -> Elementwise.AddInto(x.Span<double>(), accumulator.Write<double>())
        | _ -> Elementwise.AddInto(x.Span<float32>(), accumulator.Write<float32>())

    /// The result type of a sum: floating point stays, the rest is counted in int64.
    let sumType (t: DType) = if DTypes.isFloat t then t else DType.Int64

    /// One axis away: [outer; n; inner] to [outer; inner], under the shape given.
    let private reduceBlock (op: ReduceOp) (x: NDArray) outer n inner (shape: Shape) : NDArray =
        let wide = op = ReduceOp.Sum || op = ReduceOp.Product
        let y = NDArray.Allocate((if wide then sumType x.DType else x.DType), shape)

        match x.DType with
        | DType.Float64 -> Reductions.Reduce(op, x.Span<double>(), outer, n, inner, y.Write<double>())
        | DType.Float32 -> Reductions.Reduce(op, x.Span<float32>(), outer, n, inner, y.Write<float32>())
        | DType.Int64 -> Reductions.ReduceInteger<int64, int64>(op, x.Span<int64>(), outer, n, inner, y.Write<int64>())
        | DType.Int32 when wide -> Reductions.ReduceInteger<int, int64>(op, x.Span<int>(), outer, n, inner, y.Write<int64>())
        | DType.Int32 -> Reductions.ReduceInteger<int, int>(op, x.Span<int>(), outer, n, inner, y.Write<int>())
        | _ when wide -> Reductions.ReduceInteger<byte, int64>(op, x.Span<byte>(), outer, n, inner, y.Write<int64>())
        | _ -> Reductions.ReduceInteger<byte, byte>(op, x.Span<byte>(), outer, n, inner, y.Write<byte>())

        y

    /// The array with the given axes moved together, as [outer; n; inner]. Adjacent axes need no copy.
    let private gathered (x: NDArray) (axes: int[]) : struct (NDArray * int * int * int) =
        let sizes = x.Shape.Sizes

        if axes.Length = sizes.Length then
            struct (x.Contiguous(), 1, x.Count, 1)
        elif axes.Length = 1 then
            let struct (outer, n, inner) = x.Shape.Around axes[0]
            struct (x.Contiguous(), outer, n, inner)
        else
            let axes = Array.sort axes
            let first = if axes.Length = 0 then sizes.Length else axes[0]
            let mutable adjacent = true
            let mutable n = 1

            for k in 0 .. axes.Length - 1 do
                if axes[k] <> first + k then adjacent <- false
                n <- n * sizes[axes[k]]

            if adjacent then
                let mutable outer = 1
                let mutable inner = 1

                for d in 0 .. first - 1 do
                    outer <- outer * sizes[d]

                for d in first + axes.Length .. sizes.Length - 1 do
                    inner <- inner * sizes[d]

                struct (x.Contiguous(), outer, n, inner)
            else
                let rest = [| 0 .. sizes.Length - 1 |] |> Array.except axes
                let outer = rest |> Array.fold (fun m d -> m * sizes[d]) 1
                struct (x.Transpose(Array.append rest axes).Contiguous(), outer, n, 1)

    /// The shape without (or with size 1 in) the given axes.
    let reducedShape (shape: Shape) (axes: int[]) keep =
        if not keep && axes.Length = shape.Rank then Shape.Scalar
        elif axes.Length = 1 then (if keep then shape.With(axes[0], 1) else shape.Without axes[0])
        elif keep then Shape(shape.Sizes |> Array.mapi (fun d s -> if Array.contains d axes then 1 else s))
        else Shape(shape.Sizes |> Array.indexed |> Array.filter (fun (d, _) -> not (Array.contains d axes)) |> Array.map snd)

    /// [outer; n; kept; inner] where n and inner are the given axes, and inner is long enough to be reduced as it lies.
    let private around (x: NDArray) (axes: int[]) : struct (int * int * int * int) voption =
        let rec back d product reduced =
            if d > 0 && Array.contains (d - 1) axes = reduced then
                back (d - 1) (product * x.Shape.Sizes[d - 1]) reduced
            else
                struct (d, product)

        let struct (d, inner) = back x.Rank 1 true
        let struct (d, kept) = back d 1 false
        let struct (d, n) = back d 1 true
        let struct (d, outer) = back d 1 false

        if d = 0 && n > 1 && kept > 1 && inner >= 16 then ValueSome(struct (outer, n, kept, inner)) else ValueNone

    let reduce (op: ReduceOp) (axes: int[]) (keep: bool) (x: NDArray) : NDArray =
        let shape = reducedShape x.Shape axes keep

        if shape.Count > 0 && x.Count = 0 && (op = ReduceOp.Maximum || op = ReduceOp.Minimum) then
            invalidArg "x" $"{op}: an axis of shape {x.Shape} is empty, and an empty set has no extremum. Reduce another axis, or test Count first."

        match (if axes.Length > 1 && axes.Length < x.Rank && DTypes.isFloat x.DType then around x axes else ValueNone) with
        | ValueSome(struct (outer, n, kept, inner)) ->
            let x, y = x.Contiguous(), NDArray.Allocate(x.DType, shape)

            match x.DType with
            | DType.Float64 -> Reductions.ReduceAround(op, x.Span<double>(), outer, n, kept, inner, y.Write<double>())
            | _ -> Reductions.ReduceAround(op, x.Span<float32>(), outer, n, kept, inner, y.Write<float32>())

            y
        | ValueNone ->
            let struct (block, outer, n, inner) = gathered x axes
            reduceBlock op block outer n inner shape
