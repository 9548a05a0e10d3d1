"""What stands in a page for an ad: the slot's HTML from the store. Synchronous, one lookup, no network.

A failure of the ads never takes a page down: it is logged, and the slot stays empty.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from .addresses import canonical_origin, frame_url, modal_url
from .conf import get_settings
from .events import UserEvent
from .store import Slot, slots_for

logger = logging.getLogger("kontext_integration")


def main_code() -> str:
    """The placement that is meant when none is named: the first one configured."""
    return get_settings().placement_codes[0]


def slot_id(message_id: str, code: str | None = None) -> str:
    """DOM id of a slot: that of the main placement is short, and a host may build on it."""
    return f"ad-{message_id}" if code in (None, main_code()) else f"ad-{message_id}-{code}"


def render_slot(
    message: object,
    code: str | None = None,
    theme: str | None = None,
    known: Mapping[str, Slot | None] | None = None,
) -> SafeString:
    """The slot under `message` (an id, or an object with one), empty while there is no ad.

    `known` are slots looked up before, by message id; a message that it lacks is looked up now.
    """
    message_id = id_of(message)
    if known is None or message_id not in known:
        known = find_slots([message_id], code)
    context = {
        "message_id": message_id,
        "slot_id": slot_id(message_id, code),
        "ad": _render(known[message_id], theme),
    }
    return _template("inline_ad.html", context)


def render_ad(message_id: str, code: str | None = None, theme: str | None = None) -> SafeString:
    """What goes into the slot of a message when its ad arrives after the page; "" when there is none."""
    return render_ads([message_id], code, theme).get(id_of(message_id), mark_safe(""))


def render_ads(messages: Iterable[object], code: str | None = None, theme: str | None = None) -> dict[str, SafeString]:
    """The same for many messages by one query: only those that have an ad, by their ids."""
    found = find_slots(messages, code)
    return {message_id: _render(slot, theme) for message_id, slot in found.items() if slot}


def find_slots(messages: Iterable[object], code: str | None = None) -> dict[str, Slot | None]:
    """The slot of every message by its id, None where there is none: one query, and none while ads are off."""
    found: dict[str, Slot | None] = dict.fromkeys(id_of(message) for message in messages)
    if get_settings().publisher_token:
        try:
            found |= slots_for(list(found), code or main_code())
        except Exception as error:
            logger.warning("the ads of a page could not be looked up: %s", type(error).__name__)
    return found


def id_of(message: object) -> str:
    """The message's id as it was fed to the session: `pk` or `id` of an object, else the value itself."""
    for name in ("pk", "id"):
        value = getattr(message, name, None)
        if value is not None:
            return str(value)
    return str(message)


def render_user_event(event: UserEvent) -> SafeString:
    """What tells the ads of a page that the person did something (protocol 6.8): an unseen element, to be put anywhere
    into the page. It says it once and goes. Raises `TypeError` or `ValueError` on a payload that JSON cannot hold.
    """
    payload = None if event.payload is None else json.dumps(dict(event.payload), allow_nan=False)
    return _template("user_event.html", {"event": event, "payload": payload})


def _render(slot: Slot | None, theme: str | None) -> SafeString:
    return _template("_ad.html", _describe(slot, theme)) if slot else mark_safe("")


def _template(name: str, context: Mapping[str, object]) -> SafeString:
    # Without the line ends of the file, so that a slot whose ad was removed is `:empty` again.
    return mark_safe(render_to_string(f"kontext_integration/{name}", {**context}).strip())  # noqa: S308


def _describe(slot: Slot, theme: str | None) -> dict[str, object]:
    """What `_ad.html` shows: the addresses and facts of one ad (protocol 6.1, 6.2)."""
    settings = get_settings()
    theme = theme or settings.theme
    place = (slot.message_id, slot.code)
    page = (settings.ad_server_url, slot.bid_id, slot.code, slot.message_id, settings.sdk_name, theme)
    return {
        "slot": slot,
        "origin": canonical_origin(settings.ad_server_url) or "",
        "ad_server": settings.ad_server_url.rstrip("/"),
        "sdk": settings.sdk_name,
        "theme": theme,
        "open_clicks": settings.open_clicks,
        "sandbox": settings.frame_sandbox,
        "frame_url": frame_url(*page),
        "modal_url": modal_url(*page),
        "snapshot_url": reverse("kontext:snapshot", args=place),
        "events_url": reverse("kontext:events"),
        "faults_url": reverse("kontext:faults"),
    }
