"""Guests and accounts: who brings what along, and what an old cookie still opens."""

from __future__ import annotations

import asyncio
import copy
import json
import uuid
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import AsyncClient, Client
from pytest_django import DjangoAssertNumQueries, Settings

from chatapp import accounts, consumers, people
from chatapp.models import Account, Conversation
from kontext_integration.models import AdBrowser, AdSession
from tests.assertions import socket_of
from tests.chatapp.accounting import (
    EMAIL,
    PASSWORD,
    account_of,
    conversation_of,
    log_in,
    logged_in,
    make_user,
    person_in,
    sign_up,
)
from tests.chatapp.leftovers import leftovers
from tests.conftest import ALICE, BOB, client_of, cookie_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_end")]


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def guest() -> Client:
    """Alice's browser."""
    client = Client()
    client.cookies[people.COOKIE] = cookie_of(ALICE)
    return client


# Becoming an account


def test_whoever_signs_up_keeps_every_conversation(guest: Client) -> None:
    conversation = conversation_of(ALICE)
    assert sign_up(guest).status_code == 302
    assert guest.get(f"/c/{conversation.pk}/").status_code == 200
    assert "Quirinale" in guest.get("/").content.decode()


def test_the_account_is_found_in_another_browser(guest: Client) -> None:
    conversation = conversation_of(ALICE)
    sign_up(guest)
    assert logged_in().get(f"/c/{conversation.pk}/").status_code == 200


def test_whoever_logs_in_brings_the_guests_conversations_along(guest: Client) -> None:
    user = make_user()
    at_home = conversation_of(accounts.person_of(user), title="Paris")
    here = conversation_of(ALICE)
    log_in(guest)
    page = guest.get("/").content.decode()
    assert "Quirinale" in page
    assert "Paris" in page
    assert guest.get(f"/c/{here.pk}/").status_code == guest.get(f"/c/{at_home.pk}/").status_code == 200


def test_nobody_elses_conversations_move(guest: Client) -> None:
    theirs = conversation_of(BOB)
    make_user()
    log_in(guest)
    assert Conversation.objects.get(pk=theirs.pk).owner == BOB
    assert guest.get(f"/c/{theirs.pk}/").status_code == 404


def test_the_ads_forget_the_guest(guest: Client) -> None:
    conversation = conversation_of(ALICE)
    AdSession.objects.create(conversation_id=str(conversation.pk), user_id=str(ALICE))
    AdBrowser.objects.create(user_id=str(ALICE), install_id=uuid.uuid4())
    make_user()
    log_in(guest)
    assert leftovers(ALICE) == []


def test_the_id_of_a_guest_never_becomes_that_of_an_account(guest: Client) -> None:
    sign_up(guest)
    person = account_of(User.objects.get()).person
    assert person != ALICE
    assert people.is_account(person)
    assert person_in(guest) == person


def test_the_copy_of_a_guests_cookie_opens_nothing_after_that(guest: Client) -> None:
    conversation = conversation_of(ALICE)
    thief = copy.deepcopy(guest)
    sign_up(guest)
    assert thief.get(f"/c/{conversation.pk}/").status_code == 404


def test_a_conversation_goes_on_in_the_account(guest: Client) -> None:
    conversation = conversation_of(ALICE)
    sign_up(guest)
    response = async_to_sync(as_async(guest).post)(f"/c/{conversation.pk}/", {"text": "And in Milan?"})
    assert response.status_code == 303
    assert conversation.messages.count() == 4


# Leaving


def test_logging_out_makes_a_new_guest(guest: Client) -> None:
    conversation = conversation_of(ALICE)
    sign_up(guest)
    response = guest.post("/accounts/logout/")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert response.cookies["person"]["max-age"] == 0
    assert guest.get(f"/c/{conversation.pk}/").status_code == 404
    guest.get("/")
    assert not people.is_account(person_in(guest))
    assert person_in(guest) != ALICE


def both(thief: Client, conversation: Conversation) -> tuple[int, bool]:
    """What a copy of the cookies gets: the page's status, and whether the list of conversations shows it."""
    return thief.get(f"/c/{conversation.pk}/").status_code, "Quirinale" in thief.get("/").content.decode()


@pytest.mark.parametrize("what", ["log out", "change password", "reset by staff", "disable", "delete"])
def test_what_ends_the_session_ends_the_cookie(guest: Client, what: str) -> None:
    conversation = conversation_of(ALICE)
    sign_up(guest)
    thief = copy.deepcopy(guest)
    assert both(copy.deepcopy(guest), conversation) == (200, True)
    end(guest, what)
    assert both(thief, conversation) == (404, False)


def end(client: Client, what: str) -> None:
    user = User.objects.get()
    if what == "log out":
        client.post("/accounts/logout/")
    elif what == "change password":
        form = {"oldpassword": PASSWORD, "password1": "another calm phrase", "password2": "another calm phrase"}
        assert client.post("/accounts/password/change/", form).status_code == 302
        assert "Quirinale" in client.get("/").content.decode()
    elif what == "reset by staff":
        user.set_password("another calm phrase")
        user.save()
    elif what == "disable":
        User.objects.update(is_active=False)
    else:
        async_to_sync(accounts.delete)(user)


def test_the_cookie_without_the_session_is_nobody(guest: Client) -> None:
    conversation = conversation_of(ALICE)
    sign_up(guest)
    del guest.cookies["sessionid"]
    assert guest.get(f"/c/{conversation.pk}/").status_code == 404


def test_the_session_of_one_account_does_not_open_another() -> None:
    make_user()
    theirs = conversation_of(accounts.person_of(make_user("dave@example.com")))
    carol = logged_in()
    carol.cookies[people.COOKIE] = cookie_of(theirs.owner)
    assert carol.get(f"/c/{theirs.pk}/").status_code == 404


def test_a_signed_id_of_an_account_is_no_guest(guest: Client) -> None:
    assert people.from_cookies({people.COOKIE: cookie_of(people.new_account())}) is None


async def test_a_socket_opens_for_the_account_and_not_for_its_cookie_alone() -> None:
    user = await sync_to_async(make_user)()
    conversation = await sync_to_async(conversation_of)(await sync_to_async(accounts.person_of)(user))
    client = await sync_to_async(logged_in)()
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    assert await people.afrom_cookies(cookies) == conversation.owner
    with_session = f"{cookies['person']}; sessionid={cookies['sessionid']}"
    assert await opens(conversation, with_session)
    assert not await opens(conversation, cookies["person"])
    await sync_to_async(client.post)("/accounts/logout/")
    assert not await opens(conversation, with_session)


async def test_an_open_socket_ends_with_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "FIRST_BEAT_S", 0.05)
    monkeypatch.setattr(consumers, "IDLE_BEAT_S", 0.05)
    user = await sync_to_async(make_user)()
    conversation = await sync_to_async(conversation_of)(await sync_to_async(accounts.person_of)(user))
    client = await sync_to_async(logged_in)()
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    tab = socket_of(conversation, cookie=f"{cookies['person']}; sessionid={cookies['sessionid']}")
    assert (await tab.connect())[0]
    assert (await tab.receive_output(timeout=5))["type"] == "websocket.send"
    await sync_to_async(client.post)("/accounts/logout/")
    async with asyncio.timeout(10):
        while (event := await tab.receive_output(timeout=5))["type"] == "websocket.send":
            pass
    assert event["code"] == consumers.NOT_YOURS
    await tab.disconnect()


async def opens(conversation: Conversation, cookie: str) -> bool:
    tab = socket_of(conversation, cookie=cookie)
    assert (await tab.connect())[0]
    event = await tab.receive_output(timeout=5)
    await tab.disconnect()
    return bool(event["type"] == "websocket.send")


# What it costs


def test_a_guest_costs_no_query_of_accounts(guest: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    guest.get("/")
    with django_assert_num_queries(1):  # the list of conversations
        guest.get("/")


def test_an_account_costs_its_session_and_its_user(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_user()
    client = logged_in()
    with django_assert_num_queries(3):
        client.get("/")


def test_the_socket_of_a_guest_looks_at_no_session(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert async_to_sync(people.afrom_cookies)({people.COOKIE: cookie_of(ALICE)}) == ALICE


# The page


def test_a_guest_finds_the_way_in_and_an_account_the_way_out(guest: Client) -> None:
    page = guest.get("/").content.decode()
    assert 'href="/accounts/login/"' in page
    assert 'href="/accounts/signup/"' in page
    sign_up(guest)
    page = guest.get("/").content.decode()
    assert EMAIL in page
    assert 'action="/accounts/logout/"' in page
    assert 'href="/accounts/login/"' not in page


@pytest.mark.parametrize("path", ["/", "/data/", "/accounts/password/change/", "/accounts/logout/"])
def test_nothing_that_an_account_is_shown_is_kept_for_the_back_button(path: str) -> None:
    make_user()
    assert logged_in().get(path)["Cache-Control"] == "private, no-store"


# The end of an account


def delete(client: Client, password: str = PASSWORD) -> tuple[int, str]:
    response = client.post("/data/delete-account/", {"password": password})
    return response.status_code, response.content.decode()


def test_a_deleted_account_leaves_nothing_in_any_table(guest: Client) -> None:
    conversation = conversation_of(ALICE)
    sign_up(guest)
    elsewhere = logged_in()
    person = account_of(User.objects.get()).person
    AdSession.objects.create(conversation_id=str(conversation.pk), user_id=str(person))
    AdBrowser.objects.create(user_id=str(person), install_id=uuid.uuid4())
    needles = (EMAIL, "carol", person, conversation.pk, "Quirinale")
    assert "sessions.Session" in leftovers(*needles)
    assert delete(guest)[0] == 303
    assert leftovers(*needles) == []
    assert Session.objects.count() == 0
    assert elsewhere.get(f"/c/{conversation.pk}/").status_code == 404


def test_its_end_asks_for_the_password_and_says_beside_the_field_what_is_wrong() -> None:
    make_user()
    client = logged_in()
    status, page = delete(client, "guess")
    assert status == 422
    assert 'id="id_password-problem" role="alert">Incorrect password.' in page
    assert "guess" not in page
    assert User.objects.exists()


def test_guests_and_staff_have_no_account_to_delete_here(guest: Client) -> None:
    assert delete(guest)[0] == 404
    make_user(is_staff=True)
    assert delete(logged_in())[0] == 404
    assert User.objects.exists()


def test_others_stay_as_they_are() -> None:
    make_user()
    dave = make_user("dave@example.com")
    theirs = conversation_of(accounts.person_of(dave))
    other = logged_in("dave@example.com")
    delete(logged_in())
    assert other.get(f"/c/{theirs.pk}/").status_code == 200


def test_deleting_all_conversations_keeps_the_account_logged_in() -> None:
    conversation_of(accounts.person_of(make_user()))
    client = logged_in()
    assert client.post("/data/delete/").status_code == 303
    assert not Conversation.objects.exists()
    assert EMAIL in client.get("/").content.decode()


def test_a_user_deleted_in_the_admin_site_takes_everything_along() -> None:
    user = make_user()
    conversation = conversation_of(accounts.person_of(user))
    staff = Client()
    staff.force_login(User.objects.create_superuser("root"))
    assert staff.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"}).status_code == 302
    assert leftovers(EMAIL, conversation.pk) == []


@pytest.mark.parametrize("email", [EMAIL, "Carol@Example.com"])
def test_the_command_deletes_an_account_by_its_address(email: str) -> None:
    user, said = make_user(), StringIO()
    conversation = conversation_of(accounts.person_of(user))
    with pytest.raises(CommandError, match=f"forget --account {EMAIL}"):
        call_command("forget", "--person", str(conversation.owner))
    call_command("forget", "--account", email, stdout=said)
    assert said.getvalue() == "Deleted the account and 1 conversations.\n"
    assert leftovers(EMAIL, conversation.pk) == []


def test_the_command_says_what_it_cannot_delete() -> None:
    make_user(is_staff=True)
    for email, problem in ((EMAIL, "This user is staff."), ("nobody@example.com", "no account"), (" ", "no account")):
        with pytest.raises(CommandError, match=problem):
            call_command("forget", "--account", email)


# A copy


def test_a_copy_says_what_is_kept_of_the_account() -> None:
    user = make_user()
    conversation_of(accounts.person_of(user))
    client = logged_in()
    exported = json.loads(exported_by(client, "json"))
    assert exported["account"]["email"] == EMAIL
    assert exported["account"]["joined_at"] == user.date_joined.isoformat(timespec="seconds")
    assert [conversation["title"] for conversation in exported["conversations"]] == ["Quirinale"]
    assert f"Account: {EMAIL}, since " in exported_by(client, "md")


def test_the_copy_of_a_guest_names_no_account(guest: Client) -> None:
    assert "account" not in json.loads(exported_by(guest, "json"))


def exported_by(client: Client, ending: str) -> str:
    async def read() -> bytes:
        response: Any = await as_async(client).get(f"/data/export.{ending}")
        return b"".join([piece async for piece in response])

    return async_to_sync(read)().decode()


# The admin site


def test_logging_in_at_the_admin_site_leaves_the_guest_alone(guest: Client) -> None:
    conversation = conversation_of(ALICE)
    User.objects.create_superuser("root", "root@example.com", PASSWORD)
    assert guest.post("/admin/login/?next=/admin/", {"username": "root", "password": PASSWORD}).status_code == 302
    assert guest.get(f"/c/{conversation.pk}/").status_code == 200
    assert person_in(guest) == ALICE
    assert not Account.objects.exists()
    assert guest.get("/admin/").status_code == 200


def test_staff_may_have_their_chats_too(guest: Client) -> None:
    User.objects.create_superuser("root", "root@example.com", PASSWORD)
    guest.post("/admin/login/?next=/admin/", {"username": "root", "password": PASSWORD})
    log_in(guest, "root@example.com")
    assert people.is_account(person_in(guest))
    assert guest.get("/admin/").status_code == 200


def as_async(client: Client) -> AsyncClient:
    other = client_of(ALICE)
    other.cookies = client.cookies
    return other
