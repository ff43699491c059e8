namespace DiffLib

open System

/// Sums of products by subscripts, after Einstein. Labels are letters; -1, -2, ... are the axes of an ellipsis, counted from the last.
module internal Einsum =
    /// A tensor with a label for each axis, no label twice.
    [<Struct>]
    type private Labelled = { Tensor: Tensor; Labels: int list }

    let private fail (equation: string) (text: string) : 'a = invalidArg "equation" $"Einsum \"{equation}\": {text}"

    /// The labels of one operand's subscripts; the ellipsis stands for as many axes as are left over.
    let private labelsOf (equation: string) (subscripts: string) (rank: int) : int list =
        let at = subscripts.IndexOf("...", StringComparison.Ordinal)
        let letters = if at < 0 then subscripts else subscripts.Remove(at, 3)

        match letters |> Seq.tryFind (fun c -> not (Char.IsAsciiLetter c)) with
        | Some c -> fail equation $"'{c}' is no subscript; subscripts are letters, and ... for all other axes."
        | None -> ()

        let extra = rank - letters.Length

        if extra < 0 || (at < 0 && extra > 0) then
            fail equation $"\"{subscripts}\" names {letters.Length} axes, but the operand has {rank}. Name each axis once, or write ... for the rest."

        let named (s: string) = s |> Seq.map int |> List.ofSeq
        if at < 0 then
            named letters
        else
            named (letters.Substring(0, at)) @ [ for d in -extra .. -1 -> d ] @ named (letters.Substring at)

    /// Repeated labels of one operand become one axis: its diagonal, moved to the end.
    let rec private diagonals (equation: string) (x: Labelled) : Labelled =
        match x.Labels |> List.countBy id |> List.tryFind (fun (_, n) -> n > 1) with
        | None -> x
        | Some(label, _) ->
            let first = List.findIndex ((=) label) x.Labels
            let second = first + 1 + List.findIndex ((=) label) (List.skip (first + 1) x.Labels)
            let sizes = x.Tensor.Shape.Sizes

            if sizes[first] <> sizes[second] then
                fail
                    equation
                    $"subscript '{char label}' stands for sizes {sizes[first]} and {sizes[second]} in an operand of shape {x.Tensor.Shape}; a diagonal needs equal sizes."

            let rest =
                [ for d in 0 .. sizes.Length - 1 do
                      if d <> first && d <> second then d ]
            let moved = Matrix.Permute(x.Tensor, Array.ofList (rest @ [ first; second ]))

            diagonals equation { Tensor = Matrix.Diagonal moved; Labels = [ for d in rest -> x.Labels[d] ] @ [ label ] }

    let private sizeOf (x: Labelled) label = x.Tensor.Shape.Sizes[List.findIndex ((=) label) x.Labels]

    /// The operand with its axes in the order of these labels, all of which it has.
    let private arranged (x: Labelled) (labels: int list) : Tensor =
        Matrix.Permute(x.Tensor, labels |> List.map (fun l -> List.findIndex ((=) l) x.Labels) |> Array.ofList)

    /// Sums over the labels not wanted.
    let private keeping (wanted: int list) (x: Labelled) : Labelled =
        let gone = x.Labels |> List.indexed |> List.filter (fun (_, l) -> not (List.contains l wanted))

        if gone.IsEmpty then
            x
        else
            { Tensor = Tensor.Apply(SumRule(gone |> List.map fst |> Array.ofList, false), x.Tensor)
              Labels = x.Labels |> List.filter (fun l -> List.contains l wanted) }

    /// One product, summed over the shared labels that nobody wants any more: a stack of matrix products, or a broadcast product where nothing is summed.
    let private contract (wanted: int list) (a: Labelled) (b: Labelled) : Labelled =
        let a = keeping (wanted @ b.Labels) a
        let b = keeping (wanted @ a.Labels) b
        let shared = a.Labels |> List.filter (fun l -> List.contains l b.Labels)
        let batch, summed = shared |> List.partition (fun l -> List.contains l wanted)
        let freeA = a.Labels |> List.except shared
        let freeB = b.Labels |> List.except shared
        let sizes x labels = labels |> List.map (sizeOf x) |> Array.ofList
        let product = Array.fold (*) 1
        let common = sizes a batch
        let m, k, n = sizes a freeA, sizes a summed, sizes b freeB
        // single axes stay as they are, so that a transposed view reaches the product without a copy
        let shaped (x: Tensor) (first: int[]) (second: int[]) =
            if first.Length = 1 && second.Length = 1 then
                x
            else
                Tensor.ReshapeTo(x, Shape(Array.append common [| product first; product second |]))

        let y =
            if summed.IsEmpty then
                let left = Tensor.ReshapeTo(arranged a (batch @ freeA), Shape(Array.append common [| product m; 1 |]))
                let right = Tensor.ReshapeTo(arranged b (batch @ freeB), Shape(Array.append common [| 1; product n |]))
                left * right
            else
                Products.Matrices(shaped (arranged a (batch @ freeA @ summed)) m k, shaped (arranged b (batch @ summed @ freeB)) k n)

        { Tensor = Tensor.ReshapeTo(y, Shape(Array.concat [ common; m; n ])); Labels = batch @ freeA @ freeB }

    /// The pair whose product, summed over what is no longer needed, costs least; of equals the first.
    let private cheapest (output: int list) (operands: Labelled list) : int * int =
        let pairs =
            [ for i in 0 .. operands.Length - 2 do
                  for j in i + 1 .. operands.Length - 1 do
                      let a, b = operands[i], operands[j]

                      let cost =
                          List.distinct (a.Labels @ b.Labels)
                          |> List.fold (fun c l -> c * double (if List.contains l a.Labels then sizeOf a l else sizeOf b l)) 1.0

                      cost, (i, j) ]

        pairs |> List.minBy fst |> snd

    let rec private reduceAll (output: int list) (operands: Labelled list) : Labelled =
        match operands with
        | [ x ] -> keeping output x
        | _ ->
            let i, j = if operands.Length = 2 then 0, 1 else cheapest output operands
            let rest =
                [ for k in 0 .. operands.Length - 1 do
                      if k <> i && k <> j then operands[k] ]
            let wanted = output @ List.collect (fun x -> x.Labels) rest
            reduceAll output (contract wanted operands[i] operands[j] :: rest)

    /// The sizes by label; 1 gives way to another size.
    let private sizesOf (equation: string) (operands: Labelled list) : Map<int, int> =
        let mutable sizes = Map.empty

        for x in operands do
            for label, size in Seq.zip x.Labels x.Tensor.Shape.Sizes do
                match Map.tryFind label sizes with
                | Some known when known <> size && known <> 1 && size <> 1 ->
                    let name = if label < 0 then "an axis of the ellipsis" else $"subscript '{char label}'"
                    fail equation $"{name} stands for sizes {known} and {size}. One subscript, one size (or 1)."
                | Some known when known <> 1 -> ()
                | _ -> sizes <- Map.add label size sizes

        sizes

    /// Axes of size 1 whose label has another size elsewhere are dropped: the product broadcasts by itself.
    let private squeezed (sizes: Map<int, int>) (x: Labelled) : Labelled =
        let keep =
            [ for label, size in Seq.zip x.Labels x.Tensor.Shape.Sizes do
                  if size = sizes[label] then label, size ]

        { Tensor = Tensor.ReshapeTo(x.Tensor, Shape(keep |> List.map snd |> Array.ofList)); Labels = List.map fst keep }

    /// The labels of the result: as written, or the ellipsis and then, in alphabetical order, the letters that occur once.
    let private outputOf (equation: string) (right: string option) (operands: Labelled list) : int list =
        let all = operands |> List.collect (fun x -> x.Labels)
        let depth = all |> List.fold (fun n l -> max n -l) 0
        let ellipsis = [ for d in -depth .. -1 -> d ]

        match right with
        | None ->
            ellipsis @ (all |> List.filter (fun l -> l > 0) |> List.countBy id |> List.filter (fun (_, n) -> n = 1) |> List.map fst |> List.sort)
        | Some text ->
            let hasEllipsis = text.Contains("...", StringComparison.Ordinal)
            let letters = text.Replace("...", "").Length
            let output = labelsOf equation text (letters + (if hasEllipsis then depth else 0))

            match output |> List.countBy id |> List.tryFind (fun (_, n) -> n > 1), output |> List.tryFind (fun l -> not (List.contains l all)) with
            | Some(l, _), _ -> fail equation $"the result names '{char l}' twice."
            | _, Some l -> fail equation $"the result names '{char l}', which no operand has."
            | _ -> output

    /// The sum of products that the equation describes.
    let evaluate (equation: string) (operands: Tensor[]) : Tensor =
        let compact = equation.Replace(" ", "")
        let arrow = compact.IndexOf("->", StringComparison.Ordinal)
        let left, right = if arrow < 0 then compact, None else compact.Substring(0, arrow), Some(compact.Substring(arrow + 2))
        let parts = left.Split ','
        if operands.Length = 0 then fail equation "no operand was given."

        if parts.Length <> operands.Length then
            fail equation $"{parts.Length} lists of subscripts for {operands.Length} operands. Separate one list for each operand by commas."

        let common =
            let weakest (x: Tensor) = x.DType, x.IsWeak
            let promote (t, weak) (u, weak2) = DTypes.promote t weak u weak2, weak && weak2
            let dtype = operands |> Array.map weakest |> Array.reduce promote |> fst
            if DTypes.isFloat dtype then dtype else DType.Int64

        let labelled = [ for part, x in Array.zip parts operands -> { Tensor = Tensor.Cast(x, common); Labels = labelsOf equation part x.Rank } ]

        // a letter twice in one operand also counts as repeated, so the output is read off before the diagonals are taken
        let output = outputOf equation right labelled
        let diagonal = labelled |> List.map (diagonals equation)
        let sizes = sizesOf equation diagonal
        let result = diagonal |> List.map (squeezed sizes) |> reduceAll output
        arranged result output
