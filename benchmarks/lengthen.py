"""Puts messages into a conversation: `python -m benchmarks.lengthen CONVERSATION LENGTH`, in a site's environment."""

from __future__ import annotations

import sys

import django

TEXT = "A message of a usual length, as people and models write them in a chat about nothing in particular. " * 4


def lengthen(conversation_id: str, length: int) -> None:
    from chatapp.models import Message, Role  # noqa: PLC0415 - models need the apps loaded

    present = Message.objects.filter(conversation_id=conversation_id).count()
    roles = (Role.USER, Role.ASSISTANT)
    Message.objects.bulk_create(
        Message(conversation_id=conversation_id, position=position, role=roles[(position + 1) % 2], text=TEXT)
        for position in range(present + 1, length + 1)
    )


if __name__ == "__main__":
    django.setup()
    lengthen(sys.argv[1], int(sys.argv[2]))
