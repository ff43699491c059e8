namespace DiffLib

open System
open DiffLib.Kernels

/// What is known of a function's results before there are elements.
module internal Abstractly =
    /// The function is traced, and what it wrote down forgotten; also whether it refers to a value of an enclosing level.
    let private traced (verb: string) (f: Tensor[] -> Tensor[]) (xs: Spec[]) : struct (Spec[] * bool) =
        let stage = Stage(Trace.FreshTag(), verb, true)

        try
            let arguments = xs |> Array.mapi (fun k spec -> Staged(Variable(stage, stage.Argument(k, spec), spec)))
            let specs = f arguments |> Array.map (fun y -> y.Spec)
            struct (specs, stage.HasCaptured)
        finally
            stage.Close()

    /// The results' shapes and element types, from those of the arguments.
    let infer (verb: string) (f: Tensor[] -> Tensor[]) (xs: Spec[]) : Spec[] =
        let struct (specs, _) = traced verb f xs
        specs

    /// The same for a function that refers to no value of an enclosing level; none if it does.
    let closed (verb: string) (f: Tensor[] -> Tensor[]) (xs: Spec[]) : Spec[] voption =
        let struct (specs, captures) = traced verb f xs
        if captures then ValueNone else ValueSome specs

/// An elementwise function given by a formula in Tensor arithmetic, with its slope written by hand: one record on the trace,
/// and no zero times infinity where the formula's parts have one. The slope gets x and y = f(x).
[<Sealed>]
type internal FormulaRule(name: string, value: Tensor -> Tensor, slope: Tensor -> Tensor -> Tensor) =
    inherit UnaryRule(name)
    override _.Infer x = (Abstractly.infer name (fun xs -> [| value xs[0] |]) [| x |])[0]
    override this.Batch x = Tensor.Apply(this, x)
    /// A program that runs sees the formula: elementwise operations, which fuse.
    override _.Expand x = ValueSome(value x)
    override _.Keep x = Abstractly.closed name (fun xs -> [| value xs[0] |]) [| x |] |> ValueOption.map Array.head
    override _.Value x = (value (Const x)).Value
    override _.Push(x, y, dx) = Tensor.Scale(dx, slope x y)
    override this.Pull(x, y, w) = this.Push(x, y, w)

/// Truth values and choices, on which the formulas of this and the later chapters are built.
[<AbstractClass; Sealed>]
type internal Logic =
    static member val False = Const(NDArray.ScalarOf false)
    static member val True = Const(NDArray.ScalarOf true)

    /// A number that takes the element type of what it meets.
    static member Number(value: double) : Tensor = Tensor.Weak value

    static member Less(a: Tensor, b: double) : Tensor = Tensor.Compare(CompareOp.Less, a, Logic.Number b)
    static member LessOrEqual(a: Tensor, b: double) : Tensor = Tensor.Compare(CompareOp.LessOrEqual, a, Logic.Number b)
    static member Greater(a: Tensor, b: double) : Tensor = Tensor.Compare(CompareOp.Greater, a, Logic.Number b)
    static member GreaterOrEqual(a: Tensor, b: double) : Tensor = Tensor.Compare(CompareOp.GreaterOrEqual, a, Logic.Number b)
    static member Equal(a: Tensor, b: double) : Tensor = Tensor.Compare(CompareOp.Equal, a, Logic.Number b)

    /// Both hold; numbers count as their being different from 0.
    static member And(a: Tensor, b: Tensor) : Tensor = Tensor.Select(a, Tensor.Cast(b, DType.Bool), Logic.False)

    /// At least one holds.
    static member Or(a: Tensor, b: Tensor) : Tensor = Tensor.Select(a, Logic.True, Tensor.Cast(b, DType.Bool))

    /// Exactly one holds.
    static member Xor(a: Tensor, b: Tensor) : Tensor = Tensor.Compare(CompareOp.NotEqual, Tensor.Cast(a, DType.Bool), Tensor.Cast(b, DType.Bool))

    /// It does not hold.
    static member Not(a: Tensor) : Tensor = Tensor.Compare(CompareOp.Equal, Tensor.Cast(a, DType.Bool), Logic.False)

    /// NaN is what differs from itself.
    static member IsNaN(x: Tensor) : Tensor = Tensor.Compare(CompareOp.NotEqual, x, x)

    static member IsPositiveInfinity(x: Tensor) : Tensor = Logic.Equal(Tensor.Fractional x, Double.PositiveInfinity)
    static member IsNegativeInfinity(x: Tensor) : Tensor = Logic.Equal(Tensor.Fractional x, Double.NegativeInfinity)
    static member IsInfinity(x: Tensor) : Tensor = Logic.IsPositiveInfinity(Tensor.Abs(Tensor.Fractional x))

    /// |x| < ∞, which NaN is not.
    static member IsFinite(x: Tensor) : Tensor = Logic.Less(Tensor.Abs(Tensor.Fractional x), Double.PositiveInfinity)

    /// The sign bit: also that of -0.
    static member SignBit(x: Tensor) : Tensor =
        if DTypes.isFloat x.DType then
            Logic.Less(Tensor.Binary(BinaryOp.CopySign, Logic.Number 1.0, x), 0.0)
        else
            Tensor.Compare(CompareOp.Less, x, (Tensor.Weak 0))

    /// |a - b| ≤ absolute + relative·|b|; equal infinities are close, NaN only to NaN and only if asked for.
    static member IsClose(a: Tensor, b: Tensor, relative: double, absolute: double, equalNaN: bool) : Tensor =
        let a, b = Tensor.Fractional a, Tensor.Fractional b
        let near = Tensor.Compare(CompareOp.LessOrEqual, Tensor.Abs(a - b), absolute + relative * Tensor.Abs b)
        let close = Logic.Or(Tensor.Compare(CompareOp.Equal, a, b), Logic.And(near, Logic.IsFinite b))
        if equalNaN then Logic.Or(close, Logic.And(Logic.IsNaN a, Logic.IsNaN b)) else close

    /// Whether every element holds; true if there are none.
    static member All(x: Tensor) : bool = not ((Tensor.Cast(x, DType.Bool).Value.Contiguous()).Span<bool>().Contains false)

/// Functions of one or a few tensors, element by element, beyond those with a kernel of their own.
[<AbstractClass; Sealed>]
type internal Pointwise =
    /// A bound as a scalar of x's element type where that can hold it, so that integers stay integers.
    static member private Bound(x: Tensor, bound: double) : Tensor =
        if not (DTypes.isFloat x.DType) && bound = Math.Floor bound && abs bound <= double Int32.MaxValue then
            Tensor.Weak(int bound)
        else
            Logic.Number bound

    /// x kept between two bounds. Slope 1 from bound to bound, both included, 0 outside and at NaN. Where the bounds cross, the upper one wins.
    static member Clamp(x: Tensor, low: Nullable<double>, high: Nullable<double>) : Tensor =
        let clamped (x: Tensor) =
            let x =
                if low.HasValue then
                    let low = Pointwise.Bound(x, low.Value)
                    Tensor.Select(Tensor.Compare(CompareOp.Less, x, low), low, x)
                else
                    x

            if high.HasValue then
                let high = Pointwise.Bound(x, high.Value)
                Tensor.Select(Tensor.Compare(CompareOp.Greater, x, high), high, x)
            else
                x

        let inside (x: Tensor) (_: Tensor) =
            let above = if low.HasValue then Logic.GreaterOrEqual(x, low.Value) else Tensor.Compare(CompareOp.Equal, x, x)
            let below = if high.HasValue then Logic.LessOrEqual(x, high.Value) else above
            Tensor.Cast(Logic.And(above, below), x.DType)

        if not low.HasValue && not high.HasValue then x
        elif DTypes.isFloat x.DType then Tensor.Apply(FormulaRule("clamp", clamped, inside), x)
        else clamped x

    /// x kept between two tensors of bounds; at a tie x counts, and where the bounds cross the upper one wins.
    static member Clamp(x: Tensor, low: Tensor voption, high: Tensor voption) : Tensor =
        let raised =
            match low with
            | ValueSome low -> Tensor.Select(Tensor.Compare(CompareOp.Less, x, low), low, x)
            | ValueNone -> x

        match high with
        | ValueSome high -> Tensor.Select(Tensor.Compare(CompareOp.Greater, raised, high), high, raised)
        | ValueNone -> raised

    /// a + t (b - a), exact at t = 0 and t = 1.
    static member Lerp(a: Tensor, b: Tensor, t: Tensor) : Tensor =
        let t = Tensor.Fractional t
        a * (1.0 - t) + b * t

    /// x - trunc x: the sign of x, slope 1.
    static member Frac(x: Tensor) : Tensor = let x = Tensor.Fractional x in x - Tensor.Truncate x

    /// Rounded to decimals after the point (before it, if negative), ties to even.
    static member Round(x: Tensor, decimals: int) : Tensor =
        if not (DTypes.isFloat x.DType) && decimals >= 0 then
            x
        elif decimals = 0 then
            Tensor.Round x
        else
            // dividing by 10ⁿ is exact where multiplying by 10⁻ⁿ is not
            let scale = Math.Pow(10.0, double (abs decimals))
            let x = Tensor.Fractional x
            if decimals > 0 then Tensor.Round(x * scale) / scale else Tensor.Round(x / scale) * scale

    /// NaN and infinities replaced; the replaced elements have slope 0.
    static member NanToNum(x: Tensor, nan: double, positive: Nullable<double>, negative: Nullable<double>) : Tensor =
        if not (DTypes.isFloat x.DType) then
            x
        else
            let largest = if x.DType = DType.Float32 then double Single.MaxValue else Double.MaxValue
            let high = if positive.HasValue then positive.Value else largest
            let low = if negative.HasValue then negative.Value else -largest
            let x = Tensor.Select(Logic.IsNaN x, Logic.Number nan, x)
            let x = Tensor.Select(Logic.IsPositiveInfinity x, Logic.Number high, x)
            Tensor.Select(Logic.IsNegativeInfinity x, Logic.Number low, x)

    static member val private LogitRule =
        let value (x: Tensor) =
            // near 1/2, where ln x and ln(1 - x) cancel, 2x - 1 is exact
            let middle = Tensor.Unary(UnaryOp.Log1p, (2.0 * x - 1.0) / (1.0 - x))
            let outer = Tensor.Log x - Tensor.Unary(UnaryOp.Log1p, -x)
            Tensor.Select(Logic.Less(Tensor.Abs(x - 0.5), 0.25), middle, outer)

        let slope (x: Tensor) (_: Tensor) =
            let inside = Logic.And(Logic.GreaterOrEqual(x, 0.0), Logic.LessOrEqual(x, 1.0))
            Tensor.Select(inside, 1.0 / (x * (1.0 - x)), Logic.Number Double.NaN)

        FormulaRule("logit", value, slope)

    /// ln(x/(1 - x)), the inverse of the sigmoid.
    static member Logit(x: Tensor) : Tensor = Tensor.Apply(Pointwise.LogitRule, Tensor.Fractional x)

    /// ln Γ_p(x) = p(p-1)/4·ln π + Σ ln Γ(x - j/2), j from 0 to p - 1.
    static member MultiLgamma(x: Tensor, p: int) : Tensor =
        if p < 1 then raise (ArgumentOutOfRangeException("p", p, "the dimension is 1 or more."))

        let x = Tensor.Fractional x
        let terms = [| for j in 0 .. p - 1 -> Tensor.Unary(UnaryOp.Lgamma, x - 0.5 * double j) |]
        Array.reduce (fun (a: Tensor) b -> a + b) terms + 0.25 * double (p * (p - 1)) * Math.Log Math.PI

    /// The polygamma function ψ⁽ⁿ⁾(x).
    static member Polygamma(n: int, x: Tensor) : Tensor =
        if n < 0 then raise (ArgumentOutOfRangeException("n", n, "the order is 0 (digamma) or more."))

        Tensor.Binary(BinaryOp.Polygamma, Logic.Number(double n), Tensor.Fractional x)
