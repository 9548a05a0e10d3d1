"""Django signals for ad events (protocol 5).

Every event signal is sent with `sender` (the event's class), `event` (the frozen event), `conversation_id` and
`user_id`; then `KONTEXT["ON_EVENT"]` is called with the same. A receiver that fails is logged and disturbs nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.dispatch import Signal
from django.utils.module_loading import import_string

from .conf import get_settings
from .tasks import log_failure

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

user_event = Signal()
"""`session.send_user_event` was called: `event` (a `UserEvent`), `conversation_id`, `user_id`. Push it to the pages."""

relay_waiting = Signal()
"""A request waits for a page of the person: `conversation_id`, `user_id`. Push `relay.render_relay()` to the pages.

Sent only with `KONTEXT["TRANSPORT"] = "browser"`, for every attempt. One of the pages sends the request.
"""

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
    if get_settings().on_event:
        async_to_sync(_call_back)(event, conversation_id, user_id)


async def aannounce(event: AdEvent, *, conversation_id: str, user_id: str) -> None:
    """The same from asynchronous code."""
    signal = EVENT_SIGNALS[event.name]
    await signal.asend_robust(sender=type(event), event=event, conversation_id=conversation_id, user_id=user_id)
    if get_settings().on_event:
        await _call_back(event, conversation_id, user_id)


async def _call_back(event: AdEvent, conversation_id: str, user_id: str) -> None:
    try:
        callback = import_string(get_settings().on_event)
        if not iscoroutinefunction(callback):
            callback = sync_to_async(callback)
        await callback(event, conversation_id, user_id)
    except Exception as error:
        log_failure("ON_EVENT", error)
