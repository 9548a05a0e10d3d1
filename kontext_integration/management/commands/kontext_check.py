"""`manage.py kontext_check`: asks the configured ad server, and says in plain words what is wrong and how to fix it."""

from __future__ import annotations

import ipaddress
import json
import shutil
import textwrap
from argparse import ArgumentTypeError
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kontext_integration.diagnosis import Finding, Report, count, diagnose
from kontext_integration.retry import BACKOFF_MS, INIT_TIMEOUT_MS

WIDEST = 110
INDENT = " " * 9


class Command(BaseCommand):
    help = (
        "Asks the configured ad server and says what each endpoint answers, what is misconfigured and how to fix it. "
        "Shows no ad and counts none. Ends with 1 when something is wrong."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        most = len(BACKOFF_MS)
        parser.add_argument(
            "--timeout",
            type=_milliseconds,
            default=INIT_TIMEOUT_MS,
            metavar="MS",
            help="how long an answer may take, in milliseconds; default and maximum: %(default)s",
        )
        parser.add_argument(
            "--retries",
            type=int,
            default=0,
            choices=range(most + 1),
            help=f"how often to ask again when there is no answer; default: 0 (the chat: {most})",
        )
        parser.add_argument("--reports", action="store_true", help="send a test report to /error and /debug, too")
        parser.add_argument("--user-agent", metavar="TEXT", help="speak for this browser; default: for none")
        parser.add_argument("--address", type=_address, metavar="IP", help="speak for this address; default: for none")
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        report = diagnose(
            timeout_ms=options["timeout"],
            retries=options["retries"],
            reports=options["reports"],
            user_agent=options["user_agent"],
            address=options["address"],
        )
        failures = count(report, "wrong")
        if options["json"]:
            self._print_json(report)
        else:
            self._print(report)
        if failures:
            raise CommandError("One thing is wrong." if failures == 1 else f"{failures} things are wrong.")

    def _print(self, report: Report) -> None:
        for heading, findings in report.items():
            self.stdout.write(self.style.MIGRATE_HEADING(heading))
            for finding in findings:
                self._print_finding(finding)
            self.stdout.write("")
        if not count(report, "wrong"):
            notes = count(report, "note")
            self.stdout.write(self.style.SUCCESS("Nothing is wrong; see the notes." if notes else "All is well."))

    def _print_finding(self, finding: Finding) -> None:
        paint = {"ok": self.style.SUCCESS, "note": self.style.WARNING, "wrong": self.style.ERROR}[finding.level]
        first, *rest = _wrap(finding.what)
        self.stdout.write(f"  {paint(finding.level)}{' ' * (7 - len(finding.level))}{first}")
        for line in rest + (_wrap(f"→ {finding.fix}") if finding.fix else []):
            self.stdout.write(INDENT + line)

    def _print_json(self, report: Report) -> None:
        findings = [
            {"about": heading, **asdict(finding)} for heading, findings in report.items() for finding in findings
        ]
        self.stdout.write(json.dumps({"well": not count(report, "wrong"), "findings": findings}, indent=2))


def _wrap(text: str) -> list[str]:
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns) - len(INDENT)
    return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False)


def _milliseconds(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= INIT_TIMEOUT_MS:
        raise ArgumentTypeError(f"a number of milliseconds, 1 to {INIT_TIMEOUT_MS}")
    return int(text)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ArgumentTypeError("an IP address") from None
