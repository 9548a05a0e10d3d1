"""What a token costs at the end of a long reply, and a turn in a long conversation, against its start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from typing import TYPE_CHECKING

from benchmarks.figures import median
from benchmarks.processes import ROOT
from benchmarks.report import Section
from benchmarks.texts import KINDS, tokens
from chatapp.markdown import Document

if TYPE_CHECKING:
    from benchmarks.driver import Load
    from benchmarks.options import Options
    from benchmarks.sites import Site, World

PARTS = 5
REPEATS = 3
FAST = 500
"""Tokens a second of the long reply that is sent through the whole server."""
SHORT_CONVERSATION = 10
TURNS_PER_BLOCK = 4
SETTLED_AFTER_S = 0.1


def measure_markdown(options: Options) -> Section:
    """The renderer alone, in this process: a swap after every token, which is more than the chat ever asks for."""
    section = Section(
        f"Markdown, µs of CPU per token of a reply of {options.long_reply} tokens (a swap after each)",
        ("reply", "first fifth", "last fifth", "last / first"),
    )
    for kind in KINDS:
        best = [min(parts) for parts in zip(*(_fifths(kind, options.long_reply) for _ in range(REPEATS)), strict=True)]
        section.rows.append((kind, best[0], best[-1], best[-1] / best[0]))
        section.figures[f"last / first, {kind}"] = best[-1] / best[0]
    return section


def _fifths(kind: str, count: int) -> list[float]:
    """µs per token in each fifth of the reply."""
    said = tokens(kind, count)
    document, size, costs = Document("message-1"), count // PARTS, []
    for part in range(PARTS):
        began = time.thread_time()
        for token in said[part * size : (part + 1) * size]:
            document.feed(token)
            document.take_swaps()
        costs.append((time.thread_time() - began) * 1e6 / size)
    return costs


def measure_long_reply(site: Site, load: Load, options: Options) -> Section:
    """One long reply through the whole server; the pace is fixed, so a fifth of the time is a fifth of the tokens."""
    section = Section(
        f"Whole server, ms of CPU per 1,000 tokens of a reply of {options.long_reply} tokens, {FAST} a second",
        ("reply", "first fifth", "last fifth", "last / first"),
    )
    with load.visitors(site, 1):
        load.turn(site, "paragraphs", 200, FAST)
        costs = _long_reply(site, load, "paragraphs", options.long_reply)
    section.rows.append(("paragraphs", costs[0], costs[-1], costs[-1] / costs[0]))
    section.figures["last / first, whole server"] = costs[-1] / costs[0]
    return section


def _long_reply(site: Site, load: Load, kind: str, count: int) -> list[float]:
    """Ms per 1,000 tokens in each fifth of one reply."""
    marks = [site.cpu_s()]
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(load.turn, site, kind, count, FAST)
        began, length_s = time.monotonic(), count / FAST
        for part in range(1, PARTS + 1):
            time.sleep(max(0.0, began + length_s * part / PARTS - time.monotonic()))
            marks.append(site.cpu_s())
        reading.result()
    return [(after - before) * 1e6 * PARTS / count for before, after in pairwise(marks)]


def measure_conversation(site: Site, load: Load, options: Options) -> Section:
    """Turns in a short and in a long conversation of the same server, in turn."""
    section = Section("Ms of CPU per turn (5 tokens)", ("messages before", "median", "against the short one"))
    costs: dict[int, list[float]] = {}
    lengths = (SHORT_CONVERSATION, options.long_conversation)
    with ExitStack() as stack:
        for length in lengths:
            stack.enter_context(load.visitors(site, 1, extra=f" {length}"))
            (path,) = load.paths(site, extra=f" {length}")
            _lengthen(site, path, length)
            _block(site, load, length)
        for _ in range(options.conversation_blocks):
            for length in lengths:
                costs.setdefault(length, []).append(_block(site, load, length))
    short = median(costs[lengths[0]])
    for length, values in costs.items():
        section.rows.append((length, median(values), median(values) / short))
    section.figures["long / short conversation"] = median(costs[lengths[-1]]) / short
    return section


def _block(site: Site, load: Load, length: int) -> float:
    """Ms of CPU per turn, over some turns."""
    before = site.cpu_s()
    for _ in range(TURNS_PER_BLOCK):
        load.turn(site, "mixed", 5, 500, extra=f" {length}")
    time.sleep(SETTLED_AFTER_S)
    return (site.cpu_s() - before) * 1000 / TURNS_PER_BLOCK


def _lengthen(site: Site, path: str, length: int) -> None:
    """Put messages into a conversation until it has `length` of them."""
    command = [sys.executable, "-m", "benchmarks.lengthen", path.strip("/").rpartition("/")[2], str(length)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **site.env}, check=True)


def measure(world: World, load: Load, options: Options) -> list[Section]:
    sections = [measure_markdown(options)]
    with world.ours() as site:
        sections.append(measure_long_reply(site, load, options))
        sections.append(measure_conversation(site, load, options))
    return sections
