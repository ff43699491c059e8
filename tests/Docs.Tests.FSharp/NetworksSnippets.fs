/// The code blocks of docs/networks.md.
module DiffLib.Docs.Tests.FSharp.NetworksSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``convolution`` () =
    // #region networks-convolution
    let images = randomNormal [ 2; 3; 8; 8 ] (randomKey 1)
    let kernel = randomNormal [ 4; 3; 3; 3 ] (randomKey 2)
    let half = conv2d 2 1 kernel images // [2; 4; 4; 4]
    let back = convTranspose2d 2 1 kernel half // [2; 3; 7; 7]
    let slope = gradient (fun k -> conv2d 1 1 k images |> square |> sum) kernel
    // #endregion
    Assert.Equal<int list>([ 2; 3; 7; 7 ], List.ofSeq back.Shape)
    let value = conv2d 1 1 kernel images |> square |> sum
    Assert.Equal(2.0 * float value, float (sum (slope * kernel)), 1e-6)

[<Fact>]
let ``normalisation`` () =
    // #region networks-statistics
    let batch = 2.0 + randomNormal [ 16; 5 ] (randomKey 3)
    let y, mean, variance = batchNorm 1e-5 batch
    // #endregion
    Assert.Equal(0.0, float (sum y), 1e-10)
    Assert.Equal(5, mean.Count)
    Assert.Equal(5, variance.Count)

[<Fact>]
let ``attention`` () =
    // #region networks-attention
    let tokens = randomNormal [ 2; 6; 8 ] (randomKey 4)
    let seen = causalAttention tokens tokens tokens // [2; 6; 8]
    // #endregion
    Assert.Equal<int list>(List.ofSeq tokens.Shape, List.ofSeq seen.Shape)
