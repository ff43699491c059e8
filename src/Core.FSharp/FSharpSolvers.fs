namespace DiffLib.FSharp

open System
open DiffLib

/// How a linear system is solved that is given by its products with vectors.
[<NoComparison>]
type LinearSettings =
    {
        /// The method; Automatic forms and factorises the matrix up to 200 unknowns, and takes GMRES beyond.
        Method: LinearSolver
        /// What the norm of b - A x may be, relative to that of b.
        Tolerance: float
        /// How many products an iteration may take; 0 stands for 100 and ten for each unknown.
        MaxIterations: int
        /// How many directions GMRES keeps before it starts again.
        Restart: int
    }

    /// Automatic, to 1e-12.
    static member Default = { Method = LinearSolver.Automatic; Tolerance = 1e-12; MaxIterations = 0; Restart = 50 }

/// How roots, fixed points and minimisers are found, and differentiated.
[<NoComparison>]
type SolverSettings =
    {
        /// Relative to 1 and the largest unknown; 0 stands for what fits the solver and the element type.
        Tolerance: float
        /// The largest number of iterations.
        MaxIterations: int
        /// How many earlier steps the mixing of fixed points uses; 0 iterates plainly.
        Memory: int
        /// How linear systems are solved, for steps and for derivatives.
        Linear: LinearSettings
    }

    /// Up to 1000 iterations, mixing over 5 steps.
    static member Default = { Tolerance = 0.0; MaxIterations = 1000; Memory = 5; Linear = LinearSettings.Default }

/// How an ordinary differential equation is integrated, and differentiated.
[<NoComparison>]
type OdeSettings =
    {
        /// The method.
        Method: OdeMethod
        /// How cotangents go back.
        Derivative: OdeDerivative
        /// What a step may err relative to each element of the state.
        RelativeTolerance: float
        /// What a step may err where the state is near zero.
        AbsoluteTolerance: float
        /// The size of fixed steps, at most, or of the first step; 0 for one step each interval, or a first step from the scales of the problem.
        Step: float
        /// The largest step that step control may choose.
        LargestStep: float
        /// How many steps may be tried.
        MaxSteps: int
    }

    /// Dormand and Prince's method, derivatives through the steps, tolerances 1e-6 and 1e-9.
    static member Default =
        { Method = OdeMethod.DormandPrince54
          Derivative = OdeDerivative.Discrete
          RelativeTolerance = 1e-6
          AbsoluteTolerance = 1e-9
          Step = 0.0
          LargestStep = Double.PositiveInfinity
          MaxSteps = 100_000 }

/// An event on the way of a solution: where a condition is zero.
[<NoComparison; NoEquality>]
type OdeEvent<'y> =
    {
        /// t and y to one number, whose sign changes where the event happens.
        Condition: Tensor -> 'y -> Tensor
        /// Which changes of sign are events, as the integration goes.
        Direction: OdeEventDirection
        /// The solution ends when the event has happened so often; 0: it goes on.
        EndsAfter: int
    }

/// An event that happened.
[<NoComparison; NoEquality>]
type OdeOccurrence<'y> =
    {
        /// Its number among the events given.
        Event: int
        /// When: float64 of rank 0, a differentiable function of whatever the solution and the condition depend on.
        Time: Tensor
        /// The state there, with the derivative of the time in it.
        State: 'y
    }

/// A solution with the events on its way.
[<NoComparison; NoEquality>]
type OdeSolution<'y> =
    {
        /// The state at a time between start and end.
        At: float -> 'y
        /// What happened, in its order.
        Occurrences: OdeOccurrence<'y> list
        /// The event that ended the solution, if one did.
        EndedBy: int option
        /// Where the solution ends.
        End: float
    }

/// What equations define, as differentiable functions of parameters: solvers find it, the implicit function theorem differentiates it, to every order.
/// Unknowns and parameters are tensors or trees of them; what is differentiated has to be among the parameters.
[<AutoOpen>]
module Solvers =
    let private linear (s: LinearSettings) : LinearSolvers.Settings =
        { Method = s.Method; Tolerance = s.Tolerance; MaxIterations = s.MaxIterations; Restart = s.Restart }

    let private options (s: SolverSettings) : Implicit.Options =
        { Tolerance = s.Tolerance; MaxIterations = s.MaxIterations; Linear = linear s.Linear }

    let internal unknowns (name: string) (x: 'x) : DiffLib.Tree.Parts<'x> =
        let parts = DiffLib.Tree.flattenEach x

        if parts.Leaves.Length = 0 then
            invalidArg name $"{typeof<'x>.Name} holds no tensors, so nothing is unknown. Put the unknowns into tensors."

        parts

    let private overParts (f: 'x -> 'p -> 'x) (x: DiffLib.Tree.Parts<'x>) (p: DiffLib.Tree.Parts<'p>) : Tensor[] -> Tensor[] -> Tensor[] =
        fun xs ps -> DiffLib.Tree.each (f (x.Rebuild xs) (p.Rebuild ps))

    /// x with f x parameters = 0, as many equations as unknowns, by Newton's method from a start.
    let rootWith (settings: SolverSettings) (f: 'x -> 'p -> 'x) (start: 'x) (parameters: 'p) : 'x =
        let x, p = unknowns "start" start, DiffLib.Tree.flatten parameters
        x.Rebuild(Implicit.root (options settings) (overParts f x p) x.Leaves p.Leaves)

    /// x with f x parameters = 0, as many equations as unknowns, by Newton's method from a start.
    let root (f: 'x -> 'p -> 'x) (start: 'x) (parameters: 'p) : 'x = rootWith SolverSettings.Default f start parameters

    /// The number x between two others with f x parameters = 0, by Brent's method; f has opposite signs at the ends.
    let rootBetween (lower: float, upper: float) (f: Tensor -> 'p -> Tensor) (parameters: 'p) : Tensor =
        let p = DiffLib.Tree.flatten parameters
        Implicit.rootBetween (options SolverSettings.Default) (fun x ps -> f x (p.Rebuild ps)) lower upper p.Leaves

    /// x with x = g x parameters, by iteration from a start, mixed over the last steps.
    let fixedPointWith (settings: SolverSettings) (g: 'x -> 'p -> 'x) (start: 'x) (parameters: 'p) : 'x =
        let x, p = unknowns "start" start, DiffLib.Tree.flatten parameters
        x.Rebuild(Implicit.fixedPointOf (options settings) settings.Memory (overParts g x p) x.Leaves p.Leaves)

    /// x with x = g x parameters, by iteration from a start, mixed over the last steps.
    let fixedPoint (g: 'x -> 'p -> 'x) (start: 'x) (parameters: 'p) : 'x = fixedPointWith SolverSettings.Default g start parameters

    /// x at which f x parameters, a number, has a local minimum: BFGS, then Newton's method.
    let minimizeWith (settings: SolverSettings) (f: 'x -> 'p -> Tensor) (start: 'x) (parameters: 'p) : 'x =
        let x, p = unknowns "start" start, DiffLib.Tree.flatten parameters
        x.Rebuild(Implicit.minimizer (options settings) (fun xs ps -> f (x.Rebuild xs) (p.Rebuild ps)) x.Leaves p.Leaves)

    /// x at which f x parameters, a number, has a local minimum: BFGS, then Newton's method.
    let minimize (f: 'x -> 'p -> Tensor) (start: 'x) (parameters: 'p) : 'x = minimizeWith SolverSettings.Default f start parameters

    /// x with matvec x parameters = b, where matvec is linear in x.
    let linearSolveWith (settings: LinearSettings) (matvec: 'x -> 'p -> 'x) (b: 'x) (parameters: 'p) : 'x =
        let x, p = unknowns "b" b, DiffLib.Tree.flatten parameters
        x.Rebuild(LinearSolvers.solveParts (linear settings) (fun ps v -> overParts matvec x p v ps) p.Leaves x.Leaves)

    /// x with matvec x parameters = b, where matvec is linear in x.
    let linearSolve (matvec: 'x -> 'p -> 'x) (b: 'x) (parameters: 'p) : 'x = linearSolveWith LinearSettings.Default matvec b parameters

/// Ordinary differential equations y' = f t y, whose solutions are differentiable functions of start, parameters and times.
[<AutoOpen>]
module DifferentialEquations =
    let private settingsOf (s: OdeSettings) : Integration.Settings =
        { Method = s.Method
          Derivative = s.Derivative
          Relative = s.RelativeTolerance
          Absolute = s.AbsoluteTolerance
          Step = s.Step
          LargestStep = s.LargestStep
          MaxSteps = s.MaxSteps }

    /// The states at the times, of which the first is that of the start: y' = f t y parameters. Each tensor has the axis of the times in front.
    let solveOdeWith (settings: OdeSettings) (f: Tensor -> 'y -> 'p -> 'y) (start: 'y) (times: Tensor) (parameters: 'p) : 'y =
        let y, p = unknowns "start" start, DiffLib.Tree.flatten parameters

        let family (ps: Tensor[]) =
            let parameters = p.Rebuild ps
            fun t ys -> DiffLib.Tree.each (f t (y.Rebuild ys) parameters)

        y.Rebuild(DiffLib.DifferentialEquations.solve (settingsOf settings) family times y.Leaves p.Leaves)

    /// The states at the times, of which the first is that of the start: y' = f t y parameters. Each tensor has the axis of the times in front.
    let solveOde (f: Tensor -> 'y -> 'p -> 'y) (start: 'y) (times: Tensor) (parameters: 'p) : 'y =
        solveOdeWith OdeSettings.Default f start times parameters

    let private readBetween (from: float) (till: float) (y: DiffLib.Tree.Parts<'y>) (path: Integration.Trajectory) : float -> 'y =
        fun t ->
            if not (t >= min from till && t <= max from till) then
                raise (ArgumentOutOfRangeException("t", t, $"the solution runs from {from} to {till}; integrate further to read it there."))

            y.Rebuild(path.At t)

    /// The solution of y' = f t y from one time to another, as a function of the time.
    let odeTrajectory (settings: OdeSettings) (f: Tensor -> 'y -> 'y) (start: 'y) (from: float, till: float) : float -> 'y =
        let y = unknowns "start" start
        let slope t ys = DiffLib.Tree.each (f t (y.Rebuild ys))
        let path = DiffLib.DifferentialEquations.path (settingsOf settings) (Integration.Counts()) slope from till y.Leaves

        readBetween from till y path

    /// The solution of y' = f t y from one time to another or to the event that ends it, with the events on the way. Their times and states are differentiable; an infinite end leaves
    /// it to the events.
    let odeTrajectoryWithEvents
        (settings: OdeSettings)
        (f: Tensor -> 'y -> 'y)
        (events: OdeEvent<'y> list)
        (start: 'y)
        (from: float, till: float)
        : OdeSolution<'y> =
        let y = unknowns "start" start
        let slope t ys = DiffLib.Tree.each (f t (y.Rebuild ys))

        let watched: Events.Event[] =
            [| for e in events -> { Condition = (fun t ys -> e.Condition t (y.Rebuild ys)); Direction = e.Direction; EndsAfter = e.EndsAfter } |]

        let followed = DiffLib.DifferentialEquations.pathWithEvents (settingsOf settings) (Integration.Counts()) slope from till y.Leaves watched

        let till = if followed.EndedBy >= 0 then followed.EndTime else till

        { At = readBetween from till y followed.Path
          Occurrences = [ for o in followed.Occurrences -> { Event = o.Event; Time = o.Time; State = y.Rebuild o.State } ]
          EndedBy = (if followed.EndedBy >= 0 then Some followed.EndedBy else None)
          End = till }

    /// The first time at which condition t y parameters is zero along the solution of y' = f t y parameters, and the state there: differentiable functions of start, its time and parameters.
    let solveOdeToEventWith
        (settings: OdeSettings)
        (direction: OdeEventDirection)
        (f: Tensor -> 'y -> 'p -> 'y)
        (condition: Tensor -> 'y -> 'p -> Tensor)
        (start: 'y)
        (from: Tensor, till: float)
        (parameters: 'p)
        : Tensor * 'y =
        let y, p = unknowns "start" start, DiffLib.Tree.flatten parameters

        let family (ps: Tensor[]) =
            let parameters = p.Rebuild ps
            fun t ys -> DiffLib.Tree.each (f t (y.Rebuild ys) parameters)

        let zero (ps: Tensor[]) t ys = condition t (y.Rebuild ys) (p.Rebuild ps)

        let struct (time, state) = DiffLib.DifferentialEquations.solveToEvent (settingsOf settings) family zero direction from till y.Leaves p.Leaves

        time, y.Rebuild state

    /// The first time at which condition t y parameters is zero along the solution of y' = f t y parameters, and the state there: differentiable functions of start, its time and parameters.
    let solveOdeToEvent
        (f: Tensor -> 'y -> 'p -> 'y)
        (condition: Tensor -> 'y -> 'p -> Tensor)
        (start: 'y)
        (from: Tensor, till: float)
        (parameters: 'p)
        : Tensor * 'y =
        solveOdeToEventWith OdeSettings.Default OdeEventDirection.Either f condition start (from, till) parameters
