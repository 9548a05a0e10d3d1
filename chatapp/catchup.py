"""What a page is missing: new messages, the reply's text, its state, ads. Everything that heals, heals by this."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode
from zlib import crc32

from asgiref.sync import sync_to_async

from chatapp import ads, fragments, services
from chatapp.database import in_database
from chatapp.models import Conversation, Message, State


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: the last message it shows, in which state (None: the page knows better), how much of its
    text (None: unknown), and which ads it was sent (a digest)."""

    last: uuid.UUID | None = None
    state: str | None = ""
    at: int | None = None
    ads: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """As a page says it in an address. What cannot be read is not known."""
        try:
            last = uuid.UUID(query.get("after", ""))
        except ValueError:
            return cls()
        at = query.get("at", "")
        known = int(at) if at.isdecimal() and len(at) < 10 else None
        return cls(last, query.get("state", ""), known, query.get("ads", ""))

    def query(self) -> str:
        said = {"after": self.last, "state": self.state, "at": self.at, "ads": self.ads}
        return urlencode({key: value for key, value in said.items() if value not in (None, "")})


@dataclass(slots=True)
class Missing:
    """Fragments in order, and where the page stands after them: `offsets` are the sequence numbers of its replies."""

    place: Place
    html: list[str] = field(default_factory=list)
    offsets: dict[str, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    def stands(self, message: Message, offset: int) -> None:
        self.offsets[str(message.pk)] = offset
        if not message.is_live:
            self.ended.add(str(message.pk))
        if message.pk == self.place.last:
            self.place = replace(self.place, state=message.state, at=offset)


async def since(conversation: Conversation, place: Place) -> Missing:
    """What has happened after `place`. Of an unknown message: nothing."""
    missing = Missing(place)
    known, later = await in_database(_messages, conversation, place.last)
    if known is None:
        return missing
    language = conversation.language
    if known.is_reply and place.state is not None and (known.is_live or known.state != place.state):
        await _add(missing, known, language, place)
    if later:
        missing.html.append(await in_database(fragments.turn, later, previous=known, language=language))
        missing.place = Place(later[-1].pk, later[-1].state, len(later[-1].text), place.ads)
    for message in later:
        # The page may have got the turn meanwhile, with the answer to its POST: then it has no place for this one, and
        # shows the reply as it was at that moment.
        await _add_whole(missing, message, language)
    await _add_ads(missing, [known, *later])
    return missing


async def one(message_id: str, language: str) -> Missing:
    """The whole body of one reply, for a page that missed a frame."""
    missing = Missing(Place())
    message = await in_database(Message.objects.filter(pk=message_id).first)
    if message:
        await _add_whole(missing, message, language)
    return missing


async def newer(message_id: str, language: str, *, at: int) -> Missing:
    """The same for a reply that is not live any more, or whose process has died, and for a live one of which the store
    has more than `at` characters: the frame between may have come while the page was on its way. Else nothing."""
    missing = Missing(Place())
    message = await in_database(_settled, message_id)
    if message and (not message.is_live or len(message.text) > at):
        await _add_whole(missing, message, language)
    return missing


async def _add(missing: Missing, message: Message, language: str, place: Place) -> None:
    """What a reply has more than the page shows of it: only that, where the page knows how much it shows."""
    text = services.text_now(message)
    if place.at is None or (place.at > len(text) and not message.is_live):
        await _add_whole(missing, message, language)
        return
    if message.is_live and text:
        message.state = State.STREAMING
    status = "" if message.state == place.state else fragments.status(message, language=language)
    if place.at < len(text) or not message.is_live:
        grow = sync_to_async(fragments.growth)
        missing.html += fragments.frame(await grow(message, text, shown=place.at, language=language), status)
        missing.stands(message, len(text))
    elif status and place.at == len(text):
        missing.html.append(status)
        missing.stands(message, len(text))


async def _add_whole(missing: Missing, message: Message, language: str) -> None:
    if not message.is_reply:
        missing.stands(message, len(message.text))
        return
    html, offset = await services.body_now(message)
    if message.is_live and offset:
        message.state = State.STREAMING
    missing.html.append(fragments.whole_body(message, html) + fragments.status(message, language=language))
    missing.stands(message, offset)


async def _add_ads(missing: Missing, messages: list[Message]) -> None:
    found = await in_database(ads.slots, messages)
    digest = f"{crc32(''.join(found).encode()):x}" if found else ""
    if digest != missing.place.ads:
        missing.html += found
        missing.place = replace(missing.place, ads=digest)


def _settled(message_id: str) -> Message | None:
    services.settle_stale(Message.objects.filter(pk=message_id))
    return Message.objects.filter(pk=message_id).first()


def _messages(conversation: Conversation, last: uuid.UUID | None) -> tuple[Message | None, list[Message]]:
    services.settle_stale(Message.objects.filter(conversation=conversation))
    known = conversation.messages.filter(pk=last).first() if last else None
    later = list(conversation.messages.filter(position__gt=known.position)) if known else []
    return known, later
