/// The `[<Property>]` attribute, tested through itself and, where a property has to fail, through its engine.
/// The part that looks inside is left out when the attribute comes from the package FsCheck.Xunit.
namespace DiffLib.Core.Tests

open System.Threading.Tasks
open FsCheck
open FsCheck.FSharp
open FsCheck.Xunit
open global.Xunit

type Tenths = Tenths of float

type TenthsArbitrary =
    static member Tenths() : Arbitrary<Tenths> = Gen.choose (-100, 100) |> Gen.map (fun i -> Tenths(float i / 10.0)) |> Arb.fromGen

module PropertyAttributeHolds =
    [<Property>]
    let ``reversing a list twice gives the list`` (xs: int list) = List.rev (List.rev xs) = xs

    [<Property(MaxTest = 500, Arbitrary = [| typeof<TenthsArbitrary> |])>]
    let ``arguments come from the generator that is named`` (Tenths x) = abs x <= 10.0

    [<Property(QuietOnSuccess = true)>]
    let ``a body may assert instead of answering`` (x: int) = Assert.Equal(x, -(-x))

    [<Property>]
    let ``a body may be asynchronous`` (x: int) : Task =
        task {
            do! Task.Yield()
            Assert.Equal(x, x)
        }

    [<Property>]
    let ``a body may return a property with a condition`` (x: float) = (System.Double.IsFinite x) ==> (x - x = 0.0)

type PropertyOnInstance(output: Abstractions.ITestOutputHelper) =
    let mutable runs = 0

    [<Property(Verbose = true, MaxTest = 3)>]
    member _.``an instance method has its constructor's arguments and one instance for all runs``(_: int) =
        output.WriteLine "run"
        runs <- runs + 1
        Assert.InRange(runs, 1, 3)

#if !FSCHECK_XUNIT_PACKAGE
/// Properties that fail, run by hand so that the report can be read.
type FailingProperties =
    static member Below20(x: int) = x < 20
    static member Throws(x: int) = Assert.True(x < 30, "x is too big")
    static member Rejects(x: int) = false ==> (x = x)

module PropertyEngine =
    let private run settings name =
        let found = typeof<FailingProperties>.GetMethod(name: string) |> Unchecked.nonNull
        Engine.run settings found null ignore

    let private report settings name = Assert.Throws<Sdk.XunitException>(fun () -> run settings name).Message

    let private lineAfter (heading: string) (text: string) =
        let start = text.IndexOf(heading, System.StringComparison.Ordinal) + heading.Length
        text.Substring(start).TrimStart().Split('\n')[0]

    [<Fact>]
    let ``a failure shows the shrunk arguments and the seed`` () =
        // A seed whose first failure is above 20, so that there is something to shrink.
        let text = report (PropertyAttribute(MaxTest = 1000, Replay = "2,3")) "Below20"
        Assert.Contains("Falsifiable", text)
        Assert.Contains("Shrunk:", text)
        Assert.Equal("20", lineAfter "Shrunk:" text)

    [<Fact>]
    let ``the seed that a failure prints replays the same failure`` () =
        let first = report (PropertyAttribute(MaxTest = 1000)) "Below20"
        let seed = System.Text.RegularExpressions.Regex.Match(first, @"\((\d+,\d+)\)").Groups[1].Value
        let again = report (PropertyAttribute(MaxTest = 1000, Replay = seed)) "Below20"
        Assert.Equal(lineAfter "Original:" first, lineAfter "Original:" again)

    [<Fact>]
    let ``an assertion's own message reaches the report`` () = Assert.Contains("x is too big", report (PropertyAttribute(MaxTest = 1000)) "Throws")

    [<Fact>]
    let ``a precondition that rejects everything is a failure`` () =
        Assert.Contains("Arguments exhausted", report (PropertyAttribute(MaxRejected = 10)) "Rejects")

    [<Fact>]
    let ``a replay text of another form is refused`` () =
        let error = Assert.Throws<System.ArgumentException>(fun () -> run (PropertyAttribute(Replay = "1,2,3,4")) "Below20")
        Assert.Contains("seed,gamma[,size]", error.Message)
#endif
