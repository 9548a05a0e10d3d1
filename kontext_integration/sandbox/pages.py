"""The sandbox's HTML: the frame of a creative, the start page, the landing pages. The template engine escapes all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.template import Context, Engine
from django.utils.safestring import SafeString, mark_safe

from .creatives import CREATIVES, Creative
from .words import WORDS

if TYPE_CHECKING:
    from .store import Bid, Visit

_HERE = Path(__file__).parent
ASSETS = _HERE / "assets"
_ENGINE = Engine(dirs=[str(_HERE / "templates")])

FRAME_CSP = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
"""No `frame-ancestors`: a creative is meant to be framed by any publisher's page."""
PAGE_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def frame(bid: Bid, *, message_id: str, sdk: str, theme: str) -> str:
    """The creative page of protocol 6.1. `message_id`, `sdk` and `theme` come from the address and may be hostile."""
    return _render(
        "frame.html",
        bid=bid,
        art=art(bid.creative.name),
        message_id=message_id,
        sdk=sdk,
        theme=_scheme(theme),
        snapshot=json.dumps(bid.message_ids),
        lines=json.dumps([{"text": line.text, "when": line.when} for line in bid.creative.lines]),
    )


def start(visits: Iterable[Visit]) -> str:
    """The start page; `visits` oldest first."""
    gallery = [(creative, art(creative.name)) for creative in CREATIVES]
    return _render("start.html", words=WORDS, visits=list(visits)[::-1], gallery=gallery)


def landing(creative: Creative) -> str:
    return _render("landing.html", creative=creative, art=art(creative.name))


def missing(reason: str) -> str:
    return _render("missing.html", reason=reason)


@cache
def art(name: str) -> SafeString:
    """The drawing of a creative, to be written into a page."""
    return mark_safe((_HERE / "art" / f"{name}.svg").read_text(encoding="utf-8"))  # noqa: S308  a file of our own


def _scheme(theme: str) -> str:
    """The colour scheme that a theme's name asks for, as `v2-dark` does; empty: the page's own."""
    return next((scheme for scheme in ("dark", "light") if scheme in theme.lower()), "")


def _render(template: str, **context: object) -> str:
    return _ENGINE.get_template(template).render(Context(context))
