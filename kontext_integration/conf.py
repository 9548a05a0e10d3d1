"""The `KONTEXT` setting as one frozen object: every key, its default and what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Literal

from django.conf import settings
from django.core.signals import setting_changed


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults of `KONTEXT`; a key of the setting is the field's name in capitals."""

    publisher_token: str = ""
    """The account key that Kontext issued; empty: ads are off, nothing is sent."""
    ad_server_url: str = "https://server.megabrain.co"
    """Absolute http or https address of the ad server (protocol 2.1)."""
    placement_codes: Sequence[str] = ("inlineAd",)
    """The placements that a preload may fill, in order; empty means `inlineAd` (protocol 4.1)."""
    user_id: str = ""
    """Dotted path of `callable(request) -> str | None`: the person behind a request, the id `get_session` was given."""
    sdk_name: str = "sdk-js"
    """The SDK we speak as; the ad server knows a closed list (protocol OQ-2)."""
    sdk_platform: str = "web"
    """See `sdk_name`."""
    sdk_version: str = "4.0.2"
    """See `sdk_name`."""
    app: Mapping[str, str] | None = None
    """`{"bundleId": ..., "version": ...}`; None: the field is not sent, as web SDKs do (protocol OQ-4)."""
    max_age_s: int = 1800
    """How long a filled slot is shown again after a page reload, in seconds; 0: never (protocol OQ-5, OQ-7)."""
    transport: Literal["server", "browser"] = "server"
    """Who sends the requests: this server, or the person's page on its behalf (protocol OQ-1)."""
    on_event: str = ""
    """Dotted path of `async callable(event, conversation_id, user_id)`, called for every ad event (protocol 5)."""
    open_clicks: bool = True
    """Whether the page opens the address of a click message (protocol OQ-6)."""
    frame_sandbox: str = ""
    """The frame's `sandbox` attribute; empty: no such attribute (protocol 6.2)."""
    forward_user_agent: bool = True
    """Whether requests carry the browser's `User-Agent` (protocol OQ-3)."""
    forward_address: bool = True
    """Whether requests carry the user's address in `X-Forwarded-For` (protocol OQ-1)."""
    client_address: str = ""
    """Dotted path of `callable(request) -> str | None`: the user's address; empty: see `trusted_proxy_count`."""
    trusted_proxy_count: int = 0
    """How many of our own proxies append to `X-Forwarded-For`; 0: the address is that of the connection."""
    theme: str | None = None
    """Handed to every ad, for example `light` or `dark`."""
    ads_txt: Sequence[str] = ()
    """The lines of `/ads.txt` that Kontext sends at onboarding (protocol 7.3)."""
    variant_id: str | None = None
    """The A/B cohort of every session until `update_options` says otherwise."""
    regulatory: Mapping[str, Any] = field(default_factory=dict)
    """Privacy signals by their wire names: gdpr, gdprConsent, coppa, gpp, gppSid, usPrivacy (protocol 7.1)."""
    consent_first: bool = False
    """Whether nothing is sent to the ad server before a consent signal of the person is known (protocol 7.2)."""
    consent_timeout_ms: int = 5000
    """With `consent_first`: how long a request waits for a signal."""
    consent_default: Literal["hold", "send"] = "hold"
    """With `consent_first`: what happens to a request when no signal has come in time."""
    gpc_opt_out: bool = True
    """Whether a browser's Global Privacy Control becomes `usPrivacy: "1YYN"` when there is no other US signal."""


@cache
def get_settings() -> Settings:
    """The `KONTEXT` setting over the defaults. Raises `TypeError` on an unknown key; `kontext.E001` says which."""
    given: dict[str, Any] = getattr(settings, "KONTEXT", {})
    return Settings(**{key.lower(): value for key, value in given.items()})


def known_keys() -> frozenset[str]:
    """The keys that `KONTEXT` may have."""
    return frozenset(item.name.upper() for item in fields(Settings))


def _reload(*, setting: str, **kwargs: Any) -> None:
    if setting == "KONTEXT":
        get_settings.cache_clear()


setting_changed.connect(_reload)
