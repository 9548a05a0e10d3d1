"""`manage.py kontext_check`: how it prints, how it ends."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.test import override_settings

from kontext_integration.models import AdBrowser, AdEvent, AdSession

from .sandbox_client import running_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.kontext_integration.host")]

USER_ID = "tests.kontext_integration.host.person"


@pytest.fixture(autouse=True)
def a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
async def sandbox_url() -> AsyncIterator[str]:
    async with running_sandbox() as sandbox:
        yield f"http://127.0.0.1:{sandbox.client.port}"


@pytest.fixture
def nobody_s_url() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def check(url: str, *options: str, **changes: Any) -> tuple[str, str]:
    """What it prints, and the error that it ends with."""
    out = StringIO()
    kontext = {"PUBLISHER_TOKEN": "sandbox", "AD_SERVER_URL": url, "USER_ID": USER_ID, **changes}
    with override_settings(KONTEXT=kontext, CONTENT_SECURITY_POLICY=None, SECURE_PROXY_SSL_HEADER=None):
        try:
            call_command("kontext_check", *options, stdout=out)
        except CommandError as error:
            return out.getvalue(), str(error)
    return out.getvalue(), ""


acheck = sync_to_async(check)


async def test_all_is_told_under_headings(sandbox_url: str) -> None:
    printed, error = await acheck(sandbox_url)
    lines = printed.splitlines()
    assert error == ""
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "Settings",
        "This site",
        "Before going live",
        f"Ad server {sandbox_url}",
        "Nothing is wrong; see the notes.",
    ]
    assert lines[:2] == ["Settings", "  ok     The system checks find nothing."]


async def test_what_is_long_is_wrapped_and_what_to_do_stands_below(sandbox_url: str) -> None:
    printed, _ = await acheck(sandbox_url)
    assert max(map(len, printed.splitlines())) <= 80
    assert (
        "  note   The publisher token is that of the sandbox. (kontext.W005)\n"
        "         → Set KONTEXT['PUBLISHER_TOKEN'] to the token that Kontext issued.\n"
    ) in printed


async def test_without_a_terminal_there_are_no_colours(sandbox_url: str) -> None:
    printed, _ = await acheck(sandbox_url)
    assert "\x1b" not in printed


async def test_colours_can_be_forced(sandbox_url: str) -> None:
    printed, _ = await acheck(sandbox_url, "--force-color")
    assert "\x1b" in printed


def test_what_is_wrong_is_counted_at_the_end(nobody_s_url: str) -> None:
    printed, error = check(nobody_s_url)
    assert error == "One thing is wrong."
    assert f"  wrong  Nothing takes connections at {nobody_s_url.removeprefix('http://')}." in printed
    assert "Nothing is wrong" not in printed


def test_a_shell_hears_of_it() -> None:
    command = [sys.executable, "-m", "django", "kontext_check", "--timeout", "2000"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "CommandError: " in ended.stderr
    assert "The name ads.test cannot be resolved." in ended.stdout


def test_wrong_settings_come_first_and_nobody_is_asked(nobody_s_url: str) -> None:
    printed, error = check(nobody_s_url, TOKEN="x")
    assert error == "One thing is wrong."
    assert "KONTEXT has unknown keys: TOKEN. (kontext.E001)" in printed
    assert "Not asked: the settings must be right first." in printed


@pytest.mark.parametrize("url", ["ads.test", "", "ftp://ads.test"])
def test_a_wrong_address_is_told_and_not_asked(url: str) -> None:
    printed, error = check(url)
    assert "KONTEXT['AD_SERVER_URL'] is not the address of a server. (kontext.E003)" in printed
    assert error == "One thing is wrong."


def test_ads_that_are_off_are_wrong_here() -> None:
    printed, error = check("http://ads.test", PUBLISHER_TOKEN="")
    assert "Ads are off: there is no publisher token" in printed
    assert error == "One thing is wrong."


@pytest.mark.urls("tests.kontext_integration.no_urls")
async def test_what_does_not_keep_it_from_asking_is_wrong_all_the_same(sandbox_url: str) -> None:
    printed, error = await acheck(sandbox_url)
    assert "The addresses of kontext_integration are not mounted. (kontext.E006)" in printed
    assert "/preload answered 200" in printed
    assert error == "One thing is wrong."


@override_settings(SILENCED_SYSTEM_CHECKS=["kontext.W002", "kontext.W005", "kontext.W007"])
async def test_silenced_checks_stay_silent_and_then_all_is_well(sandbox_url: str) -> None:
    printed, _ = await acheck(sandbox_url)
    assert "kontext.W" not in printed
    assert "  ok     Nothing is in the way." in printed
    assert printed.splitlines()[-1] == "All is well."


async def test_machines_are_told_in_json(sandbox_url: str) -> None:
    printed, error = await acheck(sandbox_url, "--json")
    told = json.loads(printed)
    assert (told["well"], error) == (True, "")
    assert told["findings"][0] == {
        "about": "Settings",
        "level": "ok",
        "what": "The system checks find nothing.",
        "fix": "",
    }


def test_machines_are_told_what_is_wrong(nobody_s_url: str) -> None:
    printed, error = check(nobody_s_url, "--json")
    assert (json.loads(printed)["well"], error) == (False, "One thing is wrong.")


async def test_reports_are_sent_when_they_are_asked_for(sandbox_url: str) -> None:
    printed, _ = await acheck(sandbox_url, "--reports")
    assert "/error answered 200" in printed
    assert "/debug answered 200" in printed


async def test_the_token_is_never_printed(sandbox_url: str) -> None:
    printed, error = await acheck(sandbox_url, PUBLISHER_TOKEN="a-very-secret-token")
    assert "a-very-secret-token" not in printed + error
    assert "a-v… (19 characters)" in printed


async def test_a_password_in_the_address_is_never_printed(sandbox_url: str) -> None:
    printed, error = await acheck(sandbox_url.replace("http://", "http://me:hidden@"))
    assert "hidden" not in printed + error


async def test_an_ad_server_that_hangs_is_left_after_the_given_time() -> None:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        printed, error = await acheck(url, "--timeout", "1000")
    assert "/init did not answer within 1,000 ms" in " ".join(printed.split())
    assert error == "2 things are wrong."


@pytest.mark.parametrize(
    "options",
    [
        ["--timeout", "0"],
        ["--timeout", "16001"],
        ["--timeout", "soon"],
        ["--retries", "4"],
        ["--address", "somewhere"],
    ],
)
def test_options_that_make_no_sense_are_refused(options: list[str]) -> None:
    _, error = check("http://ads.test", *options)
    assert error.startswith("Error: argument --")


def test_no_row_is_written(nobody_s_url: str) -> None:
    check(nobody_s_url)
    assert [model.objects.count() for model in (AdBrowser, AdEvent, AdSession)] == [0, 0, 0]
