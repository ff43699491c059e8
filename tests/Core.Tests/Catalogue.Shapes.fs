/// Shapes, joining and splitting, indexing, order: linear, or linear once the positions are known.
module internal DiffLib.Core.Tests.ShapeLines

open System
open DiffLib

type private S = TensorShaping
type private J = TensorJoining
type private I = TensorIndexing
type private O = TensorSorting

let private all = Between(-2.0, 2.0)

/// One input; the square keeps the second derivative from being zero.
let private one name (shapes: int list list) (call: Tensor -> Tensor) =
    line name [ all ] (shapes |> List.map List.singleton) (fun xs -> call (xs[0] * xs[0]))

let private several name (shapes: int list list) (call: Tensor[] -> Tensor) =
    line name (shapes |> List.map (fun _ -> all)) [ shapes ] (fun xs -> call (xs |> Array.map (fun x -> x * x)))

/// Every element of the parts with a weight of its own, so that none may take another's place.
let private parts (ys: Tensor[]) = together (List.ofArray (ys |> Array.mapi (fun i y -> (1.0 + float i) * y)))

let private at (i: int) : TensorIndex = TensorIndex.op_Implicit i
let private range (a: int) (b: int) : TensorIndex = TensorIndex.op_Implicit (Range(Index a, Index b))
let private step (a: int) (b: int) (by: int) = TensorIndex.Step(Nullable a, Nullable b, by)
let private backwards = TensorIndex.Step(Nullable(), Nullable(), -1)

let private shapes: Line list =
    [ one "Reshape" [ [ 2; 6 ]; [ 0; 3 ]; [ 6 ] ] (fun x -> S.Reshape(x, 3, -1 + min 0 x.Count))
      one "Flatten" [ [ 2; 3; 2 ]; [ 3 ]; [ 0; 2 ] ] (fun x -> S.Flatten x)
      one "Flatten in part" [ [ 2; 3; 2 ] ] (fun x -> S.Flatten(x, 1, 2))
      one "Ravel" [ [ 2; 3 ]; [] ] S.Ravel
      one "Unflatten" [ [ 2; 6 ] ] (fun x -> S.Unflatten(x, 1, 2, 3))
      one "ExpandDims" [ [ 2; 3 ]; [ 0; 3 ] ] (fun x -> S.ExpandDims(x, 0, -1))
      one "Squeeze" [ [ 1; 3; 1 ] ] (fun x -> S.Squeeze(x, 0))
      one "T" [ [ 2; 3 ] ] S.get_T
      one "MT" [ [ 2; 3; 2 ] ] S.get_MT
      one "Transpose" [ [ 2; 3; 4 ]; [] ] S.Transpose
      one "Permute" [ [ 2; 3; 4 ]; [ 2; 0; 4 ] ] (fun x -> S.Permute(x, 1, 2, 0))
      one "SwapAxes" [ [ 2; 3; 4 ] ] (fun x -> S.SwapAxes(x, 0, 2))
      one "MoveAxis" [ [ 2; 3; 4 ] ] (fun x -> S.MoveAxis(x, 0, 2))
      one "MoveAxis, several" [ [ 2; 3; 4 ] ] (fun x -> S.MoveAxis(x, [| 0; 2 |], [| 1; 0 |]))
      one "BroadcastTo" [ [ 3 ]; [ 1; 3 ]; [ 1 ]; [] ] (fun x -> S.BroadcastTo(x, 2, 3))
      one "SumToSize" [ [ 2; 3 ]; [ 4; 2; 3 ] ] (fun x -> S.SumToSize(x, 2, 1))
      one "Narrow" [ [ 4; 3 ] ] (fun x -> S.Narrow(x, 0, 1, 2))
      one "Select" [ [ 4; 3 ] ] (fun x -> S.Select(x, 1, -1))
      one "Flip" [ [ 3; 2; 3 ] ] (fun x -> S.Flip(x, 0, 2))
      one "Rot90" [ [ 2; 3 ] ] (fun x -> S.Rot90 x)
      one "Rot90 backwards" [ [ 2; 3 ] ] (fun x -> S.Rot90(x, -1))
      one "Roll" [ [ 2; 5 ]; [ 2; 0 ] ] (fun x -> S.Roll(x, 2, 1))
      one "Roll everything" [ [ 2; 3 ] ] (fun x -> S.Roll(x, 2))
      one "Roll along axes" [ [ 2; 5 ] ] (fun x -> S.Roll(x, [| 1; -2 |], [| 0; 1 |]))
      one "Diag of a vector" [ [ 3 ] ] (fun x -> S.Diag(x, 1))
      one "Diag of a matrix" [ [ 3; 4 ] ] (fun x -> S.Diag(x, 1))
      one "Diagonal" [ [ 2; 3; 4 ] ] (fun x -> S.Diagonal(x, -1, 1, 2))
      one "DiagEmbed" [ [ 2; 3 ] ] (fun x -> S.DiagEmbed(x, 1, 0, 2))
      one "Tril" [ [ 2; 3; 4 ] ] (fun x -> S.Tril(x, 1))
      one "Triu" [ [ 2; 3; 4 ] ] (fun x -> S.Triu x)
      one "Unfold" [ [ 2; 7 ] ] (fun x -> S.Unfold(x, 1, 3, 2))
      one "Unfold with gaps" [ [ 2; 7 ] ] (fun x -> S.Unfold(x, 1, 3, 1, 2))
      one "Tile" [ [ 2; 3 ]; [ 3 ]; [] ] (fun x -> S.Tile(x, 2, 2))
      one "RepeatInterleave" [ [ 2; 3 ] ] (fun x -> S.RepeatInterleave(x, 2, 1))
      one "RepeatInterleave by counts" [ [ 2; 3 ] ] (fun x -> S.RepeatInterleave(x, [| 2; 0; 3 |], 1))
      one "Pad by a constant" [ [ 2; 3 ]; [ 0; 3 ] ] (fun x -> S.Pad(x, [| struct (1, 0); struct (0, 2) |], PadMode.Constant, 1.5))
      one "Pad, cutting" [ [ 3; 3 ] ] (fun x -> S.Pad(x, [| struct (-1, 1); struct (1, -1) |]))
      one "Pad by reflection" [ [ 3; 4 ] ] (fun x -> S.Pad(x, [| struct (1, 2); struct (0, 3) |], PadMode.Reflect))
      one "Pad by the edge" [ [ 2; 3 ] ] (fun x -> S.Pad(x, [| struct (1, 2); struct (0, 3) |], PadMode.Replicate))
      one "Pad round and round" [ [ 2; 3 ] ] (fun x -> S.Pad(x, [| struct (1, 2); struct (0, 3) |], PadMode.Circular))
      one "AtLeast1D" [ [] ] S.AtLeast1D
      one "AtLeast2D" [ [ 3 ] ] S.AtLeast2D
      one "AtLeast3D" [ [ 3 ]; [ 2; 3 ] ] S.AtLeast3D
      several "SliceScatter by a sum of placed blocks" [ [ 3; 2 ]; [ 2; 2 ]; [ 1; 4 ] ] (fun xs ->
          // rows 1 to 3 from column 1, every other row and column backwards, a row
          let rule = PlaceSumRule([| 1; 1; 0; 3; 2; 0 |], [| 1; 1; 2; -2; 1; 1 |], Shape [| 4; 4 |])
          Tensor.Apply(rule, xs)[0])
      several "DiagonalScatter" [ [ 3; 4 ]; [ 3 ] ] (fun x -> S.DiagonalScatter(x[0], x[1], 1))
      several "SelectScatter" [ [ 3; 4 ]; [ 3 ] ] (fun x -> S.SelectScatter(x[0], x[1], 1, 2))
      several "SliceScatter" [ [ 5; 2 ]; [ 2; 2 ] ] (fun x -> S.SliceScatter(x[0], x[1], 0, 1, Nullable(), 2)) ]

let private joining: Line list =
    [ several "Concat" [ [ 2; 3 ]; [ 1; 3 ] ] (fun x -> J.Concat x)
      several "Concat along an axis" [ [ 2; 3 ]; [ 2; 0 ]; [ 2; 2 ] ] (fun x -> J.Concat(x, -1))
      several "Stack" [ [ 2; 3 ]; [ 2; 3 ] ] (fun x -> J.Stack x)
      several "Stack along an axis" [ [ 2; 3 ]; [ 2; 3 ]; [ 2; 3 ] ] (fun x -> J.Stack(x, 1))
      several "HStack" [ [ 2; 3 ]; [ 2; 1 ] ] (fun x -> J.HStack x)
      several "VStack" [ [ 3 ]; [ 2; 3 ] ] (fun x -> J.VStack x)
      several "DStack" [ [ 2; 3 ]; [ 2; 3 ] ] (fun x -> J.DStack x)
      several "ColumnStack" [ [ 2 ]; [ 2; 3 ] ] (fun x -> J.ColumnStack x)
      several "BroadcastTensors" [ [ 2; 1 ]; [ 3 ] ] (fun x -> parts (J.BroadcastTensors x))
      several "MeshGrid" [ [ 2 ]; [ 3 ] ] (fun x -> parts (J.MeshGrid x))
      several "MeshGrid in order xy" [ [ 2 ]; [ 3 ] ] (fun x -> parts (J.MeshGrid(x, true)))
      several "CartesianProd" [ [ 2 ]; [ 3 ] ] (fun x -> J.CartesianProd x)
      one "Combinations" [ [ 4 ] ] (fun x -> J.Combinations x)
      one "Combinations with replacement" [ [ 3 ] ] (fun x -> J.Combinations(x, 2, true))
      several "BlockDiag" [ [ 2; 1 ]; [ 3 ]; [] ] (fun x -> J.BlockDiag x)
      one "Im2Col" [ [ 1; 2; 4; 4 ] ] (fun x -> J.Im2Col(x, [| 2; 2 |], [| 1; 2 |], [| 1; 0 |], [| 2; 1 |]))
      one "Col2Im" [ [ 1; 8; 4 ] ] (fun x -> J.Col2Im(x, [| 3; 3 |], [| 2; 2 |]))
      one "Split" [ [ 5; 2 ] ] (fun x -> parts (J.Split(x, 2)))
      one "Split by sizes" [ [ 5; 2 ] ] (fun x -> parts (J.Split(x, [| 1; 4 |])))
      one "Chunk" [ [ 5; 2 ] ] (fun x -> parts (J.Chunk(x, 2)))
      one "TensorSplit" [ [ 5; 2 ] ] (fun x -> parts (J.TensorSplit(x, 3)))
      one "TensorSplit at positions" [ [ 5; 2 ] ] (fun x -> parts (J.TensorSplit(x, [| 1; 3 |])))
      one "Unbind" [ [ 2; 3 ] ] (fun x -> parts (J.Unbind(x, 1))) ]

let private indexing: Line list =
    [ lineOf [ "get_Item" ] "Index by position" [ all ] [ [ [ 3; 4 ] ] ] (fun x -> (x[0] * x[0]).Item(at 1))
      lineOf [ "get_Item" ] "Index by ranges" [ all ] [ [ [ 4; 5 ] ] ] (fun x -> (x[0] * x[0]).Item(range 1 3, step 0 5 2))
      lineOf [ "get_Item" ] "Index backwards" [ all ] [ [ [ 4; 5 ] ] ] (fun x -> (x[0] * x[0]).Item(backwards, backwards))
      lineOf [ "get_Item" ] "Index by positions" [ all ] [ [ [ 4; 3 ] ] ] (fun x -> (x[0] * x[0]).Item(TensorIndex.op_Implicit [| 2; 0; 2 |]))
      lineOf [ "get_Item" ] "Index by two tensors" [ all ] [ [ [ 4; 3; 2 ] ] ] (fun x ->
          (x[0] * x[0]).Item(TensorIndex.op_Implicit (ints [ 2; 1 ] [ 2; 0 ]), TensorIndex.op_Implicit (ints [ 2 ] [ 1; 1 ])))
      lineOf [ "get_Item" ] "Index by a mask" [ all ] [ [ [ 2; 3 ] ] ] (fun x ->
          (x[0] * x[0]).Item(TensorIndex.op_Implicit (mask [ 2; 3 ] [ 1; 0; 1; 0; 0; 1 ])))
      one "Gather" [ [ 3; 2 ] ] (fun x -> I.Gather(x, 0, ints [ 2; 2 ] [ 2; 0; 2; 1 ]))
      one "TakeAlongAxis" [ [ 3; 2 ] ] (fun x -> I.TakeAlongAxis(x, ints [ 2; 2 ] [ 2; 0; 2; 1 ], 0))
      one "IndexSelect" [ [ 3; 2 ] ] (fun x -> I.IndexSelect(x, 0, ints [ 4 ] [ 2; 0; 2; 1 ]))
      one "Take" [ [ 3; 2 ] ] (fun x -> I.Take(x, ints [ 2; 2 ] [ 5; 0; 5; -1 ]))
      several "Put" [ [ 3; 2 ]; [ 3 ] ] (fun x -> I.Put(x[0], ints [ 3 ] [ 5; 0; 2 ], x[1]))
      several "Put, adding" [ [ 3; 2 ]; [ 3 ] ] (fun x -> I.Put(x[0], ints [ 3 ] [ 5; 0; 5 ], x[1], true))
      one "MaskedSelect" [ [ 2; 3 ] ] (fun x -> I.MaskedSelect(x, mask [ 2; 3 ] [ 1; 0; 1; 0; 0; 1 ]))
      several "MaskedFill" [ [ 2; 3 ]; [] ] (fun x -> I.MaskedFill(x[0], mask [ 3 ] [ 1; 0; 1 ], x[1]))
      several "MaskedScatter" [ [ 2; 3 ]; [ 4 ] ] (fun x -> I.MaskedScatter(x[0], mask [ 2; 3 ] [ 1; 0; 1; 0; 0; 1 ], x[1]))
      several "Scatter" [ [ 3; 2 ]; [ 2; 2 ] ] (fun x -> I.Scatter(x[0], 0, ints [ 2; 2 ] [ 2; 0; 0; 1 ], x[1]))
      several "Scatter, twice into one place" [ [ 3 ]; [ 4 ] ] (fun x -> I.Scatter(x[0], 0, ints [ 4 ] [ 2; 0; 2; 2 ], x[1]))
      several "ScatterAdd" [ [ 3; 2 ]; [ 2; 2 ] ] (fun x -> I.ScatterAdd(x[0], 0, ints [ 2; 2 ] [ 2; 0; 2; 1 ], x[1]))
      several "ScatterReduce by sum" [ [ 3 ]; [ 4 ] ] (fun x ->
          I.ScatterReduce(x[0], 0, ints [ 4 ] [ 2; 0; 2; 2 ], x[1], ScatterReduction.Sum, false))
      several "ScatterReduce by mean" [ [ 3 ]; [ 4 ] ] (fun x -> I.ScatterReduce(x[0], 0, ints [ 4 ] [ 2; 0; 2; 2 ], x[1], ScatterReduction.Mean))
      several "ScatterReduce by product" [ [ 3 ]; [ 5 ] ] (fun x ->
          I.ScatterReduce(x[0], 0, ints [ 5 ] [ 2; 0; 2; 2; 0 ], x[1], ScatterReduction.Product))
      line "ScatterReduce by maximum" [ Distinct; Between(-0.05, 0.05) ] [ [ [ 3 ]; [ 4 ] ] ] (fun x ->
          let spread = x[1] + Points.tensor x[1].DType [| 4 |] [| 0.3; -0.6; 0.9; 0.0 |]
          I.ScatterReduce(x[0], 0, ints [ 4 ] [ 2; 0; 2; 2 ], spread, ScatterReduction.Maximum) * x[0])
      line "ScatterReduce by minimum" [ Distinct; Between(-0.05, 0.05) ] [ [ [ 3 ]; [ 4 ] ] ] (fun x ->
          let spread = x[1] + Points.tensor x[1].DType [| 4 |] [| 0.3; -0.6; 0.9; 0.0 |]
          I.ScatterReduce(x[0], 0, ints [ 4 ] [ 2; 0; 2; 2 ], spread, ScatterReduction.Minimum, false) * x[0])
      several "IndexAdd" [ [ 3; 2 ]; [ 4; 2 ] ] (fun x -> I.IndexAdd(x[0], 0, ints [ 4 ] [ 2; 0; 2; 1 ], x[1], 1.5))
      several "IndexCopy" [ [ 3; 2 ]; [ 2; 2 ] ] (fun x -> I.IndexCopy(x[0], 0, ints [ 2 ] [ 2; 0 ], x[1]))
      several "IndexFill" [ [ 3; 2 ]; [] ] (fun x -> I.IndexFill(x[0], 0, ints [ 2 ] [ 2; 0 ], x[1]))
      several "IndexReduce" [ [ 3; 2 ]; [ 3; 2 ] ] (fun x -> I.IndexReduce(x[0], 0, ints [ 3 ] [ 2; 0; 2 ], x[1], ScatterReduction.Product))
      several "Set" [ [ 4; 3 ]; [ 2; 3 ] ] (fun x -> I.Set(x[0], x[1], step 0 4 2))
      several "Set, broadcast" [ [ 4; 3 ]; [ 3 ] ] (fun x -> I.Set(x[0], x[1], range 1 3))
      several "Set at positions" [ [ 4; 3 ]; [ 3 ] ] (fun x -> I.Set(x[0], x[1], TensorIndex.op_Implicit [| 2; 0 |]))
      several "AddAt" [ [ 4; 3 ]; [ 2; 3 ] ] (fun x -> I.AddAt(x[0], x[1], step 0 4 2))
      several "AddAt positions that repeat" [ [ 4; 3 ]; [ 3; 3 ] ] (fun x -> I.AddAt(x[0], x[1], TensorIndex.op_Implicit [| 2; 0; 2 |])) ]

let private windows: Line list =
    [ lineOf [ "Embedding" ] "Embedding" [ all ] [ [ [ 4; 3 ] ] ] (fun x -> TensorWindows.Embedding(ints [ 2; 2 ] [ 2; 0; 2; 1 ], x[0] * x[0]))
      line "MaxPool2D" [ Distinct ] [ [ [ 1; 2; 4; 4 ] ] ] (fun x -> TensorWindows.MaxPool2D(x[0] * x[0] * x[0], struct (2, 2)))
      line "MaxPool2D, overlapping" [ Distinct ] [ [ [ 1; 1; 4; 5 ] ] ] (fun x ->
          TensorWindows.MaxPool2D(x[0] * x[0] * x[0], struct (3, 2), struct (1, 2), struct (1, 0))) ]

let private order: Line list =
    let line name shape (call: Tensor -> Tensor) = line name [ Distinct ] [ [ shape ] ] (fun xs -> call xs[0] * call xs[0])

    [ line "Sort" [ 2; 5 ] (fun x -> let struct (v, _) = O.Sort x in v)
      line "Sort, descending" [ 5; 2 ] (fun x -> let struct (v, _) = O.Sort(x, 0, true) in v)
      line "MSort" [ 5; 2 ] O.MSort
      line "TopK" [ 2; 5 ] (fun x -> let struct (v, _) = O.TopK(x, 2) in v)
      line "TopK, smallest" [ 5; 2 ] (fun x -> let struct (v, _) = O.TopK(x, 3, 0, false) in v)
      line "Unique" [ 5 ] (fun x -> let struct (v, _, _) = O.Unique x in v)
      line "Unique rows" [ 4; 2 ] (fun x -> let struct (v, _, _) = O.Unique(x, 0) in v) ]

let lines: Line list = shapes @ joining @ indexing @ windows @ order
