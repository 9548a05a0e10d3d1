from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontext_integration.sandbox import pages
from kontext_integration.sandbox.control import Control
from kontext_integration.sandbox.creatives import GENERAL
from kontext_integration.sandbox.store import Bid
from kontext_integration.sandbox.turns import FORMATS, Format

BID = Bid("11111111-1111-4111-8111-111111111111", "inlineAd", GENERAL, ("u1",), "speaks")


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.body: dict[str, str | None] = {}
        self.inline = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag == "body":
            self.body = dict(attrs)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.inline += data


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


def test_a_hostile_greeting_or_parameter_never_becomes_markup() -> None:
    bid = replace(
        BID, format="interstitial", modal="fails", modal_error='"><i>', greeting="</p><script>alert(1)</script>"
    )
    page = _Page(pages.modal(bid, message_id='"><i>', sdk="s", theme="", params={"line": '"><i>'}))
    assert "i" not in page.tags
    assert page.tags.count("script") == 1
    assert page.body["data-error-type"] == '"><i>'


@pytest.mark.parametrize("greeting", ["", "Hi there!"])
def test_the_modal_greets_as_the_character_does(greeting: str) -> None:
    bid = replace(BID, format="interstitial", greeting=greeting)
    html = pages.modal(bid, message_id="a1", sdk="s", theme="", params={})
    assert ("“Hi there!”" in html, 'class="greeting"' in html) == (bool(greeting), bool(greeting))


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_names_the_brand_and_says_that_it_is_a_house_ad(format_: Format) -> None:
    html = pages.frame(replace(BID, format=format_), message_id="a1", sdk="s", theme="")
    assert GENERAL.brand in html
    assert "House ad · Kontext sandbox" in html


def test_no_page_has_an_inline_script_or_style() -> None:
    bids = [replace(BID, format=format_) for format_ in FORMATS]
    htmls = [pages.frame(bid, message_id="a1", sdk="s", theme="") for bid in bids]
    htmls.append(pages.modal(bids[-1], message_id="a1", sdk="s", theme="", params={}))
    htmls += [pages.start([], Control()), pages.landing(GENERAL), pages.missing("Nothing.")]
    for parsed in map(_Page, htmls):
        assert "style" not in parsed.tags + parsed.attributes
        assert not [name for name in parsed.attributes if name.startswith("on")]
        assert parsed.inline == ""
