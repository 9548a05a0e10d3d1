from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.request import Request, urlopen

import pytest
from django.core.management import CommandError, call_command

from .sandbox_requests import HEADERS, body

if TYPE_CHECKING:
    from pytest_django import Settings


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    "kontext",
    [
        {"PUBLISHER_TOKEN": "real-token"},
        {"PUBLISHER_TOKEN": "sandbox", "AD_SERVER_URL": "https://server.megabrain.co"},
        {},
    ],
)
def test_if_needed_ends_silently_when_the_settings_point_elsewhere(settings: Settings, kontext: dict[str, str]) -> None:
    settings.KONTEXT = kontext
    out = StringIO()
    call_command("ad_sandbox", "--if-needed", stdout=out)
    assert out.getvalue() == ""


def test_if_needed_starts_when_the_settings_point_here(settings: Settings, taken_port: int) -> None:
    settings.KONTEXT = {"PUBLISHER_TOKEN": "sandbox", "AD_SERVER_URL": f"http://127.0.0.1:{taken_port}"}
    with pytest.raises(CommandError, match=f"cannot listen on 127.0.0.1:{taken_port}"):
        call_command("ad_sandbox", "--if-needed")


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("--outcome=nonsense", "outcome: 'nonsense' is no such word. The sandbox's start page lists the words."),
        ("--format=skip", "format: 'skip' is no such word"),
        ("--fill-rate=2", "fill_rate must be a number from 0 to 1"),
        ("--latency-ms=-5", "latency_ms must be a number from 0 to 120000"),
        ("--init=maybe", "init must be one of enabled"),
    ],
)
def test_a_wrong_default_is_refused(option: str, problem: str) -> None:
    with pytest.raises(CommandError, match="^" + problem):
        call_command("ad_sandbox", option)


class Running(NamedTuple):
    line: str
    url: str


@contextmanager
def started(*options: str) -> Iterator[Running]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "django", "ad_sandbox", f"--port={port}", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Running(process.stdout.readline(), f"http://127.0.0.1:{port}/")
        finally:
            process.terminate()


def ask(url: str, path: str) -> dict[str, Any]:
    request = Request(f"{url}{path}", json.dumps(body(f"/{path}")).encode(), HEADERS[f"/{path}"])
    with urlopen(request) as response:
        return dict(json.load(response))


def test_it_says_what_it_is_and_where() -> None:
    with started() as sandbox, urlopen(sandbox.url) as response:
        assert response.status == 200
    assert sandbox.line == f"Ad sandbox at {sandbox.url} (no real ad server: its ads are house ads without value).\n"


def test_its_options_hold_for_every_turn() -> None:
    options = ["--format=video", "--fill-rate=0.5", "--latency-ms=1", "--init=quiet", "--seed=7"]
    with started(*options) as sandbox:
        assert ask(sandbox.url, "init") == {"reportErrors": False, "reportDebug": False}
        answers = [ask(sandbox.url, "preload")["bids"] for _ in range(12)]
    kinds = [bid["om"]["creativeType"] for bids in answers for bid in bids]
    assert [bool(bids) for bids in answers] == [number < 0.5 for number in chances(7, 12)]
    assert set(kinds) == {"video"}


def chances(seed: int, count: int) -> list[float]:
    chance = random.Random(seed)
    return [chance.random() for _ in range(count)]


def test_an_outcome_needs_no_hash() -> None:
    with started("--outcome=skip:frequency_cap") as sandbox:
        assert ask(sandbox.url, "preload")["skipCode"] == "frequency_cap"
