namespace DiffLib;

/// <summary>How a sparse derivative is found and computed.</summary>
public sealed record SparseOptions
{
    /// <summary>The places that may differ from zero, if they are known; null: they are detected. For a Hessian one triangle is enough.</summary>
    public SparsityPattern? Pattern { get; init; }

    /// <summary>Whether a given pattern is compared with the derivative at the example point: a place that differs from zero there and that the pattern lacks is then an
    /// error. The probe costs a few products; a place that happens to be zero at that point is not missed.</summary>
    public bool CheckPattern { get; init; }

    /// <summary>By pushes (columns of one colour at once), by pulls (rows of one colour at once), or the cheaper of the two. A Hessian is computed by pushes of the gradient.</summary>
    public JacobianMode Mode { get; init; } = JacobianMode.Automatic;

    /// <summary>In which order colours are given.</summary>
    public ColoringOrder Order { get; init; } = ColoringOrder.Automatic;

    /// <summary>What runs the program of the products.</summary>
    public ProgramExecutor Executor { get; init; } = ProgramExecutor.Automatic;
}
