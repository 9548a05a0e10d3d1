"""Answers that travel badly, as a client sees them."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest

from kontext_integration.sandbox.carriers import DRIP_S, HUGE_BYTES, TRICKLE_BYTES, TRICKLE_PAUSE_S
from tests.waiting import until

from .sandbox_client import Sandbox, running_sandbox
from .sandbox_requests import HEADERS, body, message


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


async def test_drip_brings_a_fill_byte_by_byte_within_its_time(sandbox: Sandbox) -> None:
    content = await (await sandbox.say("#drip")).read()
    assert json.loads(content)["bids"]
    assert sandbox.slept == [DRIP_S / len(content)] * len(content)


async def test_trickle_is_bounded_and_never_a_word(sandbox: Sandbox) -> None:
    content = await (await sandbox.say("#trickle")).read()
    assert content == b" " * TRICKLE_BYTES
    assert sum(sandbox.slept) == TRICKLE_BYTES * TRICKLE_PAUSE_S == 300


async def test_cut_ends_in_the_middle_of_the_body(sandbox: Sandbox) -> None:
    response = await sandbox.say("#cut")
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()


async def test_reset_is_no_answer_at_all(sandbox: Sandbox) -> None:
    """Over a socket of our own: an aiohttp client takes a reset for an end."""
    content = json.dumps(body("/preload", messages=[message("#reset")])).encode()
    headers = {**HEADERS["/preload"], "Host": "localhost", "Content-Length": str(len(content))}
    lines = ["POST /preload HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    reader, writer = await asyncio.open_connection(sandbox.client.host, sandbox.client.port, family=socket.AF_INET)
    writer.write("\r\n".join(lines).encode() + content)
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()


async def test_redirect_leads_to_itself(sandbox: Sandbox) -> None:
    response = await sandbox.say("#redirect")
    assert (response.status, response.headers["Location"]) == (307, "/preload")


async def test_huge_is_an_object_that_ends(sandbox: Sandbox) -> None:
    response = await sandbox.say("#huge")
    length, end = 0, b""
    async for chunk in response.content.iter_any():
        length += len(chunk)
        end = chunk[-2:]
    assert HUGE_BYTES * 0.99 < length <= HUGE_BYTES
    assert end == b'"}'


async def test_huge_ends_when_nobody_reads_any_more(sandbox: Sandbox) -> None:
    response = await sandbox.say("#huge")
    await response.content.readany()
    response.close()
    await until(lambda: (None, "the client went away: fill kettle native #huge") in sandbox.told("preload"))


@pytest.mark.parametrize(
    ("word", "content_type"), [("#html", "text/html"), ("#charset", "application/json; charset=iso-8859-1")]
)
async def test_bodies_of_another_kind_say_so(sandbox: Sandbox, word: str, content_type: str) -> None:
    response = await sandbox.say(word)
    assert response.headers["Content-Type"] == content_type


async def test_charset_is_not_utf_8(sandbox: Sandbox) -> None:
    with pytest.raises(UnicodeDecodeError):
        (await (await sandbox.say("#charset")).read()).decode()


async def test_deep_is_nested_beyond_any_recursion(sandbox: Sandbox) -> None:
    with pytest.raises(RecursionError):
        json.loads(await (await sandbox.say("#deep")).read())
