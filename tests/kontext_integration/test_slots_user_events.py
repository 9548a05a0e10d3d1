"""What tells the ads of a page that the person did something (protocol 6.8)."""

from __future__ import annotations

import html as entities
import json
import re
from typing import Any

import pytest

from kontext_integration import slots
from kontext_integration.events import UserEvent


def attributes(html: str) -> dict[str, str]:
    return {name: entities.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', html)}


def test_one_is_an_element_that_nobody_sees() -> None:
    html = slots.render_user_event(UserEvent("user.typing.started"))
    assert html == (
        '<kontext-user-event data-name="user.typing.started" data-code="inlineAd" hidden></kontext-user-event>'
    )


def test_its_placement_and_payload_go_along() -> None:
    payload = {"words": '"><script>', "list": [1, None]}
    html = slots.render_user_event(UserEvent("user.typing.started", 'b"c', payload))
    found = attributes(html)
    assert found["data-code"] == 'b"c'
    assert json.loads(found["data-payload"]) == payload
    assert "<script>" not in html


def test_an_empty_payload_is_one() -> None:
    html = slots.render_user_event(UserEvent("user.typing.started", payload={}))
    assert attributes(html)["data-payload"] == "{}"


@pytest.mark.parametrize("payload", [{"words": {1}}, {"worth": float("nan")}])
def test_a_payload_that_json_cannot_hold_is_the_mistake_of_the_caller(payload: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        slots.render_user_event(UserEvent("user.typing.started", payload=payload))
