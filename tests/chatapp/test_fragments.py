"""HTML of messages, and the instructions by which it finds its place."""

from __future__ import annotations

import uuid

import pytest
from django.core.cache import cache

from chatapp import fragments
from chatapp.markdown import Document, Swap
from chatapp.models import Conversation, Message, Role, State
from tests.chatapp.markdown_dom import Page, parse

IDENT = uuid.UUID("00000000-0000-4000-8000-000000000001")


def reply(text: str = "", state: State = State.COMPLETE, **fields: object) -> Message:
    conversation = Conversation(pk=uuid.uuid4())
    return Message(
        pk=IDENT, conversation=conversation, position=2, role=Role.ASSISTANT, text=text, state=state, **fields
    )


def test_ids_of_a_message_and_its_parts_come_from_one_place() -> None:
    assert fragments.dom_id(reply()) == f"message-{IDENT}"
    assert fragments.dom_id(reply(), "body") == f"message-{IDENT}-body"
    assert fragments.dom_id(str(IDENT), "tail") == f"message-{IDENT}-tail"


def test_the_body_of_a_finished_reply_is_rendered_once_and_then_remembered() -> None:
    assert fragments.body(reply("**a**")) == "<p><strong>a</strong></p>"
    assert fragments.body(reply("changed behind the cache's back")) == "<p><strong>a</strong></p>"
    cache.clear()
    assert "changed" in fragments.body(reply("changed"))


def test_the_body_of_a_live_reply_has_an_open_end_for_what_follows() -> None:
    assert f'id="message-{IDENT}-tail"' in fragments.body(reply("Half", State.STREAMING))


def test_a_finished_reply_has_no_open_end() -> None:
    assert "tail" not in fragments.body(reply("Half", State.INTERRUPTED))


AFTER = '<div hx-swap-oob="beforeend:#b"><table></table></div>'


def test_an_insertion_names_its_place_and_its_kind() -> None:
    swap = Swap(where="beforeend", target="message-1-body", html="<p>a</p>", wrapper="div")
    assert fragments.frame([swap]) == ['<div hx-swap-oob="beforeend:#message-1-body"><p>a</p></div>']


def test_a_replacement_carries_its_place_itself() -> None:
    swap = Swap(where="outerHTML", target="t", html='<li class="x">a</li>', wrapper="ul")
    assert fragments.frame([swap]) == ['<li hx-swap-oob="outerHTML:#t" class="x">a</li>']
    bare = Swap(where="outerHTML", target="t", html="<p>a b</p>", wrapper="div")
    assert fragments.frame([bare]) == ['<p hx-swap-oob="outerHTML:#t">a b</p>']


def test_a_table_row_begins_a_message_of_its_own() -> None:
    rows = Swap(where="beforebegin", target="t", html="<tr><td>1</td></tr>", wrapper="tbody")
    tail = Swap(where="outerHTML", target="t", html="<tr><td>2</td></tr>", wrapper="tbody")
    assert len(fragments.frame([rows, tail])) == 2


@pytest.mark.parametrize("part", ["<tr><td>1</td></tr>", "<tbody></tbody>"])
def test_what_follows_a_part_of_a_table_is_not_taken_for_its_inside(part: str) -> None:
    tail = Swap(where="outerHTML", target="t", html=part, wrapper="tbody")
    after = Swap(where="beforeend", target="b", html="<table></table>", wrapper="div")
    assert fragments.frame([after, tail, after, after]) == [
        AFTER,
        part.replace(">", ' hx-swap-oob="outerHTML:#t">', 1),
        AFTER + AFTER,
    ]


def test_the_state_is_the_last_thing_that_a_page_is_told() -> None:
    swap = Swap(where="beforeend", target="message-1-body", html="<p>a</p>", wrapper="div")
    assert fragments.frame([swap], "<message-status></message-status>")[-1] == "<message-status></message-status>"


def test_nothing_changed_is_no_message() -> None:
    assert fragments.frame([]) == []


def test_an_ad_goes_into_an_empty_slot_only() -> None:
    assert fragments.slot("ad-1", "<b>ad</b>") == '<div hx-swap-oob="beforeend:#ad-1:empty"><b>ad</b></div>'


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.PENDING, "The assistant is writing."),
        (State.STREAMING, "The assistant is writing."),
        (State.COMPLETE, "The reply is complete."),
        (State.STOPPED, "You stopped this reply."),
    ],
)
def test_the_status_tells_the_state_in_words(state: State, words: str) -> None:
    html = fragments.status(reply("x", state), language="en")
    assert f'data-state="{state}"' in html
    assert words in html
    assert "Try again" not in html


@pytest.mark.parametrize("state", [State.FAILED, State.INTERRUPTED])
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("timeout", "took too long"),
        ("lost", "went away"),
        ("empty", "answered with nothing"),
        ("of an older version", "try again"),
    ],
)
def test_what_ended_a_reply_is_said_and_another_try_is_offered(state: State, code: str, words: str) -> None:
    html = fragments.status(reply("x", state, error=code), language="en")
    assert words in html
    assert "Try again" in html


@pytest.mark.parametrize("shown", range(0, 60, 7))
@pytest.mark.parametrize("state", [State.STREAMING, State.COMPLETE])
def test_what_a_page_lacks_takes_it_from_where_it_stands_to_the_whole(shown: int, state: State) -> None:
    text = "One **two**\n\n- three\n- four\n\n| a | b |\n| - | - |\n| 5 | 6 |\n"
    message = Message(role=Role.ASSISTANT, text=text, state=state)
    before = Document(fragments.dom_id(message))
    before.feed(text[:shown])
    page = Page(fragments.dom_id(message), before.html())
    page.apply(fragments.growth(message, text, shown=shown, language="en"))
    after = Document(fragments.dom_id(message))
    after.feed(text)
    if state == State.COMPLETE:
        after.close()
    assert page.body.html() == parse(after.html()).html()
