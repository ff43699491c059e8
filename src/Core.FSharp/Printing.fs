namespace DiffLib

open System
open System.Globalization
open System.Text

/// How arrays read as text: rows in brackets with aligned columns, the middle of long axes left out, numbers in the invariant culture.
/// What is shown is bounded, whatever the size of the array.
module internal Printing =
    /// Arrays with more elements than this show only the first and last entries of their longer axes.
    let private most = 1000

    /// How many entries at each end: fewer where there are many axes, so that the text stays short.
    let private edge rank =
        if rank <= 4 then 3
        elif rank = 5 then 2
        else 1

    /// Digits behind the decimal point, at most.
    let private precision = 6

    /// Lines are broken before this many characters.
    let private width = 100

    let private inv = CultureInfo.InvariantCulture

    /// The positions of an axis that are shown; -1 stands for those left out.
    let private shown (edges: int) (n: int) : int[] =
        if n > 2 * edges then [| yield! [ 0 .. edges - 1 ]; yield -1; yield! [ n - edges .. n - 1 ] |] else [| 0 .. n - 1 |]

    /// The elements that are shown, row-major.
    let private corners (edges: int) (x: NDArray) : NDArray =
        let rec positions d =
            if d = x.Rank then
                [ [] ]
            else
                [ for i in shown edges x.Shape.Sizes[d] do
                      if i >= 0 then for rest in positions (d + 1) -> i :: rest ]

        let strides = x.Strides
        let at (index: int list) = List.fold2 (fun sum i s -> sum + i * s) x.Offset index (Array.toList strides)
        let picked = positions 0 |> List.map (fun index -> x.View(Shape.Scalar, [||], at index)) |> List.toArray
        let y = NDArray.Allocate(x.DType, Shape [| picked.Length |])
        picked |> Array.iteri (fun k v -> NDArray.CopyInto(v, y, k, [||]))
        y

    /// Decimals of a common number of digits, or powers of ten where sizes differ much.
    let private floats (values: double[]) : string[] =
        let finite = values |> Array.filter Double.IsFinite
        let sizes = finite |> Array.filter (fun v -> v <> 0.0) |> Array.map abs
        let largest, smallest = (if sizes.Length = 0 then 0.0 else Array.max sizes), (if sizes.Length = 0 then 0.0 else Array.min sizes)
        let scientific = sizes.Length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e3 && smallest < 1e-2)

        let format digits = if scientific then "0." + String('0', digits) + "e+00" else "F" + string digits
        let text (digits: int) (v: double) = v.ToString(format digits, inv)

        // as few digits as say the same as all of them
        let enough digits = finite |> Array.forall (fun v -> Double.Parse(text digits v, inv) = Double.Parse(text precision v, inv))

        let digits = Seq.find enough (seq { 0..precision })
        values |> Array.map (text digits)

    /// The texts of elements, of one notation.
    let private texts (x: NDArray) : string[] =
        match x.DType with
        | DType.Float64 -> floats (x.ToArray<double>())
        | DType.Float32 -> floats (x.Cast(DType.Float64).ToArray<double>())
        | DType.Int64 -> x.ToArray<int64>() |> Array.map (fun v -> v.ToString inv)
        | DType.Int32 -> x.ToArray<int>() |> Array.map (fun v -> v.ToString inv)
        | DType.UInt8 -> x.ToArray<byte>() |> Array.map (fun v -> v.ToString inv)
        | _ -> x.ToArray<bool>() |> Array.map (fun v -> if v then "true" else "false")

    /// A single number in full: the shortest text that reads back as the same number.
    let private number (x: NDArray) : string =
        match x.DType with
        | DType.Float64 -> (x.Span<double>()).[0].ToString("R", inv)
        | DType.Float32 -> (x.Span<float32>()).[0].ToString("R", inv)
        | _ -> (texts x)[0]

    /// The innermost brackets: entries side by side, broken into lines that stay within the width.
    let private writeRow (text: StringBuilder) (indent: int) (entries: string seq) =
        text.Append '[' |> ignore
        let mutable column = indent + 1

        entries
        |> Seq.iteri (fun k entry ->
            if k > 0 then
                text.Append ',' |> ignore
                if column + entry.Length + 2 > width then
                    text.Append('\n').Append(' ', indent + 1) |> ignore
                    column <- indent + 1
                else
                    text.Append ' ' |> ignore
                    column <- column + 2

            text.Append entry |> ignore
            column <- column + entry.Length)

        text.Append ']' |> ignore

    /// The nested brackets from a queue of texts; the depth is the rank, 8 at most. Matrices stand apart by empty lines.
    let rec private write (text: StringBuilder) (indent: int) (sizes: int list) (edges: int) (next: unit -> string) : unit =
        match sizes with
        | [] -> text.Append(next ()) |> ignore
        | [ n ] -> writeRow text indent [ for i in shown edges n -> if i < 0 then "..." else next () ]
        | n :: rest ->
            text.Append '[' |> ignore

            shown edges n
            |> Array.iteri (fun k i ->
                if k > 0 then text.Append(',').Append('\n', rest.Length).Append(' ', indent + 1) |> ignore
                if i < 0 then text.Append "..." |> ignore else write text (indent + 1) rest edges next)

            text.Append ']' |> ignore

    /// The elements alone; a single number in full.
    let elements (x: NDArray) : string =
        if x.Rank = 0 then
            number x
        elif x.Count = 0 then
            // the brackets alone would not tell [0, 3] from [3, 0]
            if x.Rank = 1 then "[]" else $"[] of shape {x.Shape}"
        else
            let edges = if x.Count > most then edge x.Rank else Int32.MaxValue / 2
            let all = texts (corners edges x)
            let longest = all |> Array.fold (fun w (s: string) -> max w s.Length) 0
            let mutable k = -1

            let next () =
                k <- k + 1
                all[k].PadLeft longest

            let text = StringBuilder()
            write text 0 (List.ofArray x.Shape.Sizes) edges next
            text.ToString()

    /// One line for a debugger: element type, shape and the first elements.
    let summary (x: NDArray) : string =
        if x.Rank = 0 then
            $"{DTypes.name x.DType} {number x}"
        else
            let line = (elements x).Replace("\n", " ")
            let short = if line.Length > 80 then line.Substring(0, 77) + "..." else line
            $"{DTypes.name x.DType} {x.Shape} {short}"
