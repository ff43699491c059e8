using System;
using System.Linq;
using System.Numerics;
using Xunit;

namespace DiffLib.Api.Tests.GenericMath;

/// <summary>How a user hands a function over, and what is said when it cannot be differentiated.</summary>
public class CallingTests
{
    private static T Energy<T>(ReadOnlySpan<T> x) where T : INumber<T> => x[0] * x[0] * x[1];

    private static T Cube<T>(T x) where T : INumberBase<T> => x * x * x;

    private static T Wave<T>(T x) where T : ITrigonometricFunctions<T> => T.Sin(x);

    private static T[] Polar<T>(ReadOnlySpan<T> x) where T : ITrigonometricFunctions<T> => [x[0] * T.Cos(x[1]), x[0] * T.Sin(x[1])];

    private static T Bits<T>(T x) where T : IBinaryFloatingPointIeee754<T> => x * x;

    private static double Fixed(ReadOnlySpan<double> x) => x[0];

    private readonly struct Spring(double stiffness) : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => T.CreateChecked(0.5 * stiffness) * x[0] * x[0];
    }

    private sealed class Model(double scale)
    {
        public T Loss<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T> => T.CreateChecked(scale) * x[0] * x[1];
    }

    [Fact]
    public void A_generic_method_goes_by_its_bare_name()
    {
        Assert.Equal([12.0, 4.0], Diff.Gradient(Energy, at: [2.0, 3.0]));
        Assert.Equal([12f, 4f], Diff.Gradient(Energy, at: [2f, 3f]));
        Assert.Equal(12, Diff.Derivative(Cube, 2.0));
        Assert.Equal((8, 12), Diff.ValueAndDerivative(Cube, 2.0));
        Assert.Equal(Math.Cos(1), Diff.Derivative(Wave, 1.0));
        Assert.Equal(new double[,] { { 6, 4 }, { 4, 0 } }, Diff.Hessian(Energy, at: [2.0, 3.0]));
        Assert.Equal([10.0, 4.0], Diff.Hvp(Energy, [2.0, 3.0], [1.0, 1.0]));
        Assert.Equal(16, Diff.DirectionalDerivative(Energy, [2.0, 3.0], [1.0, 1.0]));
        Assert.Equal(new double[,] { { 1, 0 }, { 0, 2 } }, Diff.Jacobian(Polar, at: [2.0, 0.0]));
        Assert.Equal([1.0, 2.0], Diff.Jvp(Polar, [2.0, 0.0], [1.0, 1.0]));
        Assert.Equal([1.0, 2.0], Diff.Vjp(Polar, [2.0, 0.0], [1.0, 1.0]));
    }

    [Fact]
    public void A_closed_generic_method_is_instantiated_again()
    {
        Assert.Equal([12.0, 4.0], Diff.Gradient(Energy<double>, at: [2.0, 3.0]));
        var (value, gradient) = Diff.ValueAndGradient(Energy<double>, at: [2.0, 3.0]);
        Assert.Equal(12, value);
        Assert.Equal([12.0, 4.0], gradient);
        Assert.Equal(12, Diff.Derivative(Cube<double>, 2.0));
        Assert.Equal(6, Diff.NthDerivative(Cube<double>, 3, 2.0));
        Assert.Equal((8, 12), Diff.ValueAndDerivative(Cube<double>, 2.0));
        Assert.Equal(new double[,] { { 6, 4 }, { 4, 0 } }, Diff.Hessian(Energy<double>, at: [2.0, 3.0]));
        Assert.Equal([10.0, 4.0], Diff.Hvp(Energy<double>, [2.0, 3.0], [1.0, 1.0]));
        Assert.Equal(16, Diff.DirectionalDerivative(Energy<double>, [2.0, 3.0], [1.0, 1.0]));
        Assert.Equal(new double[,] { { 1, 0 }, { 0, 2 } }, Diff.Jacobian(Polar<double>, at: [2.0, 0.0]));
    }

    [Fact]
    public void A_generic_method_of_an_object_and_a_local_function_work_too()
    {
        double offset = 2;
        T Local<T>(T x) where T : IFloatingPointIeee754<T> => (x + T.CreateChecked(offset)) * x;
        Assert.Equal([9.0, 6.0], Diff.Gradient(new Model(3).Loss, at: [2.0, 3.0]));
        Assert.Equal([9.0, 6.0], Diff.Gradient(new Model(3).Loss<double>, at: [2.0, 3.0]));
        Assert.Equal(8, Diff.Derivative(Local, 3.0));
        Assert.Equal(8, Diff.Derivative(Local<double>, 3.0));
    }

    [Fact]
    public void A_struct_carries_parameters()
    {
        Assert.Equal([12.0], Diff.Gradient(new Spring(4), at: [3.0]));
        Span<double> gradient = stackalloc double[1];
        Assert.Equal(18, Diff.ValueAndGradient(new Spring(4), [3.0], gradient));
        Assert.Equal(12, gradient[0]);
    }

    [Fact]
    public void A_lambda_is_written_over_the_differentiated_number_and_literals_mix_in()
    {
        Assert.Equal(12, Diff.Derivative((Dual<double> x) => 3 * x * x, 2.0));
        Assert.Equal([3.0, 4.0], Diff.Gradient((ReadOnlySpan<Reverse<double>> x) => 3 * x[0] + 2.0 * x[1] * 2, at: [1.0, 1.0]));
    }

    [Fact]
    public void A_lambda_over_plain_numbers_is_refused_with_the_way_out()
    {
        var e = Assert.Throws<ArgumentException>(() => Diff.Derivative((double x) => x * x, 2.0));
        Assert.Equal("f", e.ParamName);
        Assert.Contains("(Dual<double> x) =>", e.Message, StringComparison.Ordinal);
        Assert.Contains("lambda", e.Message, StringComparison.Ordinal);
        Assert.Contains("Fixed, which is not generic", Assert.Throws<ArgumentException>(() => Diff.Gradient(Fixed, at: [1.0])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Diff.Hessian((ReadOnlySpan<double> x) => x[0], at: [1.0]));
        Assert.Throws<ArgumentException>(() => Diff.Jacobian((ReadOnlySpan<double> x) => new[] { x[0] }, at: [1.0]));
    }

    [Fact]
    public void A_constraint_too_narrow_is_named()
    {
        var e = Assert.Throws<ArgumentException>(() => Diff.Derivative(Bits<double>, 2.0));
        Assert.Contains("IBinaryFloatingPointIeee754", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        Assert.Equal("f", Assert.Throws<ArgumentNullException>(() => Diff.Derivative((Func<Dual<double>, Dual<double>>)null!, 1.0)).ParamName);
        Assert.Equal("f", Assert.Throws<ArgumentNullException>(() => Diff.Gradient((ScalarFunction<Reverse<double>>)null!, [1.0])).ParamName);
        Assert.Equal("f", Assert.Throws<ArgumentNullException>(() => Diff.Gradient((ScalarFunction<double>)null!, [1.0])).ParamName);
        Assert.Equal("f", Assert.Throws<ArgumentNullException>(() => Diff.Gradient((Binary)null!, [1.0])).ParamName);
        Assert.Equal("order", Assert.Throws<ArgumentOutOfRangeException>(() => Diff.NthDerivative(Cube<double>, -1, 1.0)).ParamName);
        var e = Assert.Throws<ArgumentException>(() => Diff.Hvp(new Spring(1), [1.0, 2.0], [1.0]));
        Assert.Equal("direction", e.ParamName);
        Assert.Contains("1 numbers", e.Message, StringComparison.Ordinal);
        Assert.Equal("gradient", Assert.Throws<ArgumentException>(() => Diff.ValueAndGradient(new Spring(1), [1.0, 2.0], new double[3])).ParamName);
        Assert.Equal("tangent", Assert.Throws<ArgumentException>(() => Diff.Jvp(Polar, [1.0, 2.0], [1.0])).ParamName);
        Assert.Equal("cotangent", Assert.Throws<ArgumentException>(() => Diff.Vjp(Polar, [1.0, 2.0], [1.0])).ParamName);
        Assert.Equal("hessian", Assert.Throws<ArgumentException>(() => Diff.Hessian(new Spring(1), [1.0, 2.0], new double[3])).ParamName);
    }

    [Fact]
    public void A_tensor_function_is_still_a_tensor_function()
    {
        Assert.Equal(6, Diff.Derivative(x => x * x, 3.0));
        Tensor at = 3.0;
        Assert.Equal(6, Diff.Gradient(x => x * x, at).ToDouble());
    }

    [Fact]
    public void Results_may_overwrite_the_point()
    {
        double[] x = [2, 3];
        Diff.ValueAndGradient(Energy, x, x);
        Assert.Equal([12.0, 4.0], x);
        double[] many = [.. Enumerable.Range(1, 20).Select(i => (double)i)], copy = [.. many];
        Diff.ValueAndGradient(new SumOfCubes(), many, many);
        Assert.Equal(copy.Select(v => 3 * v * v), many);
    }

    private readonly struct SumOfCubes : IScalarFunction
    {
        public T Invoke<T>(ReadOnlySpan<T> x) where T : IFloatingPointIeee754<T>
        {
            T sum = T.Zero;
            foreach (T v in x) sum += v * v * v;
            return sum;
        }
    }
}
