using System;
using System.Linq;

namespace DiffLib.Conformance.Bindings;

/// <summary>Convolution, pooling, normalisation over images, resampling.</summary>
internal static class NnWindowBindings
{
    /// <summary>Adds the bindings of this group.</summary>
    public static void Register(Registry r)
    {
        r.Add("nn.functional.conv1d", call => Nn.Conv1D(X(call), W(call), B(call), Axes(call, "stride"), Padding(call), Axes(call, "dilation"), call.Int("groups", 1)));
        r.Add("nn.functional.conv2d", call => Nn.Conv2D(X(call), W(call), B(call), Axes(call, "stride"), Padding(call), Axes(call, "dilation"), call.Int("groups", 1)));
        r.Add("nn.functional.conv3d", call => Nn.Conv3D(X(call), W(call), B(call), Axes(call, "stride"), Padding(call), Axes(call, "dilation"), call.Int("groups", 1)));
        r.Add("nn.functional.conv_transpose1d", call => Nn.ConvTranspose1D(X(call), W(call), B(call), Axes(call, "stride"), Padding(call), Axes(call, "output_padding"), Axes(call, "dilation"), call.Int("groups", 1)));
        r.Add("nn.functional.conv_transpose2d", call => Nn.ConvTranspose2D(X(call), W(call), B(call), Axes(call, "stride"), Padding(call), Axes(call, "output_padding"), Axes(call, "dilation"), call.Int("groups", 1)));
        r.Add("nn.functional.conv_transpose3d", call => Nn.ConvTranspose3D(X(call), W(call), B(call), Axes(call, "stride"), Padding(call), Axes(call, "output_padding"), Axes(call, "dilation"), call.Int("groups", 1)));
        MaxPooling(r);
        MeanPooling(r);
        Statistics(r);
        r.Add("nn.functional.interpolate", Interpolate);
        r.Add("nn.functional.grid_sample", call => Nn.GridSample(X(call), call.Tensor("grid"), Mode(call.Text("mode", "bilinear")), GridPaddingOf(call), call.Bool("align_corners")));
        r.Add("nn.functional.pixel_shuffle", call => Nn.PixelShuffle(X(call), call.Int("upscale_factor")));
        r.Add("nn.functional.pixel_unshuffle", call => Nn.PixelUnshuffle(X(call), call.Int("downscale_factor")));
    }

    private static Tensor X(Call call) => call.Has("input") ? call.Tensor("input") : call.TensorArg(0);

    private static Tensor W(Call call) => call.Tensor("weight");

    private static Tensor? B(Call call) => call.TensorOrNull("bias");

    private static PerAxis Axes(Call call, string name) => call.IntsOrNull(name) is { Length: > 0 } values ? values : default(PerAxis);

    private static WindowPadding Padding(Call call) =>
        call.IsText("padding") ? call.Text("padding") == "same" ? WindowPadding.Same : WindowPadding.Valid
        : call.IntsOrNull("padding") is { Length: > 0 } values ? values : default(WindowPadding);

    private static Tensor[] One((Tensor Values, Tensor Places) pair, Call call) => call.Bool("return_indices") ? [pair.Values, pair.Places] : [pair.Values];

    private static void MaxPooling(Registry r)
    {
        r.AddMany("nn.functional.max_pool1d", call => One(Nn.MaxPool1DWithPlaces(X(call), Axes(call, "kernel_size"), Axes(call, "stride"), Axes(call, "padding"), Axes(call, "dilation"), call.Bool("ceil_mode")), call));
        r.AddMany("nn.functional.max_pool2d", call => One(Nn.MaxPool2DWithPlaces(X(call), Axes(call, "kernel_size"), Axes(call, "stride"), Axes(call, "padding"), Axes(call, "dilation"), call.Bool("ceil_mode")), call));
        r.AddMany("nn.functional.adaptive_max_pool1d", call => One(Nn.AdaptiveMaxPool1D(X(call), Target(call)), call));
        r.AddMany("nn.functional.adaptive_max_pool2d", call => One(Nn.AdaptiveMaxPool2D(X(call), Target(call)), call));
    }

    private static void MeanPooling(Registry r)
    {
        r.Add("nn.functional.avg_pool1d", call => Nn.AvgPool1D(X(call), Axes(call, "kernel_size"), Axes(call, "stride"), Axes(call, "padding"), call.Bool("ceil_mode"), call.Bool("count_include_pad", true)));
        r.Add("nn.functional.avg_pool2d", call => Nn.AvgPool2D(X(call), Axes(call, "kernel_size"), Axes(call, "stride"), Axes(call, "padding"), call.Bool("ceil_mode"), call.Bool("count_include_pad", true), call.IntOrNull("divisor_override")));
        r.Add("nn.functional.avg_pool3d", call => Nn.AvgPool3D(X(call), Axes(call, "kernel_size"), Axes(call, "stride"), Axes(call, "padding"), call.Bool("ceil_mode"), call.Bool("count_include_pad", true), call.IntOrNull("divisor_override")));
        r.Add("nn.functional.adaptive_avg_pool1d", call => Nn.AdaptiveAvgPool1D(X(call), Target(call)));
        r.Add("nn.functional.adaptive_avg_pool2d", call => Nn.AdaptiveAvgPool2D(X(call), Target(call)));
        r.Add("nn.functional.adaptive_avg_pool3d", call => Nn.AdaptiveAvgPool3D(X(call), Target(call)));
    }

    /// <summary>The sizes asked for; null keeps an axis.</summary>
    private static PerAxis Target(Call call) => call.IntsOrNulls("output_size").Select(s => s ?? -1).ToArray();

    private static void Statistics(Registry r)
    {
        r.AddMany("nn.functional.batch_norm", call => call.Has("input") ? [BatchNorm(call)] : RunningBatchNorm(call));
        r.Add("nn.functional.instance_norm", InstanceNorm);
        r.Add("nn.functional.local_response_norm", call => Nn.LocalResponseNorm(X(call), call.Int("size"), call.Double("alpha", 1e-4), call.Double("beta", 0.75), call.Double("k", 1)));
        r.Add("nn.functional.dropout", call => call.Bool("training", true) ? Nn.Dropout(X(call), call.Double("p", 0.5), RandomKey.FromSeed(1)) : X(call));
    }

    private static Tensor BatchNorm(Call call) => call.Bool("training")
        ? Nn.BatchNorm(X(call), call.TensorOrNull("weight"), B(call), call.Double("eps", 1e-5)).Output
        : Nn.BatchNorm(X(call), call.Tensor("running_mean"), call.Tensor("running_var"), call.TensorOrNull("weight"), B(call), call.Double("eps", 1e-5));

    /// <summary>Recorded with the running statistics after the call.</summary>
    private static Tensor[] RunningBatchNorm(Call call)
    {
        var (x, mean, variance, scale, shift) = (call.TensorArg(0), call.TensorArg(1), call.TensorArg(2), call.TensorArgOrNull(3), call.TensorArgOrNull(4));
        if (!call.BoolArg(5)) return [Nn.BatchNorm(x, mean, variance, scale, shift, call.DoubleArg(7)), mean, variance];
        var (y, newMean, newVariance) = Nn.BatchNormTraining(x, mean, variance, scale, shift, call.DoubleArg(6), call.DoubleArg(7));
        return [y, newMean, newVariance];
    }

    private static Tensor InstanceNorm(Call call) => call.Has("input")
        ? Nn.InstanceNorm(X(call), call.TensorOrNull("weight"), B(call), call.Double("eps", 1e-5))
        : Nn.InstanceNorm(call.TensorArg(0), call.TensorArgOrNull(3), call.TensorArgOrNull(4), call.HasArg(7) ? call.DoubleArg(7) : 1e-5);

    private static ResampleMode Mode(string mode) => mode switch
    {
        "nearest" => ResampleMode.Nearest,
        "nearest-exact" => ResampleMode.NearestExact,
        "linear" or "bilinear" or "trilinear" => ResampleMode.Linear,
        "bicubic" => ResampleMode.Cubic,
        "area" => ResampleMode.Area,
        _ => throw new FormatException($"unknown mode {mode}"),
    };

    private static Tensor Interpolate(Call call)
    {
        var mode = Mode(call.Text("mode", "nearest"));
        return call.Has("size")
            ? Nn.Resize(X(call), call.Ints("size"), mode, call.Bool("align_corners"))
            : Nn.Rescale(X(call), call.Doubles("scale_factor"), mode, call.Bool("align_corners"));
    }

    private static GridPadding GridPaddingOf(Call call) => call.Text("padding_mode", "zeros") switch
    {
        "zeros" => GridPadding.Zeros,
        "border" => GridPadding.Border,
        _ => GridPadding.Reflection,
    };
}
