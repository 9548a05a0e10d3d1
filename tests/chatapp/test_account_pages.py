"""The pages of accounts: what they answer, to whom, and what they do not give away."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.test import AsyncClient, Client
from pytest_django import Settings

from chatapp import limits, people
from tests.chatapp.accounting import (
    EMAIL,
    PASSWORD,
    CountingHasher,
    conversation_of,
    log_in,
    logged_in,
    make_user,
    person_in,
    sign_up,
)
from tests.conftest import ALICE, cookie_of
from tests.e2e.servers import free_port

pytestmark = [pytest.mark.django_db(transaction=True)]
UNKNOWN = "nobody@example.com"
NEW = "another calm phrase"


@pytest.fixture(autouse=True)
def counted(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.chatapp.accounting.CountingHasher"]


@pytest.fixture
def mail(settings: Settings, mailoutbox: list[EmailMessage]) -> list[EmailMessage]:
    """A site with `EMAIL_URL`, and the mails it has sent."""
    settings.EMAIL_URL = "submission://mail.test"
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
    return mailoutbox


def link_in(message: Any) -> str:
    found = re.search(r"http://testserver(/accounts/\S+)", str(message.body))
    assert found
    return found[1]


# No answer tells whether an address is known


def answer(path: str, form: dict[str, str], *, address: str) -> tuple[object, ...]:
    """All of an answer that a stranger sees, and the work that its time is made of."""
    client, before = Client(), CountingHasher.count
    response = client.post(path, form)
    page = client.get(response["Location"]) if response.status_code == 302 else response
    body = re.sub(r'(nonce|content|value)="[^"]*"|"X-CSRFToken": "[^"]*"', "", page.content.decode())
    cookies = sorted(response.cookies)
    where = response.headers.get("Location")
    return response.status_code, where, body.replace(address, ""), cookies, CountingHasher.count - before


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/accounts/login/", {"login": "{}", "password": "a wrong guess"}),
        ("/accounts/signup/", {"email": "{}", "password1": NEW}),
        ("/accounts/password/reset/", {"email": "{}"}),
    ],
)
def test_a_known_address_is_answered_like_an_unknown_one(
    mail: list[EmailMessage], path: str, form: dict[str, str]
) -> None:
    make_user()
    answers = []
    for address in (EMAIL, UNKNOWN):
        before = len(mail)
        given = {name: value.format(address) for name, value in form.items()}
        answers.append((*answer(path, given, address=address), len(mail) - before))
    assert answers[0] == answers[1]


def test_the_owner_of_the_address_learns_it_by_mail(mail: list[EmailMessage]) -> None:
    make_user()
    sign_up(Client())
    sign_up(Client(), UNKNOWN)
    assert [message.to for message in mail] == [[EMAIL], [UNKNOWN]]
    assert "already exists" in mail[0].body
    assert User.objects.filter(email=EMAIL).count() == 1


def test_guessing_at_one_address_is_stopped_whether_it_is_known_or_not() -> None:
    make_user()
    for address in (EMAIL, UNKNOWN):
        pages = [log_in(Client(), address, f"guess {n}").content.decode() for n in range(6)]
        assert ["Too many failed" in page for page in pages] == [False] * 5 + [True]


def test_a_site_without_mail_can_only_say_that_the_address_is_taken() -> None:
    make_user()
    page = sign_up(Client()).content.decode()
    assert "already registered" in page
    assert User.objects.count() == 1


# By mail


def test_signing_up_ends_with_the_link_in_the_mail_and_the_chats_are_there(mail: list[EmailMessage]) -> None:
    client = Client()
    client.cookies[people.COOKIE] = cookie_of(ALICE)
    conversation = conversation_of(ALICE)
    assert sign_up(client)["Location"] == "/accounts/confirm-email/"
    assert person_in(client) == ALICE  # still a guest, who may go on
    assert client.get(f"/c/{conversation.pk}/").status_code == 200
    link = link_in(mail[0])
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 302
    assert EMAIL in client.get(f"/c/{conversation.pk}/").content.decode()
    assert person_in(client) != ALICE


def test_the_link_opened_elsewhere_confirms_and_logs_nobody_in(mail: list[EmailMessage]) -> None:
    sign_up(Client())
    elsewhere = Client()
    elsewhere.post(link_in(mail[0]))
    assert EmailAddress.objects.get().verified
    assert EMAIL not in elsewhere.get("/").content.decode()


def test_until_then_the_password_is_not_enough(mail: list[EmailMessage]) -> None:
    sign_up(Client())
    client = Client()
    assert log_in(client)["Location"] == "/accounts/confirm-email/"
    assert person_in(client) is None


def test_a_forgotten_password_is_reset_once_and_all_browsers_are_logged_out(mail: list[EmailMessage]) -> None:
    make_user()
    other = logged_in()
    client = Client()
    client.post("/accounts/password/reset/", {"email": EMAIL})
    link = link_in(mail[0])
    form = client.get(link)["Location"]
    assert "set-password" in form  # the key is in no address that a page could pass on
    assert client.post(form, {"password1": NEW, "password2": NEW}).status_code == 302
    assert EMAIL not in other.get("/").content.decode()
    assert log_in(Client(), password=NEW).status_code == 302
    assert "not valid any more" in Client().get(link, follow=True).content.decode()


def test_a_new_address_takes_the_old_ones_place_when_it_is_confirmed(mail: list[EmailMessage]) -> None:
    make_user()
    client = logged_in()
    asked = client.post("/accounts/email/", {"email": "new@example.com", "action_add": ""})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    client.post(asked["Location"], {"password": PASSWORD})
    assert mail[0].to == ["new@example.com"]
    assert User.objects.get().email == EMAIL
    client.post(link_in(mail[0]))
    assert User.objects.get().email == "new@example.com"
    assert [row.email for row in EmailAddress.objects.all()] == ["new@example.com"]


def test_an_address_that_was_never_confirmed_cannot_be_changed_away() -> None:
    make_user(verified=False)
    client = logged_in()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.post("/accounts/email/", {"email": "new@example.com", "action_add": ""}).content.decode()
    assert "once the present one is confirmed" in page
    assert User.objects.get().email == EMAIL


def test_a_site_without_mail_says_that_it_cannot_reset(mailoutbox: list[EmailMessage]) -> None:
    make_user()
    for address in (EMAIL, UNKNOWN):
        page = Client().post("/accounts/password/reset/", {"email": address}).content.decode()
        assert "This site cannot send e-mail." in page
    assert mailoutbox == []


def test_a_mail_server_that_fails_tells_nobody_anything_and_the_log_no_address(
    mail: list[EmailMessage], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    make_user()
    with caplog.at_level(logging.INFO):
        answers = [
            Client().post("/accounts/password/reset/", {"email": address}).status_code for address in (EMAIL, UNKNOWN)
        ]
    assert answers == [302, 302]
    assert "A mail could not be sent: ConnectionRefusedError" in caplog.text
    assert "@example.com" not in caplog.text


# Sessions and addresses


def test_the_session_is_another_one_after_the_login() -> None:
    make_user()
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    log_in(client)
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    thief.cookies["person"] = client.cookies["person"].value
    assert EMAIL not in thief.get("/").content.decode()


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/data/", "/data/"),
        ("https://evil.test/", "/"),
        ("//evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("http://localhost/", "/"),
    ],
)
def test_after_the_login_next_leads_to_this_site_only(wanted: str, given: str) -> None:
    make_user()
    client = Client()
    assert log_in(client, next=wanted)["Location"] == given
    assert client.post("/accounts/logout/", {"next": wanted})["Location"] == given


def test_looking_at_the_logout_logs_nobody_out() -> None:
    make_user()
    client = logged_in()
    assert client.get("/accounts/logout/").status_code == 200
    assert EMAIL in client.get("/").content.decode()


@pytest.mark.parametrize("path", ["/accounts/email/", "/accounts/password/change/", "/accounts/reauthenticate/"])
def test_a_guest_is_asked_to_log_in_first(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_an_account_that_staff_have_closed_stays_out() -> None:
    make_user(is_active=False)
    client = Client()
    assert log_in(client)["Location"] == "/accounts/inactive/"
    assert person_in(client) is None
    assert "This account is closed" in client.get("/accounts/inactive/").content.decode()


# Forms


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept() -> None:
    page = Client().post("/accounts/signup/", {"email": EMAIL, "password1": "123", "password2": "123"}).content.decode()
    assert f'value="{EMAIL}"' in page
    assert 'id="id_password1-problem" role="alert">This password is too short.' in page
    assert 'aria-invalid="true" aria-describedby="id_password1-problem"' in page
    assert 'value="123"' not in page


def test_a_wrong_password_is_said_above_the_form() -> None:
    page = log_in(Client(), password="guess").content.decode()
    assert 'role="alert">The email address and/or password you specified are not correct.' in page
    assert f'value="{EMAIL}"' in page
    assert "guess" not in page


PAGES = ["login/", "signup/", "password/reset/", "password/reset/done/", "password/reset/key/done/", "confirm-email/"]
PAGES += ["inactive/", "password/reset/key/x-y/", "confirm-email/x/"]
OWN_PAGES = ["logout/", "password/change/", "email/", "reauthenticate/"]


@pytest.mark.parametrize("page", [*PAGES, *OWN_PAGES])
def test_every_page_is_in_the_sites_form_without_inline_code(page: str) -> None:
    make_user()
    client = logged_in() if page in OWN_PAGES else Client()
    html = client.get(f"/accounts/{page}").content.decode()
    assert '<main class="sheet sheet--narrow">' in html
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", html)
    assert len(re.findall("<h1>", html)) == 1


# Limits


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("login/", {"login": UNKNOWN, "password": "guess"}),
        ("signup/", {"email": UNKNOWN, "password1": "1"}),
        ("password/reset/", {"email": UNKNOWN}),
    ],
)
def test_one_address_tries_so_often_and_then_reads_when_it_may_again(
    settings: Settings, path: str, form: dict[str, str]
) -> None:
    limits.forget_all()
    settings.CHAT = settings.CHAT | {"RATE_LIMITS": True, "LIMIT_LOGINS_ADDRESS": "2/minute"}
    client = Client(REMOTE_ADDR="11.22.33.7")
    assert [client.post(f"/accounts/{path}", form).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.post(f"/accounts/{path}", form)
    assert "Try again in" in refused.content.decode()
    assert int(refused["Retry-After"]) > 0
    assert client.get(f"/accounts/{path}").status_code == 200


@pytest.mark.usefixtures("quiet_end")
async def test_an_account_has_a_quota_of_its_own_in_all_browsers_together(settings: Settings) -> None:
    limits.forget_all()
    settings.CHAT = settings.CHAT | {"RATE_LIMITS": True, "LIMIT_MESSAGES_USER": "2/minute"}
    await sync_to_async(make_user)()
    browsers = [AsyncClient(), AsyncClient()]
    for browser in browsers:
        browser.cookies = (await sync_to_async(logged_in)()).cookies
    statuses = [(await browser.post("/", {"text": "Hi"})).status_code for browser in (*browsers, browsers[0])]
    assert statuses == [303, 303, 429]
