"""A message as its wire record, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..entities import Message


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with exactly three fractional digits and `Z` (protocol 2.2); a naive time is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message_record(message: Message) -> dict[str, str]:
    """The message as `/preload` and `update-iframe` carry it (protocol 2.4, 6.8)."""
    return {
        "id": message.id,
        "role": message.role,
        "content": message.content,
        "createdAt": timestamp(message.created_at),
    }


def message_from_record(record: Mapping[str, Any]) -> Message:
    """The message that `message_record` wrote. Raises `KeyError`, `TypeError` or `ValueError` on anything else."""
    created_at = datetime.fromisoformat(record["createdAt"])
    return Message(id=record["id"], role=record["role"], content=record["content"], created_at=created_at)
