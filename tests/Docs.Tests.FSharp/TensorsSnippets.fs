/// The code blocks of docs/tensors.md.
module DiffLib.Docs.Tests.FSharp.TensorsSnippets

open System
open DiffLib
open DiffLib.FSharp
open MathNet.Numerics.LinearAlgebra
open Xunit

[<Fact>]
let ``creation`` () =
    // #region tensors-create
    let number = scalar 2.5
    let vector = tensor [ 1.0; 2.0; 3.0 ]
    let matrix = tensor [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ]
    let single = tensor [ 1.0f; 2.0f; 3.0f; 4.0f; 5.0f; 6.0f ] |> reshape [ 2; 3 ] // float32, [2, 3]
    let nothing, one, identity = zeros [ 2; 3 ], ones [ 4 ], eye 3
    let steps, points = arange 0.0 1.0 0.25, linspace 0.0 1.0 5
    let classes = tensor [ 2; 0 ] |> oneHot 3
    // #endregion
    Assert.Equal<int list>([ 0; 1; 2 ], [ number.Rank; vector.Rank; matrix.Rank ])
    Assert.Equal(DType.Float32, single.DType)
    nothing |> Expect.equal [ 2; 3 ] (List.replicate 6 0.0)
    one |> Expect.equal [ 4 ] [ 1.0; 1.0; 1.0; 1.0 ]
    identity |> trace |> Expect.number 3.0
    steps |> Expect.equal [ 4 ] [ 0.0; 0.25; 0.5; 0.75 ]
    points |> Expect.equal [ 5 ] [ 0.0; 0.25; 0.5; 0.75; 1.0 ]
    classes |> Expect.equal [ 2; 3 ] [ 0.0; 0.0; 1.0; 1.0; 0.0; 0.0 ]

[<Fact>]
let ``indexing`` () =
    // #region tensors-index
    let x = arange 0.0 12.0 1.0 |> reshape [ 3; 4 ]
    let element = x[1, 2] // 6
    let row = x[-1] // [8, 9, 10, 11]
    let column = x[*, 0] // [0, 4, 8]
    let block = x[1.., 1..2] // [[5, 6], [9, 10]]: F# includes both ends
    let everySecond = x[TensorIndex.Ellipsis, TensorIndex.Step(Nullable(), Nullable(), 2)]
    let picked = x |> indexSelect 0 (tensor [ 2; 0 ]) // rows 2 and 0
    let large = x |> maskedSelect (x .> 9.0) // [10, 11]
    let changed = x |> maskedFill (x .> 9.0) -1.0 // another tensor; x stays
    // #endregion
    element |> Expect.number 6.0
    row |> Expect.equal [ 4 ] [ 8.0; 9.0; 10.0; 11.0 ]
    column |> Expect.equal [ 3 ] [ 0.0; 4.0; 8.0 ]
    block |> Expect.equal [ 2; 2 ] [ 5.0; 6.0; 9.0; 10.0 ]
    everySecond |> Expect.equal [ 3; 2 ] [ 0.0; 2.0; 4.0; 6.0; 8.0; 10.0 ]
    picked |> Expect.equal [ 2; 4 ] [ 8.0; 9.0; 10.0; 11.0; 0.0; 1.0; 2.0; 3.0 ]
    large |> Expect.equal [ 2 ] [ 10.0; 11.0 ]
    changed[2] |> Expect.equal [ 4 ] [ 8.0; 9.0; -1.0; -1.0 ]
    x[2] |> Expect.equal [ 4 ] [ 8.0; 9.0; 10.0; 11.0 ]

[<Fact>]
let ``broadcasting`` () =
    // #region tensors-broadcast
    let table = arange 0.0 6.0 1.0 |> reshape [ 2; 3 ]
    let centred = table - meanAxis 0 table // [2, 3] - [3]
    let shares = table / sumKeep [ 1 ] table // [2, 3] / [2, 1]
    let gradient = grad (fun bias -> table + bias |> sum) (zeros [ 3 ]) // [2, 2, 2]: summed over what was repeated
    // #endregion
    centred |> Expect.equal [ 2; 3 ] [ -1.5; -1.5; -1.5; 1.5; 1.5; 1.5 ]
    shares |> Expect.equal [ 2; 3 ] [ 0.0; 1.0 / 3.0; 2.0 / 3.0; 0.25; 1.0 / 3.0; 5.0 / 12.0 ]
    gradient |> Expect.equal [ 3 ] [ 2.0; 2.0; 2.0 ]

[<Fact>]
let ``reductions and shapes`` () =
    // #region tensors-shape
    let x = arange 0.0 6.0 1.0 |> reshape [ 2; -1 ] // [2, 3]
    let turned = transpose x // [3, 2]
    let stacked = stack 0 [ x; 10.0 * x ] // [2, 2, 3]
    let joined = concat 1 [ x; x ] // [2, 6]
    let halves = joined |> split 3 1
    let shares = x |> softmax -1
    let largest, places = x |> topK 2 1 // [[2, 1], [5, 4]] and where they stood
    // #endregion
    Assert.Equal<int list>([ 3; 2 ], shapeOf turned)
    Assert.Equal<int list>([ 2; 2; 3 ], shapeOf stacked)
    halves[1] |> Expect.equal [ 2; 3 ] [ 0.0; 1.0; 2.0; 3.0; 4.0; 5.0 ]
    sumAxis 1 shares |> Expect.equal [ 2 ] [ 1.0; 1.0 ]
    largest |> Expect.equal [ 2; 2 ] [ 2.0; 1.0; 5.0; 4.0 ]
    places |> Expect.equal [ 2; 2 ] [ 2.0; 1.0; 2.0; 1.0 ]

[<Fact>]
let ``conversion`` () =
    let x = tensor [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ]
    // #region tensors-convert
    let trace = float (x[0, 0] + x[1, 1])
    let flat = toArray x
    let rows = toArray2D x
    let matrix: Matrix<float> = x.ToMatrix()
    let single = cast DType.Float32 x // the derivative passes
    // #endregion
    Assert.Equal(5.0, trace)
    Assert.Equal<float[]>([| 1.0; 2.0; 3.0; 4.0 |], flat)
    Assert.Equal(3.0, rows[1, 0])
    Assert.Equal(2.0, matrix[0, 1])
    Assert.Equal(DType.Float32, single.DType)

[<Fact>]
let ``printing`` () =
    // #region tensors-print
    let x = tensor [ [ 1.0; -2.5 ]; [ 10.0; 0.125 ] ]
    let text = string x
    // #endregion
    Assert.Equal("[[ 1.000, -2.500],\n [10.000,  0.125]]", text)
