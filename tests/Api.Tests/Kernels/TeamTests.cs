using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using DiffLib.Api.Tests.Checking;
using DiffLib.Kernels;
using Xunit;

namespace DiffLib.Api.Tests.Kernels;

public sealed class TeamTests
{
    private static Team NewTeam(double sleepSeconds = 3600) => new(TimeSpan.FromSeconds(sleepSeconds), static thread => thread.UnsafeStart());

    /// <summary>A delegate as work.</summary>
    private readonly struct Body(Action<int, int> action) : IShared
    {
        public void Run(int begin, int end) => action(begin, end);
    }

    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(7, 2, 5)]
    [InlineData(1000, 2, 16)]
    [InlineData(1000, 3, 3)]
    [InlineData(1000, 9, 72)]
    public void Every_item_runs_once(int items, int threads, int pieces)
    {
        var team = NewTeam();
        var count = new int[items];
        for (var round = 1; round <= 300; round++)
        {
            Assert.True(team.TryRun(items, threads, Math.Min(items, pieces), new Body((begin, end) =>
            {
                for (var i = begin; i < end; i++) Interlocked.Increment(ref count[i]);
            })));
            Assert.All(count, c => Assert.Equal(round, c));
        }
    }

    [Fact]
    public void Background_threads_take_part()
    {
        var team = NewTeam();
        var seen = new HashSet<int>();
        // each waits until all have begun
        using var all = new Barrier(3);
        Assert.True(team.TryRun(3, 3, 3, new Body((_, _) =>
        {
            all.SignalAndWait();
            lock (seen) seen.Add(Environment.CurrentManagedThreadId);
        })));
        Assert.Equal(3, seen.Count);
        Assert.Equal(2, team.ThreadCount);
    }

    [Fact]
    public void What_is_shared_out_within_a_piece_runs_on_the_same_thread()
    {
        var team = NewTeam();
        using var all = new Barrier(2);
        var inner = 0;
        Assert.True(team.TryRun(2, 2, 2, new Body((_, _) =>
        {
            all.SignalAndWait();
            Assert.False(team.TryRun(8, 2, 8, new Body((_, _) => throw new InvalidOperationException("must not run"))));
            Assert.Equal(1, Parallelism.Threads(1e9));
            var thread = Environment.CurrentManagedThreadId;
            Parallelism.Share(8, 1e9, new Body((begin, end) =>
            {
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                Interlocked.Add(ref inner, end - begin);
            }));
        })));
        Assert.Equal(16, inner);
        Assert.False(Team.IsInside);
    }

    [Fact]
    public void The_first_exception_in_the_order_of_the_items_reaches_the_caller_and_the_team_goes_on()
    {
        var team = NewTeam();
        for (var round = 0; round < 200; round++)
        {
            var e = Assert.Throws<FormatException>(() => team.TryRun(100, 3, 50, new Body((begin, _) =>
            {
                if (begin >= 40) throw new FormatException($"{begin}");
            })));
            Assert.Equal("40", e.Message);
            var sum = 0;
            Assert.True(team.TryRun(100, 3, 50, new Body((begin, end) => Interlocked.Add(ref sum, end - begin))));
            Assert.Equal(100, sum);
        }
    }

    [Fact]
    public void One_caller_has_the_team_and_others_are_told()
    {
        var team = NewTeam();
        using var begun = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var owner = new Thread(() => team.TryRun(2, 2, 2, new Body((_, _) =>
        {
            begun.Set();
            release.Wait();
        })));
        owner.Start();
        begun.Wait();
        Assert.False(team.TryRun(4, 2, 4, new Body((_, _) => throw new InvalidOperationException("must not run"))));
        release.Set();
        owner.Join();
        var sum = 0;
        Assert.True(team.TryRun(4, 2, 4, new Body((begin, end) => Interlocked.Add(ref sum, end - begin))));
        Assert.Equal(4, sum);
    }

    [Fact]
    public void Idle_threads_fall_asleep_and_wake_again()
    {
        var team = NewTeam();
        for (var round = 0; round < 3; round++)
        {
            using var all = new Barrier(3);
            team.TryRun(3, 3, 3, new Body((_, _) => all.SignalAndWait()));
            Eventually(() => team.AwakeCount == 0);
            Assert.Equal(2, team.ThreadCount);
        }
    }

    [Fact]
    public void Sleeping_threads_use_no_processor_time()
    {
        if (!OperatingSystem.IsLinux()) return;
        var team = NewTeam();
        var ids = new List<string>();
        using var all = new Barrier(3);
        team.TryRun(3, 3, 3, new Body((_, _) =>
        {
            all.SignalAndWait();
            // .../self/task/ID
            lock (ids) ids.Add(System.IO.File.ResolveLinkTarget("/proc/thread-self", false)!.ToString());
        }));
        Eventually(() => team.AwakeCount == 0);
        var background = ids.Select(id => "/proc/" + id.TrimStart('/') + "/schedstat").Select(file => file.Replace("/proc/proc", "/proc")).ToList();
        var own = System.IO.File.ResolveLinkTarget("/proc/thread-self", false)!.ToString();
        var others = background.Where(file => !file.Contains(own)).ToList();
        Assert.Equal(2, others.Count);
        // who says that it falls asleep may wait for a processor before it does; who looks around runs in every half second
        var (before, after) = (Runs(), new List<string>());
        for (var round = 0; round < 20 && !before.SequenceEqual(after); round++)
        {
            before = Runs();
            Thread.Sleep(500);
            after = Runs();
        }

        Assert.Equal(before, after);

        List<string> Runs() => [.. others.Select(file => System.IO.File.ReadAllText(file).Split(' ')[0])];
    }

    [Fact]
    public void Threads_without_work_end_and_others_take_their_place()
    {
        var team = NewTeam(0.05);
        for (var round = 0; round < 3; round++)
        {
            using var all = new Barrier(3);
            team.TryRun(3, 3, 3, new Body((_, _) => all.SignalAndWait()));
            Eventually(() => team.ThreadCount == 0);
        }
    }

    [Fact]
    public void Threads_that_end_just_as_they_are_wanted_lose_nothing()
    {
        var team = NewTeam(0.001);
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var sum = 0;
            Assert.True(team.TryRun(64, 3, 12, new Body((begin, end) => Interlocked.Add(ref sum, end - begin))));
            Assert.Equal(64, sum);
            Thread.SpinWait(random.Next(60_000));
        }
    }

    [Fact]
    public void Without_threads_the_caller_does_it_all()
    {
        var team = new Team(TimeSpan.FromSeconds(1), static _ => throw new PlatformNotSupportedException());
        var sum = 0;
        team.TryRun(100, 4, 16, new Body((begin, end) => Interlocked.Add(ref sum, end - begin)));
        Assert.Equal(100, sum);
        Assert.Equal(0, team.ThreadCount);
        Assert.Equal(0, team.AwakeCount);
        // and it is not tried again
        Assert.Equal(1, team.Worthwhile(1e9));
        Assert.False(team.TryRun(100, 4, 16, new Body((_, _) => throw new InvalidOperationException("must not run"))));
    }

    [Fact]
    public void An_interrupted_caller_still_waits_for_the_others()
    {
        var team = NewTeam();
        int done = 0, doneAtReturn = -1;
        var interrupted = false;
        using var begun = new CountdownEvent(2);
        var caller = new Thread(() =>
        {
            var self = Environment.CurrentManagedThreadId;
            team.TryRun(2, 2, 2, new Body((_, _) =>
            {
                begun.Signal();
                while (!begun.IsSet) Thread.SpinWait(10);
                if (Environment.CurrentManagedThreadId == self) return;
                Thread.Sleep(300);
                Volatile.Write(ref done, 1);
            }));
            doneAtReturn = Volatile.Read(ref done);
            try
            {
                Thread.Sleep(120_000);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        });
        caller.Start();
        begun.Wait();
        Thread.Sleep(100);
        caller.Interrupt();
        caller.Join();
        Assert.Equal(1, doneAtReturn);
        Assert.True(interrupted);
    }

    [Fact]
    public void Sleeping_threads_want_more_work_than_threads_awake_or_much_of_it()
    {
        var team = NewTeam();
        Assert.Equal(1, team.Worthwhile(Parallelism.AsleepShare));
        Assert.Equal(2, team.Worthwhile(2 * Parallelism.AsleepShare));
        Assert.Equal(16, team.Worthwhile(16 * Parallelism.AsleepShare));
        // sections that follow each other closely
        var wakes = 0;
        for (var k = 0; k < 1000; k++) wakes += team.Worthwhile(Parallelism.AsleepShare) - 1;
        Assert.InRange(wakes, 10, 250);
    }

    private static void Eventually(Func<bool> condition)
    {
        // looks are counted, not seconds: a machine that stops for a while costs one look
        for (var looks = 0; !condition(); looks++)
        {
            Assert.True(looks < 6000, "not in thirty seconds");
            Thread.Sleep(5);
        }
    }
}
