using System;
using System.Collections.Generic;
using System.Linq;
using DiffLib.Benchmarks.GradBench.Protocol;
using DiffLib.Benchmarks.Objectives;

namespace DiffLib.Benchmarks.GradBench.Evals;

/// <summary>The distances between measured points and a posed hand, and their Jacobian.</summary>
internal sealed class Ht : IEval
{
    public string Name => "ht";

    public IReadOnlyList<string> Functions => ["objective", "jacobian"];

    public Input Example => Of(50, 20, 600, n => [.. Enumerable.Range(0, n).Select(k => 0.5 + 0.4 * Math.Sin(k))]);

    public IEvaluation Prepare(string function, Input input)
    {
        var pose = input.List("theta", HandModel.PoseSize).Data;
        var us = input.List("us", -1, 2).Data;
        var data = input.Object("data");
        var model = Model(data.Object("model"));
        var correspondences = data.List("correspondences", -1).ToIntegers("correspondences");
        var points = data.List("points", correspondences.Length, 3).Data;
        var free = us.Length > 0;
        if (free && us.Length != 2 * correspondences.Length) throw new InputException("us must have a pair for each of the correspondences, or be empty.");
        var targets = free ? model.Triangles.Length / 3 : model.Positions.Length / 3;
        if (Array.Exists(correspondences, c => c < 0 || c >= targets)) throw new InputException($"correspondences must lie between 0 and {targets - 1}.");
        var tracking = new HandTracking(model, correspondences, points, free);
        double[] residuals = function == "objective" ? new double[points.Length] : [], jacobian = function == "objective" ? [] : new double[points.Length * tracking.Columns];
        return function == "objective"
            ? new Evaluation<double[]>(
                () =>
                {
                    tracking.Objective(pose, us, residuals);
                    return residuals;
                },
                static y => new ListOutput(y))
            : new Evaluation<double[]>(
                () =>
                {
                    tracking.Jacobian(pose, us, jacobian);
                    return jacobian;
                },
                y => new RowsOutput(y, tracking.Columns));
    }

    private static HandModel Model(Input model)
    {
        var bones = model.Integer("bone_count", 22);
        var parents = model.List("parents", bones).ToIntegers("parents");
        for (var bone = 0; bone < bones; bone++)
            if (parents[bone] < -1 || parents[bone] >= bone) throw new InputException($"The parent of bone {bone} is {parents[bone]}, but must be -1 or a bone before it.");
        var relatives = model.List("base_relatives", bones, 4, 4).Data;
        if (model.Truth("is_mirrored")) relatives = Mirrored(relatives, parents);
        var positions = model.List("base_positions", -1, 4);
        var vertices = positions.Shape[0];
        var triangles = model.List("triangles", -1, 3).ToIntegers("triangles");
        if (Array.Exists(triangles, v => v < 0 || v >= vertices)) throw new InputException($"triangles must have vertices between 0 and {vertices - 1}.");
        var (starts, boneOf, weights) = Sparse(model.List("weights", vertices, bones).Data, bones);
        if (Enumerable.Range(0, vertices).Any(v => positions.Data[4 * v + 3] != 1)) throw new InputException("The last entries of base_positions must be 1.");
        double[] places = [.. Enumerable.Range(0, 3 * vertices).Select(k => positions.Data[k / 3 * 4 + k % 3])];
        return new(parents, relatives, model.List("inverse_base_absolutes", bones, 4, 4).Data, places, starts, boneOf, weights, triangles);
    }

    /// <summary>A hand whose skin has its x coordinates turned round: the first rows of the roots' matrices are.</summary>
    private static double[] Mirrored(double[] relatives, int[] parents)
    {
        relatives = [.. relatives];
        for (var bone = 0; bone < parents.Length; bone++)
            if (parents[bone] < 0)
                for (var k = 0; k < 4; k++) relatives[16 * bone + k] = -relatives[16 * bone + k];
        return relatives;
    }

    /// <summary>The weights that are not zero, vertex by vertex.</summary>
    private static (int[] Starts, int[] Bones, double[] Weights) Sparse(double[] dense, int bones)
    {
        var (starts, boneOf, weights) = (new List<int> { 0 }, new List<int>(), new List<double>());
        for (var k = 0; k < dense.Length; k++)
        {
            if (dense[k] != 0)
            {
                boneOf.Add(k % bones);
                weights.Add(dense[k]);
            }

            if (k % bones == bones - 1) starts.Add(weights.Count);
        }

        return ([.. starts], [.. boneOf], [.. weights]);
    }

    /// <summary>An input of some size: a chain of bones, and vertices that follow two of them each.</summary>
    public static Input Of(int vertices, int triangles, int points, Func<int, double[]> numbers)
    {
        const int bones = 22;
        double[] Matrices() => [.. Enumerable.Range(0, 16 * bones).Select(k => k % 16 is 0 or 5 or 10 or 15 ? 1.0 : 0)];
        var weights = new double[vertices * bones];
        for (var v = 0; v < vertices; v++) (weights[v * bones + v % bones], weights[v * bones + (v + 1) % bones]) = (0.25, 0.75);
        var places = numbers(4 * vertices);
        for (var v = 0; v < vertices; v++) places[4 * v + 3] = 1;
        object Fields(params (string Name, object? Value)[] fields) => fields.ToDictionary(f => f.Name, f => f.Value);
        var model = Fields(
            ("bone_count", (double)bones), ("parents", new Numbers([.. Enumerable.Range(-1, bones).Select(b => (double)b)], [bones])),
            ("base_relatives", new Numbers(Matrices(), [bones, 4, 4])), ("inverse_base_absolutes", new Numbers(Matrices(), [bones, 4, 4])),
            ("base_positions", new Numbers(places, [vertices, 4])), ("weights", new Numbers(weights, [vertices, bones])),
            ("triangles", new Numbers([.. Enumerable.Range(0, 3 * triangles).Select(k => (double)(k * 7 % vertices))], [triangles, 3])), ("is_mirrored", false));
        var data = Fields(
            ("correspondences", new Numbers([.. Enumerable.Range(0, points).Select(k => (double)(k % triangles))], [points])), ("points", new Numbers(numbers(3 * points), [points, 3])), ("model", model));
        return Input.Of(("theta", numbers(HandModel.PoseSize)), ("us", new Numbers(numbers(2 * points), [points, 2])), ("data", data));
    }
}
