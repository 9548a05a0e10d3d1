"""What the chat keeps: conversations and their messages. Ids are chosen once and never change."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Sequence


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, person: uuid.UUID | None) -> ConversationQuerySet:
        """The conversations of one person; of nobody when there is none."""
        return self.filter(owner=person) if person else self.none()


class Conversation(models.Model):
    """One thread between a person and the assistant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.UUIDField(db_index=True, help_text=_("Pseudonymous id of the person who may read and write it."))
    title = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=16, default="en", help_text=_("Language of the page's own words."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["owner", "-updated_at"])]

    def __str__(self) -> str:
        return str(self.id)

    def get_absolute_url(self) -> str:
        return reverse("conversation", args=[self.pk])


class Role(models.TextChoices):
    USER = "user", _("You")
    ASSISTANT = "assistant", _("Assistant")


class State(models.TextChoices):
    """Where a message stands. `PENDING` and `STREAMING` are live; the others are final and written once."""

    PENDING = "pending", _("Waiting")
    STREAMING = "streaming", _("Being written")
    COMPLETE = "complete", _("Complete")
    STOPPED = "stopped", _("Stopped")
    INTERRUPTED = "interrupted", _("Interrupted")
    FAILED = "failed", _("Failed")


LIVE = (State.PENDING, State.STREAMING)


class MessageQuerySet(models.QuerySet["Message"]):
    def live(self) -> MessageQuerySet:
        return self.filter(state__in=LIVE)

    def stale(self, *, after_ms: int) -> MessageQuerySet:
        """Live replies that nobody has saved for `after_ms` milliseconds: their process is gone."""
        return self.live().filter(saved_at__lt=timezone.now() - timedelta(milliseconds=after_ms))

    def settle(self, state: State, **changes: object) -> int:
        """Compare-and-set: end the messages that are still live. Returns how many this call ended."""
        return self.live().update(state=state, saved_at=timezone.now(), **changes)


class Message(models.Model):
    """One message of a conversation. For a reply, `text` is what was saved of it so far."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    position = models.PositiveIntegerField(help_text=_("Place in the conversation, from 1."))
    role = models.CharField(max_length=9, choices=Role.choices)
    state = models.CharField(max_length=11, choices=State.choices, default=State.COMPLETE)
    text = models.TextField(blank=True)
    error = models.CharField(max_length=32, blank=True, help_text=_("Code of the failure that ended a reply."))
    stop_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    saved_at = models.DateTimeField(default=timezone.now, help_text=_("Last sign of life of the reply's writer."))

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "position"], name="one_message_per_position"),
        ]
        indexes = [models.Index(fields=["state", "saved_at"])]
        permissions = [("view_message_text", _("Can read the text of messages"))]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_reply(self) -> bool:
        return self.role == Role.ASSISTANT

    @property
    def can_be_retried(self) -> bool:
        return self.is_reply and self.state in (State.FAILED, State.INTERRUPTED)


def newest(conversation: Conversation, *, limit: int, before: int | None = None) -> Sequence[Message]:
    """The newest `limit` messages (before position `before`), oldest of them first."""
    messages = conversation.messages.all()
    if before is not None:
        messages = messages.filter(position__lt=before)
    return list(reversed(messages.order_by("-position")[:limit]))


class Account(models.Model):
    """The person that a user is in the chat. It is made when the user first logs in there."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    person = models.UUIDField(unique=True, editable=False, help_text=_("Whose conversations the user reads."))

    def __str__(self) -> str:
        return str(self.person)
