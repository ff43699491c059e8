namespace DiffLib

open System
open System.Globalization
open System.Threading

/// A check as text to paste: its inputs, its options and the call, in C# and F#. The function itself is called f.
module internal CheckCode =
    /// How the inputs are handed over.
    type Call =
        /// One tensor.
        | Single = 0
        /// A tree of parameters.
        | Tree = 1
        /// An array of inputs.
        | Inputs = 2
        /// Plain numbers.
        | Numbers = 3

    /// More elements than this are left out.
    let private longest = 4096

    let private csNumber (x: double) =
        if Double.IsNaN x then "double.NaN"
        elif x = infinity then "double.PositiveInfinity"
        elif x = -infinity then "double.NegativeInfinity"
        else x.ToString("R", CultureInfo.InvariantCulture)

    let private fsNumber (x: double) =
        if Double.IsNaN x then
            "nan"
        elif x = infinity then
            "infinity"
        elif x = -infinity then
            "-infinity"
        else
            let text = x.ToString("R", CultureInfo.InvariantCulture)
            if text.IndexOfAny [| '.'; 'E' |] < 0 then text + ".0" else text

    let private csSuffix (dtype: DType) (x: string) =
        match dtype with
        | DType.Float32 when x.StartsWith "double" -> "float" + x.Substring 6
        | DType.Float32 -> x + "f"
        | DType.Bool -> if x = "0" then "false" else "true"
        | _ -> x

    let private fsSuffix (dtype: DType) (x: string) =
        let whole () = if x.EndsWith ".0" then x.Substring(0, x.Length - 2) else x

        match dtype with
        | DType.Float64 -> x
        | DType.Float32 when x.EndsWith "nan" || x.EndsWith "infinity" -> x + "f"
        | DType.Float32 -> x + "f"
        | DType.Int64 -> whole () + "L"
        | DType.Int32 -> whole ()
        | DType.UInt8 -> whole () + "uy"
        | _ -> if x = "0.0" then "false" else "true"

    let private csType (dtype: DType) =
        match dtype with
        | DType.Float64 -> "double"
        | DType.Float32 -> "float"
        | DType.Int64 -> "long"
        | DType.Int32 -> "int"
        | DType.UInt8 -> "byte"
        | _ -> "bool"

    let private joined (parts: string seq) = String.Join(", ", parts)
    let private list (open': string) (close: string) separator (parts: string seq) = open' + String.Join((separator: string), parts) + close

    /// x as it was: float32 numbers print as such.
    let private printed (dtype: DType) (format: double -> string) (x: double) =
        if dtype = DType.Float32 && Double.IsFinite x then (float32 x).ToString("R", CultureInfo.InvariantCulture) else format x

    let private csTensor (x: Tensor) : string =
        if x.Count > longest then
            $"Tensor.Zeros({joined (Array.map string x.Shape.Sizes)}); // {x.Count} elements, left out here"
        else
            let elements = Creation.ToDoubles x |> Array.map (printed x.DType csNumber >> csSuffix x.DType)

            if x.Rank = 0 && x.DType = DType.Float64 then
                $"Tensor.Scalar({elements[0]});"
            else
                let shape =
                    if x.Rank = 1 then ""
                    elif x.Rank = 0 then ", new int[0]"
                    else ", " + joined (Array.map string x.Shape.Sizes)
                let body = if elements.Length = 0 then "{ }" else "{ " + joined elements + " }"
                $"Tensor.FromArray(new {csType x.DType}[] {body}{shape});"

    let private fsTensor (x: Tensor) : string =
        if x.Count > longest then
            let sizes = list "[| " " |]" "; " (Array.map string x.Shape.Sizes)
            $"TensorCreation.Zeros {sizes} // {x.Count} elements, left out here"
        else
            let ofElement v =
                let text = printed x.DType fsNumber v
                let text = if x.DType = DType.Float32 && Double.IsFinite v && text.IndexOfAny [| '.'; 'E' |] < 0 then text + ".0" else text
                fsSuffix x.DType text

            let elements = Creation.ToDoubles x |> Array.map ofElement

            if x.Rank = 0 && x.DType = DType.Float64 then
                $"TensorCreation.Scalar({elements[0]})"
            else
                let shape = list "[| " " |]" "; " (Array.map string x.Shape.Sizes)
                let body = if elements.Length = 0 then $"Array.empty<{DTypes.name x.DType}>" else list "[| " " |]" "; " elements
                $"TensorCreation.FromArray({body}, {shape})"

    /// The options that differ from their defaults.
    let private settings
        (o: CheckOptions)
        (number: double -> string)
        (interval: string -> string -> string)
        (list: string -> string)
        (span: TimeSpan -> string)
        (either: string)
        =
        let d = CheckOptions()

        [ $"Seed = {o.Seed}"
          if o.RelTol <> d.RelTol then $"RelTol = {number o.RelTol}"
          if o.AbsTol <> d.AbsTol then $"AbsTol = {number o.AbsTol}"
          if o.MaxFullInputs <> d.MaxFullInputs then $"MaxFullInputs = {o.MaxFullInputs}"
          if o.Directions <> d.Directions then $"Directions = {o.Directions}"
          if o.Kinks <> d.Kinks then $"Kinks = CheckKinks.{o.Kinks}"
          if o.NondetTol <> d.NondetTol then $"NondetTol = {number o.NondetTol}"
          if o.Float32Tol <> d.Float32Tol then $"Float32Tol = {number o.Float32Tol}"
          if o.Modes <> d.Modes then $"Modes = CheckModes.{o.Modes}"
          if o.Timeout <> Timeout.InfiniteTimeSpan then $"Timeout = {span o.Timeout}"
          match o.Domain with
          | null -> ()
          | domain -> "Domain = " + list (String.Join(either, [ for struct (low, high) in domain -> interval (number low) (number high) ])) ]

    let private csOptions (o: CheckOptions) =
        let seconds (t: TimeSpan) = $"TimeSpan.FromSeconds({csNumber t.TotalSeconds})"
        "new CheckOptions { " + joined (settings o csNumber (fun a b -> $"({a}, {b})") (fun s -> $"[{s}]") seconds ", ") + " }"

    let private fsOptions (o: CheckOptions) =
        let seconds (t: TimeSpan) = $"System.TimeSpan.FromSeconds({fsNumber t.TotalSeconds})"
        "CheckOptions(" + joined (settings o fsNumber (fun a b -> $"struct ({a}, {b})") (fun s -> $"[| {s} |]") seconds "; ") + ")"

    let private variables (call: Call) (n: int) =
        if call <> Call.Inputs && call <> Call.Tree && n = 1 then [| "x" |] else Array.init n (fun k -> $"x{k}")

    /// The whole text; further arguments stand behind the function and behind the inputs.
    let write
        (call: Call)
        (verb: string)
        (afterFunction: string)
        (afterInputs: string)
        (names: string[])
        (xs: Tensor[])
        (options: CheckOptions)
        : struct (string * string) =
        let vars = variables call xs.Length
        let note k = if call = Call.Tree then $" // {names[k]}" else ""
        let before = if afterFunction = "" then "f" else "f, " + afterFunction
        let after = if afterInputs = "" then "" else ", " + afterInputs

        match call with
        | Call.Numbers ->
            let numbers = Creation.ToDoubles xs[0]
            let cs = $"double[] x = [{joined (Array.map csNumber numbers)}];\nCheck.{verb}({before}, x{after}, {csOptions options});"
            let body = list "[| " " |]" "; " (Array.map fsNumber numbers)
            struct (cs, $"let x = {body}\nCheck.{verb}({before}, x{after}, {fsOptions options}) |> ignore")
        | _ ->
            let cs = xs |> Array.mapi (fun k x -> $"var {vars[k]} = {csTensor x}{note k}")
            let fs = xs |> Array.mapi (fun k x -> $"let {vars[k]} = {fsTensor x}{note k}")

            let csInputs, fsInputs =
                match call with
                | Call.Single -> "x", "x"
                | Call.Tree ->
                    $"ParameterTree.Rebuild(parameters, [{joined vars}])", "ParameterTree.Rebuild(parameters, " + list "[| " " |]" "; " vars + ")"
                | _ -> $"[{joined vars}]", list "[| " " |]" "; " vars

            let last = $"Check.{verb}({before}, {csInputs}{after}, {csOptions options});"
            let lastFs = $"Check.{verb}({before}, {fsInputs}{after}, {fsOptions options}) |> ignore"
            struct (String.Join("\n", Array.append cs [| last |]), String.Join("\n", Array.append fs [| lastFs |]))
