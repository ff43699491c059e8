namespace DiffLib

open System
open System.Collections
open System.Collections.Concurrent
open System.Collections.Generic
open System.Reflection
open System.Runtime.CompilerServices
open Microsoft.FSharp.Reflection

/// Chapter 13: parameters as trees. A record, class, tuple, array, list or dictionary that holds tensors, nested at will,
/// is taken apart into its tensors (the leaves) and put together again around others.
module internal Tree =
    /// How values of one type are read and rebuilt.
    type private Members = { Names: string[]; Read: objnull -> objnull[]; Build: objnull[] -> objnull }

    /// Where a part of a tree is, as members, items and keys from the root: made into text only when asked for.
    [<CustomEquality; NoComparison>]
    type private Path =
        | Root
        | Member of Path * string
        | Item of Path * int
        | Key of Path * obj

        override x.ToString() =
            match x with
            | Root -> ""
            | Member(Root, name) -> name
            | Member(path, name) -> $"{path}.{name}"
            | Item(path, k) -> $"{path}[{k}]"
            | Key(path, k) -> $"{path}[{k}]"

        override x.Equals(other: obj) = obj.ReferenceEquals(x, other)
        override x.GetHashCode() = RuntimeHelpers.GetHashCode x

    /// Numbers of leaves as objects, made once.
    let private numbers: objnull[] = Array.init 256 box

    let private number k = if k < numbers.Length then numbers[k] else box k

    /// The part of a walk that is the same for all nodes.
    [<Sealed>]
    type private Walk(shares: bool, keys: bool) =
        /// Up to so many leaves are looked through, more are looked up.
        static let few = 16
        let leaves = ResizeArray<Tensor> few
        let mutable places: Dictionary<Tensor, int> | null = null
        let mutable above: obj[] = Array.zeroCreate 8
        let mutable depth = 0

        let find (x: Tensor) =
            match places with
            | null ->
                let mutable k = leaves.Count - 1

                while k >= 0 && not (obj.ReferenceEquals(leaves[k], x)) do
                    k <- k - 1

                k
            | places ->
                match places.TryGetValue x with
                | true, k -> k
                | _ -> -1

        let add (x: Tensor) =
            leaves.Add x

            match places with
            | null when leaves.Count <= few -> ()
            | null ->
                let all = Dictionary<Tensor, int>(HashIdentity.Reference)
                leaves |> Seq.iteri (fun k x -> all[x] <- k)
                places <- all
            | places -> places[x] <- leaves.Count - 1

        member _.Leaves = leaves
        member val Names = ResizeArray<Path> few
        /// Every tensor in the order met, also those met before.
        member val Met = ResizeArray<Tensor> few
        /// The leaf that each of them is.
        member val Which = ResizeArray<int> few
        /// Everything else, in the order met: the types of nodes, and values that are not tensors.
        member val Statics = ResizeArray<objnull> few
        /// Whether random keys are leaves.
        member _.TakesKeys = keys
        /// The leaves that are keys; null: none.
        member val Keys: HashSet<int> | null = null with get, set

        /// Goes into a node, unless it is one of the nodes above.
        member _.Enter(node: obj) : bool =
            let mutable k = depth - 1

            while k >= 0 && not (obj.ReferenceEquals(above[k], node)) do
                k <- k - 1

            if k < 0 then
                if depth = above.Length then Array.Resize(&above, 2 * depth)
                above[depth] <- node
                depth <- depth + 1

            k < 0

        member _.Leave() = depth <- depth - 1

        /// The number of a leaf; a tensor met again keeps its number, so that it counts once.
        member this.Leaf(x: Tensor, name: Path) : int =
            let k =
                match (if shares then find x else -1) with
                | -1 ->
                    add x
                    this.Names.Add name
                    leaves.Count - 1
                | k -> k

            this.Met.Add x
            this.Which.Add k
            k

        /// The number of a leaf that is a key.
        member this.KeyLeaf(x: Tensor, name: Path) : int =
            let k = this.Leaf(x, name)

            match this.Keys with
            | null -> this.Keys <- HashSet<int>([ k ])
            | keys -> keys.Add k |> ignore

            k

    let private flags = BindingFlags.Public ||| BindingFlags.Instance

    let private isNullable (value: objnull) = isNull value

    /// Records, tuples and unions of F#; System.Tuple and ValueTuple of C#.
    let private fsharpMembers (t: Type) : Members option =
        let all = BindingFlags.Public ||| BindingFlags.NonPublic

        if FSharpType.IsRecord(t, all) then
            let fields = FSharpType.GetRecordFields(t, all)
            let read = FSharpValue.PreComputeRecordReader(t, all)
            let build = FSharpValue.PreComputeRecordConstructor(t, all)
            Some
                { Names = fields |> Array.map (fun f -> f.Name)
                  Read = (fun o -> read (nonNull o))
                  Build = (fun parts -> build parts) }
        elif FSharpType.IsTuple t then
            let read = FSharpValue.PreComputeTupleReader t
            let build = FSharpValue.PreComputeTupleConstructor t
            let count = (FSharpType.GetTupleElements t).Length
            Some
                { Names = Array.init count (fun k -> $"Item{k + 1}")
                  Read = (fun o -> read (nonNull o))
                  Build = (fun parts -> build parts) }
        else
            None

    /// The properties and fields a caller can read, without indexers.
    let private readable (t: Type) : (string * Type * (objnull -> objnull)) list =
        [ for p in t.GetProperties flags do
              match p.GetMethod with
              | null -> ()
              | get when get.IsPublic && p.GetIndexParameters().Length = 0 && p.Name <> "EqualityContract" ->
                  let get = MethodInvoker.Create get
                  p.Name, p.PropertyType, (fun (o: objnull) -> get.Invoke o)
              | _ -> ()
          for f in t.GetFields flags do
              f.Name, f.FieldType, (fun (o: objnull) -> f.GetValue o) ]

    /// Classes, records and structs of C#: the longest public constructor whose parameters are all named like readable members,
    /// and then whatever else can be set.
    let private constructedMembers (t: Type) : Members option =
        let members = readable t
        let find (p: ParameterInfo) =
            members
            |> List.tryFind (fun (name, mt, _) ->
                String.Equals(name, p.Name, StringComparison.OrdinalIgnoreCase) && p.ParameterType.IsAssignableFrom mt)

        let candidates =
            t.GetConstructors flags
            |> Array.map (fun c -> c, c.GetParameters() |> Array.map find)
            |> Array.filter (fun (c, ms) -> Array.forall Option.isSome ms && not (c.GetParameters() |> Array.exists (fun p -> p.ParameterType = t)))
            |> Array.sortByDescending (fun (_, ms) -> ms.Length)

        let settersBesides (used: string Set) : (string * (objnull -> objnull) * (objnull * objnull -> unit)) list =
            [ for p in t.GetProperties flags do
                  if p.CanRead && p.CanWrite && p.GetIndexParameters().Length = 0 && not (used.Contains p.Name) then
                      p.Name, (fun o -> p.GetValue o), (fun (o, v) -> p.SetValue(o, v))
              for f in t.GetFields flags do
                  if not f.IsInitOnly && not (used.Contains f.Name) then f.Name, (fun o -> f.GetValue o), (fun (o, v) -> f.SetValue(o, v)) ]

        let make (create: objnull[] -> obj) (parameters: (string * Type * (objnull -> objnull))[]) =
            let used = parameters |> Array.map (fun (name, _, _) -> name) |> Set.ofArray
            let extra = settersBesides used |> List.toArray
            let first = parameters.Length
            let getters = Array.append (parameters |> Array.map (fun (_, _, get) -> get)) (extra |> Array.map (fun (_, get, _) -> get))

            Some
                { Names = Array.append (parameters |> Array.map (fun (name, _, _) -> name)) (extra |> Array.map (fun (name, _, _) -> name))
                  Read = fun o -> getters |> Array.map (fun get -> get o)
                  Build =
                    fun parts ->
                        if extra.Length = 0 then
                            create parts
                        else
                            let o = create (Array.sub parts 0 first)
                            extra |> Array.iteri (fun k (_, _, set) -> set (o, parts[first + k]))
                            o }

        match Array.tryHead candidates with
        | Some(constructor, parameters) ->
            let construct = ConstructorInvoker.Create constructor
            make (fun parts -> construct.Invoke(Span<objnull> parts)) (Array.map Option.get parameters)
        | None when t.IsValueType -> make (fun _ -> RuntimeHelpers.GetUninitializedObject t) [||]
        | None -> None

    let private cache = ConcurrentDictionary<Type, Members option>()

    let private membersOf (t: Type) : Members option =
        cache.GetOrAdd(
            t,
            fun t ->
                match fsharpMembers t with
                | Some m -> Some m
                | None -> constructedMembers t
        )

    /// The element type of the sequence interface that a collection implements.
    let private elementType (definition: Type) (t: Type) : Type option =
        Seq.append [ t ] (t.GetInterfaces())
        |> Seq.tryFind (fun i -> i.IsGenericType && i.GetGenericTypeDefinition() = definition)
        |> Option.map (fun i -> i.GetGenericArguments()[0])

    let private typedArray (element: Type) (items: objnull[]) : Array =
        let array = Array.CreateInstance(element, items.Length)

        match array with
        | :? (objnull[]) as objects -> Array.blit items 0 objects 0 items.Length
        | _ -> items |> Array.iteri (fun k item -> array.SetValue(item, k))

        array

    let private isGeneric (definition: Type) (t: Type) = t.IsGenericType && t.GetGenericTypeDefinition() = definition

    let private cannotRebuild (t: Type) (path: Path) advice =
        let at = if path.IsRoot then "the parameters" else string path
        raise (
            NotSupportedException
                $"{at} is a {t.Name} that holds tensors, but {advice}. Parameters may be records, classes whose constructor takes every property, tuples, arrays, lists and dictionaries."
        )

    /// A collection of a known generic kind around new items.
    let private rebuildSequence (t: Type) (element: Type) (path: Path) (items: objnull[]) : objnull =
        let array = typedArray element items

        if isGeneric typedefof<_ list> t then
            let ofArray = typeof<int list>.Assembly.GetType("Microsoft.FSharp.Collections.ListModule") |> nonNull
            (nonNull (ofArray.GetMethod "OfArray")).MakeGenericMethod(element).Invoke(null, [| array |])
        elif isGeneric typedefof<Immutable.ImmutableArray<_>> t || isGeneric typedefof<Immutable.ImmutableList<_>> t then
            let companion =
                if isGeneric typedefof<Immutable.ImmutableArray<_>> t then
                    typeof<Immutable.ImmutableArray>
                else
                    typeof<Immutable.ImmutableList>

            let create =
                companion.GetMethods()
                |> Array.find (fun m ->
                    m.Name = "CreateRange" && m.GetParameters().Length = 1 && isGeneric typedefof<seq<_>> (m.GetParameters()[0]).ParameterType)

            create.MakeGenericMethod(element).Invoke(null, [| array |])
        else
            let wanted = typedefof<seq<_>>.MakeGenericType element

            match
                t.GetConstructors flags
                |> Array.tryFind (fun c -> c.GetParameters().Length = 1 && (c.GetParameters()[0]).ParameterType.IsAssignableFrom(array.GetType()))
            with
            | Some c -> c.Invoke [| array |]
            | None -> cannotRebuild t path $"it has no constructor that takes {wanted.Name} of {element.Name}"

    /// A dictionary with the same keys and new values.
    let private rebuildDictionary (t: Type) (path: Path) (old: objnull) (keys: obj[]) (values: objnull[]) : objnull =
        if isGeneric typedefof<Map<_, _>> t then
            let pair = typedefof<_ * _>.MakeGenericType(t.GetGenericArguments())
            let pairs = Array.map2 (fun k v -> FSharpValue.MakeTuple([| k; v |], pair)) keys values
            Activator.CreateInstance(t, [| box (typedArray pair pairs) |])
        else
            let setItem = t.GetMethods flags |> Array.tryFind (fun m -> m.Name = "SetItem" && m.GetParameters().Length = 2)

            match setItem with
            | Some m -> Array.fold2 (fun (d: objnull) k v -> m.Invoke(d, [| k; v |])) old keys values
            | None ->
                match t.GetConstructor [||] with
                | null -> cannotRebuild t path "it is a dictionary without a parameterless constructor"
                | c ->
                    let comparer = t.GetProperty "Comparer"

                    let made =
                        match comparer with
                        | null -> c.Invoke [||]
                        | p ->
                            match
                                t.GetConstructors flags
                                |> Array.tryFind (fun c ->
                                    c.GetParameters().Length = 1 && (c.GetParameters()[0]).ParameterType.IsAssignableFrom p.PropertyType)
                            with
                            | Some withComparer -> withComparer.Invoke [| p.GetValue old |]
                            | None -> c.Invoke [||]

                    let dictionary = made :?> IDictionary
                    Array.iter2 (fun (k: obj) (v: objnull) -> dictionary.Add(k, v)) keys values
                    made

    let private isOpaqueType (t: Type) =
        t.IsPrimitive
        || t.IsEnum
        || t = typeof<string>
        || t = typeof<decimal>
        || t = typeof<Shape>
        || typeof<Delegate>.IsAssignableFrom t
        || typeof<Type>.IsAssignableFrom t
        || t.IsPointer
        || (FSharpType.IsFunction t)

    /// What reflection says of a type: asked once, because it takes its time.
    [<ReferenceEquality>]
    type private Kind = { IsOpaque: bool; IsUnion: bool; IsMap: bool; Element: Type option }

    let private kinds = ConcurrentDictionary<Type, Kind>()

    let private kindOf (t: Type) : Kind =
        kinds.GetOrAdd(
            t,
            fun t ->
                { IsOpaque = isOpaqueType t
                  IsUnion = FSharpType.IsUnion(t, BindingFlags.Public ||| BindingFlags.NonPublic)
                  IsMap = isGeneric typedefof<Map<_, _>> t
                  Element = elementType typedefof<IReadOnlyCollection<_>> t }
        )

    let private isOpaque (t: Type) = (kindOf t).IsOpaque

    /// Takes a value apart. The result puts it together around other leaves; nothing if it holds no tensors.
    let rec private take (walk: Walk) (path: Path) (value: objnull) : (Tensor[] -> objnull) voption =
        match value with
        | null ->
            walk.Statics.Add null
            ValueNone
        | :? Tensor as x ->
            let k = walk.Leaf(x, path)
            walk.Statics.Add(number k)
            ValueSome(fun leaves -> box leaves[k])
        | :? RandomKey as key ->
            if walk.TakesKeys then
                let k = walk.KeyLeaf(Keys.tensor key, path)
                walk.Statics.Add(box typeof<RandomKey>)
                walk.Statics.Add(number k)

                let name =
                    match path with
                    | Root -> "key"
                    | _ -> string path

                ValueSome(fun leaves -> box (Keys.ofTensor name leaves[k]))
            else
                walk.Statics.Add value
                ValueNone
        | value ->
            let t = value.GetType()
            let kind = kindOf t

            if kind.IsOpaque then
                walk.Statics.Add value
                ValueNone
            else
                walk.Statics.Add(box t)

                if t.IsValueType then
                    takeNode walk path t kind value
                elif walk.Enter value then
                    try
                        takeNode walk path t kind value
                    finally
                        walk.Leave()
                else
                    raise (NotSupportedException $"{path} leads back to an object that contains it. Parameters are a tree; break the cycle.")

    /// The children of a node, each with its way back; nothing if none holds a tensor.
    and private takeChildren (walk: Walk) (path: int -> Path) (children: objnull[]) : (Tensor[] -> objnull[]) voption =
        let backs = Array.zeroCreate<(Tensor[] -> objnull) voption> children.Length
        let mutable any = false

        for k in 0 .. children.Length - 1 do
            backs[k] <- take walk (path k) children[k]
            any <- any || backs[k].IsSome

        if any then
            ValueSome(fun leaves ->
                let parts = Array.zeroCreate<objnull> children.Length

                for k in 0 .. children.Length - 1 do
                    parts[k] <-
                        match backs[k] with
                        | ValueSome back -> back leaves
                        | ValueNone -> children[k]

                parts)
        else
            ValueNone

    and private takeNode (walk: Walk) (path: Path) (t: Type) (kind: Kind) (value: obj) : (Tensor[] -> objnull) voption =
        let items (xs: IEnumerable) =
            match xs with
            | :? (objnull[]) as objects -> Array.init objects.Length (fun k -> objects[k])
            | _ -> [| for x in xs -> x |]

        match value with
        | :? Array as array when array.Rank = 1 ->
            let element = nonNull (t.GetElementType())

            if isOpaque element then
                ValueNone
            else
                items array
                |> takeChildren walk (fun k -> Item(path, k))
                |> ValueOption.map (fun back -> fun leaves -> box (typedArray element (back leaves)))
        | :? Array as array ->
            if typeof<Tensor>.IsAssignableFrom(nonNull (t.GetElementType())) then
                cannotRebuild t path $"it is an array of {array.Rank} dimensions: use an array of arrays, or Stack the tensors"

            ValueNone
        | :? IDictionary as dictionary ->
            let keys = [| for k in dictionary.Keys -> k |]
            takeDictionary walk path t value keys (keys |> Array.map (fun k -> dictionary[k]))
        | _ when kind.IsMap ->
            let pairs = items (value :?> IEnumerable) |> Array.map (fun p -> p, (nonNull p).GetType())
            let get (name: string) (p: objnull, pt: Type) = (nonNull (pt.GetProperty name)).GetValue p
            takeDictionary
                walk
                path
                t
                value
                (pairs |> Array.map (fun (p, pt) -> nonNull (get "Key" (p, pt))))
                (pairs |> Array.map (fun (p, pt) -> get "Value" (p, pt)))
        | :? IEnumerable as sequence when kind.Element.IsSome ->
            let element = kind.Element.Value

            if isOpaque element then
                ValueNone
            else
                items sequence
                |> takeChildren walk (fun k -> Item(path, k))
                |> ValueOption.map (fun back -> fun leaves -> rebuildSequence t element path (back leaves))
        | _ when kind.IsUnion -> takeUnion walk path t value
        | _ -> takeMembers walk path t value

    and private takeDictionary walk path t value (keys: obj[]) (values: objnull[]) =
        takeChildren walk (fun k -> Key(path, keys[k])) values
        |> ValueOption.map (fun back -> fun leaves -> rebuildDictionary t path value keys (back leaves))

    and private takeUnion walk path t value =
        let all = BindingFlags.Public ||| BindingFlags.NonPublic
        let case, fields = FSharpValue.GetUnionFields(value, t, all)

        fields
        |> takeChildren walk (fun k -> Member(path, (case.GetFields()[k]).Name))
        |> ValueOption.map (fun back -> fun leaves -> FSharpValue.MakeUnion(case, back leaves, all))

    and private takeMembers walk path t value =
        match membersOf t with
        | Some members ->
            members.Read value
            |> takeChildren walk (fun k -> Member(path, members.Names[k]))
            |> ValueOption.map (fun back -> fun leaves -> members.Build(back leaves))
        | None ->
            // it cannot be rebuilt: fine if it holds no tensors
            let holds = readable t |> List.exists (fun (name, mt, get) -> typeof<Tensor>.IsAssignableFrom mt && not (isNullable (get value)))

            if holds then cannotRebuild t path "its constructor does not take them"

            ValueNone

    /// A value taken apart.
    [<Sealed>]
    type Parts<'t>
        internal
        (leaves: Tensor[], names: unit -> string[], met: Tensor[], which: int[], keys: HashSet<int> | null, statics: objnull[], back: Tensor[] -> 't)
        =
        /// The build: types of nodes, which leaf stands where, and values that are not tensors.
        member _.Statics = statics
        /// The distinct tensors, in the order met.
        member _.Leaves = leaves
        /// Whether a leaf is a random key, or a stack of them.
        member _.IsKey(leaf: int) =
            match keys with
            | null -> false
            | keys -> keys.Contains leaf
        /// Where each leaf was met first: Layers[0].Weight.
        member _.Names: string[] = names ()
        /// Every tensor in the order met; one that stands in several places stands here as often.
        member _.Met = met
        /// The leaf that each of them is.
        member _.Which = which
        /// A value of the same build around other leaves.
        member _.Rebuild(others: Tensor[]) : 't = back others

        /// For every leaf, the tensor that stands in its (first) place in another value of the same build.
        member this.Align(what: string, other: Parts<'t>) : Tensor[] =
            if other.Met.Length <> met.Length then
                invalidArg
                    what
                    $"the {what} holds {other.Met.Length} tensors, but the parameters hold {met.Length}. It must be built like them, with a tensor for each tensor."

            let aligned = Array.copy leaves
            for k in met.Length - 1 .. -1 .. 0 do
                aligned[which[k]] <- other.Met[k]

            aligned
            |> Array.iteri (fun k d ->
                if not (d.Shape.Equals leaves[k].Shape) then
                    invalidArg what $"the {what} has shape {d.Shape} at {(names ()).[k]}, but the parameter there has {leaves[k].Shape}.")

            aligned

    let private oneLeaf: objnull[] = [| box 0 |]
    let private onePlace = [| 0 |]
    let private noName = fun () -> [| "" |]

    /// The way back from a single tensor.
    [<AbstractClass; Sealed>]
    type private Alone<'t> =
        static member val Back: Tensor[] -> 't = fun leaves -> unbox<'t>(box leaves[0])

    let private walkOver<'t> (shares: bool) (keys: bool) (value: 't) : Parts<'t> =
        match box value with
        | :? Tensor as x ->
            let leaves = [| x |]
            Parts(leaves, noName, leaves, onePlace, null, oneLeaf, Alone<'t>.Back)
        | _ ->
            let walk = Walk(shares, keys)

            let back: Tensor[] -> 't =
                match take walk Root (box value) with
                | ValueSome back -> fun leaves -> unbox<'t>(back leaves)
                | ValueNone -> fun _ -> value

            let names () = walk.Names.ToArray() |> Array.map string
            Parts(walk.Leaves.ToArray(), names, walk.Met.ToArray(), walk.Which.ToArray(), walk.Keys, walk.Statics.ToArray(), back)

    /// Taken apart into its distinct tensors. Random keys stay as they are: nothing is differentiated by them.
    let flatten<'t> (value: 't) : Parts<'t> = walkOver true false value

    /// Taken apart with a leaf for every place: for states and unknowns, whose parts are different even where they are equal.
    let flattenEach<'t> (value: 't) : Parts<'t> = walkOver false false value

    /// Taken apart into its distinct tensors and its random keys: for functions that are traced or batched.
    let flattenWithKeys<'t> (value: 't) : Parts<'t> = walkOver true true value

    /// Taken apart with a leaf for every place, random keys too: for the states of loops.
    let flattenEachWithKeys<'t> (value: 't) : Parts<'t> = walkOver false true value

    /// The tensors of a value, one for every place.
    let each<'t> (value: 't) : Tensor[] =
        match box value with
        | :? Tensor as x -> [| x |]
        | _ -> (flattenEach value).Leaves

    /// The same value around f of each leaf.
    let map<'t> (f: Tensor -> Tensor) (value: 't) : 't =
        let parts = flatten value
        if parts.Leaves.Length = 0 then value else parts.Rebuild(Array.map f parts.Leaves)
