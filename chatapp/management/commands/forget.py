"""`manage.py forget`: deletes a conversation, a person or an account, when somebody asks for it by other ways than the
page."""

from __future__ import annotations

import uuid
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatapp import accounts, people, privacy
from chatapp.models import Account, Conversation


class Command(BaseCommand):
    help = "Delete a conversation, or everything of a person or an account, ads and events included."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--conversation", type=uuid.UUID, help="the id in the conversation's address")
        what.add_argument("--person", type=uuid.UUID, help="a guest's id, as the admin site and exports show it")
        what.add_argument("--account", metavar="EMAIL", help="the address of an account, which is deleted too")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["account"]:
            self._forget_account(options["account"])
        elif options["person"]:
            self._forget_person(options["person"])
        else:
            self._forget_conversation(options["conversation"])

    def _forget_account(self, email: str) -> None:
        user = accounts.find(email)
        if user is None:
            raise CommandError("There is no account with this address.")
        if user.is_staff:
            raise CommandError("This user is staff. Take that away first, in the admin site.")
        count = async_to_sync(accounts.delete)(user)
        self.stdout.write(f"Deleted the account and {count} conversations.")

    def _forget_person(self, person: uuid.UUID) -> None:
        if people.is_account(person) and (account := Account.objects.filter(person=person).first()):
            raise CommandError(f"This is an account: forget --account {account.user.email}")
        count = async_to_sync(privacy.delete_person)(person)
        self.stdout.write(f"Deleted {count} conversations, and what the ads knew of this person.")

    def _forget_conversation(self, ident: uuid.UUID) -> None:
        found = Conversation.objects.filter(pk=ident).first()
        if found is None:
            raise CommandError("There is no such conversation.")
        async_to_sync(privacy.delete_conversation)(found)
        self.stdout.write("Deleted.")
