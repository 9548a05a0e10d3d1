"""What a person can do with a conversation: plain verbs over the database, with no idea of requests or sockets."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.utils import timezone
from django.utils.text import Truncator

from chatapp import broadcasts, conf, database, fragments, live, metrics
from chatapp.database import writing
from chatapp.engines import Turn
from chatapp.engines.history import fit
from chatapp.models import Conversation, Message, MessageQuerySet, Role, State

HISTORY_MESSAGES = 200
"""How many messages are read for the model at most; the token budget then decides."""


class ChatError(Exception):
    """What a person asked for cannot be done.

    ChatError
    ├── ReplyUnderway   the assistant is still writing in this conversation
    └── NothingToRetry  the message is not a failed reply at the end of the conversation
    """


class ReplyUnderway(ChatError): ...  # noqa: N818 - a state of affairs, named as the person sees it


class NothingToRetry(ChatError): ...  # noqa: N818


@dataclass(frozen=True, slots=True)
class Sent:
    """A turn that is stored: its new messages in order, and the one they follow. Not `is_new`: a repeated POST."""

    conversation: Conversation
    messages: tuple[Message, ...]
    previous: Message | None
    history: Sequence[Turn]
    is_new: bool = True

    @property
    def reply(self) -> Message:
        return self.messages[-1]


async def send_message(
    *, person: uuid.UUID, conversation: Conversation | None, message_id: uuid.UUID, text: str, language: str
) -> tuple[Sent, str]:
    """Store a message and start its reply; without a conversation, start one. Returns the turn and its fragment.

    The same id with the same text is the same message, however often it comes. Raises `ReplyUnderway`; then nothing was
    stored.
    """
    sent = await sync_to_async(_store_turn)(person, conversation, message_id, text, language)
    return sent, await _begin(sent)


async def retry_reply(*, conversation: Conversation, message_id: uuid.UUID) -> str:
    """Have the assistant answer again after a reply that failed. Raises `NothingToRetry` or `ReplyUnderway`."""
    return await _begin(await sync_to_async(_store_retry)(conversation, message_id))


async def stop_reply(conversation: Conversation) -> None:
    """End the reply that is being written, if there is one; its text stays. Works from any process."""
    ids = await sync_to_async(_ask_to_stop)(conversation)
    for message_id in ids:
        if reply := live.find(message_id):
            reply.stop()


async def body_now(message: Message) -> tuple[str, int]:
    """A reply's body and the sequence number it stands for: from its writer when that is here, else from the store."""
    if reply := live.find(message.pk):
        return await reply.snapshot()
    return await sync_to_async(fragments.body)(message), len(message.text)


def text_now(message: Message) -> str:
    """A reply's text so far: its writer's when that is here, else the store's."""
    reply = live.find(message.pk)
    return reply.text if reply else message.text


def settle_stale(messages: MessageQuerySet) -> int:
    """Mark the replies whose process has died. Called by whoever looks at them.

    Nobody is declared dead while the database has just failed: then no writer could give a sign of life.
    """
    if database.outage.is_on:
        return 0
    stale = messages.stale(after_ms=conf.get_settings().stale_after_ms)
    reaped = stale.settle(State.INTERRUPTED, error="lost")
    metrics.reaped(reaped)
    return reaped


async def _begin(sent: Sent) -> str:
    reply = None
    language = sent.conversation.language
    if sent.is_new:
        reply = live.start(sent.reply, sent.history, language=language)
    try:
        html = await sync_to_async(fragments.turn)(sent.messages, previous=sent.previous, language=language)
        if sent.is_new:
            await broadcasts.fragment(sent.conversation.pk, html, reply=sent.reply.pk)
    finally:
        if reply:
            reply.release()
    return html


@writing()
def _store_turn(
    person: uuid.UUID, conversation: Conversation | None, message_id: uuid.UUID, text: str, language: str
) -> Sent:
    taken = Message.objects.filter(pk=message_id).select_related("conversation").first()
    if taken and _is_repeated(taken, person, conversation, text):
        return _same_turn(taken)
    if taken:
        # A page that did not learn of the id it should use next: the message is new all the same, and must not be lost.
        message_id = uuid.uuid4()
    if conversation is None:
        title = Truncator(" ".join(text.split())).chars(60)
        conversation = Conversation.objects.create(owner=person, title=title, language=language)
    previous = _last_of(conversation)
    place = previous.position + 1 if previous else 1
    user = Message(pk=message_id, conversation=conversation, position=place, role=Role.USER, text=text)
    reply = _pending_reply(conversation, place + 1)
    Message.objects.bulk_create([user, reply])
    _touch(conversation)
    return Sent(conversation, (user, reply), previous, _history(conversation, before=reply.position))


def _is_repeated(known: Message, person: uuid.UUID, conversation: Conversation | None, text: str) -> bool:
    """Whether a POST says again what an earlier one said: after a lost answer, a double click, the back button."""
    mine = known.conversation.owner == person and conversation in (None, known.conversation)
    return mine and known.role == Role.USER and known.text == text


def _same_turn(user: Message) -> Sent:
    """The turn that the earlier POST of this message made."""
    messages = tuple(user.conversation.messages.filter(position__gte=user.position)[:2])
    previous = user.conversation.messages.filter(position__lt=user.position).last()
    return Sent(user.conversation, messages, previous, (), is_new=False)


@writing()
def _store_retry(conversation: Conversation, message_id: uuid.UUID) -> Sent:
    last = _last_of(conversation)
    if last is None or last.pk != message_id or not last.can_be_retried:
        raise NothingToRetry
    reply = _pending_reply(conversation, last.position + 1)
    reply.save(force_insert=True)
    _touch(conversation)
    return Sent(conversation, (reply,), last, _history(conversation, before=reply.position))


def _last_of(conversation: Conversation) -> Message | None:
    """The last message, with the conversation locked for the rest of the transaction; no reply may be under way."""
    Conversation.objects.select_for_update().get(pk=conversation.pk)
    settle_stale(Message.objects.filter(conversation=conversation))
    last = conversation.messages.last()
    if last and last.is_live:
        raise ReplyUnderway
    return last


def _pending_reply(conversation: Conversation, position: int) -> Message:
    return Message(conversation=conversation, position=position, role=Role.ASSISTANT, state=State.PENDING)


def _touch(conversation: Conversation) -> None:
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["updated_at"])


def _history(conversation: Conversation, *, before: int) -> Sequence[Turn]:
    """What the model is sent: visible text of both roles, within the budget. Ads are no messages, so none is in it."""
    settings = conf.get_settings()
    newest_first = conversation.messages.filter(position__lt=before).order_by("-position").values_list("role", "text")
    turns = [
        Turn("assistant" if role == Role.ASSISTANT else "user", text)
        for role, text in reversed(newest_first[:HISTORY_MESSAGES])
        if text
    ]
    return fit(turns, system_prompt=settings.system_prompt, budget_tokens=settings.history_tokens)


def _ask_to_stop(conversation: Conversation) -> list[uuid.UUID]:
    replies = conversation.messages.live()
    ids = list(replies.values_list("pk", flat=True))
    replies.update(stop_requested=True)
    return ids
