namespace DiffLib.FSharp

open DiffLib

/// Functions as programs, and functions over many examples. Arguments and results are tensors, random keys, or trees of them.
[<AutoOpen>]
module Programs =
    /// The function as a program: traced once for each signature of its argument (shapes, element types, build, and what is not a tensor or a key),
    /// fused, and run from then on. Tensors and keys that f refers to from outside are constants of the program; what changes is the argument.
    /// Bind the result once: each call of compile makes a function with programs of its own.
    let compile (f: 'a -> 'b) : 'a -> 'b =
        let compiled = Compiled<'a, 'b>(f, ProgramExecutor.Automatic, 64)
        compiled.Invoke

    /// The same for a function of two arguments.
    let compile2 (f: 'a -> 'b -> 'c) : 'a -> 'b -> 'c =
        let compiled = Compiled<struct ('a * 'b), 'c>((fun (struct (a, b)) -> f a b), ProgramExecutor.Automatic, 64)
        fun a b -> compiled.Invoke(struct (a, b))

    /// The same for a function of three arguments.
    let compile3 (f: 'a -> 'b -> 'c -> 'd) : 'a -> 'b -> 'c -> 'd =
        let compiled = Compiled<struct ('a * 'b * 'c), 'd>((fun (struct (a, b, c)) -> f a b c), ProgramExecutor.Automatic, 64)
        fun a b c -> compiled.Invoke(struct (a, b, c))

    /// The function as programs run by this executor, of which so many are kept.
    let compileWith (executor: ProgramExecutor) (capacity: int) (f: 'a -> 'b) : 'a -> 'b =
        if capacity < 1 then
            raise (System.ArgumentOutOfRangeException("capacity", capacity, "the capacity counts programs that are kept; at least one is needed."))

        if not (System.Enum.IsDefined executor) then
            raise (System.ArgumentOutOfRangeException("executor", executor, "the executors are Automatic, Interpreted and Generated."))

        let compiled = Compiled<'a, 'b>(f, executor, capacity)
        compiled.Invoke

    /// What the function does to tensors of the shapes and element types of an argument, written down. ToString shows it; ProgramFiles saves, loads and draws it.
    let programOf (f: 'a -> 'b) (at: 'a) : Program =
        let parts = DiffLib.Tree.flattenWithKeys at
        let over xs = (DiffLib.Tree.flattenWithKeys (f (parts.Rebuild xs))).Leaves
        Simplify.simplify (DiffLib.Programs.ofFunction "programOf" over (parts.Leaves |> Array.map (fun x -> x.Spec)))

    /// The function over many examples at once: f sees one example, the argument holds a stack of them along the first axis of every leaf, and so does the
    /// result. No loop: each operation inside works on the whole stack. What f refers to from outside is shared by all examples.
    let vmap (f: 'a -> 'b) (x: 'a) : 'b = MapTrees.vmap f (DiffLib.Tree.flattenWithKeys x) (fun _ -> ValueSome 0) 0

    /// The same with the examples of argument and result along other axes.
    let vmapAxes (inAxis: int) (outAxis: int) (f: 'a -> 'b) (x: 'a) : 'b =
        MapTrees.vmap f (DiffLib.Tree.flattenWithKeys x) (fun _ -> ValueSome inAxis) outAxis

    /// A function of two arguments over many examples of both.
    let vmap2 (f: 'a -> 'b -> 'c) (x: 'a) (y: 'b) : 'c =
        MapTrees.vmap (fun (struct (a, b)) -> f a b) (DiffLib.Tree.flattenWithKeys (struct (x, y))) (fun _ -> ValueSome 0) 0
