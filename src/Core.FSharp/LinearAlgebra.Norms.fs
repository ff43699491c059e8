namespace rec DiffLib

open System
open DiffLib.Kernels

/// Norms of matrices.
type MatrixNormKind =
    /// The square root of the sum of squares of all elements.
    | Frobenius = 0
    /// The sum of the singular values.
    | Nuclear = 1
    /// The largest singular value.
    | Spectral = 2
    /// The smallest singular value.
    | SmallestSingularValue = 3
    /// The largest absolute column sum.
    | One = 4
    /// The smallest absolute column sum.
    | MinusOne = 5
    /// The largest absolute row sum.
    | Infinity = 6
    /// The smallest absolute row sum.
    | MinusInfinity = 7

/// (Σ |x|ᵖ)^(1/p) over axes, which stay with size 1; p = ±∞ is the largest or smallest |x|. Neither overflows nor underflows on the way.
/// The slope is sign(x) (|x|/y)^(p-1), and 0 where the norm is 0: of all subgradients the smallest. Ties of p = ±∞ share equally.
[<Sealed>]
type internal NormRule(p: double, axes: int[]) =
    inherit UnaryRule("norm")

    static member private Number(x: NDArray, value: double) = (NDArray.Scalar value).Cast x.DType

    /// (Σ |x/scale|ᵖ)^(1/p) scale.
    static member private Scaled(x: NDArray, scale: NDArray, p: double, axes: int[]) : NDArray =
        let zero = Numbers.compare CompareOp.Equal scale (NormRule.Number(x, 0.0))
        let safe = Numbers.where zero (NormRule.Number(x, 1.0)) scale
        let sum = NormRule.PowerSum(Numbers.binary BinaryOp.Divide x safe, p, axes)
        Numbers.binary BinaryOp.Scale scale (NormRule.Root(sum, p))

    static member private PowerSum(x: NDArray, p: double, axes: int[]) : NDArray =
        let powers =
            if p = 2.0 then Numbers.unary UnaryOp.Square x
            else Numbers.binary BinaryOp.Power (Numbers.unary UnaryOp.Abs x) (NormRule.Number(x, p))

        Numbers.reduce ReduceOp.Sum axes true powers

    static member private Root(sum: NDArray, p: double) : NDArray =
        if p = 2.0 then Numbers.unary UnaryOp.Sqrt sum
        else Numbers.binary BinaryOp.Power sum (NormRule.Number(sum, 1.0 / p))

    /// Whether every sum of powers is far from overflow and underflow.
    static member private Comfortable(sum: NDArray) : bool =
        let low, high = if sum.DType = DType.Float64 then 1e-280, 1e280 else 1e-30, 1e30
        let numbers = (sum.Cast DType.Float64).ToArray<double>()
        numbers |> Array.forall (fun s -> Double.IsNaN s || (s > low && s < high))

    override _.Value x =
        let extremum op = Numbers.reduce op axes true (Numbers.unary UnaryOp.Abs x)
        let isEmpty = axes |> Array.exists (fun d -> x.Shape.Sizes[d] = 0)

        if isEmpty && p > 0.0 then NDArray.Zeros(x.DType, Numbers.reducedShape x.Shape axes true)
        elif Double.IsPositiveInfinity p then extremum ReduceOp.Maximum
        elif Double.IsNegativeInfinity p then extremum ReduceOp.Minimum
        else
            let sum = NormRule.PowerSum(x, p, axes)

            if isEmpty || NormRule.Comfortable sum then NormRule.Root(sum, p)
            else NormRule.Scaled(x, extremum (if p > 0.0 then ReduceOp.Maximum else ReduceOp.Minimum), p, axes)

    /// dy/dx, elementwise, in x's shape.
    member private _.Slope(x: Tensor, y: Tensor) : Tensor =
        let sign = Tensor.Sign x

        if Double.IsInfinity p then
            let winners = Tensor.Cast(Tensor.Compare(CompareOp.Equal, Tensor.Abs x, y), x.DType)
            sign * winners / Tensor.Apply(SumRule(axes, true), winners)
        else
            let zero = Tensor.Compare(CompareOp.Equal, y, Const(NDArray.WeakScalar 0.0))
            let ratio = x / Tensor.Select(zero, Tensor.FullLike(y, 1.0), y)
            let slope = if p = 2.0 then ratio else Tensor.Scale(sign, Tensor.Pow(Tensor.Abs ratio, p - 1.0))
            Tensor.Select(zero, Tensor.FullLike(x, 0.0), slope)

    override this.Push(x, y, dx) =
        Tensor.Apply(SumRule(axes, true), Tensor.Scale(dx, this.Slope(x, y)))

    override this.Pull(x, y, w) = Tensor.Scale(Tensor.BroadcastTo(w, x.Shape), this.Slope(x, y))

/// Norms and distances.
[<AbstractClass; Sealed>]
type internal Norms =
    /// Sums of |x| and counts of non-zeros are sums; the rest goes through the rule.
    static member private Kept(x: Tensor, p: double, axes: int[]) : Tensor =
        if p = 0.0 then
            Tensor.Apply(SumRule(axes, true), Tensor.Cast(Tensor.Compare(CompareOp.NotEqual, x, Const(NDArray.WeakScalar 0.0)), x.DType))
        elif p = 1.0 then
            Tensor.Apply(SumRule(axes, true), Tensor.Abs x)
        else
            Tensor.Apply(NormRule(p, axes), x)

    /// The p-norm over axes; null means all of them.
    static member Vector(x: Tensor, p: double, axes: int[] | null, keep: bool) : Tensor =
        if Double.IsNaN p then invalidArg "order" "VectorNorm: the order is NaN. Give a number, or ±∞ for the largest or smallest |x|."
        let own = x.Shape.Axes axes
        let x = Tensor.Fractional x

        if p < 0.0 && own |> Array.exists (fun d -> x.Shape.Sizes[d] = 0) then
            invalidArg "x" $"VectorNorm: an axis of shape {x.Shape} is empty, and the norm of order {p} of nothing is not defined. Orders of 0 and more give 0."

        let kept = Norms.Kept(x, p, own)
        if keep then kept else Tensor.ReshapeTo(kept, Numbers.reducedShape x.Shape own false)

    /// Distances between the rows of x and those of y by the p-norm: [.., m, d] and [.., n, d] to [.., m, n].
    static member Distances(x: Tensor, y: Tensor, p: double) : Tensor =
        if x.Rank < 2 || y.Rank < 2 || Matrix.Columns x <> Matrix.Columns y then
            invalidArg "y" $"CDist: x is {x.Shape} and y is {y.Shape}. Give rows of points, [.., m, d] and [.., n, d], with the same d."

        if p < 0.0 then
            raise (ArgumentOutOfRangeException("order", p, "CDist: the order of the norm is negative, which is no distance. Give 0 or more."))

        Norms.Vector(Matrix.Insert(x, -2) - Matrix.Insert(y, -3), p, [| -1 |], false)
