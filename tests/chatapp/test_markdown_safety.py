"""Hostile and absurd replies: nothing runs, nothing hangs, nothing is lost, nothing is raised."""

from __future__ import annotations

import logging
import time

import pytest

from chatapp.markdown import Document, parser, render
from chatapp.markdown.guard import falls_back_to
from chatapp.markdown.sanitise import clean, clean_rows
from tests.chatapp.markdown_dom import parse

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<div hx-get="/x" hx-trigger="load" data-hx-post="/y" hx-on:click="z">x</div>',
    '<p style="position:fixed" id="message-1" class="evil">x</p>',
    "<style>*{display:none}</style>",
    "<base href=//evil><form action=//evil><input name=x>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    '[x](http://a "onmouseover=alert(1)")',
    '[x](http://a"onmouseover=alert(1))',
    "![x](javascript:alert(1))",
    '![" onerror=alert(1)](http://a"onload=x)',
    "![x](http://a/b.png)",
    "http://a/\"onclick=alert(1)//'x='",
    '```"><script>alert(1)</script>\nx\n```',
    '```py" onclick="alert(1)\nx\n```',
    "```html\n<script>alert(1)</script>\n```",
    "    <script>alert(1)</script>",
    '| <script> | [x](javascript:1) |\n|---|---|\n| <img onerror=x> | " onclick="x |',
    "- <script>\n  - [x](javascript:1)\n\n> <img src=x onerror=y>",
    "# <script>alert(1)</script>",
    ' id="m-tail" id="m-cursor"',
    "</p></div></article><script>alert(1)</script>",
    "</template><script>alert(1)</script>",
    "<!--<script>--><![CDATA[<script>]]><?php x?>",
]
TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "strong", "em", "s", "a", "code"),
    *("pre", "span", "div", "button", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    *("href", "title", "rel", "target", "class", "start", "data-lang", "data-copy", "type"),
    *("tabindex", "role", "aria-label", "id"),
}


def check(html: str) -> None:
    """Every element and attribute is one of ours, every address one of the web's."""
    ids = []
    for node in parse(html).elements():
        assert node.tag in TAGS
        assert set(node.attributes) <= ATTRIBUTES
        ids += [node.attributes[name] for name in node.attributes if name == "id"]
        if "href" in node.attributes:
            assert str(node.attributes["href"]).startswith(("http://", "https://", "mailto:"))
            assert node.attributes["rel"] == "noopener noreferrer nofollow ugc"
        assert set(str(node.attributes.get("class", "x")).split()).isdisjoint({"evil"})
    assert ids in ([], ["m-tail"], ["m-tail", "m-cursor"])


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "around", ["{}", "- {}", "> {}", "| a |\n|---|\n| {} |", "**{}**", "text {} text", "1. a\n\n   {}"]
)
def test_no_payload_becomes_an_element_or_an_attribute(payload: str, around: str) -> None:
    text = around.format(payload)
    check(render(text))
    document = Document("m")
    for character in text:
        document.feed(character)
        for swap in document.take_swaps():
            check(swap.html)
        check(document.html())


@pytest.mark.parametrize(
    "html",
    [
        '<p hx-get="/x" data-hx-get="/x" onclick="x" style="x" id="x" class="x">t</p>',
        '<p><script>x</script><img src="x"><iframe></iframe>t</p>',
        "<p><svg><a xlink:href='javascript:x'></a></svg>t</p>",
    ],
)
def test_the_sanitiser_alone_would_stop_it_too(html: str) -> None:
    assert clean(html).replace("<a rel", "<a").count("<p>") == 1
    for word in ("hx-", "on", "style", "id=", "class", "script", "img", "iframe", "svg", "href"):
        assert word not in clean(html).replace("noopener", "")
    assert clean('<a href="javascript:x">t</a>') == '<a target="_blank" rel="noopener noreferrer nofollow ugc">t</a>'


def test_table_rows_are_cleaned_as_table_rows() -> None:
    assert clean_rows("<tr><td onclick=x>a</td></tr>") == "<tr><td>a</td></tr>"
    with pytest.raises(ValueError, match="row"):
        clean_rows("</tbody></table><p>out</p>")


PATHOLOGICAL = {
    "quotes": ">" * 500 + " deep",
    "nested quotes": "\n".join("> " * depth + "x" for depth in range(80)),
    "nested items": "- " * 500 + "deep",
    "indented items": "".join("  " * depth + "- x\n" for depth in range(150)),
    "brackets": "[" * 10_000,
    "links": "[a](" * 3_000,
    "images": "![[" * 3_000,
    "stars": "*" * 10_000,
    "openers": "**a " * 2_500,
    "mixed openers": "_a *b " * 1_500,
    "tildes": "~~a " * 2_500,
    "ticks": "".join("`" * length + " " for length in range(1, 140)),
    "angles": "<a:" * 3_000,
    "entities": "&a" * 5_000,
    "addresses": "http://a" * 1_200,
    "schemes": "a://" * 2_500,
    "back-slashes": "\\" * 10_000,
    "pipes": "|" * 20_000,
    "columns": "|" + "a|" * 5_000 + "\n|" + "-|" * 5_000 + "\n" + "|\n" * 1_000,
    "short rows": "|a|b|\n|-|-|\n" + "|\n" * 5_000,
    "a word": "x" * 100_000,
    "a code line": "```js\n" + "a=1;" * 25_000 + "\n",
    "blank lines": "\n" * 50_000,
    "an item of openers": "- " + "**a " * 2_500,
    "an item of links": "- " + "[a](" * 2_500,
    "a heading of openers": "# " + "*a " * 3_000,
    "quoted items": "> - " * 200 + "x",
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_absurd_input_takes_bounded_time(name: str) -> None:
    text = PATHOLOGICAL[name]
    started = time.process_time()
    document = Document("m")
    document.feed(text)
    document.take_swaps()
    document.feed(" more*")
    document.take_swaps()
    document.close()
    assert time.process_time() - started < 10
    assert len(document.html()) < 60 * len(text)


def test_nesting_beyond_all_reason_keeps_its_words() -> None:
    assert "deep" in render(">" * 500 + " deep")
    assert "deep" in render("- " * 500 + "deep")


@pytest.mark.parametrize(
    "text", ["\x00a", "a\x07b", "\ud83d", "a\udc00b", "\x1b[31m", "\ufffe", "```\n\x00\n```", "- \ud83d"]
)
def test_characters_that_no_page_accepts_are_replaced(text: str) -> None:
    document = Document("m")
    document.feed(text)
    document.close()
    assert "\ufffd" in document.text
    assert "\ufffd" in document.html()
    document.html().encode()
    assert render(document.text) == document.html()


def test_a_line_end_may_be_cut_in_two() -> None:
    document = Document("m")
    for part in ("a\r", "\nb", "\r", "\r\n", "c"):
        document.feed(part)
    document.close()
    assert document.text == "a\nb\n\nc"
    assert document.html() == "<p>a<br>\nb</p><p>c</p>"


def test_a_closed_reply_takes_nothing_more() -> None:
    document = Document("m")
    document.feed("a")
    document.close()
    document.close()
    with pytest.raises(ValueError, match="closed"):
        document.feed("b")
    assert document.html() == "<p>a</p>"


def test_when_rendering_fails_the_text_shows_and_the_log_holds_none_of_it(caplog: pytest.LogCaptureFixture) -> None:
    @falls_back_to(str.upper)
    def fails(text: str) -> str:
        raise RuntimeError(text)

    with caplog.at_level(logging.ERROR):
        assert fails("secret") == "SECRET"
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_markup_that_the_parser_chokes_on_is_shown_as_text() -> None:
    def choke(*args: object) -> bool:
        raise RuntimeError

    parser._md.inline.ruler.push("choke", choke)
    try:
        assert render("a **b** <c>\nd") == "<p>a **b** &lt;c&gt;<br>\nd</p>"
        assert render("- a **b** <\n  > c") == "<ul><li>a **b** &lt;<br>\n&gt; c</li></ul>"
    finally:
        parser._md.inline.ruler.disable("choke")
