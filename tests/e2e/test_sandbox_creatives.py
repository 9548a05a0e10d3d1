"""The formats of the sandbox in a real browser: what each shows, says and reports (protocol 6)."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from kontext_integration.sandbox.turns import FORMATS, Format
from tests.waiting import until

from .sandbox_host import BID_ID, Host

pytest_plugins = ["tests.e2e.sandbox_fixtures"]
pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

LINE = "Board after dinner, sleep through the border, and step out into a city that is just putting the coffee on."
CALL = re.compile("^See tonight’s routes")


@pytest.mark.parametrize("format_", FORMATS)
async def test_every_format_renders_in_the_order_of_the_protocol(host: Host, format_: Format) -> None:
    await host.mount(format=format_, text="Hello")
    await host.hear("ad.render-completed")
    log = [name for name in await host.log() if name not in {"resize-iframe", "video.started"}]
    assert log == ["init-iframe", "ad.render-started", "show-iframe", "ad-done-iframe", "ad.render-completed"]
    assert (await host.hear("ad-done-iframe"))["content"] == LINE


@pytest.mark.parametrize(("format_", "most"), [("native", 200), ("image", 330), ("video", 260), ("banner", 80)])
async def test_every_format_is_as_high_as_it_should_be(host: Host, format_: Format, most: int) -> None:
    await host.mount(format=format_)
    await host.hear("ad.render-completed")
    assert 40 < (await host.hear("resize-iframe"))["height"] < most


@pytest.mark.parametrize("format_", FORMATS)
async def test_every_format_is_named_by_its_brand_and_says_that_it_is_a_house_ad(host: Host, format_: Format) -> None:
    await host.mount(format=format_)
    await host.hear("ad.render-completed")
    await expect(host.frame.get_by_role("article", name="Slowline Night Trains")).to_be_visible()
    await expect(host.frame.get_by_text("House ad · Kontext sandbox")).to_be_visible()


@pytest.mark.parametrize("format_", ["image", "banner"])
async def test_a_view_tells_the_format(host: Host, format_: Format) -> None:
    await host.mount(format=format_)
    assert (await host.hear("ad.viewed"))["payload"]["format"] == format_


@pytest.mark.parametrize(
    ("format_", "name", "area"),
    [
        ("image", re.compile("^Slowline Night Trains.*See tonight’s routes", re.DOTALL), "picture"),
        ("banner", CALL, "cta"),
        ("video", CALL, "cta"),
    ],
)
@pytest.mark.parametrize("width", [390, 700])
async def test_its_link_has_a_name_and_tells_of_a_click(
    host: Host, format_: Format, name: re.Pattern[str], area: str, width: int
) -> None:
    await host.page.set_viewport_size({"width": width, "height": 600})
    await host.mount(format=format_)
    await host.hear("ad.render-completed")
    await host.frame.get_by_role("link", name=name).click()
    clicked = (await host.hear("ad.clicked"))["payload"]
    assert (clicked["format"], clicked["area"], clicked["url"]) == (format_, area, "/landing/slowline")
    assert (await host.hear("click-iframe"))["url"] == "/landing/slowline"


async def test_a_film_plays_by_itself_once_and_without_a_sound(host: Host) -> None:
    await host.mount(format="video")
    assert (await host.hear("video.started"))["payload"] == {"id": BID_ID}
    film = host.frame.locator("video")
    assert await film.evaluate("(film) => [film.muted, film.loop, film.controls, film.playsInline]") == [
        True, False, True, True,
    ]  # fmt: skip
    await film.evaluate("(film) => { film.playbackRate = 8; }")
    assert (await host.hear("video.completed"))["payload"] == {"id": BID_ID}
    assert await film.evaluate("(film) => [film.ended, Math.round(film.duration), film.videoWidth]") == [True, 6, 640]
    log = await host.log()
    assert (log.count("video.started"), log.count("video.completed")) == (1, 1)


async def test_a_film_counts_as_viewed_only_after_two_seconds_of_playing(host: Host) -> None:
    await host.mount(format="video")
    started = (await host.hear("video.started"))["at"]
    viewed = await host.hear("ad.viewed")
    assert viewed["payload"]["format"] == "video"
    assert viewed["at"] - started > 1900


async def test_a_film_that_nobody_starts_is_not_viewed(host: Host) -> None:
    await host.page.emulate_media(reduced_motion="reduce")
    await host.page.clock.install()
    await host.mount(format="video")
    await host.hear("ad.render-completed")
    await host.page.clock.run_for(5_000)
    assert "ad.viewed" not in await host.log()


async def test_a_film_waits_until_it_is_in_view_and_stops_when_it_is_not(host: Host) -> None:
    await host.page.evaluate("document.querySelector('#above').style.height = '1500px'")
    await host.mount(format="video")
    await host.hear("ad.render-completed")
    film = host.frame.locator("video")
    assert await film.evaluate("(film) => film.paused")
    await host.page.evaluate("scrollTo(0, 1400)")
    await host.hear("video.started")
    await host.page.evaluate("scrollTo(0, 0)")
    await expect(film).to_have_js_property("paused", True)
    await host.page.evaluate("scrollTo(0, 1400)")
    await expect(film).to_have_js_property("paused", False)


async def test_who_pauses_a_film_has_the_last_word(host: Host) -> None:
    await host.page.evaluate("document.querySelector('#above').style.height = '300px'")
    await host.mount(format="video")
    await host.hear("video.started")
    film = host.frame.locator("video")
    await film.evaluate("(film) => film.pause()")
    await host.page.evaluate("scrollTo(0, 1400)")
    await host.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await host.page.evaluate("scrollTo(0, 0)")
    await host.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert await film.evaluate("(film) => film.paused")


async def test_for_those_who_want_less_motion_a_film_waits_to_be_started(host: Host) -> None:
    await host.page.emulate_media(reduced_motion="reduce")
    await host.mount(format="video")
    await host.hear("ad.render-completed")
    film = host.frame.locator("video")
    assert await film.evaluate("(film) => [film.paused, film.played.length]") == [True, 0]
    await film.evaluate("(film) => film.play()")
    await host.hear("video.started")


async def test_an_interstitial_is_not_viewed_by_its_card(host: Host) -> None:
    await host.page.clock.install()
    await host.mount(format="interstitial")
    await host.hear("ad.render-completed")
    await host.page.clock.run_for(5_000)
    assert "ad.viewed" not in await host.log()


async def test_the_log_of_the_sandbox_tells_both_directions_and_no_text(host: Host) -> None:
    await host.mount(format="image", text="My secret trip", otherParams={"theme": "dark"})
    await host.hear("ad.viewed")
    await until_logged(host, "ad.viewed image")
    told = [(entry.what, entry.outcome) for entry in host.journal.after() if entry.kind == "message"]
    assert told[:2] == [
        ("frame → host init-iframe", ""),
        ("host → frame update-iframe", "messages: 1, sdk: sdk-js, other: theme"),
    ]
    assert ("frame → host event-iframe", "ad.render-started") in told
    assert "secret" not in str(host.journal.after())
    assert LINE not in str(host.journal.after())


async def until_logged(host: Host, outcome: str) -> None:
    await until(lambda: any(entry.outcome == outcome for entry in host.journal.after()))
