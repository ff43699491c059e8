using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffLib;

/// <summary>
/// Numbers of any type into the type underneath a differentiated one. A differentiated number may only go where its derivative
/// has a place: into a type built on it. Any other way would drop the derivative without a word.
/// </summary>
internal static class Lift
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T CreateChecked<T, TOther>(TOther value) where T : INumberBase<T> where TOther : INumberBase<TOther>
    {
        RefuseToDrop<T, TOther>(value);
        return T.CreateChecked(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T CreateSaturating<T, TOther>(TOther value) where T : INumberBase<T> where TOther : INumberBase<TOther>
    {
        RefuseToDrop<T, TOther>(value);
        return T.CreateSaturating(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T CreateTruncating<T, TOther>(TOther value) where T : INumberBase<T> where TOther : INumberBase<TOther>
    {
        RefuseToDrop<T, TOther>(value);
        return T.CreateTruncating(value);
    }

    /// <summary>When <typeparamref name="T"/> is a plain number, a differentiated value must be a constant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RefuseToDrop<T, TOther>(TOther value)
    {
        if (value is IDerivativeCarrier carrier && !typeof(IDerivativeCarrier).IsAssignableFrom(typeof(T)) && !carrier.IsConstant)
            throw DerivativeScopeException.DroppedByConversion(Names.Of(typeof(TOther)), Names.Of(typeof(T)));
    }
}
