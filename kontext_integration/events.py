"""What the publisher hears about an ad: one class per event of protocol 5.2, and how a frame's words become one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from .entities import DEFAULT_PLACEMENT_CODE
from .exceptions import UnknownUserEventError
from .untrusted import canonical_uuid, number, text

USER_EVENTS = frozenset({"user.typing.started"})
"""What a page may tell its ads that the person does (protocol 6.8)."""

_LONGEST_TEXT = 2_000
_LONGEST_URL = 4_000
_TALLEST = 100_000


@dataclass(frozen=True, slots=True)
class AdFilled:
    """A preload brought this bid; one event per bid."""

    name: ClassVar[str] = "ad.filled"
    bid_id: str
    code: str
    revenue: float | None = None


@dataclass(frozen=True, slots=True)
class AdNoFill:
    """A preload ended normally without an ad; any string may be the reason (protocol 5.3)."""

    name: ClassVar[str] = "ad.no-fill"
    skip_code: str


@dataclass(frozen=True, slots=True)
class AdError:
    """Something failed, at any stage; any string may be the code (protocol 5.4)."""

    name: ClassVar[str] = "ad.error"
    message: str = field(repr=False)
    """From a frame it may quote the conversation, as `content` may: neither stands in a log or a traceback."""
    err_code: str


@dataclass(frozen=True, slots=True)
class AdRenderStarted:
    name: ClassVar[str] = "ad.render-started"
    bid_id: str


@dataclass(frozen=True, slots=True)
class AdRenderCompleted:
    name: ClassVar[str] = "ad.render-completed"
    bid_id: str


@dataclass(frozen=True, slots=True)
class AdHeight:
    """The frame has another height, in CSS pixels."""

    name: ClassVar[str] = "ad.height"
    bid_id: str
    message_id: str
    height: float


@dataclass(frozen=True, slots=True)
class AdViewed:
    """The creative measured an impression; the host never claims one by itself (protocol 7.3)."""

    name: ClassVar[str] = "ad.viewed"
    bid_id: str
    content: str = field(repr=False)
    message_id: str
    format: str
    revenue: float | None = None


@dataclass(frozen=True, slots=True)
class AdClicked:
    """For analytics only: this event never opens its URL (protocol 6.7)."""

    name: ClassVar[str] = "ad.clicked"
    bid_id: str
    content: str = field(repr=False)
    message_id: str
    url: str
    format: str
    area: str


@dataclass(frozen=True, slots=True)
class VideoStarted:
    name: ClassVar[str] = "video.started"
    bid_id: str


@dataclass(frozen=True, slots=True)
class VideoCompleted:
    name: ClassVar[str] = "video.completed"
    bid_id: str


@dataclass(frozen=True, slots=True)
class RewardGranted:
    name: ClassVar[str] = "reward.granted"
    bid_id: str


AdEvent = (
    AdFilled
    | AdNoFill
    | AdError
    | AdRenderStarted
    | AdRenderCompleted
    | AdHeight
    | AdViewed
    | AdClicked
    | VideoStarted
    | VideoCompleted
    | RewardGranted
)


@dataclass(frozen=True, slots=True)
class UserEvent:
    """What the person does, told to the mounted ads of one placement (protocol 6.8): it goes the other way.

    Raises `UnknownUserEventError` on a name that the protocol does not know.
    """

    name: str
    code: str = DEFAULT_PLACEMENT_CODE
    payload: Mapping[str, object] | None = field(default=None, repr=False)
    """JSON-safe; None is left out."""

    def __post_init__(self) -> None:
        if self.name not in USER_EVENTS:
            raise UnknownUserEventError(
                f"no user event is named {self.name!r}; known: {', '.join(sorted(USER_EVENTS))}"
            )


_BID_ONLY: dict[str, type[AdRenderStarted | AdRenderCompleted | VideoStarted | VideoCompleted | RewardGranted]] = {
    event.name: event for event in (AdRenderStarted, AdRenderCompleted, VideoStarted, VideoCompleted, RewardGranted)
}


def parse_frame_event(
    name: object,
    payload: object,
    *,
    bid_id: str | None,
    message_id: str,
    revenue: float | None,
) -> AdEvent | None:
    """The event a frame reports about the ad with this bid, message and revenue, or `None`: dropped (protocol 5.2).

    Dropped are unknown names, names only a preload may use, and events that lack a required field or have it in a wrong
    type. Texts are cut at 2,000 characters; an address beyond 4,000 is dropped, because a cut one is another one.
    """
    fields = payload if isinstance(payload, Mapping) else {}
    if name == AdError.name:
        return _parse_error(fields)
    bid = canonical_uuid(fields.get("id")) or canonical_uuid(bid_id)
    if bid is None or not isinstance(name, str):
        return None
    if name in _BID_ONLY:
        return _BID_ONLY[name](bid)
    if name == AdHeight.name:
        return _parse_height(fields, canonical_uuid(bid_id), message_id)
    message = _text(fields, "messageId") or message_id
    if name == AdViewed.name:
        return _parse_viewed(fields, bid, message, revenue)
    return _parse_clicked(fields, bid, message) if name == AdClicked.name else None


def _parse_error(fields: Mapping[str, object]) -> AdError:
    message, err_code = _text(fields, "message"), _text(fields, "errCode")
    return AdError("Unknown error" if message is None else message, "unknown" if err_code is None else err_code)


def _parse_height(fields: Mapping[str, object], bid_id: str | None, message_id: str) -> AdHeight | None:
    height = number(fields.get("height"))
    if bid_id is None or height is None or not 0 < height <= _TALLEST:
        return None
    return AdHeight(bid_id, message_id, height)


def _parse_viewed(fields: Mapping[str, object], bid_id: str, message_id: str, revenue: float | None) -> AdViewed | None:
    content, format_ = _text(fields, "content"), _text(fields, "format")
    if content is None or format_ is None:
        return None
    worth = number(fields.get("revenue")) if revenue is None else revenue
    return AdViewed(bid_id, content, message_id, format_, worth)


def _parse_clicked(fields: Mapping[str, object], bid_id: str, message_id: str) -> AdClicked | None:
    content, format_, area = (_text(fields, key) for key in ("content", "format", "area"))
    url = text(fields.get("url"), _LONGEST_URL + 1)
    if content is None or format_ is None or area is None or url is None or len(url) > _LONGEST_URL:
        return None
    return AdClicked(bid_id, content, message_id, url, format_, area)


def _text(fields: Mapping[str, object], key: str) -> str | None:
    return text(fields.get(key), _LONGEST_TEXT)
