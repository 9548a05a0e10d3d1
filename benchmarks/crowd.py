"""Many people in one process: idle sockets, and replies at once among them. Any error ends the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.figures import median, percentile
from benchmarks.report import Section
from benchmarks.sites import World

if TYPE_CHECKING:
    from benchmarks.driver import Load
    from benchmarks.options import Options

TABS = 20
"""Idle sockets of one visitor."""
SPREAD_S = 5.0


def measure(world: World, load: Load, options: Options) -> Section:
    """Raises `LoadError` when a request or a socket is refused, a reply does not end well, or one of the idle sockets
    does not hear what is said at the end."""
    section = Section(
        f"{options.idle_sockets} idle sockets and {options.crowd} replies at once: {options.tokens} tokens, "
        f"{options.rate} a second; ads on",
        ("replies", "first words ms, p50", "p99", "longest gap ms", "memory MiB before", "with sockets", "after"),
        note=f"The replies begin within {SPREAD_S:.0f} seconds. At the end every idle socket has heard a reply.",
    )
    with world.ours("healthy") as site, load.visitors(site, options.idle_sockets // TABS, extra=" idle"):
        before = site.memory_mb()
        load.open_tabs(site, TABS, extra=" idle")
        with load.visitors(site, options.crowd):
            idle = site.memory_mb()
            turns = load.turn(site, "mixed", options.tokens, options.rate, spread_s=SPREAD_S)
        load.wake(site, extra=" idle")
        after = site.memory_mb()
    first = [turn["first_ms"] for turn in turns]
    gap = max(turn["longest_gap_ms"] for turn in turns)
    section.rows.append((len(turns), median(first), percentile(first, 0.99), gap, before, idle, after))
    section.figures = {"replies that ended well": len(turns), "idle sockets that heard a reply": options.idle_sockets}
    return section
