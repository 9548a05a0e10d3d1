"""The host side of the protocol for the tests of a sandbox frame: a page of another origin that keeps a log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kontext_integration.sandbox.creatives import CREATIVES
from kontext_integration.sandbox.store import Bid, Store

if TYPE_CHECKING:
    from playwright.async_api import Frame, Page

    from kontext_integration.sandbox.words import FrameMode

BID_ID = "11111111-1111-4111-8111-111111111111"
HOST_PAGE = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")


class Host(NamedTuple):
    page: Page
    store: Store
    sandbox: str

    async def mount(
        self,
        creative: str = "slowline",
        frame: FrameMode = "speaks",
        message_id: str = "a1",
        text: str = "A trip to Rome",
        **changes: Any,
    ) -> None:
        """Frames an ad and answers its init-iframe with a correct update-iframe, except for `changes`."""
        chosen = next(each for each in CREATIVES if each.name == creative)
        self.store.add_bid(Bid(BID_ID, "inlineAd", chosen, ("u1",), frame))
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

    async def log(self) -> list[str]:
        return list(await self.page.evaluate("log.map((entry) => entry.name ?? entry.type)"))

    @property
    def frame(self) -> Frame:
        return self.page.frames[1]
