/// `[<Property>]` for xunit 2: a test whose arguments FsCheck generates and shrinks. It has the namespace, name and
/// settings of the attribute in the package FsCheck.Xunit, and gives way to it: docs/testing.md, "Property tests".
namespace FsCheck.Xunit

open System
open System.Reflection
open System.Text
open FsCheck
open global.Xunit
open global.Xunit.Abstractions
open global.Xunit.Sdk

/// A test whose arguments FsCheck generates and shrinks. The second argument of the discoverer is this assembly's name.
[<AttributeUsage(AttributeTargets.Method ||| AttributeTargets.Property)>]
[<XunitTestCaseDiscoverer("FsCheck.Xunit.PropertyDiscoverer", "DiffLib.Core.Tests")>]
[<Sealed>]
type PropertyAttribute() =
    inherit FactAttribute()
    /// Successful runs needed.
    member val MaxTest = 100 with get, set
    /// Runs that a precondition may reject before the test gives up.
    member val MaxRejected = 1000 with get, set
    /// Size of the first run's test data.
    member val StartSize = 1 with get, set
    /// Size of the last run's test data.
    member val EndSize = 100 with get, set
    /// "seed,gamma" or "seed,gamma,size", as the failure report prints it.
    member val Replay = "" with get, set
    /// Classes whose public static members return Arbitrary<_> values.
    member val Arbitrary: Type array = [||] with get, set
    /// Print the arguments of every run to the test output.
    member val Verbose = false with get, set
    /// Say nothing when the property holds.
    member val QuietOnSuccess = false with get, set

module internal Engine =
    let parseReplay (text: string) =
        match text.Trim().Trim('(', ')').Split([| ','; ' ' |], StringSplitOptions.RemoveEmptyEntries) with
        | [||] -> None
        | [| seed; gamma |] -> Some { Rnd = Rnd(uint64 seed, uint64 gamma); Size = None }
        | [| seed; gamma; size |] -> Some { Rnd = Rnd(uint64 seed, uint64 gamma); Size = Some(int size) }
        | _ -> invalidArg "Replay" $"expected \"seed,gamma[,size]\", got \"{text}\""

    let private recorder quiet (write: string -> unit) (fail: string -> unit) =
        let say text = if text <> "" then write text

        { new IRunner with
            member _.OnStartFixture _ = ()
            member _.OnArguments(n, args, every) = say (every n args)
            member _.OnShrink(args, every) = say (every args)

            member _.OnFinished(name, result) =
                match result with
                | TestResult.Passed _ when quiet -> ()
                | TestResult.Passed _ -> write (Runner.onFinishedToString name result)
                | _ -> fail (Runner.onFinishedToString name result) }

    /// Runs one property; throws (with the shrunk counter-example and the seed) if it fails.
    let run (p: PropertyAttribute) (methodInfo: MethodInfo) (target: obj | null) (write: string -> unit) =
        let mutable failure = None
        let runner = recorder p.QuietOnSuccess write (fun text -> failure <- Some text)

        let config =
            (if p.Verbose then Config.Verbose else Config.Quick)
                .WithMaxTest(p.MaxTest)
                .WithMaxRejected(p.MaxRejected)
                .WithStartSize(p.StartSize)
                .WithEndSize(p.EndSize)
                .WithReplay(parseReplay p.Replay)
                .WithArbitrary(p.Arbitrary)
                .WithName("")
                .WithRunner(runner)

        Check.Method(config, methodInfo, ?target = Option.ofObj target)
        failure |> Option.iter (fun text -> raise (XunitException text))

type internal PropertyInvoker(test, bus, cls, ctorArgs, m, dummies, beforeAfter, aggregator, cts, settings, log: StringBuilder) =
    inherit XunitTestInvoker(test, bus, cls, ctorArgs, m, dummies, beforeAfter, aggregator, cts)

    override _.CallTestMethod instance =
        Engine.run settings m instance (fun s -> log.AppendLine s |> ignore)
        Unchecked.defaultof<obj>

type internal PropertyRunner(test, bus, cls, ctorArgs, m: MethodInfo, args, skip, beforeAfter, aggregator, cts, settings) =
    inherit XunitTestRunner(test, bus, cls, ctorArgs, m, args, skip, beforeAfter, aggregator, cts)
    let log = StringBuilder()

    override _.InvokeTestMethodAsync aggregator =
        let dummies: obj array = Array.zeroCreate (m.GetParameters().Length) // FsCheck supplies the real ones
        PropertyInvoker(test, bus, cls, ctorArgs, m, dummies, beforeAfter, aggregator, cts, settings, log).RunAsync()

    override _.InvokeTestAsync aggregator =
        let running = base.InvokeTestAsync aggregator

        task {
            let! (seconds, output) = running
            return Tuple.Create(seconds, output + log.ToString())
        }

type internal PropertyCaseRunner(case, name, skip, ctorArgs, bus, aggregator, cts, settings) =
    inherit XunitTestCaseRunner(case, name, skip, ctorArgs, [||], bus, aggregator, cts)

    override _.CreateTestRunner(test, bus, cls, ctorArgs, m, args, skip, beforeAfter, aggregator, cts) =
        PropertyRunner(test, bus, cls, ctorArgs, m, args, skip, beforeAfter, aggregator, cts, settings)

#nowarn "44" // XunitTestCase() is "obsolete" so that only deserialization uses it

/// One property as xunit sees it. Public because xunit creates it by reflection.
type PropertyCase =
    inherit XunitTestCase
    new() = { inherit XunitTestCase() }
    new(sink, display, options, testMethod) = { inherit XunitTestCase(sink, display, options, testMethod, null) }

    override this.RunAsync(_, bus, ctorArgs, aggregator, cts) =
        let settings = this.TestMethod.Method.ToRuntimeMethod().GetCustomAttribute<PropertyAttribute>() |> Unchecked.nonNull
        PropertyCaseRunner(this, this.DisplayName, this.SkipReason, ctorArgs, bus, aggregator, cts, settings).RunAsync()

/// Finds the properties of a class. Public because xunit creates it by reflection.
type PropertyDiscoverer(sink: IMessageSink) =
    interface IXunitTestCaseDiscoverer with
        member _.Discover(options, testMethod, _) =
            Seq.singleton (new PropertyCase(sink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), testMethod))
