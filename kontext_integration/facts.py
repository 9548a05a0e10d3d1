"""Validation of what a page says about its browser. Everything here is hostile until it has the right shape.

The page posts, every field optional:

    {"installId": "...", "timezone": "Europe/Rome", "language": "en-US", "darkMode": true,
     "screen": {"width": 1440, "height": 900, "dpr": 2, "orientation": "landscape"},
     "connection": {"type": "wifi", "detail": "4g"}, "userAgent": "...", "gpc": true,
     "consent": {"gdpr": 1, "gdprConsent": "...", "gpp": "...", "gppSid": [7], "usPrivacy": "1YNN"}}

Sizes are CSS pixels. `clean` returns the same shape with the good fields only (protocol 3 and 7.2). A `consent` without
one stays, empty: it says that nothing is known any more.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeGuard

from .untrusted import canonical_uuid, number

LONGEST_USER_AGENT = 1024
_LONGEST_CONSENT = 7000
"""Characters; two such strings and all the facts fit into one report."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}")
_DETAIL = re.compile(r"[a-z0-9-]{1,16}")
_US_PRIVACY = re.compile(r"1[YNyn-]{3}")
_NETWORK_TYPES = {
    "wifi": "wifi",
    "cellular": "cellular",
    "ethernet": "ethernet",
    "other": "other",
    "bluetooth": "other",
    "wimax": "other",
}

Checks = dict[str, Callable[[Any], Any]]


def clean(facts: object) -> dict[str, Any]:
    """The valid part of `facts`; {} when it is not a mapping at all. Never raises."""
    return _pick(facts, _FACTS) or {}


def language(value: object) -> str | None:
    """A BCP-47 tag with hyphens, or None."""
    return _shaped(value, _LANGUAGE)


def user_agent(value: object) -> str | None:
    """A printable, not blank user agent of bounded length, or None."""
    return value if _is_text(value, LONGEST_USER_AGENT) and value.isprintable() else None


def network_detail(value: object) -> str | None:
    """How fast the connection is, for example `4g`, or None."""
    return _shaped(value, _DETAIL)


def pixel_ratio(value: object) -> float | None:
    """Device pixels per CSS pixel, or None."""
    return _between(0.1, 16)(value)


def consent(value: object) -> dict[str, Any] | None:
    """The valid privacy signals that a page can read (protocol 7.1); None when it is not a mapping at all."""
    return _pick(value, _CONSENT)


def gdpr(value: object) -> int | None:
    """0 or 1; booleans and numeric strings count, everything else is unknown (protocol 7.2)."""
    if isinstance(value, str):
        value = {"0": 0, "1": 1}.get(value.strip())
    return int(value) if isinstance(value, bool | int | float) and value in {0, 1} else None


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _time_zone(value: object) -> str | None:
    return value if isinstance(value, str) and value in _time_zones() else None


def _shaped(value: object, shape: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and shape.fullmatch(value) else None


def _is_text(value: object, longest: int) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest


def _consent_text(value: object) -> str | None:
    return value if _is_text(value, _LONGEST_CONSENT) and value.isascii() and value.isprintable() else None


def _section_ids(value: object) -> list[int] | None:
    if not isinstance(value, list) or len(value) > 64:
        return None
    return [item for item in value if type(item) is int and 0 < item < 1000]


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _between(low: float, high: float) -> Callable[[object], float | None]:
    def check(value: object) -> float | None:
        found = number(value)
        return found if found is not None and low <= found <= high else None

    return check


def _orientation(value: object) -> str | None:
    if not _is_text(value, 32):
        return None
    return "portrait" if "portrait" in value else "landscape"


def _network_type(value: object) -> str | None:
    return _NETWORK_TYPES.get(value) if isinstance(value, str) else None


def _pick(source: object, checks: Checks) -> dict[str, Any] | None:
    if not isinstance(source, Mapping):
        return None
    checked = ((name, check(source.get(name))) for name, check in checks.items())
    return {name: value for name, value in checked if value is not None}


_SCREEN: Checks = {
    "width": _between(1, 20_000),
    "height": _between(1, 20_000),
    "dpr": pixel_ratio,
    "orientation": _orientation,
}
_CONNECTION: Checks = {"type": _network_type, "detail": network_detail}
_CONSENT: Checks = {
    "gdpr": gdpr,
    "gdprConsent": _consent_text,
    "gpp": _consent_text,
    "gppSid": _section_ids,
    "usPrivacy": lambda value: _shaped(value, _US_PRIVACY),
}
_FACTS: Checks = {
    "installId": canonical_uuid,
    "timezone": _time_zone,
    "language": language,
    "darkMode": _flag,
    "screen": lambda value: _pick(value, _SCREEN) or None,
    "connection": lambda value: _pick(value, _CONNECTION) or None,
    "userAgent": user_agent,
    "gpc": _flag,
    "consent": consent,
}
