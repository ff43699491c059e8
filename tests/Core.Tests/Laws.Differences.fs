namespace DiffLib.Core.Tests

open System
open DiffLib
open global.Xunit
open Numeric

/// Derivatives against difference quotients: the only laws that know nothing of rules.
module DifferenceLaws =
    /// Ridders' method: central differences at steps that halve, extrapolated to 0. The derivative of f at 0, and an estimate of its error.
    /// C. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", 1982.
    let ridders (f: float -> float) (step: float) : struct (float * float) =
        let mutable row = Array.init 6 (fun k -> let h = step / float (1 <<< k) in (f h - f -h) / (2.0 * h))
        let mutable factor = 4.0
        let mutable best = struct (row[5], Double.PositiveInfinity)

        while row.Length > 1 do
            let next = Array.init (row.Length - 1) (fun k -> (factor * row[k + 1] - row[k]) / (factor - 1.0))

            for k in 0 .. next.Length - 1 do
                let error = max (abs (next[k] - row[k])) (abs (next[k] - row[k + 1]))
                let struct (_, least) = best
                if error < least then best <- struct (next[k], error)

            row <- next
            factor <- 4.0 * factor

        best

    /// Small against the distances that the domains keep from kinks and poles.
    let private step (t: Trial) =
        t.Line.Domains
        |> Array.fold
            (fun h d ->
                match d with
                | Between(low, high) -> min h (0.02 * (high - low))
                | _ -> min h 0.01)
            0.01

    let private shifted (xs: Tensor[]) (v: Tensor[]) (h: float) : Tensor[] = Array.map2 (fun (x: Tensor) (v: Tensor) -> x + h * v) xs v

    let private demand (t: Trial) (what: string) (derivative: float) (f: float -> float) =
        let struct (difference, error) = ridders f (step t)
        let bound = t.Line.Precision.Condition * (1e-10 + 1e-9 * max (abs derivative) (abs difference)) + 10.0 * error

        if not (abs (derivative - difference) <= bound) then
            t.Fail $"{what} is {derivative:R}, but by differences {difference:R} (± {error:G2}), ratio {derivative / difference:G6}"

        // an estimate so rough would let anything pass
        if not (error <= t.Line.Precision.Condition * 1e-6 * max 1.0 (abs difference)) then
            t.Fail $"{what}: the differences do not settle ({difference:R} ± {error:G2})"

    [<Theory; MemberData("WithDifferences", MemberType = typeof<Lines>)>]
    let ``the derivative is the limit of difference quotients`` (operation: string) =
        for t in Cases.all operation DType.Float64 do
            if t.Inputs |> Array.forall (fun x -> x.Count > 0) then
                let w = t.Direction(t.F t.Inputs)

                // one input at a time, then all
                for k in 0 .. t.Inputs.Length do
                    if k < t.Inputs.Length || k > 1 then
                        let v = t.Directions t.Inputs |> Array.mapi (fun i v -> if i = k || k = t.Inputs.Length then v else Forward.zerosLike v)
                        let derivative = dot w (Derive.along t.F t.Inputs v)
                        demand
                            t
                            (if k = t.Inputs.Length then "the derivative along all inputs" else $"the derivative along input {k}")
                            derivative
                            (fun h -> dot w (t.F(shifted t.Inputs v h)))

    [<Theory; MemberData("OfSecondOrderWithDifferences", MemberType = typeof<Lines>)>]
    let ``the second derivative is the limit of difference quotients of the gradient`` (operation: string) =
        let t = Cases.first operation DType.Float64
        let f = Derive.against (t.Direction(t.F t.Inputs)) t.F
        let u, v = t.Directions t.Inputs, t.Directions t.Inputs
        let second = (Derive.along (fun xs -> Derive.inner (Derive.gradients f xs) u) t.Inputs v).ToDouble()
        demand t "the second derivative" second (fun h -> dots u (Derive.gradients f (shifted t.Inputs v h)))
