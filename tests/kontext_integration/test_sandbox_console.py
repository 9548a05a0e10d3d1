"""The start page: what it shows, who may press its buttons, and the stream of its log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientPayloadError

from kontext_integration.sandbox.console import MAX_STREAMS
from kontext_integration.sandbox.inits import INITS
from kontext_integration.sandbox.words import WORDS
from tests.waiting import until

from .sandbox_client import Sandbox, running_sandbox
from .sandbox_requests import body

if TYPE_CHECKING:
    from aiohttp import ClientResponse

NOTE = {"page": "frame", "messages": [{"direction": "sent", "type": "init-iframe", "summary": ""}]}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


async def page(sandbox: Sandbox) -> str:
    return await (await sandbox.client.get("/")).text()


async def press(sandbox: Sandbox, button: str, headers: dict[str, str] | None = None, **fields: str) -> ClientResponse:
    return await sandbox.client.post(
        "/control", data={"do": button, **fields}, headers=headers or {}, allow_redirects=False
    )


async def events(response: ClientResponse, count: int) -> list[tuple[int, dict[str, Any]]]:
    """The next events of a stream: number and content."""
    found = []
    async with asyncio.timeout(10):
        while len(found) < count:
            lines = (await response.content.readuntil(b"\n\n")).decode().split("\n")
            found.append((int(lines[0].removeprefix("id: ")), json.loads(lines[1].removeprefix("data: "))))
    return found


class TestPage:
    async def test_it_shows_every_word(self, sandbox: Sandbox) -> None:
        shown = await page(sandbox)
        assert all(f"<code>{word.text}</code>" in shown for word in WORDS)
        assert all(f"<code>#init:{init.name}</code>" in shown for init in INITS)

    async def test_it_lists_outcomes_newest_first_and_no_message(self, sandbox: Sandbox) -> None:
        await sandbox.post("/init")
        await sandbox.say("My secret trip #late")
        shown = await page(sandbox)
        assert shown.index("fill slowline native #late") < shown.index("session enabled")
        assert "secret" not in shown

    async def test_what_a_client_calls_its_fields_is_escaped(self, sandbox: Sandbox) -> None:
        await sandbox.post("/init", body("/init", **{"<script>alert(1)</script>": 1}))
        shown = await page(sandbox)
        assert "&lt;script&gt;alert(1)" in shown
        assert "<script>" not in shown

    async def test_it_is_kept_by_a_strict_policy_and_out_of_frames(self, sandbox: Sandbox) -> None:
        policy = (await sandbox.client.get("/")).headers["Content-Security-Policy"]
        assert all(part in policy for part in ("script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"))
        assert "unsafe" not in policy


class TestButtons:
    async def test_defaults_hold_from_the_next_turn_on_and_are_shown(self, sandbox: Sandbox) -> None:
        response = await press(
            sandbox, "apply", outcome="#skip:no_fill", format="#video", latency_ms="800", init="quiet"
        )
        assert (response.status, response.headers["Location"]) == (303, "/")
        assert (await (await sandbox.say("Hi")).json())["skipCode"] == "no_fill"
        assert sandbox.slept == [0.8]
        shown = await page(sandbox)
        assert "<option selected>#skip:no_fill</option>" in shown
        assert '<option value="quiet" selected>' in shown
        assert 'value="800"' in shown

    async def test_a_parameter_of_ones_own_stays_chosen(self, sandbox: Sandbox) -> None:
        await press(sandbox, "apply", outcome="#skip:my_own")
        assert "<option selected>#skip:my_own</option>" in await page(sandbox)

    async def test_a_wrong_value_is_said_and_changes_nothing(self, sandbox: Sandbox) -> None:
        response = await press(sandbox, "apply", fill_rate="2", latency_ms="800")
        assert response.status == 400
        assert "fill_rate must be a number from 0 to 1" in await response.text()
        assert sandbox.control.defaults.latency_ms == 0

    @pytest.mark.parametrize("fields", [{}, {"do": "explode"}, {"do": "apply", "secret": "1"}])
    async def test_a_form_of_another_kind_is_refused(self, sandbox: Sandbox, fields: dict[str, str]) -> None:
        assert (await sandbox.client.post("/control", data=fields, allow_redirects=False)).status == 400

    async def test_pause_resume_and_reset(self, sandbox: Sandbox) -> None:
        await press(sandbox, "apply", outcome="#500")
        await press(sandbox, "pause")
        assert sandbox.control.paused
        assert "Paused: nothing is answered." in await page(sandbox)
        await press(sandbox, "resume")
        assert not sandbox.control.paused
        await press(sandbox, "reset")
        assert (await sandbox.say("Hi")).status == 200

    async def test_what_was_pressed_is_logged(self, sandbox: Sandbox) -> None:
        await press(sandbox, "apply", outcome="#500")
        assert sandbox.told("control") == [(None, "running; outcome #500; latency_ms 0; fill_rate 1; init enabled")]

    async def test_clear_empties_the_log(self, sandbox: Sandbox) -> None:
        await sandbox.post("/init")
        await press(sandbox, "clear")
        assert sandbox.log.after() == []

    @pytest.mark.parametrize("button", ["apply", "pause", "resume", "reset", "clear"])
    @pytest.mark.parametrize(
        "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
    )
    async def test_no_foreign_page_presses_a_button(
        self, sandbox: Sandbox, button: str, headers: dict[str, str]
    ) -> None:
        await sandbox.post("/init")
        response = await press(sandbox, button, headers, outcome="#500")
        assert response.status == 403
        assert (sandbox.control.paused, len(sandbox.log.after())) == (False, 1)
        assert (await sandbox.say("Hi")).status == 200

    async def test_its_own_page_does(self, sandbox: Sandbox) -> None:
        own = str(sandbox.client.make_url("")).rstrip("/")
        assert (await press(sandbox, "pause", {"Origin": own, "Sec-Fetch-Site": "same-origin"})).status == 303


class TestStream:
    async def test_what_happens_is_told_as_it_happens(self, sandbox: Sandbox) -> None:
        await sandbox.post("/init")
        async with sandbox.client.get("/log", params={"after": "1"}) as stream:
            assert stream.content_type == "text/event-stream"
            await sandbox.say("My secret trip")
            ((number, entry),) = await events(stream, 1)
        assert (number, entry["kind"], entry["outcome"]) == (2, "preload", "fill slowline native")
        assert "secret" not in json.dumps(entry)

    async def test_after_a_break_it_goes_on_where_it_was(self, sandbox: Sandbox) -> None:
        for _ in range(3):
            await sandbox.post("/init")
        async with sandbox.client.get("/log?after=0", headers={"Last-Event-ID": "2"}) as stream:
            assert [number for number, _ in await events(stream, 1)] == [3]

    @pytest.mark.parametrize("after", ["", "x", "-1", "9" * 400, "900"])
    async def test_an_odd_number_is_the_beginning(self, sandbox: Sandbox, after: str) -> None:
        await sandbox.post("/init")
        async with sandbox.client.get("/log", params={"after": after}) as stream:
            assert [number for number, _ in await events(stream, 1)] == [1]

    async def test_there_are_only_so_many_at_a_time(self, sandbox: Sandbox) -> None:
        streams = [await sandbox.client.get("/log") for _ in range(MAX_STREAMS)]
        assert (await sandbox.client.get("/log")).status == 503
        for stream in streams:
            stream.close()
        await sandbox.post("/init")

        async def free() -> bool:
            async with sandbox.client.get("/log") as stream:
                return stream.status == 200

        await until(free)

    async def test_they_end_with_the_sandbox(self) -> None:
        async with asyncio.timeout(10), running_sandbox() as sandbox:
            stream = await sandbox.client.get("/log")
            await sandbox.client.server.close()
            with pytest.raises(ClientPayloadError):
                await stream.read()

    async def test_no_foreign_page_listens(self, sandbox: Sandbox) -> None:
        assert (await sandbox.client.get("/log", headers={"Sec-Fetch-Site": "cross-site"})).status == 403


class TestNotes:
    async def test_a_creative_tells_what_it_says(self, sandbox: Sandbox) -> None:
        response = await sandbox.client.post("/log", json=NOTE)
        assert response.status == 204
        assert [entry.what for entry in sandbox.log.after()] == ["frame → host init-iframe"]

    async def test_no_foreign_page_writes_into_the_log(self, sandbox: Sandbox) -> None:
        response = await sandbox.client.post("/log", json=NOTE, headers={"Origin": "https://evil.example"})
        assert (response.status, sandbox.log.after()) == (403, [])

    async def test_anything_else_is_refused(self, sandbox: Sandbox) -> None:
        assert (await sandbox.client.post("/log", data=b"{")).status == 400
