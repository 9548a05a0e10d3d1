"""Looks for anything of somebody in every table and in the cache."""

from __future__ import annotations

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core import serializers
from django.core.cache import cache

KEPT = (LogEntry,)
"""The record of which staff looked at what: it holds ids, never a text."""


def leftovers(*needles: object) -> list[str]:
    """Every table, and the cache, in which one of the needles is found: ids in any spelling, texts, titles."""
    wanted = [str(needle).lower() for needle in needles]
    wanted += [needle.replace("-", "") for needle in wanted]
    places = {model._meta.label: _rows(model) for model in apps.get_models() if model not in KEPT}
    places["the cache"] = repr(vars(cache).get("_cache") or cache._cache).lower()  # type: ignore[attr-defined]
    return sorted(place for place, text in places.items() if any(needle in text for needle in wanted))


def _rows(model: type) -> str:
    if model is Session:  # what it holds is packed
        return repr([(session.session_key, session.get_decoded()) for session in Session.objects.all()]).lower()
    return serializers.serialize("json", model._base_manager.all(), ensure_ascii=False).lower()  # type: ignore[attr-defined]
