namespace DiffLib

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Threading
open DiffLib.Kernels

/// <summary>How a compiled program runs.</summary>
type ProgramExecutor =
    /// Generated code where the runtime can compile code and calls pay for it, else an interpreter.
    | Automatic = 0
    /// An interpreter without code generation: works everywhere, also in applications compiled ahead of time.
    | Interpreted = 1
    /// Generated code; an error where the runtime cannot compile code.
    | Generated = 2

/// Chapter 18: functions traced once for each signature of their arguments, and run as programs.
module internal Compile =
    /// The way from a program to a function on arrays.
    let runner (executor: ProgramExecutor) : Program -> (NDArray[] -> NDArray[]) =
        let execution = LanguagePrimitives.EnumOfValue<byte, Execution>(byte executor)

        fun p ->
            let executable = Executable(Simplify.simplify (Programs.writeOut p), execution)
            executable.Run

    let rule (executor: ProgramExecutor) (p: Program) = ProgramRule("call", p, runner executor, false)

    /// The operation that a program is when it is run as such: made when first asked for.
    let private rules = System.Runtime.CompilerServices.ConditionalWeakTable<Program, ProgramRule>()

    let ruleOf (p: Program) : ProgramRule = rules.GetValue(p, fun p -> rule ProgramExecutor.Automatic p)

    /// What distinguishes calls that need programs of their own.
    [<Struct; CustomEquality; NoComparison>]
    type Signature =
        {
            Specs: Spec[]
            /// Which tensors are the same, and everything in the arguments that is not a tensor.
            Statics: objnull[]
        }

        override x.GetHashCode() =
            let mutable hash = HashCode()

            for s in x.Specs do
                hash.Add s

            for o in x.Statics do
                hash.Add o

            hash.ToHashCode()

        member x.Matches(y: Signature) =
            let mutable same = x.Specs.Length = y.Specs.Length && x.Statics.Length = y.Statics.Length
            let mutable k = 0

            while same && k < x.Specs.Length do
                same <- x.Specs[k].Equals y.Specs[k]
                k <- k + 1

            same && Signature.SameStatics(x.Statics, y.Statics)

        /// Whether a call with these leaves and statics has this signature: as Matches, without making one.
        member x.Fits(leaves: Tensor[], statics: objnull[]) =
            let mutable same = x.Specs.Length = leaves.Length && x.Statics.Length = statics.Length
            let mutable k = 0

            while same && k < leaves.Length do
                let spec = x.Specs[k]

                same <-
                    match leaves[k] with
                    | Const v -> v.DType = spec.DType && v.IsWeak = spec.Weak && v.Shape.Equals spec.Shape
                    | leaf -> spec.Equals leaf.Spec

                k <- k + 1

            same && Signature.SameStatics(x.Statics, statics)

        static member private SameStatics(xs: objnull[], ys: objnull[]) =
            let mutable same = true

            if not (obj.ReferenceEquals(xs, ys)) then
                let mutable k = 0

                while same && k < xs.Length do
                    same <- obj.ReferenceEquals(xs[k], ys[k]) || Object.Equals(xs[k], ys[k])
                    k <- k + 1

            same

        override x.Equals(other: obj) =
            match other with
            | :? Signature as y -> x.Matches y
            | _ -> false

    /// One traced program, and how its results are put together.
    [<Sealed>]
    type Traced<'o>(rule: ProgramRule, rebuild: Tensor[] -> 'o) =
        member val LastUse = 0L with get, set
        member _.Rule = rule
        member _.Rebuild = rebuild

/// <summary>A function that is traced once for each signature of its arguments (shapes, element types, build, and what is not a tensor) and runs as a program.</summary>
/// <typeparam name="'i">A tensor or a tree of tensors.</typeparam>
/// <typeparam name="'o">A tensor or a tree of tensors.</typeparam>
[<Sealed>]
type internal Compiled<'i, 'o>(f: 'i -> 'o, executor: ProgramExecutor, capacity: int) =
    let programs = ConcurrentDictionary<Compile.Signature, Lazy<Compile.Traced<'o>>>()
    let mutable clock = 0L
    let mutable traces = 0
    /// What the last call found: most calls are like the one before.
    let mutable latest: struct (Compile.Signature * Compile.Traced<'o>)[] = [||]

    let trace (parts: Tree.Parts<'i>) : Compile.Traced<'o> =
        Interlocked.Increment &traces |> ignore
        let mutable result = ValueNone

        let program =
            Programs.ofFunction
                "Diff.Compile"
                (fun xs ->
                    let out = Tree.flattenWithKeys (f (parts.Rebuild xs))
                    result <- ValueSome out
                    out.Leaves)
                (parts.Leaves |> Array.map (fun x -> x.Spec))

        // kept without the values it was traced with
        let out = result.Value
        Compile.Traced(Compile.rule executor (Simplify.simplify program), out.Rebuild)

    /// Drops the program that was not used for the longest time.
    let evict () =
        while programs.Count > capacity do
            let mutable oldest = ValueNone
            let mutable when' = Int64.MaxValue

            for pair in programs do
                if pair.Value.IsValueCreated && pair.Value.Value.LastUse < when' then
                    when' <- pair.Value.Value.LastUse
                    oldest <- ValueSome pair.Key

            match oldest with
            | ValueSome key -> programs.TryRemove key |> ignore
            | ValueNone -> ()

    member this.Find(parts: Tree.Parts<'i>) : Compile.Traced<'o> =
        match Volatile.Read &latest with
        | [| struct (known, traced) |] when known.Fits(parts.Leaves, parts.Statics) -> traced
        | _ ->
            let signature: Compile.Signature = { Specs = parts.Leaves |> Array.map (fun x -> x.Spec); Statics = parts.Statics }
            let traced = this.Look(signature, parts)
            Volatile.Write(&latest, [| struct (signature, traced) |])
            traced

    member private _.Look(signature: Compile.Signature, parts: Tree.Parts<'i>) : Compile.Traced<'o> =
        let found =
            match programs.TryGetValue signature with
            | true, found -> found
            | _ -> programs.GetOrAdd(signature, fun _ -> lazy (trace parts))

        let traced =
            try
                found.Value
            with _ ->
                // a failed tracing is not kept: the next call says again what is wrong
                programs.TryRemove(KeyValuePair(signature, found)) |> ignore
                reraise ()

        traced.LastUse <- Interlocked.Increment &clock
        if programs.Count > capacity then evict ()
        traced

    /// How often the function was traced.
    member _.TraceCount = Volatile.Read &traces

    member this.ProgramFor(x: 'i) : Program = this.Find(Tree.flattenWithKeys x).Rule.Program

    member this.Invoke(x: 'i) : 'o =
        let parts = Tree.flattenWithKeys x
        let traced = this.Find parts
        traced.Rebuild(Tensor.Apply(traced.Rule, parts.Leaves))
