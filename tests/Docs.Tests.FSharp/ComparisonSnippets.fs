/// The code blocks of docs/comparison.md: one net, three styles, the same numbers.
module DiffLib.Docs.Tests.FSharp.ComparisonSnippets

open DiffLib
open DiffLib.FSharp
open Xunit

let private x = tensor [ 0.5; -1.0 ]

// #region comparison-net
type Net = { W1: Tensor; W2: Tensor; W3: Tensor }

let apply (net: Net) (x: Tensor) = x |> matmul net.W1 |> sigmoid |> matmul net.W2 |> sigmoid |> matmul net.W3 |> sigmoid

let start =
    { W1 = tensor [ [ 0.1; 0.2 ]; [ -0.3; 0.4 ]; [ 0.5; -0.6 ] ]
      W2 = tensor [ [ 0.2; -0.1; 0.4 ]; [ 0.3; 0.5; -0.2 ] ]
      W3 = tensor [ [ 0.7; -0.8 ] ] }
// #endregion

let private isTheGradient (gradient: Net) =
    gradient.W3 |> Expect.elements 1e-11 [ 0.145785570763; 0.136291680347 ]

    gradient.W2 |> Expect.elements 1e-11 [ 0.019672495342; 0.015559728203; 0.029794191666; -0.022934409925; -0.018139701077; -0.034734394045 ]

    gradient.W1 |> Expect.elements 1e-11 [ -0.000791586844; 0.001583173688; -0.003369106388; 0.006738212776; 0.002824333876; -0.005648667752 ]

[<Fact>]
let ``as a function`` () =
    // #region comparison-function
    let y, gradient = valueAndGradient (fun net -> apply net x) start // y = 0.493015646674; gradient is a Net
    // #endregion
    y |> Expect.elements 1e-11 [ 0.493015646674 ]
    isTheGradient gradient

[<Fact>]
let ``define by run`` () =
    // #region comparison-tape
    use tape = new GradientTape()
    let net = tape.Watch<Net> start
    let h1 = x |> matmul net.W1 |> sigmoid
    let h2 = h1 |> matmul net.W2 |> sigmoid
    let y = h2 |> matmul net.W3 |> sigmoid
    let gradient = tape.Gradient<Net>(y, net)
    // #endregion
    h1 |> Expect.elements 1e-11 [ 0.462570154656; 0.365864408989; 0.700567142474 ]
    isTheGradient gradient

[<Fact>]
let ``recorded once`` () =
    // #region comparison-recorded
    let y, pull = vjp (fun net -> apply net x) start // evaluated and recorded once
    let gradient = pull (tensor [ 1.0 ]) // swept back, as often as asked
    let tenfold = pull (tensor [ 10.0 ])
    // #endregion
    y |> Expect.elements 1e-11 [ 0.493015646674 ]
    isTheGradient gradient
    isTheGradient (tenfold |> Tree.map (fun g -> g / 10.0))

[<Fact>]
let ``with a sigmoid of one's own`` () =
    // #region comparison-rule
    let own = (fun (x: Tensor) -> 1.0 / (1.0 + exp -x)) |> withPull "sigmoid" (fun _ y w -> w * y * (1.0 - y))
    let loss net = x |> matmul net.W1 |> own |> matmul net.W2 |> own |> matmul net.W3 |> own
    let slopes = gradient loss start
    // #endregion
    isTheGradient slopes

[<Fact>]
let ``two layers trained by hand`` () =
    let x, t = tensor [ 1.0; -2.0 ], tensor [ 1.0; 0.0; -1.0 ]
    let w1, b1 = tensor [ [ 0.5; -0.25 ]; [ 0.1; 0.3 ]; [ -0.4; 0.2 ] ], tensor [ 0.1; -0.2; 0.3 ]
    let w2, b2 = tensor [ [ 0.6; -0.1; 0.2 ]; [ -0.3; 0.8; 0.5 ]; [ 0.7; 0.4; -0.9 ] ], tensor [ 0.05; -0.15; 0.25 ]
    // #region comparison-step
    let start = {| W1 = w1; B1 = b1; W2 = w2; B2 = b2 |}

    let loss (p: {| W1: Tensor; B1: Tensor; W2: Tensor; B2: Tensor |}) =
        let y = matmul p.W2 (sigmoid (matmul p.W1 x + p.B1)) + p.B2
        0.5 * sum (square (y - t))

    let value, g = valueAndGradient loss start
    let next = Tree.map2 (fun p dp -> p - 0.1 * dp) start g // a step of gradient descent
    // #endregion
    value |> Expect.elements 1e-11 [ 1.3372933858283 ]
    g.B2 |> Expect.elements 1e-11 [ -0.457517025666; 0.079142084986; 1.568120363131 ]
    g.B1 |> Expect.elements 1e-11 [ 0.149789367616; 0.163250185234; -0.343866993867 ]
    Assert.Equal(0.6343256771988, float next.W2[0, 0], 1e-12)
