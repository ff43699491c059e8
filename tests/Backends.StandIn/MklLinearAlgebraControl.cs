using System;
using System.Reflection;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace MathNet.Numerics.Providers.MKL.LinearAlgebra;

/// <summary>What MathNet looks for by name in the assembly of that name. The environment variable STAND_IN says how it fares: there, missing, or broken.</summary>
public sealed class MklLinearAlgebraControl : IProviderCreator<ILinearAlgebraProvider>
{
    public ILinearAlgebraProvider CreateProvider() => DispatchProxy.Create<ILinearAlgebraProvider, StandIn>();
}

/// <summary>Passes every call on to MathNet's managed provider and says its own name.</summary>
public class StandIn : DispatchProxy
{
    private static string State => Environment.GetEnvironmentVariable("STAND_IN") ?? "there";

    protected override object? Invoke(MethodInfo? method, object?[]? arguments) => method!.Name switch
    {
        nameof(ILinearAlgebraProvider.IsAvailable) => State != "missing",
        nameof(ILinearAlgebraProvider.InitializeVerify) when State == "broken" => throw new NotSupportedException("the native library is of another version"),
        _ => method.Invoke(ManagedLinearAlgebraProvider.Instance, BindingFlags.DoNotWrapExceptions, null, arguments, null),
    };

    public override string ToString() => "stand-in";
}
