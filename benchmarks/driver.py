"""The handle on the load generator's process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.processes import ROOT, stop

if TYPE_CHECKING:
    from benchmarks.sites import Site


class LoadError(RuntimeError):
    """The load generator could not do what it was told: a server refused, or a reply did not end well."""


class Load:
    """Commands to the load generator. A group is named after its site, `extra` tells several of one site apart."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        self._running = running

    @contextmanager
    def visitors(self, site: Site, count: int, extra: str = "") -> Iterator[None]:
        """So many visitors, each with an open page, for as long as this is."""
        group = site.name + extra
        site.process.wait()
        self._do("open", group=group, kind=site.kind, url=site.url, count=count)
        yield
        self._do("close", group=group)

    def paths(self, site: Site, extra: str = "") -> list[str]:
        """The addresses of the visitors' conversations."""
        found: list[str] = self._do("paths", group=site.name + extra)
        return found

    def open_tabs(self, site: Site, count: int, extra: str = "") -> None:
        """So many more idle sockets for each visitor of the group."""
        self._do("open_tabs", group=site.name + extra, count=count)

    def wake(self, site: Site, extra: str = "") -> None:
        """Every idle socket of the group hears a short reply; raises when one does not."""
        self._do("wake", group=site.name + extra)

    def turn(
        self, site: Site, kind: str, tokens: int, rate: int, *, spread_s: float = 0.0, extra: str = ""
    ) -> list[dict[str, float]]:
        """One reply for each visitor of the group; returns a `visitors.Turn` as a dict for each."""
        turns: list[dict[str, float]] = self._do(
            "turn", group=site.name + extra, kind=kind, tokens=tokens, rate=rate, spread_s=spread_s
        )
        return turns

    def probe(self, site: Site, *, tokens: int, rate: int, spread_s: float) -> list[dict[str, float]]:
        """Short replies for the group `probe` while the site's main group reads a long one."""
        turns: list[dict[str, float]] = self._do(
            "probe", group=f"{site.name} probe", crowd=site.name, tokens=tokens, rate=rate, spread_s=spread_s
        )
        return turns

    def _do(self, command: str, **arguments: object) -> Any:
        assert self._running.stdin
        assert self._running.stdout
        self._running.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._running.stdin.flush()
        line = self._running.stdout.readline()
        answer = json.loads(line) if line else {"error": "the load generator has ended"}
        if "error" in answer:
            raise LoadError(answer["error"])
        return answer["result"]


@contextmanager
def load() -> Iterator[Load]:
    command = [sys.executable, "-m", "benchmarks.load"]
    running = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Load(running)
    finally:
        stop(running)
