namespace DiffLib;

/// <summary>How an ordinary differential equation is integrated, and differentiated.</summary>
public sealed record OdeOptions
{
    /// <summary>The method: by default Dormand and Prince's, for problems that are not stiff.</summary>
    public OdeMethod Method { get; init; } = OdeMethod.DormandPrince54;

    /// <summary>How cotangents go back: through the steps, or by the adjoint equation. Tangents always go forward through the steps.</summary>
    public OdeDerivative Derivative { get; init; } = OdeDerivative.Discrete;

    /// <summary>What a step may err relative to each element of the state.</summary>
    public double RelativeTolerance { get; init; } = 1e-6;

    /// <summary>What a step may err where the state is near zero.</summary>
    public double AbsoluteTolerance { get; init; } = 1e-9;

    /// <summary>The size of fixed steps, at most: intervals between times are divided evenly. With step control, the first step. 0: one fixed step for each
    /// interval; a first step from the scales of the problem.</summary>
    public double Step { get; init; }

    /// <summary>The largest step that step control may choose.</summary>
    public double LargestStep { get; init; } = double.PositiveInfinity;

    /// <summary>How many steps may be tried before the integration gives up.</summary>
    public int MaxSteps { get; init; } = 100_000;

    internal Integration.Settings Settings => new(Method, Derivative, RelativeTolerance, AbsoluteTolerance, Step, LargestStep, MaxSteps);
}
