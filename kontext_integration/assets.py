"""The tags that load the page script and the stylesheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from .addresses import canonical_origin
from .conf import get_settings

if TYPE_CHECKING:
    from django.http import HttpRequest


def script(request: HttpRequest | None, nonce: str = "") -> SafeString:
    """`<script type="module">` with what the script must know, and that of the browser relay; "" while ads are off.

    With a request it sees to it that the page has a CSRF token, which the script sends with what it reports.
    """
    if not get_settings().publisher_token:
        return mark_safe("")
    own_nonce = format_html(' nonce="{}"', nonce) if nonce else ""
    start = format_html(
        '<script type="module" src="{}" data-kontext data-browser-url="{}" data-csrf-cookie="{}"{}{}{}></script>',
        static("kontext_integration/start.js"),
        reverse("kontext:browser"),
        settings.CSRF_COOKIE_NAME,
        " data-consent-first" if get_settings().consent_first else "",
        _token(request),
        own_nonce,
    )
    return start + _relay(own_nonce)


def styles() -> SafeString:
    """`<link rel="stylesheet">`; "" while ads are off."""
    if not get_settings().publisher_token:
        return mark_safe("")
    return format_html('<link rel="stylesheet" href="{}">', static("kontext_integration/kontext-ad.css"))


def _relay(nonce: str) -> SafeString:
    """The script that sends requests in our place, where pages do (protocol OQ-1)."""
    conf = get_settings()
    if conf.transport != "browser":
        return mark_safe("")
    return format_html(
        '<script type="module" src="{}" data-kontext-relay data-take-url="{}" data-origin="{}"{}></script>',
        static("kontext_integration/relay.js"),
        reverse("kontext:relay-take"),
        canonical_origin(conf.ad_server_url) or "",
        nonce,
    )


def _token(request: HttpRequest | None) -> SafeString:
    """The token itself only where scripts cannot read its cookie, which is always the newest."""
    token = get_token(request) if request is not None else ""
    hidden = settings.CSRF_USE_SESSIONS or settings.CSRF_COOKIE_HTTPONLY
    return format_html(' data-csrf-token="{}"', token) if token and hidden else mark_safe("")
