from __future__ import annotations

import uuid
from datetime import timedelta
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from kontext_integration import slots
from kontext_integration.models import AdSlot

from .host import BID, KONTEXT, fill

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries, Settings

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kontext_integration.host")]


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.KONTEXT = KONTEXT


class Tags(HTMLParser):
    """The attributes of the tags of a text, by the tag's name; those within the template by `template tag`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[self.inside + tag] = dict(attrs)
        self.inside = "template " if tag == "template" else self.inside

    def handle_endtag(self, tag: str) -> None:
        self.inside = "" if tag == "template" else self.inside


def tags(html: str) -> dict[str, dict[str, str | None]]:
    return Tags(html).found


def test_without_an_ad_the_slot_is_empty_to_the_last_character() -> None:
    assert slots.render_slot("a1") == '<div id="ad-a1" data-ad-slot="a1" class="kontext-slot"></div>'


def test_the_slot_of_another_placement_has_an_id_of_its_own() -> None:
    html = slots.render_slot("a1", "banner")
    assert html == '<div id="ad-a1-banner" data-ad-slot="a1" class="kontext-slot"></div>'


def test_a_filled_slot_tells_the_element_all_it_must_know() -> None:
    fill()
    assert tags(slots.render_slot("a1"))["kontext-ad"] == {
        "data-origin": "https://ads.test",
        "data-ad-server": "https://Ads.test:443/base",
        "data-message": "a1",
        "data-bid-id": BID,
        "data-code": "inlineAd",
        "data-sdk": "sdk-js",
        "data-open-clicks": None,
        "data-snapshot-url": "/kontext/slots/a1/inlineAd/",
        "data-events-url": "/kontext/events/",
        "data-faults-url": "/kontext/faults/",
    }


def test_the_frame_has_no_address_until_the_element_gives_it_one() -> None:
    fill()
    assert tags(slots.render_slot("a1"))["iframe"] == {
        "class": "kontext-ad__frame",
        "title": "Advertisement",
        "data-src": f"https://Ads.test:443/base/api/frame/{BID}?code=inlineAd&messageId=a1&sdk=sdk-js",
        "height": "0",
        "referrerpolicy": "strict-origin",
        "allow": "autoplay; fullscreen",
    }


def test_the_modal_is_a_template_with_a_name_and_a_way_out() -> None:
    fill()
    html = slots.render_ad("a1", theme="dark")
    found = tags(html)
    assert found["template dialog"] == {"class": "kontext-modal", "aria-label": "Advertisement"}
    assert found["template form"]["method"] == "dialog"
    assert '<button class="kontext-modal__close">Close</button>' in html
    assert found["template iframe"] == {
        "class": "kontext-modal__frame",
        "title": "Full-screen advertisement",
        "data-src": f"https://Ads.test:443/base/api/modal/{BID}?code=inlineAd&messageId=a1&sdk=sdk-js&theme=dark",
        "referrerpolicy": "strict-origin",
        "allow": "autoplay; fullscreen",
    }


def test_the_label_says_that_the_ad_is_sponsored() -> None:
    fill()
    assert '<span class="kontext-ad__label">Sponsored</span>' in slots.render_ad("a1")


def test_what_arrives_after_the_page_is_what_the_page_would_have_had_in_its_slot() -> None:
    fill()
    inner = slots.render_ad("a1")
    assert inner.startswith("<kontext-ad")
    assert inner.endswith("</kontext-ad>")
    assert slots.render_slot("a1") == f'<div id="ad-a1" data-ad-slot="a1" class="kontext-slot">{inner}</div>'


def test_nothing_arrives_for_a_message_without_an_ad() -> None:
    assert slots.render_ad("a1") == ""


def test_the_last_height_is_reserved() -> None:
    fill(height=1210)
    found = tags(slots.render_ad("a1"))
    assert (found["kontext-ad"]["data-height"], found["iframe"]["height"]) == ("1210", "1210")


def test_the_tags_theme_wins_over_that_of_the_setting(settings: Settings) -> None:
    settings.KONTEXT = {**KONTEXT, "THEME": "light"}
    fill()
    assert tags(slots.render_ad("a1"))["kontext-ad"]["data-theme"] == "light"
    found = tags(slots.render_slot("a1", theme="dark & blue"))
    assert found["kontext-ad"]["data-theme"] == "dark & blue"
    assert str(found["iframe"]["data-src"]).endswith("&theme=dark%20%26%20blue")


def test_clicks_and_sandbox_follow_their_settings(settings: Settings) -> None:
    settings.KONTEXT = {**KONTEXT, "OPEN_CLICKS": False, "FRAME_SANDBOX": "allow-scripts allow-same-origin"}
    fill()
    found = tags(slots.render_ad("a1"))
    assert "data-open-clicks" not in found["kontext-ad"]
    assert found["iframe"]["sandbox"] == "allow-scripts allow-same-origin"
    assert found["template iframe"]["sandbox"] == "allow-scripts allow-same-origin"


def test_a_hostile_message_id_stays_an_attribute() -> None:
    message_id = '"><script>alert(1)</script>'
    fill(message_id)
    assert "<script>" not in slots.render_slot(message_id)
    assert tags(slots.render_slot(message_id))["div"]["data-ad-slot"] == message_id


def test_while_ads_are_off_nothing_shows_and_nothing_is_asked(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill()
    settings.KONTEXT = {**KONTEXT, "PUBLISHER_TOKEN": ""}
    with django_assert_num_queries(0):
        assert slots.render_ad("a1") == ""


def test_an_ad_that_is_too_old_does_not_show_again(settings: Settings) -> None:
    settings.KONTEXT = {**KONTEXT, "MAX_AGE_S": 60}
    fill()
    AdSlot.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    assert slots.render_ad("a1") == ""


def test_a_page_of_messages_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fill("a1")
    fill("a2")
    messages = [SimpleNamespace(id=f"a{number}") for number in range(50)]
    with django_assert_num_queries(1):
        found = slots.find_slots(messages)
        pages = [slots.render_slot(message, known=found) for message in messages]
    assert [index for index, html in enumerate(pages) if "kontext-ad" in html] == [1, 2]


def test_the_ads_of_many_messages_are_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fill("a2")
    with django_assert_num_queries(1):
        found = slots.render_ads(["a1", "a2", "a3"])
    assert found == {"a2": slots.render_ad("a2")}


def test_a_message_that_was_not_looked_up_before_is_looked_up_now() -> None:
    fill("a2")
    assert "kontext-ad" in slots.render_slot("a2", known=slots.find_slots(["a1"]))


@pytest.mark.django_db(databases=[])
def test_a_lookup_that_fails_leaves_the_slot_empty(caplog: pytest.LogCaptureFixture) -> None:
    assert slots.find_slots(["a1"]) == {"a1": None}
    assert "could not be looked up" in caplog.text


@pytest.mark.parametrize(
    ("message", "message_id"),
    [
        ("a1", "a1"),
        (uuid.UUID(BID), BID),
        (SimpleNamespace(id=7), "7"),
        (SimpleNamespace(pk="p", id="i"), "p"),
        (SimpleNamespace(pk=None, id="i"), "i"),
    ],
)
def test_a_message_is_its_id(message: Any, message_id: str) -> None:
    assert slots.id_of(message) == message_id


def test_the_placement_that_is_meant_is_the_first_one_configured(settings: Settings) -> None:
    settings.KONTEXT = KONTEXT | {"PLACEMENT_CODES": ["banner", "inlineAd"]}
    assert slots.slot_id("a1") == slots.slot_id("a1", "banner") == "ad-a1"
    assert slots.slot_id("a1", "inlineAd") == "ad-a1-inlineAd"
    fill("a1", code="banner")
    assert "code=banner" in slots.render_slot("a1")
