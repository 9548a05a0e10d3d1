"""Forgetting: everything that is stored of a conversation, of a person, or from before a time.

A request to the ad server that is under way is not waited for: its answer finds no session any more and is dropped.
Unlike the rest of the app, what cannot be deleted raises what the database raises, so that nobody is told a lie.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from .database import in_database
from .models import AdBrowser, AdRelay, AdSession

if TYPE_CHECKING:
    from django.db.models import QuerySet


async def forget_conversation(conversation_id: str) -> int:
    """Delete the session of a conversation with its ads and events. Returns the number of deleted rows."""
    return await in_database(_delete, [AdSession.objects.filter(conversation_id=conversation_id)])


async def forget_user(user_id: str) -> int:
    """Delete all sessions of a person, and what is known of their browser. Returns the number of deleted rows."""
    whose = {"user_id": user_id}
    found = [AdSession.objects.filter(**whose), AdBrowser.objects.filter(**whose), AdRelay.objects.filter(**whose)]
    return await in_database(_delete, found)


async def prune(before: datetime) -> int:
    """Delete what nothing has happened to since `before` (aware). Returns the number of deleted rows."""
    found = [
        AdSession.objects.filter(updated_at__lt=before),
        AdBrowser.objects.filter(updated_at__lt=before),
        AdRelay.objects.filter(created_at__lt=before),
    ]
    return await in_database(_delete, found)


@transaction.atomic
def _delete(found: Iterable[QuerySet]) -> int:  # type: ignore[type-arg]
    return sum(rows.delete()[0] for rows in found)
