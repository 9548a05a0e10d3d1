"""`python -m benchmarks.soak`: thousands of turns in one process; is its memory flat? To be run by hand.

Visitors come, have a conversation and go, ads on. The process's memory is looked at after each part; the trend is that
of the second half, when all that is kept on purpose (caches, pools, the ad sessions in use) has found its size.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.driver import Load, load
from benchmarks.report import Section, document
from benchmarks.sites import Site, world

VISITORS = 10
"""At once; each has `TURNS` turns and goes."""
TURNS = 25
PARTS = 20


def soak(turns: int) -> Section:
    """Raises `LoadError` for the first turn that does not end well."""
    section = Section(
        f"Memory over {turns} turns, ads on",
        ("turns", "MiB", "CPU ms per turn"),
        note=f"{VISITORS} visitors at once; after {TURNS} turns others come. Each reply has 40 tokens.",
    )
    with world() as around, load() as visitors, around.ours("healthy") as site:
        site.process.wait()
        for part in range(PARTS):
            spent = site.cpu_s()
            done = _some_turns(visitors, site, turns // PARTS)
            spent = (site.cpu_s() - spent) * 1000 / done
            section.rows.append(((part + 1) * done, site.memory_mb(), spent))
            print(*(f"{cell:.1f}" for cell in section.rows[-1]), flush=True)
    memory = [float(row[1]) for row in section.rows]
    section.figures = {
        "MiB at the end": memory[-1],
        "KiB per turn in the second half": _slope(memory[PARTS // 2 :]) * 1024 / (turns / PARTS),
    }
    return section


def _some_turns(visitors: Load, site: Site, least: int) -> int:
    done = 0
    while done < least:
        with visitors.visitors(site, VISITORS):
            for _ in range(TURNS - 1):
                visitors.turn(site, "mixed", 40, 1000)
        done += VISITORS * TURNS
    return done


def _slope(values: list[float]) -> float:
    """Of the straight line that fits best."""
    middle = (len(values) - 1) / 2
    mean = sum(values) / len(values)
    spread = sum((number - middle) ** 2 for number in range(len(values)))
    return sum((number - middle) * (value - mean) for number, value in enumerate(values)) / spread


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--turns", type=int, default=10_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parsed = parser.parse_args(arguments)
    began = time.monotonic()
    section = soak(parsed.turns)
    print(section.text(), f"{time.monotonic() - began:.0f} s")
    if parsed.json:
        parsed.json.write_text(json.dumps(document([section]), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
