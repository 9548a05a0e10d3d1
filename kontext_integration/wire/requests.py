"""Headers of all requests, bodies of `/init` and `/preload` (protocol 2.2 to 2.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..entities import App, Character, Configuration, Message, Options, Regulatory, SdkIdentity
from .bodies import without_unknown
from .messages import message_record

_NIL_UUID = "00000000-0000-0000-0000-000000000000"


def report_headers() -> dict[str, str]:
    """Of `/error` and `/debug`: no token, it is in the body."""
    return {"Content-Type": "application/json"}


def init_headers(config: Configuration) -> dict[str, str]:
    return {**report_headers(), "Kontextso-Publisher-Token": config.publisher_token}


def preload_headers(config: Configuration, *, disabled: bool) -> dict[str, str]:
    """`disabled` is true for a turn that is only tracked."""
    return {**init_headers(config), "Kontextso-Is-Disabled": "1" if disabled else "0"}


def init_request(config: Configuration, *, install_id: str) -> dict[str, Any]:
    """The body of `/init` (protocol 2.3)."""
    body = {
        "publisherToken": config.publisher_token,
        "userId": config.user_id,
        "installId": install_id.lower(),
        "sdk": sdk_record(config.sdk),
        "app": _app_record(config.app),
    }
    return without_unknown(body)  # type: ignore[no-any-return]


def preload_request(
    config: Configuration,
    *,
    options: Options,
    install_id: str,
    session_id: str | None,
    messages: Sequence[Message],
    device: Mapping[str, Any],
) -> dict[str, Any]:
    """The body of `/preload` (protocol 2.4). `device` is that of protocol 3; `None` and NaN in it are left out."""
    body = {
        "publisherToken": config.publisher_token,
        "userId": config.user_id,
        "installId": install_id.lower(),
        "conversationId": config.conversation_id,
        "enabledPlacementCodes": config.enabled_placement_codes,
        "messages": [message_record(message) for message in messages],
        "sdk": sdk_record(config.sdk),
        "device": device,
        "app": _app_record(config.app),
        "sessionId": session_id and session_id.lower(),
        "character": _character_record(config.character),
        "regulatory": _regulatory_record(options.regulatory),
        "userEmail": options.user_email,
        "variantId": options.variant_id,
        "advertisingId": _device_id(options.advertising_id),
        "vendorId": _device_id(options.vendor_id),
    }
    return without_unknown(body)  # type: ignore[no-any-return]


def sdk_record(sdk: SdkIdentity) -> dict[str, str]:
    return {"name": sdk.name, "platform": sdk.platform, "version": sdk.version}


def _app_record(app: App | None) -> dict[str, str] | None:
    return {"bundleId": app.bundle_id, "version": app.version} if app else None


def _character_record(character: Character | None) -> dict[str, Any] | None:
    if character is None:
        return None
    return {
        "id": character.id,
        "name": character.name,
        "avatarUrl": character.avatar_url,
        "greeting": character.greeting,
        "persona": character.persona,
        "tags": character.tags,
        "isNsfw": character.is_nsfw,
    }


def _regulatory_record(regulatory: Regulatory | None) -> dict[str, Any] | None:
    """`None` if every field is unset; 0 and an empty list count as set (protocol 7.1)."""
    if regulatory is None or regulatory == Regulatory():
        return None
    return {
        "gdpr": regulatory.gdpr,
        "gdprConsent": regulatory.gdpr_consent,
        "coppa": regulatory.coppa,
        "gpp": regulatory.gpp,
        "gppSid": regulatory.gpp_sid,
        "usPrivacy": regulatory.us_privacy,
    }


def _device_id(value: str | None) -> str | None:
    """A blank or all-zero id means that the person has none to give (protocol 2.4)."""
    return None if value is None or value.strip() in ("", _NIL_UUID) else value
