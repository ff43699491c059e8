using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;

namespace DiffLib.Benchmarks.Objectives;

/// <summary>Numbers of a text file, separated by white space, one after the other; <c>FILE.gz</c> stands in for a missing <c>FILE</c>.</summary>
internal sealed class Tokens
{
    private readonly string _path;
    private readonly string[] _words;
    private int _next;

    public Tokens(string path) => (_path, _words) = (path, Text(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public int Int() => int.Parse(Word(), CultureInfo.InvariantCulture);

    public double Double() => double.Parse(Word(), CultureInfo.InvariantCulture);

    public double[] Doubles(int count)
    {
        var numbers = new double[count];
        for (var i = 0; i < count; i++) numbers[i] = Double();
        return numbers;
    }

    private string Word() => _next < _words.Length ? _words[_next++] : throw new InvalidDataException($"{_path} ends too early.");

    public static bool Exists(string path) => File.Exists(path) || File.Exists(path + ".gz");

    /// <summary>All numbers of a file.</summary>
    public static double[] All(string path)
    {
        var tokens = new Tokens(path);
        return tokens.Doubles(tokens._words.Length);
    }

    public static IEnumerable<string> Lines(string path)
    {
        using var reader = new StringReader(Text(path));
        while (reader.ReadLine() is { } line)
            if (line.Length > 0) yield return line;
    }

    private static string Text(string path)
    {
        if (File.Exists(path)) return File.ReadAllText(path);
        using var file = File.OpenRead(path + ".gz");
        using var stream = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
