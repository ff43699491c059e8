namespace DiffLib

open System

/// Whether views and placed blocks lie inside what they refer to. Operations compute starts and steps that do; those of a saved program come from outside,
/// and no element is ever read or written by numbers that were not checked.
module internal Fitting =
    let private fail (text: string) : unit = raise (ArgumentException text)

    /// As many elements under the new shape.
    let counts (name: string) (x: Shape) (y: Shape) : unit =
        if x.Count <> y.Count then fail $"{name}: {x} has {x.Count} elements, and {y} has {y.Count}."

    /// Axes of size 1, repeated, and new axes in front.
    let repeats (name: string) (x: Shape) (y: Shape) : unit =
        let shift = y.Rank - x.Rank

        let fits = shift >= 0 && Seq.forall (fun d -> x.Sizes[d] = 1 || x.Sizes[d] = y.Sizes[d + shift]) (seq { 0 .. x.Rank - 1 })

        if not fits then fail $"{name}: {x} cannot be repeated to {y}."

    /// Every axis once.
    let order (name: string) (order: int[]) (x: Shape) : unit =
        if Array.sort order <> [| 0 .. x.Rank - 1 |] then
            let axes = String.Join(", ", order)
            fail $"{name}: [{axes}] is no order of the axes of {x}."

    /// Every steps[d]-th element of whole from starts[d] on, as many as part says; each place once.
    let places (name: string) (starts: int[]) (steps: int[]) (part: Shape) (whole: Shape) : unit =
        if starts.Length <> whole.Rank || steps.Length <> whole.Rank || part.Rank <> whole.Rank then
            fail $"{name}: {starts.Length} starts and {steps.Length} steps for a part {part} of {whole}."

        if part.Count > 0 then
            for d in 0 .. whole.Rank - 1 do
                let last = int64 starts[d] + int64 (part.Sizes[d] - 1) * int64 steps[d]
                let inside at = at >= 0L && at < int64 whole.Sizes[d]

                if not (inside (int64 starts[d]) && inside last) || (steps[d] = 0 && part.Sizes[d] > 1) then
                    fail $"{name}: elements {starts[d]} to {last} by {steps[d]} of axis {d}, which has size {whole.Sizes[d]}."

    /// x[starts + Σₖ oₖ·movesₖ] for every o within the window's shape.
    let window (name: string) (starts: int[]) (moves: int[][]) (window: Shape) (whole: Shape) : unit =
        if starts.Length <> whole.Rank || moves.Length <> window.Rank || moves |> Array.exists (fun m -> m.Length <> whole.Rank) then
            fail $"{name}: {starts.Length} starts and {moves.Length} moves for a window {window} over {whole}."

        if window.Count > 0 then
            for d in 0 .. whole.Rank - 1 do
                let reach = moves |> Array.mapi (fun k move -> int64 move[d] * int64 (window.Sizes[k] - 1))

                let first = int64 starts[d] + Array.sumBy (min 0L) reach
                let last = int64 starts[d] + Array.sumBy (max 0L) reach

                if first < 0L || last >= int64 whole.Sizes[d] then
                    fail $"{name}: elements {first} to {last} of axis {d}, which has size {whole.Sizes[d]}."
