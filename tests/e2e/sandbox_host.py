"""The host side of the protocol for the tests of the sandbox's creatives: a page of another origin that keeps a log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kontext_integration.sandbox.creatives import CREATIVES
from kontext_integration.sandbox.log import Log
from kontext_integration.sandbox.store import Bid, Store

if TYPE_CHECKING:
    from playwright.async_api import Frame, Page

    from kontext_integration.sandbox.turns import Format, FrameMode

BID_ID = "11111111-1111-4111-8111-111111111111"
HOST_PAGE = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")


class Host(NamedTuple):
    page: Page
    store: Store
    journal: Log
    """The sandbox's own."""
    sandbox: str
    errors: list[str]
    """What the page and its frames threw; a test that expects some takes them off."""

    async def mount(
        self,
        creative: str = "slowline",
        frame: FrameMode = "speaks",
        format: Format = "native",  # noqa: A002  the word of the product
        message_id: str = "a1",
        text: str = "A trip to Rome",
        bid: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        """Frames an ad and answers its init-iframe with a correct update-iframe, except for `changes`."""
        chosen = next(each for each in CREATIVES if each.name == creative)
        self.store.add_bid(Bid(BID_ID, "inlineAd", chosen, ("u1",), frame, format, **(bid or {})))
        message = {"id": "u1", "role": "user", "content": text, "createdAt": "2026-01-15T10:29:50.000Z"}
        update = {
            "messages": [message],
            "sdk": "sdk-js",
            "messageId": message_id,
            "otherParams": {},
            "code": "inlineAd",
        } | changes
        await self.page.evaluate(
            """([base, messageId, update]) => mount(
                `${base}?code=inlineAd&messageId=${encodeURIComponent(messageId)}&sdk=sdk-js`, update)""",
            [f"{self.sandbox}/api/frame/{BID_ID}", message_id, update],
        )

    async def hear(self, name: str) -> dict[str, Any]:
        """Waits for a message of this type, or an event of this name."""
        handle = await self.page.wait_for_function("(name) => heard(name)", arg=name)
        return dict(await handle.json_value())

    async def log(self, *, modal: bool = False) -> list[str]:
        """Types of messages and names of events, from the frame or from its modal."""
        names = "log.filter((entry) => entry.modal === modal).map((entry) => entry.name ?? entry.type)"
        return list(await self.page.evaluate(f"(modal) => {names}", modal))

    @property
    def frame(self) -> Frame:
        return self.page.frames[1]

    async def modal(self) -> Frame:
        """The frame of the modal, as soon as it is there."""
        frame = await (await self.page.locator("iframe.modal").element_handle()).content_frame()
        assert frame is not None
        return frame
