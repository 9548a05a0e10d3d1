"""The whole integration of the ads: messages go into the conversation's Kontext session, a filled slot comes out.

Everything here runs beside the chat: nothing waits for it, and nothing it does can fail a reply.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chatapp import broadcasts, fragments, metrics
from chatapp.models import Conversation, Message, State
from kontext_integration import Message as AdMessage
from kontext_integration import get_session, observe, retention
from kontext_integration.events import AdError, AdNoFill, UserEvent
from kontext_integration.relay import render_relay
from kontext_integration.signals import ad_error, ad_filled, ad_no_fill, relay_waiting, slot_filled, user_event
from kontext_integration.slots import render_ad, render_ads, render_user_event, slot_id

logger = logging.getLogger(__name__)

FIRST_WORDS_S = 0.05
"""So long the feeding of a message lets the first words of its reply go before: both need the same processor."""
READ_BY_PERSON = (State.COMPLETE, State.STOPPED)
_tasks: set[asyncio.Task[None]] = set()
_last: dict[str, asyncio.Task[None]] = {}


def user_wrote(message: Message, *, request: HttpRequest, began: asyncio.Event | None = None) -> None:
    """Feed the person's message at once, so that the bid is ready when the reply is. `began`: of the reply."""
    conversation = message.conversation
    _in_order(str(conversation.pk), _feed_question(conversation, message, request, began))


def reply_ended(message: Message) -> None:
    """Feed a reply that the person can read as a whole. One that failed gets no ad; its next attempt may."""
    if message.state in READ_BY_PERSON and message.text.strip():
        _in_order(str(message.conversation_id), _feed(message.conversation, message))


def slots(messages: Iterable[Message]) -> list[str]:
    """What a page of these messages may lack when it connects, as fragments: their ads, and with the browser relay the
    word that a request may be waiting. A slot that shows an ad already is no place for another.
    """
    found = render_ads(message for message in messages if message.is_reply)
    shown = [fragments.slot(slot_id(message_id), html) for message_id, html in found.items()]
    relay = render_relay()
    return [*shown, _unseen(relay)] if relay else shown


async def forget(conversation_id: str) -> None:
    """Delete the ads of a conversation and all that they remember of it. Raises what the database raises."""
    if feeding := _last.get(conversation_id):
        await asyncio.wait({feeding})
    await retention.forget_conversation(conversation_id)


async def forget_person(person: str) -> None:
    """Delete all that the ads remember of a person. Raises what the database raises."""
    await retention.forget_user(person)


async def prune(before: datetime) -> int:
    """Delete what the ads remember from before a time; the number of deleted rows."""
    return await retention.prune(before)


@receiver(slot_filled)
async def show(conversation_id: str, message_id: str, code: str, **kwargs: Any) -> None:
    """An ad was found for a reply: show it in every open tab."""
    html = await sync_to_async(render_ad)(message_id, code)
    if html:
        await broadcasts.fragment(conversation_id, fragments.slot(slot_id(message_id, code), html))


@receiver(ad_filled)
def count_filled(conversation_id: str, **kwargs: Any) -> None:
    metrics.preload_ended(conversation_id, "filled")


@receiver(ad_no_fill)
def count_no_fill(conversation_id: str, event: AdNoFill, **kwargs: Any) -> None:
    metrics.preload_ended(conversation_id, "no_fill", event.skip_code)


@receiver(ad_error)
def count_error(conversation_id: str, event: AdError, **kwargs: Any) -> None:
    metrics.preload_ended(conversation_id, "error", event.err_code)


@receiver(slot_filled)
def count_shown(**kwargs: Any) -> None:
    metrics.ad_shown()


@receiver(user_event)
async def tell(conversation_id: str, event: UserEvent, **kwargs: Any) -> None:
    """The person does something that the ads in the open tabs want to know."""
    await broadcasts.fragment(conversation_id, _unseen(render_user_event(event)))


@receiver(relay_waiting)
async def call(conversation_id: str, **kwargs: Any) -> None:
    """A request waits for a page to send it: the first open tab to answer gets it."""
    await broadcasts.fragment(conversation_id, _unseen(render_relay()))


def _unseen(element: SafeString) -> str:
    """An element that acts and goes, wherever it comes into the page."""
    return format_html('<div hx-swap-oob="beforeend:body">{}</div>', element)


async def _feed_question(
    conversation: Conversation, message: Message, request: HttpRequest, began: asyncio.Event | None
) -> None:
    if began:
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_WORDS_S):
                await began.wait()
    metrics.preload_began(str(conversation.pk))
    await observe(user_id=str(conversation.owner), request=request)
    await _feed(conversation, message)


async def _feed(conversation: Conversation, message: Message) -> None:
    user_id = str(conversation.owner)
    session = await get_session(conversation_id=str(conversation.pk), user_id=user_id)
    await session.add_message(
        AdMessage(
            id=str(message.pk),
            role="assistant" if message.is_reply else "user",
            content=message.text,
            created_at=message.created_at,
        )
    )


def _in_order(conversation_id: str, work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.get_running_loop().create_task(
        _after(_last.get(conversation_id), work), context=contextvars.Context()
    )
    _last[conversation_id] = task
    _tasks.add(task)
    task.add_done_callback(lambda done: _forget(conversation_id, done))


async def _after(previous: asyncio.Task[None] | None, work: Coroutine[Any, Any, None]) -> None:
    if previous and previous.get_loop() is asyncio.get_running_loop():
        await asyncio.wait({previous})
    try:
        await work
    except Exception:
        logger.exception("The ad session did not take a message; the chat goes on without an ad")


def _forget(conversation_id: str, task: asyncio.Task[None]) -> None:
    _tasks.discard(task)
    if _last.get(conversation_id) is task:
        del _last[conversation_id]
