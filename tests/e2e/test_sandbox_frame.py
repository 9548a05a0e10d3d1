"""A creative of the sandbox in a real browser, framed by a page of another origin that plays the host (protocol 6)."""

from __future__ import annotations

from typing import Any

import pytest

from kontext_integration.sandbox.creatives import CREATIVES, Creative
from kontext_integration.sandbox.turns import FORMATS, Format

from .sandbox_host import BID_ID, Host

pytest_plugins = ["tests.e2e.sandbox_fixtures"]
pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_it_renders_in_the_order_of_the_protocol(host: Host) -> None:
    await host.mount()
    await host.hear("ad.viewed")
    log = [name for name in await host.log() if name != "resize-iframe"]
    assert log == [
        "init-iframe",
        "ad.render-started",
        "show-iframe",
        "ad-done-iframe",
        "ad.render-completed",
        "ad.viewed",
    ]


async def test_the_frame_gets_the_height_of_its_card(host: Host) -> None:
    await host.mount()
    await host.hear("ad.viewed")
    last = await host.page.evaluate("log.findLast((entry) => entry.type === 'resize-iframe').height")
    assert last == await host.frame.evaluate(
        "Math.ceil(document.querySelector('.creative').getBoundingClientRect().height)"
    )


async def test_a_view_says_what_was_seen(host: Host) -> None:
    await host.mount(text="By train or by plane?")
    viewed = await host.hear("ad.viewed")
    assert viewed["payload"] == {
        "id": BID_ID,
        "content": "The window is yours, the suitcase sleeps under the bed, and nobody weighs it.",
        "messageId": "a1",
        "format": "inline",
    }


async def test_an_ad_out_of_sight_is_viewed_only_a_second_after_it_came_into_sight(host: Host) -> None:
    await host.page.evaluate("document.querySelector('#above').style.height = '1500px'")
    await host.mount()
    await host.hear("ad.render-completed")
    in_sight = await host.page.evaluate("(scrollTo(0, 1400), performance.now())")
    assert (await host.hear("ad.viewed"))["at"] - in_sight >= 1000


async def test_a_click_tells_the_host_and_leaves_the_opening_to_it(host: Host) -> None:
    await host.mount()
    await host.hear("ad.render-completed")
    await host.frame.get_by_role("link").click()
    click = await host.hear("click-iframe")
    assert (click["id"], click["messageId"], click["url"], click["target"]) == (
        BID_ID,
        "a1",
        "/landing/slowline",
        "browser",
    )
    clicked = (await host.hear("ad.clicked"))["payload"]
    assert (clicked["url"], clicked["format"], clicked["area"]) == ("/landing/slowline", "inline", "cta")
    assert len(host.page.context.pages) == 1


async def test_the_call_to_action_works_from_the_keyboard(host: Host) -> None:
    await host.mount()
    await host.hear("ad.render-completed")
    await host.page.keyboard.press("Tab")
    await host.page.keyboard.press("Enter")
    assert (await host.hear("click-iframe"))["url"] == "/landing/slowline"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sdk": "other"}, "sdk is not that of the frame's address"),
        ({"messageId": "u1"}, "messageId is not that of the frame's address"),
        ({"otherParams": None}, "otherParams must be an object"),
        ({"messages": [{"id": "u1", "role": "user", "content": "Hi"}]}, "every message needs the string createdAt"),
        ({"messages": "Hi"}, "messages must be a list"),
    ],
)
async def test_a_wrong_update_is_reported_and_nothing_shows(host: Host, changes: dict[str, Any], problem: str) -> None:
    await host.mount(**changes)
    error = (await host.hear("ad.error"))["payload"]
    assert error == {"id": BID_ID, "message": f"update-iframe: {problem}", "errCode": "sandbox_bad_update"}
    assert "show-iframe" not in await host.log()


async def test_a_snapshot_of_another_preload_is_reported(host: Host) -> None:
    other = {"id": "u2", "role": "user", "content": "Hi", "createdAt": "2026-01-15T10:29:50.000Z"}
    await host.mount(messages=[other])
    assert "snapshot" in (await host.hear("ad.error"))["payload"]["message"]


async def test_a_lost_snapshot_still_renders(host: Host) -> None:
    await host.mount(messages=[])
    await host.hear("ad.render-completed")


async def test_a_hostile_message_id_is_only_data(host: Host) -> None:
    hostile = "\"><img src=x onerror=alert(1)><script>alert(2)</script>'&amp;"
    await host.mount(message_id=hostile)
    assert (await host.hear("ad-done-iframe"))["messageId"] == hostile
    assert await host.frame.locator("img, body script").count() == 0


LONGEST = {
    max(CREATIVES, key=lambda creative: len(creative.brand)),
    max(CREATIVES, key=lambda creative: len(creative.call)),
    max(CREATIVES, key=lambda creative: len(creative.lines[0].text)),
}


@pytest.mark.parametrize("creative", sorted(LONGEST, key=lambda each: each.name), ids=lambda each: each.name)
@pytest.mark.parametrize("format_", FORMATS)
async def test_every_format_fits_with_the_longest_texts(host: Host, format_: Format, creative: Creative) -> None:
    await host.page.emulate_media(reduced_motion="reduce")
    await host.mount(creative.name, format=format_)
    await host.hear("ad.render-completed")
    for width in (280, 390, 720):
        await host.page.set_viewport_size({"width": width + 32, "height": 600})
        size = await host.frame.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert size == [width, width]
