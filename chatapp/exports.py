"""A person's conversations as a file, piece by piece, so that its size costs no memory. Ads are no part of it.

Of an account the file also says what is kept of it: the address, and since when."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from chatapp.models import Conversation, Message, Role

CHUNK = 200
"""So many messages are read at once."""


async def as_json(person: uuid.UUID, account: User | None = None) -> AsyncIterator[str]:
    """`{"person", "exported_at", "account", "conversations": [{…, "messages": [{…}]}]}`; times in ISO 8601, UTC. The
    account is `{"email", "joined_at", "last_login_at"}`, and missing for a guest."""
    head: dict[str, Any] = {"person": str(person), "exported_at": _iso(timezone.now())}
    if account:
        head["account"] = _about_account(account)
    yield json.dumps(head)[:-1] + ', "conversations": ['
    comma = ""
    async for conversation in _conversations(person):
        yield f"{comma}\n" + json.dumps(_about(conversation), ensure_ascii=False)[:-1] + ', "messages": ['
        comma, between = ",", ""
        async for message in _messages(conversation):
            yield f"{between}\n  " + json.dumps(_fields(message), ensure_ascii=False)
            between = ","
        yield "\n]}"
    yield "\n]}\n"


async def as_markdown(person: uuid.UUID, account: User | None = None) -> AsyncIterator[str]:
    """For reading: a heading for each conversation and each message, the texts as they were written."""
    yield f"# {_('Your conversations')}\n\n{_iso(timezone.now())}\n"
    if account:
        since = _iso(account.date_joined)
        yield "\n" + _("Account: %(email)s, since %(since)s") % {"email": account.email, "since": since} + "\n"
    async for conversation in _conversations(person):
        yield f"\n## {conversation.title}\n\n{_iso(conversation.created_at)}\n"
        async for message in _messages(conversation):
            who = _("You") if message.role == Role.USER else _("Assistant")
            yield f"\n### {who}\n\n{message.text}\n"


async def _conversations(person: uuid.UUID) -> AsyncIterator[Conversation]:
    # The ids are few; a cursor that stays open while a slow browser reads would hold a connection.
    ids = [
        ident
        async for ident in Conversation.objects.owned_by(person).order_by("created_at").values_list("pk", flat=True)
    ]
    for ident in ids:
        if found := await Conversation.objects.filter(pk=ident).afirst():
            yield found


async def _messages(conversation: Conversation) -> AsyncIterator[Message]:
    position = 0
    while page := [
        message async for message in conversation.messages.filter(position__gt=position).order_by("position")[:CHUNK]
    ]:
        for message in page:
            yield message
        position = page[-1].position


def _about_account(user: User) -> dict[str, str | None]:
    last = user.last_login
    return {"email": user.email, "joined_at": _iso(user.date_joined), "last_login_at": _iso(last) if last else None}


def _about(conversation: Conversation) -> dict[str, str]:
    return {
        "id": str(conversation.pk),
        "title": conversation.title,
        "language": conversation.language,
        "created_at": _iso(conversation.created_at),
        "updated_at": _iso(conversation.updated_at),
    }


def _fields(message: Message) -> dict[str, str]:
    return {
        "id": str(message.pk),
        "role": message.role,
        "state": message.state,
        "text": message.text,
        "created_at": _iso(message.created_at),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
