"""What Django's system checks say about `KONTEXT`, as findings."""

from __future__ import annotations

from django.core.checks import CheckMessage, run_checks

from .findings import Finding, note, ok, wrong

_TAG = "kontext"
_UNREADABLE = {"kontext.E001", "kontext.E002", "kontext.E003"}
"""With one of these nothing can be asked."""


def look_at_settings() -> tuple[list[Finding], bool]:
    """The findings, and whether the ad server can be asked with these settings."""
    found = [message for message in run_checks(tags=[_TAG]) if not message.is_silenced()]
    findings = [wrong(_words(message), message.hint or "") for message in found]
    return findings or [ok("The system checks find nothing.")], not any(message.id in _UNREADABLE for message in found)


def look_at_deployment() -> list[Finding]:
    """What is fine for development only."""
    always = run_checks(tags=[_TAG])
    found = [message for message in run_checks(tags=[_TAG], include_deployment_checks=True) if message not in always]
    findings = [note(_words(message), message.hint or "") for message in found if not message.is_silenced()]
    return findings or [ok("Nothing is in the way.")]


def _words(message: CheckMessage) -> str:
    return f"{message.msg} ({message.id})"
