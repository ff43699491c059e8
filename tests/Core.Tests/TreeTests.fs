namespace DiffLib.Core.Tests

open System
open DiffLib
open Xunit

type Layer = { Weight: Tensor; Bias: Tensor; Activation: string }

[<Struct>]
type Scaled = { Factor: Tensor; Power: int }

type Block =
    | Dense of Layer
    | Residual of inner: Block list * scale: Tensor
    | Identity

type Network =
    { Blocks: Block list
      Extra: Map<string, Tensor>
      Head: Tensor option
      Pair: Tensor * Tensor
      Fixed: struct (Tensor * int) }

/// Parameters built from F# types: the gradient has the same type.
module TreeTests =
    let private vector (numbers: double list) : Tensor = Tensor.op_Implicit (List.toArray numbers)

    let private a = vector [ 1.0; 2.0 ]
    let private b = vector [ 3.0 ]
    let private c = vector [ 4.0; 5.0; 6.0 ]

    let private layer = { Weight = a; Bias = b; Activation = "tanh" }

    let private network =
        { Blocks = [ Dense layer; Residual([ Identity; Dense { layer with Weight = c } ], b); Identity ]
          Extra = Map [ "z", c; "a", a ]
          Head = Some b
          Pair = (a, c)
          Fixed = struct (vector [ 7.0 ], 5) }

    /// The tree rebuilt around twice each leaf.
    let private doubled (tree: 't) : 't = Tree.map (fun x -> 2.0 * x) tree

    let private elements (x: Tensor) = Array.init x.Count (fun k -> x[TensorIndex.op_Implicit k].ToDouble())

    [<Fact>]
    let ``records keep their other fields`` () =
        let twice = doubled layer
        Assert.Equal<double[]>([| 2.0; 4.0 |], elements twice.Weight)
        Assert.Equal("tanh", twice.Activation)
        Assert.Equal(3, (doubled { Factor = a; Power = 3 }).Power)

    [<Fact>]
    let ``unions keep their cases, lists their length, maps their keys`` () =
        let twice = doubled network

        match twice.Blocks with
        | [ Dense first; Residual([ Identity; Dense second ], scale); Identity ] ->
            Assert.Equal<double[]>([| 2.0; 4.0 |], elements first.Weight)
            Assert.Equal<double[]>([| 8.0; 10.0; 12.0 |], elements second.Weight)
            Assert.Equal<double[]>([| 6.0 |], elements scale)
        | other -> failwith $"{other}"

        Assert.Equal<string list>([ "a"; "z" ], twice.Extra |> Map.toList |> List.map fst)
        Assert.Equal<double[]>([| 8.0; 10.0; 12.0 |], elements twice.Extra["z"])
        Assert.Equal<double[]>([| 6.0 |], elements (Option.get twice.Head))
        let struct (number, five) = twice.Fixed
        Assert.Equal<double[]>([| 14.0 |], elements number)
        Assert.Equal(5, five)

    [<Fact>]
    let ``a tensor in several places is one leaf and gets the sum`` () =
        Assert.Equal(4, (Tree.flatten network).Leaves.Length)
        let parts = Tree.flatten (a, [ a; b ], Some a)
        Assert.Equal(2, parts.Leaves.Length)

        let struct (_, gradients) =
            Derivatives.valueAndGradients
                (fun leaves ->
                    let x, ys, z = parts.Rebuild leaves
                    let total = x * ys[0] * Option.get z
                    total[TensorIndex.op_Implicit 0] + total[TensorIndex.op_Implicit 1])
                parts.Leaves

        Assert.Equal<double[]>([| 3.0; 12.0 |], elements gradients[0])
        Assert.Equal<double[]>([| 0.0 |], elements gradients[1])

    [<Fact>]
    let ``missing parts stay missing`` () =
        let bare = { network with Head = None; Blocks = []; Extra = Map.empty }
        let twice = doubled bare
        Assert.True(twice.Head.IsNone && twice.Blocks.IsEmpty && twice.Extra.IsEmpty)
        Assert.Equal(0, (Tree.flatten [ Identity; Identity ]).Leaves.Length)

    [<Fact>]
    let ``the place of a leaf reads like code`` () =
        let names = (Tree.flatten network).Names
        Assert.Equal("Blocks[0].Weight", names[0].Replace(".Item", ""))
        Assert.All(names, fun name -> Assert.False(String.IsNullOrWhiteSpace name))

    [<Fact>]
    let ``long lists are walked in a loop`` () =
        let many = List.init 20000 (fun _ -> vector [ 1.0 ])
        Assert.Equal(20000, (doubled many).Length)

    [<Fact>]
    let ``arrays, sets of arrays and nested options`` () =
        let tree = [| Some [| a; b |]; None; Some [||] |]
        let twice = doubled tree
        Assert.Equal<double[]>([| 6.0 |], elements (Option.get twice[0]).[1])
        Assert.True(twice[1].IsNone)
        Assert.Empty(Option.get twice[2])
