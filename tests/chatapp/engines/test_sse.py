from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.engines.sse import EventDecoder, EventTooLargeError, ServerSentEvent


def decode(*chunks: bytes) -> list[ServerSentEvent]:
    decoder = EventDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def texts(*chunks: bytes) -> list[str]:
    return [event.data for event in decode(*chunks)]


def test_a_data_line_and_an_empty_line_make_an_event() -> None:
    assert decode(b"data: hello\n\n") == [ServerSentEvent("hello")]


def test_events_that_arrive_whole_one_by_one_are_all_decoded() -> None:
    assert texts(b"data: a\n\n", b"data: b\n\n", b"data: c\n\n") == ["a", "b", "c"]


def test_several_data_lines_are_joined_by_newlines() -> None:
    assert texts(b"data: a\ndata:\ndata: b\n\n") == ["a\n\nb"]


def test_only_the_first_space_after_the_colon_is_dropped() -> None:
    assert texts(b"data:  a \n\ndata:b\n\n") == [" a ", "b"]


def test_an_event_carries_its_name_and_the_next_one_does_not() -> None:
    assert decode(b"event: error\ndata: a\n\ndata: b\n\n") == [ServerSentEvent("a", "error"), ServerSentEvent("b")]


def test_comments_and_unknown_fields_are_ignored() -> None:
    assert texts(b": ping\n\nid: 1\nretry: 5\nfoo: bar\nbaz\ndata: a\n\n") == ["a"]


def test_an_event_without_data_is_not_an_event() -> None:
    assert decode(b"event: ping\n\n") == []


def test_a_field_without_a_colon_has_an_empty_value() -> None:
    assert texts(b"data\n\n") == [""]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_is_understood(end: bytes) -> None:
    assert texts(end.join([b"data: a", b"data: b", b"", b"data: c", b"", b""])) == ["a\nb", "c"]


def test_a_carriage_return_ends_its_line_without_waiting_for_what_follows() -> None:
    assert texts(b"data: a\r\r") == ["a"]


def test_a_line_end_split_between_chunks_is_one_line_end() -> None:
    assert texts(b"data: a\r", b"\ndata: b\r", b"", b"\n\r", b"\n") == ["a\nb"]


@pytest.mark.parametrize("chunks", [(b"\xef\xbb\xbfdata: a\n\n",), (b"\xef", b"\xbb", b"\xbfda", b"ta: a\n\n")])
def test_a_byte_order_mark_at_the_start_is_dropped(chunks: tuple[bytes, ...]) -> None:
    assert texts(*chunks) == ["a"]


def test_a_byte_order_mark_later_on_is_not() -> None:
    assert texts(b"data: a\n\n", b"\xef\xbb\xbfdata: b\n\n", b"data: c\n\n") == ["a", "c"]


def test_a_character_split_between_chunks_arrives_whole() -> None:
    raw = "data: é漢🌿\n\n".encode()
    assert texts(*(raw[i : i + 1] for i in range(len(raw)))) == ["é漢🌿"]


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert texts(b"data: a\xff\n\n") == ["a�"]


def test_an_event_that_never_ends_is_not_returned() -> None:
    assert texts(b"data: a\n\ndata: b\n") == ["a"]


@pytest.mark.parametrize(
    "chunks", [(b"data: " + b"x" * 20,), (b"data: 123456789\n\n",), (b"data: 1234\n" * 3,), (b": 1234\n" * 3,)]
)
def test_a_line_or_an_event_over_the_limit_is_refused(chunks: tuple[bytes, ...]) -> None:
    decoder = EventDecoder(max_bytes=12)
    with pytest.raises(EventTooLargeError):
        decoder.feed(b"".join(chunks))


def test_the_limit_holds_for_a_line_that_comes_in_small_pieces_and_for_whole_events() -> None:
    decoder = EventDecoder(max_bytes=12)
    assert len(decoder.feed(b"data: 123456\n\n") + decoder.feed(b"data: 123456\n\n")) == 2
    for _ in range(12):
        decoder.feed(b"x")
    with pytest.raises(EventTooLargeError):
        decoder.feed(b"x")


def test_the_limit_holds_for_all_that_comes_between_two_events() -> None:
    decoder = EventDecoder(max_bytes=12)
    for _ in range(3):
        assert decoder.feed(b":\n\n" * 4 + b"data\n\n") == [ServerSentEvent("")]
        assert decoder.feed(b"data: 123456\n\n") == [ServerSentEvent("123456")]
    decoder.feed(b":\n\n" * 6)
    with pytest.raises(EventTooLargeError):
        decoder.feed(b"\n")


@st.composite
def streams_in_chunks(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    piece = st.sampled_from([b"data: ", b"data:", b"event: x", b": c", b"\n", b"\n\n", b"\r", b"\r\n", b"\xef\xbb\xbf"])
    text = st.text(max_size=6).map(lambda value: value.encode("utf-8", "replace"))
    raw = b"".join(draw(st.lists(piece | text | st.just(b"data: {}\n\n"), max_size=30)))
    cuts = sorted(draw(st.lists(st.integers(0, len(raw)), max_size=20)))
    return raw, [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]


@given(streams_in_chunks())
def test_any_chunking_gives_the_same_events(stream: tuple[bytes, list[bytes]]) -> None:
    raw, chunks = stream
    assert decode(*chunks) == decode(raw)


def test_a_long_line_in_small_pieces_costs_no_more_than_its_length() -> None:
    def cost(size: int) -> float:
        decoder = EventDecoder()
        start = time.process_time()
        for _ in range(size):
            decoder.feed(b"x" * 10)
        decoder.feed(b"\n")
        return time.process_time() - start

    # Ten times the bytes: about 10 when linear, about 100 when every piece were looked at again.
    assert min(cost(100_000) for _ in range(3)) < 40 * min(cost(10_000) for _ in range(3))
