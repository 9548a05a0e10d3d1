"""Time to first token of one user, whatever the ad server does, against ads off."""

from __future__ import annotations

import time
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING

from benchmarks.figures import median, percentile
from benchmarks.report import Section
from benchmarks.sites import DEAD, OFF, Site, World

if TYPE_CHECKING:
    from benchmarks.driver import Load
    from benchmarks.options import Options

MANNERS = (OFF, "healthy", "slow", "hanging", DEAD)
AGAIN = "off, again"
"""A second server with ads off: how far its ratio is from 1 is the noise."""
WARM_UP = 5
CALM_S = 0.08
"""Between two replies, so that what one causes does not disturb the next, on another server."""


def measure(world: World, load: Load, options: Options) -> Section:
    section = Section(
        f"Time to first token, ms: one user, {options.turns} replies per manner of the ad server, taking turns",
        ("ad server", "median", "p95", "median / off", "p95 / off"),
        note=f'slow: answers after 5 s; hanging: never; dead: connection refused; "{AGAIN}" shows the noise.',
    )
    with ExitStack() as stack:
        sites = [stack.enter_context(world.ours(manner, name=manner)) for manner in MANNERS]
        sites.append(stack.enter_context(world.ours(OFF, name=AGAIN)))
        for site in sites:
            stack.enter_context(load.visitors(site, 1))
        found = _take_turns(load, sites, options.turns)
    off_median, off_p95 = median(found[OFF]), percentile(found[OFF], 0.95)
    for name, values in found.items():
        middle, p95 = median(values), percentile(values, 0.95)
        section.rows.append((name, middle, p95, middle / off_median, p95 / off_p95))
        section.figures[f"median ratio, {name}"] = middle / off_median
    return section


def _take_turns(load: Load, sites: list[Site], turns: int) -> dict[str, list[float]]:
    """The times by the site's name. Every round has another order: what one causes later hits all alike."""
    shuffle = Random("ttft")
    found: dict[str, list[float]] = {site.name: [] for site in sites}
    for number in range(WARM_UP + turns):
        for site in shuffle.sample(sites, len(sites)):
            time.sleep(CALM_S)
            (turn,) = load.turn(site, "mixed", 3, 500)
            if number >= WARM_UP:
                found[site.name].append(turn["first_ms"])
    return found
