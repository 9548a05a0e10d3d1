from __future__ import annotations

import pytest

from kontext_integration.sandbox.creatives import CREATIVES, Creative
from kontext_integration.sandbox.pictures import ground, ink


@pytest.mark.parametrize("creative", CREATIVES, ids=lambda creative: creative.name)
def test_every_drawing_stands_on_a_ground_on_which_its_words_can_be_read(creative: Creative) -> None:
    colour = ground(creative.name)
    words = {"dark": "#20242c", "pale": "#ffffff"}[ink(colour)]
    assert contrast(colour, words) >= 4.5


@pytest.mark.parametrize(("colour", "expected"), [("#ffffff", "dark"), ("#000000", "pale"), ("#ffd56b", "dark")])
def test_ink_is_dark_on_a_light_ground(colour: str, expected: str) -> None:
    assert ink(colour) == expected


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """As WCAG defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
