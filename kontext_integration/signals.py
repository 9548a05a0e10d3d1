"""Django signals for ad events (protocol 5).

Every event signal is sent with `sender` (the event's class), `event` (the frozen event), `conversation_id` and
`user_id`. A receiver that fails is logged and disturbs nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.dispatch import Signal

if TYPE_CHECKING:
    from .events import AdEvent

ad_filled = Signal()
"""A preload brought a bid; one per bid, before anybody knows the message it will be shown under."""
ad_no_fill = Signal()
"""A preload ended normally without a bid; `event.skip_code` says why."""
ad_error = Signal()
"""A preload failed, the session was disabled, or a frame reported an error."""
ad_render_started = Signal()
"""The ad in a frame began to render."""
ad_render_completed = Signal()
"""The ad in a frame has rendered."""
ad_height = Signal()
"""A frame changed its height."""
ad_viewed = Signal()
"""An ad was seen as the MRC defines it: an impression."""
ad_clicked = Signal()
"""An ad was clicked."""
video_started = Signal()
"""The video of an ad began to play."""
video_completed = Signal()
"""The video of an ad was played to its end."""
reward_granted = Signal()
"""A rewarded ad granted its reward."""

slot_filled = Signal()
"""A bid was linked to an assistant message and is stored: `conversation_id`, `message_id`, `code`. Sent last."""

EVENT_SIGNALS: dict[str, Signal] = {
    "ad.filled": ad_filled,
    "ad.no-fill": ad_no_fill,
    "ad.error": ad_error,
    "ad.render-started": ad_render_started,
    "ad.render-completed": ad_render_completed,
    "ad.height": ad_height,
    "ad.viewed": ad_viewed,
    "ad.clicked": ad_clicked,
    "video.started": video_started,
    "video.completed": video_completed,
    "reward.granted": reward_granted,
}
"""The signal of every event name of protocol 5.2."""


def announce(event: AdEvent, *, conversation_id: str, user_id: str) -> None:
    """Send the event's signal from synchronous code. Django logs receivers that fail; nothing is raised."""
    signal = EVENT_SIGNALS[event.name]
    signal.send_robust(sender=type(event), event=event, conversation_id=conversation_id, user_id=user_id)


async def aannounce(event: AdEvent, *, conversation_id: str, user_id: str) -> None:
    """The same from asynchronous code."""
    signal = EVENT_SIGNALS[event.name]
    await signal.asend_robust(sender=type(event), event=event, conversation_id=conversation_id, user_id=user_id)
