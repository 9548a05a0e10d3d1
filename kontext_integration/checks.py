"""System checks of the `KONTEXT` setting: what is wrong, and in the hint what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from . import regulatory, surroundings
from .addresses import is_valid_base
from .conf import Settings, get_settings, known_keys


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """All findings about `KONTEXT`; the values are looked at only when every key is known."""
    given = getattr(settings, "KONTEXT", {})
    if not isinstance(given, Mapping):
        return [Error("KONTEXT is not a dict.", hint="Write KONTEXT = {...}.", id="kontext.E001")]
    unknown = sorted(str(key) for key in given if key not in known_keys())
    if unknown:
        hint = f"Remove or correct them. Known keys: {', '.join(sorted(known_keys()))}."
        return [Error(f"KONTEXT has unknown keys: {', '.join(unknown)}.", hint=hint, id="kontext.E001")]
    conf = get_settings()
    found = [*_wrong_values(conf), *_wrong_address(conf), *_wrong_paths(conf), *_missing_urls(conf)]
    return found or list(surroundings.check_pages(conf))


def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    """What is fine in development only (`manage.py check --deploy`)."""
    if any(isinstance(found, Error) for found in check_settings()):
        return []
    conf = get_settings()
    if not conf.publisher_token:
        hint = "Set KONTEXT['PUBLISHER_TOKEN'] to the token that Kontext issued, or silence kontext.W001."
        return [Warning("Ads are off: there is no publisher token.", hint=hint, id="kontext.W001")]
    return list(surroundings.check_production(conf))


def _missing_urls(conf: Settings) -> Iterator[CheckMessage]:
    try:
        if conf.publisher_token:
            reverse("kontext:events")
    except NoReverseMatch:
        hint = 'Add path("kontext/", include("kontext_integration.urls")) to the urls of the project.'
        yield Error("The addresses of kontext_integration are not mounted.", hint=hint, id="kontext.E006")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_one_of(*words: str) -> Callable[[object], bool]:
    return lambda value: value in words


def _are_names(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(map(_is_name, value))


def _are_lines(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(map(_is_text, value))


def _is_app(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, Mapping) and set(value) == {"bundleId", "version"} and all(map(_is_text, value.values()))


def _is_regulatory(value: object) -> bool:
    return isinstance(value, Mapping) and dict(value) == regulatory.clean(value)


_RULES: dict[str, tuple[Callable[[object], bool], str]] = {
    "publisher_token": (_is_text, "a string"),
    "placement_codes": (_are_names, "a list of placement codes, for example ['inlineAd']"),
    "sdk_name": (_is_name, "a name that the ad server knows, for example 'sdk-js'"),
    "sdk_platform": (_is_name, "a platform that the ad server knows, for example 'web'"),
    "sdk_version": (_is_name, "a version, for example '4.0.2'"),
    "app": (_is_app, "None or {'bundleId': '...', 'version': '...'}"),
    "max_age_s": (_is_count, "a number of seconds, 0 or more"),
    "transport": (_is_one_of("server", "browser"), "'server' or 'browser'"),
    "consent_first": (_is_flag, "True or False"),
    "consent_timeout_ms": (_is_count, "a number of milliseconds, 0 or more"),
    "consent_default": (_is_one_of("hold", "send"), "'hold' or 'send'"),
    "open_clicks": (_is_flag, "True or False"),
    "frame_sandbox": (_is_text, "a string"),
    "forward_user_agent": (_is_flag, "True or False"),
    "forward_address": (_is_flag, "True or False"),
    "trusted_proxy_count": (_is_count, "the number of your own proxies, 0 or more"),
    "theme": (_is_text_or_none, "None or a string"),
    "ads_txt": (_are_lines, "a list of lines"),
    "variant_id": (_is_text_or_none, "None or a string"),
    "regulatory": (_is_regulatory, "a dict with some of gdpr, gdprConsent, coppa, gpp, gppSid, usPrivacy"),
    "gpc_opt_out": (_is_flag, "True or False"),
}


def _wrong_values(conf: Settings) -> Iterator[CheckMessage]:
    for name, (is_right, wanted) in _RULES.items():
        if not is_right(getattr(conf, name)):
            key = f"KONTEXT['{name.upper()}']"
            yield Error(f"{key} has an unusable value.", hint=f"Set it to {wanted}.", id="kontext.E002")


def _wrong_address(conf: Settings) -> Iterator[CheckMessage]:
    if not (isinstance(conf.ad_server_url, str) and is_valid_base(conf.ad_server_url)):
        hint = "Set it to an absolute http or https address such as 'https://server.megabrain.co'."
        yield Error("KONTEXT['AD_SERVER_URL'] is not the address of a server.", hint=hint, id="kontext.E003")


def _wrong_paths(conf: Settings) -> Iterator[CheckMessage]:
    if (conf.user_id or conf.publisher_token) and not _is_plain(_named(conf.user_id)):
        hint = "Set it to the dotted path of a function, not async, that takes a request and returns the id, or None."
        yield Error("KONTEXT['USER_ID'] is not the path of a plain function.", hint=hint, id="kontext.E004")
    if conf.client_address != "" and not _is_plain(_named(conf.client_address)):
        hint = "Set it to the dotted path of a function, not async, that takes a request and returns an IP address."
        yield Error("KONTEXT['CLIENT_ADDRESS'] is not the path of a plain function.", hint=hint, id="kontext.E005")
    if conf.on_event != "" and not callable(_named(conf.on_event)):
        hint = "Set it to the dotted path of a function, async or not, of (event, conversation_id, user_id)."
        yield Error("KONTEXT['ON_EVENT'] is not the path of a function.", hint=hint, id="kontext.E007")


def _named(path: object) -> object:
    """What the dotted path names; None when there is no such thing, whyever."""
    try:
        return import_string(str(path))
    except Exception:
        return None


def _is_plain(function: object) -> bool:
    return callable(function) and not iscoroutinefunction(function)
