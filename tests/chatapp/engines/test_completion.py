from __future__ import annotations

import json
from typing import Any

import pytest

from chatapp.engines import (
    EngineError,
    EngineInterrupted,
    EngineMalformed,
    EngineRateLimited,
    EngineRejected,
    EngineUnauthorized,
    EngineUnavailable,
)
from chatapp.engines.completion import DocumentReader, StreamReader, describe_error, reader_for
from tests.chatapp.engines.fakes import DONE, FINISH, delta, event


def read(*chunks: bytes, content_type: str = "text/event-stream") -> str:
    reader = reader_for(content_type)
    text = ""
    for chunk in chunks:
        text += reader.feed(chunk)
        if reader.finished:
            break
    return text + reader.finish()


def test_deltas_are_the_text() -> None:
    assert read(delta("Hel"), delta("lo"), FINISH, DONE) == "Hello"


def test_deltas_that_arrive_together_are_one_piece_of_text() -> None:
    assert StreamReader().feed(delta("Hel") + delta("lo")) == "Hello"


def test_a_finish_reason_ends_the_reply_without_done() -> None:
    assert read(delta("Hello"), FINISH) == "Hello"


def test_text_beside_a_finish_reason_belongs_to_the_reply() -> None:
    assert read(delta("Hel"), delta("lo", "length")) == "Hello"


def test_done_ends_the_reply_without_a_finish_reason() -> None:
    assert read(delta("Hello"), DONE) == "Hello"


def test_nothing_after_the_finish_is_read() -> None:
    reader = StreamReader()
    assert reader.feed(delta("a") + FINISH + delta("b") + event(b"junk")) == "a"
    assert reader.finished
    assert reader.finish() == ""


@pytest.mark.parametrize(
    "payload",
    [
        {"choices": [], "usage": {"total_tokens": 3}},
        {"usage": {"total_tokens": 3}},
        {"choices": [{"delta": {}}]},
        {"choices": [{"delta": {"content": None}}]},
        {"choices": [{"delta": {"role": "assistant", "content": ""}}]},
        {"choices": [{"delta": {"reasoning_content": "hm"}}]},
        {"choices": [{"delta": None}]},
        {"choices": [{}]},
        {"choices": [{"delta": {"content": 7}}]},
    ],
)
def test_an_event_without_text_adds_nothing(payload: dict[str, Any]) -> None:
    assert read(delta("a"), event(payload), delta("b"), FINISH) == "ab"


@pytest.mark.parametrize(
    "data", [b"junk", b"[1]", b"7", b'{"choices": [', b'{"choices": [1]}', b'{"choices": {"a": 1}}']
)
def test_an_event_of_another_shape_is_malformed(data: bytes) -> None:
    with pytest.raises(EngineMalformed):
        read(delta("a"), event(data))


def test_json_that_is_nested_without_end_is_malformed() -> None:
    with pytest.raises(EngineMalformed):
        read(event(b"[" * 200_000))


def test_the_text_before_a_fault_in_the_same_chunk_is_kept() -> None:
    reader = StreamReader()
    assert reader.feed(delta("kept") + event(b"junk")) == "kept"
    with pytest.raises(EngineMalformed):
        reader.finish()


def test_a_stream_that_ends_without_a_finish_was_interrupted() -> None:
    with pytest.raises(EngineInterrupted):
        read(delta("Hel"))


def test_an_empty_stream_was_interrupted() -> None:
    with pytest.raises(EngineInterrupted):
        read()


def test_an_event_stream_with_another_label_is_read() -> None:
    assert read(delta("a"), FINISH, content_type="text/plain") == "a"


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "text/plain", ""])
def test_an_answer_without_events_is_malformed(content_type: str) -> None:
    with pytest.raises(EngineMalformed):
        read(b"<!doctype html>\n<title>Log in</title>\n", content_type=content_type)


def test_an_event_without_bounds_is_malformed() -> None:
    with pytest.raises(EngineMalformed):
        read(b"data: ", *[b"x" * 1_000_000] * 5)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"message": "slow down", "type": "rate_limit_error"}, EngineRateLimited),
        ({"type": "insufficient_quota"}, EngineRateLimited),
        ({"code": 429}, EngineRateLimited),
        ({"code": "invalid_api_key", "type": "invalid_request_error"}, EngineUnauthorized),
        ({"code": 403}, EngineUnauthorized),
        ({"code": "context_length_exceeded"}, EngineRejected),
        ({"type": "invalid_request_error"}, EngineRejected),
        ({"type": "BadRequestError", "code": 400}, EngineRejected),
        ({"type": "server_error"}, EngineUnavailable),
        ({"code": 502}, EngineUnavailable),
        ({"code": 7}, EngineUnavailable),
        ("it broke", EngineUnavailable),
    ],
)
def test_an_error_object_in_the_stream_is_the_error_it_names(error: Any, expected: type[EngineError]) -> None:
    with pytest.raises(expected):
        read(delta("a"), event({"error": error}))


def test_an_error_object_without_an_envelope_is_understood() -> None:
    with pytest.raises(EngineRejected):
        read(event({"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}))


def test_a_finish_reason_of_error_is_not_a_finish() -> None:
    with pytest.raises(EngineUnavailable):
        read(delta("a"), delta(None, "error"))


def test_a_document_is_one_piece_of_text() -> None:
    raw = json.dumps({"choices": [{"message": {"role": "assistant", "content": "Hé"}}]}, ensure_ascii=False).encode()
    assert read(raw[:50], raw[50:], content_type="application/json; charset=utf-8") == "Hé"


@pytest.mark.parametrize("raw", [b"", b"{", b"{}", b'{"choices": [{"message": {"content": null}}]}', b"\xff"])
def test_a_document_without_a_message_is_malformed(raw: bytes) -> None:
    with pytest.raises(EngineMalformed):
        read(raw, content_type="application/json")


def test_a_document_with_an_error_is_that_error() -> None:
    with pytest.raises(EngineRateLimited):
        read(json.dumps({"error": {"code": "rate_limit_exceeded"}}).encode(), content_type="application/json")


def test_a_document_without_bounds_is_malformed() -> None:
    reader = DocumentReader(max_bytes=10)
    reader.feed(b"x" * 11)
    assert reader.finished
    with pytest.raises(EngineMalformed):
        reader.finish()


def test_an_error_is_described_without_its_message() -> None:
    error = {"message": "Incorrect key sk-123", "type": "invalid_request_error", "code": "you said: hello"}
    assert describe_error(error) == "invalid_request_error"
