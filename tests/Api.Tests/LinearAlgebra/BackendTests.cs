using System;
using System.Linq;
using System.Threading;
using DiffLib.Kernels;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Providers.LinearAlgebra;
using Xunit;

namespace DiffLib.Api.Tests.LinearAlgebra;

/// <summary>Changes of the choice concern the whole process, so these run alone.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;

[Collection(nameof(Alone))]
public sealed class BackendTests : IDisposable
{
    public void Dispose() => Backend.UseDefault();

    private static Tensor Sample(int n, double phase) => Tensor.Sin((0.7 * Tensor.Arange(n * n)) + phase).Reshape(n, n);

    public static TheoryData<string> Names() => [.. Backends.Found.Select(b => b.Name)];

    [Fact]
    public void The_description_names_library_version_kernel_threads_and_reason()
    {
        Backend.UseDefault();
        var description = Backend.Describe();
        foreach (var library in new[] { description.Products, description.Factorizations })
        {
            Assert.Contains(library.Name, Backends.Names);
            Assert.NotEmpty(library.Library);
            Assert.NotEmpty(library.Version);
            Assert.NotEmpty(library.Kernel);
            Assert.True(library.Threads >= 1);
        }

        Assert.NotEmpty(description.Reason);
        Assert.Contains(description.Reason, description.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_name_is_available_or_says_why_not()
    {
        var available = Backend.Available;
        Assert.Equal(Backends.Names, available.Select(a => a.Name));
        Assert.All(available, a => Assert.NotEmpty(a.Reason));
        Assert.True(available[0].IsAvailable);
        foreach (var missing in available.Where(a => !a.IsAvailable))
            Assert.Contains(missing.Reason, Assert.Throws<InvalidOperationException>(() => Backend.Use(missing.Name)).Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_library_asked_for_by_code_is_taken_and_gives_the_managed_results(string name)
    {
        var (a, b) = (Sample(60, 1), Sample(60, 2));
        var regular = a + (20 * Tensor.Eye(60));
        var positive = regular.MatMul(regular.MT);
        Tensor[] All() =>
        [
            a.MatMul(b), a.MT.MatMul(b), a.Cast(DType.Float32).MatMul(b.Cast(DType.Float32)).Cast(DType.Float64) * 1e-7, Linalg.Solve(regular, b), Linalg.Det(regular / 20.0), Linalg.Cholesky(positive),
            Linalg.Eigvalsh(a + a.MT), Linalg.Svd(a).S, Diff.Gradient(x => Linalg.LogDet(x), positive), Diff.Gradient(x => Tensor.Sum(Linalg.Cholesky(x)), positive),
        ];
        Backend.Use("managed");
        var expected = All();
        Backend.Use(name);
        Assert.Equal(name, Backend.Describe().Products.Name);
        Assert.Contains("asked for by code", Backend.Describe().Reason, StringComparison.Ordinal);
        foreach (var (x, y) in expected.Zip(All()))
        {
            var scale = Math.Max(1, Tensor.Abs(x).Max().ToDouble());
            Assert.True(Tensor.Abs(x - y).Max().ToDouble() < 1e-12 * scale, $"{name} is {Tensor.Abs(x - y).Max()} away");
        }
    }

    [Fact]
    public void A_name_that_is_none_is_refused_and_the_choice_stays()
    {
        Backend.Use("managed");
        Assert.Contains("openblas", Assert.Throws<ArgumentException>("name", () => Backend.Use("nonsense")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("name", () => Backend.Use(""));
        Assert.Throws<ArgumentNullException>("name", () => Backend.Use((string)null!));
        Assert.Throws<ArgumentNullException>("provider", () => Backend.Use((ILinearAlgebraProvider)null!));
        Assert.Throws<ArgumentOutOfRangeException>("threads", () => Backend.Use("managed", 0));
        Assert.Equal("managed", Backend.Describe().Products.Name);
    }

    [Fact]
    public void A_provider_of_MathNet_can_be_given_and_multiplies_strided_and_scaled_operands()
    {
        Backend.Use(ManagedLinearAlgebraProvider.Instance);
        Assert.Equal("mathnet", Backend.Describe().Factorizations.Name);
        var (a, b) = (Sample(9, 1), Sample(9, 2));
        var product = a[1..5].MT.MatMul(b[..4, 2..7]);
        Backend.Use("managed");
        Assert.True(Tensor.Abs(product - a[1..5].MT.MatMul(b[..4, 2..7])).Max().ToDouble() < 1e-14);
        Span<double> c = [1, 2, 3, 4, 5, 6];
        new MathNetBackend(ManagedLinearAlgebraProvider.Instance).Multiply(false, false, 2, 2, 1, 2.0, [1, 10], 1, [3, 4], 2, 0.5, c, 3);
        Assert.Equal([6.5, 9, 3, 62, 82.5, 6], c.ToArray());
    }

    [Theory, MemberData(nameof(Names))]
    public void MathNet_takes_the_library_only_when_asked_to(string name)
    {
        var own = LinearAlgebraControl.Provider;
        Backend.Use(name);
        Assert.Same(own, LinearAlgebraControl.Provider);
        var m = Matrix<double>.Build.Dense(40, 40, (i, j) => Math.Sin((3 * i) + j) + (i == j ? 9 : 0));
        var (product, inverse, determinant) = (m * m.Transpose(), m.Inverse(), m.Determinant());
        try
        {
            Assert.Same(own, Backend.InstallInMathNet());
            Assert.NotSame(own, LinearAlgebraControl.Provider);
            Assert.True((m * m.Transpose() - product).L2Norm() < 1e-10);
            Assert.True((m.Inverse() - inverse).L2Norm() < 1e-10);
            Assert.Equal(determinant, m.Determinant(), Math.Abs(determinant) * 1e-12);
            Assert.True(m.QR().Solve(m).Subtract(Matrix<double>.Build.DenseIdentity(40)).L2Norm() < 1e-10);
        }
        finally
        {
            LinearAlgebraControl.Provider = own;
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Many_threads_may_call_at_once_and_get_the_same_bits(string name)
    {
        Backend.Use(name);
        var (a, b) = (Sample(100, 1) + (9 * Tensor.Eye(100)), Sample(100, 2));
        var (expected, solved) = (a.MatMul(b).ToArray(), Linalg.Solve(a, b).ToArray());
        var wrong = 0;
        var threads = Enumerable.Range(0, 100).Select(_ => new Thread(() =>
        {
            if (!a.MatMul(b).ToArray().AsSpan().SequenceEqual(expected) || !Linalg.Solve(a * 1.0, b).ToArray().AsSpan().SequenceEqual(solved)) Interlocked.Increment(ref wrong);
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Equal(0, wrong);
    }
}
