namespace DiffLib

open System
open System.Globalization
open System.Text

/// How arrays read as text: rows in brackets, the middle of long axes left out, numbers in the invariant culture.
module internal Printing =
    /// Axes longer than this show their first and last three entries.
    let private longest = 12

    let private edge = 3

    let private first<'t when 't: unmanaged and 't: struct> (x: NDArray) : 't = (x.Span<'t>()).[0]

    let private number (x: NDArray) : string =
        let inv = CultureInfo.InvariantCulture

        match x.DType with
        | DType.Float64 -> (first<double> x).ToString("R", inv)
        | DType.Float32 -> (first<float32> x).ToString("R", inv)
        | DType.Int64 -> (first<int64> x).ToString inv
        | DType.Int32 -> (first<int> x).ToString inv
        | DType.UInt8 -> (first<byte> x).ToString inv
        | _ -> if first<bool> x then "true" else "false"

    let private at (x: NDArray) (index: int) =
        let strides = x.Strides
        x.View(x.Shape.Without 0, Array.tail strides, x.Offset + index * strides[0])

    /// The nested brackets; the depth is the rank, 8 at most.
    let rec private write (text: StringBuilder) (indent: int) (x: NDArray) : unit =
        if x.Rank = 0 then
            text.Append(number x) |> ignore
        else
            let n = x.Shape.Sizes[0]
            let separator = if x.Rank = 1 then ", " else ",\n" + String(' ', indent + 1)
            text.Append '[' |> ignore

            let shown =
                if n > longest then [| yield! [ 0 .. edge - 1 ]; yield -1; yield! [ n - edge .. n - 1 ] |] else [| 0 .. n - 1 |]

            shown
            |> Array.iteri (fun k i ->
                if k > 0 then text.Append separator |> ignore
                if i < 0 then text.Append "..." |> ignore else write text (indent + 1) (at x i))

            text.Append ']' |> ignore

    /// The elements alone.
    let elements (x: NDArray) : string =
        let text = StringBuilder()
        write text 0 x
        text.ToString()

    /// One line for a debugger: element type, shape and the first elements.
    let summary (x: NDArray) : string =
        let all = elements x
        let line = all.Replace("\n", " ")
        let short = if line.Length > 80 then line.Substring(0, 77) + "..." else line
        $"{DTypes.name x.DType} {x.Shape} {short}"
