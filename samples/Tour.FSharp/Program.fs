module DiffLib.Samples.TourFSharp.Program

open System
open System.IO
open DiffLib
open DiffLib.FSharp
open DiffLib.Samples.TourFSharp.Model
open Spectre.Console

let private table (columns: string list) (rows: string list list) =
    let table = Table()
    columns |> List.iteri (fun k c -> table.AddColumn(c, (fun column -> if k > 0 then column.RightAligned() |> ignore)) |> ignore)
    rows |> List.iter (fun row -> table.AddRow(List.toArray row) |> ignore)
    AnsiConsole.Write table

/// The largest difference between three ways to the gradient: reverse, forward, and differences.
let private checkGradient (f: Tensor -> Tensor) (x: Tensor) =
    let reverse = grad f x
    let unit k = oneHot x.Count (tensor k)
    let forward = stack 0 [ for k in 0 .. x.Count - 1 -> snd (jvp f x (unit k)) ]
    let difference k = (f (x + 1e-6 * unit k) - f (x - 1e-6 * unit k)) / 2e-6
    let differences = stack 0 [ for k in 0 .. x.Count - 1 -> difference k ]
    let gap a b = amax (abs (a - b)) / amax (abs b) |> float
    table
        [ "way"; "relative gap to reverse mode" ]
        [ [ "forward mode"; $"{gap forward reverse:E1}" ]; [ "differences"; $"{gap differences reverse:E1}" ] ]

[<EntryPoint>]
let main _ =
    let data = load (Path.Combine(AppContext.BaseDirectory, "data", "airline-passengers.csv"))
    let known = data.Length - 24
    let t, observed = years 0 known, tensor data[.. known - 1]
    let later, future = years known 24, tensor data[known..]
    let model = start 4 data[.. known - 1]
    AnsiConsole.MarkupLine $"[bold]DiffLib, a tour in F#[/]: {known} months of airline passengers, {Tree.count model} parameters in an F# record.\n"

    // 1. One gradient, three ways.
    let loss x = predict t (Tree.ofVector model x) - observed |> square |> mean
    checkGradient loss (Tree.toVector model + 0.01)

    // 2. The fit: by MathNet's Levenberg-Marquardt, and by hand.
    let fitted, iterations = Fit.byMathNet t data[.. known - 1] model
    AnsiConsole.MarkupLine
        $"\n[bold]Levenberg-Marquardt (MathNet)[/]: root mean square {rootMeanSquare observed (predict t fitted):F3} after {iterations} iterations."

    let steps = Fit.byHand t observed model |> Seq.take 8 |> Seq.toList

    for k, s in List.indexed steps do
        AnsiConsole.WriteLine $"  by hand, step {k}: root mean square {sqrt (s.Squares / float known):F3}"

    let mine = Tree.ofVector model (List.last steps).Point
    let gap = Tree.toVector mine - Tree.toVector fitted |> abs |> amax |> float
    AnsiConsole.MarkupLine $"[bold]By hand[/]: root mean square {rootMeanSquare observed (predict t mine):F3}; gap to the other fit: {gap:E1}.\n"

    // 3. What was found, with standard errors from the Hessian.
    let errors = Fit.standardErrors t observed mine
    let row name (x: Tensor) (e: Tensor) = [ name; $"{float x:F4}"; $"{float e:F4}" ]

    table
        [ "trend"; "value"; "standard error" ]
        [ for k, name in List.indexed [ "level"; "growth a year"; "bend" ] -> row name mine.Trend[k] errors.Trend[k] ]

    // 4. How good it is on the two years it has not seen.
    let lastYear = tensor (Array.append data[known - 12 .. known - 1] data[known - 12 .. known - 1])

    let naive, forecast = rootMeanSquare future lastYear, rootMeanSquare future (predict later mine)
    table [ "forecast of 24 months"; "root mean square error" ] [ [ "last year again"; $"{naive:F1}" ]; [ "trend and season"; $"{forecast:F1}" ] ]

    // a sample that goes wrong says so
    if gap < 1e-6 && forecast < naive then 0 else 1
