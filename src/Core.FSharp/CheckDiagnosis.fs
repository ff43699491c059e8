namespace DiffLib

open System
open System.Globalization

/// The usual mistakes in derivative rules, named by what they do to the numbers.
module internal CheckDiagnosis =
    /// The tensors behind the columns (inputs) or rows (results) of a Jacobian.
    [<NoEquality; NoComparison>]
    type Layout =
        { Names: string[]
          Shapes: Shape[] }

        member x.Count = x.Shapes |> Array.sumBy (fun s -> s.Count)

        /// The tensor that a flat position belongs to, and the position in it.
        member x.Locate(position: int) : struct (int * int) =
            let mutable k = 0
            let mutable rest = position

            while rest >= x.Shapes[k].Count do
                rest <- rest - x.Shapes[k].Count
                k <- k + 1

            struct (k, rest)

        member x.Index(position: int) : struct (int * int[]) =
            let struct (k, rest) = x.Locate position
            let strides = x.Shapes[k].RowMajorStrides
            struct (k, Array.mapi (fun d (size: int) -> rest / strides[d] % size) x.Shapes[k].Sizes)

        member x.NameOf(position: int) : string =
            let struct (k, index) = x.Index position
            if index.Length = 0 then x.Names[k] else x.Names[k] + "[" + String.Join(", ", index) + "]"

    /// Derivatives that were compared: result by input, row after row. Wrong marks those that differ.
    [<NoEquality; NoComparison>]
    type Table =
        {
            Inputs: Layout
            Outputs: Layout
            Analytic: double[]
            Expected: double[]
            Wrong: bool[]
            /// Whether these are all derivatives there are: only then do positions mean something.
            Complete: bool
        }

    let private near (a: double) (b: double) = abs (a - b) <= 1e-4 * max (abs a) (abs b)

    let private text (x: double) = x.ToString("G6", CultureInfo.InvariantCulture)

    /// Sizes that a sum or a mean may have run over, with words for them.
    let private sizes (t: Table) : (int * string)[] =
        let axes (l: Layout) what =
            [| for k in 0 .. l.Shapes.Length - 1 do
                   for d in 0 .. l.Shapes[k].Rank - 1 do
                       l.Shapes[k].Sizes[d], $"axis {d} of {l.Names[k]}, {l.Shapes[k]}"
                   if l.Shapes[k].Rank > 1 then l.Shapes[k].Count, $"the elements of {l.Names[k]}, {l.Shapes[k]}" |]

        Array.append (axes t.Inputs "input") (axes t.Outputs "result") |> Array.filter (fun (n, _) -> n > 1) |> Array.distinctBy fst

    let private bySize (t: Table) (ratio: double) : string list =
        [ for n, what in sizes t do
              if near ratio (double n) then
                  $"n = {n} times too large, the size of {what}: a sum where the function takes a mean, or a contribution counted n times"
              elif near ratio (1.0 / double n) then
                  $"1/n of what it should be, n = {n} the size of {what}: a mean where the function takes a sum, or a missing sum over a broadcast axis" ]

    let private constants =
        [ -1.0, "the sign is wrong"
          2.0, "doubled: a factor 2 too many, or a term counted twice"
          0.5, "halved: a factor 2 is missing (as in the derivative of a square), or one of two equal terms"
          -2.0, "the sign is wrong and it is doubled"
          -0.5, "the sign is wrong and it is halved"
          log 2.0, "a factor ln 2: natural and binary logarithms mixed up"
          1.0 / log 2.0, "a factor 1/ln 2: natural and binary logarithms mixed up"
          log 10.0, "a factor ln 10: natural and decimal logarithms mixed up"
          1.0 / log 10.0, "a factor 1/ln 10: natural and decimal logarithms mixed up"
          Math.PI / 180.0, "a factor π/180: degrees and radians mixed up"
          180.0 / Math.PI, "a factor 180/π: degrees and radians mixed up" ]

    let private ofRatio (t: Table) (places: int) (ratio: double) : string voption =
        let named =
            [ for c, words in constants do
                  if near ratio c then words ]
            @ bySize t ratio

        match named with
        | [] when places = 1 -> ValueNone
        | [] -> ValueSome $"wrong by the constant factor {text ratio}"
        | words -> ValueSome(String.Join("; or ", words))

    let private wrongOnes (t: Table) =
        [| for p in 0 .. t.Wrong.Length - 1 do
               if t.Wrong[p] then p |]

    /// The largest of the expected numbers: what is tiny beside it has no ratio worth naming.
    let private scale (t: Table) = Array.fold (fun m (x: double) -> max m (abs x)) 0.0 t.Expected

    let private share (t: Table) (wrong: int[]) =
        let relevant = Seq.zip t.Analytic t.Expected |> Seq.filter (fun (a, d) -> a <> 0.0 || d <> 0.0) |> Seq.length
        let all = max relevant wrong.Length
        if all = 1 then ""
        elif wrong.Length = all then $", in all {all} places"
        else $", in {wrong.Length} of {all} places"

    let private uniform (t: Table) (wrong: int[]) : string voption =
        let measurable = wrong |> Array.filter (fun p -> abs t.Expected[p] > 1e-6 * scale t)

        if measurable.Length < wrong.Length || wrong.Length = 0 then
            ValueNone
        else
            let ratios = measurable |> Array.map (fun p -> t.Analytic[p] / t.Expected[p])
            let first = ratios[0]

            if first <> 0.0 && ratios |> Array.forall (near first) then
                match ofRatio t wrong.Length first with
                | ValueSome words -> ValueSome(words + share t wrong)
                | ValueNone -> ValueNone
            else
                ValueNone

    /// Positions of one tensor as a matrix, all of them compared.
    let private transposedGradient (t: Table) (wrong: int[]) : string voption =
        let mutable offset = 0
        let mutable found = ValueNone

        if t.Complete && t.Outputs.Count = 1 then
            for k in 0 .. t.Inputs.Shapes.Length - 1 do
                let shape = t.Inputs.Shapes[k]

                if shape.Rank = 2 && shape.Count > 1 && Array.exists (fun p -> p >= offset && p < offset + shape.Count) wrong then
                    let m, n = shape.Sizes[0], shape.Sizes[1]
                    let like = scale t

                    let matches =
                        Seq.forall
                            (fun p -> abs (t.Analytic[offset + p] - t.Expected[offset + p % m * n + p / m]) <= 1e-5 * like)
                            (seq { 0 .. shape.Count - 1 })

                    if matches then
                        found <- ValueSome $"transposed: the gradient by {t.Inputs.Names[k]}, {shape}, holds the elements of its transpose"

                offset <- offset + shape.Count

        found

    let private transposedJacobian (t: Table) (_: int[]) : string voption =
        let n = t.Inputs.Count

        if t.Complete && n > 1 && t.Outputs.Count = n then
            let like = scale t
            let matches = Seq.forall (fun p -> abs (t.Analytic[p] - t.Expected[p % n * n + p / n]) <= 1e-5 * like) (seq { 0 .. n * n - 1 })
            if matches then
                ValueSome
                    "transposed: the Jacobian is that of the transposed map. A pull multiplies with the transpose, a push with the matrix itself"
            else
                ValueNone
        else
            ValueNone

    /// Wrong places are zeros, right ones stand all at one position of an axis of the result that the input has not: only that part was taken.
    let private droppedBroadcast (t: Table) (wrong: int[]) : string voption =
        let n = t.Inputs.Count

        if not t.Complete || t.Outputs.Shapes.Length <> 1 || wrong |> Array.exists (fun p -> t.Analytic[p] <> 0.0) then
            ValueNone
        else
            let struct (k, _) = t.Inputs.Locate(wrong[0] % n)
            let own = t.Inputs.Shapes[k]
            let out = t.Outputs.Shapes[0]
            let shift = out.Rank - own.Rank

            let broadcast =
                [| for d in 0 .. out.Rank - 1 do
                       if out.Sizes[d] > 1 && (d < shift || own.Sizes[d - shift] = 1) then d |]

            let ofInput p =
                let struct (j, _) = t.Inputs.Locate(p % n)
                j = k

            let right =
                [| for p in 0 .. t.Wrong.Length - 1 do
                       if not t.Wrong[p] && ofInput p && abs t.Expected[p] > 1e-6 * scale t then p |]

            let position d p =
                let struct (_, index) = t.Outputs.Index(p / n)
                index[d]

            let onePart d = right.Length > 0 && right |> Array.forall (fun p -> position d p = position d right[0])

            if Array.forall ofInput wrong && shift >= 0 then
                match broadcast |> Array.tryFind onePart with
                | Some d ->
                    ValueSome
                        $"the sum over broadcast axis {d} is missing: {t.Inputs.Names[k]}, {own}, was repeated along it to {out}, but only one part of the cotangent came back. Sum over that axis"
                | None -> ValueNone
            else
                ValueNone

    let private zeros (t: Table) (wrong: int[]) : string voption =
        if wrong |> Array.forall (fun p -> t.Analytic[p] = 0.0) then
            let n = t.Inputs.Count
            let inputs =
                if t.Complete then
                    wrong |> Array.map (fun p -> let struct (k, _) = t.Inputs.Locate(p % n) in k) |> Array.distinct
                else
                    [||]

            let whole k =
                Seq.forall (fun p -> let struct (j, _) = t.Inputs.Locate(p % n) in j <> k || t.Analytic[p] = 0.0) (seq { 0 .. t.Analytic.Length - 1 })

            if t.Complete && inputs |> Array.forall whole then
                let names = String.Join(", ", inputs |> Array.map (fun k -> t.Inputs.Names[k]))
                ValueSome
                    $"zero: nothing flows back to {names}. A term is missing, or StopGradient, a cast to integers or a value taken out of the tensor cuts the connection"
            else
                ValueSome $"zero where it should not be{share t wrong}: a term is missing"
        elif wrong |> Array.forall (fun p -> abs t.Expected[p] <= 1e-6 * (scale t + abs t.Analytic[p]) && t.Analytic[p] <> 0.0) then
            ValueSome $"not zero where the function does not vary{share t wrong}: a term too many, or an input that it does not depend on"
        else
            ValueNone

    let private difference (t: Table) (wrong: int[]) : string voption =
        let gaps = wrong |> Array.map (fun p -> t.Analytic[p] - t.Expected[p])

        if wrong.Length > 1 && gaps |> Array.forall (near gaps[0]) then
            let which = if gaps[0] > 0.0 then "one too many, or a negative one missing" else "missing, or a negative one too many"
            ValueSome $"off by the constant {text gaps[0]}{share t wrong}: a term that is linear in the input is {which}"
        else
            ValueNone

    let private varied (t: Table) (wrong: int[]) : string voption =
        if wrong.Length > 1 then
            let ratios = wrong |> Array.filter (fun p -> abs t.Expected[p] > 1e-6 * scale t) |> Array.map (fun p -> t.Analytic[p] / t.Expected[p])

            if ratios.Length > 1 then
                ValueSome
                    $"a term is missing or too many: the ratio to the true derivative is not constant, it runs from {text (Array.min ratios)} to {text (Array.max ratios)}{share t wrong}"
            else
                ValueSome $"a term is missing or too many{share t wrong}"
        else
            ValueSome $"a term is missing or too many: the ratio {text (t.Analytic[wrong[0]] / t.Expected[wrong[0]])} is none of the usual ones"

    /// The mistake that the wrong numbers look like, in a sentence.
    let name (t: Table) : string =
        let wrong = wrongOnes t

        if wrong.Length = 0 then
            ""
        else
            [ droppedBroadcast; uniform; transposedGradient; transposedJacobian; zeros; difference; varied ]
            |> List.tryPick (fun rule ->
                match rule t wrong with
                | ValueSome s -> Some s
                | ValueNone -> None)
            |> Option.defaultValue ""
