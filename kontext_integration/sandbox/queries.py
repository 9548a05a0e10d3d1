"""The rules of protocol 6.1 for the address of a frame and of a modal, as far as their query goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from .store import Bid

MAX_COMPONENT_PARAMS = 2048
"""Bytes."""


def problems_of_frame(query: Mapping[str, str], bid: Bid) -> list[str]:
    """What is wrong with a frame's query; empty: nothing."""
    return list(_common(query, bid))


def problems_of_modal(query: Mapping[str, str], bid: Bid) -> list[str]:
    """What is wrong with a modal's query. Our own frames always give componentParams, so these must be there."""
    problems = list(_common(query, bid))
    if bid.format != "interstitial":
        problems.append("this bid has no modal")
    return problems + list(_component_params(query.get("componentParams")))


def component_params(query: Mapping[str, str]) -> dict[str, object]:
    """The object that the frame gave with open-component-iframe. Call it for a query without problems only."""
    params: dict[str, object] = json.loads(query["componentParams"])
    return params


def _common(query: Mapping[str, str], bid: Bid) -> Iterator[str]:
    yield from (f"{name} is missing" for name in ("code", "messageId", "sdk") if not query.get(name))
    if query.get("code", bid.code) not in {bid.code, ""}:
        yield "code is not that of the bid"


def _component_params(text: str | None) -> Iterator[str]:
    if text is None:
        yield "componentParams is missing: open-component-iframe gave some"
    elif len(text.encode("utf-8", "replace")) > MAX_COMPONENT_PARAMS:
        yield f"componentParams must have at most {MAX_COMPONENT_PARAMS} bytes"
    elif not _is_object(text):
        yield "componentParams must be a JSON object"


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
