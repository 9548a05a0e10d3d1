"""The pages: frames, landing pages, the start page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kontext_integration.sandbox.creatives import CREATIVES, Creative
from kontext_integration.sandbox.words import WORDS

from .sandbox_client import Sandbox, running_sandbox
from .sandbox_requests import body


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


async def test_the_frame_is_kept_by_a_strict_policy(sandbox: Sandbox) -> None:
    response = await sandbox.frame()
    policy = response.headers["Content-Security-Policy"]
    assert response.status == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


async def test_noframe_has_no_script(sandbox: Sandbox) -> None:
    assert "<script" not in await (await sandbox.frame("#noframe")).text()


async def test_errorframe_is_told_to_fail(sandbox: Sandbox) -> None:
    assert 'data-mode="fails"' in await (await sandbox.frame("#errorframe")).text()


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"code": ""}, "code is missing"),
        ({"code": "other"}, "code is not that of the bid"),
        ({"messageId": ""}, "messageId is missing"),
        ({"sdk": ""}, "sdk is missing"),
    ],
)
async def test_a_wrong_frame_address_is_refused(sandbox: Sandbox, query: dict[str, str], problem: str) -> None:
    response = await sandbox.frame(**query)
    assert (response.status, await response.json()) == (400, [problem])


async def test_an_unknown_bid_is_a_silent_404(sandbox: Sandbox) -> None:
    response = await sandbox.client.get(
        "/api/frame/11111111-1111-4111-8111-111111111111?code=inlineAd&messageId=a&sdk=s"
    )
    assert response.status == 404
    assert "<script" not in await response.text()


@pytest.mark.parametrize("creative", CREATIVES, ids=lambda creative: creative.name)
async def test_every_creative_has_a_landing_page(sandbox: Sandbox, creative: Creative) -> None:
    response = await sandbox.client.get(f"/landing/{creative.name}")
    assert response.status == 200
    assert "This would be the advertiser’s page." in await response.text()


async def test_an_unknown_landing_page_is_a_404(sandbox: Sandbox) -> None:
    assert (await sandbox.client.get("/landing/../creatives.py")).status == 404
    assert (await sandbox.client.get("/landing/nobody")).status == 404


@pytest.mark.parametrize("name", ["frame.js", "host.js", "viewability.js"])
async def test_the_frames_modules_are_served_as_scripts(sandbox: Sandbox, name: str) -> None:
    response = await sandbox.client.get(f"/assets/{name}")
    assert response.content_type.endswith("/javascript")


async def test_the_start_page_shows_every_word(sandbox: Sandbox) -> None:
    page = await (await sandbox.client.get("/")).text()
    assert all(f"<code>{word.text}</code>" in page for word in WORDS)


async def test_the_start_page_lists_outcomes_and_no_message(sandbox: Sandbox) -> None:
    await sandbox.say("My secret trip #late")
    page = await (await sandbox.client.get("/")).text()
    assert "fill slowline #late" in page
    assert "secret" not in page


async def test_what_a_client_calls_its_fields_is_escaped_on_the_start_page(sandbox: Sandbox) -> None:
    await sandbox.post("/init", body("/init", **{"<script>alert(1)</script>": 1}))
    page = await (await sandbox.client.get("/")).text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page
