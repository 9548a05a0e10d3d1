"""The colours of code can be read, in daylight and in the dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatapp.markdown.sanitise import COLOURS

CSS = (Path(__file__).parents[2] / "static/css/code.css").read_text()
LIGHT, DARK = re.findall(r"\.code \{([^}]*)\}", CSS)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_of_text_has_enough_contrast(scheme: str) -> None:
    colours = dict(re.findall(r"--code-(\w+): (#\w{6})", scheme))
    background = luminance(colours.pop("bg"))
    del colours["line"]
    for name, colour in colours.items():
        brighter, darker = sorted([luminance(colour), background], reverse=True)
        assert (brighter + 0.05) / (darker + 0.05) >= 4.5, name


def test_every_class_that_code_may_have_has_a_colour() -> None:
    styled = set(re.findall(r"\.([a-z]{1,2})\b", CSS))
    assert styled >= COLOURS


def test_the_stylesheet_is_small() -> None:
    assert len(CSS.encode()) <= 2_560
