namespace DiffLib

open System
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.LinearAlgebra.Double
open MathNet.Numerics.Optimization
open MathNet.Numerics.RootFinding

/// Chapter 16: what equations define. A root, fixed point or minimiser u(θ) is found by a solver that knows nothing of derivatives; these follow from
/// the implicit function theorem: F(u, θ) = 0 gives ∂F/∂u du = -∂F/∂θ dθ. Written in Tensor arithmetic, so that every order and both modes work.
/// Sources: A. Griewank & A. Walther, Evaluating Derivatives, chapter 15; M. Blondel et al., "Efficient and modular implicit differentiation", 2022.
module internal Implicit =
    open LinearSolvers

    /// F(u, θ): as many numbers as u has, all zero at the solution. Its Jacobian by u may be known to be symmetric.
    [<NoEquality; NoComparison>]
    type Condition = { Name: string; Residual: Tensor -> Tensor[] -> Tensor; Symmetric: bool }

    let private noTangent (x: Tensor) (d: Tensor voption) = if d.IsSome then d.Value else Forward.zerosLike x

    /// A linear system with ∂F/∂u at the solution, or its transpose.
    let private solveLinear (condition: Condition) (settings: Settings) (transposed: bool) (u: Tensor) (ps: Tensor[]) (b: Tensor) : Tensor =
        if isDense settings u.Count then
            let j = Derivatives.jacobian (fun u -> condition.Residual u ps) u

            try
                LinearAlgebra.Solve((if transposed && not condition.Symmetric then DiffLib.Matrix.Transpose j else j), b)
            with :? SingularMatrixException ->
                raise (
                    SingularMatrixException
                        $"{condition.Name}: the Jacobian of the equations is singular at the solution, so the solution does not depend on the parameters in a differentiable way (it is not isolated, or a multiple one)."
                )
        else
            let recordingAt (qs: Tensor[]) = Recording.Of((fun us -> [| condition.Residual us[0] (Array.tail qs) |]), [| qs[0] |])

            let push (qs: Tensor[]) =
                let recording = recordingAt qs
                fun v -> noTangent v (recording.Push([| ValueSome v |])[0])

            let pull (qs: Tensor[]) =
                let recording = recordingAt qs
                fun w -> noTangent w (recording.Pull([| ValueSome w |])[0])

            let operator =
                if condition.Symmetric then { Apply = push; Transpose = push }
                elif transposed then { Apply = pull; Transpose = push }
                else { Apply = push; Transpose = pull }

            LinearSolvers.solve condition.Name operator settings (Array.append [| u |] ps) b

    /// The solution as a function of the start, which has no influence, and of the parameters θ.
    [<Sealed>]
    type ImplicitRule(condition: Condition, settings: Settings, find: NDArray -> Tensor[] -> NDArray) =
        inherit ManyRule(condition.Name)
        override _.Value xs = [| find xs[0] (xs |> Array.tail |> Array.map Tensor.Wrap) |]
        override _.Infer specs = [| Spec.Of(specs[0].DType, specs[0].Shape) |]
        override this.Batch(xs, stacked) = Examples.OneByOne((fun xs -> Tensor.Apply(this, xs)), xs, stacked)
        override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

        override _.PushAll(xs, ys, ds) =
            let u, ps = ys[0], Array.tail xs

            if ds |> Array.tail |> Array.forall (fun d -> d.IsNone) then
                [| ValueNone |]
            else
                let struct (_, df) = Forward.jvp (fun ps -> [| condition.Residual u ps |]) ps (Array.tail ds)

                match df[0] with
                | ValueNone -> [| ValueNone |]
                | ValueSome df -> [| ValueSome(solveLinear condition settings false u ps -df) |]

        override _.Pull(xs, ys, ws, _) =
            match ws[0] with
            | ValueNone -> Array.create xs.Length ValueNone
            | ValueSome w ->
                let u, ps = ys[0], Array.tail xs
                let recording = Recording.Of((fun ps -> [| condition.Residual u ps |]), ps)
                let z = solveLinear condition settings true u ps w
                Array.append [| ValueNone |] (recording.Pull [| ValueSome(-z) |])

    // ---- solvers, on numbers

    let private largest (a: double[]) = if a.Length = 0 then 0.0 else a |> Array.fold (fun m v -> if Double.IsNaN v then v else max m (abs v)) 0.0

    let private isFinite (a: double[]) = a |> Array.forall Double.IsFinite

    let private subtract (a: double[]) (b: double[]) = Array.map2 (-) a b

    /// A function of numbers out of one of tensors.
    let private numbers (condition: Condition) (like: NDArray) (ps: Tensor[]) : double[] -> double[] =
        fun u ->
            let f = condition.Residual (Const(ofVector like u)) ps

            if f.Count <> u.Length then
                invalidArg
                    "f"
                    $"{condition.Name}: the unknowns have {u.Length} elements, but the function gives {f.Count}. There must be as many equations as unknowns."

            let constants = Custom.demandConstants condition.Name [| f |]
            toVector constants[0]

    let private failed (name: string) (iterations: int) (residual: double) (reason: string) : exn =
        ConvergenceException(
            $"{name}: no solution found after {iterations} iterations; the largest residual is {residual:G3}. {reason}",
            iterations,
            residual
        )

    /// The Jacobian by u at numbers.
    let private jacobianAt (condition: Condition) (like: NDArray) (ps: Tensor[]) (u: double[]) : double[] =
        toVector (Derivatives.jacobian (fun u -> condition.Residual u ps) (Const(ofVector like u))).Value

    /// The Newton step J d = -f, and the size of the rounding errors of f. Where J is singular: the Levenberg-Marquardt step, towards smaller residuals,
    /// whose smallness says nothing.
    let private newtonStep
        (condition: Condition)
        (settings: Settings)
        (like: NDArray)
        (ps: Tensor[])
        (u: double[])
        (f: double[])
        : struct (double[] * double * bool) =
        let n = u.Length

        if isDense settings n then
            let j = jacobianAt condition like ps u
            let matrix = NDArray.Adopt(Shape [| n; n |], j)
            let right = NDArray.Adopt(Shape [| n; 1 |], f |> Array.map (~-))
            // the rounding errors of f, roughly
            let noise = Array.init n (fun i -> Seq.sum (seq { for k in 0 .. n - 1 -> abs (j[i * n + k] * u[k]) })) |> largest

            let struct (d, regular) =
                try
                    struct (toVector (Factorizations.solve false matrix right), true)
                with :? SingularMatrixException ->
                    let m: Matrix<double> = Matrix<double>.Build.DenseOfRowMajor(n, n, j)
                    let normal = m.TransposeThisAndMultiply m
                    let shift = 1e-8 * normal.Diagonal().AbsoluteMaximum() + 1e-12
                    let towards: Vector<double> = m.TransposeThisAndMultiply(DenseVector f).Negate()
                    struct ((normal + Matrix<double>.Build.DenseIdentity n * shift).Cholesky().Solve(towards).ToArray(), false)

            struct (d, 2.2e-16 * noise, regular)
        else
            let recording = Recording.Of((fun us -> [| condition.Residual us[0] ps |]), [| Const(ofVector like u) |])
            let times v =
                let pushed = recording.Push [| ValueSome(Const(ofVector like v)) |]
                toVector (noTangent recording.Values[0] pushed[0]).Value

            struct (iterate { settings with Tolerance = max settings.Tolerance 1e-10 } times (f |> Array.map (~-)), 0.0, true)

    /// Newton's method with backtracking on ‖F‖ (Dennis & Schnabel 1983, algorithm 6.3.1), until a full step changes nothing any more.
    let newton
        (condition: Condition)
        (settings: Settings)
        (tolerance: double)
        (maxIterations: int)
        (advice: string)
        (start: NDArray)
        (ps: Tensor[])
        : NDArray =
        let f = numbers condition start ps
        let mutable u = toVector start
        let mutable fu = f u
        let mutable k = 0
        let mutable found = u.Length = 0 || largest fu = 0.0

        if not (isFinite fu) then
            raise (failed condition.Name 0 (largest fu) "The function is not finite at the start. Start where it is.")

        while not found do
            if k >= maxIterations then raise (failed condition.Name k (largest fu) advice)
            k <- k + 1
            let struct (d, noise, regular) = newtonStep condition settings start ps u fu

            if not (isFinite d) then
                raise (failed condition.Name k (largest fu) $"The Jacobian is not finite or as good as singular there. {advice}")

            let small = regular && largest d <= tolerance * (1.0 + largest u)
            let before = norm fu
            let mutable step = 1.0
            let mutable next = Array.map2 (+) u d
            let mutable value = f next

            while step > 1e-10 && not (isFinite value && norm value <= (1.0 - 1e-4 * step) * before) do
                step <- 0.5 * step
                next <- Array.map2 (fun a b -> a + step * b) u d
                value <- f next

            if isFinite value && norm value < before then
                u <- next
                fu <- value
                found <- largest fu = 0.0 || (small && step = 1.0)
            else
                // no step makes the residual smaller: the end, if what is left is rounding or the step was negligible
                found <- small || largest fu <= 8.0 * noise

                if not found then
                    raise (
                        failed
                            condition.Name
                            k
                            (largest fu)
                            $"No step along Newton's direction makes it smaller: a local minimum of the residual. {advice}"
                    )

        ofVector start u

    /// Brent's method on a bracket (R. Brent, Algorithms for Minimization without Derivatives, 1973), by MathNet, and a last step of Newton's.
    let bracketed
        (condition: Condition)
        (tolerance: double)
        (maxIterations: int)
        (lower: double)
        (upper: double)
        (like: NDArray)
        (ps: Tensor[])
        : NDArray =
        let f = numbers condition like ps
        let value (u: double) = Array.head (f [| u |])
        let low, high = value lower, value upper

        let root =
            if low = 0.0 then
                lower
            elif high = 0.0 then
                upper
            elif not (low * high < 0.0) then
                invalidArg
                    "lower"
                    $"{condition.Name}: the function is {low:G6} at {lower:G6} and {high:G6} at {upper:G6}; a bracket needs opposite signs at its ends."
            else
                let ok, root = Brent.TryFindRoot(value, lower, upper, tolerance * (1.0 + max (abs lower) (abs upper)), maxIterations)
                if ok then
                    root
                else
                    raise (failed condition.Name maxIterations (abs (value root)) "Allow more iterations, or loosen the tolerance.")

        let f0 = value root
        let slope = Array.head (jacobianAt condition like ps [| root |])
        let better = root - f0 / slope
        let polished = Double.IsFinite better && better >= min lower upper && better <= max lower upper && abs (value better) < abs f0
        ofVector like [| (if polished then better else root) |]

    /// x ← g(x), accelerated by Anderson's mixing over the last steps (D. Anderson 1965; H. Walker & P. Ni 2011), which may be 0: plain.
    /// The condition is x - g(x) = 0.
    let fixedPoint (condition: Condition) (memory: int) (tolerance: double) (maxIterations: int) (start: NDArray) (ps: Tensor[]) : NDArray =
        let residual = numbers condition start ps
        let mutable x = toVector start
        let mutable f = residual x |> Array.map (~-)
        let dx, df = ResizeArray<double[]>(), ResizeArray<double[]>()
        let mutable best = largest f
        let mutable k = 0
        let advice = "Start nearer, allow more iterations, or solve x - g(x) = 0 with Root, which needs no contraction."

        while not (largest f <= tolerance * (1.0 + largest x)) do
            if not (isFinite f) then raise (failed condition.Name k (largest f) $"The iteration left the finite numbers. {advice}")
            if k >= maxIterations then raise (failed condition.Name k (largest f) advice)
            k <- k + 1
            let next = Array.map2 (+) x f

            if dx.Count > 0 then
                let columns = DenseMatrix.OfColumnArrays df
                let mix = columns.Svd().Solve(DenseVector f)

                if mix |> Seq.forall Double.IsFinite then
                    for i in 0 .. dx.Count - 1 do
                        for r in 0 .. next.Length - 1 do
                            next[r] <- next[r] - mix[i] * (dx[i].[r] + df[i].[r])

            let value = residual next |> Array.map (~-)

            if largest value > 1e3 * best then
                // mixing went astray: begin again from a plain step
                dx.Clear()
                df.Clear()
                let plain = Array.map2 (+) x f
                f <- residual plain |> Array.map (~-)
                x <- plain
            else
                if memory > 0 then
                    dx.Add(subtract next x)
                    df.Add(subtract value f)

                    if dx.Count > min memory x.Length then
                        dx.RemoveAt 0
                        df.RemoveAt 0

                x <- next
                f <- value

            best <- min best (largest f)

        ofVector start x

    // ---- minimisers

    /// A function for MathNet's minimisers. It remembers the lowest point met, because they forget it when a line search fails.
    [<Sealed>]
    type private Objective(f: double[] -> struct (double * double[]), lowest: struct (double * double[]) ref) =
        let mutable point: Vector<double> = DenseVector [| 0.0 |]
        let mutable value = nan
        let mutable gradient: Vector<double> = DenseVector [| 0.0 |]

        interface IObjectiveFunctionEvaluation with
            member _.Point = point
            member _.Value = value
            member _.IsGradientSupported = true
            member _.Gradient = gradient
            member _.IsHessianSupported = false
            member _.Hessian = raise (NotSupportedException())
            member this.CreateNew() = Objective(f, lowest)

        interface IObjectiveFunction with
            member _.EvaluateAt at =
                point <- at.Clone()
                let x = at.ToArray()
                let struct (v, g) = f x
                value <- v
                gradient <- DenseVector g
                let struct (low, _) = lowest.Value
                if v < low || Double.IsNaN low then lowest.Value <- struct (v, x)

            member _.Fork() =
                let copy = Objective(f, lowest)
                copy.Become(point, value, gradient)
                copy

        member _.Become(p, v, g) =
            point <- p
            value <- v
            gradient <- g

    /// A minimum by MathNet's BFGS (limited memory beyond the dense limit), sharpened by Newton's method on the gradient.
    let minimize
        (f: Tensor -> Tensor[] -> Tensor)
        (condition: Condition)
        (settings: Settings)
        (tolerance: double)
        (maxIterations: int)
        (start: NDArray)
        (ps: Tensor[])
        : NDArray =
        let evaluate (u: double[]) =
            let struct (y, g) = Derivatives.valueAndGradient (fun u -> f u ps) (Const(ofVector start u))
            let v = Custom.demandConstants condition.Name [| y; g |]
            struct (y.ToDouble(), toVector v[1])

        let from = toVector start
        let struct (first, slope) = evaluate from

        if not (Double.IsFinite first && isFinite slope) then
            raise (
                failed
                    condition.Name
                    0
                    (largest slope)
                    $"The function is {first:G6} at the start, with its gradient not finite there. Start elsewhere."
            )

        let lowest = ref (struct (first, from))

        if largest slope > 0.0 then
            try
                let goal = Math.Sqrt tolerance * 1e-2
                let objective = Objective(evaluate, lowest)
                let at = DenseVector(Array.copy from)

                if from.Length <= DenseLimit then
                    BfgsMinimizer(goal, 1e-14, 1e-14, maxIterations).FindMinimum(objective, at) |> ignore
                else
                    LimitedMemoryBfgsMinimizer(goal, 1e-14, 1e-14, 20, maxIterations).FindMinimum(objective, at) |> ignore
            with :? OptimizationException ->
                // a line search that finds nothing lower any more; what was lowest is looked at below
                ()

        let struct (value, point) = lowest.Value

        if not (Double.IsFinite value) then
            raise (failed condition.Name maxIterations value "The function is not bounded below, as far as one can see.")

        newton
            condition
            settings
            tolerance
            50
            "It may be unbounded below, have no minimum, or be too flat at it. Start elsewhere, or scale the unknowns."
            (ofVector start point)
            ps

    // ---- the verbs, on unknowns in parts

    /// How a solver goes; a tolerance of 0 stands for the default of the element type.
    [<NoEquality; NoComparison>]
    type Options = { Tolerance: double; MaxIterations: int; Linear: Settings }

    let private demandOptions (o: Options) =
        demandSettings o.Linear

        if not (o.Tolerance >= 0.0 && o.Tolerance < 1.0) then
            raise (ArgumentOutOfRangeException("options", o.Tolerance, "the tolerance lies between 0 and 1; 0 stands for the default."))

        if o.MaxIterations < 1 then
            raise (ArgumentOutOfRangeException("options", o.MaxIterations, "at least one iteration has to be allowed."))

    /// The tolerance, by default one that fits the element type.
    let private toleranceOf (o: Options) (u: NDArray) (float64: double) =
        if o.Tolerance > 0.0 then o.Tolerance
        elif u.DType = DType.Float64 then float64
        else 1e-5

    let private joinStart (start: Tensor[]) : Tensor =
        for x in start do
            Forward.demandFloat "start" x
        let u = Vectors.join start
        Tensor.Cast(u, u.DType)

    let private apply (condition: Condition) (o: Options) find (u: Tensor) (ps: Tensor[]) : Tensor =
        Tensor.Apply(ImplicitRule(condition, o.Linear, find), Array.append [| u |] ps)[0]

    let private advice = "Start nearer to a solution, scale the unknowns, or allow more iterations."

    /// x with f(x, θ) = 0, as many equations as unknowns, by Newton's method from a start.
    let root (o: Options) (f: Tensor[] -> Tensor[] -> Tensor[]) (start: Tensor[]) (ps: Tensor[]) : Tensor[] =
        demandOptions o

        let condition = { Name = "Root"; Residual = (fun u ps -> Vectors.join (f (Vectors.split start u) ps)); Symmetric = false }

        let find (u: NDArray) ps = newton condition o.Linear (toleranceOf o u 1e-10) o.MaxIterations advice u ps
        Vectors.split start (apply condition o find (joinStart start) ps)

    /// x between two numbers with f(x, θ) = 0, where f has opposite signs at them.
    let rootBetween (o: Options) (f: Tensor -> Tensor[] -> Tensor) (lower: double) (upper: double) (ps: Tensor[]) : Tensor =
        demandOptions o

        if not (Double.IsFinite lower && Double.IsFinite upper && lower < upper) then
            invalidArg "lower" $"Root: the bracket from {lower} to {upper} is not an interval. Give two finite numbers, the lower one first."

        let condition =
            { Name = "Root"
              Residual =
                (fun u ps ->
                    let y = f (Tensor.ReshapeTo(u, Shape.Scalar)) ps
                    Tensor.ReshapeTo(y, Shape [| y.Count |]))
              Symmetric = false }

        let find (u: NDArray) ps = bracketed condition (toleranceOf o u 1e-14) o.MaxIterations lower upper u ps
        let middle = Const(NDArray.Adopt(Shape [| 1 |], [| 0.5 * lower + 0.5 * upper |]))
        Tensor.ReshapeTo(apply condition o find middle ps, Shape.Scalar)

    /// x with x = g(x, θ), by iteration from a start, mixed over the last steps.
    let fixedPointOf (o: Options) (memory: int) (g: Tensor[] -> Tensor[] -> Tensor[]) (start: Tensor[]) (ps: Tensor[]) : Tensor[] =
        demandOptions o
        if memory < 0 then
            raise (ArgumentOutOfRangeException("options", memory, "the memory of the mixing is 0 (plain iteration) or more."))

        let image u ps =
            let y = Vectors.join (g (Vectors.split start u) ps)

            if y.Count <> u.Count then
                invalidArg "g" $"FixedPoint: the point has {u.Count} elements, but its image has {y.Count}. The function has to give what it takes."

            y

        let condition = { Name = "FixedPoint"; Residual = (fun u ps -> u - image u ps); Symmetric = false }

        let find (u: NDArray) ps = fixedPoint condition memory (toleranceOf o u 1e-12) o.MaxIterations u ps
        Vectors.split start (apply condition o find (joinStart start) ps)

    /// x at which f(x, θ), a number, has a local minimum.
    let minimizer (o: Options) (f: Tensor[] -> Tensor[] -> Tensor) (start: Tensor[]) (ps: Tensor[]) : Tensor[] =
        demandOptions o
        let objective u ps = f (Vectors.split start u) ps

        let condition = { Name = "Minimize"; Residual = (fun u ps -> Derivatives.gradient (fun u -> objective u ps) u); Symmetric = true }

        let find (u: NDArray) ps = minimize objective condition o.Linear (toleranceOf o u 1e-10) o.MaxIterations u ps
        Vectors.split start (apply condition o find (joinStart start) ps)
