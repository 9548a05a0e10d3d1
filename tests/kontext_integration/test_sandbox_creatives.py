from __future__ import annotations

from xml.etree import ElementTree

import pytest

from kontext_integration.sandbox.creatives import CREATIVES, GENERAL, TOPICAL, Creative
from kontext_integration.sandbox.pages import art

each_creative = pytest.mark.parametrize("creative", CREATIVES, ids=lambda creative: creative.name)


def test_there_are_a_dozen_topics_and_one_fallback() -> None:
    assert len(TOPICAL) >= 12
    assert (*TOPICAL, GENERAL) == CREATIVES


@each_creative
def test_its_words_can_match(creative: Creative) -> None:
    words = [*creative.words, *(word for line in creative.lines for word in line.when)]
    assert words == [word.lower() for word in words if word.isalnum()]


@each_creative
def test_its_first_line_is_for_everybody_and_the_others_are_not(creative: Creative) -> None:
    assert [bool(line.when) for line in creative.lines] == [False] + [True] * (len(creative.lines) - 1)


@each_creative
def test_its_texts_are_short(creative: Creative) -> None:
    assert all(len(line.text) <= 120 for line in creative.lines)
    assert len(creative.call) <= 26


@each_creative
def test_its_drawing_loads_nothing_and_needs_no_inline_style(creative: Creative) -> None:
    nodes = ElementTree.fromstring(art(creative.name)).iter()
    names = {name.rpartition("}")[2] for node in nodes for name in node.attrib}
    assert not names & {"href", "src", "style", "onload"}
