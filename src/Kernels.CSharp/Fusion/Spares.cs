using System.Threading;

namespace DiffLib.Kernels;

/// <summary>A few spare objects for reuse from several threads; what does not fit is left to the garbage collector.</summary>
internal sealed class Spares<T> where T : class
{
    private readonly T?[] _spares = new T?[8];

    /// <summary>A spare object, if there is one.</summary>
    public T? Take()
    {
        for (var k = 0; k < _spares.Length; k++)
            if (_spares[k] is not null && Interlocked.Exchange(ref _spares[k], null) is { } spare) return spare;
        return null;
    }

    public void Give(T spare)
    {
        for (var k = 0; k < _spares.Length; k++)
            if (_spares[k] is null && Interlocked.CompareExchange(ref _spares[k], spare, null) is null) return;
    }
}
