using Xunit;

namespace DiffLib.Api.Tests.HardCases;

/// <summary>Tests that measure the memory of the process: one after another, while no other test runs.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public class Alone;
