module DiffLib.Samples.Tour.Program

[<EntryPoint>]
let main _ =
    printfn "DiffLib, a tour in F#"
    0
