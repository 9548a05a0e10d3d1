from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontext_integration.sandbox import pages
from kontext_integration.sandbox.creatives import GENERAL
from kontext_integration.sandbox.store import Bid

BID = Bid("11111111-1111-4111-8111-111111111111", "inlineAd", GENERAL, ("u1",), "speaks")


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.body: dict[str, str | None] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "body":
            self.body = dict(attrs)


def frame(message_id: str = "a1", sdk: str = "sdk-js", theme: str = "", bid: Bid = BID) -> _Page:
    return _Page(pages.frame(bid, message_id=message_id, sdk=sdk, theme=theme))


def test_the_frame_carries_what_its_script_needs() -> None:
    body = frame().body
    assert body["data-bid-id"] == BID.bid_id
    assert body["data-code"] == "inlineAd"
    assert body["data-snapshot"] == '["u1"]'


@given(message_id=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))
def test_any_message_id_arrives_as_data_and_never_as_markup(message_id: str) -> None:
    page = frame(message_id)
    assert page.body["data-message-id"] == message_id
    assert page.tags == frame().tags


@pytest.mark.parametrize("hostile", ['"><script>alert(1)</script>', "' onload=alert(1) x='", "</body><script>"])
def test_nothing_of_the_address_or_the_preload_becomes_markup(hostile: str) -> None:
    bid = Bid(BID.bid_id, hostile, GENERAL, (hostile,), "speaks")
    page = frame(hostile, hostile, hostile, bid)
    assert page.tags == frame().tags
    assert set(page.body) == set(frame().body)


@pytest.mark.parametrize(
    ("theme", "scheme"), [("dark", "dark"), ("v2-Dark", "dark"), ("light", "light"), ("", ""), ("sepia", "")]
)
def test_the_theme_chooses_the_colours(theme: str, scheme: str) -> None:
    assert frame(theme=theme).body["data-theme"] == scheme


def test_no_page_has_an_inline_script_or_style() -> None:
    tags = frame().tags + _Page(pages.start([])).tags + _Page(pages.landing(GENERAL)).tags
    assert tags.count("script") == 1
    assert "style" not in tags
