"""The one configured Markdown parser: text in, safe HTML out, for a text that is complete or still growing.

CommonMark with tables, strikethrough and explicit http(s) links, and a newline that breaks the line. Off: raw HTML
(it is text), underlined headings (a dash under a paragraph would flash it into one) and link references (a definition
at the end would change what was already sent).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt

from .guard import falls_back_to
from .lines import BLANKS
from .renderer import Renderer
from .repair import close_open, trim
from .sanitise import clean, escape

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_NESTING = 40
GROWING_CHARS = 4_000
"""Longer text in one list item, heading or cell is shown without its formats until it is complete."""

_MARKUP = re.compile("[\\\\`*_\\[\\]<>&!~\n\xa0]|://")
_FRAGILE_END = re.compile(r"(?:[\\`*_\[\]&!~]|<[^\s<>]*|>|://\S*)$")


_TEXT_BLOCK, _CODE = re.compile(r"<(p|li)>"), re.compile(r"<(span)>")
_CLOSING_TAGS = re.compile(r"(?:\s*</\w+>)+")


class Inline(NamedTuple):
    """`settled`: letters, digits and spaces that follow can be appended as they are to the innermost open element.

    `deep`: that element is not the one that `html` stands in but one inside, which carries the cursor. `code`: it
    holds code, so any characters can be appended.
    """

    html: str
    settled: bool
    deep: bool = False
    code: bool = False


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's name
        """Every link parses; the renderer shows those with other schemes as plain text, without their syntax."""
        return True


def _parser() -> MarkdownIt:
    options = {"html": False, "linkify": True, "breaks": True, "typographer": False, "maxNesting": MAX_NESTING}
    parser = _Parser("js-default", options, renderer_cls=Renderer)
    parser.disable(["reference", "lheading", "html_block", "html_inline"])
    parser.inline.ruler2.after("balance_pairs", "close_open", close_open)
    parser.linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False})
    for schema in ("ftp:", "//", "mailto:"):
        parser.linkify.add(schema, None)
    return parser


_md = _parser()


def _plain(text: str) -> str:
    return escape(text.rstrip("\n")).replace("\n", "<br>\n")


def _plainly(text: str) -> Inline:
    return Inline(_plain(text), settled=False)


@falls_back_to(_plainly)
def inline(text: str, *, growing: bool) -> Inline:
    """The inline content of one paragraph, heading or cell. `growing`: half-open constructs are made presentable."""
    if not _MARKUP.search(text):
        return Inline(text, settled=True)
    if growing and len(text) > GROWING_CHARS:
        return _plainly(text)
    tokens, settled = _inline_tokens(text, growing)
    return Inline(clean(_md.renderer.render(tokens, _md.options, {})), settled)


@falls_back_to(_plainly)
def flow(text: str, *, growing: bool, compact: bool, cursor: str = "") -> Inline:
    """The blocks of a list item or a quote. `compact`: paragraphs lose their tags where no blank line is between.

    `cursor`: an attribute for the element that the text at the end goes on in; it has it when the result is settled.
    """
    tokens: list[Token] = []
    _md.block.parse(text, _md, {}, tokens)
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        return _plainly(text)
    settled = _fill(tokens, text, growing)
    if compact and _is_tight(tokens, text.split("\n")):
        _hide_paragraphs(tokens)
    html = clean(_md.renderer.render(tokens, _md.options, {})).rstrip("\n")
    code = bool(cursor and tokens) and _ends_in_code(tokens[-1], text)
    marked = _with_cursor(html, cursor, _CODE if code else _TEXT_BLOCK) if code or settled else html
    return Inline(marked, settled=marked != html, deep=True, code=code)


def _ends_in_code(last: Token, text: str) -> bool:
    return last.type == "fence" and text.endswith(last.content.rpartition("\n")[2] or "\n")


def _inline_tokens(text: str, growing: bool) -> tuple[list[Token], bool]:
    visible = trim(text) if growing else text
    env: dict[str, Any] = {"growing": growing}
    tokens = _md.inline.parse(visible, _md, env, [])
    return tokens, visible == text and "repaired" not in env and not _FRAGILE_END.search(text)


def _fill(tokens: Sequence[Token], text: str, growing: bool) -> bool:
    """Parses what stands in the blocks. Whether a paragraph is at the end, and settled."""
    last = next((index for index in reversed(range(len(tokens))) if tokens[index].nesting != -1), 0)
    settled = False
    for index, token in enumerate(tokens):
        if token.type == "inline":
            is_end = growing and index == last
            blanks = text[len(text.rstrip(BLANKS)) :] if is_end else ""  # the block parser drops them
            token.children, settled = _inline_tokens(token.content + blanks, growing=is_end)
            settled = settled and is_end and tokens[index - 1].type == "paragraph_open"
    return settled


def _with_cursor(html: str, cursor: str, kind: re.Pattern[str]) -> str:
    """`html` with the attribute in the last tag of a kind, if nothing follows its element."""
    tags = list(kind.finditer(html))
    if not tags:
        return html
    tag = tags[-1]
    closing = html.find(f"</{tag[1]}>", tag.end())
    if closing < 0 or not _CLOSING_TAGS.fullmatch(html, closing):
        return html
    return f"{html[: tag.end() - 1]}{cursor}{html[tag.end() - 1 :]}"


def _is_tight(tokens: Sequence[Token], lines: Sequence[str]) -> bool:
    starts = [token.map[0] for token in tokens if token.level == 0 and token.nesting >= 0 and token.map]
    return all(lines[start - 1].strip() for start in starts[1:])


def _hide_paragraphs(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.level == 0 and token.tag == "p":
            token.hidden = True
