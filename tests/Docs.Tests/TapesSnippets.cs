using System;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The code blocks of docs/tapes.md.</summary>
public class TapesSnippets
{
    [Fact]
    public void A_tape()
    {
        #region tapes-first
        using var tape = new GradientTape();
        Tensor x = tape.Watch(Tensor.Ones(2, 2));
        Tensor y = x.Sum();
        Tensor z = y * y;
        Tensor gradient = tape.Gradient(z, x);    // 2 Σx = 8 everywhere
        #endregion
        Expect.Equal([2, 2], [8, 8, 8, 8], gradient);
    }

    [Fact]
    public void A_persistent_tape()
    {
        #region tapes-persistent
        using var tape = new GradientTape(persistent: true);
        Tensor x = tape.Watch(3.0);
        Tensor y = x * x;
        Tensor z = y * y;
        Tensor byInput = tape.Gradient(z, x);         // 4x³ = 108
        Tensor byIntermediate = tape.Gradient(z, y);  // 2y = 18
        Tensor other = tape.Gradient(y, x);           // 2x = 6
        #endregion
        Expect.Elements(Tensor.Stack(byInput, byIntermediate, other), 1e-15, 108, 18, 6);
    }

    [Fact]
    public void A_tape_answers_once()
    {
        #region tapes-once
        using var tape = new GradientTape();
        Tensor x = tape.Watch(3.0), y = x * x;
        Tensor[] all = tape.Gradients(y * y, [x, y]);    // several sources, one sweep
        var refusal = Assert.Throws<TapeConsumedException>(() => tape.Gradient(y, x));
        #endregion
        Expect.Elements(Tensor.Stack(all), 1e-15, 108, 18);
        Assert.Contains("persistent: true", refusal.Message);
    }

    [Fact]
    public void Tapes_nest()
    {
        #region tapes-nested
        using var outer = new GradientTape();
        Tensor x = outer.Watch(3.0);
        Tensor first;
        using (var inner = new GradientTape())
        {
            Tensor y = inner.Watch(x);
            first = inner.Gradient(y * y * y, y);    // 3x² = 27, recorded by the outer tape
        }

        Tensor second = outer.Gradient(first, x);    // 6x = 18
        #endregion
        Expect.Number(27, first);
        Expect.Number(18, second);
    }

    [Fact]
    public void Sources_without_connection()
    {
        #region tapes-unconnected
        using var tape = new GradientTape(persistent: true);
        Tensor x = tape.Watch(3.0), elsewhere = Tensor.Of(1, 2);
        Tensor zeros = tape.Gradient(x * x, elsewhere);    // [0, 0]
        Assert.Throws<InvalidOperationException>(() => tape.Gradient(x * x, elsewhere, unconnected: UnconnectedGradients.Throw));
        #endregion
        Expect.Equal([2], [0, 0], zeros);
    }

    [Fact]
    public void An_exception_leaves_nothing_behind()
    {
        #region tapes-exception
        var tape = new GradientTape();
        try
        {
            using (tape)
            {
                Tensor x = tape.Watch(3.0);
                throw new InvalidOperationException("something else went wrong");
            }
        }
        catch (InvalidOperationException)
        {
        }

        int held = tape.RecordedCount;    // 0: disposed on the way out
        Assert.Throws<ObjectDisposedException>(() => tape.Watch(1.0));
        #endregion
        Assert.Equal(0, held);
    }

    [Fact]
    public void Adjoints_of_intermediate_values()
    {
        #region tapes-adjoints
        using var tape = new GradientTape();
        var (theta1, theta2) = tape.Watch((Tensor.Scalar(10_000), Tensor.Scalar(123)));
        Tensor c1 = theta2 * 2_500;
        Tensor prediction = c1 + theta1;
        Tensor c2 = prediction - 360_000;
        Tensor loss = c2 * c2;                                                              // 1 806 250 000
        Tensor[] adjoints = tape.Gradients(loss, [theta1, theta2, c1, prediction, c2]);      // -85 000, -212 500 000, -85 000, -85 000, -85 000
        #endregion
        Expect.Elements(loss, 0, 1_806_250_000);
        Expect.Elements(Tensor.Stack(adjoints), 0, -85_000, -212_500_000, -85_000, -85_000, -85_000);
    }
}
