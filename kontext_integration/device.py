"""The `device` object of a preload (protocol 3) from the newest facts and headers of the user's browser. Pure.

`facts` is what `facts.clean` returned; `headers` is the small dict that `browsers` keeps, with keys in lower case and
underscores (`user_agent`, `accept_language`, `sec_ch_ua_mobile`, ...). What nobody knows gets the documented
placeholder, because the ad server requires the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ua_parser import Result, parse

from . import facts as checked

Facts = Mapping[str, Any]
Headers = Mapping[str, str]

_TV = re.compile(
    r"smart-?tv|appletv|apple tv|googletv|android tv|hbbtv|web0s|netcast|viera|bravia|crkey|roku|\baft\w", re.I
)
_CONSOLE = re.compile(r"playstation|xbox|nintendo", re.I)
_TABLET = re.compile(r"ipad|tablet|playbook|kindle|silk/|android(?!.*mobile)", re.I)
_HANDSET = re.compile(r"iphone|ipod|mobile|windows phone|blackberry|opera mini", re.I)
_OS_NAMES = {"Mac OS X": "Mac OS", "macOS": "Mac OS", "Chromium OS": "Chrome OS", "iPadOS": "iOS"}
_TELLING_LENGTH = 400
_DESKTOP_SIZE = (1920, 1080)
_HANDSET_SIZE = (390, 844)


def device(facts: Facts, headers: Headers) -> dict[str, Any]:
    """The whole object. Facts about the screen count only when this very browser reported them."""
    agent = user_agent(facts, headers)
    if facts.get("userAgent") not in {None, agent}:
        facts = {"timezone": facts.get("timezone", "UTC")}
    kind = hardware_type(agent, headers)
    parts = {
        "hardware": _hardware(kind, agent, headers),
        "os": _os(agent, facts, headers),
        "screen": _screen(kind, facts, headers),
        "network": _network(agent, facts, headers),
    }
    return {name: part for name, part in parts.items() if part}


def user_agent(facts: Facts, headers: Headers) -> str | None:
    """The browser's user agent: that of its newest request, else what the page said."""
    return headers.get("user_agent") or facts.get("userAgent")


def hardware_type(agent: str | None, headers: Headers) -> str:
    """`handset`, `tablet`, `desktop`, `tv` or `other`; unknown agents count as desktop, none at all as other."""
    if not agent:
        return "handset" if headers.get("sec_ch_ua_mobile") == "?1" else "other"
    for kind, shape in (("other", _CONSOLE), ("tv", _TV), ("tablet", _TABLET), ("handset", _HANDSET)):
        if shape.search(agent):
            return kind
    return "handset" if headers.get("sec_ch_ua_mobile") == "?1" else "desktop"


def _hardware(kind: str, agent: str | None, headers: Headers) -> dict[str, Any]:
    found = _parsed(agent).device if agent else None
    brand = found.brand if found and not (found.brand or "").startswith(("Generic", "Spider")) else None
    model = _unquoted(headers.get("sec_ch_ua_model")) or (found.model if found and brand else None)
    return _known({"type": kind, "brand": brand, "model": model})


def _os(agent: str | None, facts: Facts, headers: Headers) -> dict[str, Any]:
    found = _parsed(agent).os if agent else None
    name = found.family if found else _unquoted(headers.get("sec_ch_ua_platform"))
    numbers = (found.major, found.minor, found.patch) if found else ()
    return {
        "name": _OS_NAMES.get(name, name) if name else "web",
        "version": ".".join(number for number in numbers if number),
        "locale": facts.get("language") or accepted_language(headers.get("accept_language", "")) or "en-US",
        "timezone": facts.get("timezone", "UTC"),
    }


def _parsed(agent: str) -> Result:
    # Hundreds of patterns look at it, some of them slow on long nonsense; real agents say all of it early.
    return parse(agent[:_TELLING_LENGTH])


def accepted_language(header: str) -> str | None:
    """The first language tag of an `Accept-Language` header, or None."""
    return checked.language(header.partition(",")[0].partition(";")[0].strip())


def _screen(kind: str, facts: Facts, headers: Headers) -> dict[str, Any]:
    said = facts.get("screen", {})
    dpr = said.get("dpr") or _hinted_ratio(headers) or 1
    width, height = _HANDSET_SIZE if kind == "handset" else _DESKTOP_SIZE
    if "width" in said and "height" in said:
        width, height = said["width"], said["height"]
    return {
        # Version 4 of the protocol counts physical pixels; the browser reports CSS pixels.
        "width": round(width * dpr),
        "height": round(height * dpr),
        "dpr": dpr,
        "orientation": said.get("orientation") or ("portrait" if height > width else "landscape"),
        "darkMode": facts.get("darkMode", headers.get("sec_ch_prefers_color_scheme", "").strip('"') == "dark"),
    }


def _hinted_ratio(headers: Headers) -> float | None:
    try:
        return checked.pixel_ratio(float(headers.get("sec_ch_dpr", "")))
    except ValueError:
        return None


def _network(agent: str | None, facts: Facts, headers: Headers) -> dict[str, Any]:
    connection = facts.get("connection", {})
    detail = connection.get("detail") or checked.network_detail(headers.get("ect"))
    return _known({"userAgent": agent, "type": connection.get("type"), "detail": detail})


def _unquoted(header: str | None) -> str:
    text = (header or "").strip().strip('"')
    return "" if text == "Unknown" else text


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
