using System;
using System.Linq;
using Xunit;

namespace DiffLib.Docs.Tests;

/// <summary>The checks themselves: they find what they should, and miss nothing.</summary>
public class MarkdownTests
{
    private const string Page = """
        # A page: with `code`, and more

        See [there](other.md#part "title"), [here](#a-page-with-code-and-more) and `[not](a-link)`.

        <!-- snippet: first -->

        ```csharp
            var x = 1;

                var y = 2;
        ```

        text

        ~~~fsharp
        let x = ```1
        [no](link)
        ~~~

        [ref]: folder/file.md
        """;

    [Fact]
    public void A_block_knows_its_language_snippet_text_and_line()
    {
        var blocks = Markdown.CodeBlocks(Page.ReplaceLineEndings("\n"));
        Assert.Equal([new CodeBlock("csharp", "first", "var x = 1;\n\n    var y = 2;", 7), new CodeBlock("fsharp", null, "let x = ```1\n[no](link)", 15)], blocks);
    }

    [Fact]
    public void The_text_of_a_block_is_replaced_and_the_rest_stays() =>
        Assert.Equal("a\n```csharp\nnew\n```\nb\n```text\nold\n```\n", Markdown.WithCode("a\n```csharp\nold\n```\nb\n```text\nold\n```\n", b => b.Language == "csharp" ? "new" : null));

    [Fact]
    public void Links_in_code_are_not_links() =>
        Assert.Equal(["other.md#part", "#a-page-with-code-and-more", "folder/file.md"], Markdown.Links(Page.ReplaceLineEndings("\n")).Select(l => l.Target));

    [Fact]
    public void A_heading_is_an_anchor() =>
        Assert.Contains("a-page-with-code-and-more", Markdown.Anchors(Page.ReplaceLineEndings("\n")));

    [Fact]
    public void A_block_without_an_end_is_an_error() =>
        Assert.Contains("line 2", Assert.Throws<FormatException>(() => Markdown.CodeBlocks("text\n```csharp\nvar x = 1;")).Message);

    [Fact]
    public void Regions_nest_and_lose_their_indentation()
    {
        var regions = Snippets.Regions("  // #region outer\n  a\n    #region inner\n    b\n    #endregion\n  // #endregion\n").ToDictionary();
        Assert.Equal("a\n  b", regions["outer"]);
        Assert.Equal("b", regions["inner"]);
    }

    [Fact]
    public void A_region_without_an_end_is_an_error() =>
        Assert.Contains("open-end", Assert.Throws<FormatException>(() => Snippets.Regions("#region open-end\na").ToList()).Message);
}
