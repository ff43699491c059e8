/// Short assertions about tensors.
module DiffLib.Docs.Tests.FSharp.Expect

open System
open DiffLib
open DiffLib.FSharp
open Xunit

/// The elements, row-major, within a tolerance relative to the larger of 1 and their size.
let elements (tolerance: float) (expected: float list) (actual: Tensor) =
    let got = toArray actual
    Assert.Equal(expected.Length, got.Length)
    List.iteri (fun k (e: float) -> Assert.Equal(e, got[k], tolerance * Math.Max(1.0, abs e))) expected

/// The shape, then the elements to twelve digits.
let equal (shape: int list) (expected: float list) (actual: Tensor) =
    Assert.Equal<int list>(shape, shapeOf actual)
    elements 1e-12 expected actual

/// One number, to twelve digits.
let number (expected: float) (actual: Tensor) = elements 1e-12 [ expected ] actual
