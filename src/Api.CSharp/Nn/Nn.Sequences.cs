using System;
using System.Linq;
using DiffLib.Kernels;
using Microsoft.FSharp.Core;

namespace DiffLib;

/// <summary>The weights of a recurrent layer in one direction: a tree of parameters like any record.</summary>
/// <param name="Input">[gates·hidden, inputs]: the gates one below the other. LSTM: input, forget, cell, output; GRU: reset, update, new.</param>
/// <param name="Hidden">[gates·hidden, hidden], the gates in the same order.</param>
/// <param name="InputBias">[gates·hidden], or null for none.</param>
/// <param name="HiddenBias">[gates·hidden], or null for none.</param>
public sealed record RecurrentWeights(Tensor Input, Tensor Hidden, Tensor? InputBias = null, Tensor? HiddenBias = null);

public static partial class Nn
{
    /// <summary>x Wᵀ + b.</summary>
    /// <param name="x">[.., inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="bias">[outputs], or null for none.</param>
    /// <exception cref="ArgumentNullException">x or the weight is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return DiffLib.Attention.Linear(NotNull(x), weight, Facade.Option(bias));
    }

    /// <summary>The gated linear unit: the first half of an axis times the sigmoid of the second (Dauphin et al. 2017).</summary>
    /// <param name="x">Any shape with an axis of even size.</param>
    /// <param name="axis">The axis that is halved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">The axis has an odd size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public static Tensor Glu(Tensor x, int axis = -1) => DiffLib.Attention.Glu(NotNull(x), axis);

    /// <summary>y[.., o] = Σ a[.., i] weight[o, i, j] b[.., j] + bias[o].</summary>
    /// <param name="a">[.., m].</param>
    /// <param name="b">[.., n].</param>
    /// <param name="weight">[outputs, m, n].</param>
    /// <param name="bias">[outputs], or null for none.</param>
    /// <exception cref="ArgumentNullException">a, b or the weight is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Bilinear(Tensor a, Tensor b, Tensor weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.Rank != 3 || a.Rank < 1 || b.Rank < 1 || a.Shape[-1] != weight.Shape[1] || b.Shape[-1] != weight.Shape[2])
            throw new ArgumentException($"Bilinear: a is {a.Shape} and b {b.Shape}; the weight {weight.Shape} needs shape [outputs, last axis of a, last axis of b].", nameof(weight));
        var y = Tensor.Einsum("...i,oij,...j->...o", a, weight, b);
        return bias is null ? y : y + bias;
    }

    /// <summary>Scaled dot-product attention (Vaswani et al. 2017): softmax(query keyᵀ·scale + mask) value. A query that may see no key gives zeros.</summary>
    /// <param name="query">[.., queries, features].</param>
    /// <param name="key">[.., keys, features]; axes in front broadcast.</param>
    /// <param name="value">[.., keys, results].</param>
    /// <param name="mask">Truth values, true where a query may see a key, or numbers that are added to the scores; broadcasts to [.., queries, keys]. Null for none.</param>
    /// <param name="causal">Whether query i sees the keys up to i only.</param>
    /// <param name="scale">The factor of the scores; 1/√features by default.</param>
    /// <param name="dropout">The probability by which a weight is dropped; needs a key.</param>
    /// <param name="random">The source of the choice of what is dropped.</param>
    /// <returns>[.., queries, results].</returns>
    /// <exception cref="ArgumentNullException">query, key or value is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit, or something is to be dropped without a random key.</exception>
    public static Tensor Attention(Tensor query, Tensor key, Tensor value, Tensor? mask = null, bool causal = false, double? scale = null, double dropout = 0, RandomKey? random = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return DiffLib.Attention.ScaledDotProduct(query, key, value, Facade.Option(mask), causal, scale, dropout, Key(random)).Item1;
    }

    /// <summary>Attention in several heads: queries, keys and values are projected, each head attends to its share of the features, and the results are projected again.</summary>
    /// <param name="query">[.., queries, features].</param>
    /// <param name="key">[.., keys, features].</param>
    /// <param name="value">[.., keys, features].</param>
    /// <param name="inWeight">[3·features, features]: the projections of queries, keys and values one below the other.</param>
    /// <param name="outWeight">[outputs, features].</param>
    /// <param name="heads">How many heads share the features.</param>
    /// <param name="inBias">[3·features], or null for none.</param>
    /// <param name="outBias">[outputs], or null for none.</param>
    /// <param name="mask">As for <see cref="Attention"/>; [queries, keys], the same for all heads, or one for each example.</param>
    /// <param name="causal">Whether query i sees the keys up to i only.</param>
    /// <param name="dropout">The probability by which a weight is dropped; needs a key.</param>
    /// <param name="random">The source of the choice of what is dropped.</param>
    /// <returns>[.., queries, outputs], and the weights averaged over the heads, [.., queries, keys].</returns>
    /// <exception cref="ArgumentNullException">A tensor that is needed is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit, or the features do not divide into the heads.</exception>
    public static (Tensor Output, Tensor Weights) MultiHeadAttention(Tensor query, Tensor key, Tensor value, Tensor inWeight, Tensor outWeight, int heads, Tensor? inBias = null, Tensor? outBias = null, Tensor? mask = null, bool causal = false, double dropout = 0, RandomKey? random = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(inWeight);
        ArgumentNullException.ThrowIfNull(outWeight);
        return DiffLib.Attention.MultiHead(query, key, value, inWeight, Facade.Option(inBias), outWeight, Facade.Option(outBias), heads, Facade.Option(mask), causal, dropout, Key(random));
    }

    private static FSharpValueOption<RandomKey> Key(RandomKey? key) => key is { } k ? FSharpValueOption<RandomKey>.Some(k) : FSharpValueOption<RandomKey>.None;

    // ---- recurrent

    private static CellWeights Core(RecurrentWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(weights.Input);
        ArgumentNullException.ThrowIfNull(weights.Hidden);
        return new(weights.Input, weights.Hidden, Facade.Option(weights.InputBias), Facade.Option(weights.HiddenBias));
    }

    /// <summary>One step of a plain recurrent network: tanh(W x + U h + b), or the positive part instead of tanh.</summary>
    /// <param name="x">[.., inputs].</param>
    /// <param name="state">[.., hidden].</param>
    /// <param name="weights">One gate.</param>
    /// <param name="relu">Whether the positive part is taken instead of the hyperbolic tangent.</param>
    /// <returns>The next state.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor RnnCell(Tensor x, Tensor state, RecurrentWeights weights, bool relu = false)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Recurrent.Cell(relu ? CellKind.Relu : CellKind.Tanh, NotNull(x), state, state, Core(weights)).Item1;
    }

    /// <summary>One step of a long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates): c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c').</summary>
    /// <param name="x">[.., inputs].</param>
    /// <param name="state">h, [.., hidden].</param>
    /// <param name="cell">c, [.., hidden].</param>
    /// <param name="weights">Four gates: input, forget, cell, output.</param>
    /// <returns>The next state and cell.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static (Tensor State, Tensor Cell) LstmCell(Tensor x, Tensor state, Tensor cell, RecurrentWeights weights)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(cell);
        return Recurrent.Cell(CellKind.Lstm, NotNull(x), state, cell, Core(weights));
    }

    /// <summary>One step of a gated recurrent unit (Cho et al. 2014): n = tanh(Wₙ x + r (Uₙ h + b)), h' = (1 - z) n + z h with r and z the reset and update gates.</summary>
    /// <param name="x">[.., inputs].</param>
    /// <param name="state">[.., hidden].</param>
    /// <param name="weights">Three gates: reset, update, new.</param>
    /// <returns>The next state.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor GruCell(Tensor x, Tensor state, RecurrentWeights weights)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Recurrent.Cell(CellKind.Gru, NotNull(x), state, state, Core(weights)).Item1;
    }

    /// <summary>A plain recurrent network over sequences, in one layer or several.</summary>
    /// <param name="x">[steps, n, inputs], or [n, steps, inputs] with <paramref name="batchFirst"/>.</param>
    /// <param name="state">The first states, [layers·directions, n, hidden].</param>
    /// <param name="weights">One set for each layer and direction: first layer forwards, backwards, second layer ...</param>
    /// <param name="relu">Whether the positive part is taken instead of the hyperbolic tangent.</param>
    /// <param name="bidirectional">Whether each layer also runs backwards; the states of both directions lie side by side.</param>
    /// <param name="batchFirst">Whether the axis of sequences comes before that of steps, in x and in the result.</param>
    /// <returns>The states of the last layer at all steps, [steps, n, directions·hidden], and the last state of each layer and direction.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static (Tensor Output, Tensor State) Rnn(Tensor x, Tensor state, RecurrentWeights[] weights, bool relu = false, bool bidirectional = false, bool batchFirst = false)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(weights);
        var (y, h, _) = Recurrent.Sequence(relu ? CellKind.Relu : CellKind.Tanh, NotNull(x), state, state, [.. weights.Select(Core)], bidirectional, batchFirst);
        return (y, h);
    }

    /// <summary>A long short-term memory over sequences, in one layer or several. The inputs of all steps go through one product, the gates of a step through one more.</summary>
    /// <param name="x">[steps, n, inputs], or [n, steps, inputs] with <paramref name="batchFirst"/>.</param>
    /// <param name="state">The first states, [layers·directions, n, hidden].</param>
    /// <param name="cell">The first cells, of the same shape.</param>
    /// <param name="weights">One set for each layer and direction: first layer forwards, backwards, second layer ...</param>
    /// <param name="bidirectional">Whether each layer also runs backwards; the states of both directions lie side by side.</param>
    /// <param name="batchFirst">Whether the axis of sequences comes before that of steps, in x and in the result.</param>
    /// <returns>The states of the last layer at all steps, [steps, n, directions·hidden], and the last state and cell of each layer and direction.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static (Tensor Output, Tensor State, Tensor Cell) Lstm(Tensor x, Tensor state, Tensor cell, RecurrentWeights[] weights, bool bidirectional = false, bool batchFirst = false)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentNullException.ThrowIfNull(weights);
        return Recurrent.Sequence(CellKind.Lstm, NotNull(x), state, cell, [.. weights.Select(Core)], bidirectional, batchFirst);
    }

    /// <summary>A gated recurrent network over sequences, in one layer or several.</summary>
    /// <param name="x">[steps, n, inputs], or [n, steps, inputs] with <paramref name="batchFirst"/>.</param>
    /// <param name="state">The first states, [layers·directions, n, hidden].</param>
    /// <param name="weights">One set for each layer and direction: first layer forwards, backwards, second layer ...</param>
    /// <param name="bidirectional">Whether each layer also runs backwards; the states of both directions lie side by side.</param>
    /// <param name="batchFirst">Whether the axis of sequences comes before that of steps, in x and in the result.</param>
    /// <returns>The states of the last layer at all steps, [steps, n, directions·hidden], and the last state of each layer and direction.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static (Tensor Output, Tensor State) Gru(Tensor x, Tensor state, RecurrentWeights[] weights, bool bidirectional = false, bool batchFirst = false)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(weights);
        var (y, h, _) = Recurrent.Sequence(CellKind.Gru, NotNull(x), state, state, [.. weights.Select(Core)], bidirectional, batchFirst);
        return (y, h);
    }

    // ---- bags and losses of structured targets

    /// <summary>The rows of a table at the indices of each bag, combined.</summary>
    /// <param name="indices">Integers, [bags, size].</param>
    /// <param name="table">[rows, d].</param>
    /// <param name="reduction">Sum, mean or largest; an empty bag gives zeros.</param>
    /// <param name="paddingIndex">An index that does not count.</param>
    /// <returns>[bags, d].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit, or the indices are not integers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the table.</exception>
    public static Tensor EmbeddingBag(Tensor indices, Tensor table, BagReduction reduction = BagReduction.Mean, int? paddingIndex = null)
    {
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(table);
        return Embeddings.Bags(indices, table, reduction, paddingIndex);
    }

    /// <summary>The rows of a table at the indices of each bag, combined; the bags lie one behind the other.</summary>
    /// <param name="indices">Integers, [n].</param>
    /// <param name="offsets">Ascending integers, [bags]: where each bag begins. It ends where the next begins.</param>
    /// <param name="table">[rows, d].</param>
    /// <param name="reduction">Sum, mean or largest; an empty bag gives zeros.</param>
    /// <param name="paddingIndex">An index that does not count.</param>
    /// <returns>[bags, d].</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit, or the indices are not integers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the table.</exception>
    public static Tensor EmbeddingBag(Tensor indices, Tensor offsets, Tensor table, BagReduction reduction = BagReduction.Mean, int? paddingIndex = null)
    {
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(offsets);
        ArgumentNullException.ThrowIfNull(table);
        return Embeddings.Bags(indices, offsets, table, reduction, paddingIndex);
    }

    /// <summary>Σ max(0, margin - x[target] + x[j])ᵖ over the other classes j, divided by the number of classes.</summary>
    /// <param name="scores">[n, classes], or [classes].</param>
    /// <param name="target">Class numbers from 0, [n], or a single one.</param>
    /// <param name="power">p, 1 or 2.</param>
    /// <param name="margin">The margin by which the target's class is to win.</param>
    /// <param name="classWeights">[classes]: factors of the losses by the target's class; null for none.</param>
    /// <param name="reduction">Mean, sum, or none.</param>
    /// <exception cref="ArgumentNullException">scores or target is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The power is neither 1 nor 2.</exception>
    public static Tensor MultiMargin(Tensor scores, Tensor target, int power = 1, double margin = 1, Tensor? classWeights = null, LossReduction reduction = LossReduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(target);
        return StructuredLosses.MultiMargin(NotNull(scores), target, power, margin, Facade.Option(classWeights), reduction);
    }

    /// <summary>Σ max(0, 1 - x[j] + x[i]) over the targets j and the other classes i, divided by the number of classes.</summary>
    /// <param name="scores">[n, classes], or [classes].</param>
    /// <param name="target">Of the same shape: the class numbers of each example, and -1 behind them.</param>
    /// <param name="reduction">Mean, sum, or none.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor MultiLabelMargin(Tensor scores, Tensor target, LossReduction reduction = LossReduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(target);
        return StructuredLosses.MultiLabelMargin(NotNull(scores), target, reduction);
    }

    /// <summary>The binary cross-entropy of σ(scores), averaged over the classes: each example may have several.</summary>
    /// <param name="scores">[n, classes], or [classes].</param>
    /// <param name="target">Numbers between 0 and 1, of the same shape.</param>
    /// <param name="weight">Factors of the losses, which broadcast; null for none.</param>
    /// <param name="reduction">Mean, sum, or none.</param>
    /// <exception cref="ArgumentNullException">scores or target is null.</exception>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor MultiLabelSoftMargin(Tensor scores, Tensor target, Tensor? weight = null, LossReduction reduction = LossReduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(target);
        return StructuredLosses.MultiLabelSoftMargin(NotNull(scores), target, Facade.Option(weight), reduction);
    }

    /// <summary>Connectionist temporal classification (Graves, Fernández, Gomez and Schmidhuber 2006): minus the logarithm of the probability of a target sequence, summed over all alignments in
    /// which labels may repeat and blanks may stand between them.</summary>
    /// <param name="logProbabilities">[steps, n, classes], for instance of <c>LogSoftmax</c>.</param>
    /// <param name="targets">Class numbers, [n, longest]; what is behind a target's length does not count.</param>
    /// <param name="inputLengths">Integers [n]: the steps of each sequence.</param>
    /// <param name="targetLengths">Integers [n]: the labels of each target.</param>
    /// <param name="blank">The class that stands for no label.</param>
    /// <param name="zeroInfinity">Whether a target that is too long for its sequence costs 0 instead of ∞.</param>
    /// <param name="reduction">Mean (of the losses divided by the targets' lengths), sum, or none.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A class does not exist.</exception>
    public static Tensor Ctc(Tensor logProbabilities, Tensor targets, Tensor inputLengths, Tensor targetLengths, int blank = 0, bool zeroInfinity = false, LossReduction reduction = LossReduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(inputLengths);
        ArgumentNullException.ThrowIfNull(targetLengths);
        return StructuredLosses.Ctc(NotNull(logProbabilities), targets, inputLengths, targetLengths, blank, zeroInfinity, reduction);
    }

    /// <summary>The distances between all pairs of rows, those of row 0 first: [n, d] to [n (n - 1)/2].</summary>
    /// <param name="x">[n, d].</param>
    /// <param name="p">The order of the norm.</param>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">x is no matrix.</exception>
    public static Tensor PairDistances(Tensor x, double p = 2)
    {
        if (NotNull(x).Rank != 2) throw new ArgumentException($"PairDistances: x has shape {x.Shape}; rows of a matrix are compared, [n, d].", nameof(x));
        var n = x.Shape[0];
        var pairs = (from i in Enumerable.Range(0, n) from j in Enumerable.Range(i + 1, n - i - 1) select (I: (long)i, J: (long)j)).ToArray();
        var (first, second) = (Tensor.FromArray(pairs.Select(q => q.I).ToArray()), Tensor.FromArray(pairs.Select(q => q.J).ToArray()));
        return (x.IndexSelect(0, first) - x.IndexSelect(0, second)).Norm(p, axis: 1);
    }
}
