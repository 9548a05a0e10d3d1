"""What the ads remember: one session record per conversation, the user's newest browser, filled slots and events; and
what waits for a page that sends it.

The rules of a session live in `state`; here its state is an opaque JSON value with a version to compare and set
(protocol 4.10). Nothing in these rows is needed by the chat: all of them may be deleted at any time.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AdSession(models.Model):
    """The session record of one conversation (protocol 4.9)."""

    conversation_id = models.CharField(_("conversation"), max_length=255, unique=True)
    user_id = models.CharField(_("user"), max_length=255, db_index=True)
    state = models.JSONField(_("state"), default=dict)
    """`SessionState` as JSON: the last 30 messages, the current preload, links and flags."""
    version = models.PositiveBigIntegerField(_("version"), default=1)
    """Grows with every save; a save names the version that it replaces."""
    generation = models.PositiveIntegerField(_("generation"), default=1)
    """Grows when the record starts over, so that an answer to the session before it is recognised and dropped."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("ad session")
        verbose_name_plural = _("ad sessions")

    def __str__(self) -> str:
        return self.conversation_id


class AdBrowser(models.Model):
    """The newest browser of a user: what the device object of a preload is made of (protocol 3)."""

    user_id = models.CharField(_("user"), max_length=255, unique=True)
    install_id = models.UUIDField(_("install id"))
    facts = models.JSONField(_("facts"), default=dict)
    """`{"browser": validated facts of the page, "consent": {"signals": by their wire names, "toldAt": ISO 8601},
    "headers": headers of its requests, "address": str}`, each when known."""
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("browser")
        verbose_name_plural = _("browsers")

    def __str__(self) -> str:
        return self.user_id


class AdSlot(models.Model):
    """A bid linked to an assistant message, with the messages it was made for (protocol 4.5, 6.8)."""

    session = models.ForeignKey(AdSession, models.CASCADE, related_name="slots", verbose_name=_("session"))
    message_id = models.CharField(_("message"), max_length=255, db_index=True)
    code = models.CharField(_("placement code"), max_length=255)
    bid_id = models.UUIDField(_("bid"))
    revenue = models.FloatField(_("revenue"), null=True)
    """The ad server's estimate for this impression; its unit is not documented (protocol OQ-10)."""
    snapshot = models.JSONField(_("snapshot"), default=list)
    """The messages of the preload in wire form, frozen."""
    height = models.PositiveIntegerField(_("height"), null=True)
    """The last height the frame asked for, in CSS pixels."""
    used_at = models.DateTimeField(_("used"), null=True)
    """When a frame first asked for its snapshot or reported an event."""
    released_at = models.DateTimeField(_("released"), null=True)
    """When the session let go of the bid: no page is offered it again (protocol 4.6)."""
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("ad slot")
        verbose_name_plural = _("ad slots")
        constraints = [
            models.UniqueConstraint(fields=["session", "message_id", "code"], name="kontext_one_bid_per_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}:{self.code}"


class AdEvent(models.Model):
    """One ad event of a session, for reports (protocol 5). Its payload never holds message text or ad content."""

    session = models.ForeignKey(AdSession, models.CASCADE, related_name="events", verbose_name=_("session"))
    name = models.CharField(_("name"), max_length=64)
    bid_id = models.UUIDField(_("bid"), null=True)
    message_id = models.CharField(_("message"), max_length=255, blank=True, default="")
    payload = models.JSONField(_("payload"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("ad event")
        verbose_name_plural = _("ad events")
        indexes = [models.Index(fields=["name", "created_at"], name="kontext_event_name_created")]

    def __str__(self) -> str:
        return self.name


class AdRelay(models.Model):
    """A request that a page of the person sends for us (protocol OQ-1). It holds messages, until it is over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_id = models.CharField(_("user"), max_length=255, db_index=True)
    url = models.TextField(_("address"))
    headers = models.JSONField(_("headers"), default=dict)
    """Those of protocol 2.2. What else speaks for the browser it says itself."""
    body = models.TextField(_("body"))
    """JSON; "" once a page has handed the answer back."""
    timeout_ms = models.PositiveIntegerField(_("timeout"))
    claim = models.UUIDField(_("claim"), null=True)
    """The visit of a page that took it; None while it waits for one."""
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    """Of the ad server's answer."""
    answer = models.BinaryField(_("answer"), default=bytes)
    """The answer's body as it came."""
    failure = models.CharField(_("failure"), max_length=16, blank=True, default="")
    """Why there is no answer, one of `relay_rows.FAILURES`."""
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("relayed request")
        verbose_name_plural = _("relayed requests")

    def __str__(self) -> str:
        return str(self.pk)
