/// The operations of neural networks.
module internal DiffLib.Core.Tests.NnLines

open System
open DiffLib

let private all = Between(-2.0, 2.0)
let private none = PerAxis()
let private plain = WindowPadding()
let private two (a: int) (b: int) : PerAxis = PerAxis.op_Implicit (struct (a, b))
let private every (a: int) : PerAxis = PerAxis.op_Implicit a
let private around (a: int) : WindowPadding = WindowPadding.op_Implicit a
let private sides (pairs: (int * int) list) : WindowPadding =
    WindowPadding.op_Implicit (pairs |> List.map (fun (a, b) -> struct (a, b)) |> Array.ofList)

/// A line for the operation of class Nn with the first word of the name.
let private nn (name: string) domains cases (call: Tensor[] -> Tensor) =
    lineOf [ $"Nn.{name.Split([| ' '; ',' |])[0]}" ] $"Nn.{name}" domains cases call

/// All inputs anywhere; the squares keep second derivatives from being zero.
let private smooth name (shapes: int list list) (call: Tensor[] -> Tensor) =
    nn name (shapes |> List.map (fun _ -> all)) [ shapes ] (fun xs -> call (xs |> Array.map (fun x -> x * x)))

let private direct name (shapes: int list list) (call: Tensor[] -> Tensor) = nn name (shapes |> List.map (fun _ -> all)) [ shapes ] call

let private convolutions: Line list =
    [ direct "Conv1D" [ [ 2; 2; 7 ]; [ 3; 2; 3 ]; [ 3 ] ] (fun x -> Nn.Conv1D(x[0], x[1], x[2], every 2, sides [ (1, 2) ], every 1, 1))
      direct "Conv2D" [ [ 2; 2; 5; 6 ]; [ 3; 2; 3; 2 ] ] (fun x -> Nn.Conv2D(x[0], x[1], null, every 1, around 1, every 1, 1))
      direct "Conv2D in groups, with steps" [ [ 1; 4; 6; 7 ]; [ 4; 2; 2; 3 ] ] (fun x -> Nn.Conv2D(x[0], x[1], null, two 2 3, around 2, two 2 1, 2))
      direct "Conv2D, depthwise" [ [ 1; 3; 4; 5 ]; [ 3; 1; 2; 2 ] ] (fun x -> Nn.Conv2D(x[0], x[1], null, none, WindowPadding.Same, none, 3))
      direct "Conv2D of points" [ [ 2; 3; 2; 2 ]; [ 2; 3; 1; 1 ] ] (fun x -> Nn.Conv2D(x[0], x[1], null, none, plain, none, 1))
      direct "Conv2D to a single position" [ [ 3; 2; 3; 3 ]; [ 4; 2; 3; 3 ] ] (fun x -> Nn.Conv2D(x[0], x[1], null, none, plain, none, 1))
      direct "Conv3D" [ [ 1; 2; 3; 4; 3 ]; [ 2; 2; 2; 2; 2 ] ] (fun x -> Nn.Conv3D(x[0], x[1], null, every 1, around 1, none, 1))
      direct "ConvTranspose1D" [ [ 1; 4; 4 ]; [ 4; 1; 3 ]; [ 2 ] ] (fun x ->
          Nn.ConvTranspose1D(x[0], x[1], x[2], every 2, around 1, every 1, none, 2))
      direct "ConvTranspose2D" [ [ 1; 2; 3; 3 ]; [ 2; 3; 2; 3 ] ] (fun x ->
          Nn.ConvTranspose2D(x[0], x[1], null, two 2 1, sides [ (0, 1); (1, 1) ], none, two 1 2, 1))
      direct "ConvTranspose3D" [ [ 1; 2; 2; 2; 2 ]; [ 2; 1; 2; 2; 2 ] ] (fun x -> Nn.ConvTranspose3D(x[0], x[1], null, every 2, plain, none, none, 1)) ]

let private first (struct (values: Tensor, _: Tensor)) = values

let private pooling: Line list =
    let largest name shape (call: Tensor -> Tensor) = nn name [ Distinct ] [ [ shape ] ] (fun x -> call (x[0] * x[0] * x[0]))

    [ largest "MaxPool1D" [ 2; 7 ] (fun x -> Nn.MaxPool1D(x, every 3, every 2, every 1, none, false))
      largest "MaxPool2D" [ 1; 2; 4; 5 ] (fun x -> Nn.MaxPool2D(x, two 2 3, two 2 1, two 1 0, none, true))
      largest "MaxPool3D" [ 1; 3; 3; 4 ] (fun x -> Nn.MaxPool3D(x, every 2, every 1, none, none, false))
      largest "MaxPool1DWithPlaces" [ 6 ] (fun x -> first (Nn.MaxPool1DWithPlaces(x, every 2, none, none, none, false)))
      largest "MaxPool2DWithPlaces" [ 4; 4 ] (fun x -> first (Nn.MaxPool2DWithPlaces(x, every 2, none, none, every 2, false)))
      largest "MaxPool3DWithPlaces" [ 2; 2; 4 ] (fun x -> first (Nn.MaxPool3DWithPlaces(x, every 2, none, none, none, false)))
      largest "AdaptiveMaxPool1D" [ 2; 7 ] (fun x -> first (Nn.AdaptiveMaxPool1D(x, every 3)))
      largest "AdaptiveMaxPool2D" [ 1; 5; 4 ] (fun x -> first (Nn.AdaptiveMaxPool2D(x, two 2 3)))
      largest "AdaptiveMaxPool3D" [ 3; 2; 3 ] (fun x -> first (Nn.AdaptiveMaxPool3D(x, every 2)))
      smooth "AvgPool1D" [ [ 2; 7 ] ] (fun x -> Nn.AvgPool1D(x[0], every 3, every 2, every 1, true, false, Nullable()))
      smooth "AvgPool2D" [ [ 2; 4; 5 ] ] (fun x -> Nn.AvgPool2D(x[0], two 2 3, none, two 1 1, false, true, Nullable()))
      smooth "AvgPool3D" [ [ 3; 3; 4 ] ] (fun x -> Nn.AvgPool3D(x[0], every 2, every 1, none, false, true, Nullable 3))
      nn "LpPool1D" [ Between(0.2, 2.0) ] [ [ [ 2; 6 ] ] ] (fun x -> Nn.LpPool1D(x[0], 2.0, every 2, none, false))
      nn "LpPool2D" [ Between(0.2, 2.0) ] [ [ [ 4; 5 ] ] ] (fun x -> Nn.LpPool2D(x[0], 3.0, every 2, none, true))
      nn "LpPool3D" [ Between(0.2, 2.0) ] [ [ [ 2; 2; 4 ] ] ] (fun x -> Nn.LpPool3D(x[0], 2.0, every 2, none, false))
      smooth "AdaptiveAvgPool1D" [ [ 2; 7 ] ] (fun x -> Nn.AdaptiveAvgPool1D(x[0], every 3))
      smooth "AdaptiveAvgPool2D" [ [ 5; 4 ] ] (fun x -> Nn.AdaptiveAvgPool2D(x[0], two 2 -1))
      smooth "AdaptiveAvgPool3D" [ [ 2; 2; 4 ] ] (fun x -> Nn.AdaptiveAvgPool3D(x[0], every 2))
      smooth "MaxUnpool" [ [ 2; 2 ] ] (fun x -> Nn.MaxUnpool(x[0], ints [ 2; 2 ] [ 0; 3; 5; 5 ], 6)) ]

let private normalization: Line list =
    [ direct "BatchNorm" [ [ 4; 2; 3 ]; [ 2 ]; [ 2 ] ] (fun x ->
          let struct (y, m, v) = Nn.BatchNorm(x[0], x[1], x[2], 0.1) in together [ y * y; m * m; v * v ])
      nn "BatchNorm by given statistics" [ all; all; Between(0.3, 2.0) ] [ [ [ 2; 3 ]; [ 3 ]; [ 3 ] ] ] (fun x ->
          Nn.BatchNorm(x[0] * x[0], x[1], x[2], x[1], null, 0.1))
      direct "BatchNormTraining" [ [ 4; 2 ] ] (fun x ->
          let zero = ints [ 2 ] [ 0; 0 ] |> fun t -> Tensor.Cast(t, x[0].DType)
          let struct (y, _, _) = Nn.BatchNormTraining(x[0], zero, zero + 1.0, null, null, 0.1, 0.1)
          y * y)
      direct "LayerNorm" [ [ 3; 4 ]; [ 4 ]; [ 4 ] ] (fun x -> Nn.LayerNorm(x[0], x[1], x[2], 1, 0.1) * x[0])
      direct "LayerNorm of two axes" [ [ 2; 3; 2 ] ] (fun x -> Nn.LayerNorm(x[0], null, null, 2, 0.1) * x[0])
      direct "GroupNorm" [ [ 2; 4; 3 ]; [ 4 ] ] (fun x -> Nn.GroupNorm(x[0], 2, x[1], null, 0.1) * x[0])
      direct "InstanceNorm" [ [ 2; 2; 4 ] ] (fun x -> Nn.InstanceNorm(x[0], null, null, 0.1) * x[0])
      direct "RmsNorm" [ [ 3; 4 ]; [ 4 ] ] (fun x -> Nn.RmsNorm(x[0], x[1], 1, 0.1))
      direct "LocalResponseNorm" [ [ 2; 4; 3 ] ] (fun x -> Nn.LocalResponseNorm(x[0], 3, 0.5, 0.75, 1.0))
      smooth "Dropout" [ [ 3; 4 ] ] (fun x -> Nn.Dropout(x[0], 0.4, RandomKey.FromSeed 5UL))
      smooth "ChannelDropout" [ [ 2; 3; 4 ] ] (fun x -> Nn.ChannelDropout(x[0], 0.4, RandomKey.FromSeed 5UL)) ]

let private weights (x: Tensor[]) = RecurrentWeights(x[0], x[1], x[2], x[3])

let private sequences: Line list =
    [ direct "Linear" [ [ 2; 3 ]; [ 4; 3 ]; [ 4 ] ] (fun x -> Nn.Linear(x[0], x[1], x[2]))
      direct "Glu" [ [ 2; 4 ] ] (fun x -> Nn.Glu(x[0], -1))
      direct "Bilinear" [ [ 2; 3 ]; [ 2; 2 ]; [ 4; 3; 2 ]; [ 4 ] ] (fun x -> Nn.Bilinear(x[0], x[1], x[2], x[3]))
      direct "Attention" [ [ 2; 3 ]; [ 4; 3 ]; [ 4; 2 ]; [ 2; 4 ] ] (fun x ->
          Nn.Attention(x[0], x[1], x[2], x[3], false, Nullable(), 0.0, Nullable()))
      direct "Attention, causal" [ [ 2; 3; 2 ] ] (fun x -> Nn.Attention(x[0], x[0], x[0], null, true, Nullable 0.7, 0.0, Nullable()))
      direct "MultiHeadAttention" [ [ 1; 2; 4 ]; [ 1; 3; 4 ]; [ 12; 4 ]; [ 4; 4 ]; [ 12 ]; [ 4 ] ] (fun x ->
          let struct (y, w) = Nn.MultiHeadAttention(x[0], x[1], x[1], x[2], x[3], 2, x[4], x[5], null, false, 0.0, Nullable())
          together [ y; w ])
      direct "RnnCell" [ [ 2; 3 ]; [ 2; 2 ]; [ 2; 3 ]; [ 2; 2 ]; [ 2 ]; [ 2 ] ] (fun x -> Nn.RnnCell(x[0], x[1], weights x[2..], false))
      direct "LstmCell" [ [ 2; 3 ]; [ 2; 2 ]; [ 2; 2 ]; [ 8; 3 ]; [ 8; 2 ]; [ 8 ]; [ 8 ] ] (fun x ->
          let struct (h, c) = Nn.LstmCell(x[0], x[1], x[2], weights x[3..])
          together [ h; c ])
      direct "GruCell" [ [ 2; 3 ]; [ 2; 2 ]; [ 6; 3 ]; [ 6; 2 ]; [ 6 ]; [ 6 ] ] (fun x -> Nn.GruCell(x[0], x[1], weights x[2..]))
      direct "Rnn" [ [ 3; 2; 2 ]; [ 2; 2; 2 ]; [ 2; 2 ]; [ 2; 2 ]; [ 2 ]; [ 2 ] ] (fun x ->
          let struct (y, h) = Nn.Rnn(x[0], x[1], [| weights x[2..]; weights x[2..] |], false, true, false)
          together [ y; h ])
      direct "Lstm" [ [ 2; 3; 2 ]; [ 1; 2; 2 ]; [ 1; 2; 2 ]; [ 8; 2 ]; [ 8; 2 ]; [ 8 ]; [ 8 ] ] (fun x ->
          let struct (y, h, c) = Nn.Lstm(x[0], x[1], x[2], [| weights x[3..] |], false, true)
          together [ y; h; c ])
      direct "Gru" [ [ 2; 2; 2 ]; [ 2; 2; 2 ]; [ 6; 2 ]; [ 6; 2 ]; [ 6 ]; [ 6 ] ] (fun x ->
          let struct (y, h) = Nn.Gru(x[0], x[1], [| weights x[2..]; weights x[2..] |], false, false)
          together [ y; h ])
      smooth "EmbeddingBag" [ [ 4; 3 ] ] (fun x -> Nn.EmbeddingBag(ints [ 2; 2 ] [ 2; 0; 2; 1 ], x[0], BagReduction.Mean, Nullable 1))
      smooth "EmbeddingBag by offsets" [ [ 4; 3 ] ] (fun x ->
          Nn.EmbeddingBag(ints [ 4 ] [ 2; 0; 2; 1 ], ints [ 3 ] [ 0; 3; 3 ], x[0], BagReduction.Sum, Nullable()))
      nn "EmbeddingBag, largest" [ Distinct ] [ [ [ 4; 3 ] ] ] (fun x ->
          Nn.EmbeddingBag(ints [ 2; 2 ] [ 2; 0; 3; 1 ], x[0] * x[0] * x[0], BagReduction.Max, Nullable()))
      nn "MultiMargin" [ Between(-0.4, 0.4) ] [ [ [ 2; 3 ] ] ] (fun x -> Nn.MultiMargin(x[0], ints [ 2 ] [ 2; 0 ], 2, 1.0, null, LossReduction.Mean))
      nn "MultiLabelMargin" [ Between(-0.4, 0.4) ] [ [ [ 2; 4 ] ] ] (fun x ->
          Nn.MultiLabelMargin(x[0] * x[0], ints [ 2; 4 ] [ 3; 0; -1; 1; 2; -1; 0; 0 ], LossReduction.Sum))
      nn "MultiLabelSoftMargin" [ all; Between(0.1, 0.9) ] [ [ [ 2; 3 ]; [ 2; 3 ] ] ] (fun x ->
          Nn.MultiLabelSoftMargin(x[0], x[1], null, LossReduction.Mean))
      direct "Ctc" [ [ 4; 2; 3 ] ] (fun x ->
          Nn.Ctc(Reducing.LogSoftmax(x[0], 2), ints [ 2; 2 ] [ 1; 1; 2; 0 ], ints [ 2 ] [ 4; 3 ], ints [ 2 ] [ 2; 1 ], 0, false, LossReduction.Mean))
      direct "PairDistances" [ [ 4; 3 ] ] (fun x -> Nn.PairDistances(x[0], 2.0)) ]

let private resampling: Line list =
    [ smooth "Resize" [ [ 1; 2; 5 ] ] (fun x -> Nn.Resize(x[0], [| 7 |], ResampleMode.Linear, false))
      smooth "Resize by cubics" [ [ 1; 1; 3; 4 ] ] (fun x -> Nn.Resize(x[0], [| 5; 3 |], ResampleMode.Cubic, true))
      smooth "Resize by areas" [ [ 1; 1; 5; 4 ] ] (fun x -> Nn.Resize(x[0], [| 2; 3 |], ResampleMode.Area, false))
      smooth "Rescale" [ [ 1; 2; 3; 3 ] ] (fun x -> Nn.Rescale(x[0], [| 1.7 |], ResampleMode.Nearest, false))
      nn "GridSample" [ all; Between(-0.3, -0.2) ] [ [ [ 1; 2; 3; 3 ]; [ 1; 2; 2; 2 ] ] ] (fun x ->
          Nn.GridSample(x[0], x[1], ResampleMode.Linear, GridPadding.Zeros, true))
      nn "GridSample, reflecting" [ all; Between(1.3, 1.5) ] [ [ [ 1; 1; 4; 4 ]; [ 1; 1; 2; 2 ] ] ] (fun x ->
          Nn.GridSample(x[0], x[1], ResampleMode.Linear, GridPadding.Reflection, false))
      smooth "PixelShuffle" [ [ 1; 4; 2; 3 ] ] (fun x -> Nn.PixelShuffle(x[0], 2))
      smooth "PixelUnshuffle" [ [ 1; 1; 4; 6 ] ] (fun x -> Nn.PixelUnshuffle(x[0], 2)) ]

let lines: Line list = convolutions @ pooling @ normalization @ sequences @ resampling
