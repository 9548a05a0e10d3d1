from __future__ import annotations

import json
import logging
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from chatapp import sentry

SECRET = "my secret question"
EVENT: dict[str, Any] = {
    "event_id": "e1",
    "level": "error",
    "platform": "python",
    "transaction": "/c/{conversation_id}/",
    "message": SECRET,
    "logentry": {"message": "Reply %s was lost", "params": [SECRET], "formatted": f"Reply {SECRET} was lost"},
    "request": {
        "url": "http://chat.test/",
        "data": {"text": SECRET},
        "cookies": {"person": SECRET},
        "headers": {"Cookie": SECRET},
        "query_string": SECRET,
        "env": {"REMOTE_ADDR": SECRET},
    },
    "user": {"ip_address": SECRET, "email": SECRET},
    "extra": {"text": SECRET, "sys.argv": [SECRET]},
    "tags": {"text": SECRET},
    "breadcrumbs": {"values": [{"message": SECRET}]},
    "server_name": SECRET,
    "contexts": {"trace": {"trace_id": "t1", "description": SECRET, "data": {"q": SECRET}}, "state": {"x": SECRET}},
    "exception": {
        "values": [
            {
                "type": "ValueError",
                "value": SECRET,
                "module": "builtins",
                "mechanism": {"data": SECRET},
                "stacktrace": {
                    "frames": [
                        {
                            "filename": "chatapp/replies.py",
                            "function": "run",
                            "lineno": 7,
                            "vars": {"text": SECRET},
                            "context_line": SECRET,
                            "pre_context": [SECRET],
                        }
                    ]
                },
            }
        ]
    },
    "spans": [{"description": SECRET}],
    "threads": {"values": [{"stacktrace": {"frames": [{"vars": {"x": SECRET}}]}}]},
}


def test_nothing_that_anybody_wrote_leaves_the_process() -> None:
    assert SECRET not in json.dumps(sentry.scrub(EVENT))


def test_what_broke_and_where_is_told() -> None:
    scrubbed = sentry.scrub(EVENT)
    (exception,) = scrubbed["exception"]["values"]
    assert exception["type"] == "ValueError"
    assert exception["stacktrace"]["frames"] == [{"filename": "chatapp/replies.py", "function": "run", "lineno": 7}]
    assert scrubbed["logentry"] == {"message": "Reply %s was lost"}
    assert scrubbed["contexts"] == {"trace": {"trace_id": "t1"}}
    assert (scrubbed["event_id"], scrubbed["level"]) == ("e1", "error")


@pytest.mark.parametrize("event", [{}, {"exception": None, "logentry": None, "contexts": None}, {"exception": {}}])
def test_an_event_of_any_shape_is_taken(event: dict[str, Any]) -> None:
    assert sentry.scrub(event) == {"contexts": {"trace": {}}}


def test_without_an_address_nothing_reports() -> None:
    assert not sentry.start("", environment="production")


def test_an_address_without_the_package_is_pointed_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sentry, "find_spec", lambda name: None)
    with caplog.at_level(logging.WARNING):
        assert not sentry.start("https://key@sentry.test/1", environment="production")
    assert "not installed" in caplog.text


def test_every_event_and_transaction_goes_through_the_scrubber(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {}
    package = ModuleType("sentry_sdk")
    vars(package)["init"] = lambda **given: options.update(given)
    package.__spec__ = SimpleNamespace()  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "sentry_sdk", package)
    assert sentry.start("https://key@sentry.test/1", environment="production")
    for hook in ("before_send", "before_send_transaction"):
        assert SECRET not in json.dumps(options[hook](EVENT, {}))
    assert options["before_breadcrumb"]({"message": SECRET}, {}) is None
    assert (options["send_default_pii"], options["include_local_variables"]) == (False, False)
