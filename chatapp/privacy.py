"""Forgetting: a conversation, a person, whatever is older than the settings allow. Nothing of it is left.

What stays: lines of the log (ids and times, never text), the record of which staff looked at which text, and what
others were sent in the meantime, which is for them to delete (docs/privacy.md).
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import translation

from chatapp import ads, broadcasts, conf, fragments, live
from chatapp.database import writing
from chatapp.models import Conversation, Message

ENDING_S = 3.0
"""How long a reply is given to end before its conversation goes away under it."""
LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Pruned:
    """What `prune` deleted."""

    conversations: int = 0
    ad_rows: int = 0


async def delete_conversation(conversation: Conversation) -> None:
    """Delete a conversation and everything of it: messages, rendered HTML, ads and their events. A reply that is being
    written ends first. Open tabs are told. Twice does no harm."""
    await _end_replies(conversation)
    ids = await sync_to_async(_delete)(conversation.pk)
    await cache.adelete_many([f"chat.body.{fragments.RENDERER}.{ident}" for ident in ids])
    await ads.forget(str(conversation.pk))
    with translation.override(conversation.language):
        html = await sync_to_async(render_to_string)("chat/_deleted.html")
    await broadcasts.fragment(conversation.pk, html)


async def delete_person(person: uuid.UUID) -> int:
    """Delete all conversations of a person, and what the ads know of the person. Returns how many there were."""
    conversations = [found async for found in Conversation.objects.owned_by(person)]
    for conversation in conversations:
        await delete_conversation(conversation)
    await ads.forget_person(str(person))
    return len(conversations)


async def prune(now: datetime) -> Pruned:
    """Delete what is older than `CHAT["KEEP_CONVERSATIONS_DAYS"]` and `CHAT["KEEP_ADS_DAYS"]` say."""
    settings = conf.get_settings()
    conversations = ad_rows = 0
    if settings.keep_conversations_days is not None:
        old = Conversation.objects.filter(updated_at__lt=now - timedelta(days=settings.keep_conversations_days))
        async for conversation in old.order_by("updated_at"):
            await delete_conversation(conversation)
            conversations += 1
    if settings.keep_ads_days is not None:
        ad_rows = await ads.prune(now - timedelta(days=settings.keep_ads_days))
    return Pruned(conversations, ad_rows)


# Internal


async def _end_replies(conversation: Conversation) -> None:
    replies = conversation.messages.live()
    ids = [ident async for ident in replies.values_list("pk", flat=True)]
    await replies.aupdate(stop_requested=True)
    for ident in ids:
        if reply := live.find(ident):
            reply.stop()
    end = asyncio.get_running_loop().time() + ENDING_S
    while ids and asyncio.get_running_loop().time() < end:
        if not any(map(live.find, ids)) and not await conversation.messages.live().aexists():
            return
        await asyncio.sleep(LOOK_S)


def _delete(conversation_id: uuid.UUID) -> list[uuid.UUID]:
    """The ids of the messages that were deleted."""
    with writing():
        ids = list(Message.objects.filter(conversation=conversation_id).values_list("pk", flat=True))
        Conversation.objects.filter(pk=conversation_id).delete()
    return ids
