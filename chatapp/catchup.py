"""What a page that has just connected is missing: new messages, the reply's text, its state, ads."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from asgiref.sync import sync_to_async

from chatapp import ads, fragments, services
from chatapp.models import Conversation, Message, State


@dataclass(slots=True)
class Missing:
    """Fragments in order, and where the page stands after them: message id → sequence number of its reply."""

    html: list[str] = field(default_factory=list)
    offsets: dict[str, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    def add_body(self, message: Message, html: str, offset: int, *, language: str) -> None:
        self.html.append(fragments.whole_body(message, html) + fragments.status(message, language=language))
        self.offsets[str(message.pk)] = offset
        if not message.is_live:
            self.ended.add(str(message.pk))


async def since(conversation: Conversation, *, last: uuid.UUID | None, state: str) -> Missing:
    """What has happened after message `last`, which the page shows in `state`. Of an unknown message: nothing."""
    missing = Missing()
    known, later = await sync_to_async(_messages)(conversation, last)
    if known is None:
        return missing
    language = conversation.language
    if known.is_reply and (known.is_live or known.state != state):
        await _add(missing, known, language)
    if later:
        missing.html.append(await sync_to_async(fragments.turn)(later, previous=known, language=language))
        for message in later:
            await _add(missing, message, language, shown=True)
    missing.html += await sync_to_async(ads.slots)([known, *later])
    return missing


async def one(message_id: str, language: str) -> Missing:
    """The whole body of one reply, for a page that missed a frame."""
    missing = Missing()
    message = await Message.objects.filter(pk=message_id).afirst()
    if message:
        await _add(missing, message, language)
    return missing


async def ended(message_id: str, language: str) -> Missing:
    """The same for a reply that is not live any more, or whose process has died; of a live one: nothing."""
    missing = Missing()
    message = await sync_to_async(_settled)(message_id)
    if message and not message.is_live:
        await _add(missing, message, language)
    return missing


def _settled(message_id: str) -> Message | None:
    services.settle_stale(Message.objects.filter(pk=message_id))
    return Message.objects.filter(pk=message_id).first()


async def _add(missing: Missing, message: Message, language: str, *, shown: bool = False) -> None:
    if shown and not message.is_live:
        missing.offsets[str(message.pk)] = len(message.text)
        missing.ended.add(str(message.pk))
    elif message.is_reply:
        html, offset = await services.body_now(message)
        if message.is_live and offset:
            message.state = State.STREAMING
        missing.add_body(message, html, offset, language=language)


def _messages(conversation: Conversation, last: uuid.UUID | None) -> tuple[Message | None, list[Message]]:
    services.settle_stale(Message.objects.filter(conversation=conversation))
    known = conversation.messages.filter(pk=last).first() if last else None
    later = list(conversation.messages.filter(position__gt=known.position)) if known else []
    return known, later
