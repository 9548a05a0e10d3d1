"""How the parts of a reply look as HTML: a method per kind of token.

Headings nest under the page's own (`#` is an h3, at most h6); only http, https and mailto links are links; images are
links with their alt text, for nothing is loaded from third parties. `rel` and `target` are added by the sanitiser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML

from .highlight import language_of, listing
from .sanitise import SCHEMES, escape

if TYPE_CHECKING:
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_SCHEME = re.compile(r"([a-z]+):", re.IGNORECASE)
_ALIGNED = {"text-align:right": ' class="align-right"', "text-align:center": ' class="align-center"'}


def heading_tag(level: int) -> str:
    """The tag of a heading with `level` number signs."""
    return f"h{min(level + 2, 6)}"


def table_frame() -> tuple[str, str]:
    """(opening, closing) tags of a table that scrolls in its own box on a narrow screen."""
    label = escape(gettext("Table")).replace('"', "&quot;")
    return f'<div class="table" tabindex="0" role="region" aria-label="{label}"><table>', "</table></div>"


def _is_allowed(url: str) -> bool:
    match = _SCHEME.match(url)
    return match is not None and match[1].lower() in SCHEMES


class Renderer(RendererHTML):
    """A method per kind of token, as markdown-it wants it."""

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        if _is_allowed(str(tokens[idx].attrs["href"])):
            return self.renderToken(tokens, idx, options, env)
        closing = next(t for t in tokens[idx:] if t.type == "link_close" and t.level == tokens[idx].level)
        closing.hidden = True
        return ""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        source = str(tokens[idx].attrs["src"])
        alt = escapeHtml(self.renderInlineAsText(tokens[idx].children, options, env) or source)
        in_link = sum(t.nesting for t in tokens[:idx] if t.type in ("link_open", "link_close"))
        return alt if in_link or not _is_allowed(source) else f'<a href="{escapeHtml(source)}">{alt}</a>'

    def text_special(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return escapeHtml(tokens[idx].content)

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<{heading_tag(int(tokens[idx].tag[1]))}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"</{heading_tag(int(tokens[idx].tag[1]))}>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return listing(language_of(tokens[idx].info), tokens[idx].content)

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return listing("", tokens[idx].content)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return table_frame()[0]

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return table_frame()[1]

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<{tokens[idx].tag}{_ALIGNED.get(str(tokens[idx].attrs.get('style')), '')}>"

    td_open = th_open
