"""The benchmarks run. What they measure is asserted nowhere: a figure of a busy machine proves nothing."""

from __future__ import annotations

import os
import sys

import pytest

from benchmarks import growth, texts
from benchmarks.__main__ import run
from benchmarks.figures import percentile
from benchmarks.options import Options
from benchmarks.report import Section
from benchmarks.visitors import is_end

QUICK = Options(replies=2, tokens=5, rate=50, long_reply=100).quick()
PROCESSES = pytest.mark.skipif(
    "BENCH" not in os.environ or sys.platform != "linux", reason="starts servers: set BENCH=1, on Linux"
)


@pytest.mark.parametrize("kind", texts.KINDS)
def test_a_reply_has_the_length_asked_for_and_a_beginning_and_an_end_to_look_for(kind: str) -> None:
    said = texts.tokens(kind, 50)

    assert (len(said), said[0], said[-1]) == (50, texts.FIRST, texts.LAST)


def test_the_same_reply_is_the_same_in_every_process() -> None:
    texts.tokens.cache_clear()
    first = texts.tokens("mixed", 40)
    texts.tokens.cache_clear()

    assert texts.tokens("mixed", 40) == first


@pytest.mark.parametrize(
    ("frame", "ends"),
    [
        ("[DONE]", True),
        ("some words", False),
        ('<message-status id="x" class="status" data-state="streaming">', False),
        ('<message-status id="x" class="status" data-state="complete">', True),
    ],
)
def test_the_end_of_a_reply_is_recognised(frame: str, ends: bool) -> None:
    assert is_end(frame) is ends


def test_a_reply_that_failed_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="failed"):
        is_end('<message-status id="x" class="status" data-state="failed">')


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0


def test_a_section_is_a_table_with_aligned_columns() -> None:
    section = Section("Title", ("name", "ms"), [("a", 1.234), ("long name", 123.4)], {"ratio": 1.0})

    assert section.text().splitlines() == [
        "## Title",
        "",
        "name         ms",
        "---------  ----",
        "a          1.23",
        "long name   123",
        "",
        "ratio: 1.00",
    ]


def test_the_growth_of_the_renderer_is_measured_for_every_kind_of_reply() -> None:
    assert [row[0] for row in growth.measure_markdown(QUICK).rows] == list(texts.KINDS)


@PROCESSES
def test_a_quick_run_measures_the_chat_and_the_yardstick_side_by_side() -> None:
    (section,) = run(QUICK, only="cpu")

    assert all(isinstance(cell, float) and cell > 0 for cell in section.rows[0][1:4])
