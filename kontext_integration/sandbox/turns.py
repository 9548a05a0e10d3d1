"""What one preload is answered with, and how its ad behaves: plain values, which words and defaults put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Format = Literal["native", "image", "video", "banner", "interstitial"]
FORMATS: tuple[Format, ...] = ("native", "image", "video", "banner", "interstitial")

FrameMode = Literal["speaks", "silent", "fails", "resizes", "throws", "forges", "floods", "hides", "styles"]
"""How a frame behaves; all but the first are wrong or odd in one way."""
ModalMode = Literal["speaks", "silent", "fails", "hangs"]

Carrier = Literal["plain", "drip", "trickle", "cut", "reset", "redirect", "huge"]
"""How the bytes of an answer travel."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn; a fill unless it says otherwise."""

    words: tuple[str, ...] = ()
    """What decided it, for the log."""
    status: int = 200
    reply: Mapping[str, object] | None = None
    """The JSON of the answer; the session id is added when `names_session`."""
    names_session: bool = True
    raw: bytes | None = None
    """The body as it is, instead of `reply`."""
    content_type: str = "application/json"
    carrier: Carrier = "plain"
    delay_s: float = 0.0
    code: str | None = None
    """The placement code of the bids; None: those of the request."""
    copies: int = 1
    """Bids for each placement code."""
    bid: Mapping[str, object] = field(default_factory=dict)
    """Fields of a bid's JSON that differ."""
    beside: Mapping[str, object] = field(default_factory=dict)
    """Fields beside the bids of a fill."""
    format: Format = "native"
    frame: FrameMode = "speaks"
    modal: ModalMode = "speaks"
    modal_error: str = ""
    """The errorType of a modal that fails; empty: it names none."""

    @property
    def fills(self) -> bool:
        return self.reply is None and self.raw is None
