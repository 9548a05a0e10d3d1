"""`manage.py prune`: deletes what is older than the settings allow. For a timer, once a day."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from chatapp import privacy


class Command(BaseCommand):
    help = "Delete conversations, ads and sessions that are older than CHAT['KEEP_…_DAYS'] and the session age allow."

    def handle(self, *args: Any, **options: Any) -> None:
        pruned = async_to_sync(privacy.prune)(timezone.now())
        call_command("clearsessions")
        self.stdout.write(f"Deleted {pruned.conversations} conversations and {pruned.ad_rows} rows of ads.")
