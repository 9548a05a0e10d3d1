"""Frames of the sandbox that misbehave, in a real browser: each in its way, and none for ever (protocol 6.4, 6.5)."""

from __future__ import annotations

import pytest

from kontext_integration.sandbox.turns import FrameMode
from tests.waiting import until

from .sandbox_host import BID_ID, Host

pytest_plugins = ["tests.e2e.sandbox_fixtures"]
pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def count(host: Host, kind: str) -> int:
    return int(await host.page.evaluate("(kind) => log.filter(({type}) => type === kind).length", kind))


async def test_a_silent_frame_says_nothing(host: Host) -> None:
    await host.mount(frame="silent")
    assert await host.log() == []


async def test_a_frame_that_fails_says_so_instead_of_showing(host: Host) -> None:
    await host.mount(frame="fails")
    await host.hear("error-iframe")
    assert await host.log() == ["init-iframe", "error-iframe"]


async def test_a_frame_that_throws_reports_it_and_does_not_show(host: Host) -> None:
    await host.mount(frame="throws")
    error = (await host.hear("ad.error"))["payload"]
    assert (error["id"], error["errCode"]) == (BID_ID, "react_error_boundary")
    assert await host.log() == ["init-iframe", "ad.error"]
    assert host.errors == ["The sandbox throws on purpose"]
    host.errors.clear()


async def test_a_frame_that_hides_was_shown_before(host: Host) -> None:
    await host.page.clock.install()
    await host.mount(frame="hides")
    await host.hear("ad.render-completed")
    await host.page.clock.run_for(3_000)
    await host.hear("hide-iframe")
    log = await host.log()
    assert log.index("show-iframe") < log.index("hide-iframe")


async def test_a_frame_asks_for_styles_that_it_may_have_and_for_some_that_it_may_not(host: Host) -> None:
    await host.mount(frame="styles")
    styles = await host.hear("set-styles-iframe")
    assert (styles["containerStyles"]["borderRadius"], styles["containerStyles"]["position"]) == (20, "fixed")


@pytest.mark.parametrize(
    ("mode", "kind", "least"), [("resizes", "resize-iframe", 300), ("floods", "resize-iframe", 16_000)]
)
async def test_what_goes_on_and_on_ends_within_half_a_minute(
    host: Host, mode: FrameMode, kind: str, least: int
) -> None:
    await host.page.clock.install()
    await host.mount(frame=mode)
    await host.hear("ad.render-completed")
    await host.page.clock.run_for(31_000)

    async def enough() -> bool:
        return await count(host, kind) >= least

    await until(enough)
    heard = await count(host, kind)
    await host.page.clock.run_for(31_000)
    assert await count(host, kind) == heard < least * 1.1


async def test_a_flood_is_summed_up_in_the_log_of_the_sandbox(host: Host) -> None:
    await host.mount(frame="floods")
    await until(lambda: any("too many to list" in entry.outcome for entry in host.journal.after()))
    assert len(host.journal.after()) < 200


async def test_forged_messages_come_first_and_then_the_ad_as_if_nothing_had_been(host: Host) -> None:
    await host.mount(frame="forges")
    await host.hear("show-iframe")
    raw = await host.page.evaluate("log.map(({raw}) => raw)")
    strings = [message for message in raw if isinstance(message, str)]
    objects = [message for message in raw if isinstance(message, dict)]
    data = [message["data"] for message in objects if isinstance(message.get("data"), dict)]
    assert any("__proto__" in message for message in strings)
    assert any(each.get("code") == "sandboxForeign" for each in data)
    assert any(each.get("payload", {}).get("id", BID_ID) != BID_ID for each in data if each.get("payload") != 1)
    assert {"javascript:alert(1)", "file:///etc/passwd"} <= {each.get("url") for each in data}
    assert {None, 7} <= {message for message in raw if not isinstance(message, dict | list)}
    assert (await host.hear("ad.render-completed"))["payload"] == {"id": BID_ID}


async def test_forged_messages_to_other_frames_are_not_believed(host: Host) -> None:
    await host.page.evaluate("document.body.prepend(document.createElement('iframe'))")
    await host.mount(frame="forges")
    await host.hear("ad.render-completed")
    assert await host.page.locator("iframe[title=Advertisement]").bounding_box() is not None
