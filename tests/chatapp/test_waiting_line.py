from __future__ import annotations

from django.template.loader import render_to_string

from chatapp.models import Conversation, Message, Role, State
from tests.assertions import visible


def status(state: State, **context: object) -> str:
    message = Message(conversation=Conversation(), role=Role.ASSISTANT, state=state)
    return visible(render_to_string("chat/_message_status.html", {"message": message, **context}))


def test_whoever_waits_for_a_turn_is_told_the_place() -> None:
    assert "You are number 3 in line." in status(State.PENDING, place=3)


def test_a_reply_that_has_its_turn_says_nothing_of_a_line() -> None:
    assert status(State.STREAMING) == "The assistant is writing."
