"""Looks at the site itself: what pages and requests will be like, and whether what is around the ads is there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from django.conf import settings as project
from django.db import DatabaseError, connections, router
from django.db.migrations.executor import MigrationExecutor
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from .. import policies, views
from ..addresses import canonical_origin
from ..conf import Settings, get_settings
from ..models import AdBrowser
from ..sandbox.address import SANDBOX_TOKEN, configured_address
from .findings import Finding, note, ok, wrong

_NEWEST = 100
"""So many browsers are asked for the address that they seem to have."""


def look_at_site() -> list[Finding]:
    """The findings about everything but the ad server; `KONTEXT` can be read."""
    settings = get_settings()
    looks = (_account, _transport, _consent, _headers, _server, _pages, _ads_txt, _tables)
    return [finding for look in looks for finding in look(settings)]


def shown_token(token: str) -> str:
    """Enough of the token to tell it from another, not enough to use it."""
    if token == SANDBOX_TOKEN:
        return "that of the sandbox"
    return f"{token[:3]}… ({len(token)} characters)" if len(token) >= 12 else f"… ({len(token)} characters)"


def _account(settings: Settings) -> Iterator[Finding]:
    sdk = f"{settings.sdk_name} {settings.sdk_version} on {settings.sdk_platform}"
    codes = ", ".join(settings.placement_codes or ["inlineAd"])
    yield ok(f"Token: {shown_token(settings.publisher_token)}. Placements: {codes}. We speak as {sdk}.")
    if settings.user_id:
        yield ok(f"USER_ID: {settings.user_id} says whose ads a request may talk about.")
    if settings.on_event:
        yield ok(f"ON_EVENT: {settings.on_event} hears every event.")


def _transport(settings: Settings) -> Iterator[Finding]:
    if settings.transport == "browser":
        yield note(
            "TRANSPORT is 'browser': the person's page asks the ad server. This check asks from here: it can tell "
            "whether the ad server answers and knows the token, not whether a browser gets through to it."
        )
    else:
        yield ok("TRANSPORT is 'server': this server asks the ad server.")


def _consent(settings: Settings) -> Iterator[Finding]:
    if settings.consent_first:
        then = "is sent without" if settings.consent_default == "send" else "is given up (skipCode 'no_consent')"
        wait = f"A request waits {settings.consent_timeout_ms:,} ms for a signal and then {then}."
        yield ok(f"CONSENT_FIRST: {wait} This check speaks for nobody, so it does not wait.")


def _headers(settings: Settings) -> Iterator[Finding]:
    if settings.transport == "browser":
        return
    agent = "the person's User-Agent" if settings.forward_user_agent else "no User-Agent"
    if settings.forward_address:
        yield ok(f"Requests carry {agent}, and in X-Forwarded-For {_address_source(settings)}.")
        if not configured_address(settings.ad_server_url):
            yield from _addresses_seen()
    else:
        yield note(f"Requests carry {agent} and no X-Forwarded-For: the ad server takes this machine for the person.")


def _address_source(settings: Settings) -> str:
    if settings.client_address:
        return f"what {settings.client_address} gives"
    if settings.trusted_proxy_count:
        return f"entry {settings.trusted_proxy_count} from the right of the one that your proxies send"
    return "the address of the connection, which behind a proxy is the proxy's"


def _addresses_seen() -> Iterator[Finding]:
    newest = AdBrowser.objects.order_by("-updated_at").values_list("facts", flat=True)[:_NEWEST]
    try:
        seen = [facts["address"] for facts in newest if facts.get("address")]
    except DatabaseError:
        return
    if seen and not any(ipaddress.ip_address(address).is_global for address in seen):
        yield note(
            f"No browser of the newest {len(seen)} has a public address: these are a proxy's, or of a private network.",
            "Behind a proxy, set KONTEXT['TRUSTED_PROXY_COUNT'] to the number of your own proxies.",
        )


def _pages(settings: Settings) -> Iterator[Finding]:
    try:
        mounted = reverse("kontext:events").removesuffix("events/")
    except NoReverseMatch:
        return
    yield ok(f"The page script talks to {mounted}.")
    origin = canonical_origin(settings.ad_server_url) or ""
    if not policies.is_known():
        yield ok(f"If a web server before this site sends a Content-Security-Policy, it needs frame-src {origin}.")
    elif not any(policies.forbidding("frame-src", origin)):
        yield ok(f"The Content-Security-Policy lets pages show frames of {origin}.")


def _server(settings: Settings) -> Iterator[Finding]:
    named = getattr(project, "ASGI_APPLICATION", None)
    beginning = f"ASGI_APPLICATION is {named}." if named else "Serve this site with an ASGI server."
    yield ok(f"{beginning} Under WSGI no ad is ever found.")


def _ads_txt(settings: Settings) -> Iterator[Finding]:
    lines = len(settings.ads_txt)
    if not lines:
        return
    try:
        is_ours = resolve("/ads.txt").func is views.ads_txt
    except Resolver404:
        is_ours = False
    if is_ours:
        yield ok(f"/ads.txt has the lines of ADS_TXT ({lines}).")
    else:
        hint = 'Add path("ads.txt", kontext_integration.views.ads_txt), or see to it that your web server sends them.'
        yield note(f"ADS_TXT has lines ({lines}), but /ads.txt is not answered with them.", hint)


def _tables(settings: Settings) -> Iterator[Finding]:
    try:
        executor = MigrationExecutor(connections[router.db_for_write(AdBrowser)])
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes("kontext_integration"))
    except DatabaseError as error:
        yield wrong(f"The database does not answer ({type(error).__name__}).", "Look at DATABASES.")
        return
    if missing:
        yield wrong("The tables of kontext_integration are missing or old.", "Run manage.py migrate.")
    else:
        yield ok("The tables of kontext_integration are there.")
