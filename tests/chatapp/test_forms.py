from __future__ import annotations

import uuid

import pytest

from chatapp.forms import MessageForm


@pytest.mark.parametrize("text", ["", "   ", "\n\r\n\t", "\u2003"])
def test_a_blank_message_gets_a_clear_answer(text: str) -> None:
    assert MessageForm({"text": text}).problem() == "Type a message first."


def test_a_message_as_long_as_the_limit_is_taken() -> None:
    assert MessageForm({"text": "x" * 8000}).is_valid()


def test_a_longer_message_is_told_by_how_much() -> None:
    assert "up to 8,000 characters. This one has 2 too many" in MessageForm({"text": "x" * 8002}).problem()


def test_a_line_break_counts_as_one_character_and_is_kept_as_one() -> None:
    form = MessageForm({"text": "a\r\n" * 4000})
    assert form.is_valid()
    assert form.cleaned_data["text"] == "a\n" * 4000


def test_spaces_around_the_text_are_the_persons_own() -> None:
    form = MessageForm({"text": "  indented\n"})
    assert form.is_valid()
    assert form.cleaned_data["text"] == "  indented\n"


def test_the_page_may_choose_the_id() -> None:
    chosen = uuid.uuid4()
    form = MessageForm({"text": "x", "id": str(chosen)})
    assert form.is_valid()
    assert form.cleaned_data["id"] == chosen


def test_without_an_id_one_is_made() -> None:
    form = MessageForm({"text": "x"})
    assert form.is_valid()
    assert isinstance(form.cleaned_data["id"], uuid.UUID)


def test_an_id_that_is_none_is_refused() -> None:
    assert not MessageForm({"text": "x", "id": "1; drop table"}).is_valid()


def test_a_starter_that_was_pressed_is_the_message() -> None:
    form = MessageForm({"text": "", "starter": "Plan a trip"})
    assert form.is_valid()
    assert form.cleaned_data["text"] == "Plan a trip"
