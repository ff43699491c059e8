namespace DiffLib.Samples.LotkaVolterra;

/// <summary>The rates of the model, and the populations at the start.</summary>
internal sealed record Species(Tensor Growth, Tensor Predation, Tensor Death, Tensor Conversion, Tensor Start);

internal static class Model
{
    /// <summary>Hares and lynxes at the times: [times, 2].</summary>
    public static Tensor Populations(Species species, Tensor times, OdeDerivative derivative = OdeDerivative.Discrete) => Ode.Solve(
        Slope,
        species.Start,
        times,
        species,
        new OdeOptions { RelativeTolerance = 1e-8, AbsoluteTolerance = 1e-8, Derivative = derivative });

    private static Tensor Slope(Tensor t, Tensor y, Species s)
    {
        var (hares, lynxes) = (y[0], y[1]);
        var met = hares * lynxes;
        return Tensor.Stack(s.Growth * hares - s.Predation * met, s.Conversion * met - s.Death * lynxes);
    }
}
