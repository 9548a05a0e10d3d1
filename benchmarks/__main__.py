"""`python -m benchmarks`: measures, prints tables, and with `--json FILE` writes the figures."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import django

from benchmarks import cpu, crowd, growth, ttft
from benchmarks.driver import Load, load
from benchmarks.options import Options
from benchmarks.report import Section, document
from benchmarks.sites import World, world

Measure = Callable[[World, Load, Options], list[Section]]

BENCHMARKS: dict[str, Measure] = {
    "ttft": lambda *around: [ttft.measure(*around), cpu.measure_under_load(*around)],
    "cpu": lambda *around: [cpu.measure(*around)],
    "growth": growth.measure,
    "crowd": lambda *around: [crowd.measure(*around)],
}


def main(arguments: list[str]) -> int:
    parsed = _parser().parse_args(arguments)
    options = Options(replies=parsed.replies, tokens=parsed.tokens, rate=parsed.rate, rounds=parsed.rounds)
    began, sections = time.monotonic(), []
    for section in run(options.quick() if parsed.quick else options, only=parsed.only):
        print(section.text(), flush=True)
        sections.append(section)
    print(f"{time.monotonic() - began:.0f} s")
    if parsed.json:
        parsed.json.write_text(json.dumps(document(sections), indent=1, ensure_ascii=False) + "\n")
    return 0


def run(options: Options, *, only: str | None = None) -> Iterator[Section]:
    """The sections of a run, each as soon as it is measured. Stops what it started, whatever happens."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.site_settings")
    django.setup()
    with world() as around, load() as visitors:
        for name, measure in BENCHMARKS.items():
            if only in (None, name):
                yield from measure(around, visitors, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=BENCHMARKS, help="one benchmark instead of all")
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that everything runs, no more")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--replies", type=int, default=Options.replies, help="replies at once (default %(default)s)")
    parser.add_argument("--tokens", type=int, default=Options.tokens, help="tokens of a reply (default %(default)s)")
    parser.add_argument("--rate", type=int, default=Options.rate, help="tokens a second (default %(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=Options.rounds, help="rounds of the CPU benchmark (default %(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
