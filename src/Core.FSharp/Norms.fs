namespace rec DiffLib

open System
open DiffLib.Kernels

// Lengths of vectors, along one axis or several, and what is made of them: distances, normalisation, angles.
// Norms of matrices belong to linear algebra.

/// (Σ |x|ᵖ)^(1/p) along an axis, for finite p other than 0 and 1, scaled against over- and underflow. The derivative at the
/// origin is 0, the subgradient of smallest length.
[<Sealed>]
type internal NormRule(p: double, axis: int) =
    inherit UnaryRule("norm")
    override _.Attributes = ValueSome [| "p", Attribute.Float p; "axis", Attribute.Int axis |]
    override _.Infer x = x.With(x.Shape.Without axis)
    override _.Batch x = Tensor.Apply(NormRule(p, axis + 1), x)

    override _.Value x =
        let x = x.Contiguous()
        let struct (outer, n, inner) = x.Shape.Around axis
        let y = NDArray.Allocate(x.DType, x.Shape.Without axis)

        match x.DType with
        | DType.Float64 -> Lines.Norm(p, x.Span<double>(), outer, n, inner, y.Write<double>())
        | _ -> Lines.Norm(p, x.Span<float32>(), outer, n, inner, y.Write<float32>())

        y

    /// dy/dx: x/y for p = 2, else sign x (|x|/y)^(p-1); 0 where y is, and for p < 2 also where x is, whose own slope is infinite or jumps.
    member private _.Slope(x: Tensor, y: Tensor) : Tensor =
        let y = Tensor.ReshapeTo(y, x.Shape.With(axis, 1))
        let isZero (t: Tensor) = Tensor.Compare(CompareOp.Equal, t, (Tensor.Weak 0.0))
        let one, zero = (Tensor.Weak 1.0), (Tensor.Weak 0.0)
        let safe = Tensor.Select(isZero y, one, y)

        let slope =
            if p = 2.0 then
                x / safe
            else
                let ratio = Tensor.Abs x / safe
                let ratio = if p < 2.0 then Tensor.Select(isZero x, one, ratio) else ratio
                Tensor.Sign x * Tensor.Pow(ratio, p - 1.0)

        Tensor.Select(isZero y, zero, slope)

    override this.Push(x, y, dx) = Tensor.Apply(SumRule([| axis |], false), Tensor.Scale(dx, this.Slope(x, y)))
    override this.Pull(x, y, w) = Tensor.Scale(Tensor.ReshapeTo(w, x.Shape.With(axis, 1)), this.Slope(x, y))

/// Vector norms over axes, and distances, directions and angles.
[<AbstractClass; Sealed>]
type internal Norms =
    /// The p-norm over axes (null: all). p = 0 counts what is not zero, ∞ takes the largest magnitude, -∞ the smallest.
    static member Norm(x: Tensor, p: double, axes: int[] | null, keep: bool) : Tensor =
        let x = Tensor.Fractional x

        if Double.IsNaN p then
            raise (ArgumentOutOfRangeException("p", p, "the order of a norm is a number; ∞ gives the largest magnitude."))
        elif p = 1.0 then
            Reducing.Sum(Tensor.Abs x, axes, keep)
        elif p = 0.0 then
            Tensor.Cast(Reducing.CountNonZero(x, axes, keep), x.DType)
        elif Double.IsPositiveInfinity p then
            Reducing.Max(Tensor.Abs x, axes, keep)
        elif Double.IsNegativeInfinity p then
            Reducing.Min(Tensor.Abs x, axes, keep)
        else
            Along.Reduce(x, axes, keep, (fun x axis -> Tensor.Apply(NormRule(p, axis), x)))

    /// The p-norm of a - b, over everything.
    static member Distance(a: Tensor, b: Tensor, p: double) : Tensor = Norms.Norm(Tensor.Fractional a - b, p, null, false)

    /// x with the p-norm of each part along the axis held to at most maxNorm.
    static member Renormalized(x: Tensor, p: double, axis: int, maxNorm: double) : Tensor =
        let x = Tensor.Fractional x
        let axis = x.Shape.Axis axis

        if not (maxNorm >= 0.0) then raise (ArgumentOutOfRangeException("maxNorm", maxNorm, "a norm is at most a number ≥ 0."))

        let others =
            [| for d in 0 .. x.Rank - 1 do
                   if d <> axis then d |]
        let length = Norms.Norm(x, p, others, true)
        let tooLong = Tensor.Compare(CompareOp.Greater, length, (Tensor.Weak maxNorm))
        let one = (Tensor.Weak 1.0)
        x * Tensor.Select(tooLong, maxNorm / (Tensor.Select(tooLong, length, one) + 1e-7), one)

    /// x / max(‖x‖, ε) along an axis.
    static member Normalized(x: Tensor, p: double, axis: int, epsilon: double) : Tensor =
        let x = Tensor.Fractional x
        x / Norms.AtLeast(Norms.Norm(x, p, [| axis |], true), epsilon)

    /// The larger of x and a bound, with derivative 1 at the bound.
    static member private AtLeast(x: Tensor, bound: double) : Tensor =
        Tensor.Select(Tensor.Compare(CompareOp.Less, x, (Tensor.Weak bound)), (Tensor.Weak bound), x)

    /// ‖a - b + ε‖ along the last axis.
    static member PairwiseDistance(a: Tensor, b: Tensor, p: double, epsilon: double, keep: bool) : Tensor =
        Norms.Norm(Tensor.Fractional a - b + epsilon, p, [| -1 |], keep)

    /// ⟨a, b⟩ / (max(‖a‖, ε) max(‖b‖, ε)) along an axis: unit vectors first, so that nothing overflows.
    static member CosineSimilarity(a: Tensor, b: Tensor, axis: int, epsilon: double) : Tensor =
        let shape = Shape.Broadcast("cosine similarity", a.Shape, b.Shape)
        let wide (t: Tensor) = Tensor.BroadcastTo(Tensor.Fractional t, shape)
        Reducing.Sum(Norms.Normalized(wide a, 2.0, axis, epsilon) * Norms.Normalized(wide b, 2.0, axis, epsilon), [| axis |], false)
