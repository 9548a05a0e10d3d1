"""What a growing reply promises, whatever it says and however it is cut: same HTML, same page, bounded work."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.markdown import Document, Swap, render
from chatapp.markdown.lines import classify
from tests.chatapp.markdown_dom import Page, parse

FRAGMENTS = st.sampled_from(
    [
        *(
            "\n",
            "\n",
            "\n\n",
            " ",
            "  ",
            "\t",
            "    ",
            "word ",
            "foo",
            "Bar.",
            "1",
            "12",
            "é",
            "重点",
            "\r\n",
            "\r",
            "\xa0",
        ),
        *("- ", "* ", "+ ", "-", "*", "1. ", "2) ", "1.", "# ", "## ", "#", "> ", ">", "---", "***", "- - -", "_"),
        *("```", "```python\n", "`", "``", "~~~\n", "~~", "~", "**", "__", "*", "_", "def f():\n", "    x = 1\n"),
        *("[", "]", "(", ")", "![", "](", "http://a.b/c", "https", "://", "<", ">", "<http://x.y>", "&", "&amp;", "am"),
        *(
            "|",
            "| a | b |\n",
            "|---|:-:|\n",
            "| 1 | 2 |\n",
            "a | b\n",
            "--|--\n",
            "\\",
            "\\*",
            "!",
            "$5",
            '"',
            "'",
            "<b>",
        ),
        *("- item\n", "  - nested\n", "1. first\n", "2. second\n", "> quoted\n", "para one\n\n", "x" * 120 + " "),
        *(
            "  ```py\n",
            "  code_x = [1]\n",
            "> ```\n",
            "> x & y",
            "  ",
            "   - deep\n",
            "- a\n  - b",
            "\n  c",
            "  - # h",
            "  | x | y |\n",
            "  |--|--|\n",
        ),
        *("words and words " * 12, "line\n" * 11, "**bold** ", "`code` ", "[text](http://u.v) ", "\x00", "\x0b"),
    ]
)
TEXTS = st.lists(FRAGMENTS, max_size=40).map("".join) | st.text(max_size=200)


@st.composite
def tokens(draw: st.DrawFn) -> list[str]:
    """A text, cut anywhere."""
    text = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=30)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@settings(max_examples=150, deadline=None)
@given(tokens())
def test_the_page_that_took_every_swap_equals_the_html(parts: list[str]) -> None:
    document, page = Document("m"), Page("m")
    for part in parts:
        document.feed(part)
        page.apply(document.take_swaps())
        assert page.body.html() == parse(document.html()).html()
    document.close()
    page.apply(document.take_swaps())
    assert page.body.html() == parse(document.html()).html()
    assert 'id="' not in document.html()


@settings(max_examples=100, deadline=None)
@given(tokens(), st.data())
def test_a_reader_who_comes_late_or_takes_seldom_sees_the_same(parts: list[str], data: st.DataObject) -> None:
    document, page = Document("m"), Page("m")
    joins = data.draw(st.integers(0, len(parts)))
    for index, part in enumerate(parts):
        document.feed(part)
        if data.draw(st.booleans()):
            document.html()  # looking changes nothing
        if data.draw(st.booleans()) or index == joins:
            page.apply(document.take_swaps())
        if index == joins:
            page = Page("m", document.html())
    document.close()
    page.apply(document.take_swaps())
    assert page.body.html() == parse(document.html()).html()


@settings(max_examples=100, deadline=None)
@given(tokens())
def test_the_html_depends_on_the_text_and_not_on_its_cuts(parts: list[str]) -> None:
    document, so_far = Document("m"), ""
    for part in parts:
        document.feed(part)
        document.take_swaps()
        so_far += part
        whole = Document("m")
        whole.feed(so_far)
        assert document.html() == whole.html()
    document.close()
    assert document.html() == render(so_far)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_every_single_character_as_a_token_gives_the_same_html(text: str) -> None:
    document, page = Document("m"), Page("m")
    for character in text[:600]:
        document.feed(character)
        page.apply(document.take_swaps())
    document.close()
    page.apply(document.take_swaps())
    assert document.html() == render(text[:600])
    assert page.body.html() == parse(document.html()).html()


@settings(max_examples=500, deadline=None)
@given(st.lists(FRAGMENTS, max_size=6).map(lambda parts: "".join(parts).split("\n")[0]))
def test_what_the_beginning_of_a_line_decides_its_end_does_not_change(line: str) -> None:
    final = classify(line, complete=True)
    for end in range(len(line)):
        early = classify(line[:end], complete=False)
        assert early is None or early == final


@pytest.mark.parametrize(
    "parts",
    [
        ["# # #", " ", "x"],
        ["a <", "b", "c:d"],
        ["see https:", "/", "/a.b", " c"],
        ["- a\n  - b\n  c", " d", " e"],
        ["- a\n  - # h", " i"],
        ["- a\n  - b ", "c", " d"],
        ["| a |\n", "|--", "-|\n", "| 1", " |", "\n\n", "b"],
        ["1. a\n   ```\n   x", " = <1>", "\n   `", "``\n", "2. b"],
    ],
)
def test_the_page_follows_where_appending_is_tempting(parts: list[str]) -> None:
    document, page = Document("m"), Page("m")
    for part in parts:
        document.feed(part)
        page.apply(document.take_swaps())
        assert page.body.html() == parse(document.html()).html()


def _streamed(text: str, size: int = 7) -> list[list[Swap]]:
    document = Document("m")
    taken = []
    for start in range(0, len(text), size):
        document.feed(text[start : start + size])
        taken.append(document.take_swaps())
    return taken


def _mean_bytes(taken: list[list[Swap]]) -> float:
    return sum(len(swap.html) for swaps in taken for swap in swaps) / len(taken)


def test_what_is_sent_for_a_token_does_not_grow_with_the_reply_or_with_one_block() -> None:
    prose = "Some *plain* words, and `code`, and then some more of them. "
    blocks = [
        "\n\n".join([prose] * 200),
        "\n".join("- " + prose for _ in range(200)),
        "\n".join(f"{number}. {prose}" for number in range(1, 201)),
        "| a | b |\n|---|---|\n" + "\n".join(f"| {prose} | {prose} |" for _ in range(200)),
        "```python\n" + "\n".join("value = compute(value, 'text')  # why" for _ in range(300)),
        prose * 200,
        "\n".join([prose] * 200),
        "\n".join("> " + prose + "\n>" for _ in range(200)),
        "    value = 1\n" * 300,
    ]
    for block in blocks:
        taken = _streamed(block)
        tenth = len(taken) // 10
        assert _mean_bytes(taken[-tenth:]) < 1.5 * _mean_bytes(taken[tenth : 2 * tenth]) + 100, block[:40]


def test_plain_words_are_appended_and_nothing_else_is_sent() -> None:
    document = Document("m")
    document.feed("One **bold** word")
    document.take_swaps()
    document.feed(" and")
    document.feed(" more.")
    assert document.take_swaps() == [Swap("beforeend", "m-tail", " and more.", "span")]


def test_nothing_new_means_no_swap() -> None:
    document = Document("m")
    document.feed("word")
    document.take_swaps()
    document.feed("")
    assert document.take_swaps() == []
