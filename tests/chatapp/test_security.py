"""The whole site from the outside: every address, whoever asks, whatever is sent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.apps import apps
from django.contrib.auth.models import User
from django.core import serializers
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from chatapp.models import Conversation, Message
from tests.conftest import ALICE, client_of, cookie_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_end")]
EXAMPLES = {
    "uuid": "11111111-1111-4111-8111-111111111111",
    "int": "1",
    "str": "x",
    "path": "x",
    "slug": "x",
}


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site, with its parameters still in it."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, here)
        else:
            yield here, entry


def address(pattern: str, **values: object) -> str:
    """An address that fits the pattern. `values`: for its parameters; the others get an example."""
    # A few patterns are regular expressions: the admin site's last one, and those of links in mails.
    plain = pattern.replace("/^", "/").replace("(?P<url>.*)$", "nothing-there/").removesuffix("$")
    text = re.sub(r"\(\?P<\w+>.*?[+*]\)", "nothing-there", plain)

    def fill(match: re.Match[str]) -> str:
        kind, name = match.group(1) or "str", match.group(2)
        return str(values.get(name, EXAMPLES[kind]))

    return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", fill, text)


ADDRESSES = sorted({pattern for pattern, _ in patterns()})
OURS = [pattern for pattern in ADDRESSES if not pattern.startswith("admin/")]


def test_the_enumeration_finds_what_there_is() -> None:
    assert {"", "c/<uuid:conversation_id>/delete/", "data/delete/", "kontext/events/", "metrics"} <= set(ADDRESSES)
    assert any("chatapp/message" in pattern for pattern in ADDRESSES)


# Forged requests


@pytest.mark.parametrize("pattern", ADDRESSES)
def test_no_address_takes_a_post_without_the_token_of_its_page(pattern: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))
    client.cookies["person"] = cookie_of(ALICE)
    for content_type in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
        response = client.post(address(pattern), b"{}", content_type=content_type)
        assert response.status_code == 403, pattern


def test_no_view_is_exempt_from_it() -> None:
    assert [pattern for pattern, entry in patterns() if getattr(entry.callback, "csrf_exempt", False)] == []


def test_the_refusal_is_a_page_of_ours() -> None:
    response = Client(enforce_csrf_checks=True).post("/", {"text": "Hi"})
    assert "This page is out of date" in response.content.decode()


# Looking


def rows(*, but: tuple[str, ...] = ()) -> dict[str, str]:
    models = [model for model in apps.get_models() if model._meta.label not in but]
    return {model._meta.label: serializers.serialize("json", model._base_manager.all()) for model in models}


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize("pattern", OURS)
async def test_looking_changes_nothing(conversation: Conversation, pattern: str, method: str) -> None:
    last = await conversation.messages.alast()
    assert last
    before = await sync_to_async(rows)()
    where = address(pattern, conversation_id=conversation.pk, message_id=last.pk)
    async with ThreadSensitiveContext():  # a thread of its own for the request, as the real handler has it
        response = await getattr(client_of(ALICE), method)(where)
    assert response.status_code < 500
    assert await sync_to_async(rows)() == before


# Strangers


@pytest.mark.parametrize("pattern", [pattern for pattern in OURS if "conversation_id" in pattern])
@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_elses_conversation_looks_as_if_it_never_was(pattern: str, method: str) -> None:
    theirs = Conversation.objects.create(owner=uuid.uuid4(), title="Private")
    message = Message.objects.create(conversation=theirs, position=1, role="assistant", state="failed")
    seen = [
        look(method, address(pattern, conversation_id=theirs.pk, message_id=message.pk)),
        look(method, address(pattern, conversation_id=uuid.uuid4(), message_id=uuid.uuid4())),
    ]
    assert seen[0] == seen[1]
    assert seen[0][0] in (404, 405)


def look(method: str, where: str) -> tuple[int, str, dict[str, str], list[str]]:
    """All that a stranger can see of an answer, the work behind it included: it is what the time depends on."""
    client = Client()
    client.cookies["person"] = cookie_of(ALICE)
    with CaptureQueriesContext(connection) as queries:
        response = getattr(client, method)(where, {"text": "x"} if method == "post" else None)
    body = re.sub(r'(nonce|content|value)="[^"]*"|"X-CSRFToken": "[^"]*"', "", response.content.decode())
    headers = {name: re.sub(r"nonce-[^']*", "", value) for name, value in response.items() if name != "X-Request-ID"}
    work = [re.sub(r"'[0-9a-f]{32}'", "?", query["sql"]) for query in queries]
    return response.status_code, body.replace(where, ""), headers, work


# Headers


async def test_the_policy_as_a_whole() -> None:
    response = await AsyncClient().get("/")
    policy = re.sub(r"'nonce-[\w+/=-]{20,}'", "'nonce-…'", response["Content-Security-Policy"])
    assert sorted(policy.split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "frame-src http://127.0.0.1:8001",
        "img-src 'self' data:",
        "manifest-src 'self'",
        "script-src 'self' 'nonce-…'",
        "style-src 'self'",
    ]


async def test_each_page_has_a_nonce_of_its_own() -> None:
    first, second = [(await AsyncClient().get("/"))["Content-Security-Policy"] for _ in range(2)]
    assert first != second


@pytest.mark.parametrize("path", ["/", "/data/", "/nothing-here/", "/healthz", "/admin/login/", "/data/export.json"])
async def test_every_answer_has_the_headers(path: str) -> None:
    response = await AsyncClient().get(path)
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    assert {name: response[name] for name in expected} == expected
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert re.fullmatch("[0-9a-f]{32}", response["X-Request-ID"])


async def test_ads_may_play_and_fill_the_screen_and_nobody_may_anything_else() -> None:
    policy = (await AsyncClient().get("/"))["Permissions-Policy"]
    rules = dict(rule.split("=", 1) for rule in policy.split(", "))
    assert rules["autoplay"] == rules["fullscreen"] == '(self "http://127.0.0.1:8001")'
    assert rules["camera"] == rules["microphone"] == rules["geolocation"] == rules["payment"] == "()"


@pytest.mark.parametrize(("proxies", "kept"), [(0, False), (1, True)])
async def test_the_id_of_a_request_is_taken_from_our_own_proxy_only(
    settings: Settings, proxies: int, kept: bool
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    response = await AsyncClient().get("/healthz", headers={"X-Request-ID": "chosen-by-the-proxy"})
    assert (response["X-Request-ID"] == "chosen-by-the-proxy") is kept


# Sizes


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {}])
async def test_a_form_that_is_far_too_large_gets_a_clear_answer(headers: dict[str, str]) -> None:
    response = await client_of(ALICE).post("/", {"text": "x" * 300_000}, headers=headers)
    assert response.status_code == 413
    assert "Messages can have up to 8,000 characters." in response.text
    assert ('id="composer-error"' in response.text) is bool(headers)


async def test_the_longest_message_passes_even_when_each_character_takes_twelve_bytes() -> None:
    form = "text=" + "%F0%9F%8D%9D" * 8000
    response = await client_of(ALICE).post("/", form, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 303


async def test_a_form_of_very_many_fields_is_refused() -> None:
    response = await client_of(ALICE).post("/", {f"field{n}": "x" for n in range(500)})
    assert response.status_code == 400
    assert "could not read this" in response.text


async def test_a_host_that_is_not_ours_is_refused() -> None:
    response = await AsyncClient().get("/", headers={"Host": "evil.test"})
    assert response.status_code == 400
    assert "evil.test" not in response.text


# Cookies


async def test_over_https_the_cookie_of_the_person_is_bound_to_this_host(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    cookie = (await AsyncClient().get("/")).cookies["__Host-person"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")


async def test_a_cookie_without_the_prefix_counts_for_nothing_then(
    settings: Settings, conversation: Conversation
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    client: Any = AsyncClient()
    client.cookies["person"] = cookie_of(ALICE)
    assert (await client.get(f"/c/{conversation.pk}/")).status_code == 404
    client.cookies["__Host-person"] = cookie_of(ALICE)
    assert (await client.get(f"/c/{conversation.pk}/")).status_code == 200
