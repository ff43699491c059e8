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

    /// The part of a walk that is the same for all nodes.
    [<Sealed>]
    type private Walk(shares: bool) =
        let places = Dictionary<Tensor, int>(HashIdentity.Reference)
        member val Leaves = ResizeArray<Tensor>()
        member val Names = ResizeArray<string>()
        /// Every tensor in the order met, also those met before.
        member val Met = ResizeArray<Tensor>()
        /// The leaf that each of them is.
        member val Which = ResizeArray<int>()
        /// Everything else, in the order met: the types of nodes, and values that are not tensors.
        member val Statics = ResizeArray<objnull>()
        /// The objects above the present one: a tree must not contain itself.
        member val Above = HashSet<obj>(ReferenceEqualityComparer.Instance)

        /// The number of a leaf; a tensor met again keeps its number, so that it counts once.
        member this.Leaf(x: Tensor, name: string) : int =
            let k =
                match places.TryGetValue x with
                | true, k when shares -> k
                | _ ->
                    places[x] <- this.Leaves.Count
                    this.Leaves.Add x
                    this.Names.Add name
                    this.Leaves.Count - 1

            this.Met.Add x
            this.Which.Add k
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
              if p.CanRead && p.GetIndexParameters().Length = 0 && p.Name <> "EqualityContract" then
                  p.Name, p.PropertyType, (fun (o: objnull) -> p.GetValue o)
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

            Some
                { Names = Array.append (parameters |> Array.map (fun (name, _, _) -> name)) (extra |> Array.map (fun (name, _, _) -> name))
                  Read = fun o -> Array.append (parameters |> Array.map (fun (_, _, get) -> get o)) (extra |> Array.map (fun (_, get, _) -> get o))
                  Build =
                    fun parts ->
                        let o = create (Array.sub parts 0 first)
                        extra |> Array.iteri (fun k (_, _, set) -> set (o, parts[first + k]))
                        o }

        match Array.tryHead candidates with
        | Some(constructor, parameters) -> make (fun parts -> constructor.Invoke parts) (Array.map Option.get parameters)
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
        items |> Array.iteri (fun k item -> array.SetValue(item, k))
        array

    let private isGeneric (definition: Type) (t: Type) = t.IsGenericType && t.GetGenericTypeDefinition() = definition

    let private cannotRebuild (t: Type) (path: string) advice =
        let at = if path = "" then "the parameters" else path
        raise (
            NotSupportedException
                $"{at} is a {t.Name} that holds tensors, but {advice}. Parameters may be records, classes whose constructor takes every property, tuples, arrays, lists and dictionaries."
        )

    /// A collection of a known generic kind around new items.
    let private rebuildSequence (t: Type) (element: Type) (path: string) (items: objnull[]) : objnull =
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
    let private rebuildDictionary (t: Type) (path: string) (old: objnull) (keys: obj[]) (values: objnull[]) : objnull =
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

    // what reflection says of a type is asked once: trees are walked at every call of a compiled function

    let private collections = ConcurrentDictionary<Type, Type option>()
    let private opaque = ConcurrentDictionary<Type, bool>()
    let private unions = ConcurrentDictionary<Type, bool>()

    /// The element type of a collection that knows its size.
    let private collectionElement (t: Type) : Type option = collections.GetOrAdd(t, elementType typedefof<IReadOnlyCollection<_>>)

    let private isUnion (t: Type) : bool =
        unions.GetOrAdd(t, (fun t -> FSharpType.IsUnion(t, BindingFlags.Public ||| BindingFlags.NonPublic)))

    let private looksOpaque (t: Type) =
        t.IsPrimitive
        || t.IsEnum
        || t = typeof<string>
        || t = typeof<decimal>
        || t = typeof<Shape>
        || typeof<Delegate>.IsAssignableFrom t
        || typeof<Type>.IsAssignableFrom t
        || t.IsPointer
        || (FSharpType.IsFunction t)

    let private isOpaque (t: Type) : bool = opaque.GetOrAdd(t, looksOpaque)

    let private join (path: string) (name: string) = if path = "" then name else path + "." + name

    /// Takes a value apart. The result puts it together around other leaves; nothing if it holds no tensors.
    let rec private take (walk: Walk) (path: string) (value: objnull) : (Tensor[] -> objnull) option =
        match value with
        | null ->
            walk.Statics.Add null
            None
        | :? Tensor as x ->
            let k = walk.Leaf(x, path)
            walk.Statics.Add(box k)
            Some(fun leaves -> box leaves[k])
        | value when isOpaque (value.GetType()) ->
            walk.Statics.Add value
            None
        | value ->
            let t = value.GetType()
            walk.Statics.Add(box t)
            let track = not t.IsValueType

            if track && not (walk.Above.Add value) then
                raise (NotSupportedException $"{path} leads back to an object that contains it. Parameters are a tree; break the cycle.")

            try
                takeNode walk path t value
            finally
                if track then walk.Above.Remove value |> ignore

    /// The children of a node, each with its way back; nothing if none holds a tensor.
    and private takeChildren (walk: Walk) (children: (string * objnull)[]) : (Tensor[] -> objnull[]) option =
        let parts = children |> Array.map (fun (name, child) -> struct (child, take walk name child))

        if parts |> Array.forall (fun struct (_, back) -> back.IsNone) then
            None
        else
            Some(fun leaves ->
                parts
                |> Array.map (fun struct (child, back) ->
                    match back with
                    | Some back -> back leaves
                    | None -> child))

    and private takeNode (walk: Walk) (path: string) (t: Type) (value: obj) : (Tensor[] -> objnull) option =
        let items (xs: IEnumerable) = [| for x in xs -> x |]

        match value with
        | :? Array as array when array.Rank = 1 ->
            let element = nonNull (t.GetElementType())

            if isOpaque element then
                None
            else
                items array
                |> Array.mapi (fun k x -> $"{path}[{k}]", x)
                |> takeChildren walk
                |> Option.map (fun back -> fun leaves -> box (typedArray element (back leaves)))
        | :? Array as array ->
            if typeof<Tensor>.IsAssignableFrom(nonNull (t.GetElementType())) then
                cannotRebuild t path $"it is an array of {array.Rank} dimensions: use an array of arrays, or Stack the tensors"

            None
        | :? IDictionary as dictionary ->
            let keys = [| for k in dictionary.Keys -> k |]
            takeDictionary walk path t value keys (keys |> Array.map (fun k -> dictionary[k]))
        | _ when isGeneric typedefof<Map<_, _>> t ->
            let pairs = items (value :?> IEnumerable) |> Array.map (fun p -> p, (nonNull p).GetType())
            let get (name: string) (p: objnull, pt: Type) = (nonNull (pt.GetProperty name)).GetValue p
            takeDictionary
                walk
                path
                t
                value
                (pairs |> Array.map (fun (p, pt) -> nonNull (get "Key" (p, pt))))
                (pairs |> Array.map (fun (p, pt) -> get "Value" (p, pt)))
        | :? IEnumerable as sequence when (collectionElement t).IsSome ->
            let element = (collectionElement t).Value

            if isOpaque element then
                None
            else
                items sequence
                |> Array.mapi (fun k x -> $"{path}[{k}]", x)
                |> takeChildren walk
                |> Option.map (fun back -> fun leaves -> rebuildSequence t element path (back leaves))
        | _ when isUnion t -> takeUnion walk path t value
        | _ -> takeMembers walk path t value

    and private takeDictionary walk path t value (keys: obj[]) (values: objnull[]) =
        Array.map2 (fun k v -> $"{path}[{k}]", v) keys values
        |> takeChildren walk
        |> Option.map (fun back -> fun leaves -> rebuildDictionary t path value keys (back leaves))

    and private takeUnion walk path t value =
        let all = BindingFlags.Public ||| BindingFlags.NonPublic
        let case, fields = FSharpValue.GetUnionFields(value, t, all)

        fields
        |> Array.mapi (fun k x -> join path (case.GetFields()[k]).Name, x)
        |> takeChildren walk
        |> Option.map (fun back -> fun leaves -> FSharpValue.MakeUnion(case, back leaves, all))

    and private takeMembers walk path t value =
        match membersOf t with
        | Some members ->
            Array.map2 (fun name x -> join path name, x) members.Names (members.Read value)
            |> takeChildren walk
            |> Option.map (fun back -> fun leaves -> members.Build(back leaves))
        | None ->
            // it cannot be rebuilt: fine if it holds no tensors
            let holds = readable t |> List.exists (fun (name, mt, get) -> typeof<Tensor>.IsAssignableFrom mt && not (isNullable (get value)))

            if holds then cannotRebuild t path "its constructor does not take them"

            None

    /// A value taken apart.
    [<Sealed>]
    type Parts<'t> internal (leaves: Tensor[], names: string[], met: Tensor[], which: int[], statics: objnull[], back: Tensor[] -> 't) =
        /// The build: types of nodes, which leaf stands where, and values that are not tensors.
        member _.Statics = statics
        /// The distinct tensors, in the order met.
        member _.Leaves = leaves
        /// Where each leaf was met first: Layers[0].Weight.
        member _.Names = names
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
                    invalidArg what $"the {what} has shape {d.Shape} at {names[k]}, but the parameter there has {leaves[k].Shape}.")

            aligned

    let private oneLeaf: objnull[] = [| box 0 |]

    let private walkOver<'t> (shares: bool) (value: 't) : Parts<'t> =
        match box value with
        | :? Tensor as x -> Parts([| x |], [| "" |], [| x |], [| 0 |], oneLeaf, fun leaves -> unbox<'t>(box leaves[0]))
        | _ ->
            let walk = Walk shares

            let back: Tensor[] -> 't =
                match take walk "" (box value) with
                | Some back -> fun leaves -> unbox<'t>(back leaves)
                | None -> fun _ -> value

            Parts(walk.Leaves.ToArray(), walk.Names.ToArray(), walk.Met.ToArray(), walk.Which.ToArray(), walk.Statics.ToArray(), back)

    /// Taken apart into its distinct tensors.
    let flatten<'t> (value: 't) : Parts<'t> = walkOver true value

    /// Taken apart with a leaf for every place: for states and unknowns, whose parts are different even where they are equal.
    let flattenEach<'t> (value: 't) : Parts<'t> = walkOver false value

    /// The tensors of a value, one for every place.
    let each<'t> (value: 't) : Tensor[] =
        match box value with
        | :? Tensor as x -> [| x |]
        | _ -> (flattenEach value).Leaves

    /// The same value around f of each leaf.
    let map<'t> (f: Tensor -> Tensor) (value: 't) : 't =
        let parts = flatten value
        if parts.Leaves.Length = 0 then value else parts.Rebuild(Array.map f parts.Leaves)
