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
let ``compiled`` () =
    // #region random-compiled
    let loss (key: RandomKey) (w: Tensor) = tanh w |> dropout 0.5 key |> square |> sum

    let step =
        compile2 (fun (w: Tensor) (key: RandomKey) ->
            let now, next = splitKey key
            w - 0.1 * grad (loss now) w, next)

    // traced once; another mask at every step
    let w, key = Seq.fold (fun (w, key) _ -> step w key) (linspace 0.0 1.0 100, randomKey 1) (seq { 1..10 })
    // #endregion
    Assert.Equal(100, w.Count)
    let steps = Seq.unfold (fun k -> Some(k, snd (splitKey k))) (randomKey 1)
    Assert.Equal(Seq.item 10 steps, key)

[<Fact>]
let ``examples`` () =
    let key = randomKey 3
    // #region random-examples
    // an estimate from 50 numbers, for each of 1000 keys
    let estimates = key |> splitKeyStack 1000 |> vmap (randomNormal [ 50 ] >> mean)

    // a random walk: the key of each step is folded from the number of the step, which is a tensor
    let walk (key: RandomKey) = scalar 0.0 |> forLoop 0 100 (fun k x -> x + randomNormal [] (foldKey k key))
    // #endregion
    Assert.Equal<int list>([ 1000 ], shapeOf estimates)
    Assert.Equal(float (walk key), float (compile walk key))

[<Fact>]
let ``derivatives through samples`` () =
    // #region random-gradient
    let noise = randomNormal [ 1000 ] (randomKey 1)
    let meanSquare (location: Tensor, scale: Tensor) = location + scale * noise |> square |> mean

    let byLocation, byScale = gradient meanSquare (scalar 0.5, scalar 2.0) // near 1 and 4
    // #endregion
    Assert.Equal(1.0, float byLocation, 0.3)
    Assert.Equal(4.0, float byScale, 0.6)
