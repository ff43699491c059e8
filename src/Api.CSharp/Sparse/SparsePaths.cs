using System;
using System.Buffers;
using System.Threading;
using DiffLib.Kernels;

namespace DiffLib;

/// <summary>One path through a generic method: what is differentiated there, its pattern and colours, and the kernel of the elements.</summary>
internal sealed class SparsePath
{
    private readonly Lazy<ScalarKernel> _kernel;
    private readonly bool _isHessian;

    public SparsePath(ScalarProgram function, bool isHessian, double[] at, SparsityPattern pattern, Coloring coloring, Execution execution)
    {
        Function = function;
        _isHessian = isHessian;
        Pattern = pattern;
        Coloring = coloring;
        _kernel = new(() => ScalarKernel.Create(ScalarSparsity.Compressed(function, isHessian, pattern, coloring, at), execution));
    }

    /// <summary>What the method did.</summary>
    public ScalarProgram Function { get; }

    public SparsityPattern Pattern { get; }

    public Coloring Coloring { get; }

    /// <summary>The rows: results of the method, or of its gradient.</summary>
    public int Outputs => Pattern.Rows;

    /// <summary>How many numbers an evaluation gives: results, elements, and whether the input takes this path.</summary>
    public int Numbers => Outputs + Pattern.Count + 1;

    /// <summary>Results and elements; false if the input takes another path.</summary>
    public bool Try(ReadOnlySpan<double> x, Span<double> numbers)
    {
        _kernel.Value.Invoke(x, numbers);
        if (numbers[^1] == 0) return false;
        // A zero may have to absorb what came out as NaN.
        if (HasNaN(numbers[Outputs..^1])) Plain(x, numbers);
        return true;
    }

    /// <summary>Results and elements in plain numbers.</summary>
    public void Plain(ReadOnlySpan<double> x, Span<double> numbers) => ScalarSparsity.Compute(Function, _isHessian, Pattern, Coloring, x, numbers[..^1]);

    private static bool HasNaN(ReadOnlySpan<double> numbers)
    {
        foreach (double number in numbers)
            if (double.IsNaN(number)) return true;
        return false;
    }
}

/// <summary>The paths of a generic method that were met, and the pattern that all of them have together.</summary>
internal sealed class SparsePaths : ISparseSource
{
    /// <summary>So many paths are kept; inputs on further ones are recorded each time.</summary>
    private const int Capacity = 64;

    private readonly Func<Traced[], Traced[]> _f;
    private readonly SparseOptions _options;
    private readonly bool _isHessian;
    private readonly Lock _gate = new();
    private SparsePath[] _paths = [];
    private SparsePath _last;
    private View _view;

    public SparsePaths(Func<Traced[], Traced[]> f, ReadOnlySpan<double> at, SparseOptions options, bool isHessian)
    {
        Sparse.Check(options);
        _f = f;
        _options = options;
        _isHessian = isHessian;
        Inputs = at.Length;
        Outputs = -1;
        _last = Record(at);
        Outputs = _last.Outputs;
        _paths = [_last];
        _view = new(_last.Pattern, []);
        if (options is { CheckPattern: true, Pattern: not null }
            && ScalarSparsity.Missing(_last.Function, isHessian, Detected(_last.Function, at), _last.Pattern, at) is var (row, column))
            throw Sparse.Lacks(row, column);
    }

    public int Inputs { get; }

    public int Outputs { get; }

    public SparsityPattern Pattern => Volatile.Read(ref _view).Pattern;

    public Coloring Coloring => Volatile.Read(ref _last).Coloring;

    public ReadOnlySpan<double> Elements(Tensor at)
    {
        if (at.DType != DType.Float64 || at.Rank != 1 || at.Count != Inputs)
            throw new ArgumentException($"the method takes {Inputs} numbers, so the point must be a float64 vector of that length; it is {at.DType} of shape {at.Shape}.", nameof(at));
        return at.ToArray<double>();
    }

    public CsrMatrix Matrix(ReadOnlySpan<double> at, Span<double> results)
    {
        SparsePath path = Evaluate(at, out double[] numbers);
        View view = Widened(path);
        var values = new double[view.Pattern.Count];
        Scatter(path, view, numbers, results, values);
        return new(view.Pattern, values, DType.Float64);
    }

    public void Values(ReadOnlySpan<double> at, Span<double> results, Span<double> values)
    {
        View before = Volatile.Read(ref _view);
        SparsePath path = Evaluate(at, out double[] numbers);
        View view = Widened(path);
        if (view.Pattern.Count != values.Length || view.Pattern != before.Pattern)
        {
            ArrayPool<double>.Shared.Return(numbers);
            throw new InvalidOperationException(
                $"the input takes a path with places that the pattern of {before.Pattern.Count} did not have. Pattern has them now, {view.Pattern.Count} in all: ask it again, and give room for as many numbers.");
        }
        Scatter(path, view, numbers, results, values);
    }

    private void Scatter(SparsePath path, View view, double[] numbers, Span<double> results, Span<double> values)
    {
        if (!results.IsEmpty) numbers.AsSpan(0, Outputs).CopyTo(results);
        ReadOnlySpan<double> elements = numbers.AsSpan(Outputs, path.Pattern.Count);
        if (path.Pattern == view.Pattern) elements.CopyTo(values);
        else
        {
            values.Clear();
            int[] places = view.PlacesOf(path);
            for (int p = 0; p < places.Length; p++) values[places[p]] = elements[p];
        }
        ArrayPool<double>.Shared.Return(numbers);
    }

    /// <summary>The path of an input, and its numbers in rented memory.</summary>
    private SparsePath Evaluate(ReadOnlySpan<double> x, out double[] numbers)
    {
        SparsePath last = Volatile.Read(ref _last);
        if (Try(last, x, out numbers)) return last;
        foreach (SparsePath path in Volatile.Read(ref _paths))
        {
            if (path == last || !Try(path, x, out numbers)) continue;
            Volatile.Write(ref _last, path);
            return path;
        }
        SparsePath found = Kept(Record(x));
        if (!Try(found, x, out numbers))
        {
            // Its derivatives demand more than the path does itself.
            numbers = ArrayPool<double>.Shared.Rent(found.Numbers);
            found.Plain(x, numbers.AsSpan(0, found.Numbers));
        }
        Volatile.Write(ref _last, found);
        return found;
    }

    private static bool Try(SparsePath path, ReadOnlySpan<double> x, out double[] numbers)
    {
        numbers = ArrayPool<double>.Shared.Rent(path.Numbers);
        if (path.Try(x, numbers.AsSpan(0, path.Numbers))) return true;
        ArrayPool<double>.Shared.Return(numbers);
        return false;
    }

    private SparsePath Record(ReadOnlySpan<double> x)
    {
        var recorder = new TraceRecorder(x.Length, merges: true);
        ScalarProgram recorded;
        try
        {
            Traced[] y = _f(recorder.Variables(x)) ?? throw new InvalidOperationException("The vector function returned null. Return an array of results, empty if there are none.");
            if (Outputs >= 0 && !_isHessian && y.Length != Outputs)
                throw new InvalidOperationException($"The vector function returned {Outputs} results before and {y.Length} now: it must always return equally many.");
            recorded = recorder.Build(y);
        }
        finally
        {
            recorder.Finish();
        }
        int outputs = _isHessian ? x.Length : recorded.Outputs.Length - 1;
        SparsityPattern pattern = _options.Pattern is { } given ? Fitting(given, outputs) : Detected(recorded, x);
        return new(recorded, _isHessian, x.ToArray(), pattern, Colored(pattern), ExecutionOf(_options.Executor));
    }

    private SparsityPattern Detected(ScalarProgram recorded, ReadOnlySpan<double> x) =>
        _isHessian ? Sparsity.symmetric(ScalarSparsity.PatternOf(ScalarSparsity.GradientOf(recorded, x))) : ScalarSparsity.PatternOf(recorded);

    private SparsityPattern Fitting(SparsityPattern given, int outputs)
    {
        if (given.Rows == outputs && given.Columns == Inputs) return _isHessian ? Sparsity.symmetric(given) : given;
        throw new ArgumentException(
            $"the pattern is {given.Rows} by {given.Columns}, but the function takes {Inputs} numbers to {outputs}: it must be {outputs} by {Inputs}.", "options");
    }

    private Coloring Colored(SparsityPattern pattern)
    {
        if (_isHessian) return Coloring.OfSymmetric(pattern, _options.Order);
        return _options.Mode switch
        {
            JacobianMode.Forward => Coloring.OfColumns(pattern, _options.Order),
            JacobianMode.Reverse => Coloring.OfRows(pattern, _options.Order),
            _ => Compression.choose(pattern, _options.Order),
        };
    }

    private static Execution ExecutionOf(ProgramExecutor executor) => executor switch
    {
        ProgramExecutor.Interpreted => Execution.Interpreted,
        ProgramExecutor.Generated => Execution.Generated,
        _ => Execution.Automatic,
    };

    private SparsePath Kept(SparsePath path)
    {
        lock (_gate)
        {
            foreach (SparsePath known in _paths)
                if (known.Function.Equals(path.Function)) return known;
            if (_paths.Length < Capacity) Volatile.Write(ref _paths, [.. _paths, path]);
            return path;
        }
    }

    /// <summary>The pattern with the places of a path.</summary>
    private View Widened(SparsePath path)
    {
        View view = Volatile.Read(ref _view);
        if (path.Pattern == view.Pattern || view.Knows(path)) return view;
        lock (_gate)
        {
            view = _view;
            SparsityPattern union = view.Pattern.Union(path.Pattern);
            View wider = new(union, union == view.Pattern ? [.. view.Paths, (path, PlacesIn(union, path.Pattern))] : [(path, PlacesIn(union, path.Pattern))]);
            Volatile.Write(ref _view, wider);
            return wider;
        }
    }

    private static int[] PlacesIn(SparsityPattern union, SparsityPattern part)
    {
        var places = new int[part.Count];
        for (int i = 0; i < part.Rows; i++)
            for (int p = part.RowOffsets[i]; p < part.RowOffsets[i + 1]; p++) places[p] = union.Find(i, part.ColumnIndices[p]);
        return places;
    }

    /// <summary>A pattern, and where the elements of narrower paths stand in it.</summary>
    private sealed record View(SparsityPattern Pattern, (SparsePath Path, int[] Places)[] Paths)
    {
        public bool Knows(SparsePath path) => Array.Exists(Paths, known => known.Path == path);

        public int[] PlacesOf(SparsePath path)
        {
            foreach (var (known, places) in Paths)
                if (known == path) return places;
            return PlacesIn(Pattern, path.Pattern);
        }
    }
}
