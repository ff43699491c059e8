namespace DiffLib

open System
open System.Threading
open DiffLib.Kernels

// Chapter 4: what a reverse-mode call remembers. Inputs and results are kept as objects here; the next chapter says what they are.

/// How many inputs a rule takes.
type internal RuleKind =
    | Unary = 1
    | Binary = 2
    | Many = 3

/// What is known of a value before its elements are: all that a shape rule needs and gives.
[<Struct; CustomEquality; NoComparison>]
type internal Spec =
    {
        Shape: Shape
        DType: DType
        /// A weak scalar takes the element type of what it meets.
        Weak: bool
    }

    static member Of(dtype: DType, shape: Shape) = { Shape = shape; DType = dtype; Weak = false }
    static member Of(v: NDArray) = { Shape = v.Shape; DType = v.DType; Weak = v.IsWeak }
    member x.With(shape: Shape) = { Shape = shape; DType = x.DType; Weak = false }
    member x.With(dtype: DType) = { Shape = x.Shape; DType = dtype; Weak = false }
    member x.Rank = x.Shape.Rank
    member x.Equals(y: Spec) = x.DType = y.DType && x.Weak = y.Weak && x.Shape.Equals y.Shape

    override x.Equals(y: obj) =
        match y with
        | :? Spec as y -> x.Equals y
        | _ -> false

    override x.GetHashCode() = HashCode.Combine(x.Shape.GetHashCode(), int x.DType, x.Weak)
    override x.ToString() = (if x.Weak then "weak " else "") + DTypes.name x.DType + x.Shape.ToString()

/// One thing that distinguishes a rule from others of its class: an axis, a shape, an exponent.
[<RequireQualifiedAccess>]
type internal Attribute =
    | Flag of bool
    | Int of int
    | Ints of int[]
    | Float of double
    | Floats of double[]
    | Text of string
    | Type of DType
    | Sizes of Shape

    override x.ToString() =
        match x with
        | Attribute.Flag b -> if b then "true" else "false"
        | Attribute.Int k -> string k
        | Attribute.Ints ks -> "[" + String.Join(", ", ks) + "]"
        | Attribute.Float v -> v.ToString("R", Globalization.CultureInfo.InvariantCulture)
        | Attribute.Floats vs -> "[" + String.Join(", ", vs |> Array.map (fun v -> v.ToString("R", Globalization.CultureInfo.InvariantCulture))) + "]"
        | Attribute.Text t -> t
        | Attribute.Type t -> DTypes.name t
        | Attribute.Sizes s -> s.ToString()

/// What an operation is: its name, its value on arrays, and its derivative as a linear map and that map's transpose,
/// written in Tensor arithmetic so that every order works; its shape rule, for programs; its batching rule, for Vmap.
[<AbstractClass>]
type internal Rule(name: string, kind: RuleKind) =
    /// The name shown in messages and programs.
    member _.Name = name

    /// Which of the three kinds of rule this is: asked for every recorded operation, where a type test would be felt.
    member _.Kind = kind

    /// False where the derivative is zero everywhere: the result is then a constant at every level.
    abstract Differentiable: bool
    default _.Differentiable = true

    /// Whether its derivative is made of the library's own elementwise and shape operations, so that nothing made on the way outlives a pull.
    abstract IsPlain: bool
    default _.IsPlain = false

    /// What the rule was made from, by name: two rules of one class with equal attributes are the same function. None where it was made
    /// from something that has no text, a function.
    abstract Attributes: (string * Attribute)[] voption
    default _.Attributes = ValueNone

    /// Whether two rules are the same function.
    static member Same(a: Rule, b: Rule) =
        obj.ReferenceEquals(a, b)
        || (a.GetType() = b.GetType()
            && a.Name = b.Name
            && (match a.Attributes, b.Attributes with
                | ValueSome x, ValueSome y -> x = y
                | _ -> false))

    /// The name, and the attributes in brackets.
    override _.ToString() = name

    member x.Describe() =
        match x.Attributes with
        | ValueSome [||]
        | ValueNone -> name
        | ValueSome attributes -> name + "[" + String.Join(", ", attributes |> Array.map (fun (k, v) -> $"{k}={v}")) + "]"

/// One recorded operation: the rule, its peeled inputs, their places on the trace (-1 for constants), its peeled result.
[<Struct; NoEquality; NoComparison>]
type internal Node =
    val mutable Rule: Rule | null
    /// The input of a unary rule, the first of a binary one; of a many-rule an array of them.
    val mutable A: obj | null
    val mutable B: obj | null
    /// The result; of a many-rule the array of results.
    val mutable Y: obj | null
    val mutable ParentA: int
    val mutable ParentB: int
    /// The places of a many-rule's inputs; for the further results of a many-rule, null.
    val mutable Parents: int[] | null

/// The append-only record of one reverse-mode derivative call. Threads may append at once: places are handed out atomically,
/// and nothing depends on their order except that inputs come before results.
[<Sealed>]
type internal Trace(tag: int64) =
    /// Chunks of 16, 32, ... 1024, 1024 ... nodes: small calls stay small, large ones never copy, none is a large object.
    let mutable chunks: Node[][] = Array.zeroCreate 8
    let mutable count = 0
    let mutable isOpen = true

    /// The last tag lies in the middle: every derivative call of every thread writes it, and what shared its cache lines would be fetched anew each time.
    static let tags: int64[] = Array.zeroCreate 32

    /// A number no derivative call has had, larger than any before: a call inside another one has the larger tag, on whatever thread.
    static member FreshTag() = Interlocked.Increment &tags[16]

    member _.Tag = tag

    /// False once the call is over: what escaped from it is a constant from then on.
    member _.IsOpen = isOpen

    member _.Close() = isOpen <- false

    /// Lets go of everything recorded.
    member _.Release() =
        isOpen <- false
        chunks <- Array.zeroCreate 8

    member _.Count = Volatile.Read &count

    static member private Locate(place: int) : struct (int * int) =
        if place < 1008 then
            let shifted = place + 16
            let k = 27 - System.Numerics.BitOperations.LeadingZeroCount(uint32 shifted)
            struct (k, shifted - (16 <<< k))
        else
            struct (6 + ((place - 1008) >>> 10), (place - 1008) &&& 1023)

    member private this.Chunk(k: int) : Node[] =
        let seen = Volatile.Read &chunks

        if k < seen.Length && not (obj.ReferenceEquals(seen[k], null)) then
            seen[k]
        else
            lock this (fun () ->
                if k >= chunks.Length then
                    let larger = Array.zeroCreate (max (k + 1) (chunks.Length * 2))
                    Array.blit chunks 0 larger 0 chunks.Length
                    Volatile.Write(&chunks, larger)

                if obj.ReferenceEquals(chunks[k], null) then
                    Volatile.Write(&chunks[k], Array.zeroCreate (if k < 6 then 16 <<< k else 1024))

                chunks[k])

    member this.Item
        with get (place: int): byref<Node> =
            let struct (k, i) = Trace.Locate place
            &this.Chunk(k).[i]

    /// The record so far. A sweep that holds it is not disturbed when another thread goes on recording or releases the trace.
    member _.Chunks: Node[][] = Volatile.Read &chunks

    /// The node at a place of a record.
    static member At(chunks: Node[][], place: int) : byref<Node> =
        let struct (k, i) = Trace.Locate place
        &chunks[k].[i]

    /// A place with nothing behind it: a watched input.
    member this.Leaf() : int =
        let place = Interlocked.Increment &count - 1
        let node = &this[place]
        node.ParentA <- -1
        node.ParentB <- -1
        place

    /// A function of one value, recorded at a new place.
    member this.Record(rule: Rule, x: obj, parent: int, y: obj) : int =
        let place = Interlocked.Increment &count - 1
        let node = &this[place]
        node.Rule <- rule
        node.A <- x
        node.Y <- y
        node.ParentA <- parent
        node.ParentB <- -1
        place

    /// A function of two values, recorded at a new place.
    member this.Record(rule: Rule, a: obj, parentA: int, b: obj, parentB: int, y: obj) : int =
        let place = Interlocked.Increment &count - 1
        let node = &this[place]
        node.Rule <- rule
        node.A <- a
        node.B <- b
        node.Y <- y
        node.ParentA <- parentA
        node.ParentB <- parentB
        place

    /// Results take consecutive places; the first one carries the rule, the others point to it.
    member this.Record(rule: Rule, xs: obj, parents: int[], ys: obj, results: int) : int =
        let place = Interlocked.Add(&count, results) - results
        let node = &this[place]
        node.Rule <- rule
        node.A <- xs
        node.Y <- ys
        node.Parents <- parents
        node.ParentA <- -1
        node.ParentB <- -1

        for k in 1 .. results - 1 do
            let further = &this[place + k]
            further.ParentA <- place
            further.ParentB <- -1

        place
