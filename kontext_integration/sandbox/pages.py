"""The sandbox's HTML: frames, modals, the start page, the landing pages. The template engine escapes all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.template import Context, Engine

from .control import Control
from .creatives import CREATIVES, Creative
from .defaults import WORD_FIELDS, choices
from .grammar import MAX_DELAY_MS
from .inits import INITS
from .log import KINDS, Entry
from .pictures import art, ground, ink
from .store import Bid
from .words import GROUPS

_HERE = Path(__file__).parent
ASSETS = _HERE / "assets"
_ENGINE = Engine(dirs=[str(_HERE / "templates")])

_OWN = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'"
FRAME_CSP = f"{_OWN}; media-src 'self'; form-action 'none'"
"""No `frame-ancestors`: a creative is meant to be framed by any publisher's page."""
PAGE_CSP = f"{_OWN}; form-action 'self'; frame-ancestors 'none'"


def frame(bid: Bid, *, message_id: str, sdk: str, theme: str) -> str:
    """The creative page of protocol 6.1. `message_id`, `sdk` and `theme` come from the address and may be hostile."""
    colour = ground(bid.creative.name)
    return _creative(
        f"formats/{bid.format}.html", bid, bid.frame, message_id, sdk, theme, ground=colour, ink=ink(colour)
    )


def modal(bid: Bid, *, message_id: str, sdk: str, theme: str, params: Mapping[str, object]) -> str:
    """The full-screen page of protocol 6.6. `params` are the frame's, by way of the host: as hostile as the rest."""
    line = params.get("line")
    known = isinstance(line, int) and not isinstance(line, bool) and 0 <= line < len(bid.creative.lines)
    return _creative("modal.html", bid, bid.modal, message_id, sdk, theme, line=line if known else 0)


def start(entries: Iterable[Entry], control: Control, problem: str = "") -> str:
    """The start page; `entries` oldest first; `problem` is what was wrong with the form."""
    listed = list(entries)
    fields = control.defaults.fields
    return _render(
        "start.html",
        entries=listed[::-1],
        last=listed[-1].number if listed else 0,
        kinds=KINDS,
        fields=fields,
        selects=[(name, name.capitalize(), fields[name], _offered(name, fields[name])) for name in WORD_FIELDS],
        inits=INITS,
        paused=control.paused,
        most_ms=MAX_DELAY_MS,
        problem=problem,
        groups=GROUPS,
        gallery=[(creative, art(creative.name)) for creative in CREATIVES],
    )


def landing(creative: Creative) -> str:
    return _render("landing.html", creative=creative, art=art(creative.name))


def missing(reason: str) -> str:
    return _render("missing.html", reason=reason)


def _creative(template: str, bid: Bid, mode: str, message_id: str, sdk: str, theme: str, **context: object) -> str:
    return _render(
        template,
        bid=bid,
        mode=mode,
        art=art(bid.creative.name),
        message_id=message_id,
        sdk=sdk,
        theme=_scheme(theme),
        snapshot=json.dumps(bid.message_ids),
        lines=json.dumps([{"text": line.text, "when": line.when} for line in bid.creative.lines]),
        **context,
    )


def _offered(field: str, chosen: str) -> dict[str, list[str]]:
    """The options of a select, with the one chosen even when it has a parameter of somebody's own."""
    offered = choices(WORD_FIELDS[field])
    known = not chosen or any(chosen in texts for texts in offered.values())
    return offered if known else {"Now": [chosen], **offered}


def _scheme(theme: str) -> str:
    """The colour scheme that a theme's name asks for, as `v2-dark` does; empty: the page's own."""
    return next((scheme for scheme in ("dark", "light") if scheme in theme.lower()), "")


def _render(template: str, **context: object) -> str:
    return _ENGINE.get_template(template).render(Context(context))
