"""`manage.py forget`: deletes one conversation, or a person, when somebody asks for it by other ways than the page."""

from __future__ import annotations

import uuid
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatapp import privacy
from chatapp.models import Conversation


class Command(BaseCommand):
    help = "Delete a conversation, or everything of a person, ads and events included."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--conversation", type=uuid.UUID, help="the id in the conversation's address")
        what.add_argument("--person", type=uuid.UUID, help="the owner's id, as the admin site and exports show it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["person"]:
            count = async_to_sync(privacy.delete_person)(options["person"])
            self.stdout.write(f"Deleted {count} conversations, and what the ads knew of this person.")
            return
        found = Conversation.objects.filter(pk=options["conversation"]).first()
        if found is None:
            raise CommandError("There is no such conversation.")
        async_to_sync(privacy.delete_conversation)(found)
        self.stdout.write("Deleted.")
