/// What the README shows in F#, compiled and run.
module DiffLib.Docs.Tests.FSharp.ReadmeSnippets
