namespace DiffLib.FSharp

open DiffLib

/// Sparse derivatives: only the elements that may differ from zero, by as many products as there are colours.
[<AutoOpen>]
module Sparse =
    let private known (verb: string) (x: Tensor) =
        if not x.IsKnown then
            invalidArg "x" $"{verb}: the point belongs to a Vmap or Compile call around it and has no numbers yet. Call it outside."

    /// Where the Jacobian of f may differ from zero, at inputs of x's shape and element type: a row for each element of f x, a column for each of x.
    let sparsityOf (f: Tensor -> Tensor) (x: Tensor) : SparsityPattern = SparseDerivatives.pattern f x

    /// Where the Hessian of a function to one number may differ from zero.
    let hessianSparsityOf (f: Tensor -> Tensor) (x: Tensor) : SparsityPattern = SparseDerivatives.hessianPattern f x

    /// The Jacobian of f at x in compressed rows.
    let sparseJacobian (f: Tensor -> Tensor) (x: Tensor) : CsrMatrix =
        known "sparseJacobian" x
        SparseDerivatives.jacobian f x

    /// The Hessian of a function to one number, in compressed rows, with both triangles.
    let sparseHessian (f: Tensor -> Tensor) (x: Tensor) : CsrMatrix =
        known "sparseHessian" x
        SparseDerivatives.hessian f x

    /// The Jacobian as a function of the point, prepared for points of x's shape and element type: pattern, colours and program are made once.
    let compileSparseJacobian (f: Tensor -> Tensor) (x: Tensor) : Tensor -> CsrMatrix =
        SparseDerivatives.prepared "compileSparseJacobian" f false x.Spec

    /// The Hessian as a function of the point, prepared for points of x's shape and element type.
    let compileSparseHessian (f: Tensor -> Tensor) (x: Tensor) : Tensor -> CsrMatrix = SparseDerivatives.prepared "compileSparseHessian" f true x.Spec
