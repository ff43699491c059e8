module DiffLib.Core.Tests.FSharpDoorTests

open System
open DiffLib
open DiffLib.FSharp
open Xunit

// Written as an F# user would: only what DiffLib and DiffLib.FSharp show.

let private close (expected: float) (actual: Tensor) = Assert.Equal(expected, float actual, 1e-12)

let private same (expected: Tensor) (actual: Tensor) =
    Assert.Equal<int list>(shapeOf expected, shapeOf actual)
    Assert.True(allClose 1e-12 1e-12 expected actual, $"expected {expected}, got {actual}")

type Layer = { Weight: Tensor; Bias: Tensor }

type Activation =
    | Sigmoid
    | Scaled of factor: Tensor

type Model = { Hidden: Layer; Output: Layer; Activation: Activation; Name: string }

let private model =
    let first, second = splitKey (randomKey 1)

    { Hidden = { Weight = randomNormal [ 2; 3 ] first; Bias = zeros [ 3 ] }
      Output = { Weight = randomNormal [ 3; 1 ] second; Bias = zeros [ 1 ] }
      Activation = Scaled(scalar 1.5)
      Name = "two layers" }

let private predict (m: Model) (x: Tensor) =
    let affine (layer: Layer) x = matmul x layer.Weight + layer.Bias

    let activate x =
        match m.Activation with
        | Sigmoid -> sigmoid x
        | Scaled factor -> factor * tanh x

    x |> affine m.Hidden |> activate |> affine m.Output

let private inputs = randomNormal [ 5; 2 ] (randomKey 2)

let private loss (m: Model) = inputs |> predict m |> square |> mean

// ---- operations

[<Fact>]
let ``functions compose with pipes, the tensor last`` () =
    tensor [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ] |> sumAxis 0 |> same (tensor [ 4.0; 6.0 ])
    tensor [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ] |> meanKeep [ 1 ] |> same (tensor [ [ 1.5 ]; [ 3.5 ] ])
    arange 0.0 6.0 1.0 |> reshape [ 2; -1 ] |> transpose |> same (tensor [ [ 0.0; 3.0 ]; [ 1.0; 4.0 ]; [ 2.0; 5.0 ] ])
    tensor [ 3.0; 4.0 ] |> norm |> close 5.0
    tensor [ 0.0; 0.0 ] |> softmax -1 |> same (tensor [ 0.5; 0.5 ])
    [ tensor [ 1.0 ]; tensor [ 2.0 ] ] |> concat 0 |> same (tensor [ 1.0; 2.0 ])
    [ tensor [ 1.0 ]; tensor [ 2.0 ] ] |> stack 0 |> same (tensor [ [ 1.0 ]; [ 2.0 ] ])

[<Fact>]
let ``the functions of F# work on tensors`` () =
    let x = tensor [ 0.5; 1.5 ]
    same (tensor [ exp 0.5; exp 1.5 ]) (exp x)
    same (tensor [ sin 0.5 ** 2.0; sin 1.5 ** 2.0 ]) (sin x ** 2.0)
    same (tensor [ 1.0; 2.0 ]) (ceil x)
    same (tensor [ 0.0; -1.0 ]) (1.0 - 2.0 * x + abs (x - x) |> fun y -> y |> minimum 0.0 |> maximum -1.0)

[<Fact>]
let ``numbers beside a tensor keep its element type`` () =
    let x = tensor [ 1.0f; -2.0f ]
    Assert.Equal(DType.Float32, (2.0 * x + 1).DType)
    Assert.Equal(DType.Float32, (maximum 0.0 x).DType)
    Assert.Equal(DType.Float32, (where (x .> 0.0) x 0.0).DType)
    same (tensor [ true; false ] |> cast DType.Float64) (x .> 0 |> cast DType.Float64)

[<Fact>]
let ``numbers, lists and arrays become tensors`` () =
    Assert.Equal<int list>([], shapeOf (tensor 2.0))
    Assert.Equal<int list>([ 2; 1; 3 ], shapeOf (tensor [ [ [ 1.0; 2.0; 3.0 ] ]; [ [ 4.0; 5.0; 6.0 ] ] ]))
    Assert.Equal(DType.Int32, (tensor [ 1; 2 ]).DType)
    Assert.Equal(DType.Bool, (tensor [ true ]).DType)
    Assert.Equal<float[,]>(array2D [ [ 1.0; 2.0 ] ], tensor (array2D [ [ 1.0; 2.0 ] ]) |> toArray2D)
    Assert.Equal<float[]>([| 1.0; 2.0; 3.0 |], tensor [ 1.0 .. 3.0 ] |> toArray)
    Assert.Throws<ArgumentException>(fun () -> tensor [ [ 1.0 ]; [ 1.0; 2.0 ] ] |> ignore)

[<Fact>]
let ``slices include both ends, as in F#`` () =
    let x = arange 0.0 24.0 1.0 |> reshape [ 4; 6 ]
    Assert.Equal<int list>([ 3; 6 ], shapeOf x[1..3, *])
    same (tensor [ 7.0; 13.0 ]) x[1..2, 1]
    same (tensor [ 8.0; 9.0 ]) x[1, 2..3]
    Assert.Equal<int list>([ 2; 6 ], shapeOf x[2..])
    close 23.0 x[3, 5]
    close 23.0 x[-1, -1]
    same x[0] x[0, *]
    Assert.Equal<int list>([ 0; 6 ], shapeOf x[0 .. -1, *])
    Assert.Equal<int list>([ 1; 6 ], shapeOf x[3..100, *])
    let deep = reshape [ 2; 2; 3; 2 ] x
    Assert.Equal<int list>([ 2; 1; 2 ], shapeOf deep[*, 1, 0..0, *])

[<Fact>]
let ``the gradient of a slice has zeros beside it`` () =
    let x = tensor [ 1.0; 2.0; 3.0; 4.0 ]
    grad (fun x -> x[1..2] |> square |> sum) x |> same (tensor [ 0.0; 4.0; 6.0; 0.0 ])

[<Fact>]
let ``equations are solved and factorisations are tuples`` () =
    let a = tensor [ [ 4.0; 1.0 ]; [ 1.0; 3.0 ] ]
    let b = tensor [ 1.0; 2.0 ]
    same b (matmul a (solve a b))
    let l = cholesky a
    same a (matmul l (transpose l))
    same (solve a b) (choleskySolve l b)
    let values, vectors = eigh a
    same a (matmul vectors (matmul (diag values) (transpose vectors)))
    let q, r = qr a
    same a (matmul q r)
    close (log 11.0) (logDet a)
    same (outer b b) (einsum "i,j->ij" [ b; b ])

[<Fact>]
let ``a key says which numbers`` () =
    let first, second = splitKey (randomKey 7)
    same (randomNormal [ 3 ] first) (randomNormal [ 3 ] first)
    Assert.False(allClose 1e-3 1e-3 (randomNormal [ 3 ] first) (randomNormal [ 3 ] second))
    Assert.Equal<float list>([ 0.0; 1.0; 2.0 ], randomPermutation 3 first |> toArray |> Array.sort |> List.ofArray)

// ---- verbs

[<Fact>]
let ``derivatives of functions of one number`` () =
    Assert.Equal(sin 2.0 + 2.0 * cos 2.0, slope (fun x -> x * sin x) 2.0, 1e-15)
    close 12.0 (derivative (derivative (fun x -> x ** 3.0)) (scalar 2.0))
    close 24.0 (nthDerivative 4 (fun x -> x ** 4.0) (scalar 0.3))
    Assert.Equal<float list>([ 1.0; 1.0; 0.5; 1.0 / 6.0 ], taylor 3 exp (scalar 0.0) |> List.map float)

[<Fact>]
let ``an inner derivative does not see the outer variable`` () =
    let f x = x * derivative (fun y -> x + y) (scalar 1.0)
    close 1.0 (derivative f (scalar 1.0))

[<Fact>]
let ``gradients, Jacobians and Hessians of a vector`` () =
    let f (x: Tensor) = x[0] * x[0] * x[1]
    let x = tensor [ 3.0; 5.0 ]
    grad f x |> same (tensor [ 30.0; 9.0 ])
    gradient f x |> same (tensor [ 30.0; 9.0 ])
    hessian f x |> same (tensor [ [ 10.0; 6.0 ]; [ 6.0; 0.0 ] ])
    hvp f x (tensor [ 1.0; 1.0 ]) |> same (tensor [ 16.0; 6.0 ])
    laplacian f x |> close 10.0
    jacobian (fun x -> x * x) x |> same (tensor [ [ 6.0; 0.0 ]; [ 0.0; 10.0 ] ])
    same (jacobianForward sin x) (jacobianReverse sin x)
    divergence (fun x -> x * x) x |> close 16.0
    let turning (x: Tensor) = stack 0 [ -x[1]; x[0]; 0.0 * x[2] ]
    curl turning (tensor [ 1.0; 2.0; 3.0 ]) |> same (tensor [ 0.0; 0.0; 2.0 ])

[<Fact>]
let ``the derivative as a linear map, forward and back`` () =
    let f (a: Tensor, b: Tensor) = a * b, sin a
    let at = scalar 2.0, scalar 3.0
    let (value, _), (dy, dz) = jvp f at (scalar 1.0, scalar 10.0)
    close 6.0 value
    close 23.0 dy
    close (cos 2.0) dz
    let _, pull = vjp f at
    let wa, wb = pull (scalar 1.0, scalar 1.0)
    close (3.0 + cos 2.0) wa
    close 2.0 wb
    let _, push = linearize f at
    close 20.0 (fst (push (scalar 0.0, scalar 10.0)))

[<Fact>]
let ``a constant for derivatives`` () =
    slope (fun x -> x * stopGradient x) 3.0 |> fun s -> Assert.Equal(3.0, s)
    Assert.Equal(0.0, slope (fun x -> stopGradient (exp x)) 3.0)

[<Fact>]
let ``a checkpointed function has the same derivatives`` () =
    let f x = x |> sin |> exp |> square
    let x = scalar 0.7
    close (float (derivative f x)) (grad (checkpoint f) x)
    close (float (derivative (derivative f) x)) (grad (grad (checkpoint f)) x)

[<Fact>]
let ``what the function gives beside its number comes out as values`` () =
    let value, gradient, middle = valueAndGradientWithAux (fun x -> (let y = x * x in y * y, y)) (scalar 3.0)
    close 81.0 value
    close 108.0 gradient
    close 9.0 middle

// ---- rules of one's own

[<Fact>]
let ``softplus with its own rule has slope one far out`` () =
    let stable = (fun x -> log (1.0 + exp x)) |> withPull "log1pexp" (fun x _ w -> w * sigmoid x)
    Assert.Equal(1.0, slope stable 100.0)
    Assert.Equal(0.25, derivative (derivative stable) (scalar 0.0) |> float, 1e-15)

[<Fact>]
let ``one rule is enough for both modes`` () =
    let cube = (fun (x: Tensor) -> x * x * x) |> withPush "cube" (fun x _ dx -> 3.0 * x * x * dx)
    close 27.0 (grad cube (scalar 3.0))
    close 27.0 (derivative cube (scalar 3.0))
    let both = (fun (x: Tensor) -> x * x * x) |> withRules "cube" (fun x _ dx -> 3.0 * x * x * dx) (fun x _ w -> 3.0 * x * x * w)
    close 18.0 (grad (grad both) (scalar 3.0))

[<Fact>]
let ``rules for functions of several tensors`` () =
    let product = List.reduce (*) |> withPullMany "product" (fun xs _ w -> [ w * xs[1]; w * xs[0] ])
    let da, db = gradient (fun (a, b) -> product [ a; b ]) (scalar 2.0, scalar 5.0)
    close 5.0 da
    close 2.0 db
    let pushed = List.reduce (*) |> withPushMany "product" (fun xs _ ds -> ds[0] * xs[1] + xs[0] * ds[1])
    close 20.0 (grad (fun a -> pushed [ a; a ]) (scalar 10.0))

// ---- trees

[<Fact>]
let ``the gradient by a record is a record`` () =
    let value, gradient = valueAndGradient loss model
    close (float (loss model)) value
    Assert.Equal("two layers", gradient.Name)
    Assert.Equal<int list>([ 2; 3 ], shapeOf gradient.Hidden.Weight)

    let nudged (h: float) = { model with Hidden = { model.Hidden with Bias = tensor [ h; 0.0; 0.0 ] } }
    let difference = (float (loss (nudged 1e-6)) - float (loss (nudged -1e-6))) / 2e-6
    Assert.Equal(difference, float gradient.Hidden.Bias[0], 1e-8)

    match gradient.Activation with
    | Scaled factor -> Assert.NotEqual(0.0, float factor)
    | Sigmoid -> failwith "the case of a union stays"

[<Fact>]
let ``gradients by tuples, lists, arrays, maps, options and nests of them`` () =
    let total (xs: Tensor seq) = xs |> Seq.map (square >> sum) |> Seq.reduce (+)
    let x, y = scalar 2.0, tensor [ 3.0; 4.0 ]

    let dx, dy = gradient (fun (a, b) -> total [ a; b ]) (x, y)
    close 4.0 dx
    same (tensor [ 6.0; 8.0 ]) dy

    gradient (fun (xs: Tensor list) -> total xs) [ x; y ] |> List.iter2 (fun p g -> same (2.0 * p) g) [ x; y ]
    gradient (fun (xs: Tensor[]) -> total xs) [| x; y |] |> Array.iter2 (fun p g -> same (2.0 * p) g) [| x; y |]

    let byName = gradient (fun (m: Map<string, Tensor>) -> total m.Values) (Map [ "x", x; "y", y ])
    same (2.0 * y) byName["y"]

    match gradient (fun (p: Tensor option * Tensor option) -> total (List.choose id [ fst p; snd p ])) (Some x, None) with
    | Some g, None -> close 4.0 g
    | _ -> failwith "None stays None"

    let tensors (tree: (Tensor list * Map<int, Tensor[]>) list) =
        [ for xs, map in tree do
              yield! xs
              for ys in map.Values do
                  yield! ys ]
    let nested = gradient (tensors >> total) [ [ x ], Map [ 7, [| y |] ] ]
    tensors nested |> List.iter2 (fun p g -> same (2.0 * p) g) [ x; y ]

    let struct (a, _) = gradient (fun (struct (a: Tensor, b: Tensor)) -> a * b) (struct (x, x + 0.0))
    close 2.0 a

[<Fact>]
let ``a tensor that stands in two places is one parameter`` () =
    let w = scalar 3.0
    let da, db = gradient (fun (a, b) -> a * b) (w, w)
    close 6.0 da
    close 6.0 db
    Assert.Equal(1, List.length (Tree.leaves (w, w)))

[<Fact>]
let ``trees are mapped, counted, named and made vectors`` () =
    Assert.Equal(6 + 3 + 3 + 1 + 1, Tree.count model)
    Assert.Equal<string list>(
        [ "Hidden.Weight"; "Hidden.Bias"; "Output.Weight"; "Output.Bias"; "Activation.factor" ],
        Tree.namedLeaves model |> List.map fst
    )
    let doubled = Tree.map (fun x -> 2.0 * x) model
    same (2.0 * model.Hidden.Weight) doubled.Hidden.Weight
    let back = Tree.ofVector model (Tree.toVector model)
    same model.Output.Weight back.Output.Weight
    let step = Tree.map2 (fun p g -> p - 0.1 * g) model (gradient loss model)
    Assert.True(float (loss step) < float (loss model))
    close (float (loss model)) (Tree.toVector model |> Tree.ofVector model |> loss)
    same (Tree.toVector (gradient loss model)) (grad (Tree.ofVector model >> loss) (Tree.toVector model))
    Assert.Equal(14, Tree.fold (fun n x -> n + x.Count) 0 model)

[<Fact>]
let ``the Hessian times a record is a record`` () =
    let direction = Tree.map onesLike model
    let product = hvp loss model direction
    let h = 1e-5
    let along s = gradient loss (Tree.map2 (fun p d -> p + s * d) model direction) |> Tree.toVector
    let difference = (along h - along -h) / (2.0 * h)
    Assert.True(allClose 1e-5 1e-6 difference (Tree.toVector product))

[<Fact>]
let ``what cannot be differentiated says why`` () =
    Assert.Contains("holds no tensors", Assert.Throws<ArgumentException>(fun () -> gradient (fun (_: string) -> scalar 1.0) "none" |> ignore).Message)
    Assert.Contains("float64", Assert.Throws<ArgumentException>(fun () -> gradient sum (tensor [ 1; 2 ]) |> ignore).Message)
    Assert.Contains("[2]", Assert.Throws<InvalidOperationException>(fun () -> grad sin (tensor [ 1.0; 2.0 ]) |> ignore).Message)
    Assert.Throws<ArgumentException>(fun () -> jvp sin (tensor [ 1.0; 2.0 ]) (scalar 1.0) |> ignore) |> ignore
