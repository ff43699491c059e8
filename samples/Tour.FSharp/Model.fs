module DiffLib.Samples.TourFSharp.Model

open System
open System.IO
open DiffLib
open DiffLib.FSharp

/// Passengers as a trend times a season: exp(level + growth t + bend t²) (1 + Σ aₖ cos 2πkt + bₖ sin 2πkt), t in years. The model is a record of
/// tensors, so its gradient is a record, too.
type Seasonal =
    {
        /// level, growth and bend: [3].
        Trend: Tensor
        /// aₖ and bₖ, one row a harmonic: [harmonics; 2].
        Season: Tensor
    }

/// The counts of the file, in thousands.
let load (path: string) : float[] = File.ReadAllLines path |> Array.skip 1 |> Array.map (fun line -> float (line.Split(',')[2]))

/// The years since the first month, [n].
let years (first: int) (months: int) : Tensor = arange (float first) (float (first + months)) 1.0 / 12.0

/// A flat line through the mean, without a season.
let start (harmonics: int) (observed: float[]) : Seasonal =
    { Trend = tensor [ log (Array.average observed); 0.0; 0.0 ]; Season = zeros [ harmonics; 2 ] }

/// Times [n] to predictions [n].
let predict (t: Tensor) (m: Seasonal) : Tensor =
    let trend = exp (m.Trend[0] + m.Trend[1] * t + m.Trend[2] * t * t)
    let k = arange 1.0 (float (m.Season.Shape[0] + 1)) 1.0
    let angles = outer t (2.0 * Math.PI * k)
    trend * (1.0 + matmul (cos angles) m.Season[*, 0] + matmul (sin angles) m.Season[*, 1])

/// The root of the mean squared difference.
let rootMeanSquare (observed: Tensor) (predicted: Tensor) : float = predicted - observed |> square |> mean |> sqrt |> float
