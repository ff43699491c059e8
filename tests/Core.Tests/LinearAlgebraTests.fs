/// What rules of linear algebra say about shapes and about stacks of examples.
module DiffLib.Core.Tests.LinearAlgebraTests

open DiffLib
open DiffLib.Kernels
open global.Xunit

let private specOf (x: Tensor) = Spec.Of(x.Value)

let private matrix seed (shape: int list) : Tensor =
    let random = System.Random(seed: int)
    let shape = Array.ofList shape
    let noise = Points.tensor DType.Float64 shape (Array.init (Array.fold (*) 1 shape) (fun _ -> 0.2 * random.NextDouble()))
    if shape.Length > 1 && shape[shape.Length - 1] = shape[shape.Length - 2] then
        Matrix.Symmetric noise + Matrix.Eye(noise, shape[shape.Length - 1], shape[shape.Length - 1])
    else
        noise

let private row (x: Tensor) k = TensorShaping.Reshape(Matrix.Narrow(x, 0, k, 1), Array.tail x.Shape.Sizes)

/// Three examples: stacked inputs give the i-th example's, the others are shared.
let private agrees (rule: ManyRule) (inputs: Tensor[]) (stacked: bool[]) =
    let ys = rule.Batch(inputs, stacked)

    for k in 0..2 do
        let own = Array.map2 (fun (x: Tensor) s -> if s then row x k else x) inputs stacked
        let want = Tensor.Apply(rule, own)
        let specs = rule.Infer(own |> Array.map specOf)
        Assert.Equal<Shape>(specs[0].Shape, want[0].Shape)
        Assert.Equal<double>(want[0].Value.ToArray<double>(), (row ys[0] k).Value.ToArray<double>())

[<Fact>]
let ``equations and functions of matrices work on stacks of examples, some inputs shared`` () =
    let each = [| [| true; true; true |]; [| true; false; false |]; [| false; false; true |]; [| false; true; false |] |]

    for stacked in each do
        let input seed isStack shape = matrix seed (if isStack then 3 :: shape else shape)
        let three (shapes: int list list) = Array.init 3 (fun i -> input i stacked[i] shapes[i])

        for rule in [ SylvesterRule.Continuous; SylvesterRule.Discrete ] do
            agrees rule (three [ [ 2; 2 ]; [ 3; 3 ]; [ 2; 3 ] ]) stacked

        agrees (SymmetricFunctionRule(log, 2)) (three [ [ 3; 3 ]; [ 3; 3 ]; [ 3; 3 ] ]) stacked

        let diagonals = Array.append (three [ [ 3 ]; [ 4 ]; [ 3 ] ]) [| input 4 stacked[0] [ 4; 2 ] |]
        diagonals[1] <- diagonals[1] + 2.0
        agrees SolveTridiagonalRule.Instance diagonals (Array.append stacked [| stacked[0] |])

    let a, b = matrix 1 [ 3; 2; 2 ], matrix 2 [ 3; 2; 3 ]

    for x, y, first, second in [ a, b, true, true; row a 0, b, false, true; a, row b 0, true, false ] do
        let z = SolvePositiveRule.Instance.Batch(x, y, first, second)

        for k in 0..2 do
            let own, right = (if first then row x k else x), (if second then row y k else y)
            let want = Tensor.Apply(SolvePositiveRule.Instance, own, right)
            Assert.Equal<Shape>((SolvePositiveRule.Instance.Infer(specOf own, specOf right)).Shape, want.Shape)
            Assert.Equal<double>(want.Value.ToArray<double>(), (row z k).Value.ToArray<double>())

    for rule, x in [ MatrixSqrtRule.Instance :> UnaryRule, a; MatrixLogRule.Instance, a; ComplementRule.Instance, matrix 3 [ 3; 4; 2 ] ] do
        for k in 0..2 do
            let want = Tensor.Apply(rule, row x k)
            Assert.Equal<Shape>((rule.Infer(specOf (row x k))).Shape, want.Shape)
            Assert.Equal<double>(want.Value.ToArray<double>(), (row (rule.Batch x) k).Value.ToArray<double>())
