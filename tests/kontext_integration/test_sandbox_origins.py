from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from kontext_integration.sandbox.origins import is_own
from kontext_integration.sandbox.rules import BODIES

from .sandbox_client import Sandbox, running_sandbox
from .sandbox_requests import HEADERS, body, message

PUBLISHER = "https://chat.example.com"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "127.0.0.1:8001"},
        {"Host": "localhost"},
        {"Host": "[::1]:8001", "Origin": "http://[::1]:8001"},
        {"Host": "192.168.0.7:8001", "Origin": "http://192.168.0.7:8001", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_our_own_pages_and_no_browser_at_all_are_ours(headers: dict[str, str]) -> None:
    assert is_own(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "127.0.0.1:8001", "Origin": "https://evil.example"},
        {"Host": "127.0.0.1:8001", "Origin": "http://127.0.0.1:8000"},
        {"Host": "127.0.0.1:8001", "Origin": "http://localhost:8001"},
        {"Host": "127.0.0.1:8001", "Origin": "null"},
        {"Host": "127.0.0.1:8001", "Sec-Fetch-Site": "cross-site"},
        {"Host": "127.0.0.1:8001", "Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8001"},
        {"Host": "evil.example:8001", "Origin": "http://evil.example:8001", "Sec-Fetch-Site": "same-origin"},
        {"Host": "localhost.evil.example"},
        {"Host": "[::1"},
        {"Host": ""},
        {},
    ],
)
def test_other_pages_and_names_bent_to_this_machine_are_not(headers: dict[str, str]) -> None:
    assert not is_own(headers)


@pytest.mark.parametrize("path", BODIES)
async def test_a_preflight_allows_what_a_relay_sends(sandbox: Sandbox, path: str) -> None:
    asked = {"Origin": PUBLISHER, "Access-Control-Request-Method": "POST"}
    response = await sandbox.client.options(path, headers=asked)
    assert response.status == 204
    assert response.headers["Access-Control-Allow-Origin"] == PUBLISHER
    assert response.headers["Access-Control-Allow-Methods"] == "POST"
    assert response.headers["Access-Control-Allow-Headers"] == (
        "Content-Type, Kontextso-Publisher-Token, Kontextso-Is-Disabled"
    )
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("path", BODIES)
async def test_every_answer_may_be_read_by_the_page_that_asked(sandbox: Sandbox, path: str) -> None:
    response = await sandbox.post(path, Origin=PUBLISHER)
    assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (200, PUBLISHER)
    assert response.headers["Vary"] == "Origin"


@pytest.mark.parametrize("word", ["#500", "#204", "#drip", "#cut", "#redirect", "#huge"])
async def test_so_may_answers_that_go_wrong(sandbox: Sandbox, word: str) -> None:
    sent = body("/preload", messages=[message(word)])
    response = await sandbox.post("/preload", sent, Origin=PUBLISHER)
    assert response.headers["Access-Control-Allow-Origin"] == PUBLISHER
    response.close()


async def test_a_refusal_may_be_read_too(sandbox: Sandbox) -> None:
    response = await sandbox.post("/init", {}, Origin=PUBLISHER)
    assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (400, PUBLISHER)


async def test_without_an_origin_anybody_may_read(sandbox: Sandbox) -> None:
    assert (await sandbox.post("/init")).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", ["/", "/log", "/api/frame/1", "/landing/kettle", "/assets/frame.js"])
async def test_nothing_else_is_for_other_origins(sandbox: Sandbox, address: str) -> None:
    response = await sandbox.client.get(address, headers={"Origin": PUBLISHER})
    assert "Access-Control-Allow-Origin" not in response.headers
    response.close()


async def test_a_relay_that_sends_cookies_is_refused(sandbox: Sandbox) -> None:
    headers = HEADERS["/init"] | {"Origin": PUBLISHER, "Cookie": "session=1"}
    response = await sandbox.client.post("/init", data=json.dumps(body("/init")), headers=headers)
    assert (response.status, await response.json()) == (400, ["header Cookie must not be sent (protocol 2.2)"])
