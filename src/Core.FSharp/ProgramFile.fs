namespace DiffLib

open System
open System.Buffers
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Runtime.InteropServices
open System.Text.Json
open DiffLib.Kernels

// Chapter 20: programs as files. JSON, written and read by hand: nothing is found by reflection. Values are not named: they count up, inputs first, then
// constants, then results in the order of the equations. What a rule says of its results must be what the file says.

/// A program as JSON and back.
module internal ProgramFile =
    [<Literal>]
    let private Format = "difflib-program"

    [<Literal>]
    let private Version = 1

    let private bad (text: string) : 't = raise (InvalidDataException text)

    let private types = [| DType.Float64; DType.Float32; DType.Int64; DType.Int32; DType.UInt8; DType.Bool |]

    // ---- writing

    let private bytesOf (v: NDArray) : byte[] =
        let v = v.Contiguous()

        match v.DType with
        | DType.Float64 -> MemoryMarshal.AsBytes(v.Span<double>()).ToArray()
        | DType.Float32 -> MemoryMarshal.AsBytes(v.Span<float32>()).ToArray()
        | DType.Int64 -> MemoryMarshal.AsBytes(v.Span<int64>()).ToArray()
        | DType.Int32 -> MemoryMarshal.AsBytes(v.Span<int>()).ToArray()
        | DType.UInt8 -> v.Span<byte>().ToArray()
        | _ -> MemoryMarshal.AsBytes(v.Span<bool>()).ToArray()

    let private writeInts (w: Utf8JsonWriter) (name: string) (ks: int seq) =
        w.WriteStartArray name
        ks |> Seq.iter w.WriteNumberValue
        w.WriteEndArray()

    let private writeSpec (w: Utf8JsonWriter) (s: Spec) =
        w.WriteString("type", DTypes.name s.DType)
        writeInts w "shape" s.Shape.Sizes
        if s.Weak then w.WriteBoolean("weak", true)

    let private textOf (v: double) = v.ToString("R", CultureInfo.InvariantCulture)

    let private writeAttribute (w: Utf8JsonWriter) (name: string) (value: DiffLib.Attribute) =
        w.WriteStartObject()
        w.WriteString("name", name)

        match value with
        | Attribute.Flag v -> w.WriteBoolean("flag", v)
        | Attribute.Int v -> w.WriteNumber("int", v)
        | Attribute.Ints vs -> writeInts w "ints" vs
        // as text: JSON has no infinities
        | Attribute.Float v -> w.WriteString("float", textOf v)
        | Attribute.Floats vs ->
            w.WriteStartArray "floats"
            vs |> Array.iter (fun v -> w.WriteStringValue(textOf v))
            w.WriteEndArray()
        | Attribute.Text v -> w.WriteString("text", v)
        | Attribute.Type v -> w.WriteString("type", DTypes.name v)
        | Attribute.Sizes v -> writeInts w "shape" v.Sizes

        w.WriteEndObject()

    let private writeFlags (w: Utf8JsonWriter) (name: string) (mask: bool[]) =
        w.WriteStartArray name
        mask |> Array.iter w.WriteBooleanValue
        w.WriteEndArray()

    let rec private writeRule (w: Utf8JsonWriter) (rule: Rule) =
        match rule with
        | :? ProcedureRule as rule ->
            w.WriteString("kind", "procedure")
            w.WritePropertyName "procedure"
            writeProcedure w rule.Procedure
        | :? ProgramRule as rule when rule.IsOpaque ->
            w.WriteString("kind", "call")
            w.WriteString("name", rule.Name)
            w.WritePropertyName "body"
            writeObject w rule.Program
        | :? SwitchRule as rule ->
            w.WriteString("kind", "switch")
            w.WriteStartArray "branches"

            for struct (_, p) in (rule :> IBodies).Bodies do
                writeObject w p

            w.WriteEndArray()
        | :? WhileRule as rule ->
            let bodies = (rule :> IBodies).Bodies
            w.WriteString("kind", "while")
            w.WriteNumber("states", rule.States)
            w.WriteNumber("checkpoints", rule.Checkpoints)

            for name, struct (_, p) in Array.zip [| "condition"; "body" |] bodies do
                w.WritePropertyName name
                writeObject w p
        | :? ScanRule as rule ->
            w.WriteString("kind", "scan")

            for name, k in [ "carries", rule.Carries; "scanned", rule.Scanned; "length", rule.Length; "checkpoints", rule.Checkpoints ] do
                w.WriteNumber(name, k)

            w.WriteBoolean("reverse", rule.Reverse)
            w.WriteBoolean("saves", rule.Saves)
            w.WritePropertyName "body"
            writeObject w rule.Body.Program
        | rule ->
            let saved = RuleTable.save rule
            w.WriteString("kind", saved.Kind)
            w.WriteString("name", saved.Name)
            w.WriteNumber("version", saved.Version)

            if saved.Attributes.Length > 0 then
                w.WriteStartArray "attributes"
                saved.Attributes |> Array.iter (fun (name, value) -> writeAttribute w name value)
                w.WriteEndArray()

    /// What a loop's backward sweep is, as data.
    and private writeProcedure (w: Utf8JsonWriter) (p: Procedure) =
        w.WriteStartObject()

        let sweep (form: string) (rule: Rule) (given: bool[]) (wanted: bool[]) =
            w.WriteString("form", form)
            w.WriteStartObject "rule"
            writeRule w rule
            w.WriteEndObject()
            writeFlags w "given" given
            writeFlags w "wanted" wanted

        let inner (p: Procedure) =
            w.WritePropertyName "of"
            writeProcedure w p

        match p with
        | WhilePull(rule, given, wanted) -> sweep "while_pull" rule given wanted
        | ScanPull(rule, given, wanted) -> sweep "scan_pull" rule given wanted
        | Tangents(p, mask) ->
            w.WriteString("form", "tangents")
            writeFlags w "mask" mask
            inner p
        | Cotangents(p, given, wanted) ->
            w.WriteString("form", "cotangents")
            writeFlags w "given" given
            writeFlags w "wanted" wanted
            inner p
        | Procedure.Examples(p, n, stacked) ->
            w.WriteString("form", "examples")
            w.WriteNumber("count", n)
            writeFlags w "stacked" stacked
            inner p

        w.WriteEndObject()

    and private writeObject (w: Utf8JsonWriter) (p: Program) =
        w.WriteStartObject()
        writeParts w p
        w.WriteEndObject()

    and private writeParts (w: Utf8JsonWriter) (p: Program) =
        // a user's rule has a derivative that no text says: it is refused, not written out
        for e in p.Equations do
            match e.Rule with
            | :? Custom.UserRule as rule -> RuleTable.save rule |> ignore
            | _ -> ()

        let p = Programs.writeOut p
        w.WriteStartArray "inputs"

        for s in p.InputSpecs do
            w.WriteStartObject()
            writeSpec w s
            w.WriteEndObject()

        w.WriteEndArray()
        w.WriteStartArray "constants"

        for v in p.Constants do
            w.WriteStartObject()
            writeSpec w (Spec.Of v)
            if v.IsConstant then
                w.WriteBase64String("all", ReadOnlySpan(bytesOf v.First))
            else
                w.WriteBase64String("data", ReadOnlySpan(bytesOf v))
            w.WriteEndObject()

        w.WriteEndArray()
        w.WriteStartArray "equations"

        for e in p.Equations do
            w.WriteStartObject()
            writeRule w e.Rule
            writeInts w "in" e.Inputs
            w.WriteStartArray "out"

            for k in e.Outputs do
                w.WriteStartObject()
                writeSpec w { p.Specs[k] with Weak = false }
                w.WriteEndObject()

            w.WriteEndArray()
            w.WriteEndObject()

        w.WriteEndArray()
        writeInts w "outputs" p.Outputs

    /// The program as JSON.
    let write (p: Program) : byte[] =
        let buffer = ArrayBufferWriter<byte>()
        use w = new Utf8JsonWriter(buffer)
        w.WriteStartObject()
        w.WriteString("format", Format)
        w.WriteNumber("version", Version)
        writeParts w p
        w.WriteEndObject()
        w.Flush()
        buffer.WrittenSpan.ToArray()

    // ---- reading

    let private part (at: string) (o: JsonElement) (name: string) : JsonElement =
        let mutable found = Unchecked.defaultof<JsonElement>

        if o.ValueKind = JsonValueKind.Object && o.TryGetProperty(name, &found) then
            found
        else
            bad $"The saved program lacks \"{name}\" in {at}. The file is damaged: save the program again."

    let private has (o: JsonElement) (name: string) =
        let mutable found = Unchecked.defaultof<JsonElement>
        o.TryGetProperty(name, &found)

    let private items (at: string) (o: JsonElement) (name: string) : JsonElement[] =
        let list = part at o name
        if list.ValueKind <> JsonValueKind.Array then
            bad $"The saved program has {list.ValueKind} as \"{name}\" of {at}, where a list belongs."
        list.EnumerateArray() |> Seq.toArray

    let private asInt (at: string) (e: JsonElement) : int =
        let mutable k = 0

        if e.ValueKind = JsonValueKind.Number && e.TryGetInt32(&k) then
            k
        else
            bad $"The saved program has {e.GetRawText()} in {at}, where a whole number belongs."

    let private asText (at: string) (e: JsonElement) : string =
        match (if e.ValueKind = JsonValueKind.String then e.GetString() else null) with
        | null -> bad $"The saved program has {e.GetRawText()} in {at}, where text belongs."
        | text -> text

    let private asFlag (at: string) (e: JsonElement) : bool =
        match e.ValueKind with
        | JsonValueKind.True -> true
        | JsonValueKind.False -> false
        | _ -> bad $"The saved program has {e.GetRawText()} in {at}, where true or false belongs."

    let private asType (at: string) (e: JsonElement) : DType =
        let name = asText at e

        match types |> Array.tryFind (fun t -> DTypes.name t = name) with
        | Some t -> t
        | None ->
            bad
                $"The saved program has the element type \"{name}\" in {at}, which this DiffLib does not know. Update DiffLib, or compile the function again."

    let private asNumber (at: string) (e: JsonElement) : double =
        let text = asText at e

        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, v -> v
        | _ -> bad $"The saved program has \"{text}\" in {at}, which is not a number."

    let private intsOf at (o: JsonElement) name : int[] = items at o name |> Array.map (asInt at)

    let private shapeOf (at: string) (o: JsonElement) : Shape =
        let sizes = intsOf at o "shape"

        if sizes |> Array.exists (fun n -> n < 0) || sizes |> Array.fold (fun n m -> n * int64 m) 1L > int64 Int32.MaxValue then
            let text = String.Join(", ", sizes)
            bad $"The saved program has the shape [{text}] in {at}, which no tensor has."

        Shape sizes

    let private readSpec (at: string) (o: JsonElement) : Spec =
        { Shape = shapeOf at o; DType = asType at (part at o "type"); Weak = has o "weak" && asFlag at (part at o "weak") }

    let private elements<'t when 't: unmanaged and 't: struct and 't: (new: unit -> 't) and 't :> ValueType> (data: byte[]) : 't[] =
        MemoryMarshal.Cast<byte, 't>(ReadOnlySpan<byte> data).ToArray()

    let private readArray (at: string) (dtype: DType) (shape: Shape) (weak: bool) (data: byte[]) : NDArray =
        if data.Length <> shape.Count * DTypes.size dtype then
            bad
                $"The saved program has {data.Length} bytes in {at}, but {DTypes.name dtype}{shape} takes {shape.Count * DTypes.size dtype}. The file is damaged: save the program again."

        match dtype with
        | DType.Float64 when shape.Rank = 0 -> NDArray.Scalar(BitConverter.ToDouble data, weak)
        | DType.Int32 when shape.Rank = 0 && weak -> NDArray.WeakScalar(BitConverter.ToInt32 data)
        | DType.Float64 -> NDArray.Adopt(shape, elements<double> data)
        | DType.Float32 -> NDArray.Adopt(shape, elements<float32> data)
        | DType.Int64 -> NDArray.Adopt(shape, elements<int64> data)
        | DType.Int32 -> NDArray.Adopt(shape, elements<int> data)
        | DType.UInt8 -> NDArray.Adopt(shape, elements<byte> data)
        | _ -> NDArray.Adopt(shape, data |> Array.map (fun b -> b <> 0uy))

    let private readConstant (at: string) (o: JsonElement) : NDArray =
        let spec = readSpec at o

        let data (name: string) =
            let mutable bytes = null

            match (if (part at o name).TryGetBytesFromBase64(&bytes) then bytes else null) with
            | null -> bad $"The saved program has data in {at} that is not base64. The file is damaged: save the program again."
            | bytes -> bytes

        if has o "all" then
            let v = readArray at spec.DType Shape.Scalar spec.Weak (data "all")
            if spec.Rank = 0 then v else v.BroadcastTo spec.Shape
        else
            readArray at spec.DType spec.Shape spec.Weak (data "data")

    let private readAttribute (at: string) (o: JsonElement) : string * DiffLib.Attribute =
        let name = asText at (part at o "name")
        let at = $"attribute \"{name}\" of {at}"

        let value =
            if has o "flag" then Attribute.Flag(asFlag at (part at o "flag"))
            elif has o "int" then Attribute.Int(asInt at (part at o "int"))
            elif has o "ints" then Attribute.Ints(intsOf at o "ints")
            elif has o "float" then Attribute.Float(asNumber at (part at o "float"))
            elif has o "floats" then Attribute.Floats(items at o "floats" |> Array.map (asNumber at))
            elif has o "text" then Attribute.Text(asText at (part at o "text"))
            elif has o "type" then Attribute.Type(asType at (part at o "type"))
            else Attribute.Sizes(shapeOf at o)

        name, value

    /// Whether the inputs fit the programs inside the rule.
    let private demandFit (at: string) (body: Program) (given: Spec[]) =
        if
            body.InputCount <> given.Length
            || not (Array.forall2 (fun (a: Spec) (b: Spec) -> a.DType = b.DType && a.Shape.Equals b.Shape) body.InputSpecs given)
        then
            bad $"The saved program gives a program inside {at} other tensors than it takes. The file is damaged: save the program again."

    let private demandSame (at: string) (a: Spec[]) (b: Spec[]) =
        if not (Array.forall2 (fun (x: Spec) (y: Spec) -> x.DType = y.DType && x.Shape.Equals y.Shape) a b) then
            bad $"The saved program has a loop in {at} whose state changes its shape or element type. The file is damaged: save the program again."

    let rec private readRule (at: string) (o: JsonElement) (given: Spec[]) : Rule =
        let number name = asInt at (part at o name)
        let flag name = asFlag at (part at o name)
        let program name = readParts $"\"{name}\" of {at}" (part at o name)

        match asText at (part at o "kind") with
        | "procedure" -> ProcedureRule(readProcedure at (part at o "procedure") given)
        | "call" ->
            let body = program "body"
            demandFit at body given
            (Body body).AsCall(asText at (part at o "name"))
        | "switch" ->
            let branches = items at o "branches" |> Array.mapi (fun k b -> readParts $"branch {k} of {at}" b)
            if branches.Length = 0 || given.Length = 0 then bad $"The saved program has a choice without branches or index in {at}."
            branches |> Array.iter (fun b -> demandFit at b (Array.tail given))

            for b in branches do
                if b.OutputCount <> branches[0].OutputCount then
                    bad
                        $"The saved program has a choice in {at} whose branches give different numbers of tensors. The file is damaged: save the program again."

                demandSame at branches[0].OutputSpecs b.OutputSpecs

            SwitchRule(branches |> Array.map Body)
        | "while" ->
            let condition, body = program "condition", program "body"
            demandFit at condition given
            demandFit at body given
            let states = number "states"
            let truth = condition.OutputSpecs

            if
                states <> body.OutputCount || states > given.Length || truth.Length <> 1 || truth[0].DType <> DType.Bool || truth[0].Shape.Count <> 1
            then
                bad $"The saved program has a loop in {at} whose condition or state does not fit. The file is damaged: save the program again."

            demandSame at (Array.take states body.InputSpecs) body.OutputSpecs
            WhileRule(Body condition, Body body, states, number "checkpoints")
        | "scan" -> readScan at o (program "body") given
        | kind ->
            RuleTable.load
                { SavedRule.Kind = kind
                  Name = asText at (part at o "name")
                  Version = number "version"
                  Attributes = if has o "attributes" then items at o "attributes" |> Array.map (readAttribute at) else [||] }

    and private readScan (at: string) (o: JsonElement) (body: Program) (given: Spec[]) : ScanRule =
        let number name = asInt at (part at o name)
        let flag name = asFlag at (part at o name)
        let carries, scanned, length, checkpoints = number "carries", number "scanned", number "length", number "checkpoints"

        let isRow (row: Spec) (all: Spec) = row.DType = all.DType && all.Rank > 0 && all.Shape.Equals(Stacks.Shape(length, row.Shape))

        if
            (carries < 0 || scanned < 0 || length < 0 || checkpoints < 0)
            || carries + scanned > given.Length
            || body.InputCount <> given.Length
            || carries > body.OutputCount
            || not (Array.forall2 isRow (Array.sub body.InputSpecs carries scanned) (Array.sub given carries scanned))
        then
            bad $"The saved program has a loop over rows in {at} that does not fit what it is given. The file is damaged: save the program again."

        let outside (all: 't[]) = Array.append (Array.take carries all) (Array.skip (carries + scanned) all)
        demandSame at (outside body.InputSpecs) (outside given)
        demandSame at (Array.take carries body.InputSpecs) (Array.take carries body.OutputSpecs)
        ScanRule(Body body, carries, scanned, length, flag "reverse", checkpoints, flag "saves")

    /// What a loop's backward sweep is, for values of these shapes and element types.
    and private readProcedure (at: string) (o: JsonElement) (given: Spec[]) : Procedure =
        let flags name : bool[] = items at o name |> Array.map (asFlag at)
        let inner count = readProcedure at (part at o "of") (Array.take count given)

        let sweep () =
            let cotangents, wanted = flags "given", flags "wanted"

            if wanted.Length + Mask.count cotangents <> given.Length then
                bad
                    $"The saved program has a backward sweep in {at} that takes another number of tensors. The file is damaged: save the program again."

            struct (cotangents, wanted)

        match asText at (part at o "form") with
        | "while_pull"
        | "scan_pull" ->
            let struct (cotangents, wanted) = sweep ()

            match readRule at (part at o "rule") (Array.take wanted.Length given) with
            | :? WhileRule as rule when rule.Body.Outputs.Length = cotangents.Length -> WhilePull(rule, cotangents, wanted)
            | :? ScanRule as rule when rule.Body.Outputs.Length = cotangents.Length -> ScanPull(rule, cotangents, wanted)
            | rule ->
                bad
                    $"The saved program has a backward sweep of \"{rule.Name}\" in {at}, where a loop belongs. The file is damaged: save the program again."
        | "tangents" ->
            let mask = flags "mask"
            Tangents(inner mask.Length, mask)
        | "cotangents" ->
            let struct (cotangents, wanted) = sweep ()
            Cotangents(inner wanted.Length, cotangents, wanted)
        | "examples" ->
            let n, stacked = asInt at (part at o "count"), flags "stacked"

            let one (x: Spec) isStack =
                if not isStack then x
                elif x.Rank > 0 && x.Shape.Sizes[0] = n then x.With(Shape.Adopt(Array.tail x.Shape.Sizes))
                else bad $"The saved program has a stack of {x} in {at}, where {n} examples belong."

            if stacked.Length <> given.Length then
                bad $"The saved program has a batch in {at} that takes another number of tensors."
            Procedure.Examples(readProcedure at (part at o "of") (Array.map2 one given stacked), n, stacked)
        | form ->
            bad
                $"The saved program has a sweep of the form \"{form}\" in {at}, which this DiffLib does not know. It was written by another version: update DiffLib, or compile the function again."

    and private readParts (where: string) (o: JsonElement) : Program =
        let inputs = items where o "inputs" |> Array.mapi (fun k s -> readSpec $"input {k} of {where}" s)
        let constants = items where o "constants" |> Array.mapi (fun k c -> readConstant $"constant {k} of {where}" c)
        let specs = List<Spec>(Seq.append inputs (Seq.map Spec.Of constants))

        let known at k =
            if k < 0 || k >= specs.Count then
                bad
                    $"The saved program refers to value {k} in {at}, where {specs.Count} values are known. The file is damaged: save the program again."

            k

        let read (index: int) (e: JsonElement) : Equation =
            let at = $"equation {index} of {where}"
            let ins = intsOf at e "in" |> Array.map (known at)
            let given = ins |> Array.map (fun k -> specs[k])

            try
                let rule = readRule at e given

                let results =
                    match rule with
                    | :? UnaryRule as rule when given.Length = 1 -> [| rule.Infer given[0] |]
                    | :? BinaryRule as rule when given.Length = 2 -> [| rule.Infer(given[0], given[1]) |]
                    | :? ManyRule as rule -> rule.Infer given
                    | rule ->
                        bad $"The saved program gives \"{rule.Name}\" {given.Length} tensors in {at}. The file is damaged: save the program again."

                let wanted = items at e "out" |> Array.map (readSpec at)
                let fits (a: Spec) (b: Spec) = a.DType = b.DType && a.Shape.Equals b.Shape

                if results.Length <> wanted.Length || not (Array.forall2 fits results wanted) then
                    let list (specs: Spec[]) = String.Join(", ", specs |> Array.map string)
                    bad
                        $"The saved program says in {at} that \"{rule.Name}\" gives {list wanted}, but from what it is given it gives {list results}. The file is damaged: save the program again."

                let first = specs.Count
                specs.AddRange results
                { Rule = rule; Inputs = ins; Outputs = Array.init results.Length (fun r -> first + r) }
            with
            | :? InvalidDataException -> reraise ()
            | error ->
                raise (
                    InvalidDataException($"The saved program is wrong in {at}: {error.Message} The file is damaged: save the program again.", error)
                )

        let equations = items where o "equations" |> Array.mapi read
        let outputs = intsOf where o "outputs" |> Array.map (known $"the outputs of {where}")
        Program(specs.ToArray(), inputs.Length, constants, equations, outputs)

    /// <summary>The program that JSON stands for.</summary>
    /// <exception cref="T:System.IO.InvalidDataException">It is no program, is damaged, or was written by a later version.</exception>
    let read (json: byte[]) : Program =
        if not (Text.Unicode.Utf8.IsValid(ReadOnlySpan json)) then
            bad
                "This is not a whole saved program: its bytes are not text in UTF-8. It is another kind of file, or damaged: save the program again with Program.Save."

        let document =
            try
                JsonDocument.Parse(ReadOnlyMemory json, JsonDocumentOptions(MaxDepth = 256))
            with :? JsonException as error ->
                raise (
                    InvalidDataException(
                        $"This is not a whole saved program: it stops being JSON in line {error.LineNumber}, byte {error.BytePositionInLine}. It is another kind of file, or cut off: save the program again with Program.Save.",
                        error
                    )
                )

        use document = document
        let root = document.RootElement

        if root.ValueKind <> JsonValueKind.Object || not (has root "format") || (root.GetProperty "format").ToString() <> Format then
            bad $"This is JSON, but not a saved program: it lacks \"format\": \"{Format}\". Give a file that Program.Save wrote."

        match asInt "the file" (part "the file" root "version") with
        | Version -> readParts "the file" root
        | version when version > Version ->
            bad
                $"The saved program has version {version} of the format; this DiffLib reads version {Version}. Update DiffLib, or compile the function again."
        | version ->
            bad
                $"The saved program says it has version {version} of the format; there is none before {Version}. The file is damaged: save the program again."
