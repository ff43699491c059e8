using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml.Linq;
using DiffLib.Api.Tests.HardCases;
using Xunit;

namespace DiffLib.Api.Tests.Engine;

/// <summary>Programs run, saved, loaded and drawn.</summary>
public class ProgramTests
{
    private static readonly Tensor s_weights = Tensor.Linspace(-1, 1, 12).Reshape(3, 4);

    private static Tensor Network(Tensor x) => (Tensor.Relu(x.MatMul(s_weights) + Tensor.FromArray([1.0, double.NegativeInfinity, -0.0, 3e-310])) * 0.5).LogSumExp(1);

    private static Program Saved(Program program)
    {
        using var stream = new MemoryStream();
        program.Save(stream);
        stream.Position = 0;
        return Program.Load(stream);
    }

    private static string Json(Program program)
    {
        using var stream = new MemoryStream();
        program.Save(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static Program Load(string json) => Program.Load(new MemoryStream(Encoding.UTF8.GetBytes(json)));

    private static void Back(Program program, params Tensor[] inputs)
    {
        var back = Saved(program);
        Assert.Equal(Json(program), Json(back));
        var (want, got) = (program.Run(inputs), back.Run(inputs));
        Assert.Equal(want.Length, got.Length);
        for (var k = 0; k < want.Length; k++) EveryWay.Same(want[k], got[k]);
    }

    [Fact]
    public void A_saved_program_comes_back_with_the_same_bits()
    {
        var x = Tensor.Linspace(0, 2, 6).Reshape(2, 3);
        Back(Diff.ProgramOf<Tensor, Tensor>(Network, x), x);
        Back(Diff.ProgramOf<Tensor, Tensor>(z => Diff.Gradient(y => Network(y).Sum(), z), x), x);
        Back(Diff.ProgramOf<Tensor, Tensor>(z => z.Cast(DType.Float32) * 0.1f, x), x);
        Back(Diff.ProgramOf<Tensor, Tensor>(z => Tensor.Greater(z, 0.5), x), x);
        for (var seed = 1; seed <= 40; seed++)
            Back(Diff.ProgramOf(RandomPrograms.Of(seed), RandomPrograms.Inputs(seed)), RandomPrograms.Inputs(seed));
    }

    [Fact]
    public void Loops_and_choices_are_saved_with_their_programs()
    {
        var x = Tensor.Linspace(0.1, 2, 3);
        Back(Diff.ProgramOf<Tensor, Tensor>(z => Diff.Cond(Tensor.Greater(z.Sum(), 1.0), y => y * 2, y => Tensor.Sin(y), z), x), x);
        Back(Diff.ProgramOf<Tensor, Tensor>(z => Diff.While(y => Tensor.Less(y.Sum(), 100.0), y => y * 1.5, z), x), x);
        Back(Diff.ProgramOf<Tensor, Tensor>(z => Diff.ForI(0, 5, (k, y) => Tensor.Sin(y) + z, z), x), x);
    }

    /// <summary>Programs with programs inside, and one input for each.</summary>
    private static Dictionary<string, (Program Program, Tensor Input)> Nested()
    {
        static Tensor Decide(Tensor z) => Diff.Cond(Tensor.Greater(z.Sum(), 1.0), y => y * 2, y => Tensor.Sin(y), z);
        static Tensor Grow(Tensor z) => Diff.While(y => Tensor.Less(y.Sum(), 100.0), y => y * 1.5 + Decide(z), z);
        static Tensor Bounded(Tensor z) => Diff.ForI(0, 12, (k, y) => Tensor.Sin(y) + z, z, checkpoints: 3);
        static Tensor Recurrence(Tensor z)
        {
            var (last, all) = Diff.Scan((Tensor h, Tensor row) => (Tensor.Tanh(h * z + row), h.Sum()), z, Tensor.Linspace(0, 1, 15).Reshape(5, 3), reverse: true);
            return last.Sum() + all.Sum();
        }

        var call = Diff.Compile((Tensor z) => Tensor.Exp(-z * z) + Tensor.Sin(z));
        var x = Tensor.Linspace(0.1, 2, 3);
        var rows = Tensor.Linspace(0.1, 2, 6).Reshape(2, 3);
        Program Slope(Func<Tensor, Tensor> f) => Diff.ProgramOf<Tensor, Tensor>(z => Diff.Gradient(y => f(y).Sum(), z), x);
        return new()
        {
            ["choice"] = (Diff.ProgramOf<Tensor, Tensor>(Decide, x), x),
            ["slope of a choice"] = (Slope(Decide), x),
            ["loop of unknown length, with a choice inside"] = (Diff.ProgramOf<Tensor, Tensor>(Grow, x), x),
            ["slope of a loop of unknown length"] = (Slope(Grow), x),
            ["curvature of a loop of unknown length"] = (Diff.ProgramOf<Tensor, Tensor>(z => Diff.Hvp(y => Grow(y).Sum(), z, z), x), x),
            ["slopes of loops of unknown length for examples"] =
                (Diff.ProgramOf<Tensor, Tensor>(Diff.Vmap<Tensor, Tensor>(z => Diff.Gradient(y => Grow(y).Sum(), z)), rows), rows),
            ["loop with checkpoints"] = (Diff.ProgramOf<Tensor, Tensor>(Bounded, x), x),
            ["slope of a loop with checkpoints"] = (Slope(Bounded), x),
            ["scan"] = (Diff.ProgramOf<Tensor, Tensor>(Recurrence, x), x),
            ["slope of a scan"] = (Slope(Recurrence), x),
            ["curvature of a scan"] = (Diff.ProgramOf<Tensor, Tensor>(z => Diff.Hvp(Recurrence, z, z), x), x),
            ["call of a compiled function"] = (Slope(z => call(z) * 2), x),
            ["slope of a recomputed function"] = (Slope(z => Diff.Checkpoint((Tensor y) => Tensor.Tanh(y) * y)(z)), x),
            ["scan over keys"] = (
                Diff.ProgramOf<Tensor, Tensor>(
                    z => Diff.ForI(0, 3, (k, y) => y + Tensor.RandomNormal(RandomKey.FromSeed(1).Fold(k), new[] { 3 }), z), x),
                x),
        };
    }

    public static TheoryData<string> NestedNames => [.. Nested().Keys];

    [Theory]
    [MemberData(nameof(NestedNames))]
    public void Programs_with_programs_inside_come_back_with_the_same_bits_and_derivatives(string name)
    {
        var (program, x) = Nested()[name];
        Back(program, x);
        var back = Saved(program);
        var (want, got) = (Diff.Jvp(z => program.Run(z)[0], x, x).Tangent, Diff.Jvp(z => back.Run(z)[0], x, x).Tangent);
        EveryWay.Same(want, got);
    }

    [Fact]
    public void A_program_on_a_path_replaces_what_is_there_and_leaves_nothing_beside_it()
    {
        var folder = Directory.CreateTempSubdirectory("difflib-programs");
        try
        {
            var path = Path.Combine(folder.FullName, "f.program");
            File.WriteAllText(path, "something else");
            Diff.ProgramOf<Tensor, Tensor>(x => x * 2, 1.0).Save(path);
            Assert.Equal(6, Program.Load(path).Run(3.0)[0].ToDouble());
            Assert.Equal([path], Directory.GetFiles(folder.FullName));
            Assert.Throws<FileNotFoundException>(() => Program.Load(path + "2"));
        }
        finally
        {
            folder.Delete(true);
        }
    }

    [Fact]
    public void Files_that_are_foreign_cut_off_changed_or_newer_are_refused_with_the_reason()
    {
        var json = Json(Diff.ProgramOf<Tensor, Tensor>(Network, Tensor.Linspace(0, 2, 6).Reshape(2, 3)));
        foreach (var (text, parts) in new (string, string[])[]
        {
            ("", ["not a whole saved program"]),
            ("PK\u0003\u0004", ["not a whole saved program"]),
            (json[..(json.Length / 2)], ["cut off", "byte", "Program.Save"]),
            ("[1, 2]", ["JSON", "format"]),
            ("{\"format\":\"other\",\"version\":1}", ["JSON", "format"]),
            (json.Replace("\"version\":1,\"inputs\"", "\"version\":2,\"inputs\"", StringComparison.Ordinal), ["version 2", "Update"]),
            (json.Replace("\"matmul\"", "\"matmul9\"", StringComparison.Ordinal), ["matmul9", "Update"]),
            (json.Replace("\"outputs\":[", "\"outputs\":[999,", StringComparison.Ordinal), ["999", "outputs"]),
            (json.Replace("\"shape\":[3,4]", "\"shape\":[3,5]", StringComparison.Ordinal), ["bytes", "constant"]),
            (json.Replace("\"shape\":[2,3]", "\"shape\":[2,7]", StringComparison.Ordinal), ["equation 0", "[2, 7]", "damaged"]),
            (json.Replace("float64", "float65", StringComparison.Ordinal), ["float65", "input 0"]),
            ("{\"format\":\"difflib-program\",\"version\":1}", ["lacks", "inputs"]),
        })
        {
            Assert.NotEqual(json, text);
            var error = Assert.Throws<InvalidDataException>(() => Load(text) is { } loaded ? throw new InvalidOperationException($"no error from {text}: {loaded}") : 0);
            foreach (var part in parts) Assert.Contains(part, error.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Any_cut_and_any_changed_byte_is_a_clean_error_or_a_program()
    {
        var data = Encoding.UTF8.GetBytes(Json(Diff.ProgramOf<Tensor, Tensor>(Network, Tensor.Linspace(0, 2, 6).Reshape(2, 3))));
        for (var length = 0; length < data.Length; length += 7)
            Assert.Throws<InvalidDataException>(() => Program.Load(new MemoryStream(data[..length])));
        var random = new Random(1);
        for (var k = 0; k < 2000; k++)
        {
            var changed = (byte[])data.Clone();
            changed[random.Next(data.Length)] = (byte)random.Next(32, 127);
            try
            {
                Program.Load(new MemoryStream(changed));
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Theory]
    [InlineData("slice", "starts", "[1]", "[5]")]
    [InlineData("slice", "starts", "[1]", "[-1]")]
    [InlineData("slice", "steps", "[2]", "[3]")]
    [InlineData("slice", "starts", "[1]", "[1,0]")]
    [InlineData("embed", "starts", "[1]", "[4]")]
    [InlineData("embed", "steps", "[2]", "[0]")]
    [InlineData("transpose", "order", "[1,0]", "[1,1]")]
    [InlineData("transpose", "order", "[1,0]", "[1,2]")]
    [InlineData("reshape", "shape", "[6]", "[7]")]
    [InlineData("broadcast", "shape", "[2,6]", "[2,5]")]
    public void A_file_whose_views_reach_outside_of_what_they_refer_to_is_refused(string rule, string attribute, string value, string changed)
    {
        Func<Tensor, Tensor> f = rule switch
        {
            "slice" => x => x[TensorIndex.Step(1, 6, 2)],
            "embed" => x => Diff.Gradient(x => Tensor.Exp(x[TensorIndex.Step(1, 6, 2)]).Sum(), x),
            "transpose" => x => x.Reshape(2, 3).Transpose() * 2,
            "reshape" => x => Tensor.Exp(x.Reshape(2, 3)).Reshape(6),
            _ => x => x.BroadcastTo(2, 6),
        };
        var json = Json(Diff.ProgramOf(f, Tensor.Linspace(0, 1, 6)));
        var at = json.IndexOf($"\"kind\":\"{rule}\"", StringComparison.Ordinal);
        var from = at < 0 ? -1 : json.IndexOf($"\"name\":\"{attribute}\"", at, StringComparison.Ordinal);
        Assert.True(from >= 0 && json.IndexOf(value, from, StringComparison.Ordinal) >= 0, json);
        var place = json.IndexOf(value, from, StringComparison.Ordinal);
        json = json[..place] + changed + json[(place + value.Length)..];
        var error = Assert.Throws<InvalidDataException>(() => Program.Load(new MemoryStream(Encoding.UTF8.GetBytes(json))));
        foreach (var part in new[] { "equation", "damaged" }) Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(NestedNames))]
    public void What_a_changed_file_with_programs_inside_gives_is_an_error_or_a_program_that_runs_or_fails_cleanly(string name)
    {
        var (program, x) = Nested()[name];
        var data = Encoding.UTF8.GetBytes(Json(program));
        for (var length = 1; length < data.Length; length += Math.Max(1, data.Length / 100))
            Assert.Throws<InvalidDataException>(() => Program.Load(new MemoryStream(data[..length])));
        var random = new Random(name.Length);
        var (loaded, ran) = (0, 0);
        for (var k = 0; k < (Environment.GetEnvironmentVariable("DIFFLIB_SOAK") == "1" ? 5000 : 300); k++)
        {
            var changed = (byte[])data.Clone();
            // digits for digits reach furthest in; anything for anything else
            var at = random.Next(data.Length);
            changed[at] = char.IsAsciiDigit((char)changed[at]) ? (byte)random.Next('0', '9' + 1) : (byte)random.Next(256);
            Program back;
            try
            {
                back = Program.Load(new MemoryStream(changed));
                loaded++;
            }
            catch (InvalidDataException)
            {
                continue;
            }

            // a loop whose condition was changed may never end: such programs are not run
            if (back.ToString().Contains("while:", StringComparison.Ordinal) || back.ToString().Contains("procedure", StringComparison.Ordinal)) continue;
            try
            {
                back.Run(x);
                ran++;
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException)
            {
            }
        }

        Assert.InRange(ran, 0, loaded);
    }

    [Fact]
    public void A_program_with_a_rule_made_from_a_function_is_not_saved_and_says_so()
    {
        var rule = new CustomRule("mine", xs => xs[0] * 2, pull: (xs, y, w) => [w]);
        var error = Assert.Throws<InvalidOperationException>(() => Diff.ProgramOf<Tensor, Tensor>(x => rule.Apply(x) + 1, 1.0).Save(new MemoryStream()));
        foreach (var part in new[] { "cannot be saved", "mine", "function" }) Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_checks_number_shapes_and_element_types_and_names_both()
    {
        var program = Diff.ProgramOf<Tensor, Tensor>(x => x * 2, Tensor.Linspace(0, 1, 3));
        var error = Assert.Throws<ArgumentException>(() => program.Run());
        foreach (var part in new[] { "1 tensors", "0 are given" }) Assert.Contains(part, error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => program.Run(Tensor.Linspace(0, 1, 4)));
        foreach (var part in new[] { "input 0", "[4]", "[3]" }) Assert.Contains(part, error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => program.Run(Tensor.Linspace(0, 1, 3, true, DType.Float32)));
        foreach (var part in new[] { "Float32", "Float64" }) Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => program.Run((Tensor)null!));
    }

    [Fact]
    public void A_loaded_program_can_be_differentiated_and_batched()
    {
        var program = Saved(Diff.ProgramOf<Tensor, Tensor>(x => Tensor.Sin(x) * x, Tensor.Linspace(0, 1, 3)));
        var x = Tensor.Linspace(0, 1, 3);
        EveryWay.Same(Diff.Gradient((Tensor x) => (Tensor.Sin(x) * x).Sum(), x), Diff.Gradient((Tensor x) => program.Run(x)[0].Sum(), x));
        var rows = Tensor.Linspace(0, 1, 6).Reshape(2, 3);
        EveryWay.Same(Tensor.Sin(rows) * rows, Diff.Vmap((Tensor x) => program.Run(x)[0])(rows));
    }

    [Fact]
    public void The_picture_has_a_box_for_every_input_operation_and_result_without_overlap()
    {
        var program = Diff.ProgramOf<Tensor, Tensor>(z => Diff.Gradient(y => Network(y).Sum(), z), Tensor.Linspace(0, 2, 6).Reshape(2, 3));
        var svg = XDocument.Parse(program.ToSvg());
        var boxes = svg.Descendants().Where(e => e.Name.LocalName == "rect").ToList();
        int Of(string kind) => boxes.Count(b => b.Attribute("class")!.Value == kind);
        Assert.Equal(program.InputCount, Of("input"));
        Assert.Equal(program.OperationCount, Of("operation"));
        Assert.Equal(program.OutputCount, Of("result"));
        double At(XElement b, string name) => double.Parse(b.Attribute(name)!.Value, System.Globalization.CultureInfo.InvariantCulture);
        foreach (var row in boxes.GroupBy(b => At(b, "y")))
        {
            var sorted = row.OrderBy(b => At(b, "x")).ToList();
            for (var k = 1; k < sorted.Count; k++) Assert.True(At(sorted[k - 1], "x") + At(sorted[k - 1], "width") < At(sorted[k], "x"));
        }

        Assert.Contains(svg.Descendants(), e => e.Name.LocalName == "text" && e.Value.Contains("matmul", StringComparison.Ordinal));
    }
}
