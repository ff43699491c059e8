namespace DiffLib.Samples.Tour;

internal static class Program
{
    private static void Main() => System.Console.WriteLine("DiffLib, a tour");
}
