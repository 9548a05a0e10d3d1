"""The pages that a person's browser loads: frames, modals, landing pages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kontext_integration.sandbox.creatives import CREATIVES, Creative
from kontext_integration.sandbox.pages import ASSETS
from kontext_integration.sandbox.turns import FORMATS

from .sandbox_client import Sandbox, running_sandbox

UNKNOWN = "11111111-1111-4111-8111-111111111111?code=inlineAd&messageId=a&sdk=s"
SCRIPTS = sorted(script.name for script in ASSETS.glob("*.js"))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.mark.parametrize("word", [f"#{format_}" for format_ in FORMATS])
async def test_every_format_is_a_page_kept_by_a_strict_policy(sandbox: Sandbox, word: str) -> None:
    response = await sandbox.frame(word)
    policy = response.headers["Content-Security-Policy"]
    assert response.status == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f'data-format="{word[1:]}"' in await response.text()


async def test_the_modal_is_kept_by_the_same_policy(sandbox: Sandbox) -> None:
    response = await sandbox.modal()
    assert (response.status, response.headers["Content-Security-Policy"]) == (
        200,
        (await sandbox.frame()).headers["Content-Security-Policy"],
    )


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("#errorframe", "fails"),
        ("#throwframe", "throws"),
        ("#hideframe", "hides"),
        ("#styleframe", "styles"),
        ("#resizeframe", "resizes"),
        ("#floodframe", "floods"),
        ("#forgeframe", "forges"),
    ],
)
async def test_a_frame_is_told_how_to_misbehave(sandbox: Sandbox, word: str, mode: str) -> None:
    assert f'data-mode="{mode}"' in await (await sandbox.frame(word)).text()


async def test_a_silent_frame_has_no_script(sandbox: Sandbox) -> None:
    assert "<script" not in await (await sandbox.frame("#noframe")).text()


async def test_a_silent_modal_has_no_script(sandbox: Sandbox) -> None:
    assert "<script" not in await (await sandbox.modal("#modalsilent")).text()


async def test_a_modal_that_fails_is_told_its_errors_type(sandbox: Sandbox) -> None:
    page = await (await sandbox.modal("#modalerror:render_failed")).text()
    assert 'data-mode="fails"' in page
    assert 'data-error-type="render_failed"' in page


async def test_a_modal_that_hangs_has_no_button_to_close_it(sandbox: Sandbox) -> None:
    assert 'class="close"' in await (await sandbox.modal()).text()
    assert 'class="close"' not in await (await sandbox.modal("#modalhang")).text()


@pytest.mark.parametrize(
    ("params", "line"),
    [({"line": 1}, 1), ({"line": 99}, 0), ({"line": -1}, 0), ({"line": True}, 0), ({"line": "1"}, 0), ({}, 0)],
)
async def test_a_modal_shows_the_line_that_the_frame_showed(sandbox: Sandbox, params: Any, line: int) -> None:
    response = await sandbox.modal(componentParams=json.dumps(params))
    assert f'data-line="{line}"' in await response.text()


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"code": ""}, "code is missing"),
        ({"code": "other"}, "code is not that of the bid"),
        ({"sdk": ""}, "sdk is missing"),
    ],
)
async def test_a_wrong_frame_address_is_refused_and_logged(
    sandbox: Sandbox, query: dict[str, str], problem: str
) -> None:
    response = await sandbox.frame(**query)
    assert (response.status, await response.json()) == (400, [problem])
    assert sandbox.told("page") == [(400, problem)]


async def test_a_wrong_modal_address_is_refused_and_logged(sandbox: Sandbox) -> None:
    response = await sandbox.modal(componentParams="[]")
    assert (response.status, await response.json()) == (400, ["componentParams must be a JSON object"])
    assert sandbox.told("page") == [(400, "componentParams must be a JSON object")]


@pytest.mark.parametrize("page", ["frame", "modal"])
async def test_an_unknown_bid_is_a_silent_404(sandbox: Sandbox, page: str) -> None:
    response = await sandbox.client.get(f"/api/{page}/{UNKNOWN}")
    assert response.status == 404
    assert "<script" not in await response.text()
    assert sandbox.told("page") == [(404, "unknown bid")]


async def test_the_log_tells_which_page_was_loaded_for_what(sandbox: Sandbox) -> None:
    await sandbox.frame("A trip to Rome #video #hideframe")
    entry = sandbox.log.after()[-1]
    assert (entry.what, entry.outcome) == ("GET frame", "slowline video, hides")
    assert entry.ids.endswith("message a1")


@pytest.mark.parametrize("creative", CREATIVES, ids=lambda creative: creative.name)
async def test_every_creative_has_a_landing_page(sandbox: Sandbox, creative: Creative) -> None:
    response = await sandbox.client.get(f"/landing/{creative.name}")
    assert response.status == 200
    assert "This would be the advertiser’s page." in await response.text()


async def test_an_unknown_landing_page_is_a_404(sandbox: Sandbox) -> None:
    assert (await sandbox.client.get("/landing/../creatives.py")).status == 404
    assert (await sandbox.client.get("/landing/nobody")).status == 404


@pytest.mark.parametrize("name", SCRIPTS)
async def test_every_module_is_served_as_a_script(sandbox: Sandbox, name: str) -> None:
    assert (await sandbox.client.get(f"/assets/{name}")).content_type.endswith("/javascript")


@pytest.mark.parametrize(("name", "kind"), [("film.webm", "video/webm"), ("film.mp4", "video/mp4")])
async def test_the_film_is_small_and_can_be_read_in_parts(sandbox: Sandbox, name: str, kind: str) -> None:
    response = await sandbox.client.get(f"/assets/{name}", headers={"Range": "bytes=0-99"})
    assert (response.status, response.content_type, len(await response.read())) == (206, kind, 100)
    assert (ASSETS / name).stat().st_size < 100_000
