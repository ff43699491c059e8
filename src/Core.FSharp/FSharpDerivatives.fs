namespace DiffLib.FSharp

open System
open DiffLib

/// Parameters as trees: records, tuples, lists, arrays, maps, options and unions that hold tensors, nested at will. A tensor that stands in several
/// places is one leaf; what is not a tensor stays as it is.
[<RequireQualifiedAccess>]
module Tree =
    let private aligned (what: string) (tree: 't) (other: 't) =
        let parts = DiffLib.Tree.flatten tree
        struct (parts, parts.Align(what, DiffLib.Tree.flatten other))

    /// The distinct tensors, in the order met.
    let leaves (tree: 't) : Tensor list = List.ofArray (DiffLib.Tree.flatten tree).Leaves

    /// The tensors with the places where they were met first, such as Hidden.Weight.
    let namedLeaves (tree: 't) : (string * Tensor) list =
        let parts = DiffLib.Tree.flatten tree
        Array.zip parts.Names parts.Leaves |> List.ofArray

    /// The number of elements of all leaves together.
    let count (tree: 't) : int = leaves tree |> List.sumBy (fun x -> x.Count)

    /// A tree of the same build around f of each leaf.
    let map (f: Tensor -> Tensor) (tree: 't) : 't = DiffLib.Tree.map f tree

    /// A tree of the same build around f of each pair of leaves.
    let map2 (f: Tensor -> Tensor -> Tensor) (tree: 't) (other: 't) : 't =
        let struct (parts, others) = aligned "other" tree other
        parts.Rebuild(Array.map2 f parts.Leaves others)

    /// The result of combining the leaves one after another.
    let fold (folder: 'state -> Tensor -> 'state) (state: 'state) (tree: 't) : 'state = List.fold folder state (leaves tree)

    /// A tree of the same build around other leaves, in the order of leaves.
    let rebuild (tree: 't) (others: Tensor list) : 't =
        let parts = DiffLib.Tree.flatten tree

        if others.Length <> parts.Leaves.Length then
            invalidArg "others" $"{others.Length} leaves for a tree of {parts.Leaves.Length}. Give one for each."

        parts.Rebuild(List.toArray others)

    /// All elements of all leaves, one after another, as a vector; differentiable.
    let toVector (tree: 't) : Tensor =
        match leaves tree with
        | [] -> Creation.Zeros(DType.Float64, Shape [| 0 |])
        | xs -> Joining.Concat(xs |> List.map (fun x -> Tensor.ReshapeTo(x, Shape [| x.Count |])) |> List.toArray, 0)

    /// A tree of the same build and shapes with its leaves read from a vector, in the order of toVector; differentiable.
    let ofVector (like: 't) (vector: Tensor) : 't =
        let xs = leaves like
        let total = xs |> List.sumBy (fun x -> x.Count)

        if vector.Rank <> 1 || vector.Count <> total then
            invalidArg "vector" $"the vector has shape {vector.Shape}, but the tree has {total} elements, so [{total}] is needed."

        let read at (x: Tensor) = Tensor.Cast(Tensor.ReshapeTo(Shaping.Narrow(vector, 0, at, x.Count), x.Shape), x.DType), at + x.Count
        List.mapFold read 0 xs |> fst |> rebuild like

/// The verbs: functions in, derivatives out. Parameters and results are tensors, or trees of them (see Tree); derivatives by a tree have its type.
/// Results of several parts are tuples.
[<AutoOpen>]
module Verbs =
    let private apart (name: string) (tree: 't) : DiffLib.Tree.Parts<'t> =
        let parts = DiffLib.Tree.flatten tree

        if parts.Leaves.Length = 0 then
            invalidArg name $"{typeof<'t>.Name} holds no tensors, so there is nothing to differentiate by. Put the parameters into tensors."

        parts

    let private isFloat (x: Tensor) = x.DType = DType.Float64 || x.DType = DType.Float32

    /// A tree may hold whole numbers beside what is differentiated; a tensor by itself may not be one.
    let private demandFloat (name: string) (parts: DiffLib.Tree.Parts<'t>) =
        if typeof<'t> = typeof<Tensor> then Forward.demandFloat name parts.Leaves[0]

    let private orZeros (like: Tensor[]) (ds: Tensor voption[]) : Tensor[] =
        Array.map2
            (fun x (d: Tensor voption) ->
                match d with
                | ValueSome d -> d
                | ValueNone -> Forward.zerosLike x)
            like
            ds

    /// f over the leaves, and a place where the build of its last result is kept.
    let private overLeaves (f: 'a -> 'b) (parts: DiffLib.Tree.Parts<'a>) =
        let kept: DiffLib.Tree.Parts<'b> voption ref = ref ValueNone

        let g (xs: Tensor[]) =
            let result = DiffLib.Tree.flatten (f (parts.Rebuild xs))

            if result.Leaves.Length = 0 then
                raise (
                    InvalidOperationException
                        $"the function returned a {typeof<'b>.Name} without tensors, so there is nothing to differentiate. Return a tensor, or a record, tuple or list of them."
                )

            kept.Value <- ValueSome result
            result.Leaves

        struct (g, (fun () -> kept.Value.Value))

    // ---- of one number

    /// The derivative of a function of one number; the result has the shape of f's.
    let derivative (f: Tensor -> Tensor) (x: Tensor) : Tensor = Derivatives.derivative f x

    /// The derivative of a function of one number, at a number: slope (fun x -> x * sin x) 2.0.
    let slope (f: Tensor -> Tensor) (x: float) : float = (Derivatives.derivative f (Number(x, false))).ToDouble()

    /// The n-th derivative of a function of one number; the cost doubles with each order.
    let nthDerivative (n: int) (f: Tensor -> Tensor) (x: Tensor) : Tensor = Derivatives.nthDerivative n f x

    /// f(x), f'(x), f''(x)/2!, ... up to an order: the coefficients of the Taylor polynomial at x.
    let taylor (order: int) (f: Tensor -> Tensor) (x: Tensor) : Tensor list = Derivatives.taylor order f x |> List.ofArray

    // ---- gradients

    /// The gradient of a function of one tensor to a number. Like gradient, but the lambda's argument is known to be a tensor.
    let grad (f: Tensor -> Tensor) (x: Tensor) : Tensor = Derivatives.gradient f x

    /// Value and gradient of a function of a tensor or a tree to a number, from one evaluation and one sweep.
    let valueAndGradient (f: 'p -> Tensor) (at: 'p) : Tensor * 'p =
        let parts = apart "at" at
        demandFloat "at" parts
        let struct (value, gradients) = Derivatives.valueAndGradients (fun xs -> f (parts.Rebuild xs)) parts.Leaves
        value, parts.Rebuild gradients

    /// The gradient of a function of a tensor or a tree to a number: a value of the same type. Integer tensors in a tree get zeros.
    let gradient (f: 'p -> Tensor) (at: 'p) : 'p = snd (valueAndGradient f at)

    /// Value, gradient and whatever else the function gives beside the number; tensors in it come out as values.
    let valueAndGradientWithAux (f: 'p -> Tensor * 'aux) (at: 'p) : Tensor * 'p * 'aux =
        let before = Trace.FreshTag()
        let aux = ref ValueNone

        let value, gradient =
            at
            |> valueAndGradient (fun p ->
                let y, more = f p
                aux.Value <- ValueSome more
                y)

        value, gradient, DiffLib.Tree.map (Forward.settle before) aux.Value.Value

    // ---- the derivative as a linear map

    /// The value of f at x, and its derivative along dx: forward mode.
    let jvp (f: 'a -> 'b) (x: 'a) (dx: 'a) : 'b * 'b =
        let parts = apart "x" x
        let tangents = parts.Align("tangent", DiffLib.Tree.flatten dx)
        let struct (g, build) = overLeaves f parts
        let given = Array.map2 (fun leaf d -> if isFloat leaf then ValueSome d else ValueNone) parts.Leaves tangents
        demandFloat "x" parts
        let struct (ys, dys) = Forward.jvp g parts.Leaves given
        build().Rebuild ys, build().Rebuild(orZeros ys dys)

    let private record (f: 'a -> 'b) (x: 'a) =
        let parts = apart "x" x
        demandFloat "x" parts
        let struct (g, build) = overLeaves f parts
        let recording = Recording.Of(g, parts.Leaves)
        struct (parts, build (), recording)

    /// The value of f at x, and the map from cotangents of the result to cotangents of x: reverse mode. f is evaluated once.
    let vjp (f: 'a -> 'b) (x: 'a) : 'b * ('b -> 'a) =
        let struct (parts, result, recording) = record f x

        let pull (w: 'b) =
            let ws = result.Align("cotangent", DiffLib.Tree.flatten w) |> Array.map ValueSome
            parts.Rebuild(orZeros parts.Leaves (recording.Pull ws))

        result.Rebuild recording.Values, pull

    /// The value of f at x, and its derivative there as a linear map from tangents to tangents. f is evaluated once.
    let linearize (f: 'a -> 'b) (x: 'a) : 'b * ('a -> 'b) =
        let struct (parts, result, recording) = record f x

        let push (dx: 'a) =
            let dxs = parts.Align("tangent", DiffLib.Tree.flatten dx) |> Array.map ValueSome
            result.Rebuild(orZeros recording.Values (recording.Push dxs))

        result.Rebuild recording.Values, push

    // ---- matrices of derivatives

    /// The Jacobian: the shape of the result, then the shape of x. The mode follows from the shapes.
    let jacobian (f: Tensor -> Tensor) (x: Tensor) : Tensor = Derivatives.jacobian f x

    /// The Jacobian column by column, one push for each element of x.
    let jacobianForward (f: Tensor -> Tensor) (x: Tensor) : Tensor = Derivatives.jacobianForward f x

    /// The Jacobian row by row, one pull for each element of the result.
    let jacobianReverse (f: Tensor -> Tensor) (x: Tensor) : Tensor = Derivatives.jacobianReverse f x

    /// Value and Jacobian, from one evaluation.
    let valueAndJacobian (f: Tensor -> Tensor) (x: Tensor) : Tensor * Tensor =
        let struct (y, j) = Derivatives.valueAndJacobian f x
        y, j

    /// The Hessian of a function to a number: the shape of x twice.
    let hessian (f: Tensor -> Tensor) (x: Tensor) : Tensor = Derivatives.hessian f x

    /// Gradient, and Hessian times a direction, of a function of a tensor or a tree to a number: forward over reverse.
    let gradientAndHvp (f: 'p -> Tensor) (at: 'p) (direction: 'p) : 'p * 'p = jvp (gradient f) at direction

    /// The Hessian times a direction, at the cost of a few gradients.
    let hvp (f: 'p -> Tensor) (at: 'p) (direction: 'p) : 'p = snd (gradientAndHvp f at direction)

    /// Σ ∂²f/∂xᵢ² of a function to a number.
    let laplacian (f: Tensor -> Tensor) (x: Tensor) : Tensor = Derivatives.laplacian f x

    /// Σ ∂Fᵢ/∂xᵢ of a field with as many components as arguments.
    let divergence (field: Tensor -> Tensor) (x: Tensor) : Tensor = Derivatives.divergence field x

    /// The curl of a field in three dimensions.
    let curl (field: Tensor -> Tensor) (x: Tensor) : Tensor = Derivatives.curl field x

    // ---- what derivatives see

    /// The value of a tensor or a tree as a constant: no derivative passes.
    let stopGradient (x: 't) : 't = DiffLib.Tree.map Derivatives.stopGradient x

    /// The same function, computed again in the backward sweep instead of remembered. Everything differentiable that it uses must be in its argument.
    let checkpoint (f: 'a -> 'b) : 'a -> 'b =
        fun x ->
            let parts = apart "x" x
            let struct (g, build) = overLeaves f parts
            let ys = ControlFlow.checkpoint g parts.Leaves
            build().Rebuild ys

/// Functions with derivative rules of one's own. One of push (tangents forward) and pull (cotangents back) is enough: the other is its transpose.
/// Rules are written in tensor arithmetic, so that derivatives of every order follow, and use no differentiated value but their arguments.
[<AutoOpen>]
module Rules =
    let private one (name: string) value push pull : Tensor -> Tensor =
        let rule = Custom.UserRule(name, (fun xs -> value xs[0]), push, pull)
        fun x -> Tensor.Apply(rule, [| x |])[0]

    /// A function of one tensor with its forward rule x y dx -> dy, linear in dx.
    let withPush (name: string) (push: Tensor -> Tensor -> Tensor -> Tensor) (value: Tensor -> Tensor) : Tensor -> Tensor =
        one name value (Some(fun xs y dxs -> push xs[0] y dxs[0])) None

    /// A function of one tensor with its reverse rule x y w -> cotangent of x, linear in w.
    let withPull (name: string) (pull: Tensor -> Tensor -> Tensor -> Tensor) (value: Tensor -> Tensor) : Tensor -> Tensor =
        one name value None (Some(fun xs y w -> [| pull xs[0] y w |]))

    /// A function of one tensor with both rules.
    let withRules
        (name: string)
        (push: Tensor -> Tensor -> Tensor -> Tensor)
        (pull: Tensor -> Tensor -> Tensor -> Tensor)
        (value: Tensor -> Tensor)
        : Tensor -> Tensor =
        one name value (Some(fun xs y dxs -> push xs[0] y dxs[0])) (Some(fun xs y w -> [| pull xs[0] y w |]))

    /// A function of several tensors with its reverse rule inputs y w -> cotangents, one for each input, linear in w.
    let withPullMany (name: string) (pull: Tensor list -> Tensor -> Tensor -> Tensor list) (value: Tensor list -> Tensor) : Tensor list -> Tensor =
        let rule = Custom.UserRule(name, List.ofArray >> value, None, Some(fun xs y w -> pull (List.ofArray xs) y w |> List.toArray))

        fun xs -> Tensor.Apply(rule, List.toArray xs)[0]

    /// A function of several tensors with its forward rule inputs y tangents -> dy, linear in the tangents.
    let withPushMany (name: string) (push: Tensor list -> Tensor -> Tensor list -> Tensor) (value: Tensor list -> Tensor) : Tensor list -> Tensor =
        let rule = Custom.UserRule(name, List.ofArray >> value, Some(fun xs y dxs -> push (List.ofArray xs) y (List.ofArray dxs)), None)

        fun xs -> Tensor.Apply(rule, List.toArray xs)[0]
