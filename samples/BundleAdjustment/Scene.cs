using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;

namespace DiffLib.Samples.BundleAdjustment;

/// <summary>Photographs of points: who saw what where, and where cameras and points are thought to be.</summary>
/// <param name="Cameras">[n, 11]: rotation (3), centre (3), focal length, principal point (2), radial distortion (2).</param>
/// <param name="Points">[m, 3].</param>
/// <param name="CameraOf">Which camera made each observation.</param>
/// <param name="PointOf">Which point it shows.</param>
/// <param name="Features">[p, 2]: where on the photograph, in pixels.</param>
/// <param name="Weight">What an observation counts.</param>
internal sealed record Scene(Tensor Cameras, Tensor Points, int[] CameraOf, int[] PointOf, Tensor Features, double Weight)
{
    /// <summary>What an observation errs in a <see cref="Scattered"/> scene, in pixels.</summary>
    public const double Noise = 0.5;

    /// <summary>A problem of ADBench: every camera, point and feature is a copy of one.</summary>
    public static Scene Read(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        double[] numbers = Array.ConvertAll(
            reader.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), token => double.Parse(token, CultureInfo.InvariantCulture));
        var (cameras, points, observations) = ((int)numbers[0], (int)numbers[1], (int)numbers[2]);
        return new(
            Tensor.Of(numbers[3..14]).BroadcastTo(cameras, 11),
            Tensor.Of(numbers[14..17]).BroadcastTo(points, 3),
            Numbers(observations, i => i % cameras),
            Numbers(observations, i => i % points),
            Tensor.Of(numbers[18..20]).BroadcastTo(observations, 2),
            numbers[17]);
    }

    private static int[] Numbers(int count, Func<int, int> number)
    {
        var numbers = new int[count];
        for (int i = 0; i < count; i++) numbers[i] = number(i);
        return numbers;
    }

    /// <summary>The copies moved apart, so that there is something to find: cameras and points stand around those of the file, the features are what such cameras see, with
    /// noise; and cameras and points are then misplaced.</summary>
    public Scene Scattered(RandomKey key)
    {
        RandomKey[] keys = key.Split(5);
        // rotation, centre, focal length, principal point, distortion
        Tensor spread = Tensor.Of(0.03, 0.03, 0.03, 3, 3, 3, 8, 2, 2, 0.002, 0.0001), doubt = Tensor.Of(0.005, 0.005, 0.005, 0.5, 0.5, 0.5, 4, 1, 1, 0.002, 0.0001);
        Tensor cameras = Cameras + spread * Tensor.RandomNormal(keys[0], Cameras.Shape), points = Points + 3 * Tensor.RandomNormal(keys[1], Points.Shape);
        var truth = this with { Cameras = cameras, Points = points, Features = Tensor.Zeros(CameraOf.Length, 2) };
        Tensor seen = truth.Residuals(truth.Start).Reshape(-1, 2) / Weight;
        return truth with
        {
            Cameras = cameras + doubt * Tensor.RandomNormal(keys[2], cameras.Shape),
            Points = points + 0.4 * Tensor.RandomNormal(keys[3], points.Shape),
            Features = seen + Noise * Tensor.RandomNormal(keys[4], seen.Shape),
        };
    }

    /// <summary>All that is looked for: cameras, then points.</summary>
    public Tensor Start => Tensor.Concat([Cameras.Reshape(-1), Points.Reshape(-1)]);

    /// <summary>Projection minus feature, two numbers for each observation: the model, in tensor arithmetic over all observations at once.</summary>
    public Tensor Residuals(Tensor unknowns)
    {
        int cameras = Cameras.Shape[0], points = Points.Shape[0];
        Tensor camera = unknowns[..(11 * cameras)].Reshape(cameras, 11)[CameraOf], point = unknowns[(11 * cameras)..].Reshape(points, 3)[PointOf];
        Tensor seen = Rotated(camera[.., 0..3], point - camera[.., 3..6]);
        Tensor flat = seen[.., 0..2] / seen[.., 2..3];
        Tensor square = (flat * flat).Sum(axis: 1, keepAxes: true);
        Tensor distorted = flat * (1 + camera[.., 9..10] * square + camera[.., 10..11] * square * square);
        return (Weight * (camera[.., 6..7] * distorted + camera[.., 7..9] - Features)).Reshape(-1);
    }

    /// <summary>Rodrigues' formula: v turned by the angle |r| about r.</summary>
    private static Tensor Rotated(Tensor r, Tensor v)
    {
        Tensor angle = Tensor.Sqrt((r * r).Sum(axis: 1, keepAxes: true)), axis = r / angle;
        Tensor along = (axis * v).Sum(axis: 1, keepAxes: true);
        return v * Tensor.Cos(angle) + Tensor.Cross(axis, v) * Tensor.Sin(angle) + axis * along * (1 - Tensor.Cos(angle));
    }
}
