"""What is half-open while a reply grows never shows its raw marks."""

from __future__ import annotations

import pytest

from chatapp.markdown import Document, render


def growing(text: str) -> str:
    document = Document("m")
    document.feed(text)
    return document.html().replace(' id="m-tail"', "").replace(' id="m-cursor"', "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a **bo", "<p>a <strong>bo</strong></p>"),
        ("a **bo*", "<p>a <strong>bo</strong></p>"),
        ("a **bold and *it", "<p>a <strong>bold and <em>it</em></strong></p>"),
        ("a *it", "<p>a <em>it</em></p>"),
        ("a _it", "<p>a <em>it</em></p>"),
        ("a ~~st", "<p>a <s>st</s></p>"),
        ("这是**重点", "<p>这是<strong>重点</strong></p>"),
        ("a **", "<p>a </p>"),
        ("a `co", "<p>a <code>co</code></p>"),
        ("a ``co`d`", "<p>a <code>co`d</code></p>"),
        ("a **b `co", "<p>a <strong>b <code>co</code></strong></p>"),
        ("a `", "<p>a </p>"),
        ("a [text", "<p>a text</p>"),
        ("a [text]", "<p>a text</p>"),
        ("a [text](", "<p>a text</p>"),
        ("a [text](htt", "<p>a text</p>"),
        ('a [text](http://b "ti', "<p>a text</p>"),
        ("a [1] b", "<p>a [1] b</p>"),
        ("list[0", "<p>list[0</p>"),
        ("a ![alt", "<p>a </p>"),
        ("a ![alt](htt", "<p>a </p>"),
        ("a !", "<p>a </p>"),
        ("Hello!", "<p>Hello!</p>"),
        ("a \\", "<p>a </p>"),
        ("a \\*", "<p>a *</p>"),
        ("a &am", "<p>a </p>"),
        ("a &amp;", "<p>a &amp;</p>"),
        (
            "a <http://b",
            '<p>a <a href="http://b" target="_blank" rel="noopener noreferrer nofollow ugc">http://b</a></p>',
        ),
        ("2*3 and", "<p>2*3 and</p>"),
        ("5 * 3 and", "<p>5 * 3 and</p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("# Ti", "<h3>Ti</h3>"),
        ("# Title #", "<h3>Title</h3>"),
        ("- a **b", "<ul><li>a <strong>b</strong></li></ul>"),
        ("- a\n  - b **c", "<ul><li>a\n<ul>\n<li>b <strong>c</strong></li>\n</ul></li></ul>"),
        ("> a `b", "<blockquote><p>a <code>b</code></p></blockquote>"),
    ],
)
def test_what_is_half_open_is_made_whole_or_hidden(text: str, html: str) -> None:
    assert growing(text) == html


@pytest.mark.parametrize(
    "mark", ["-", "*", "+", "- ", "--", "1", "1.", "1. ", "#", "##", "`", "``", "```", "```py", "~~~", "_", "**"]
)
def test_a_line_that_only_begins_shows_nothing(mark: str) -> None:
    assert growing(mark) == ""
    assert growing("para\n" + mark) == "<p>para</p>"
    assert growing("- item\n  " + mark) == "<ul><li>item</li></ul>"
    assert growing("> quote\n> " + mark) == "<blockquote><p>quote</p></blockquote>"


def test_the_head_of_a_table_waits_for_the_line_of_dashes() -> None:
    assert growing("para\n| a | b |") == "<p>para</p>"
    assert growing("para\n| a | b |\n|--") == "<p>para</p>"
    assert growing("para\n| a | b |\n|---|---|\n").startswith("<p>para</p><div")
    assert growing("para\n| a | b |\nno table") == "<p>para<br>\n| a | b |<br>\nno table</p>"
    assert growing("- item\n  | a | b |\n  |--") == "<ul><li>item</li></ul>"


def test_a_row_in_progress_shows_its_cells() -> None:
    assert growing("|a|b|\n|-|-|\n|1|**x").endswith(
        "<tr><td>1</td><td><strong>x</strong></td></tr></tbody></table></div>"
    )


def test_code_shows_as_code_as_soon_as_its_info_line_is_complete() -> None:
    assert growing("```py\n").endswith('<pre tabindex="0"><code class="language-py"><span></span></code></pre></div>')
    assert "<span>x = [</span>" in growing("```py\nx = [")


def test_the_fence_that_ends_the_code_does_not_flash() -> None:
    for end in ("`", "``", "```"):
        assert growing("```\ncode\n" + end) == growing("```\ncode\n")


def test_dashes_under_a_paragraph_make_no_heading() -> None:
    assert growing("para\n-") == growing("para\n---") == "<p>para</p>"


@pytest.mark.parametrize("text", ["a **b", "a `b", "a [b](c", "a ![b", "a \\", "a &am", "a ~~b", "a *"])
def test_the_final_html_is_not_repaired(text: str) -> None:
    assert render(text) == f"<p>{text.replace('&', '&amp;')}</p>"
