"""Privacy signals: which of them counts when the publisher, the session and the page disagree (protocol 7.2). Pure.

Signals are plain dicts by their wire names here; `clean` and `merge` drop what has no valid value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import facts
from .entities import Regulatory

Signals = Mapping[str, Any]

GPC_OPT_OUT = "1YYN"
"""US Privacy version 1: notice was given, the person opts out of sale."""
_GPP = {"gpp", "gppSid"}
_FIRST_US_SECTION = 6
"""Of the section ids of GPP; those before it are for Europe and Canada."""


def clean(signals: object) -> dict[str, Any]:
    """The valid signals in `signals`: gdpr, gdprConsent, coppa, gpp, gppSid, usPrivacy."""
    found = facts.consent(signals) or {}
    coppa = facts.gdpr(signals.get("coppa")) if isinstance(signals, Mapping) else None
    return found if coppa is None else {**found, "coppa": coppa}


def merge(publisher: Signals, consent: Signals, *, opted_out: bool = False) -> dict[str, Any]:
    """The signals of a preload (protocol 7.2).

    `publisher` wins over what the page collected, except for a live `gdpr` and `gdprConsent`, each on its own. A GPP
    string and its sections are one signal: those of the one are never put beside the string of the other. `opted_out`
    says that the browser sent Global Privacy Control: it becomes a US opt-out when no US signal exists.
    """
    page = dict(consent)
    live = {name: page.pop(name) for name in ("gdpr", "gdprConsent") if name in page}
    if _GPP & set(publisher):
        page = {name: value for name, value in page.items() if name not in _GPP}
    merged = page | dict(publisher) | live
    if opted_out and not _is_american(merged):
        merged["usPrivacy"] = GPC_OPT_OUT
    return merged


def is_revised(before: Signals, after: Signals) -> bool:
    """Whether the person has answered differently since: a signal was told as something else, or there is none left."""
    changed = any(before[name] != after[name] for name in set(before) & set(after))
    return changed or bool(before and not after)


def _is_american(signals: Signals) -> bool:
    sections = signals.get("gppSid")
    speaks = sections is None or any(section >= _FIRST_US_SECTION for section in sections)
    return "usPrivacy" in signals or ("gpp" in signals and speaks)


def to_entity(signals: Signals) -> Regulatory | None:
    """The value that the session's options carry; None when no signal is known."""
    if not signals:
        return None
    sections = signals.get("gppSid")
    return Regulatory(
        gdpr=signals.get("gdpr"),
        gdpr_consent=signals.get("gdprConsent"),
        coppa=signals.get("coppa"),
        gpp=signals.get("gpp"),
        gpp_sid=None if sections is None else tuple(sections),
        us_privacy=signals.get("usPrivacy"),
    )


def from_entity(regulatory: Regulatory) -> dict[str, Any]:
    """The valid signals of such a value by their wire names."""
    sections = regulatory.gpp_sid
    return clean(
        {
            "gdpr": regulatory.gdpr,
            "gdprConsent": regulatory.gdpr_consent,
            "coppa": regulatory.coppa,
            "gpp": regulatory.gpp,
            "gppSid": None if sections is None else list(sections),
            "usPrivacy": regulatory.us_privacy,
        }
    )
