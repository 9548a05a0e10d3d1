from __future__ import annotations

import logging
import uuid

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client

from chatapp.models import Conversation, Message, Role
from tests.conftest import ALICE

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "a very private question"


@pytest.fixture
def message() -> Message:
    made = Conversation.objects.create(owner=ALICE, title=SECRET)
    return Message.objects.create(conversation=made, position=1, role=Role.USER, text=SECRET)


def staff(*permissions: str, superuser: bool = False) -> Client:
    user = User.objects.create_user(f"staff-{uuid.uuid4().hex[:8]}", is_staff=True, is_superuser=superuser)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


LOOK = ("view_conversation", "view_message")


def pages(message: Message) -> list[str]:
    conversations, messages = "/admin/chatapp/conversation/", "/admin/chatapp/message/"
    return [conversations, f"{conversations}{message.conversation_id}/change/", messages]


def page_of(message: Message) -> str:
    return f"/admin/chatapp/message/{message.pk}/change/"


def test_without_the_permission_no_page_shows_what_was_said(message: Message) -> None:
    client = staff(*LOOK)
    for address in [*pages(message), page_of(message)]:
        response = client.get(address)
        assert response.status_code == 200
        assert SECRET not in response.content.decode()
    assert not LogEntry.objects.exists()


def test_with_the_permission_one_message_is_shown_and_the_look_is_written_down(
    message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    client = staff(*LOOK, "view_message_text")
    with caplog.at_level(logging.INFO):
        assert SECRET in client.get(page_of(message)).content.decode()
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (str(message.pk), "Read the text.")
    assert SECRET not in str(vars(entry)) + caplog.text
    assert f"read the text of message {message.pk}" in caplog.text


def test_lists_show_no_text_to_anybody(message: Message) -> None:
    client = staff(superuser=True)
    for address in pages(message):
        assert SECRET not in client.get(address).content.decode()
    assert not LogEntry.objects.exists()


def test_a_search_finds_ids_and_never_words(message: Message) -> None:
    client = staff(superuser=True)
    found = client.get("/admin/chatapp/message/", {"q": str(message.pk)}).content.decode()
    assert str(message.pk) in found[found.index("<tbody>") :]
    for words in (SECRET, "private"):
        assert "<tbody>" not in client.get("/admin/chatapp/message/", {"q": words}).content.decode()


@pytest.mark.parametrize("model", ["conversation", "message"])
def test_nothing_can_be_added_or_changed(message: Message, model: str) -> None:
    client = staff(superuser=True)
    ident = message.pk if model == "message" else message.conversation_id
    assert client.get(f"/admin/chatapp/{model}/add/").status_code == 403
    assert client.post(f"/admin/chatapp/{model}/{ident}/change/", {"text": "forged"}).status_code == 403
    message.refresh_from_db()
    assert message.text == SECRET


def test_one_message_cannot_be_taken_out_of_its_conversation(message: Message) -> None:
    client = staff(superuser=True)
    assert client.post(f"/admin/chatapp/message/{message.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [message.pk], "post": "yes"}
    client.post("/admin/chatapp/message/", form)
    assert Message.objects.exists()


def test_a_conversation_is_deleted_with_all_it_has(message: Message) -> None:
    client = staff(superuser=True)
    address = f"/admin/chatapp/conversation/{message.conversation_id}/delete/"
    assert SECRET not in client.get(address).content.decode()
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()


def test_several_conversations_are_deleted_at_once(message: Message) -> None:
    other = Conversation.objects.create(owner=ALICE)
    form = {"action": "delete_selected", "_selected_action": [message.conversation_id, other.pk], "post": "yes"}
    staff(superuser=True).post("/admin/chatapp/conversation/", form)
    assert not Conversation.objects.exists()


def test_only_staff_with_the_permission_to_look_sees_anything(message: Message) -> None:
    assert staff().get("/admin/chatapp/message/").status_code == 403
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    for client in (stranger, Client()):
        response = client.get(page_of(message))
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")
