"""The last gate: only the tags, attributes and URL schemes that the renderer itself makes get through.

The renderer never lets raw HTML in, so nothing should ever be removed here. It is a second, independent lock.
"""

from __future__ import annotations

import re

import nh3

SCHEMES = frozenset({"http", "https", "mailto"})

_INLINE = ("br", "strong", "em", "s", "a", "code", "span", "button")
_FLOW = ("p", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "div")
_TABLE = ("table", "thead", "tbody", "tr", "th", "td")
COLOURS = frozenset(("k", "nf", "nc", "nb", "nd", "nt", "na", "nv", "s", "m", "o", "c", "cp", "gi", "gd", "gh"))

_cleaner = nh3.Cleaner(
    tags={*_INLINE, *_FLOW, *_TABLE},
    attributes={
        "a": {"href", "title"},
        "ol": {"start"},
        "code": {"class"},
        "pre": {"tabindex"},
        "div": {"data-lang", "tabindex", "role", "aria-label"},
        "button": {"data-copy"},
    },
    tag_attribute_values={"button": {"type": {"button"}}},
    allowed_classes={
        "span": COLOURS,
        "div": {"code", "code__bar", "table"},
        "button": {"code__copy"},
        "th": {"align-right", "align-center"},
        "td": {"align-right", "align-center"},
    },
    link_rel="noopener noreferrer nofollow ugc",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes=SCHEMES,
    url_relative="deny",
)
_SPECIAL = re.compile("[&<>\xa0]")
_ROW_OPEN, _ROW_CLOSE = "<table><tbody>", "</tbody></table>"


def clean(html: str) -> str:
    """Flow or inline content, or `<li>` elements, made safe."""
    return _cleaner.clean(html)


def clean_rows(html: str) -> str:
    """`<tr>` elements made safe: cleaned inside a table, for a parser drops them anywhere else."""
    cleaned = _cleaner.clean(_ROW_OPEN + html + _ROW_CLOSE)
    if not (cleaned.startswith(_ROW_OPEN) and cleaned.endswith(_ROW_CLOSE)):
        raise ValueError("a table row that is no table row")
    return cleaned[len(_ROW_OPEN) : -len(_ROW_CLOSE)]


def escape(text: str) -> str:
    """Text as HTML, exactly as `clean` writes it, so that an appended piece equals a rendered one."""
    if not _SPECIAL.search(text):
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")
