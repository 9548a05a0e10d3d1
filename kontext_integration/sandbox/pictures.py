"""The drawings of the house ads, to be written into a page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from django.utils.safestring import SafeString, mark_safe

_ART = Path(__file__).parent / "art"
_GROUND = re.compile(r'<rect width="96" height="96" fill="(#[0-9a-f]{6})"/>')
_MIDDLE = 0.4
"""Relative luminance from which dark ink reads better than pale."""


@cache
def art(name: str) -> SafeString:
    """The drawing of a creative."""
    return mark_safe((_ART / f"{name}.svg").read_text(encoding="utf-8"))  # noqa: S308  a file of our own


def ground(name: str) -> str:
    """The colour that a drawing stands on, as #rrggbb. Raises `ValueError` for a drawing without one."""
    found = _GROUND.search(art(name))
    if not found:
        raise ValueError(f"The drawing {name} has no ground")
    return found[1]


def ink(colour: str) -> Literal["dark", "pale"]:
    """Which words can be read on a colour (#rrggbb)."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return "dark" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > _MIDDLE else "pale"
