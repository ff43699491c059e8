/// The code blocks of docs/random.md.
module DiffLib.Docs.Tests.FSharp.RandomSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

[<Fact>]
let ``keys`` () =
    // #region random-keys
    let key = randomKey 42
    let weights, noise = splitKey key
    let w = randomNormal [ 3; 2 ] weights
    let again = randomNormal [ 3; 2 ] weights // the same numbers
    let other = randomNormal [ 3; 2 ] noise // others
    let ofStep7 = noise.Fold 7UL // a key for each step of a loop
    // #endregion
    Assert.Equal<float[]>(toArray w, toArray again)
    Assert.NotEqual<float[]>(toArray w, toArray other)
    Assert.NotEqual(noise, ofStep7)

[<Fact>]
let ``derivatives through samples`` () =
    // #region random-gradient
    let noise = randomNormal [ 1000 ] (randomKey 1)
    let meanSquare (location: Tensor, scale: Tensor) = location + scale * noise |> square |> mean

    let byLocation, byScale = gradient meanSquare (scalar 0.5, scalar 2.0) // near 1 and 4
    // #endregion
    Assert.Equal(1.0, float byLocation, 0.3)
    Assert.Equal(4.0, float byScale, 0.6)
