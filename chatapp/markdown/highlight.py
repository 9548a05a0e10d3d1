"""Code as HTML: a frame with the language and a copy button, and Pygments' colours as short class names.

Code is coloured in chunks of some lines, each by itself, so that a long listing costs no more per line than a short
one. The price: a construct that spans a cut (a very long string or comment) may lose its colour after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

from .guard import falls_back_to
from .sanitise import clean, escape

if TYPE_CHECKING:
    from pygments.lexer import Lexer

CHUNK_LINES, CHUNK_CHARS, CHUNK_MIN_LINES = 40, 2_000, 8
_COLOURED_CHARS = 8_000
_LANGUAGE = re.compile(r"[{.]*([A-Za-z0-9][A-Za-z0-9+#.-]{0,31})")
_CLASSES: dict[_TokenType, str] = {
    Keyword: "k",
    Name.Function: "nf",
    Name.Class: "nc",
    Name.Builtin: "nb",
    Name.Decorator: "nd",
    Name.Tag: "nt",
    Name.Attribute: "na",
    Name.Variable: "nv",
    String: "s",
    Number: "m",
    Operator: "o",
    Comment: "c",
    Comment.Preproc: "cp",
    Generic.Inserted: "gi",
    Generic.Deleted: "gd",
    Generic.Heading: "gh",
}


def language_of(info: str) -> str:
    """The language that a fence's info line names, in lower case; "" when it names none."""
    match = _LANGUAGE.match(info.strip())
    return match[1].lower() if match else ""


def frame(language: str) -> tuple[str, str]:
    """(opening, closing) tags around the chunks of one listing."""
    css = f' class="language-{language}"' if language else ""
    return (
        f'<div class="code" data-lang="{language}"><div class="code__bar"><span>{language}</span>'
        f'<button type="button" class="code__copy" data-copy="">{escape(gettext("Copy"))}</button></div>'
        f'<pre tabindex="0"><code{css}>'
    ), "</code></pre></div>"


def starts_chunk(lines: list[str], size: int, line: str) -> bool:
    """Whether `line` begins a new chunk after `lines`, which hold `size` characters. All end with a newline."""
    if not lines:
        return False
    if len(lines) >= CHUNK_LINES or size + len(line) > CHUNK_CHARS:
        return True
    return len(lines) >= CHUNK_MIN_LINES and not lines[-1].strip() and not line[0].isspace()


def listing(language: str, code: str) -> str:
    """A whole listing. An incomplete last line is shown without colours, which come with its newline."""
    opening, closing = frame(language)
    complete, newline, partial = code.rpartition("\n")
    chunks = "".join(f"<span>{highlight(chunk, language)}</span>" for chunk in _chunks(complete + newline))
    return opening + chunks + (f"<span>{escape(partial)}</span>" if partial else "") + closing


def _chunks(code: str) -> Iterator[str]:
    lines: list[str] = []
    size = 0
    for line in code.split("\n")[:-1]:
        if starts_chunk(lines, size, line + "\n"):
            yield "".join(lines)
            lines, size = [], 0
        lines.append(line + "\n")
        size += len(line) + 1
    if lines:
        yield "".join(lines)


@lru_cache(maxsize=128)
@falls_back_to(escape)
def highlight(code: str, language: str) -> str:
    """Complete lines of code as spans; plain text when the language is unknown or the lines are overlong."""
    lexer = _lexer(language) if language and len(code) <= _COLOURED_CHARS else None
    if lexer is None:
        return escape(code)
    tokens = ((_class(kind), value) for kind, value in lexer.get_tokens(code))
    return clean("".join(_span(css, group) for css, group in groupby(tokens, key=lambda token: token[0])))


def _span(css: str, group: Iterator[tuple[str, str]]) -> str:
    text = escape("".join(value for _, value in group))
    return f'<span class="{css}">{text}</span>' if css else text


@cache
def _class(kind: _TokenType) -> str:
    while kind not in _CLASSES:
        if kind.parent is None:
            return ""
        kind = kind.parent
    return _CLASSES[kind]


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
