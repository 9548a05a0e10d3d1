"""Values that came from a server, a frame or a browser, made safe: the wanted type, or `None`. Nothing here raises."""

from __future__ import annotations

import math
import re

_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def canonical_uuid(value: object) -> str | None:
    """The UUID in lower case; `None` unless it is written 8-4-4-4-12 (`uuid.UUID` takes looser forms, protocol 2.4)."""
    if isinstance(value, str) and _CANONICAL_UUID.fullmatch(value):
        return value.lower()
    return None


def text(value: object, limit: int) -> str | None:
    """The text, cut at `limit` characters and storable anywhere: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        return None
    return value[:limit].replace("\0", "").encode("utf-8", "replace").decode()


def number(value: object) -> float | None:
    """A finite number; a boolean is none (protocol 2.4)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        converted = float(value)
    except OverflowError:
        return None
    return converted if math.isfinite(converted) else None


def flag(value: object, default: bool) -> bool:
    """A real boolean, else the default: neither 1 nor "yes" flips it (protocol 2.3)."""
    return value if isinstance(value, bool) else default
