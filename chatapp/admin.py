"""The staff's view of conversations: when, how many, in which state. What was said is shown only to those with the
permission `chatapp.view_message_text`, message by message, and each look is written down.

Nothing can be changed here. Deleting a conversation or a user deletes all of it, as its owner's button does.
"""

from __future__ import annotations

import logging
import uuid
from functools import reduce
from operator import or_
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from chatapp import accounts, privacy
from chatapp.models import Conversation, Message

logger = logging.getLogger(__name__)
READ = "Read the text."
MAY_READ = "chatapp.view_message_text"


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg] # not generic at run time
    """Looking, with the model's `view` permission; no adding, no changing. A search finds ids, in `search_fields`."""

    list_per_page = 50

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        try:
            wanted = uuid.UUID(search_term.strip())
        except ValueError:
            return queryset.none(), False
        anywhere = (Q((str(field), wanted)) for field in self.search_fields)
        return queryset.filter(reduce(or_, anywhere)), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Conversation)
class ConversationAdmin(ReadOnly):
    # The title is the beginning of the first message, so it is not shown either.
    fields = readonly_fields = ("id", "owner", "language", "created_at", "updated_at", "messages_count")
    list_display = ("id", "owner", "language", "messages_count", "created_at", "updated_at")
    list_filter = ("language", "updated_at")
    search_fields = ("id", "owner")
    search_help_text = _("The id of a conversation, or of its owner")
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        found: QuerySet[Conversation] = super().get_queryset(request)
        return found.annotate(count=Count("messages"))

    @admin.display(description=_("messages"), ordering="count")
    def messages_count(self, conversation: Any) -> int:
        return int(conversation.count)

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        async_to_sync(privacy.delete_conversation)(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        for conversation in list(queryset):
            self.delete_model(request, conversation)


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = ("id", "conversation", "position", "role", "state", "error", "characters", "created_at")
    list_filter = ("role", "state", "error", "created_at")
    list_select_related = ("conversation",)
    search_fields = ("id", "conversation")
    search_help_text = _("The id of a message, or of a conversation")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = ["id", "conversation", "position", "role", "state", "error", "characters", "created_at", "saved_at"]
        return [*fields, "text"] if request.user.has_perm(MAY_READ) else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_fields(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # One message of many would leave a conversation that never was; with its conversation it may go.
        place = request.resolver_match.view_name if request.resolver_match else ""
        return place.startswith("admin:chatapp_conversation") and super().has_delete_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        found: QuerySet[Message] = super().get_queryset(request)
        return found.annotate(length=Length("text")).defer("text")

    @admin.display(description=_("characters"), ordering="length")
    def characters(self, message: Any) -> int:
        return int(message.length)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        message = Message.objects.filter(pk=object_id).first() if response.status_code == 200 else None
        if message and request.user.has_perm(MAY_READ):
            _write_down(request, message)
        return response


class UserAdmin(auth_admin.UserAdmin):  # type: ignore[type-arg] # not generic at run time
    """Django's own, but a user who is deleted here takes all conversations along."""

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        async_to_sync(accounts.delete)(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in list(queryset):
            self.delete_model(request, user)


admin.site.unregister(User)
admin.site.register(User, UserAdmin)


def _write_down(request: HttpRequest, message: Message) -> None:
    staff = request.user.pk
    assert staff is not None  # noqa: S101 - the admin site lets nobody in without an account
    LogEntry.objects.log_actions(staff, [message], CHANGE, change_message=READ, single_object=True)
    logger.info("Staff %s read the text of message %s", staff, message.pk)
