namespace DiffLib

open System
open DiffLib.Kernels

/// How an ordinary differential equation is integrated.
type OdeMethod =
    /// Dormand & Prince's explicit pair of orders 5 and 4, with step control. For problems that are not stiff.
    | DormandPrince54 = 0
    /// The classical explicit method of order 4 with fixed steps.
    | RungeKutta4 = 1
    /// RODAS: a linearly implicit (Rosenbrock) method of order 4 with step control, L-stable, for stiff problems; the Jacobian is exact.
    | Rodas4 = 2

/// How cotangents go back through an integration.
type OdeDerivative =
    /// Through the steps that were made: the derivative of the numbers computed, to rounding. Memory grows with the steps.
    | Discrete = 0
    /// By the adjoint differential equation, integrated backwards along the stored solution: as exact as the tolerances, with little memory.
    | Adjoint = 1

/// An integration could not go on.
[<Sealed>]
type IntegrationException(message: string, time: double, step: double) =
    inherit ArithmeticException(message)
    /// Where it ended.
    member _.Time = time
    /// The step it tried last.
    member _.Step = step

// Chapter 17: single steps of the methods for y' = f(t, y). A state is an array of tensors. Steps are written in Tensor arithmetic, with the step size a
// plain number, so that derivatives of every order and mode pass through them. Sources: E. Hairer, S. Nørsett & G. Wanner, Solving Ordinary Differential
// Equations I [HNW]; E. Hairer & G. Wanner, volume II [HW].

/// y + Σ cᵢ kᵢ for tensors of one shape and element type: what a step does most.
[<Sealed>]
type internal CombinationRule(coefficients: double[]) =
    inherit ManyRule("combination")

    static member Compute(y: NDArray, coefficients: double[], term: int -> NDArray) : NDArray =
        if y.DType = DType.Float64 then
            let result = NDArray.Allocate(y.DType, y.Shape)
            let out = result.Write<double>()
            y.Contiguous().Span<double>().CopyTo out

            for i in 0 .. coefficients.Length - 1 do
                let k = term(i).Contiguous().Span<double>()
                let c = coefficients[i]

                if out.Length > 16 then
                    Numerics.Tensors.TensorPrimitives.MultiplyAdd(k, c, Span.op_Implicit out, out)
                else
                    for j in 0 .. out.Length - 1 do
                        out[j] <- out[j] + c * k[j]

            result
        else
            let wide = CombinationRule.Compute(y.Cast DType.Float64, coefficients, (fun i -> term(i).Cast DType.Float64))
            wide.Cast y.DType

    override _.Attributes = ValueSome [| "coefficients", Attribute.Floats coefficients |]
    override _.Value xs = [| CombinationRule.Compute(xs[0], coefficients, (fun i -> xs[i + 1])) |]
    override _.Infer specs = [| Spec.Of(specs[0].DType, specs[0].Shape) |]

    override this.Batch(xs, stacked) =
        let n = Stacks.SizeOf(xs, stacked)
        Tensor.Apply(this, Array.map2 (fun x s -> Stacks.Of(x, s, n)) xs stacked)

    override this.Push(input, xs, ys, d) = this.PushAll(xs, ys, Array.init xs.Length (fun i -> if i = input then ValueSome d else ValueNone))

    override _.PushAll(xs, _, ds) =
        let live = [| 0 .. coefficients.Length - 1 |] |> Array.filter (fun i -> ds[i + 1].IsSome)
        let first = if ds[0].IsSome then ds[0].Value else Forward.zerosLike xs[0]
        [| ValueSome(Combination.Of(first, live |> Array.map (fun i -> coefficients[i]), live |> Array.map (fun i -> ds[i + 1].Value))) |]

    override _.Pull(_, _, ws, wanted) =
        Array.init wanted.Length (fun i ->
            match ws[0] with
            | ValueSome w when wanted[i] -> ValueSome(if i = 0 then w else w * coefficients[i - 1])
            | _ -> ValueNone)

and [<AbstractClass; Sealed>] internal Combination =
    static member private AreConstants(y: Tensor, ks: Tensor[]) : bool =
        let isConst (x: Tensor) =
            match x with
            | Const _ -> true
            | _ -> false

        isConst y && ks |> Array.forall isConst

    static member private AreNumbers(y: Tensor, ks: Tensor[]) : bool =
        let isNumber (x: Tensor) =
            match x with
            | Number _ -> true
            | _ -> false

        isNumber y && ks |> Array.forall isNumber

    /// y + Σ cᵢ kᵢ, where no cᵢ is zero.
    static member Of(y: Tensor, coefficients: double[], ks: Tensor[]) : Tensor =
        if coefficients.Length = 0 then
            y
        elif Combination.AreNumbers(y, ks) then
            let mutable sum = y.ToDouble()

            for i in 0 .. ks.Length - 1 do
                sum <- sum + coefficients[i] * ks[i].ToDouble()

            Number(sum, false)
        elif Combination.AreConstants(y, ks) then
            Const(CombinationRule.Compute(y.Value, coefficients, (fun i -> ks[i].Value)))
        else
            Tensor.Apply(CombinationRule coefficients, Array.append [| y |] ks)[0]

    /// The same for each tensor of a state; stages[i] is a slope of the whole state. Zeros among the coefficients cost nothing.
    static member OfStates(y: Tensor[], h: double, coefficients: double[], stages: Tensor[][]) : Tensor[] =
        let live =
            [| for i in 0 .. coefficients.Length - 1 do
                   if coefficients[i] <> 0.0 then i |]
        let scaled = live |> Array.map (fun i -> h * coefficients[i])
        Array.init y.Length (fun l -> Combination.Of(y[l], scaled, live |> Array.map (fun i -> stages[i].[l])))

/// The numbers of states, for deciding on steps: nothing here is differentiated.
module internal StateValues =
    let count (y: Tensor[]) = y |> Array.sumBy (fun x -> x.Count)

    /// into[at..] ← into[at..] + c·x.
    let private add (into: double[]) (at: int) (c: double) (x: Tensor) =
        match x.Underneath with
        | Number(v, _) -> into[at] <- into[at] + c * v
        | t ->
            let v = (t.Value.Cast DType.Float64).Contiguous()
            let span = v.Span<double>()

            for i in 0 .. span.Length - 1 do
                into[at + i] <- into[at + i] + c * span[i]

    /// The flattened state added to an array, c times.
    let accumulate (into: double[]) (c: double) (y: Tensor[]) =
        let mutable at = 0

        for x in y do
            add into at c x
            at <- at + x.Count

    let flat (y: Tensor[]) : double[] =
        let values = Array.zeroCreate (count y)
        accumulate values 1.0 y
        values

    /// The values without derivative levels.
    let constants (y: Tensor[]) : Tensor[] = y |> Array.map (fun x -> Tensor.Wrap x.Value)

/// y' = f(t, y).
type internal Slope = Tensor -> Tensor[] -> Tensor[]

/// One step: the state at its end, the slope there where the method has it, the estimate of the local error (flattened; empty where
/// there is none), and the state inside, at a fraction of the step.
[<NoEquality; NoComparison>]
type internal Step = { End: Tensor[]; EndSlope: Tensor[] voption; Error: double[]; Inside: double -> Tensor[] }

/// A one-step method.
[<AbstractClass>]
type internal Stepper() =
    /// The order of the error estimate plus one: steps go with the error's root of this order. 0 for fixed steps.
    abstract ErrorOrder: int
    /// The integral part of the step controller [HNW IV.2].
    abstract Beta: double
    /// A step of size h from y at t, where the slope is known.
    abstract Step: f: Slope * t: double * y: Tensor[] * slope: Tensor[] * h: double -> Step

/// The coefficients of an explicit Runge-Kutta method whose last stage is the slope at the end of the step.
[<NoEquality; NoComparison>]
type internal Tableau =
    {
        C: double[]
        A: double[][]
        /// The difference to the embedded method.
        E: double[]
        /// The weights of the stages for the state at a fraction of the step.
        Inside: double -> double[]
    }

/// Explicit methods.
[<Sealed>]
type internal ExplicitStepper(tableau: Tableau) =
    inherit Stepper()
    let last = tableau.C.Length - 1
    override _.ErrorOrder = if tableau.E.Length = 0 then 0 else 5
    override _.Beta = 0.04

    override _.Step(f, t, y, slope, h) =
        let stages: Tensor[][] = Array.zeroCreate tableau.C.Length
        stages[0] <- slope
        let mutable at = y

        for i in 1..last do
            at <- Combination.OfStates(y, h, tableau.A[i], stages)
            stages[i] <- f (Number(t + tableau.C[i] * h, true)) at

        let error: double[] = if tableau.E.Length = 0 then [||] else Array.zeroCreate (StateValues.count y)

        for i in 0 .. tableau.E.Length - 1 do
            if tableau.E[i] <> 0.0 then StateValues.accumulate error (h * tableau.E[i]) stages[i]

        { End = at
          EndSlope = ValueSome stages[last]
          Error = error
          Inside = fun s -> Combination.OfStates(y, h, tableau.Inside s, stages) }

/// RODAS [HW IV.7 and rodas.f, METH = 1]: stages from linear systems with I/(hγ) - J, J = ∂f/∂y at the start of the step.
[<Sealed>]
type internal RosenbrockStepper() =
    inherit Stepper()
    let gamma = 0.25

    let a =
        [| [||]
           [| 1.544 |]
           [| 0.9466785280815826; 0.2557011698983284 |]
           [| 3.314825187068521; 2.896124015972201; 0.9986419139977817 |]
           [| 1.221224509226641; 6.019134481288629; 12.53708332932087; -0.6878860361058950 |]
           [| 1.221224509226641; 6.019134481288629; 12.53708332932087; -0.6878860361058950; 1.0 |] |]

    let ends = [| 1.221224509226641; 6.019134481288629; 12.53708332932087; -0.6878860361058950; 1.0; 1.0 |]

    let c =
        [| [||]
           [| -5.6688 |]
           [| -2.430093356833875; -0.2063599157091915 |]
           [| -0.1073529058151375; -9.594562251023355; -20.47028614809616 |]
           [| 7.496443313967647; -10.24680431464352; -33.99990352819905; 11.70890893206160 |]
           [| 8.083246795921522; -7.981132988064893; -31.52159432874371; 16.31930543123136; -6.058818238834054 |] |]

    let alpha = [| 0.0; 0.386; 0.21; 0.63; 1.0; 1.0 |]
    let ofTime = [| 0.25; -0.1043; 0.1035; -0.0362; 0.0; 0.0 |]
    let inside2 = [| 10.12623508344586; -7.487995877610167; -34.80091861555747; -7.992771707568823; 1.025137723295662 |]
    let inside3 = [| -0.6762803392806898; 6.087714651680015; 16.43084320892478; 24.76722511418386; -6.594389125716872 |]

    /// Jacobian and ∂f/∂t at the last point met: a rejected step is tried again from there.
    let mutable known: struct (Tensor[] * Tensor * Tensor voption) voption = ValueNone

    override _.ErrorOrder = 4
    override _.Beta = 0.0

    member private _.Linearized(f: Slope, t: double, y: Tensor[]) : struct (Tensor * Tensor voption) =
        match known with
        | ValueSome(struct (at, j, ft)) when obj.ReferenceEquals(at, y) -> struct (j, ft)
        | _ ->
            let time = Number(t, true)
            let jacobian = Derivatives.jacobian (fun u -> Vectors.join (f time (Vectors.split y u))) (Vectors.join y)
            let struct (_, dft) = Forward.jvp (fun ts -> [| Vectors.join (f ts[0] y) |]) [| time |] [| ValueSome(Number(1.0, true)) |]
            known <- ValueSome(struct (y, jacobian, dft[0]))
            struct (jacobian, dft[0])

    override this.Step(f, t, y, slope, h) =
        let struct (jacobian, ft) = this.Linearized(f, t, y)
        let n = jacobian.Shape.Sizes[0]
        let identity = Creation.Eye(jacobian.DType, n, n, 0)
        let w = identity * (1.0 / (h * gamma)) - jacobian
        let column = Shape [| n; 1 |]
        let u = Vectors.join y
        let stages: Tensor[] = Array.zeroCreate 6
        let combined (from: Tensor) (coefficients: double[]) = Combination.Of(from, coefficients, Array.truncate coefficients.Length stages)

        for i in 0..5 do
            let value =
                if i = 0 then
                    Vectors.join slope
                else
                    Vectors.join (f (Number(t + alpha[i] * h, true)) (Vectors.split y (combined u a[i])))

            let right = combined value (c[i] |> Array.map (fun c -> c / h))

            let right =
                match ft with
                | ValueSome ft when ofTime[i] <> 0.0 -> Combination.Of(right, [| h * ofTime[i] |], [| ft |])
                | _ -> right

            stages[i] <- Tensor.ReshapeTo(Tensor.Apply(SolveRule.Plain, w, Tensor.ReshapeTo(right, column)), right.Shape)

        let inside (s: double) =
            let weights =
                Array.init 6 (fun j ->
                    let second = if j < 5 then s * (1.0 - s) * inside2[j] else 0.0
                    let third = if j < 5 then s * s * (1.0 - s) * inside3[j] else 0.0
                    s * ends[j] + second + third)

            Vectors.split y (combined u weights)

        { End = Vectors.split y (combined u ends)
          EndSlope = ValueNone
          Error = StateValues.flat [| stages[5] |]
          Inside = inside }

/// The methods by name.
module internal Steppers =
    /// J. Dormand & P. Prince 1980 [HNW II.5], with the continuous extension of order 4 of [HNW II.6].
    let private dormandPrince =
        let b = [| 35.0 / 384.0; 0.0; 500.0 / 1113.0; 125.0 / 192.0; -2187.0 / 6784.0; 11.0 / 84.0; 0.0 |]

        let d =
            [| -12715105075.0 / 11282082432.0
               0.0
               87487479700.0 / 32700410799.0
               -10690763975.0 / 1880347072.0
               701980252875.0 / 199316789632.0
               -1453857185.0 / 822651844.0
               69997945.0 / 29380423.0 |]

        { C = [| 0.0; 0.2; 0.3; 0.8; 8.0 / 9.0; 1.0; 1.0 |]
          A =
            [| [||]
               [| 0.2 |]
               [| 3.0 / 40.0; 9.0 / 40.0 |]
               [| 44.0 / 45.0; -56.0 / 15.0; 32.0 / 9.0 |]
               [| 19372.0 / 6561.0; -25360.0 / 2187.0; 64448.0 / 6561.0; -212.0 / 729.0 |]
               [| 9017.0 / 3168.0; -355.0 / 33.0; 46732.0 / 5247.0; 49.0 / 176.0; -5103.0 / 18656.0 |]
               Array.truncate 6 b |]
          E = [| 71.0 / 57600.0; 0.0; -71.0 / 16695.0; 71.0 / 1920.0; -17253.0 / 339200.0; 22.0 / 525.0; -1.0 / 40.0 |]
          Inside =
            fun s ->
                let r = 1.0 - s

                Array.init 7 (fun i ->
                    let first = if i = 0 then 1.0 else 0.0
                    let last = if i = 6 then 1.0 else 0.0
                    s * (b[i] + r * (first - b[i] + s * (2.0 * b[i] - last - first + r * d[i])))) }

    /// W. Kutta's method of order 4, between steps the cubic Hermite polynomial.
    let private rungeKutta4 =
        let b = [| 1.0 / 6.0; 1.0 / 3.0; 1.0 / 3.0; 1.0 / 6.0 |]

        { C = [| 0.0; 0.5; 0.5; 1.0; 1.0 |]
          A = [| [||]; [| 0.5 |]; [| 0.0; 0.5 |]; [| 0.0; 0.0; 1.0 |]; b |]
          E = [||]
          Inside =
            fun s ->
                let rise = s * s * (3.0 - 2.0 * s)

                Array.init 5 (fun i ->
                    (if i < 4 then rise * b[i] else 0.0)
                    + (if i = 0 then s * (1.0 - s) * (1.0 - s) else 0.0)
                    + (if i = 4 then s * s * (s - 1.0) else 0.0)) }

    /// A fresh stepper: some remember their last point.
    let create (m: OdeMethod) : Stepper =
        match m with
        | OdeMethod.DormandPrince54 -> ExplicitStepper dormandPrince
        | OdeMethod.RungeKutta4 -> ExplicitStepper rungeKutta4
        | OdeMethod.Rodas4 -> RosenbrockStepper()
        | _ -> raise (ArgumentOutOfRangeException("options", m, "the methods are DormandPrince54, RungeKutta4 and Rodas4."))
