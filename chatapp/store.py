"""Replies in the database while they are written: what has streamed, and the final state, which is written once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from chatapp.database import writing
from chatapp.models import LIVE, Message, State


def end(message_id: uuid.UUID, state: State, *, text: str, error: str) -> bool:
    """Whether the reply is stored as it is meant to: by this call, or by an earlier one whose answer was lost."""
    return bool(
        settle(message_id, state, text=text, error=error)
        or Message.objects.filter(pk=message_id, state=state, text=text).exists()
    )


def settle(message_id: uuid.UUID, state: State, **changes: object) -> int:
    with writing():
        return Message.objects.filter(pk=message_id).settle(state, **changes)


_SAVE = "UPDATE {table} SET text = %s, state = %s, saved_at = %s WHERE id = %s AND state IN (%s, %s)"


def save(texts: Sequence[tuple[uuid.UUID, str | None]]) -> None:
    """Save what has streamed (None: just a sign of life), for all replies of this process at once.

    One statement for all, past the ORM: its queries would cost more than all else of a save.
    """
    now, live = timezone.now(), [state.value for state in LIVE]
    saved_at = Message._meta.get_field("saved_at").get_db_prep_save(now, connection)
    ident = Message._meta.get_field("id").get_db_prep_save
    rows = [
        (text, State.STREAMING.value, saved_at, ident(message_id, connection), *live)
        for message_id, text in texts
        if text is not None
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_SAVE.format(table=connection.ops.quote_name(Message._meta.db_table)), rows)
    silent = [message_id for message_id, text in texts if text is None]
    if silent:
        Message.objects.live().filter(pk__in=silent).update(saved_at=now)


def storable(text: str) -> str:
    """Without the one character that PostgreSQL cannot keep."""
    return text.replace("\x00", "") if "\x00" in text else text
