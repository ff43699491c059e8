using System;
using System.Linq;
using Xunit;
using static DiffLib.Api.Tests.LinearAlgebra.Calculus;

namespace DiffLib.Api.Tests.LinearAlgebra;

public class FourierTests
{
    [Fact]
    public void The_spectrum_of_1_2_3_4()
    {
        var (re, im) = Fourier.Forward(Tensor.Of(1, 2, 3, 4), Tensor.Zeros(4));
        Assert.True(Apart(re, Tensor.Of(10, -2, -2, -2)) < 1e-14);
        Assert.True(Apart(im, Tensor.Of(0, 2, 0, -2)) < 1e-14);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(64)]
    [InlineData(97)]
    [InlineData(1000)]
    [InlineData(30030)]
    [InlineData(65537)]
    public void Every_length_agrees_with_the_sum_and_comes_back(int n)
    {
        var (a, b) = (Sample(1, n), Sample(2, n));
        var (re, im) = Fourier.Forward(a, b);
        var (x, y) = (Numbers(a), Numbers(b));
        foreach (var k in new[] { 0, n / 3, n - 1 })
        {
            var angle = Enumerable.Range(0, n).Select(j => -2 * Math.PI * ((long)j * k % n) / n).ToArray();
            Assert.Equal(Enumerable.Range(0, n).Sum(j => (x[j] * Math.Cos(angle[j])) - (y[j] * Math.Sin(angle[j]))), Numbers(re)[k], 10);
            Assert.Equal(Enumerable.Range(0, n).Sum(j => (x[j] * Math.Sin(angle[j])) + (y[j] * Math.Cos(angle[j]))), Numbers(im)[k], 10);
        }

        foreach (var norm in Enum.GetValues<FourierNorm>())
        {
            (re, im) = Fourier.Forward(a, b, -1, norm);
            var (back, imaginary) = Fourier.Inverse(re, im, -1, norm);
            Assert.True(Apart(back, a) < 1e-13 && Apart(imaginary, b) < 1e-13);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    public void The_real_transform_is_half_of_the_complex_one_and_comes_back(int n)
    {
        var x = Sample(1, 3, n, 2);
        var (re, im) = Fourier.Rfft(x, 1);
        var (full, imaginary) = Fourier.Forward(x, Tensor.ZerosLike(x), 1);
        Assert.Equal(0, Apart(re, full[.., ..((n / 2) + 1)]));
        Assert.Equal(0, Apart(im, imaginary[.., ..((n / 2) + 1)]));
        Assert.True(Apart(Fourier.Irfft(re, im, n, 1), x) < 1e-13);
    }

    [Fact]
    public void The_orthonormal_transform_keeps_lengths()
    {
        var (a, b) = (Sample(1, 15), Sample(2, 15));
        var (re, im) = Fourier.Forward(a, b, norm: FourierNorm.Orthonormal);
        Assert.Equal(Total((a * a) + (b * b)).ToDouble(), Total((re * re) + (im * im)).ToDouble(), 12);
    }

    [Fact]
    public void Derivatives_agree_with_differences_along_every_axis()
    {
        foreach (var axis in new[] { 0, 1 })
        {
            CheckDerivatives(x => Power(Fourier.Forward(x, x * x, axis)), Sample(3, 4, 5));
            CheckDerivatives(x => Power(Fourier.Rfft(x, axis, FourierNorm.Forward)), Sample(4, 4, 5));
            CheckDerivatives(x => Tensor.Sin(Fourier.Irfft(x, x, 5, axis)), Sample(5, 3, 3));
        }
    }

    private static Tensor Power((Tensor Re, Tensor Im) spectrum) => (spectrum.Re * spectrum.Re) + (spectrum.Im * spectrum.Im);

    [Fact]
    public void Wrong_arguments_are_named()
    {
        Assert.Equal("im", Assert.Throws<ArgumentException>(() => Fourier.Forward(Sample(1, 3), Sample(1, 4))).ParamName);
        Assert.Equal("length", Assert.Throws<ArgumentException>(() => Fourier.Irfft(Sample(1, 3), Sample(1, 3), 7)).ParamName);
        Assert.Throws<ArgumentException>(() => Fourier.Rfft(Tensor.Zeros(2, 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fourier.Rfft(Sample(1, 3), 1));
    }

    [Fact]
    public void Float32_stays_float32() => Assert.Equal(DType.Float32, Fourier.Rfft(Sample(1, 6).Cast(DType.Float32)).Re.DType);
}
