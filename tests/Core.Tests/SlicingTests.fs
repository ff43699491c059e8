/// Slicing as F# writes it.
module DiffLib.Core.Tests.SlicingTests

open DiffLib
open DiffLib.FSharp
open FsCheck.Xunit
open global.Xunit

/// 0, 1, 2, ... in a shape, and the same as an F# array.
let private counting (shape: int[]) : Tensor = Creation.OfSpan(System.ReadOnlySpan(Array.init (Array.fold (*) 1 shape) float), Shape shape)

let private elements (x: Tensor) : float[] = x.Value.ToArray<float>()

[<Property>]
let ``a slice of a vector is the slice of the array`` (start: int) (stop: int) =
    let array = [| 0.0 .. 9.0 |]
    let x = counting [| 10 |]
    Assert.Equal<float>(array[start..stop], elements x[start..stop])
    Assert.Equal<float>(array[start..], elements x[start..])
    Assert.Equal<float>(array[..stop], elements x[..stop])
    Assert.Equal<float>(array, elements x[*])

[<Property>]
let ``a slice of a matrix is the slice of the 2D array`` (a: int) (b: int) (c: int) (d: int) =
    let array = Array2D.init 4 5 (fun i j -> float (5 * i + j))
    let flat (m: float[,]) =
        [| for i in 0 .. m.GetLength 0 - 1 do
               for j in 0 .. m.GetLength 1 - 1 do
                   m[i, j] |]
    let x = counting [| 4; 5 |]
    Assert.Equal<float>(flat array[a..b, c..d], elements x[a..b, c..d])
    Assert.Equal<float>(flat array[*, c..], elements x[*, c..])
    Assert.Equal<float>(flat array[..b, *], elements x[..b, *])

[<Fact>]
let ``positions and ranges mix`` () =
    let x = counting [| 2; 3; 4 |]
    Assert.Equal<float>([| 12.0; 13.0; 14.0; 15.0 |], elements x[1, 0, *])
    Assert.Equal<float>([| 5.0; 17.0 |], elements x[*, 1, 1])
    Assert.Equal<float>([| 1.0; 2.0; 5.0; 6.0 |], elements x[0, 0..1, 1..2])
    Assert.Equal<int>([| 2; 4 |], x[*, -1, *].Shape.ToArray())

    let y = counting [| 2; 3; 4; 5 |]
    Assert.Equal<int>([| 2; 2; 5 |], y[0..1, 1, 1..2, *].Shape.ToArray())
    Assert.Equal(60.0 + 20.0 + 5.0, y[1, 1, 1, 0..0].ToDouble())

[<Fact>]
let ``a position outside is an error, and a range outside is empty`` () =
    let x = counting [| 3; 2 |]
    Assert.Throws<System.ArgumentOutOfRangeException>(fun () -> x[3, *] |> ignore) |> ignore
    Assert.Equal<int>([| 0; 2 |], x[5..7, *].Shape.ToArray())

[<Fact>]
let ``the gradient of a slice lands in its place`` () =
    let x = counting [| 2; 3 |]
    let pulled = Recording.Of((fun xs -> [| xs[0][*, 1..2] |]), [| x |])
    let w = Creation.OfSpan(System.ReadOnlySpan [| 1.0; 2.0; 3.0; 4.0 |], Shape [| 2; 2 |])

    match pulled.Pull [| ValueSome w |] with
    | [| ValueSome g |] -> Assert.Equal<float>([| 0.0; 1.0; 2.0; 0.0; 3.0; 4.0 |], elements g)
    | _ -> Assert.Fail "no gradient"
