using System;

namespace DiffLib;

/// <summary>The discrete Fourier transform, of any length, along an axis. Complex tensors are pairs of a real and an imaginary part.</summary>
/// <remarks>X[k] = Σⱼ x[j]·e^(-2πi·jk/n) forward, and the same with +i, divided by n, backward; <see cref="FourierNorm"/> moves the factor. Linear, so that derivatives of every order
/// are transforms again: the transpose of a transform is the other one with the same factor. float64 and float32 (computed in float64 and rounded); integers become float64.</remarks>
public static class Fourier
{
    /// <summary>The spectrum of re + i·im.</summary>
    /// <param name="re">The real part.</param>
    /// <param name="im">The imaginary part, of the same shape.</param>
    /// <param name="axis">The axis to transform; negative from the end.</param>
    /// <param name="norm">Where the factor goes.</param>
    /// <returns>The real and the imaginary part of the spectrum, of the same shape; frequency k at position k, negative ones from the end.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis or convention.</exception>
    /// <exception cref="ArgumentException">The shapes differ, or the axis is empty.</exception>
    public static (Tensor Re, Tensor Im) Forward(Tensor re, Tensor im, int axis = -1, FourierNorm norm = FourierNorm.Backward)
    {
        ArgumentNullException.ThrowIfNull(re);
        ArgumentNullException.ThrowIfNull(im);
        return FourierTransform.Complex(re, im, axis, true, norm);
    }

    /// <summary>The complex tensor whose spectrum is re + i·im: the inverse of <see cref="Forward"/>.</summary>
    /// <param name="re">The real part.</param>
    /// <param name="im">The imaginary part, of the same shape.</param>
    /// <param name="axis">The axis to transform; negative from the end.</param>
    /// <param name="norm">Where the factor goes: the same as forward.</param>
    /// <returns>The real and the imaginary part, of the same shape.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis or convention.</exception>
    /// <exception cref="ArgumentException">The shapes differ, or the axis is empty.</exception>
    public static (Tensor Re, Tensor Im) Inverse(Tensor re, Tensor im, int axis = -1, FourierNorm norm = FourierNorm.Backward)
    {
        ArgumentNullException.ThrowIfNull(re);
        ArgumentNullException.ThrowIfNull(im);
        return FourierTransform.Complex(re, im, axis, false, norm);
    }

    /// <summary>The first n/2 + 1 coefficients of the spectrum of a real tensor; coefficient n - k is the conjugate of coefficient k.</summary>
    /// <param name="x">A real tensor.</param>
    /// <param name="axis">The axis to transform, of n elements; negative from the end.</param>
    /// <param name="norm">Where the factor goes.</param>
    /// <returns>The real and the imaginary part, with n/2 + 1 (rounded down) elements along the axis.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis or convention.</exception>
    /// <exception cref="ArgumentException">The axis is empty.</exception>
    public static (Tensor Re, Tensor Im) Rfft(Tensor x, int axis = -1, FourierNorm norm = FourierNorm.Backward)
    {
        ArgumentNullException.ThrowIfNull(x);
        return FourierTransform.Real(x, axis, norm);
    }

    /// <summary>The real tensor whose first coefficients are re + i·im: the inverse of <see cref="Rfft"/>. The imaginary part of coefficient 0, and of coefficient n/2 if n is even,
    /// is not read: it is 0 in the spectrum of a real tensor.</summary>
    /// <param name="re">The real part of the coefficients.</param>
    /// <param name="im">The imaginary part, of the same shape.</param>
    /// <param name="length">n; null means the even length 2·(coefficients - 1).</param>
    /// <param name="axis">The axis to transform; negative from the end.</param>
    /// <param name="norm">Where the factor goes: the same as forward.</param>
    /// <returns>A real tensor with n elements along the axis.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis or convention.</exception>
    /// <exception cref="ArgumentException">The shapes differ, or the length does not have so many coefficients.</exception>
    public static Tensor Irfft(Tensor re, Tensor im, int? length = null, int axis = -1, FourierNorm norm = FourierNorm.Backward)
    {
        ArgumentNullException.ThrowIfNull(re);
        ArgumentNullException.ThrowIfNull(im);
        return FourierTransform.RealInverse(re, im, length ?? (2 * re.Shape[axis]) - 2, axis, norm);
    }
}
