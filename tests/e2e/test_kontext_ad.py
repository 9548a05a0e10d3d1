"""How `<kontext-ad>` comes into a page, moves and goes, in a real browser with the real policy (protocol 6.2)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .ad_site import AdSite
from .ad_steps import AGAIN, creative, lines_html, open_page, say, settle, show, slot_html, until

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]


def test_a_frame_gets_its_address_only_near_the_viewport(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, slot_html("near") + lines_html(30) + slot_html("far"))
    creative(ad_page, "near")
    assert ad_page.locator("#ad-far iframe").get_attribute("src") is None
    ad_page.evaluate("scrollTo(0, 2000)")
    creative(ad_page, "far")
    assert len(ad_site.frames) == 2


def test_a_box_that_scrolls_by_itself_counts_like_the_viewport(ad_page: Page, ad_site: AdSite) -> None:
    body = slot_html("near") + lines_html(9) + slot_html("close") + lines_html(30) + slot_html("far")
    open_page(ad_page, ad_site, f'<div class="box">{body}</div>')
    creative(ad_page, "near")
    creative(ad_page, "close")
    assert ad_page.locator("#ad-far iframe").get_attribute("src") is None


def test_an_element_that_arrives_later_works_the_same(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, '<div id="ad-a1" data-ad-slot="a1" class="kontext-slot"></div>')
    inner = re.sub(r"^<div.*?>|</div>$", "", slot_html("a1"))
    ad_page.evaluate("(html) => document.querySelector('#ad-a1').insertAdjacentHTML('beforeend', html)", inner)
    show(ad_page)


def test_changes_elsewhere_do_not_reload_the_frame(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, f'<article id="m">text</article>{slot_html()}<div id="end"></div>')
    frame = show(ad_page)
    frame.evaluate("window.mark = 1")
    ad_page.evaluate("m.replaceChildren('new'); m.before('more'); end.remove(); document.body.append('last')")
    settle(ad_page)
    assert frame.evaluate("window.mark") == 1
    assert len(ad_site.frames) == 1


def test_a_removed_ad_that_is_put_in_again_starts_anew(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, slot_html())
    show(ad_page)
    ad_page.evaluate("window.ad = document.querySelector('kontext-ad'); ad.remove()")
    assert ad_page.evaluate("timers.size") == 0
    ad_page.evaluate("document.querySelector('#ad-a1').append(ad)")
    expect(ad_page.locator("kontext-ad")).not_to_have_attribute("filled", "")
    show(ad_page)
    assert len(ad_site.frames) == 2


def test_what_was_asked_before_it_was_put_in_again_does_not_count(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, slot_html())
    frame = creative(ad_page)
    ad_page.evaluate(f"() => addEventListener('message', ({{data}}) => data.type === 'show-iframe' && ({AGAIN})())")
    frame.evaluate("say('resize-iframe', {height: 99}); say('show-iframe')")
    until(frame.is_detached, ad_page)
    creative(ad_page)
    expect(ad_page.locator("kontext-ad")).not_to_have_attribute("filled", "")
    assert ad_page.locator("#ad-a1").evaluate("(slot) => slot.offsetHeight") == 0


def test_a_move_that_keeps_the_frame_alive_keeps_the_ad(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, slot_html() + '<div id="end"></div>')
    frame = show(ad_page)
    ad_page.evaluate("document.body.moveBefore(document.querySelector('#ad-a1'), null)")
    say(frame, "resize-iframe", {"height": 300})
    expect(ad_page.locator("iframe")).to_have_attribute("height", "300")
    assert len(ad_site.frames) == 1


def test_the_ad_goes_on_when_the_person_comes_back(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, slot_html())
    show(ad_page)
    ad_page.evaluate("window.mark = 1")
    ad_page.goto(ad_site.page_url + "/other")
    ad_page.go_back(wait_until="commit")
    expect(ad_page.locator("kontext-ad")).to_be_attached()
    if ad_page.evaluate("window.mark") == 1:  # kept by the browser: frame and all
        expect(ad_page.locator("iframe")).to_have_attribute("height", "333")
    else:
        show(ad_page)
