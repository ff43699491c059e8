namespace DiffLib.FSharp

open DiffLib

/// Choices and loops that also work on traced and batched values, where if, match, while and for cannot ask for a number. States, arguments and
/// results are tensors or trees of them.
[<AutoOpen>]
module ControlFlow =
    /// onTrue or onFalse of the argument, by one truth value: cond (x > 0) sqrt abs x.
    let cond (predicate: Tensor) (onTrue: 'a -> 'b) (onFalse: 'a -> 'b) (argument: 'a) : 'b = ControlTrees.cond predicate onTrue onFalse argument

    /// One of several functions of the argument, by an integer from 0 on.
    let switch (index: Tensor) (branches: ('a -> 'b) list) (argument: 'a) : 'b = ControlTrees.switch index (List.toArray branches) argument

    /// The state after stepping as long as the condition holds.
    let whileLoop (condition: 's -> Tensor) (step: 's -> 's) (initial: 's) : 's = ControlTrees.whileLoop condition step initial 0

    /// The same; reverse mode keeps at most so many states and computes the others again.
    let whileLoopCheckpointed (checkpoints: int) (condition: 's -> Tensor) (step: 's -> 's) (initial: 's) : 's =
        ControlTrees.whileLoop condition step initial checkpoints

    /// The state after a step for each number from first up to but without stop. The step gets the number as int64.
    let forLoop (first: int) (stop: int) (step: Tensor -> 's -> 's) (initial: 's) : 's = ControlTrees.forLoop first stop step initial 0

    /// The same; reverse mode keeps at most so many states and computes the others again.
    let forLoopCheckpointed (checkpoints: int) (first: int) (stop: int) (step: Tensor -> 's -> 's) (initial: 's) : 's =
        ControlTrees.forLoop first stop step initial checkpoints

    let private scanned (step: 'c -> 'x -> 'c * 'y) (initial: 'c) (xs: 'x) (reverse: bool) (checkpoints: int) : 'c * 'y =
        let one c x =
            let next, y = step c x
            struct (next, y)

        let struct (carry, ys) = ControlTrees.scan one initial xs ValueNone reverse checkpoints
        carry, ys

    /// Steps over the rows of xs, from carry and row to the next carry and a result: the last carry, and the results stacked.
    let scan (step: 'c -> 'x -> 'c * 'y) (initial: 'c) (xs: 'x) : 'c * 'y = scanned step initial xs false 0

    /// The same from the last row to the first; results stand at their rows.
    let scanBack (step: 'c -> 'x -> 'c * 'y) (initial: 'c) (xs: 'x) : 'c * 'y = scanned step initial xs true 0

    /// A scan whose backward sweep keeps at most so many carries and computes the others again.
    let scanCheckpointed (checkpoints: int) (step: 'c -> 'x -> 'c * 'y) (initial: 'c) (xs: 'x) : 'c * 'y = scanned step initial xs false checkpoints

    /// So many steps, each from a carry to the next and a result.
    let scanSteps (count: int) (step: 'c -> 'c * 'y) (initial: 'c) : 'c * 'y =
        let one c (_: int) =
            let next, y = step c
            struct (next, y)

        let struct (carry, ys) = ControlTrees.scan one initial 0 (ValueSome count) false 0
        carry, ys

    /// Running combinations along an axis by an associative function of two elements, in logarithmically many operations.
    let associativeScan (axis: int) (combine: 't -> 't -> 't) (xs: 't) : 't = ControlTrees.associativeScan combine xs axis false

    /// The same from the end.
    let associativeScanBack (axis: int) (combine: 't -> 't -> 't) (xs: 't) : 't = ControlTrees.associativeScan combine xs axis true
