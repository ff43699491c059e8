namespace rec DiffLib

open System
open System.Runtime.CompilerServices
open DiffLib.Kernels

// Chapter 5: the dual number.
//
// A Tensor is a constant, or in one of the two derivative modes a primal together with a tangent (forward) or with a place
// on a trace that remembers how it was made (reverse). An operation looks for the highest tag among its inputs, lets that
// interpreter act, and hands the peeled inputs to the level below; with only constants it goes straight to the kernel.

/// A function of one tensor.
[<AbstractClass>]
type internal UnaryRule(name) =
    inherit Rule(name, RuleKind.Unary)
    abstract Value: x: NDArray -> NDArray
    /// The value at a float64 of rank 0.
    abstract OfNumber: x: double * weak: bool -> Tensor
    default this.OfNumber(x, weak) = Const(this.Value(NDArray.Scalar(x, weak)))
    /// The tangent of y = f(x) along dx.
    abstract Push: x: Tensor * y: Tensor * dx: Tensor -> Tensor
    /// The cotangent of x for the cotangent w of y = f(x).
    abstract Pull: x: Tensor * y: Tensor * w: Tensor -> Tensor
    /// Shape and element type of the result.
    abstract Infer: x: Spec -> Spec
    /// The results for a stack of examples: the first axis of x and of the result counts them.
    abstract Batch: x: Tensor -> Tensor
    /// For a rule that is a composition of others: what a program writes down in its place.
    abstract Expand: x: Tensor -> Tensor voption
    default _.Expand _ = ValueNone
    /// For a composition with a derivative of its own that refers to nothing outside: the result's shape and element type.
    abstract Keep: x: Spec -> Spec voption
    default _.Keep _ = ValueNone

/// A function of two tensors of one element type.
[<AbstractClass>]
type internal BinaryRule(name) =
    inherit Rule(name, RuleKind.Binary)
    abstract Value: a: NDArray * b: NDArray -> NDArray
    /// The value at two float64s of rank 0.
    abstract OfNumbers: a: double * b: double * weak: bool -> Tensor
    default this.OfNumbers(a, b, weak) = Const(this.Value(NDArray.Scalar(a, weak), NDArray.Scalar(b, weak)))
    /// The tangent of y along the tangent d of input 0 or 1.
    abstract Push: input: int * a: Tensor * b: Tensor * y: Tensor * d: Tensor -> Tensor
    /// The cotangent of input 0 or 1.
    abstract Pull: input: int * a: Tensor * b: Tensor * y: Tensor * w: Tensor -> Tensor
    /// Shape and element type of the result; shapes that do not fit are an error.
    abstract Infer: a: Spec * b: Spec -> Spec
    /// The results for stacks of examples: the first axis counts them, in the inputs that have one and in the result.
    abstract Batch: a: Tensor * b: Tensor * stackedA: bool * stackedB: bool -> Tensor

/// A function of any number of tensors, with one or more results.
[<AbstractClass>]
type internal ManyRule(name) =
    inherit Rule(name, RuleKind.Many)
    abstract Value: xs: NDArray[] -> NDArray[]
    /// The tangents of the results along the tangent d of one input; none is zero.
    abstract Push: input: int * xs: Tensor[] * ys: Tensor[] * d: Tensor -> Tensor voption[]
    /// The tangents of the results along tangents of several inputs at once.
    abstract PushAll: xs: Tensor[] * ys: Tensor[] * ds: Tensor voption[] -> Tensor voption[]

    default this.PushAll(xs, ys, ds) =
        let tangents = Array.create ys.Length ValueNone

        for i in 0 .. ds.Length - 1 do
            match ds[i] with
            | ValueNone -> ()
            | ValueSome d ->
                let pushed = this.Push(i, xs, ys, d)

                for k in 0 .. ys.Length - 1 do
                    match tangents[k], pushed[k] with
                    | _, ValueNone -> ()
                    | ValueNone, dy -> tangents[k] <- dy
                    | ValueSome sum, ValueSome dy -> tangents[k] <- ValueSome(sum + dy)

        tangents

    /// The cotangents of the wanted inputs for the cotangents of the results (none is zero, on both sides).
    abstract Pull: xs: Tensor[] * ys: Tensor[] * ws: Tensor voption[] * wanted: bool[] -> Tensor voption[]
    /// Shapes and element types of the results; shapes that do not fit are an error.
    abstract Infer: xs: Spec[] -> Spec[]
    /// The results for stacks of examples: the first axis counts them, in the inputs that have one and in every result.
    abstract Batch: xs: Tensor[] * stacked: bool[] -> Tensor[]
    /// For a rule that is a composition of others: what a program writes down in its place.
    abstract Expand: xs: Tensor[] -> Tensor[] voption
    default _.Expand _ = ValueNone
    /// For a composition with a derivative of its own that refers to nothing outside: the results' shapes and element types.
    abstract Keep: xs: Spec[] -> Spec[] voption
    default _.Keep _ = ValueNone

/// What the rules share.
module internal Rules =
    /// For results whose shape depends on element values.
    let shapeOfData<'t> (what: string) (advice: string) : 't =
        raise (
            InvalidOperationException
                $"{what} have a shape that depends on the data, which inside Diff.Compile, Diff.Vmap and structured control flow is not known. {advice}"
        )

    /// For a question about the elements of a value that has none yet.
    let noNumber (x: Tensor) : NDArray =
        match x with
        | Staged v ->
            raise (
                InvalidOperationException
                    $"{v.Stage.Verb}: the function asks for the number of a value of shape {v.Spec.Shape} that is being traced and has none yet (by ToDouble, ToArray, an if, a loop bound ...). Use Diff.Cond, Diff.While or Where for choices that depend on values, or compute the number outside."
            )
        | _ ->
            raise (
                InvalidOperationException
                    "Diff.Vmap: the function asks for the number of a value that stands for many examples at once (by ToDouble, ToArray, an if, a loop bound ...). Use Diff.Cond, Diff.While or Where for choices that depend on values."
            )

/// Stacks of examples: tensors with one axis more than the function sees, in front.
[<AbstractClass; Sealed>]
type internal Stacks =
    /// How many examples a stack holds.
    static member Size(x: Tensor) : int = x.Shape.Sizes[0]

    /// The shape with an axis of examples in front.
    static member Shape(n: int, shape: Shape) : Shape = Shape.Adopt(Array.append [| n |] shape.Sizes)

    /// The same value for each of n examples: a view.
    static member Repeat(x: Tensor, n: int) : Tensor = Tensor.BroadcastTo(x, Stacks.Shape(n, x.Shape))

    /// As a stack of n, whether it is one or not.
    static member Of(x: Tensor, stacked: bool, n: int) : Tensor = if stacked then x else Stacks.Repeat(x, n)

    /// The stack with each example brought to this rank by leading axes of size 1.
    static member OfRank(x: Tensor, rank: int) : Tensor =
        let sizes = x.Shape.Sizes

        if sizes.Length - 1 = rank then
            x
        else
            Tensor.ReshapeTo(x, Shape.Adopt(Array.concat [ [| sizes[0] |]; Array.create (rank - sizes.Length + 1) 1; Array.tail sizes ]))

    /// Inputs that broadcast, stacked or not, such that their stacks broadcast too.
    static member Aligned(xs: Tensor[], stacked: bool[]) : Tensor[] =
        let rank = Array.fold2 (fun r (x: Tensor) s -> max r (if s then x.Rank - 1 else x.Rank)) 0 xs stacked
        Array.map2 (fun x s -> if s then Stacks.OfRank(x, rank) else x) xs stacked

    /// The number of examples in the first input that is a stack.
    static member SizeOf(xs: Tensor[], stacked: bool[]) : int = Stacks.Size xs[Array.IndexOf(stacked, true)]

    /// One axis moved to another place.
    static member Move(x: Tensor, from: int, target: int) : Tensor =
        if from = target then
            x
        else
            let order = [| 0 .. x.Rank - 1 |] |> Array.except [| from |] |> Array.insertAt target from
            Tensor.Apply(TransposeRule order, x)

/// A linear function of one tensor: its derivative is itself.
[<AbstractClass>]
type internal LinearRule(name) =
    inherit UnaryRule(name)
    /// The transposed map, for inputs of x's shape and element type.
    abstract Transpose: x: Tensor * w: Tensor -> Tensor
    override this.Push(_, _, dx) = Tensor.Apply(this, dx)
    override this.Pull(x, _, w) = this.Transpose(x, w)

/// An elementwise function of one tensor; its derivative is a product with the slope, in which a zero absorbs.
[<Sealed>]
type internal ElementwiseRule(op: UnaryOp) =
    inherit UnaryRule((string op).ToLowerInvariant())
    override _.IsPlain = true

    override _.Differentiable =
        match op with
        | UnaryOp.Sign
        | UnaryOp.Step
        | UnaryOp.Floor
        | UnaryOp.Ceiling
        | UnaryOp.Round
        | UnaryOp.Truncate -> false
        | _ -> true

    override _.Attributes = ValueSome [||]
    member _.Op = op
    override _.Infer x = if x.DType = DType.Float64 then x else x.With x.Shape
    override this.Batch x = Tensor.Apply(this, x)
    override _.Value x = Numbers.unary op x
    override _.OfNumber(x, weak) = Number(DiffLib.Kernels.Elementwise.Unary(op, x), weak)

    override _.Push(x, y, dx) = if op = UnaryOp.Negate then -dx else Tensor.Scale(dx, Elementwise.Slope(op, x, y))

    override this.Pull(x, y, w) = this.Push(x, y, w)

/// An elementwise function of two tensors that broadcast.
[<Sealed>]
type internal ElementwiseBinaryRule(op: BinaryOp) =
    inherit BinaryRule((string op).ToLowerInvariant())
    override _.IsPlain = true

    override _.Differentiable =
        match op with
        | BinaryOp.FloorDivide
        | BinaryOp.NextAfter
        | BinaryOp.Heaviside -> false
        | _ -> true

    override _.Attributes = ValueSome [||]
    member _.Op = op

    override _.Infer(a, b) =
        { Shape = Shape.Broadcast(string op, a.Shape, b.Shape)
          DType = a.DType
          Weak = a.Weak && b.Weak && a.DType = DType.Float64 }

    override this.Batch(a, b, stackedA, stackedB) =
        let xs = Stacks.Aligned([| a; b |], [| stackedA; stackedB |])
        Tensor.Apply(this, xs[0], xs[1])

    override _.Value(a, b) = Numbers.binary op a b
    override _.OfNumbers(a, b, weak) = Number(DiffLib.Kernels.Elementwise.Binary(op, a, b), weak)

    member private _.Map(input, a: Tensor, b: Tensor, y: Tensor, d: Tensor) : Tensor =
        match op with
        | BinaryOp.Add -> d
        | BinaryOp.Subtract -> if input = 0 then d else -d
        | BinaryOp.Multiply
        | BinaryOp.Scale -> Tensor.Scale(d, (if input = 0 then b else a))
        | _ -> Tensor.Scale(d, Elementwise.Partial(op, input, a, b, y))

    override this.Push(input, a, b, y, d) = Tensor.BroadcastTo(this.Map(input, a, b, y, d), y.Shape)

    override this.Pull(input, a, b, y, w) = Tensor.SumTo(this.Map(input, a, b, y, w), (if input = 0 then a.Shape else b.Shape))

/// x + c, x - c, x·c or x/c for a number c: a function of one tensor, so that the number costs no array.
[<Sealed>]
type internal NumberRule(op: BinaryOp, c: double) =
    inherit UnaryRule("number")
    override _.IsPlain = true
    member _.Op = op
    member _.Number = c
    override _.Attributes = ValueSome [| "op", Attribute.Text(string op); "c", Attribute.Float c |]
    override _.Infer x = if x.DType = DType.Float64 then x else x.With x.Shape
    override this.Batch x = Tensor.Apply(this, x)
    override _.Value x = Numbers.withNumber op x c
    override _.OfNumber(x, weak) = Number(DiffLib.Kernels.Elementwise.Binary(op, x, c), weak)

    override this.Push(_, _, dx) =
        match op with
        | BinaryOp.Add
        | BinaryOp.Subtract -> dx
        | BinaryOp.Multiply when Double.IsFinite c && c <> 0.0 -> Tensor.Apply(this, dx)
        | BinaryOp.Divide when Double.IsFinite c && c <> 0.0 -> Tensor.Apply(this, dx)
        | _ -> Tensor.Scale(dx, Number((if op = BinaryOp.Multiply then c else 1.0 / c), true))

    override this.Pull(x, y, w) = this.Push(x, y, w)

/// c - x for a number c.
[<Sealed>]
type internal NumberMinusRule(c: double) =
    inherit UnaryRule("number_minus")
    override _.IsPlain = true
    member _.Number = c
    override _.Attributes = ValueSome [| "c", Attribute.Float c |]
    override _.Infer x = if x.DType = DType.Float64 then x else x.With x.Shape
    override this.Batch x = Tensor.Apply(this, x)
    override _.Value x = Numbers.numberMinus c x
    override _.OfNumber(x, weak) = Number(c - x, weak)
    override _.Push(_, _, dx) = -dx
    override _.Pull(_, _, w) = -w

/// Comparison: a truth value has no derivative.
[<Sealed>]
type internal CompareRule(op: CompareOp) =
    inherit BinaryRule((string op).ToLowerInvariant())
    override _.IsPlain = true
    override _.Differentiable = false
    override _.Attributes = ValueSome [||]
    member _.Op = op
    override _.Infer(a, b) = Spec.Of(DType.Bool, Shape.Broadcast(string op, a.Shape, b.Shape))

    override this.Batch(a, b, stackedA, stackedB) =
        let xs = Stacks.Aligned([| a; b |], [| stackedA; stackedB |])
        Tensor.Apply(this, xs[0], xs[1])

    override _.Value(a, b) = Numbers.compare op a b
    override _.Push(_, _, _, y, _) = y
    override _.Pull(_, a, _, _, _) = a

/// condition ? a : b. The branch not taken gets an exact zero.
[<Sealed>]
type internal WhereRule() =
    inherit ManyRule("where")
    override _.Attributes = ValueSome [||]

    override _.Infer xs = [| Spec.Of(xs[1].DType, Shape.Broadcast("where", Shape.Broadcast("where", xs[0].Shape, xs[1].Shape), xs[2].Shape)) |]

    override this.Batch(xs, stacked) = Tensor.Apply(this, Stacks.Aligned(xs, stacked))
    override _.Value xs = [| Numbers.where xs[0] xs[1] xs[2] |]

    member private _.Map(input, condition: Tensor, d: Tensor) : Tensor =
        let zero = Number(0.0, true)
        if input = 1 then Tensor.Select(condition, d, zero) else Tensor.Select(condition, zero, d)

    override this.Push(input, xs, ys, d) =
        if input = 0 then [| ValueNone |] else [| ValueSome(Tensor.BroadcastTo(this.Map(input, xs[0], d), ys[0].Shape)) |]

    override this.Pull(xs, _, ws, wanted) =
        match ws[0] with
        | ValueNone -> Array.create 3 ValueNone
        | ValueSome w -> Array.init 3 (fun i -> if i > 0 && wanted[i] then ValueSome(Tensor.SumTo(this.Map(i, xs[0], w), xs[i].Shape)) else ValueNone)

/// Conversion between floating-point types; to or from the others it has no derivative.
[<Sealed>]
type internal CastRule(dtype: DType) =
    inherit LinearRule("cast")
    override _.IsPlain = true
    member _.Target = dtype
    override _.Attributes = ValueSome [| "dtype", Attribute.Type dtype |]
    override _.Infer x = x.With dtype
    override this.Batch x = Tensor.Apply(this, x)
    override _.Differentiable = DTypes.isFloat dtype
    override _.Value x = x.Cast dtype
    override _.Transpose(x, w) = Tensor.Cast(w, x.DType)

/// The same elements, row-major, under another shape.
[<Sealed>]
type internal ReshapeRule(shape: Shape) =
    inherit LinearRule("reshape")
    override _.IsPlain = true
    override _.Attributes = ValueSome [| "shape", Attribute.Sizes shape |]

    override _.Infer x =
        Fitting.counts "reshape" x.Shape shape
        x.With shape

    override _.Batch x = Tensor.ReshapeTo(x, Stacks.Shape(Stacks.Size x, shape))
    override _.Value x = x.Reshape shape
    override _.Transpose(x, w) = Tensor.Apply(ReshapeRule x.Shape, w)

/// Repetition along axes of size 1 and new leading axes: a view.
[<Sealed>]
type internal BroadcastRule(shape: Shape) =
    inherit LinearRule("broadcast")
    override _.IsPlain = true
    override _.Attributes = ValueSome [| "shape", Attribute.Sizes shape |]

    override _.Infer x =
        Fitting.repeats "broadcast" x.Shape shape
        x.With shape

    override _.Batch x = Tensor.BroadcastTo(Stacks.OfRank(x, shape.Rank), Stacks.Shape(Stacks.Size x, shape))
    override _.Value x = x.BroadcastTo shape
    override _.Transpose(x, w) = Tensor.SumTo(w, x.Shape)

/// The transpose of a broadcast: sums over the repeated axes.
[<Sealed>]
type internal SumToRule(shape: Shape) =
    inherit LinearRule("sum_to")
    override _.IsPlain = true

    /// The axes of a larger shape that are summed.
    static member AxesOf(larger: Shape, shape: Shape) : int[] =
        let shift = larger.Rank - shape.Rank

        [| for d in 0 .. larger.Rank - 1 do
               if d < shift || (shape.Sizes[d - shift] = 1 && larger.Sizes[d] <> 1) then d |]

    override _.Attributes = ValueSome [| "shape", Attribute.Sizes shape |]

    override _.Infer x =
        Fitting.repeats "sum_to" shape x.Shape
        Spec.Of(Numbers.sumType x.DType, shape)

    override _.Batch x =
        let axes = SumToRule.AxesOf(Shape.Adopt(Array.tail x.Shape.Sizes), shape) |> Array.map (fun d -> d + 1)
        Tensor.ReshapeTo(Tensor.Apply(SumRule(axes, true), x), Stacks.Shape(Stacks.Size x, shape))

    override _.Value x = (Numbers.reduce ReduceOp.Sum (SumToRule.AxesOf(x.Shape, shape)) true x).Reshape shape

    override _.Transpose(x, w) = Tensor.BroadcastTo(w, x.Shape)

/// Axes in another order: a view.
[<Sealed>]
type internal TransposeRule(order: int[]) =
    inherit LinearRule("transpose")
    override _.IsPlain = true
    member _.Order = order
    override _.Attributes = ValueSome [| "order", Attribute.Ints order |]

    override _.Infer x =
        Fitting.order "transpose" order x.Shape
        x.With(Shape.Adopt(order |> Array.map (fun d -> x.Shape.Sizes[d])))
    override _.Batch x = Tensor.Apply(TransposeRule(Array.append [| 0 |] (order |> Array.map (fun d -> d + 1))), x)
    override _.Value x = x.Transpose order

    override _.Transpose(_, w) =
        let back = Array.zeroCreate order.Length
        order |> Array.iteri (fun i d -> back[d] <- i)
        Tensor.Apply(TransposeRule back, w)

/// Every steps[d]-th element from starts[d] on, as many as the shape says: a view. Steps may be negative.
[<Sealed>]
type internal SliceRule(starts: int[], steps: int[], shape: Shape) =
    inherit LinearRule("slice")
    member _.Shape = shape
    override _.IsPlain = true
    override _.Attributes = ValueSome [| "starts", Attribute.Ints starts; "steps", Attribute.Ints steps; "shape", Attribute.Sizes shape |]

    override _.Infer x =
        Fitting.places "slice" starts steps shape x.Shape
        x.With shape

    override _.Batch x = Tensor.Apply(SliceRule(Array.append [| 0 |] starts, Array.append [| 1 |] steps, Stacks.Shape(Stacks.Size x, shape)), x)

    override _.Value x =
        let own = x.Strides
        let offset = Array.fold2 (fun o start s -> o + start * s) x.Offset starts own
        x.View(shape, Array.map2 (*) own steps, offset)

    override _.Transpose(x, w) = Tensor.Apply(EmbedRule(starts, steps, x.Shape), w)

/// The transpose of a slice: the elements in their places, zeros elsewhere.
[<Sealed>]
type internal EmbedRule(starts: int[], steps: int[], shape: Shape) =
    inherit LinearRule("embed")
    override _.IsPlain = true
    member _.Starts = starts
    member _.Steps = steps
    override _.Attributes = ValueSome [| "starts", Attribute.Ints starts; "steps", Attribute.Ints steps; "shape", Attribute.Sizes shape |]

    override _.Infer x =
        Fitting.places "embed" starts steps x.Shape shape
        x.With shape

    override _.Batch x = Tensor.Apply(EmbedRule(Array.append [| 0 |] starts, Array.append [| 1 |] steps, Stacks.Shape(Stacks.Size x, shape)), x)

    override _.Value x =
        let y = NDArray.Zeros(x.DType, shape)
        let full = shape.RowMajorStrides
        NDArray.CopyInto(x, y, Array.fold2 (fun o start s -> o + start * s) 0 starts full, Array.map2 (*) full steps)
        y

    override _.Transpose(x, w) = Tensor.Apply(SliceRule(starts, steps, x.Shape), w)

/// Sums over axes.
[<Sealed>]
type internal SumRule(axes: int[], keep: bool) =
    inherit LinearRule("sum")
    override _.IsPlain = true
    member _.Axes = axes
    member _.Keep = keep
    override _.Attributes = ValueSome [| "axes", Attribute.Ints axes; "keep", Attribute.Flag keep |]
    override _.Infer x = Spec.Of(Numbers.sumType x.DType, Numbers.reducedShape x.Shape axes keep)
    override _.Batch x = Tensor.Apply(SumRule(axes |> Array.map (fun d -> d + 1), keep), x)
    override _.Value x = Numbers.reduce ReduceOp.Sum axes keep x

    override _.Transpose(x, w) =
        let kept = if keep then w else Tensor.ReshapeTo(w, Numbers.reducedShape x.Shape axes true)
        Tensor.BroadcastTo(kept, x.Shape)

/// The slopes and partial derivatives of the elementwise functions, in Tensor arithmetic.
[<AbstractClass; Sealed>]
type internal Elementwise =
    static member val private Unary: ElementwiseRule[] =
        Array.init (Enum.GetValues<UnaryOp>().Length) (fun k -> ElementwiseRule(LanguagePrimitives.EnumOfValue<byte, UnaryOp>(byte k)))

    static member val private Binary: ElementwiseBinaryRule[] =
        Array.init (Enum.GetValues<BinaryOp>().Length) (fun k -> ElementwiseBinaryRule(LanguagePrimitives.EnumOfValue<byte, BinaryOp>(byte k)))

    static member val private Comparisons: CompareRule[] =
        Array.init (Enum.GetValues<CompareOp>().Length) (fun k -> CompareRule(LanguagePrimitives.EnumOfValue<byte, CompareOp>(byte k)))

    static member val private WhereRule = WhereRule()

    static member Rule(op: UnaryOp) = Elementwise.Unary[int op]
    static member Rule(op: BinaryOp) = Elementwise.Binary[int op]
    static member Rule(op: CompareOp) = Elementwise.Comparisons[int op]
    static member Where = Elementwise.WhereRule

    /// dy/dx of y = op(x).
    static member Slope(op: UnaryOp, x: Tensor, y: Tensor) : Tensor =
        match op with
        | UnaryOp.Negate -> Tensor.FullLike(x, -1.0)
        | UnaryOp.Abs -> Tensor.Sign x
        | UnaryOp.Square -> 2.0 * x
        | UnaryOp.Reciprocal -> -(y * y)
        | UnaryOp.Sqrt -> 0.5 / y
        | UnaryOp.Rsqrt -> -0.5 * (y * y * y)
        | UnaryOp.Cbrt -> 1.0 / (3.0 * (y * y))
        | UnaryOp.Exp -> y
        | UnaryOp.Exp2 -> Math.Log 2.0 * y
        | UnaryOp.Expm1 -> Tensor.Exp x
        | UnaryOp.Log -> Tensor.Unary(UnaryOp.Reciprocal, x)
        | UnaryOp.Log2 -> 1.0 / (Math.Log 2.0 * x)
        | UnaryOp.Log10 -> 1.0 / (Math.Log 10.0 * x)
        | UnaryOp.Log1p -> 1.0 / (1.0 + x)
        | UnaryOp.Sin -> Tensor.Cos x
        | UnaryOp.Cos -> -(Tensor.Sin x)
        | UnaryOp.Tan -> 1.0 + y * y
        | UnaryOp.Asin -> Tensor.Unary(UnaryOp.Rsqrt, (1.0 - x) * (1.0 + x))
        | UnaryOp.Acos -> -(Tensor.Unary(UnaryOp.Rsqrt, (1.0 - x) * (1.0 + x)))
        | UnaryOp.Atan -> 1.0 / (1.0 + x * x)
        | UnaryOp.Sinh -> Tensor.Cosh x
        | UnaryOp.Cosh -> Tensor.Sinh x
        | UnaryOp.Tanh -> Tensor.Unary(UnaryOp.Sech2, x)
        | UnaryOp.Asinh -> 1.0 / Tensor.Binary(BinaryOp.Hypot, x, Number(1.0, true))
        | UnaryOp.Acosh -> Tensor.Unary(UnaryOp.Rsqrt, x - 1.0) * Tensor.Unary(UnaryOp.Rsqrt, x + 1.0)
        | UnaryOp.Atanh -> 1.0 / ((1.0 - x) * (1.0 + x))
        | UnaryOp.Sech2 -> -2.0 * Tensor.Tanh x * y
        | UnaryOp.Sigmoid -> Tensor.Unary(UnaryOp.SigmoidSlope, x)
        | UnaryOp.SigmoidSlope -> -(Tensor.Tanh(0.5 * x)) * y
        | UnaryOp.Softplus -> Tensor.Unary(UnaryOp.Sigmoid, x)
        | UnaryOp.Relu -> Tensor.Unary(UnaryOp.Step, x)
        | UnaryOp.Erf -> (2.0 / Math.Sqrt Math.PI) * Tensor.Exp(-(x * x))
        | UnaryOp.Erfc -> (-2.0 / Math.Sqrt Math.PI) * Tensor.Exp(-(x * x))
        | UnaryOp.Erfcx -> 2.0 * x * y - 2.0 / Math.Sqrt Math.PI
        | UnaryOp.ErfInv -> (0.5 * Math.Sqrt Math.PI) * Tensor.Exp(y * y)
        | UnaryOp.Ndtr -> (1.0 / Math.Sqrt(2.0 * Math.PI)) * Tensor.Exp(-0.5 * (x * x))
        | UnaryOp.Ndtri -> Math.Sqrt(2.0 * Math.PI) * Tensor.Exp(0.5 * (y * y))
        | UnaryOp.LogNdtr -> Math.Sqrt(2.0 / Math.PI) / Tensor.Unary(UnaryOp.Erfcx, -Math.Sqrt 0.5 * x)
        | UnaryOp.Lgamma -> Tensor.Unary(UnaryOp.Digamma, x)
        | UnaryOp.Digamma -> Elementwise.OfOrder(BinaryOp.Polygamma, 1.0, x)
        | UnaryOp.I0 -> Tensor.Unary(UnaryOp.I1, x)
        | UnaryOp.I0e -> Tensor.Unary(UnaryOp.I1e, x) - Tensor.Sign x * y
        | UnaryOp.I1 -> 0.5 * (Tensor.Unary(UnaryOp.I0, x) + Elementwise.OfOrder(BinaryOp.BesselI, 2.0, x))
        | UnaryOp.I1e -> 0.5 * (Tensor.Unary(UnaryOp.I0e, x) + Elementwise.OfOrder(BinaryOp.BesselIe, 2.0, x)) - Tensor.Sign x * y
        | UnaryOp.Sinc -> Elementwise.OfOrder(BinaryOp.SincDerivative, 1.0, x)
        | UnaryOp.Entr -> -(Tensor.Log x) - 1.0
        | _ -> Tensor.FullLike(x, 0.0)

    /// The member of this order of a family of functions.
    static member private OfOrder(family: BinaryOp, order: double, x: Tensor) : Tensor = Tensor.Binary(family, Number(order, true), x)

    /// The logarithm where it multiplies a zero that wins: 0 where the mask holds.
    static member private Unless(mask: Tensor, slope: Tensor) : Tensor = Tensor.Select(mask, Tensor.FullLike(slope, 0.0), slope)

    static member private Both(a: Tensor, b: Tensor) : Tensor = Tensor.Select(a, b, Const(NDArray.ScalarOf false))

    static member private Holds(op: CompareOp, a: Tensor, b: double) : Tensor = Tensor.Compare(op, a, Number(b, true))

    /// 1 where a is taken by the maximum (minimum) of numbers: it wins, ties, or b is NaN.
    static member private Taken(op: CompareOp, a: Tensor, b: Tensor, like: Tensor) : Tensor =
        let wins = Tensor.Cast(Tensor.Compare(op, a, b), like.DType)
        Tensor.Select(Tensor.Compare(CompareOp.NotEqual, b, b), Tensor.FullLike(like, 1.0), wins)

    /// a - b, 0 where both are the same infinity: two equal terms share evenly.
    static member private Apart(a: Tensor, b: Tensor) : Tensor =
        let infinite = Elementwise.Holds(CompareOp.Equal, Tensor.Abs a, Double.PositiveInfinity)
        let tie = Elementwise.Both(infinite, Tensor.Compare(CompareOp.Equal, a, b))
        Elementwise.Unless(tie, a - b)

    /// The density x^(a-1) e^(-x) / Γ(a).
    static member private GammaDensity(a: Tensor, x: Tensor) : Tensor =
        Tensor.Exp(Tensor.Binary(BinaryOp.Xlogy, a - 1.0, x) - x - Tensor.Unary(UnaryOp.Lgamma, a))

    /// 1 where a wins, 1/2 at a tie, 0 where b wins: the shares of a maximum. NaN on either side is the result, and reaches both.
    static member private Share(a: Tensor, b: Tensor, like: Tensor) : Tensor =
        let strictly = Tensor.Cast(Tensor.Compare(CompareOp.Less, a, b), like.DType)
        let weakly = Tensor.Cast(Tensor.Compare(CompareOp.LessOrEqual, a, b), like.DType)
        1.0 - 0.5 * (strictly + weakly)

    /// dy/d(input) of y = op(a, b).
    static member Partial(op: BinaryOp, input: int, a: Tensor, b: Tensor, y: Tensor) : Tensor =
        match op, input with
        | BinaryOp.Divide, 0 -> Tensor.Unary(UnaryOp.Reciprocal, b)
        | BinaryOp.Divide, _ -> -(y / b)
        | BinaryOp.Power, 0 -> Tensor.Scale(b, Tensor.Binary(BinaryOp.Power, a, b - 1.0))
        | BinaryOp.Power, _ ->
            let settled = Elementwise.Both(Elementwise.Holds(CompareOp.Equal, a, 0.0), Elementwise.Holds(CompareOp.GreaterOrEqual, b, 0.0))
            Elementwise.Unless(settled, Tensor.Scale(y, Tensor.Log a))
        | BinaryOp.Atan2, _ ->
            // divided twice by the hypotenuse, whose square may overflow
            let near = Tensor.Unary(UnaryOp.Reciprocal, Tensor.Binary(BinaryOp.Hypot, a, b))
            let slope = Tensor.Scale(Tensor.Scale((if input = 0 then b else a), near), near)
            if input = 0 then slope else -slope
        | BinaryOp.Maximum, 0 -> Elementwise.Share(a, b, y)
        | BinaryOp.Maximum, _ -> Elementwise.Share(b, a, y)
        | BinaryOp.Minimum, 0 -> Elementwise.Share(b, a, y)
        | BinaryOp.Minimum, _ -> Elementwise.Share(a, b, y)
        | BinaryOp.MaximumNumber, 0 -> Elementwise.Taken(CompareOp.GreaterOrEqual, a, b, y)
        | BinaryOp.MaximumNumber, _ -> 1.0 - Elementwise.Taken(CompareOp.GreaterOrEqual, a, b, y)
        | BinaryOp.MinimumNumber, 0 -> Elementwise.Taken(CompareOp.LessOrEqual, a, b, y)
        | BinaryOp.MinimumNumber, _ -> 1.0 - Elementwise.Taken(CompareOp.LessOrEqual, a, b, y)
        | BinaryOp.Hypot, 0 -> Tensor.Scale(a, Tensor.Unary(UnaryOp.Reciprocal, y))
        | BinaryOp.Hypot, _ -> Tensor.Scale(b, Tensor.Unary(UnaryOp.Reciprocal, y))
        | (BinaryOp.FMod | BinaryOp.Remainder), 0 -> Tensor.FullLike(y, 1.0)
        | BinaryOp.FMod, _ -> -(Tensor.Unary(UnaryOp.Truncate, a / b))
        | BinaryOp.Remainder, _ -> -(Tensor.Binary(BinaryOp.FloorDivide, a, b))
        | BinaryOp.CopySign, 0 -> Tensor.Sign a * Tensor.Binary(BinaryOp.CopySign, Tensor.FullLike(b, 1.0), b)
        | BinaryOp.LogAddExp, 0 -> Tensor.Unary(UnaryOp.Sigmoid, Elementwise.Apart(a, b))
        | BinaryOp.LogAddExp, _ -> Tensor.Unary(UnaryOp.Sigmoid, Elementwise.Apart(b, a))
        | BinaryOp.LogAddExp2, 0 -> Tensor.Unary(UnaryOp.Sigmoid, Math.Log 2.0 * Elementwise.Apart(a, b))
        | BinaryOp.LogAddExp2, _ -> Tensor.Unary(UnaryOp.Sigmoid, Math.Log 2.0 * Elementwise.Apart(b, a))
        | BinaryOp.Xlogy, 0 ->
            let settled = Elementwise.Both(Elementwise.Holds(CompareOp.Equal, a, 0.0), Elementwise.Holds(CompareOp.LessOrEqual, b, 0.0))
            Elementwise.Unless(settled, Tensor.Log b)
        | BinaryOp.Xlogy, _ -> Tensor.Scale(a, Tensor.Unary(UnaryOp.Reciprocal, b))
        | BinaryOp.Xlog1py, 0 ->
            let settled = Elementwise.Both(Elementwise.Holds(CompareOp.Equal, a, 0.0), Elementwise.Holds(CompareOp.LessOrEqual, b, -1.0))
            Elementwise.Unless(settled, Tensor.Unary(UnaryOp.Log1p, b))
        | BinaryOp.Xlog1py, _ -> Tensor.Scale(a, Tensor.Unary(UnaryOp.Reciprocal, 1.0 + b))
        | BinaryOp.Igamma, 0 -> Tensor.Binary(BinaryOp.IgammaShapeSlope, a, b)
        | BinaryOp.Igamma, _ -> Elementwise.GammaDensity(a, b)
        | BinaryOp.Igammac, 0 -> -(Tensor.Binary(BinaryOp.IgammaShapeSlope, a, b))
        | BinaryOp.Igammac, _ -> -(Elementwise.GammaDensity(a, b))
        | BinaryOp.IgammaShapeSlope, 0 ->
            raise (
                NotSupportedException
                    "the second derivative of the incomplete gamma function in its shape has no formula here. Differentiate it once in the shape, or hold the shape constant."
            )
        | BinaryOp.IgammaShapeSlope, _ -> Elementwise.GammaDensity(a, b) * (Tensor.Log b - Tensor.Unary(UnaryOp.Digamma, a))
        | (BinaryOp.Polygamma | BinaryOp.SincDerivative), 1 -> Tensor.Binary(op, a + 1.0, b)
        | BinaryOp.BesselI, 1 -> 0.5 * (Tensor.Binary(op, a - 1.0, b) + Tensor.Binary(op, a + 1.0, b))
        | BinaryOp.BesselIe, 1 -> 0.5 * (Tensor.Binary(op, a - 1.0, b) + Tensor.Binary(op, a + 1.0, b)) - Tensor.Sign b * y
        | _ -> Tensor.FullLike(y, 0.0)

/// The entries of an axis at given positions: [outer; n; inner] and positions [m] give [outer; m; inner]. Linear in the first input.
[<Sealed>]
type internal TakeRule(axis: int) =
    inherit BinaryRule("take")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis |]
    override _.Infer(x, index) = x.With(x.Shape.With(axis, index.Shape.Count))

    override _.Batch(x, index, stackedX, stackedIndex) =
        if not stackedIndex then
            Tensor.Apply(TakeRule(axis + 1), x, index)
        else
            let n, m = Stacks.Size index, index.Shape.Sizes[1]

            if not stackedX then
                let taken = Tensor.Apply(TakeRule axis, x, Tensor.ReshapeTo(index, Shape [| n * m |]))
                let sizes = x.Shape.Sizes
                let split = Shape(Array.concat [ Array.take axis sizes; [| n; m |]; Array.skip (axis + 1) sizes ])
                Stacks.Move(Tensor.ReshapeTo(taken, split), axis, 0)
            else
                let front = Stacks.Move(x, axis + 1, 1)
                let rest = Array.skip 2 front.Shape.Sizes
                let merged = Tensor.ReshapeTo(front, Shape(Array.append [| n * front.Shape.Sizes[1] |] rest))
                let taken = Tensor.Apply(TakeRule 0, merged, TakeRule.Merged(index, front.Shape.Sizes[1]))
                Stacks.Move(Tensor.ReshapeTo(taken, Shape(Array.append [| n; m |] rest)), 1, axis + 1)

    /// Positions on one axis of length n·length for a stack of n position vectors on axes of that length.
    static member Merged(index: Tensor, length: int) : Tensor =
        let n = Stacks.Size index
        let bases = Const(NDArray.Adopt(Shape [| n; 1 |], Array.init n (fun k -> int64 k * int64 length)))
        Tensor.ReshapeTo(Tensor.Binary(BinaryOp.Add, index, bases), Shape [| index.Count |])

    override _.Value(x, index) =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape.With(axis, index.Count))
        let index = index.Contiguous()

        match DTypes.size x.DType with
        | 8 -> IndexKernels.Take(x.Span<int64>(), outer, n, inner, index.Span<int64>(), y.Write<int64>())
        | 4 -> IndexKernels.Take(x.Span<int>(), outer, n, inner, index.Span<int64>(), y.Write<int>())
        | _ -> IndexKernels.Take(x.Span<byte>(), outer, n, inner, index.Span<int64>(), y.Write<byte>())

        y

    override this.Push(_, _, index, _, d) = Tensor.Apply(this, d, index)
    override _.Pull(_, x, index, _, w) = Tensor.Apply(PutAddRule(axis, x.Shape.Sizes[axis]), w, index)

/// The transpose of taking: the entries added up at their positions along an axis of length n, zeros elsewhere.
[<Sealed>]
type internal PutAddRule(axis: int, n: int) =
    inherit BinaryRule("put_add")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "n", Attribute.Int n |]
    override _.Infer(x, _) = x.With(x.Shape.With(axis, n))

    override _.Batch(x, index, stackedX, stackedIndex) =
        if not stackedIndex then
            Tensor.Apply(PutAddRule(axis + 1, n), x, index)
        else
            let count = Stacks.Size index
            let front = Stacks.Move(Stacks.Of(x, stackedX, count), axis + 1, 1)
            let rest = Array.skip 2 front.Shape.Sizes
            let merged = Tensor.ReshapeTo(front, Shape(Array.append [| count * front.Shape.Sizes[1] |] rest))
            let put = Tensor.Apply(PutAddRule(0, count * n), merged, TakeRule.Merged(index, n))
            Stacks.Move(Tensor.ReshapeTo(put, Shape(Array.append [| count; n |] rest)), 1, axis + 1)

    override _.Value(x, index) =
        let x = x.Contiguous()
        let struct (outer, _, inner) = x.Shape.Around axis
        let y = NDArray.Zeros(x.DType, x.Shape.With(axis, n))
        let at = index.Contiguous()

        match x.DType with
        | DType.Float64 -> IndexKernels.PutAdd(x.Span<double>(), outer, n, inner, at.Span<int64>(), y.Write<double>())
        | DType.Float32 -> IndexKernels.PutAdd(x.Span<float32>(), outer, n, inner, at.Span<int64>(), y.Write<float32>())
        | DType.Int64 -> IndexKernels.PutAdd(x.Span<int64>(), outer, n, inner, at.Span<int64>(), y.Write<int64>())
        | DType.Int32 -> IndexKernels.PutAdd(x.Span<int>(), outer, n, inner, at.Span<int64>(), y.Write<int>())
        | DType.UInt8 -> IndexKernels.PutAdd(x.Span<byte>(), outer, n, inner, at.Span<int64>(), y.Write<byte>())
        | t -> Numbers.unsupported "adding at positions" t "convert with Cast first."

        y

    override this.Push(_, _, index, _, d) = Tensor.Apply(this, d, index)
    override _.Pull(_, _, index, _, w) = Tensor.Apply(TakeRule axis, w, index)

/// Integers as int64 positions along an axis of length n, counted from the front; those outside are an error.
[<Sealed>]
type internal PositionsRule(axis: int, n: int) =
    inherit UnaryRule("positions")
    override _.Attributes = ValueSome [| "axis", Attribute.Int axis; "n", Attribute.Int n |]
    override _.Infer x = Spec.Of(DType.Int64, x.Shape)
    override this.Batch x = Tensor.Apply(this, x)
    override _.Differentiable = false

    override _.Value x =
        let index = (x.Cast DType.Int64).Contiguous()
        let y = NDArray.Allocate(DType.Int64, x.Shape)
        let wrong = IndexKernels.Positions(index.Span<int64>(), n, y.Write<int64>())

        if wrong >= 0 then
            let i = (index.Span<int64>()).[wrong]
            let range = if n = 0 then "the axis is empty" else $"positions run from {-n} to {n - 1}"
            raise (ArgumentOutOfRangeException("indices", i, $"index {i} is outside axis {axis} of size {n}; {range}."))

        y

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// The places of the true elements, row-major: [count; rank] of int64.
[<Sealed>]
type internal NonZeroRule() =
    inherit UnaryRule("nonzero")
    override _.Attributes = ValueSome [||]
    override _.Infer _ =
        Rules.shapeOfData "the places of the true elements (NonZero, a mask as index)" "Use Where with the mask, which keeps the shape."
    override _.Batch _ =
        Rules.shapeOfData "the places of the true elements (NonZero, a mask as index)" "Use Where with the mask, which keeps the shape."
    override _.Differentiable = false

    override _.Value x =
        let mask = (x.Cast DType.Bool).Contiguous()
        let mutable count = 0

        for t in mask.Span<bool>() do
            if t then count <- count + 1

        let y = Array.zeroCreate<int64>(count * x.Rank)
        IndexKernels.NonZero(mask.Span<bool>(), x.Shape.AsSpan(), y)
        NDArray.Adopt(Shape [| count; x.Rank |], y)

    override _.Push(_, y, _) = y
    override _.Pull(x, _, _) = x

/// One index of a tensor: a position, or a range of positions. From C#: <c>x[1]</c>, <c>x[^1]</c>, <c>x[2..5]</c>, <c>x[..]</c>, and with several axes
/// <c>x[0, 1..^1]</c>; positions and masks as arrays or tensors, <c>x[new[] { 0, 2 }]</c>, <c>x[x &gt; 0]</c>; a step by <see cref="M:DiffLib.TensorIndex.Step(System.Nullable{System.Int32},System.Nullable{System.Int32},System.Int32)"/>.
[<Struct; NoComparison>]
type TensorIndex =
    val internal Start: Nullable<int>
    val internal Stop: Nullable<int>
    /// 0 marks a single position.
    val internal Stride: int
    val internal Kind: byte
    /// Positions (integers) or a mask (truth values), where the index is a tensor.
    val internal At: obj | null

    internal new(start, stop, stride, kind) = { Start = start; Stop = stop; Stride = stride; Kind = kind; At = null }
    internal new(at: Tensor) = { Start = Nullable(); Stop = Nullable(); Stride = 1; Kind = 5uy; At = at }

    /// The position, counted from the end if negative.
    static member op_Implicit(position: int) : TensorIndex = TensorIndex(Nullable position, Nullable(), 0, 0uy)

    /// The position, possibly from the end.
    static member op_Implicit(position: Index) : TensorIndex =
        TensorIndex(
            Nullable(if position.IsFromEnd then -position.Value else position.Value),
            Nullable(),
            0,
            (if position.IsFromEnd && position.Value = 0 then 3uy else 0uy)
        )

    /// From the start (included) to the end (excluded).
    static member op_Implicit(range: Range) : TensorIndex =
        let value (i: Index) isStop =
            if not i.IsFromEnd then Nullable i.Value
            elif i.Value = 0 then (if isStop then Nullable() else Nullable Int32.MaxValue)
            else Nullable(-i.Value)

        TensorIndex(value range.Start false, value range.End true, 1, 1uy)

    /// Positions along one axis as an integer tensor, or as many axes as the mask has for a bool tensor.
    static member op_Implicit(at: Tensor) : TensorIndex =
        match box at with
        | null -> nullArg "at"
        | _ -> TensorIndex at

    /// Positions along one axis, counted from the end if negative.
    static member op_Implicit(positions: int[]) : TensorIndex =
        match box positions with
        | null -> nullArg "positions"
        | _ -> TensorIndex(Const(NDArray.Adopt(Shape [| positions.Length |], Array.copy positions)))

    /// The positions along one axis where the mask is true.
    static member op_Implicit(mask: bool[]) : TensorIndex =
        match box mask with
        | null -> nullArg "mask"
        | _ -> TensorIndex(Const(NDArray.Adopt(Shape [| mask.Length |], Array.copy mask)))

    /// <summary>Every <paramref name="step"/>-th position from start (included) to stop (excluded); null means the open end; negative positions count from the end; a negative step walks backwards.</summary>
    /// <exception cref="T:System.ArgumentOutOfRangeException">The step is 0.</exception>
    static member Step(start: Nullable<int>, stop: Nullable<int>, step: int) : TensorIndex =
        if step = 0 then
            raise (ArgumentOutOfRangeException("step", "a step of 0 never arrives; use 1, or -1 to walk backwards."))

        TensorIndex(start, stop, step, 1uy)

    /// A new axis of size 1.
    static member NewAxis = TensorIndex(Nullable(), Nullable(), 0, 2uy)

    /// All axes that the other indices leave over.
    static member Ellipsis = TensorIndex(Nullable(), Nullable(), 0, 4uy)

/// An immutable n-d array of float64, float32, int64, int32, uint8 or bool, rank 0 to 8, and the dual number of both
/// derivative modes. Equality is by reference; compare elements with Tensor.Equal or AllClose.
[<ReferenceEquality; System.Diagnostics.DebuggerDisplay("{Summary}")>]
type Tensor =
    internal
    /// An array.
    | Const of value: NDArray
    /// A float64 of rank 0, without an array; weak if it takes the element type of what it meets.
    | Number of number: double * weak: bool
    | Forward of primal: Tensor * tangent: Tensor * tag: int64
    | Reverse of primal: Tensor * place: int * trace: Trace
    /// A stack of examples, of which the function sees one: the first axis of the stack is hidden.
    | Batched of stack: Tensor * shape: Shape * batch: Batch
    /// A value of a function being traced, not known yet.
    | Staged of variable: Variable

    // ---- reading

    /// The tag of the outermost level, 0 for a constant.
    member internal x.Level: int64 =
        match x with
        | Const _
        | Number _ -> 0L
        | Forward(_, _, tag) -> tag
        | Reverse(_, _, trace) -> trace.Tag
        | Batched(_, _, batch) -> batch.Tag
        | Staged v -> v.Stage.Tag

    /// The value underneath the derivative levels: a constant, or one that is batched or traced.
    member internal x.Underneath: Tensor =
        match x with
        | Const _
        | Number _ -> x
        | _ -> Tensor.Descend x

    static member private Descend(x: Tensor) : Tensor =
        let mutable t = x
        let mutable go = true

        while go do
            match t with
            | Forward(p, _, _) -> t <- p
            | Reverse(p, _, _) -> t <- p
            | _ -> go <- false

        t

    /// The array underneath all levels.
    member internal x.Value: NDArray =
        match x with
        | Const v -> v
        | _ ->
            match x.Underneath with
            | Const v -> v
            | Number(v, weak) -> NDArray.Scalar(v, weak)
            | hidden -> Rules.noNumber hidden

    member internal x.IsWeak =
        match x.Underneath with
        | Const v -> v.IsWeak
        | Number(_, weak) -> weak
        | Staged v -> v.Spec.Weak
        | _ -> false

    /// The value one level down, if the outermost level is the given one.
    member internal x.Peel(tag: int64) : Tensor =
        match x with
        | Forward(p, _, t) when t = tag -> p
        | Reverse(p, _, trace) when trace.Tag = tag -> p
        | Batched(stack, _, batch) when batch.Tag = tag -> stack
        | _ -> x

    /// The sizes.
    member x.Shape: Shape =
        match x.Underneath with
        | Const v -> v.Shape
        | Batched(_, shape, _) -> shape
        | Staged v -> v.Spec.Shape
        | _ -> Shape.Scalar

    /// The number of axes.
    member x.Rank: int =
        match x.Underneath with
        | Const v -> v.Rank
        | Number _ -> 0
        | _ -> x.Shape.Rank

    /// The number of elements.
    member x.Count: int =
        match x.Underneath with
        | Const v -> v.Count
        | Number _ -> 1
        | _ -> x.Shape.Count

    /// The element type.
    member x.DType: DType =
        match x.Underneath with
        | Const v -> v.DType
        | Batched(stack, _, _) -> stack.DType
        | Staged v -> v.Spec.DType
        | _ -> DType.Float64

    /// What is known of the value without its elements.
    member internal x.Spec: Spec = { Shape = x.Shape; DType = x.DType; Weak = x.IsWeak }

    /// Whether elements can be asked for: nothing here is batched or traced.
    member internal x.IsKnown =
        match x.Underneath with
        | Const _
        | Number _ -> true
        | _ -> false

    member internal x.Summary = if x.IsKnown then Printing.summary x.Value else x.ToString()

    /// The elements in brackets; long axes are shortened. Inside Vmap and Compile, where there are none, the element type and the shape.
    override x.ToString() =
        match x.Underneath with
        | Staged v -> $"traced {v.Spec}"
        | Batched(stack, shape, batch) -> $"{DTypes.name stack.DType}{shape} of {batch.Size} examples"
        | _ -> Printing.elements x.Value

    // ---- the interpreters

    /// An array as a constant; a float64 of rank 0 goes on without its array.
    static member internal Wrap(v: NDArray) : Tensor = if v.IsFloat64Scalar && v.Rank = 0 then Number(v.Inlined, v.IsWeak) else Const v

    static member internal Apply(rule: UnaryRule, x: Tensor) : Tensor =
        match x with
        | Const v -> Tensor.Wrap(rule.Value v)
        | Number(v, weak) -> rule.OfNumber(v, weak)
        | Forward(p, dx, tag) ->
            let y = Tensor.Apply(rule, p)
            if rule.Differentiable then Forward(y, rule.Push(p, y, dx), tag) else y
        | Reverse(p, place, trace) ->
            let y = Tensor.Apply(rule, p)

            if rule.Differentiable && trace.IsOpen then Reverse(y, trace.Record(rule, p, place, y), trace) else y
        | Batched(stack, _, batch) -> Tensor.InBatch(rule.Batch stack, batch)
        | Staged v ->
            let record (spec: Spec) =
                let place = v.Stage.Record(rule, [| Tensor.NumberIn(v.Stage, x) |], [| spec |])[0]
                Staged(Variable(v.Stage, place, spec))

            match (if v.Stage.KeepsFormulas then rule.Keep v.Spec else ValueNone) with
            | ValueSome spec -> record spec
            | ValueNone ->
                match rule.Expand x with
                | ValueSome y -> y
                | ValueNone -> record (rule.Infer v.Spec)

    /// A result of a batching rule, as the function sees it.
    static member internal InBatch(stack: Tensor, batch: Batch) : Tensor =
        if not batch.IsOpen then
            raise (
                InvalidOperationException
                    "a value from inside a Diff.Vmap call is used after the call is over. What the function returns is the way out of it; do not keep its values in variables outside."
            )

        Batched(stack, Shape.Adopt(Array.tail stack.Shape.Sizes), batch)

    /// The number of a value in a function being traced.
    static member internal NumberIn(stage: Stage, x: Tensor) : int =
        if not stage.IsOpen then
            raise (
                InvalidOperationException
                    $"{stage.Verb}: a value from inside the traced function is used after tracing is over. What the function returns is the way out of it; do not keep its values in variables outside."
            )

        match x with
        | Staged v when obj.ReferenceEquals(v.Stage, stage) -> v.Number
        | Const v -> stage.Constant v
        | Number(v, weak) -> stage.Constant(NDArray.Scalar(v, weak))
        | _ -> stage.Capture(x, x.Spec)

    static member internal Apply(rule: BinaryRule, a: Tensor, b: Tensor) : Tensor =
        match a, b with
        | Number(x, weak), Number(y, weak2) -> rule.OfNumbers(x, y, weak && weak2)
        | (Const _ | Number _), (Const _ | Number _) -> Tensor.Wrap(rule.Value(a.Value, b.Value))
        | _ -> Tensor.ApplyLifted(rule, a, b, max a.Level b.Level)

    static member private ApplyLifted(rule: BinaryRule, a: Tensor, b: Tensor, tag: int64) : Tensor =
        match a, b with
        | Staged v, _ when v.Stage.Tag = tag -> Tensor.Stage(rule, v.Stage, a, b)
        | _, Staged v when v.Stage.Tag = tag -> Tensor.Stage(rule, v.Stage, a, b)
        | Batched(x, _, batch), Batched(y, _, other) when batch.Tag = tag && other.Tag = tag -> Tensor.InBatch(rule.Batch(x, y, true, true), batch)
        | Batched(x, _, batch), _ when batch.Tag = tag -> Tensor.InBatch(rule.Batch(x, b, true, false), batch)
        | _, Batched(y, _, batch) when batch.Tag = tag -> Tensor.InBatch(rule.Batch(a, y, false, true), batch)
        | _ -> Tensor.ApplyDual(rule, a, b, tag)

    static member private Stage(rule: BinaryRule, stage: Stage, a: Tensor, b: Tensor) : Tensor =
        let spec = rule.Infer(a.Spec, b.Spec)
        let place = stage.Record(rule, [| Tensor.NumberIn(stage, a); Tensor.NumberIn(stage, b) |], [| spec |])[0]
        Staged(Variable(stage, place, spec))

    static member private ApplyDual(rule: BinaryRule, a: Tensor, b: Tensor, tag: int64) : Tensor =
        let pa, pb = a.Peel tag, b.Peel tag
        let y = Tensor.Apply(rule, pa, pb)

        if not rule.Differentiable then
            y
        else
            match a, b with
            | Forward(_, da, t), Forward(_, db, u) when t = tag && u = tag ->
                Forward(y, rule.Push(0, pa, pb, y, da) + rule.Push(1, pa, pb, y, db), tag)
            | Forward(_, da, t), _ when t = tag -> Forward(y, rule.Push(0, pa, pb, y, da), tag)
            | _, Forward(_, db, u) when u = tag -> Forward(y, rule.Push(1, pa, pb, y, db), tag)
            | Reverse(_, place, trace), Reverse(_, other, trace2) when trace.Tag = tag && trace2.Tag = tag ->
                if trace.IsOpen then Reverse(y, trace.Record(rule, pa, place, pb, other, y), trace) else y
            | Reverse(_, place, trace), _ when trace.Tag = tag ->
                if trace.IsOpen then Reverse(y, trace.Record(rule, pa, place, pb, -1, y), trace) else y
            | _, Reverse(_, other, trace) -> if trace.IsOpen then Reverse(y, trace.Record(rule, pa, -1, pb, other, y), trace) else y
            | _ -> y

    static member internal Apply(rule: ManyRule, xs: Tensor[]) : Tensor[] =
        let mutable tag = 0L

        for x in xs do
            tag <- max tag x.Level

        if tag = 0L then
            rule.Value(xs |> Array.map (fun x -> x.Value)) |> Array.map Tensor.Wrap
        else
            match xs |> Array.find (fun x -> x.Level = tag) with
            | Batched(_, _, batch) ->
                let stacked = xs |> Array.map (fun x -> x.Level = tag)
                rule.Batch(xs |> Array.map (fun x -> x.Peel tag), stacked) |> Array.map (fun y -> Tensor.InBatch(y, batch))
            | Staged v ->
                let given = xs |> Array.map (fun x -> x.Spec)

                let record (specs: Spec[]) =
                    let places = v.Stage.Record(rule, xs |> Array.map (fun x -> Tensor.NumberIn(v.Stage, x)), specs)
                    Array.map2 (fun place spec -> Staged(Variable(v.Stage, place, spec))) places specs

                match (if v.Stage.KeepsFormulas then rule.Keep given else ValueNone) with
                | ValueSome specs -> record specs
                | ValueNone ->
                    match rule.Expand xs with
                    | ValueSome ys -> ys
                    | ValueNone -> record (rule.Infer given)
            | _ -> Tensor.ApplyDual(rule, xs, tag)

    static member private ApplyDual(rule: ManyRule, xs: Tensor[], tag: int64) : Tensor[] =
        let peeled = xs |> Array.map (fun x -> x.Peel tag)
        let ys = Tensor.Apply(rule, peeled)

        if not rule.Differentiable then
            ys
        else
            match
                xs
                |> Array.tryPick (fun x ->
                    match x with
                    | Reverse(_, _, trace) when trace.Tag = tag -> Some trace
                    | _ -> None)
            with
            | Some trace when trace.IsOpen ->
                let parents =
                    xs
                    |> Array.map (fun x ->
                        match x with
                        | Reverse(_, place, t) when t.Tag = tag -> place
                        | _ -> -1)
                let place = trace.Record(rule, peeled, parents, ys, ys.Length)
                ys |> Array.mapi (fun k y -> if DTypes.isFloat y.DType then Reverse(y, place + k, trace) else y)
            | Some _ -> ys
            | None -> Tensor.PushAll(rule, xs, peeled, ys, tag)

    static member private PushAll(rule: ManyRule, xs: Tensor[], peeled: Tensor[], ys: Tensor[], tag: int64) : Tensor[] =
        let ds =
            xs
            |> Array.map (fun x ->
                match x with
                | Forward(_, dx, t) when t = tag -> ValueSome dx
                | _ -> ValueNone)

        Array.map2
            (fun y dy ->
                match dy with
                | ValueNone -> y
                | ValueSome dy -> Forward(y, dy, tag))
            ys
            (rule.PushAll(peeled, ys, ds))

    // ---- element types

    static member internal Cast(x: Tensor, dtype: DType) : Tensor = if x.DType = dtype && not x.IsWeak then x else Tensor.Apply(CastRule dtype, x)

    /// Both operands in their common element type; a weak scalar gives way.
    static member private Promoted(a: Tensor, b: Tensor) : struct (Tensor * Tensor) =
        let x, y = a.DType, b.DType

        if x = y then
            struct (a, b)
        else
            let common = DTypes.promote x a.IsWeak y b.IsWeak
            struct ((if x = common then a else Tensor.Apply(CastRule common, a)), (if y = common then b else Tensor.Apply(CastRule common, b)))

    static member internal Fractional(x: Tensor) : Tensor = if DTypes.isFloat x.DType then x else Tensor.Cast(x, DType.Float64)

    // ---- operations by kernel

    /// An elementwise function; integers become float64 where the function needs fractions.
    static member internal Unary(op: UnaryOp, x: Tensor) : Tensor =
        let keepsIntegers =
            match op with
            | UnaryOp.Negate
            | UnaryOp.Abs
            | UnaryOp.Sign
            | UnaryOp.Square
            | UnaryOp.Relu
            | UnaryOp.Step
            | UnaryOp.Floor
            | UnaryOp.Ceiling
            | UnaryOp.Round
            | UnaryOp.Truncate -> true
            | _ -> false

        Tensor.Apply(Elementwise.Rule op, (if keepsIntegers then x else Tensor.Fractional x))

    static member internal Binary(op: BinaryOp, a: Tensor, b: Tensor) : Tensor =
        match a, b with
        | Number(x, weak), Number(y, weak2) -> Number(DiffLib.Kernels.Elementwise.Binary(op, x, y), weak && weak2)
        | Const x, Const y when x.DType = y.DType && DTypes.isFloat x.DType -> Const(Numbers.binary op x y)
        | _ -> Tensor.BinaryPromoted(op, a, b)

    static member private BinaryPromoted(op: BinaryOp, a: Tensor, b: Tensor) : Tensor =
        let struct (a, b) = Tensor.Promoted(a, b)

        let keepsIntegers =
            match op with
            | BinaryOp.Add
            | BinaryOp.Subtract
            | BinaryOp.Multiply
            | BinaryOp.Scale
            | BinaryOp.Maximum
            | BinaryOp.Minimum
            | BinaryOp.MaximumNumber
            | BinaryOp.MinimumNumber
            | BinaryOp.FMod
            | BinaryOp.Remainder
            | BinaryOp.FloorDivide
            | BinaryOp.Power -> true
            | _ -> false

        if keepsIntegers then
            Tensor.Apply(Elementwise.Rule op, a, b)
        else
            Tensor.Apply(Elementwise.Rule op, Tensor.Fractional a, Tensor.Fractional b)

    static member internal Compare(op: CompareOp, a: Tensor, b: Tensor) : Tensor =
        let struct (a, b) = Tensor.Promoted(a, b)
        Tensor.Apply(Elementwise.Rule op, a, b)

    /// The product in which a zero absorbs infinities and NaN. A factor of ones, the cotangent of a plain sum, costs nothing.
    static member internal Scale(a: Tensor, b: Tensor) : Tensor =
        match a, b with
        | Const v, Const u when v.IsOnes && v.DType = u.DType && v.Shape.Equals u.Shape -> b
        | _ -> Tensor.Binary(BinaryOp.Scale, a, b)

    static member internal Select(condition: Tensor, a: Tensor, b: Tensor) : Tensor =
        let struct (a, b) = Tensor.Promoted(a, b)
        Tensor.Apply(Elementwise.Where, [| Tensor.Cast(condition, DType.Bool); a; b |])[0]

    static member internal FullLike(x: Tensor, value: double) : Tensor =
        match x.Underneath with
        | Const v when v.Rank > 0 || v.DType <> DType.Float64 -> Const(NDArray.Full(v.DType, v.Shape, value))
        | Batched _
        | Staged _ when x.Rank > 0 || x.DType <> DType.Float64 ->
            // one number seen many times: a program keeps it as such
            Const((NDArray.Scalar(value).Cast x.DType).BroadcastTo x.Shape)
        | _ -> Number(value, false)

    static member internal ReshapeTo(x: Tensor, shape: Shape) : Tensor = if x.Shape.Equals shape then x else Tensor.Apply(ReshapeRule shape, x)

    static member internal BroadcastTo(x: Tensor, shape: Shape) : Tensor =
        if x.Shape.Equals shape then
            x
        else
            if not (x.Shape.BroadcastsTo shape) then
                invalidArg
                    "shape"
                    $"broadcast: {x.Shape} does not broadcast to {shape}: from the last axis on, sizes must agree or be 1. Insert axes of size 1 with ExpandDims, or Reshape."

            Tensor.Apply(BroadcastRule shape, x)

    static member internal SumTo(x: Tensor, shape: Shape) : Tensor = if x.Shape.Equals shape then x else Tensor.Apply(SumToRule shape, x)

    // ---- indexing

    /// The entries at positions along an axis; the positions are one-dimensional, int64, checked.
    static member internal Take(x: Tensor, axis: int, positions: Tensor) : Tensor = Tensor.Apply(TakeRule axis, x, positions)

    /// The basic part of an index with tensors in it, where each tensor stands for the axes it runs over; and those axes of the result.
    static member private Spread(rank: int, indices: TensorIndex[]) : struct (TensorIndex[] * (int * Tensor)[]) =
        let width (i: TensorIndex) =
            match i.Kind, i.At with
            | (2uy | 4uy), _ -> 0
            | 5uy, (:? Tensor as at) when at.DType = DType.Bool -> at.Rank
            | _ -> 1

        let taken = indices |> Array.sumBy width

        if taken > rank then
            invalidArg "indices" $"{taken} indices for a tensor of rank {rank}. Give at most one index for each axis."

        let basic = ResizeArray<TensorIndex>()
        let tensors = ResizeArray<int * Tensor>()
        let mutable axis = 0

        for i in indices do
            match i.Kind, i.At with
            | 5uy, (:? Tensor as at) ->
                tensors.Add((axis, at))

                for _ in 1 .. width i do
                    basic.Add(TensorIndex.op_Implicit Range.All)

                axis <- axis + width i
            | _ ->
                basic.Add i

                match i.Kind with
                | 1uy
                | 2uy -> axis <- axis + 1
                | 4uy -> axis <- axis + rank - taken
                | _ -> ()

        struct (basic.ToArray(), tensors.ToArray())

    /// One axis and its positions for an integer tensor; one for each of its axes for a mask.
    static member private PositionsAt(y: Tensor, axis: int, at: Tensor) : (int * Tensor)[] =
        if at.DType = DType.Bool then
            let part = Array.sub y.Shape.Sizes axis at.Rank

            if at.Rank = 0 || part <> at.Shape.Sizes then
                invalidArg
                    "indices"
                    $"a mask of shape {at.Shape} meets axes of sizes {Shape.Text(Seq.map int64 part)}; they must agree, and the rank be at least 1. Broadcast the mask, or use Where."

            let places = Tensor.Apply(NonZeroRule(), at)
            Array.init at.Rank (fun d -> (axis + d, Tensor.Indexed(places, [| TensorIndex.op_Implicit Range.All; TensorIndex.op_Implicit d |])))
        elif DTypes.isFloat at.DType then
            invalidArg "indices" $"the index is {DTypes.name at.DType}; positions are integers, masks are bool. Convert it with Cast."
        else
            [| (axis, Tensor.Apply(PositionsRule(axis, y.Shape.Sizes[axis]), at)) |]

    /// Indices with tensors among them: the tensors broadcast together, and their axes stand where the first of them stood if they
    /// were neighbours, else in front. Single positions are applied first and do not count as tensors.
    static member private IndexedAt(x: Tensor, indices: TensorIndex[]) : Tensor =
        let struct (basic, tensors) = Tensor.Spread(x.Rank, indices)
        let y = Tensor.Indexed(x, basic)
        let at = tensors |> Array.collect (fun (axis, t) -> Tensor.PositionsAt(y, axis, t))
        let axes = Array.map fst at
        let sizes = y.Shape.Sizes
        let first = if axes |> Array.mapi (fun k d -> d = axes[0] + k) |> Array.forall id then axes[0] else 0
        let rest = [| 0 .. sizes.Length - 1 |] |> Array.except axes
        let order = Array.concat [ Array.take first rest; axes; Array.skip first rest ]
        let part (ds: int[]) = ds |> Array.map (fun d -> sizes[d])
        let merged = part axes |> Array.fold (*) 1
        let before, after = part (Array.take first rest), part (Array.skip first rest)

        // one position in the merged axes for the several in each of them
        let shape = at |> Array.fold (fun s (_, t) -> Shape.Broadcast("index", s, t.Shape)) Shape.Scalar
        let joined = Array.fold (fun (sum: Tensor) (d, t: Tensor) -> sum * sizes[d] + t) (snd at[0]) (Array.tail at)
        let positions = Tensor.ReshapeTo(Tensor.BroadcastTo(joined, shape), Shape [| shape.Count |])

        let moved = if order = [| 0 .. sizes.Length - 1 |] then y else Tensor.Apply(TransposeRule order, y)
        let block = Tensor.ReshapeTo(moved, Shape(Array.concat [ before; [| merged |]; after ]))
        Tensor.ReshapeTo(Tensor.Take(block, first, positions), Shape(Array.concat [ before; shape.Sizes; after ]))

    static member internal Indexed(x: Tensor, indices: TensorIndex[]) : Tensor =
        if indices |> Array.exists (fun i -> i.Kind = 5uy) then
            Tensor.IndexedAt(x, indices)
        else
            Tensor.IndexedPlainly(x, indices)

    /// Positions and ranges as a slice: where it starts, its steps and sizes for each axis, and the sizes of the result.
    static member internal Sliced(shape: Shape, indices: TensorIndex[]) : struct (int[] * int[] * int[] * int[]) =
        let mutable taken = 0
        let mutable ellipses = 0

        for i in indices do
            if i.Kind = 4uy then ellipses <- ellipses + 1
            elif i.Kind <> 2uy then taken <- taken + 1

        if taken > shape.Rank then
            invalidArg "indices" $"{taken} indices for shape {shape} of rank {shape.Rank}. Give at most one index for each axis."

        if ellipses > 1 then
            invalidArg "indices" "more than one Ellipsis: which axes each stands for would be ambiguous. Keep one."

        let starts = Array.zeroCreate shape.Rank
        let steps = Array.create shape.Rank 1
        let sizes = Array.copy shape.Sizes
        let result = ResizeArray<int>(shape.Rank + 1)
        let mutable axis = 0

        let inline keepAxis () =
            result.Add sizes[axis]
            axis <- axis + 1

        for i in indices do
            match i.Kind with
            | 2uy -> result.Add 1
            | 4uy ->
                for _ in 1 .. shape.Rank - taken do
                    keepAxis ()
            | 1uy ->
                let n = shape.Sizes[axis]
                let fromEnd (p: int) = if p < 0 && p <> Int32.MinValue then p + n else p

                let low, high = if i.Stride > 0 then 0, n else -1, n - 1

                let start =
                    if i.Start.HasValue then Math.Clamp(fromEnd i.Start.Value, low, high)
                    elif i.Stride > 0 then 0
                    else n - 1

                let stop =
                    if i.Stop.HasValue then Math.Clamp(fromEnd i.Stop.Value, low, high)
                    elif i.Stride > 0 then n
                    else -1

                let stride = int64 i.Stride
                let length = (int64 stop - int64 start + stride - int64 (sign stride)) / stride |> max 0L |> int
                starts[axis] <- if length > 0 then start else 0
                steps[axis] <- if length > 1 then i.Stride else 1
                sizes[axis] <- length
                keepAxis ()
            | kind ->
                let n = shape.Sizes[axis]
                let p =
                    if kind = 3uy then n
                    elif i.Start.Value < 0 then i.Start.Value + n
                    else i.Start.Value

                if p < 0 || p >= n then
                    raise (
                        ArgumentOutOfRangeException(
                            "indices",
                            i.Start.Value,
                            $"index {i.Start.Value} is outside axis {axis} of shape {shape}: positions run from {-n} to {n - 1}."
                        )
                    )

                starts[axis] <- p
                sizes[axis] <- 1
                axis <- axis + 1

        while axis < shape.Rank do
            keepAxis ()

        struct (starts, steps, sizes, result.ToArray())

    static member private IndexedPlainly(x: Tensor, indices: TensorIndex[]) : Tensor =
        let shape = x.Shape
        let struct (starts, steps, sizes, result) = Tensor.Sliced(shape, indices)

        let whole =
            not (starts.AsSpan().ContainsAnyExcept 0)
            && not (steps.AsSpan().ContainsAnyExcept 1)
            && sizes.AsSpan().SequenceEqual(ReadOnlySpan shape.Sizes)

        let sliced = if whole then x else Tensor.Apply(SliceRule(starts, steps, Shape.Adopt sizes), x)
        let kept = sizes.AsSpan().SequenceEqual(ReadOnlySpan result)
        if kept then sliced else Tensor.ReshapeTo(sliced, Shape.Adopt result)

    /// <summary>The part of the tensor that the indices name; axes not named are kept whole. Positions and ranges give a view. Tensors among the
    /// indices (integers or a mask) broadcast together; their axes stand in the result where the first tensor stood if they are neighbours, else in
    /// front. Repeated positions repeat the entry, and their gradients add up.</summary>
    /// <exception cref="T:System.ArgumentOutOfRangeException">A position is outside its axis.</exception>
    /// <exception cref="T:System.ArgumentException">There are more indices than axes.</exception>
    member x.Item
        with get ([<ParamArray>] indices: TensorIndex[]): Tensor = Tensor.Indexed(x, indices)

    // ---- conversion

    /// A weak float64 of rank 0: it takes the element type of the floating-point tensors it meets.
    static member op_Implicit(value: double) : Tensor = Number(value, true)

    /// A weak int32 of rank 0: it takes the element type of the numeric tensors it meets.
    static member op_Implicit(value: int) : Tensor = Const(NDArray.WeakScalar value)

    /// The float64 vector with these elements, copied.
    static member op_Implicit(elements: double[]) : Tensor =
        if isNull (box elements) then nullArg "elements"
        Const(NDArray.Adopt(Shape [| elements.Length |], Array.copy elements))

    /// The float32 vector with these elements, copied.
    static member op_Implicit(elements: float32[]) : Tensor =
        if isNull (box elements) then nullArg "elements"
        Const(NDArray.Adopt(Shape [| elements.Length |], Array.copy elements))

    /// The float64 matrix with these elements, copied.
    static member op_Implicit(elements: double[,]) : Tensor =
        if isNull (box elements) then nullArg "elements"
        let m, n = elements.GetLength 0, elements.GetLength 1
        let flat = Array.zeroCreate<double>(m * n)
        Buffer.BlockCopy(elements, 0, flat, 0, m * n * sizeof<double>)
        Const(NDArray.Adopt(Shape [| m; n |], flat))

    /// <summary>The number of a tensor with one element (the primal of a dual number).</summary>
    /// <exception cref="T:System.InvalidOperationException">There is not exactly one element.</exception>
    member x.ToDouble() : double =
        match x.Underneath with
        | Number(v, _) -> v
        | t ->
            let v = t.Value

            if v.Count <> 1 then
                raise (InvalidOperationException $"a tensor of shape {v.Shape} is not one number; index it, reduce it, or use ToArray.")

            if v.IsFloat64Scalar then v.Inlined else (v.Contiguous().Cast DType.Float64).Span<double>()[0]

    /// <summary>The number of a tensor with one element.</summary>
    /// <exception cref="T:System.InvalidOperationException">There is not exactly one element.</exception>
    static member op_Explicit(x: Tensor) : double =
        match box x with
        | null -> nullArg "x"
        | _ -> x.ToDouble()

    // ---- arithmetic. Doubles and ints are weak scalars.

    /// What a caller with nullness off may not give.
    static member private Given(x: Tensor, name: string) : Tensor =
        match box x with
        | null -> nullArg name
        | _ -> x

    static member internal Weak(number: double) = Number(number, true)
    static member internal Weak(number: int) = Const(NDArray.WeakScalar number)

    /// x op number, where the number takes x's element type.
    static member private WithNumber(op: BinaryOp, x: Tensor, number: double) : Tensor =
        if DTypes.isFloat x.DType then Tensor.Apply(NumberRule(op, number), x) else Tensor.Binary(op, x, Tensor.Weak number)

    static member private WithNumber(op: BinaryOp, x: Tensor, number: int) : Tensor =
        if DTypes.isFloat x.DType then
            Tensor.Apply(NumberRule(op, double number), x)
        else
            Tensor.Binary(op, x, Tensor.Weak number)

    /// number op x for the operations that do not commute.
    static member private OfNumber(op: BinaryOp, number: double, x: Tensor) : Tensor =
        if op = BinaryOp.Subtract && DTypes.isFloat x.DType then
            Tensor.Apply(NumberMinusRule number, x)
        else
            Tensor.Binary(op, Tensor.Weak number, x)

    static member private OfNumber(op: BinaryOp, number: int, x: Tensor) : Tensor =
        if DTypes.isFloat x.DType then Tensor.OfNumber(op, double number, x) else Tensor.Binary(op, Tensor.Weak number, x)

    /// Elementwise sum; shapes broadcast.
    static member (+)(a: Tensor, b: Tensor) = Tensor.Binary(BinaryOp.Add, Tensor.Given(a, "a"), Tensor.Given(b, "b"))
    /// Elementwise sum; shapes broadcast. The number takes the element type of a floating-point tensor.
    static member (+)(a: Tensor, b: double) = Tensor.WithNumber(BinaryOp.Add, Tensor.Given(a, "a"), b)
    /// Elementwise sum; shapes broadcast. The number takes the element type of a floating-point tensor.
    static member (+)(a: double, b: Tensor) = Tensor.WithNumber(BinaryOp.Add, Tensor.Given(b, "b"), a)
    /// Elementwise sum; shapes broadcast. The number takes the element type of the tensor.
    static member (+)(a: Tensor, b: int) = Tensor.WithNumber(BinaryOp.Add, Tensor.Given(a, "a"), b)
    /// Elementwise sum; shapes broadcast. The number takes the element type of the tensor.
    static member (+)(a: int, b: Tensor) = Tensor.WithNumber(BinaryOp.Add, Tensor.Given(b, "b"), a)
    /// Elementwise difference; shapes broadcast.
    static member (-)(a: Tensor, b: Tensor) = Tensor.Binary(BinaryOp.Subtract, Tensor.Given(a, "a"), Tensor.Given(b, "b"))
    /// Elementwise difference; shapes broadcast. The number takes the element type of a floating-point tensor.
    static member (-)(a: Tensor, b: double) = Tensor.WithNumber(BinaryOp.Subtract, Tensor.Given(a, "a"), b)
    /// Elementwise difference; shapes broadcast. The number takes the element type of a floating-point tensor.
    static member (-)(a: double, b: Tensor) = Tensor.OfNumber(BinaryOp.Subtract, a, Tensor.Given(b, "b"))
    /// Elementwise difference; shapes broadcast. The number takes the element type of the tensor.
    static member (-)(a: Tensor, b: int) = Tensor.WithNumber(BinaryOp.Subtract, Tensor.Given(a, "a"), b)
    /// Elementwise difference; shapes broadcast. The number takes the element type of the tensor.
    static member (-)(a: int, b: Tensor) = Tensor.OfNumber(BinaryOp.Subtract, a, Tensor.Given(b, "b"))
    /// Elementwise product; shapes broadcast. For matrices see MatMul.
    static member (*)(a: Tensor, b: Tensor) = Tensor.Binary(BinaryOp.Multiply, Tensor.Given(a, "a"), Tensor.Given(b, "b"))
    /// Elementwise product; shapes broadcast. For matrices see MatMul. The number takes the element type of a floating-point tensor.
    static member (*)(a: Tensor, b: double) = Tensor.WithNumber(BinaryOp.Multiply, Tensor.Given(a, "a"), b)
    /// Elementwise product; shapes broadcast. For matrices see MatMul. The number takes the element type of a floating-point tensor.
    static member (*)(a: double, b: Tensor) = Tensor.WithNumber(BinaryOp.Multiply, Tensor.Given(b, "b"), a)
    /// Elementwise product; shapes broadcast. For matrices see MatMul. The number takes the element type of the tensor.
    static member (*)(a: Tensor, b: int) = Tensor.WithNumber(BinaryOp.Multiply, Tensor.Given(a, "a"), b)
    /// Elementwise product; shapes broadcast. For matrices see MatMul. The number takes the element type of the tensor.
    static member (*)(a: int, b: Tensor) = Tensor.WithNumber(BinaryOp.Multiply, Tensor.Given(b, "b"), a)
    /// Elementwise quotient; integers give float64.
    static member (/)(a: Tensor, b: Tensor) = Tensor.Binary(BinaryOp.Divide, Tensor.Given(a, "a"), Tensor.Given(b, "b"))
    /// Elementwise quotient; integers give float64. The number takes the element type of a floating-point tensor.
    static member (/)(a: Tensor, b: double) = Tensor.WithNumber(BinaryOp.Divide, Tensor.Given(a, "a"), b)
    /// Elementwise quotient; integers give float64. The number takes the element type of a floating-point tensor.
    static member (/)(a: double, b: Tensor) = Tensor.OfNumber(BinaryOp.Divide, a, Tensor.Given(b, "b"))
    /// Elementwise quotient; integers give float64. The number takes the element type of the tensor.
    static member (/)(a: Tensor, b: int) = Tensor.WithNumber(BinaryOp.Divide, Tensor.Given(a, "a"), b)
    /// Elementwise quotient; integers give float64. The number takes the element type of the tensor.
    static member (/)(a: int, b: Tensor) = Tensor.OfNumber(BinaryOp.Divide, a, Tensor.Given(b, "b"))
    /// Remainder of truncated division, with the sign of a, as for C# numbers.
    static member (%)(a: Tensor, b: Tensor) = Tensor.Binary(BinaryOp.FMod, Tensor.Given(a, "a"), Tensor.Given(b, "b"))
    /// The opposite number of each element.
    static member (~-)(x: Tensor) = Tensor.Unary(UnaryOp.Negate, Tensor.Given(x, "x"))
    /// The tensor itself.
    static member (~+)(x: Tensor) = Tensor.Given(x, "x")

    // ---- the functions F# and C# know by these names

    /// |x|; slope 0 at 0.
    static member Abs(x: Tensor) = Tensor.Unary(UnaryOp.Abs, Tensor.Given(x, "x"))
    /// -1, 0 or 1.
    static member Sign(x: Tensor) = Tensor.Unary(UnaryOp.Sign, Tensor.Given(x, "x"))
    /// eˣ.
    static member Exp(x: Tensor) = Tensor.Unary(UnaryOp.Exp, Tensor.Given(x, "x"))
    /// ln x.
    static member Log(x: Tensor) = Tensor.Unary(UnaryOp.Log, Tensor.Given(x, "x"))
    /// log₁₀ x.
    static member Log10(x: Tensor) = Tensor.Unary(UnaryOp.Log10, Tensor.Given(x, "x"))
    /// √x.
    static member Sqrt(x: Tensor) = Tensor.Unary(UnaryOp.Sqrt, Tensor.Given(x, "x"))
    /// sin x, in radians.
    static member Sin(x: Tensor) = Tensor.Unary(UnaryOp.Sin, Tensor.Given(x, "x"))
    /// cos x, in radians.
    static member Cos(x: Tensor) = Tensor.Unary(UnaryOp.Cos, Tensor.Given(x, "x"))
    /// tan x, in radians.
    static member Tan(x: Tensor) = Tensor.Unary(UnaryOp.Tan, Tensor.Given(x, "x"))
    /// arcsin x.
    static member Asin(x: Tensor) = Tensor.Unary(UnaryOp.Asin, Tensor.Given(x, "x"))
    /// arccos x.
    static member Acos(x: Tensor) = Tensor.Unary(UnaryOp.Acos, Tensor.Given(x, "x"))
    /// arctan x.
    static member Atan(x: Tensor) = Tensor.Unary(UnaryOp.Atan, Tensor.Given(x, "x"))
    /// The angle of the point (x, y), in (-π, π].
    static member Atan2(y: Tensor, x: Tensor) = Tensor.Binary(BinaryOp.Atan2, Tensor.Given(y, "y"), Tensor.Given(x, "x"))
    /// sinh x.
    static member Sinh(x: Tensor) = Tensor.Unary(UnaryOp.Sinh, Tensor.Given(x, "x"))
    /// cosh x.
    static member Cosh(x: Tensor) = Tensor.Unary(UnaryOp.Cosh, Tensor.Given(x, "x"))
    /// tanh x.
    static member Tanh(x: Tensor) = Tensor.Unary(UnaryOp.Tanh, Tensor.Given(x, "x"))
    /// Largest integer not above x.
    static member Floor(x: Tensor) = Tensor.Unary(UnaryOp.Floor, Tensor.Given(x, "x"))
    /// Smallest integer not below x.
    static member Ceiling(x: Tensor) = Tensor.Unary(UnaryOp.Ceiling, Tensor.Given(x, "x"))
    /// Nearest integer, ties to even.
    static member Round(x: Tensor) = Tensor.Unary(UnaryOp.Round, Tensor.Given(x, "x"))
    /// Towards zero.
    static member Truncate(x: Tensor) = Tensor.Unary(UnaryOp.Truncate, Tensor.Given(x, "x"))
    /// aᵇ; 0⁰ is 1.
    static member Pow(a: Tensor, b: Tensor) = Tensor.Binary(BinaryOp.Power, Tensor.Given(a, "a"), Tensor.Given(b, "b"))
    /// xᵖ for a number p; exact at 0 for whole p at every order of derivative.
    static member Pow(x: Tensor, p: double) = Tensor.Apply(PowerRule p, Tensor.Fractional(Tensor.Given(x, "x")))

    /// xᵖ for a whole number p; integers stay integers where p is not negative.
    static member Pow(x: Tensor, p: int) =
        let x = Tensor.Given(x, "x")
        if p >= 0 then Tensor.Apply(PowerRule(double p), x) else Tensor.Apply(PowerRule(double p), Tensor.Fractional x)

/// A power with a constant exponent: the slope vanishes exactly where the exponent runs out.
[<Sealed>]
type internal PowerRule(p: double) =
    inherit UnaryRule("power")
    override _.IsPlain = true
    member _.Exponent = p
    override _.Attributes = ValueSome [| "p", Attribute.Float p |]
    override _.Infer x = if x.DType = DType.Float64 then x else x.With x.Shape
    override this.Batch x = Tensor.Apply(this, x)
    override _.Differentiable = p <> 0.0
    override _.OfNumber(x, weak) = Number(DiffLib.Kernels.Elementwise.Binary(BinaryOp.Power, x, p), weak)
    override _.Value x =
        if DTypes.isFloat x.DType then
            Numbers.withNumber BinaryOp.Power x p
        else
            Numbers.binary BinaryOp.Power x (NDArray.Scalar(p).Cast x.DType)

    override _.Push(x, _, dx) =
        if p = 1.0 then dx
        elif p = 2.0 then Tensor.Scale(dx, 2.0 * x)
        else Tensor.Scale(dx, p * Tensor.Pow(x, p - 1.0))

    override this.Pull(x, y, w) = this.Push(x, y, w)
