"""The words of the tests of `<kontext-ad>`: what the page holds, what a creative says, what is waited for."""

from __future__ import annotations

import re
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Frame, Page, expect

from kontext_integration import slots
from kontext_integration.store import Slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from .ad_site import AdSite


AGAIN = "() => { const ad = document.querySelector('kontext-ad'); ad.parentNode.append(ad); }"
"""The ad is taken out of the page and put in again."""


def bid_of(message_id: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, message_id))


def slot_html(message_id: str = "a1", height: int | None = None) -> str:
    stored = Slot(1, "c", "alice", message_id, "inlineAd", bid_of(message_id), None, height, datetime.now(UTC))
    return slots.render_slot(message_id, known={message_id: stored})


def lines_html(lines: int, name: str = "line") -> str:
    return "".join(f'<p id="{name}{number}">{name} {number}</p>' for number in range(lines))


def open_page(page: Page, site: AdSite, body: str) -> None:
    site.body = body
    page.goto(site.page_url)


def creative(page: Page, message_id: str = "a1", state: str = "ready") -> Frame:
    """The frame of an ad, as soon as it was answered."""
    expect(page.locator(f"#ad-{message_id} kontext-ad")).to_have_attribute(state, "")
    handle = page.locator(f"#ad-{message_id} iframe").element_handle()
    frame = handle.content_frame()
    assert frame is not None
    return frame


def say(frame: Frame, kind: str, data: dict[str, Any] | None = None) -> None:
    frame.evaluate("([type, data]) => say(type, data ?? undefined)", [kind, data])


def show(page: Page, message_id: str = "a1", height: int = 210) -> Frame:
    frame = creative(page, message_id)
    say(frame, "resize-iframe", {"height": height})
    say(frame, "show-iframe")
    expect(page.locator(f"#ad-{message_id} kontext-ad")).to_have_attribute("filled", "")
    return frame


def modal(page: Page, message_id: str = "a1") -> Frame:
    """The frame of an ad's modal, as soon as it can speak; it says nothing by itself."""
    frame = page.locator(f'.kontext-modal iframe[src*="messageId={message_id}&"]').element_handle().content_frame()
    assert frame is not None
    frame.wait_for_function("() => typeof say === 'function' && document.readyState === 'complete'")
    return frame


def open_modal(page: Page, message_id: str = "a1", **wish: Any) -> Frame:
    """An ad asks for its modal; the answer is its frame, which does not show yet."""
    say(creative(page, message_id), "open-component-iframe", {"component": "modal", **wish})
    return modal(page, message_id)


def show_modal(page: Page, message_id: str = "a1", **wish: Any) -> Frame:
    frame = open_modal(page, message_id, **wish)
    say(frame, "init-component-iframe", {"component": "modal"})
    expect(page.locator(f"#ad-{message_id} kontext-ad")).to_have_attribute("modal", "open")
    return frame


def expect_no_modal(page: Page, reason: str) -> None:
    """The modal has gone, for this reason, and the ad in the page is as it was."""
    expect(page.locator("dialog")).to_have_count(0)
    assert told(page)[-1] == ["kontext:modal-close", {"reason": reason}]
    expect(page.locator("kontext-ad")).not_to_have_attribute("modal", re.compile(""))
    expect(page.locator("kontext-ad")).to_have_attribute("filled", "")


def listen(page: Page, *names: str) -> None:
    """The page notes these events of its ads; `told` has them."""
    page.evaluate(
        """(names) => {
          window.told ??= [];
          for (const name of names) document.addEventListener(name, ({type, detail}) => told.push([type, detail]));
        }""",
        list(names),
    )


def told(page: Page) -> list[Any]:
    return list(page.evaluate("told"))


def heard(frame: Frame, kind: str) -> Any:
    frame.wait_for_function("(type) => last(type)", arg=kind)
    return frame.evaluate("(type) => last(type)", kind)


def until(condition: Callable[[], object], page: Page, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        page.evaluate("() => new Promise(requestAnimationFrame)")


def top(page: Page, selector: str) -> float:
    return float(page.evaluate("(selector) => document.querySelector(selector).getBoundingClientRect().top", selector))


def settle(page: Page) -> None:
    """Two frames later: what scroll anchoring had to do is done, and nothing grows any more."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate("() => Promise.all(document.getAnimations().map(({finished}) => finished)).then(() => {})")
