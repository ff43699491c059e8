namespace DiffLib;

/// <summary>How a linear system is solved that is given by its products with vectors.</summary>
public sealed record LinearSolveOptions
{
    /// <summary>The method. By default the matrix is formed and factorised up to 200 unknowns; GMRES takes over beyond.</summary>
    public LinearSolver Method { get; init; } = LinearSolver.Automatic;

    /// <summary>What the norm of b - A x may be, relative to that of b; between 0 and 1.</summary>
    public double Tolerance { get; init; } = 1e-12;

    /// <summary>How many products with A an iteration may take; 0 stands for 100 and ten for each unknown.</summary>
    public int MaxIterations { get; init; }

    /// <summary>How many directions GMRES keeps before it starts again.</summary>
    public int Restart { get; init; } = 50;

    internal LinearSolvers.Settings Settings => new(Method, Tolerance, MaxIterations, Restart);
}

/// <summary>How roots are found, and differentiated.</summary>
public sealed record RootOptions
{
    /// <summary>What Newton's last step may be, relative to 1 and the largest unknown; null stands for 1e-10 (float32: 1e-5). In a bracket: of the
    /// bracket's ends, with 1e-14 by default.</summary>
    public double? Tolerance { get; init; }

    /// <summary>The largest number of iterations.</summary>
    public int MaxIterations { get; init; } = 100;

    /// <summary>How the systems with the Jacobian are solved, for Newton's steps and for derivatives.</summary>
    public LinearSolveOptions LinearSolver { get; init; } = new();

    internal DiffLib.Implicit.Options Options => new(Tolerance ?? 0, MaxIterations, LinearSolver.Settings);
}

/// <summary>How fixed points are found, and differentiated.</summary>
public sealed record FixedPointOptions
{
    /// <summary>What may be left of g(x) - x, relative to 1 and the largest element; null stands for 1e-12 (float32: 1e-5).</summary>
    public double? Tolerance { get; init; }

    /// <summary>The largest number of iterations.</summary>
    public int MaxIterations { get; init; } = 1000;

    /// <summary>How many earlier steps Anderson's mixing uses; 0 iterates plainly.</summary>
    public int Memory { get; init; } = 5;

    /// <summary>How the systems with I - ∂g/∂x are solved, for derivatives.</summary>
    public LinearSolveOptions LinearSolver { get; init; } = new();

    internal DiffLib.Implicit.Options Options => new(Tolerance ?? 0, MaxIterations, LinearSolver.Settings);
}

/// <summary>How minimisers are found, and differentiated.</summary>
public sealed record MinimizeOptions
{
    /// <summary>What the last step of Newton's method on the gradient may be, relative to 1 and the largest unknown; null stands for 1e-10 (float32: 1e-5).</summary>
    public double? Tolerance { get; init; }

    /// <summary>The largest number of iterations of the quasi-Newton method.</summary>
    public int MaxIterations { get; init; } = 1000;

    /// <summary>How the systems with the Hessian are solved, for the last steps and for derivatives.</summary>
    public LinearSolveOptions LinearSolver { get; init; } = new();

    internal DiffLib.Implicit.Options Options => new(Tolerance ?? 0, MaxIterations, LinearSolver.Settings);
}
