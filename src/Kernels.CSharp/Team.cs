using System;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace DiffLib.Kernels;

/// <summary>A caller's thread and background threads that run the pieces of one section of work at a time. Every thread begins with pieces of its own, in order, and then takes
/// the last ones of others: a thread that comes late, or whose processor is taken away, holds up the others for one piece at most.</summary>
/// <param name="longestSleep">A background thread that has had no work for so long ends.</param>
/// <param name="start">Starts a thread.</param>
internal sealed class Team(TimeSpan longestSleep, Action<Thread> start)
{
    /// <summary>The team of the process.</summary>
    public static Team Shared { get; } = new(TimeSpan.FromSeconds(10), static thread => thread.UnsafeStart());

    /// <summary>How long a thread waits awake for the next section, and a caller for the last piece of another thread.</summary>
    private static readonly long AwakeTicks = Ticks(200e-6);

    // The gate: bits 0 to 15 count the background threads inside, bit 16 says that others may enter, bits 17 to 31 hold the threads of the section, the rest its number.
    private const long InsideBits = 0xFFFF, Open = 1 << 16;
    private const int ThreadsAt = 17, NumberAt = 32, MostThreads = (1 << 15) - 1;

    private Padded _gate;
    private Padded[] _pieces = [];
    private Worker?[] _workers = [];
    private int _owned, _awake, _most = MostThreads;
    private Section? _section;

    // what would have been saved by threads awake since the last time that this stopped, and when it was looked at
    private double _missed;
    private long _lookedAt;

    private Failure? _failure;

    private int _callerSleeps;
    private readonly AutoResetEvent _allOut = new(false);

    [ThreadStatic]
    private static bool t_inside;

    /// <summary>Whether this thread runs a piece now: what it shares out itself runs alone.</summary>
    public static bool IsInside => t_inside;

    /// <summary>The background threads that do not sleep.</summary>
    public int AwakeCount => Volatile.Read(ref _awake);

    /// <summary>The background threads that exist.</summary>
    public int ThreadCount
    {
        get
        {
            var count = 0;
            foreach (var worker in Volatile.Read(ref _workers))
                if (worker is { IsGone: false }) count++;
            return count;
        }
    }

    /// <summary>How many threads repay work of so many nanoseconds, the awake ones among them at a lower price.</summary>
    public int Worthwhile(double nanoseconds)
    {
        var awake = Math.Min(1 + Volatile.Read(ref _awake), (int)Math.Min(nanoseconds / Parallelism.AwakeShare, MostThreads));
        var threads = Math.Max(awake, (int)Math.Min(nanoseconds / Parallelism.AsleepShare, MostThreads));
        return Math.Min(threads >= 2 ? threads : AfterMany(nanoseconds), Volatile.Read(ref _most));
    }

    /// <summary>A second thread is worth waking for sections that do not repay it each, but follow each other so closely that it would stay awake. Concurrent callers may
    /// lose some of the sum, which is a guess anyway.</summary>
    private int AfterMany(double nanoseconds)
    {
        var now = Stopwatch.GetTimestamp();
        var missed = (now - _lookedAt < AwakeTicks ? _missed : 0) + nanoseconds / 2;
        _lookedAt = now;
        var pays = missed >= 2 * Parallelism.AsleepShare;
        _missed = pays ? 0 : missed;
        return pays ? 2 : 1;
    }

    /// <summary>Runs a section. False, and nothing done, where another caller has the team, or the thread runs a piece itself.</summary>
    public bool TryRun<B>(int items, int threads, int pieces, B body) where B : IShared
    {
        threads = Math.Min(threads, Volatile.Read(ref _most));
        if (threads <= 1 || t_inside || Volatile.Read(ref _owned) != 0 || Interlocked.CompareExchange(ref _owned, 1, 0) != 0) return false;
        var section = Section<B>.Instance;
        section.Begin(items, pieces, body);
        try
        {
            Run(section, threads);
        }
        finally
        {
            section.End();
            Volatile.Write(ref _owned, 0);
        }
        return true;
    }

    private void Run(Section section, int threads)
    {
        if (_pieces.Length < threads)
        {
            _pieces = new Padded[threads];
            Array.Resize(ref _workers, threads);
        }
        for (var t = 0; t < threads; t++)
            _pieces[t].Value = Range((long)section.Pieces * t / threads, (long)section.Pieces * (t + 1) / threads);
        _section = section;
        var number = (_gate.Value >> NumberAt) + 1;
        Interlocked.Exchange(ref _gate.Value, number << NumberAt | (long)threads << ThreadsAt | Open);
        t_inside = true;
        WakeBelow(0, threads);
        Work(section, 0, threads);
        t_inside = false;
        var inside = Interlocked.And(ref _gate.Value, ~Open) & InsideBits;
        if (inside != 0) AwaitOthers();
        _section = null;
        if (_failure is not { } failure) return;
        _failure = null;
        failure.Thrown.Throw();
    }

    // ---- Pieces: those from the low half of the number to the high half are left

    private static long Range(long begin, long end) => begin | end << 32;

    private void Work(Section section, int own, int threads)
    {
        for (var piece = First(own); piece >= 0; piece = First(own)) RunPiece(section, piece);
        for (var k = 1; k < threads;)
        {
            var piece = Last((own + k) % threads);
            if (piece < 0) k++;
            else RunPiece(section, piece);
        }
    }

    private int First(int of)
    {
        ref var left = ref _pieces[of].Value;
        for (var seen = Volatile.Read(ref left); ;)
        {
            if ((int)seen >= (int)(seen >> 32)) return -1;
            var before = Interlocked.CompareExchange(ref left, seen + 1, seen);
            if (before == seen) return (int)seen;
            seen = before;
        }
    }

    private int Last(int of)
    {
        ref var left = ref _pieces[of].Value;
        for (var seen = Volatile.Read(ref left); ;)
        {
            if ((int)seen >= (int)(seen >> 32)) return -1;
            var before = Interlocked.CompareExchange(ref left, seen - (1L << 32), seen);
            if (before == seen) return (int)(seen >> 32) - 1;
            seen = before;
        }
    }

    /// <summary>The exception that one thread would have met first is the one that the caller gets; pieces behind it need not run.</summary>
    private void RunPiece(Section section, int piece)
    {
        if (Volatile.Read(ref _failure) is { } known && known.Piece < piece) return;
        try
        {
            section.Run(piece);
        }
        catch (Exception e)
        {
            var failure = new Failure(piece, ExceptionDispatchInfo.Capture(e));
            for (var seen = Volatile.Read(ref _failure); seen is null || seen.Piece > piece;)
            {
                var before = Interlocked.CompareExchange(ref _failure, failure, seen);
                if (before == seen) return;
                seen = before;
            }
        }
    }

    private sealed record Failure(int Piece, ExceptionDispatchInfo Thrown);

    // ---- The caller's end

    /// <summary>Waits until the last background thread is out: awake for a while, then giving its processor away, then asleep.</summary>
    private void AwaitOthers()
    {
        var spins = Environment.ProcessorCount > 1;
        for (long since = Stopwatch.GetTimestamp(), round = 0; ; round++)
        {
            if ((Volatile.Read(ref _gate.Value) & InsideBits) == 0) return;
            if (spins) Thread.SpinWait(1);
            else Thread.Yield();
            if (round % 16 == 15 && Stopwatch.GetTimestamp() - since > AwakeTicks) break;
        }
        SleepUntilAllAreOut();
    }

    /// <summary>Nobody may leave before: the others work on the caller's data. Who interrupts the thread interrupts it afterwards.</summary>
    private void SleepUntilAllAreOut()
    {
        var interrupted = false;
        while ((Volatile.Read(ref _gate.Value) & InsideBits) != 0)
        {
            // first asleep, then a last look: the last one out first leaves, then looks who sleeps
            Interlocked.Exchange(ref _callerSleeps, 1);
            if ((Volatile.Read(ref _gate.Value) & InsideBits) == 0 && Interlocked.Exchange(ref _callerSleeps, 0) == 1) break;
            try
            {
                _allOut.WaitOne();
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }
        if (interrupted) Thread.CurrentThread.Interrupt();
    }

    /// <summary>The last to leave a closed gate wakes the caller if it sleeps. It may be another caller by then, which looks again.</summary>
    private void Leave()
    {
        var gate = Interlocked.Decrement(ref _gate.Value);
        if ((gate & (InsideBits | Open)) == 0 && Volatile.Read(ref _callerSleeps) == 1 && Interlocked.Exchange(ref _callerSleeps, 0) == 1) _allOut.Set();
    }

    // ---- Background threads

    /// <summary>Wakes the two threads that are below one in the heap of the section's threads; they wake theirs.</summary>
    private void WakeBelow(int participant, int threads)
    {
        for (var below = 2 * participant + 1; below <= 2 * participant + 2 && below < threads; below++)
        {
            if (_workers[below] is { } worker && worker.TryWake()) continue;
            if (Worker.TryStart(this, below) is not { } started)
            {
                // what could not be had once is not asked for again
                _most = Math.Min(_most, below);
                return;
            }
            _workers[below] = started;
        }
    }

    private TimeSpan LongestSleep => longestSleep;

    private void Start(Thread thread) => start(thread);

    private static long Ticks(double seconds) => (long)(seconds * Stopwatch.Frequency);

    /// <summary>Number in a section, work and what becomes of a background thread without work.</summary>
    private sealed class Worker
    {
        private const int Awake = 0, Asleep = 1, Gone = 2;

        private readonly Team _team;
        private readonly int _own;
        private readonly AutoResetEvent _wake = new(false);
        private int _state;
        private long _seen;

        private Worker(Team team, int own)
        {
            (_team, _own) = (team, own);
            _seen = (Volatile.Read(ref team._gate.Value) >> NumberAt) - 1;
        }

        public bool IsGone => Volatile.Read(ref _state) == Gone;

        /// <summary>A new thread for a place; null where there cannot be one.</summary>
        public static Worker? TryStart(Team team, int own)
        {
            try
            {
                var worker = new Worker(team, own);
                team.Start(new(worker.Live) { IsBackground = true, Name = $"DiffLib {own}" });
                Interlocked.Increment(ref team._awake);
                return worker;
            }
            catch (Exception e) when (e is OutOfMemoryException or ThreadStartException or PlatformNotSupportedException)
            {
                return null;
            }
        }

        /// <summary>False if the thread is no more.</summary>
        public bool TryWake()
        {
            if (Volatile.Read(ref _state) == Awake) return true;
            if (Interlocked.CompareExchange(ref _state, Awake, Asleep) == Gone) return false;
            _wake.Set();
            return true;
        }

        private void Live()
        {
            t_inside = true;
            do WaitAwake();
            while (Sleep());
            _wake.Dispose();
        }

        /// <summary>Looks for sections until there has been none for a while. Threads that outnumber the processors do not wait awake: somebody needs theirs.</summary>
        private void WaitAwake()
        {
            var longest = _own < Environment.ProcessorCount ? AwakeTicks : 0;
            var since = Stopwatch.GetTimestamp();
            for (var round = 1; ; round++)
            {
                if (TryWork())
                {
                    (round, since) = (0, Stopwatch.GetTimestamp());
                    continue;
                }
                if (round % 16 == 0 && Stopwatch.GetTimestamp() - since > longest) return;
                Thread.SpinWait(1);
            }
        }

        private bool TryWork()
        {
            ref var gate = ref _team._gate.Value;
            while (true)
            {
                var seen = Volatile.Read(ref gate);
                if (!IsMine(seen)) return false;
                if (Interlocked.CompareExchange(ref gate, seen + 1, seen) != seen) continue;
                _seen = seen >> NumberAt;
                var threads = ThreadsOf(seen);
                _team.WakeBelow(_own, threads);
                _team.Work(_team._section!, _own, threads);
                _team.Leave();
                return true;
            }
        }

        private bool IsMine(long gate) => (gate & Open) != 0 && gate >> NumberAt != _seen && _own < ThreadsOf(gate);

        private static int ThreadsOf(long gate) => (int)(gate >> ThreadsAt) & MostThreads;

        /// <summary>Sleeps until a section wants this thread; false if none did for long, which ends it.</summary>
        private bool Sleep()
        {
            Interlocked.Decrement(ref _team._awake);
            // first asleep, then a last look: a caller first opens the gate, then looks who sleeps
            Interlocked.Exchange(ref _state, Asleep);
            var stays = IsMine(Volatile.Read(ref _team._gate.Value)) && Interlocked.CompareExchange(ref _state, Awake, Asleep) == Asleep;
            if (!stays && !_wake.WaitOne(_team.LongestSleep))
            {
                if (Interlocked.CompareExchange(ref _state, Gone, Asleep) == Asleep) return false;
                // somebody has just decided to wake it
                _wake.WaitOne();
            }
            Interlocked.Increment(ref _team._awake);
            return true;
        }
    }

    /// <summary>A number with a cache line of its own, and the one that is fetched with it.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Padded
    {
        [FieldOffset(128)]
        public long Value;
    }

    /// <summary>The work that is being shared out, and into how many pieces.</summary>
    private abstract class Section
    {
        public int Pieces { get; protected set; }

        public abstract void Run(int piece);
    }

    private sealed class Section<B> : Section where B : IShared
    {
        /// <summary>There is one owner of the team, and one of these.</summary>
        public static readonly Section<B> Instance = new();

        private B _body = default!;
        private int _items;

        public void Begin(int items, int pieces, B body) => (_items, Pieces, _body) = (items, pieces, body);

        public void End() => _body = default!;

        public override void Run(int piece) => _body.Run((int)((long)_items * piece / Pieces), (int)((long)_items * (piece + 1) / Pieces));
    }
}
