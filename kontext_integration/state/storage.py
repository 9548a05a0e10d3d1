"""A session as JSON-safe values and back, so that it survives processes (protocol 4.10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from ..entities import App, Bid, Character, Configuration, Message, Options, Regulatory, SdkIdentity
from ..exceptions import CorruptStateError
from ..wire import message_from_record, message_record
from .record import Link, PendingPreload, Preload, SessionRecord

_PLAIN = ("install_id", "session_id", "disabled", "destroyed", "init", "preload_timeout_ms", "report_errors",
          "report_debug", "last_sequence")  # fmt: skip


def to_dict(record: SessionRecord) -> dict[str, Any]:
    return {
        **{name: getattr(record, name) for name in _PLAIN},
        "config": asdict(record.config),
        "options": asdict(record.options),
        "messages": _write_messages(record.messages),
        "pending": record.pending and _write_preload(record.pending),
        "preload": record.preload and _write_preload(record.preload),
        "links": {message_id: _write_link(link) for message_id, link in record.links.items()},
        "ads": [list(ad) for ad in record.ads],
    }


def read_fields(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the record that `to_dict` wrote. Raises `CorruptStateError` on anything else."""
    try:
        return {
            **{name: stored[name] for name in _PLAIN},
            "config": _read_config(stored["config"]),
            "options": _read_options(stored["options"]),
            "messages": list(_read_messages(stored["messages"])),
            "pending": stored["pending"] and PendingPreload(**_read_preload(stored["pending"])),
            "preload": stored["preload"] and Preload(**_read_preload(stored["preload"])),
            "links": {message_id: _read_link(link) for message_id, link in stored["links"].items()},
            "ads": [(message_id, code) for message_id, code in stored["ads"]],
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CorruptStateError(f"a stored session cannot be read: {type(error).__name__}") from error


def _write_messages(messages: list[Message] | tuple[Message, ...]) -> list[dict[str, str]]:
    return [message_record(message) for message in messages]


def _read_messages(records: list[dict[str, Any]]) -> tuple[Message, ...]:
    return tuple(message_from_record(record) for record in records)


def _write_preload(preload: PendingPreload | Preload) -> dict[str, Any]:
    written = {**_shallow(preload), "snapshot": _write_messages(preload.snapshot)}
    return {**written, "bids": _write_bids(preload.bids)} if isinstance(preload, Preload) else written


def _read_preload(stored: Mapping[str, Any]) -> dict[str, Any]:
    read = {**stored, "snapshot": _read_messages(stored["snapshot"])}
    return {**read, "bids": _read_bids(stored["bids"])} if "bids" in stored else read


def _write_link(link: Link) -> dict[str, Any]:
    return {"sequence": link.sequence, "bids": _write_bids(link.bids)}


def _read_link(stored: Mapping[str, Any]) -> Link:
    return Link(stored["sequence"], _read_bids(stored["bids"]))


def _write_bids(bids: tuple[Bid, ...]) -> list[dict[str, Any]]:
    return [_shallow(bid) for bid in bids]


def _read_bids(stored: list[dict[str, Any]]) -> tuple[Bid, ...]:
    return tuple(Bid(**bid) for bid in stored)


def _read_config(stored: Mapping[str, Any]) -> Configuration:
    return Configuration(
        **{
            **stored,
            "enabled_placement_codes": tuple(stored["enabled_placement_codes"]),
            "character": stored["character"] and Character(**_with_tuple(stored["character"], "tags")),
            "sdk": SdkIdentity(**stored["sdk"]),
            "app": stored["app"] and App(**stored["app"]),
        }
    )


def _read_options(stored: Mapping[str, Any]) -> Options:
    regulatory = stored["regulatory"]
    return Options(**{**stored, "regulatory": regulatory and Regulatory(**_with_tuple(regulatory, "gpp_sid"))})


def _shallow(value: PendingPreload | Preload | Bid) -> dict[str, Any]:
    """`asdict` without its deep copy, which would cost a conversation of 30 messages a millisecond each time."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _with_tuple(stored: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {**stored, name: None if stored[name] is None else tuple(stored[name])}
