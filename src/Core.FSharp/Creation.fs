namespace DiffLib

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// Along a new last axis, 1 at the class and 0 elsewhere.
[<Sealed>]
type internal OneHotRule(classes: int, dtype: DType) =
    inherit UnaryRule("one_hot")
    override _.Attributes = ValueSome [| "classes", Attribute.Int classes; "dtype", Attribute.Type dtype |]
    override _.Infer x = Spec.Of(dtype, Shape(Array.append x.Shape.Sizes [| classes |]))
    override this.Batch x = Tensor.Apply(this, x)
    override _.Differentiable = false

    override _.Value x =
        let at = (x.Cast DType.Int64).ToArray<int64>()
        let shape = Shape(Array.append x.Shape.Sizes [| classes |])
        let flags = Array.zeroCreate<bool> shape.Count

        at
        |> Array.iteri (fun k i ->
            if i < 0L || i >= int64 classes then
                raise (ArgumentOutOfRangeException("indices", i, $"oneHot: index {i} is not a class; classes run from 0 to {classes - 1}."))

            flags[k * classes + int i] <- true)

        NDArray.Adopt(shape, flags).Cast dtype

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// Tensors out of numbers: from .NET arrays, and by rule. All data is copied, so that nobody can change a tensor afterwards.
[<AbstractClass; Sealed>]
type internal Creation =

    // ---- from data

    /// A copy of row-major data under a shape of the same count.
    static member OfSpan<'t when 't: unmanaged and 't: struct>(data: ReadOnlySpan<'t>, shape: Shape) : Tensor =
        DTypes.ofType typeof<'t> |> ignore

        if data.Length <> shape.Count then
            invalidArg "data" $"shape {shape} has {shape.Count} elements, but the data has {data.Length}. Give as many numbers as the shape has."

        Const(NDArray.Adopt(shape, data.ToArray()))

    /// The elements of an array of any rank, in row-major order, as they lie in memory.
    static member private Elements<'t when 't: unmanaged and 't: struct>(array: Array) : ReadOnlySpan<'t> =
        MemoryMarshal.CreateReadOnlySpan(&Unsafe.As<byte, 't>(&MemoryMarshal.GetArrayDataReference array), array.Length)

    static member private ElementType(array: Array) : Type =
        match array.GetType().GetElementType() with
        | null -> typeof<obj>
        | t -> t

    /// A rectangular array of any rank.
    static member private OfRectangular(array: Array) : Tensor =
        let shape = Shape(Array.init array.Rank (fun d -> array.GetLength d))

        match DTypes.ofType (Creation.ElementType array) with
        | DType.Float64 -> Creation.OfSpan(Creation.Elements<double> array, shape)
        | DType.Float32 -> Creation.OfSpan(Creation.Elements<float32> array, shape)
        | DType.Int64 -> Creation.OfSpan(Creation.Elements<int64> array, shape)
        | DType.Int32 -> Creation.OfSpan(Creation.Elements<int> array, shape)
        | DType.UInt8 -> Creation.OfSpan(Creation.Elements<byte> array, shape)
        | _ -> Creation.OfSpan(Creation.Elements<bool> array, shape)

    /// The sizes of nested arrays, read along their first entries.
    static member private NestedSizes(array: Array) : int list =
        if not (Creation.ElementType(array).IsArray) then
            List.init array.Rank (fun d -> array.GetLength d)
        elif array.Length = 0 then
            [ 0 ]
        else
            match array.GetValue 0 with
            | :? Array as first -> array.Length :: Creation.NestedSizes first
            | _ -> invalidArg "array" "entry [0] of the nested array is null; give an array for each row."

    static member private LeafType(array: Array) : Type =
        let mutable t = Creation.ElementType array

        while t.IsArray do
            match t.GetElementType() with
            | null -> ()
            | inner -> t <- inner

        t

    /// Copies the leaves of nested arrays in order; every row must have the size that the first one has.
    static member private CopyNested(array: Array, sizes: int list, path: string, target: Array, at: int byref) : unit =
        match sizes with
        | n :: rest when Creation.ElementType(array).IsArray ->
            if array.Length <> n then
                invalidArg
                    "array"
                    $"ragged: entry {path} has {array.Length} rows where the first one of its kind has {n}. Fill up the rows, or use several tensors."

            for i in 0 .. n - 1 do
                match array.GetValue i with
                | :? Array as row -> Creation.CopyNested(row, rest, $"{path}[{i}]", target, &at)
                | _ -> invalidArg "array" $"entry {path}[{i}] of the nested array is null; give an array for each row."
        | _ ->
            let own = List.init array.Rank (fun d -> array.GetLength d)

            if own <> sizes then
                let text (s: int list) = String.Join(" by ", s)
                invalidArg
                    "array"
                    $"ragged: entry {path} has {text own} elements where the first one of its kind has {text sizes}. Fill up the rows, or use several tensors."

            let size = DTypes.size (DTypes.ofType (Creation.ElementType array))
            let bytes = MemoryMarshal.CreateReadOnlySpan(&MemoryMarshal.GetArrayDataReference array, array.Length * size)
            bytes.CopyTo(MemoryMarshal.CreateSpan(&Unsafe.Add(&MemoryMarshal.GetArrayDataReference target, at * size), array.Length * size))
            at <- at + array.Length

    /// Arrays of arrays, nested at will, whose rows agree in size.
    static member private OfNested(array: Array) : Tensor =
        let leaf = Creation.LeafType array
        DTypes.ofType leaf |> ignore
        let sizes = Creation.NestedSizes array
        let shape = Shape(Array.ofList sizes)
        let flat = Array.CreateInstance(leaf, shape.Count)
        let mutable at = 0
        if shape.Count > 0 || sizes.Length > 1 then Creation.CopyNested(array, sizes, "", flat, &at)
        Tensor.ReshapeTo(Creation.OfRectangular flat, shape)

    /// An array of any rank, or nested arrays.
    static member OfArray(array: Array) : Tensor =
        if Creation.ElementType(array).IsArray then Creation.OfNested array else Creation.OfRectangular array

    // ---- by rule

    static member Full(dtype: DType, shape: Shape, value: double) : Tensor =
        Creation.DemandRepresentable(dtype, value)
        Tensor.Wrap(NDArray.Full(dtype, shape, value))

    /// An integer tensor cannot hold a fraction, and nothing is rounded silently.
    static member private DemandRepresentable(dtype: DType, value: double) =
        let fits =
            match dtype with
            | DType.Float64
            | DType.Float32
            | DType.Bool -> true
            | DType.Int64 -> value = Math.Truncate value && abs value <= 9.2e18
            | DType.Int32 -> value = Math.Truncate value && value >= float Int32.MinValue && value <= float Int32.MaxValue
            | _ -> value = Math.Truncate value && value >= 0.0 && value <= 255.0

        if not fits then
            invalidArg
                "value"
                (FormattableString.Invariant $"{value} is not a number of type {DTypes.name dtype}. Choose another element type, or round it first.")

    static member Zeros(dtype: DType, shape: Shape) : Tensor = Const(NDArray.Zeros(dtype, shape))

    /// n evenly spaced numbers by their formula, in another element type if asked for.
    static member private Sequence(dtype: DType, n: int, formula: int -> double) : Tensor =
        Const(NDArray.Adopt(Shape [| n |], Array.init n formula).Cast dtype)

    /// start, start + step, ... up to but without stop: ⌈(stop - start)/step⌉ numbers.
    static member Arange(dtype: DType, start: double, stop: double, step: double) : Tensor =
        if step = 0.0 || not (Double.IsFinite step) then
            raise (ArgumentOutOfRangeException("step", step, "the step must be finite and not 0."))

        if not (Double.IsFinite start && Double.IsFinite stop) then
            raise (ArgumentOutOfRangeException((if Double.IsFinite start then "stop" else "start"), "the ends of a range must be finite."))

        let n = Math.Max(0.0, Math.Ceiling((stop - start) / step))
        let shape = Shape.Of(int64 (min n 1e18))
        Creation.Sequence(dtype, shape.Count, fun i -> start + float i * step)

    /// n numbers from start to stop, both exact, spaced evenly; without the endpoint the n-th of n+1 is left out.
    static member Linspace(dtype: DType, start: double, stop: double, n: int, endpoint: bool) : Tensor =
        if n < 0 then raise (ArgumentOutOfRangeException("count", n, "the number of points must be 0 or more."))
        let parts = if endpoint then n - 1 else n
        let step = (stop - start) / float (max 1 parts)
        // from the nearer end, so that both ends are exact and the sequence is symmetric
        let at i = if i < (parts + 1) / 2 || parts = 0 then start + step * float i else stop - step * float (parts - i)
        Creation.Sequence(dtype, n, at)

    /// base to the powers that Linspace gives.
    static member Logspace(dtype: DType, start: double, stop: double, n: int, logBase: double, endpoint: bool) : Tensor =
        let exponents = Creation.Linspace(DType.Float64, start, stop, n, endpoint).Value.ToArray<double>()
        Creation.Sequence(dtype, n, fun i -> Math.Pow(logBase, exponents[i]))

    /// The n by m matrix with ones from one column (included) to another (excluded) of each row.
    static member private Rows(dtype: DType, n: int, m: int, first: int -> int64, last: int -> int64) : Tensor =
        let shape = Shape [| n; m |]
        let flags = Array.zeroCreate<bool> shape.Count

        for i in 0 .. n - 1 do
            let a, b = Math.Clamp(first i, 0L, int64 m), Math.Clamp(last i, 0L, int64 m)
            if a < b then flags.AsSpan(i * m + int a, int (b - a)).Fill true

        Const(NDArray.Adopt(shape, flags).Cast dtype)

    /// Ones on the diagonal with column - row = offset.
    static member Eye(dtype: DType, n: int, m: int, offset: int) : Tensor =
        let column i = int64 i + int64 offset
        Creation.Rows(dtype, n, m, column, (fun i -> column i + 1L))

    /// Ones at and below the diagonal with column - row = offset.
    static member Tri(dtype: DType, n: int, m: int, offset: int) : Tensor =
        Creation.Rows(dtype, n, m, (fun _ -> 0L), (fun i -> int64 i + int64 offset + 1L))

    /// The rows and columns [2; count] of the entries of an n by m matrix that lie in a triangle.
    static member TriangleIndices(n: int, m: int, offset: int, lower: bool) : Tensor =
        Shape [| n; m |] |> ignore
        let inside i j = if lower then int64 j - int64 i <= int64 offset else int64 j - int64 i >= int64 offset
        let pairs =
            [| for i in 0 .. n - 1 do
                   for j in 0 .. m - 1 do
                       if inside i j then struct (int64 i, int64 j) |]
        let rows = pairs |> Array.map (fun struct (i, _) -> i)
        let columns = pairs |> Array.map (fun struct (_, j) -> j)
        Const(NDArray.Adopt(Shape [| 2; pairs.Length |], Array.append rows columns))

    /// Along a new last axis, 1 at the index and 0 elsewhere.
    static member OneHot(dtype: DType, indices: Tensor, classes: int) : Tensor =
        if DTypes.kind indices.DType <> 1 then
            invalidArg "indices" $"oneHot: indices are {DTypes.name indices.DType}; they must be integers. Convert them with Cast."

        if classes >= 0 then
            Tensor.Apply(OneHotRule(classes, dtype), indices)
        elif not indices.IsKnown then
            Rules.shapeOfData "one-hot codes whose number of classes is the largest index (OneHot)" "Give the number of classes."
        elif indices.Count = 0 then
            invalidArg "classes" "oneHot: no index to infer the number of classes from. Give it."
        else
            let largest = Array.max ((indices.Value.Cast DType.Int64).ToArray<int64>())
            let shape = Shape.Of(Array.append (Array.map int64 indices.Shape.Sizes) [| largest + 1L |])
            Tensor.Apply(OneHotRule(shape[-1], dtype), indices)

    // ---- to data

    /// The elements, which must be of the .NET type that belongs to the element type.
    static member DemandType<'t when 't: unmanaged and 't: struct>(x: Tensor) : NDArray =
        let wanted = DTypes.ofType typeof<'t>
        let v = x.Value

        if v.DType <> wanted then
            invalidArg
                "T"
                $"the elements are {DTypes.name v.DType}, not {DTypes.name wanted} ({typeof<'t>.Name}). Convert first: x.Cast(DType.{wanted})."

        v

    /// The elements in row-major order; without a copy where they lie so.
    static member Span<'t when 't: unmanaged and 't: struct>(x: Tensor) : ReadOnlySpan<'t> = (Creation.DemandType<'t> x).Contiguous().Span<'t>()

    /// The elements of a matrix, column after column, as a new array.
    static member ColumnMajor<'t when 't: unmanaged and 't: struct>(x: Tensor) : 't[] =
        (Creation.DemandType<'t> x).Transpose([| 1; 0 |]).ToArray<'t>()

    /// The elements in row-major order as float64.
    static member ToDoubles(x: Tensor) : double[] = (x.Value.Cast DType.Float64).ToArray<double>()

    static member private CopyOut<'t when 't: unmanaged and 't: struct>(v: NDArray) : Array =
        let target = Array.CreateInstance(typeof<'t>, v.Shape.Sizes)
        v.Span<'t>().CopyTo(MemoryMarshal.CreateSpan(&Unsafe.As<byte, 't>(&MemoryMarshal.GetArrayDataReference target), v.Count))
        target

    /// A .NET array of the tensor's rank; rank 0 has no array.
    static member ToMultiArray(x: Tensor) : Array =
        let v = x.Value.Contiguous()

        if v.Rank = 0 then
            raise (
                InvalidOperationException "a tensor of rank 0 is a single number, and .NET arrays have at least one axis; use ToScalar, or ToArray."
            )

        match v.DType with
        | DType.Float64 -> Creation.CopyOut<double> v
        | DType.Float32 -> Creation.CopyOut<float32> v
        | DType.Int64 -> Creation.CopyOut<int64> v
        | DType.Int32 -> Creation.CopyOut<int> v
        | DType.UInt8 -> Creation.CopyOut<byte> v
        | _ -> Creation.CopyOut<bool> v
