from __future__ import annotations

import uuid

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from chatapp import people
from tests.conftest import ALICE, cookie_of


def test_a_signed_cookie_names_its_person() -> None:
    assert people.from_cookies({people.COOKIE: cookie_of(ALICE)}) == ALICE


def test_without_a_cookie_there_is_nobody() -> None:
    assert people.from_cookies({}) is None


def test_an_id_without_a_signature_is_nobody() -> None:
    assert people.from_cookies({people.COOKIE: str(ALICE)}) is None


def test_a_signature_of_another_id_is_nobody() -> None:
    forged = cookie_of(ALICE).replace(str(ALICE), str(uuid.uuid4()))
    assert people.from_cookies({people.COOKIE: forged}) is None


def test_the_ad_session_gets_the_same_id_as_text() -> None:
    request = RequestFactory().get("/")
    request.COOKIES[people.COOKIE] = cookie_of(ALICE)
    assert people.user_id(request) == str(ALICE)
    assert people.user_id(RequestFactory().get("/")) is None


def test_what_is_remembered_is_kept_for_a_year_out_of_reach_of_scripts() -> None:
    response = people.remember(HttpResponse(), ALICE)
    cookie = response.cookies[people.COOKIE]
    assert people.from_cookies({people.COOKIE: cookie.value}) == ALICE
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 365 * 24 * 3600


def test_over_https_the_cookie_has_a_name_that_other_hosts_cannot_set(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    cookie = people.remember(HttpResponse(), ALICE).cookies["__Host-person"]
    assert people.from_cookies({"__Host-person": cookie.value}) == ALICE
    assert people.from_cookies({"person": cookie.value}) is None


@pytest.mark.parametrize("secure", [True, False])
def test_a_person_who_is_forgotten_has_no_cookie_any_more(settings: Settings, secure: bool) -> None:
    settings.SESSION_COOKIE_SECURE = secure
    cookie = people.forget(HttpResponse()).cookies[people.cookie_name()]
    assert (cookie.value, cookie["max-age"]) == ("", 0)
    # Without it a browser would not take the change of a cookie with this prefix.
    assert bool(cookie["secure"]) is secure


def test_the_id_says_whether_it_is_an_accounts() -> None:
    account = people.new_account()
    assert people.is_account(account)
    assert account.variant == uuid.RFC_4122
    assert account != people.new_account()
    assert not people.is_account(uuid.uuid4())
    assert not people.is_account(None)


def test_an_account_is_claimed_by_its_cookie_and_not_believed() -> None:
    account = people.new_account()
    cookies = {people.COOKIE: cookie_of(account)}
    assert people.claimed(cookies) == account
    assert people.from_cookies(cookies) is None


def test_without_the_middleware_a_request_is_at_most_a_guests() -> None:
    request = RequestFactory().get("/")
    request.COOKIES[people.COOKIE] = cookie_of(people.new_account())
    assert people.current(request) is None
