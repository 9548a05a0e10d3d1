"""Everything that is to be found out, in the order in which a person wants to read it."""

from __future__ import annotations

import asyncio
from typing import Any

from ..addresses import canonical_origin
from ..conf import Settings, get_settings
from ..transport import new_http_client
from .asking import ask
from .findings import Finding, note, wrong
from .question import Question, question_for
from .site import look_at_site
from .system import look_at_deployment, look_at_settings

Report = dict[str, list[Finding]]
"""Findings by heading."""


def diagnose(**how: Any) -> Report:
    """Look at the settings and the site, and ask the ad server as `how` says: see `question_for`.

    Synchronous, for a command; raises nothing that a wrong configuration could cause.
    """
    found, is_usable = look_at_settings()
    report: Report = {"Settings": found}
    if not is_usable:
        return report | {"Ad server": [note("Not asked: the settings must be right first.")]}
    settings = get_settings()
    if not settings.publisher_token:
        off = wrong("Ads are off: there is no publisher token, so there is nothing to ask.", "Set PUBLISHER_TOKEN.")
        return report | {"Ad server": [off]}
    report |= {"This site": look_at_site(), "Before going live": look_at_deployment()}
    return report | {_heading(settings): asyncio.run(_ask(question_for(settings, **how)))}


def count(report: Report, level: str) -> int:
    return sum(finding.level == level for findings in report.values() for finding in findings)


def _heading(settings: Settings) -> str:
    """Without what stands before the host: it may be a password."""
    return f"Ad server {canonical_origin(settings.ad_server_url)}"


async def _ask(question: Question) -> list[Finding]:
    async with new_http_client() as http:
        return await ask(question, http)
