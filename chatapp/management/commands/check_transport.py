"""`manage.py check_transport https://chat.example.com`: is anything wrong between browsers and this chat?"""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatapp.checkup import Finding, way_to


class Command(BaseCommand):
    help = (
        "Opens a page, posts a form, opens a socket and asks by plain requests through the public address, as a "
        "browser would, and says what is wrong and what to do. Ends with 0 when nothing is. Run it on the server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="the public address, such as https://chat.example.com")
        parser.add_argument(
            "--idle", type=float, default=45.0, metavar="SECONDS", help="how long a silent socket is held (default 45)"
        )
        parser.add_argument("--insecure", action="store_true", help="take any certificate")

    def handle(self, *args: Any, url: str, idle: float, insecure: bool, **options: Any) -> None:
        if not url.startswith(("http://", "https://")):
            raise CommandError("Give the address with http:// or https://.")
        if asyncio.run(self._report(url, idle, verify=not insecure)):
            sys.exit(1)

    async def _report(self, url: str, idle: float, *, verify: bool) -> int:
        """Say what is found as it is found. Returns how much of it is wrong."""
        wrong = 0
        async with way_to(url, idle_s=idle, verify=verify) as way:
            async for finding in way.findings():
                wrong += finding.is_wrong
                self._say(finding)
        return wrong

    def _say(self, finding: Finding) -> None:
        if finding.is_wrong:
            self.stdout.write(self.style.ERROR(f"WRONG {finding.text}"))
            self.stdout.write(f"      {finding.fix}")
        else:
            self.stdout.write(f"ok    {finding.text}")
