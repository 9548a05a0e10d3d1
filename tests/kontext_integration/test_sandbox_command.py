from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command

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


def test_it_says_what_it_is_and_where() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "django", "ad_sandbox", f"--port={port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            with urlopen(f"http://127.0.0.1:{port}/") as response:
                assert response.status == 200
        finally:
            process.terminate()
    assert line == (
        f"Ad sandbox at http://127.0.0.1:{port}/ (no real ad server: its ads are house ads without value).\n"
    )
