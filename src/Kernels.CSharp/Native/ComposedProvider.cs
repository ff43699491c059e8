using System.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace DiffLib.Kernels;

internal sealed partial class ComposedProvider : ILinearAlgebraProvider
{
    private readonly ProviderPart<double> _double;
    private readonly ProviderPart<float> _single;
    private readonly ProviderPart<Complex> _complex;
    private readonly ProviderPart<Complex32> _complex32;
    private readonly IBackend _products;

    /// <param name="products">Multiplies real matrices.</param>
    /// <param name="native">Multiplies complex matrices and factorises all; null for MathNet's managed code.</param>
    public ComposedProvider(IBackend products, NativeBackend? native)
    {
        _products = products;
        var managed = ManagedLinearAlgebraProvider.Instance;
        _double = new(managed, products, native);
        _single = new(managed, products, native);
        _complex = new(managed, products, native);
        _complex32 = new(managed, products, native);
    }

    /// <summary>The part in float64, which can do more than MathNet's interface asks for.</summary>
    public ProviderPart<double> Double => _double;

    public bool IsAvailable() => true;

    public void InitializeVerify()
    {
    }

    public void FreeResources()
    {
    }

    public override string ToString() => $"DiffLib over {_products.Library} {_products.Version} ({_products.Kernel})";
}
