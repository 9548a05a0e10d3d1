"""CPU of the server for 1,000 tokens delivered: the chat, with ads off and on, against the yardstick."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks.figures import median, percentile
from benchmarks.report import Section
from benchmarks.sites import OFF, Site, World

if TYPE_CHECKING:
    from benchmarks.driver import Load
    from benchmarks.options import Options

AFTERWORK_S = 0.5
"""What a reply still causes after its last frame is counted too."""
SPREAD_S = 2.0
"""Within so much time the replies of the crowd begin."""


def measure(world: World, load: Load, options: Options) -> Section:
    section = Section(
        f"CPU ms per 1,000 tokens; {options.replies} replies at once: {options.tokens} tokens, {options.rate} a second",
        ("round", "bare", "ours, ads off", "ours, ads on", "ratio off", "ratio on", "frames/reply", "longest gap ms"),
        note="The arms take turns; a ratio is that of one round. Only the server's process is counted.",
    )
    with ExitStack() as stack:
        bare = stack.enter_context(world.bare())
        ours = [stack.enter_context(world.ours(OFF)), stack.enter_context(world.ours("healthy"))]
        for site in (bare, *ours):
            _warm_up(load, site)
        for number in range(1, options.rounds + 1):
            yardstick, _ = _round(load, bare, options)
            (off, turns), (on, _) = (_round(load, site, options) for site in ours)
            frames = sum(turn["frames"] for turn in turns) / len(turns)
            gap = max(turn["longest_gap_ms"] for turn in turns)
            section.rows.append((number, yardstick, off, on, off / yardstick, on / yardstick, frames, gap))
    section.figures = {
        "median ratio, ads off": median(float(row[4]) for row in section.rows),
        "median ratio, ads on": median(float(row[5]) for row in section.rows),
    }
    return section


def _warm_up(load: Load, site: Site) -> None:
    with load.visitors(site, 2):
        load.turn(site, "mixed", 50, 200)


def _round(load: Load, site: Site, options: Options) -> tuple[float, list[dict[str, float]]]:
    """(CPU ms per 1,000 tokens, the turns)."""
    with load.visitors(site, options.replies):
        before = site.cpu_s()
        turns = load.turn(site, "mixed", options.tokens, options.rate)
        time.sleep(AFTERWORK_S)
        spent = site.cpu_s() - before
    return spent * 1000 / (options.replies * options.tokens / 1000), turns


def measure_under_load(world: World, load: Load, options: Options) -> Section:
    """Time to first token for one more user while all the others read."""
    section = Section(
        f"Time to first token, ms, while {options.replies} other replies stream",
        ("server", "p50", "p99", "samples"),
        note=f"One more user asks again and again; the others began within {SPREAD_S:.0f} seconds.",
    )
    tokens = int(options.rate * max(6.0 if options.replies > 10 else 4.0, SPREAD_S + 1))
    with ExitStack() as stack:
        sites = [
            stack.enter_context(world.bare()),
            stack.enter_context(world.ours()),
            stack.enter_context(world.ours("healthy")),
        ]
        found: dict[str, list[float]] = {site.name: [] for site in sites}
        for site in sites:
            stack.enter_context(load.visitors(site, options.replies))
            stack.enter_context(load.visitors(site, 1, extra=" probe"))
        for _ in range(options.load_rounds):
            for site in sites:
                turns = load.probe(site, tokens=tokens, rate=options.rate, spread_s=SPREAD_S)
                found[site.name] += [turn["first_ms"] for turn in turns]
    for name, values in found.items():
        section.rows.append((name, median(values), percentile(values, 0.99), len(values)))
    return section
