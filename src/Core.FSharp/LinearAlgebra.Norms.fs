namespace DiffLib

open System

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

/// Distances between all pairs of points of two sets.
[<AbstractClass; Sealed>]
type internal PairDistances =
    /// Distances between the rows of x and those of y by the p-norm: [.., m, d] and [.., n, d] to [.., m, n].
    static member Between(x: Tensor, y: Tensor, p: double) : Tensor =
        if x.Rank < 2 || y.Rank < 2 || Matrix.Columns x <> Matrix.Columns y then
            invalidArg "y" $"CDist: x is {x.Shape} and y is {y.Shape}. Give rows of points, [.., m, d] and [.., n, d], with the same d."

        if p < 0.0 then
            raise (ArgumentOutOfRangeException("order", p, "CDist: the order of the norm is negative, which is no distance. Give 0 or more."))

        Norms.Norm(Matrix.Insert(x, -2) - Matrix.Insert(y, -3), p, [| -1 |], false)
