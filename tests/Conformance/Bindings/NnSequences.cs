using System;
using System.Linq;

namespace DiffLib.Conformance.Bindings;

/// <summary>Attention, recurrent networks, embeddings in bags, losses of structured targets, distances.</summary>
internal static class NnSequenceBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        r.Add("scaled_dot_product_attention", call => Nn.Attention(call.TensorArg(0), call.TensorArg(1), call.TensorArg(2), call.TensorArgOrNull(3), call.BoolArg(4)));
        r.AddMany("multi_head_attention", MultiHead);
        Cells(r);
        Sequences(r);
        r.Add("nn.functional.embedding_bag", EmbeddingBag);
        r.Add("nn.functional.glu", call => Nn.Glu(X(call), call.Int("dim", -1)));
        r.Add("nn.functional.bilinear", call => Nn.Bilinear(call.Tensor("input1"), call.Tensor("input2"), call.Tensor("weight"), call.TensorOrNull("bias")));
        r.Add("nn.functional.multi_margin_loss", call => Nn.MultiMargin(X(call), T(call), call.Int("p", 1), call.Double("margin", 1), call.TensorOrNull("weight"), NnBindings.Reduction(call)));
        r.Add("nn.functional.multilabel_margin_loss", call => Nn.MultiLabelMargin(X(call), T(call), NnBindings.Reduction(call)));
        r.Add("nn.functional.multilabel_soft_margin_loss", call => Nn.MultiLabelSoftMargin(X(call), T(call), call.TensorOrNull("weight"), NnBindings.Reduction(call)));
        r.Add("ctc_loss_of_logits", call => Nn.Ctc(call.TensorArg(0).LogSoftmax(-1), call.TensorArg(1), Tensor.FromArray(call.IntsArg(2)), Tensor.FromArray(call.IntsArg(3)), reduction: NnBindings.Reduction(call)));
        r.Add("nn.functional.pdist", call => Nn.PairDistances(X(call), call.Double("p", 2)));
        r.Add("nn.functional.cosine_similarity", call => Tensor.CosineSimilarity(call.Tensor("x1"), call.Tensor("x2"), call.Int("dim", 1), call.Double("eps", 1e-8)));
        r.Add("nn.functional.pairwise_distance", call => Tensor.PairwiseDistance(call.Tensor("x1"), call.Tensor("x2"), call.Double("p", 2), call.Double("eps", 1e-6), call.Bool("keepdim")));
        r.Add("nn.functional.normalize", call => X(call).Normalize(call.Double("p", 2), call.Int("dim", 1), call.Double("eps", 1e-12)));
    }

    private static Tensor X(Call call) => call.Tensor("input");

    private static Tensor T(Call call) => call.Tensor("target");

    /// <summary>The peer has the axis of examples in the middle.</summary>
    private static Tensor[] MultiHead(Call call)
    {
        var x = Enumerable.Range(0, 3).Select(k => call.TensorArg(k).SwapAxes(0, 1)).ToArray();
        var (y, weights) = Nn.MultiHeadAttention(x[0], x[1], x[2], call.TensorArg(3), call.TensorArg(5), call.IntArg(7), call.TensorArgOrNull(4), call.TensorArgOrNull(6));
        return [y.SwapAxes(0, 1), weights];
    }

    private static RecurrentWeights Weights(Call call, int first) =>
        new(call.TensorArg(first), call.TensorArg(first + 1), call.TensorArgOrNull(first + 2), call.TensorArgOrNull(first + 3));

    private static void Cells(Registry r)
    {
        r.Add("rnn_tanh_cell", call => Nn.RnnCell(call.TensorArg(0), call.TensorArg(1), Weights(call, 2)));
        r.Add("rnn_relu_cell", call => Nn.RnnCell(call.TensorArg(0), call.TensorArg(1), Weights(call, 2), relu: true));
        r.Add("gru_cell", call => Nn.GruCell(call.TensorArg(0), call.TensorArg(1), Weights(call, 2)));
        r.AddMany("lstm_cell", call =>
        {
            var state = call.TensorsArg(1);
            var (h, c) = Nn.LstmCell(call.TensorArg(0), state[0], state[1], Weights(call, 2));
            return [h, c];
        });
    }

    private static void Sequences(Registry r)
    {
        r.AddMany("rnn_tanh", call =>
        {
            var (y, h) = Nn.Rnn(call.TensorArg(0), call.TensorArg(1), LayerWeights(call), false, call.BoolArg(5), call.BoolArg(6));
            return [y, h];
        });
        r.AddMany("gru", call =>
        {
            var (y, h) = Nn.Gru(call.TensorArg(0), call.TensorArg(1), LayerWeights(call), call.BoolArg(5), call.BoolArg(6));
            return [y, h];
        });
        r.AddMany("lstm", call =>
        {
            var state = call.TensorsArg(1);
            var (y, h, c) = Nn.Lstm(call.TensorArg(0), state[0], state[1], LayerWeights(call), call.BoolArg(5), call.BoolArg(6));
            return [y, h, c];
        });
    }

    private static RecurrentWeights[] LayerWeights(Call call)
    {
        var size = call.BoolArg(3) ? 4 : 2;
        return [.. call.TensorsArg(2).Chunk(size).Select(w => new RecurrentWeights(w[0], w[1], size > 2 ? w[2] : null, size > 2 ? w[3] : null))];
    }

    private static Tensor EmbeddingBag(Call call)
    {
        var how = call.Text("mode", "mean") switch
        {
            "sum" => BagReduction.Sum,
            "mean" => BagReduction.Mean,
            _ => BagReduction.Max,
        };

        // the peer's recorded samples call the table input and the indices weight
        var (indices, table) = X(call).DType == DType.Int64 ? (X(call), call.Tensor("weight")) : (call.Tensor("weight"), X(call));
        return call.TensorOrNull("offsets") is { } offsets
            ? Nn.EmbeddingBag(indices, offsets, table, how, call.IntOrNull("padding_idx"))
            : Nn.EmbeddingBag(indices, table, how, call.IntOrNull("padding_idx"));
    }
}
