"""The servers under test: the chat and the yardstick, both under daphne, with the same fake model."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from benchmarks.processes import ROOT, Process, cpu_s, free_port, memory_mb, process

OFF, DEAD = "off", "dead"


@dataclass(frozen=True)
class Site:
    """A running server. `kind`: how to talk to it, "ours" or "bare"; `env`: for programs that use its database."""

    name: str
    kind: str
    port: int
    process: Process
    env: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        return cpu_s(self.process.pid)

    def memory_mb(self) -> float:
        return memory_mb(self.process.pid)


class World:
    """The fake servers, and the way to start sites among them."""

    def __init__(self, model: int, ads: int, directory: Path) -> None:
        self._model = f"http://127.0.0.1:{model}/v1"
        self._ads = ads
        self._directory = directory
        _migrate(self._empty)

    @contextmanager
    def bare(self) -> Iterator[Site]:
        env = {"OPENAI_BASE_URL": self._model, "DJANGO_SETTINGS_MODULE": "benchmarks.bare.settings"}
        with _daphne("bare", "bare", "benchmarks.bare.asgi:application", env) as site:
            yield site

    @contextmanager
    def ours(self, ads: str = OFF, name: str = "") -> Iterator[Site]:
        """The chat as in production, on a database of its own. `ads`: off, dead or a manner of the fake ad server."""
        database = self._directory / f"{uuid4()}.sqlite3"
        shutil.copy(self._empty, database)
        env = _production(database) | {"OPENAI_BASE_URL": self._model, **self._ad_settings(ads)}
        with _daphne(name or f"ours, ads {ads}", "ours", "chatapp.asgi:application", env) as site:
            yield site

    @property
    def _empty(self) -> Path:
        return self._directory / "empty.sqlite3"

    def _ad_settings(self, ads: str) -> dict[str, str]:
        if ads == OFF:
            return {"KONTEXT_PUBLISHER_TOKEN": ""}
        base = f"http://127.0.0.1:{free_port()}" if ads == DEAD else f"http://127.0.0.1:{self._ads}/{ads}"
        return {"KONTEXT_PUBLISHER_TOKEN": "benchmark", "KONTEXT_AD_SERVER_URL": base}


@contextmanager
def world() -> Iterator[World]:
    model, ads = free_port(), free_port()
    with (
        TemporaryDirectory() as directory,
        process("-m", "benchmarks.upstream", str(model), port=model) as upstream,
        process("-m", "benchmarks.ad_server", str(ads), port=ads) as ad_server,
    ):
        around = World(model, ads, Path(directory))
        upstream.wait()
        ad_server.wait()
        yield around


@contextmanager
def _daphne(name: str, kind: str, application: str, env: dict[str, str]) -> Iterator[Site]:
    port = free_port()
    command = ("-m", "daphne", "-b", "127.0.0.1", "-p", str(port), application)
    with process(*command, port=port, env=env) as running:
        yield Site(name, kind, port, running, env)


def _production(database: Path) -> dict[str, str]:
    """The environment: what could come from outside is set here, so that every run is the same."""
    return {
        "DJANGO_SETTINGS_MODULE": "benchmarks.site_settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "DEBUG": "false",
        "SECRET_KEY": "benchmark",
        "SECURE_COOKIES": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "REDIS_URL": "",
        "RATE_LIMITS": "false",
        "OPENAI_API_KEY": "",
        "LOG_LEVEL": "ERROR",
    }


def _migrate(database: Path) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **_production(database)}, check=True)
    # The journal would be a second file to copy.
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
