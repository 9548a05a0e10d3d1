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
from .renderer import Renderer
from .repair import close_open, trim
from .sanitise import clean, escape

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_NESTING = 40

_MARKUP = re.compile("[\\\\`*_\\[\\]<>&!~\n\xa0]|://")
_FRAGILE_END = re.compile(r"(?:[\\`*_\[\]&!~]|<[^\s<>]*|>|://\S*)$")


class Inline(NamedTuple):
    """`settled`: letters, digits and spaces that follow can be appended to `html` as they are."""

    html: str
    settled: bool


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
    return escape(text).replace("\n", "<br>\n")


@falls_back_to(lambda text: Inline(_plain(text), settled=False))
def inline(text: str, *, growing: bool) -> Inline:
    """The inline content of one paragraph, heading or cell. `growing`: half-open constructs are made presentable."""
    if not _MARKUP.search(text):
        return Inline(text, settled=True)
    visible = trim(text) if growing else text
    env: dict[str, Any] = {"growing": growing}
    html = clean(_md.renderer.render(_inline_tokens(visible, env), _md.options, env))
    settled = visible == text and "repaired" not in env and not _FRAGILE_END.search(text)
    return Inline(html, settled)


@falls_back_to(_plain)
def flow(text: str, *, growing: bool, compact: bool = False) -> str:
    """The blocks of a list item or a quote. `compact`: paragraphs lose their tags where no blank line is between."""
    tokens: list[Token] = []
    _md.block.parse(text, _md, {}, tokens)
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        return _plain(text)
    last = _last_inline(tokens) if growing else None
    for token in tokens:
        if token.type == "inline":
            content = trim(token.content) if token is last else token.content
            token.children = _inline_tokens(content, {"growing": token is last})
    if compact and _is_tight(tokens, text.split("\n")):
        _hide_paragraphs(tokens)
    return clean(_md.renderer.render(tokens, _md.options, {})).rstrip("\n")


def _inline_tokens(text: str, env: dict[str, Any]) -> list[Token]:
    return _md.inline.parse(text, _md, env, [])


def _last_inline(tokens: Sequence[Token]) -> Token | None:
    """The token that text at the end belongs to; None when it belongs to code."""
    last = next((token for token in reversed(tokens) if token.nesting != -1), None)
    return last if last and last.type == "inline" else None


def _is_tight(tokens: Sequence[Token], lines: Sequence[str]) -> bool:
    starts = [token.map[0] for token in tokens if token.level == 0 and token.nesting >= 0 and token.map]
    return all(lines[start - 1].strip() for start in starts[1:])


def _hide_paragraphs(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.level == 0 and token.tag == "p":
            token.hidden = True
