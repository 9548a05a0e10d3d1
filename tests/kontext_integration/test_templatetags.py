from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.template import Context, Engine, engines

from .host import KONTEXT, fill

if TYPE_CHECKING:
    from django.test import RequestFactory
    from pytest_django import DjangoAssertNumQueries, Settings

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kontext_integration.host")]

MESSAGES = [SimpleNamespace(id=f"a{number}") for number in range(50)]
ONE_QUERY = "{% load kontext %}{% prefetch_ads messages %}"
EACH = "{% for message in messages %}{% inline_ad message %}{% endfor %}"


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.KONTEXT = KONTEXT


def render(source: str, **context: Any) -> str:
    return str(engines["django"].from_string("{% load kontext %}" + source).render(context))


def test_an_empty_slot_is_exactly_this() -> None:
    html = render("{% inline_ad message %}", message=SimpleNamespace(id="a1"))
    assert html == '<div id="ad-a1" data-ad-slot="a1" class="kontext-slot"></div>'


def test_a_slot_can_be_asked_for_by_id_placement_and_theme() -> None:
    fill(code="banner")
    html = render('{% inline_ad "a1" code="banner" theme="dark" %}')
    assert html.startswith('<div id="ad-a1-banner" data-ad-slot="a1" class="kontext-slot"><kontext-ad')
    assert 'data-theme="dark"' in html


def test_a_page_of_messages_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fill("a7")
    with django_assert_num_queries(1):
        html = render("{% prefetch_ads messages %}" + EACH, messages=MESSAGES)
    assert html.count("<kontext-ad") == 1
    assert html.count("data-ad-slot") == 50


@pytest.mark.parametrize("include", ['{% include "m.html" %}', '{% include "m.html" with message=message only %}'])
def test_included_templates_profit_too(include: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fill("a7")
    page = ONE_QUERY + "{% for message in messages %}" + include + "{% endfor %}"
    loader = (
        "django.template.loaders.locmem.Loader",
        {"m.html": "{% load kontext %}{% inline_ad message %}", "page.html": page},
    )
    engine = Engine(loaders=[loader], libraries={"kontext": "kontext_integration.templatetags.kontext"})
    with django_assert_num_queries(1):
        html = engine.get_template("page.html").render(Context({"messages": MESSAGES}))
    assert html.count("<kontext-ad") == 1


def test_what_one_page_looked_up_the_next_one_does_not_remember() -> None:
    template = engines["django"].from_string(ONE_QUERY + EACH)
    assert "kontext-ad" not in template.render({"messages": MESSAGES})
    fill("a7")
    assert "kontext-ad" in template.render({"messages": MESSAGES})


def test_without_prefetching_every_slot_is_looked_up(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        render(EACH, messages=MESSAGES[:2])


def test_the_script_is_exactly_this() -> None:
    assert render("{% kontext_script %}") == (
        '<script type="module" src="/static/kontext_integration/start.js" data-kontext '
        'data-browser-url="/kontext/browser/" data-csrf-cookie="csrftoken"></script>'
    )


@pytest.mark.parametrize("name", ["csp_nonce", "CSP_NONCE"])
def test_the_script_takes_the_nonce_of_the_page(name: str) -> None:
    assert render("{% kontext_script %}", **{name: 'a"b'}).endswith(' nonce="a&quot;b"></script>')


def test_the_script_sees_to_it_that_there_is_a_csrf_cookie(rf: RequestFactory) -> None:
    request = rf.get("/")
    assert "data-csrf-token" not in render("{% kontext_script %}", request=request)
    assert request.META["CSRF_COOKIE_NEEDS_UPDATE"]


@pytest.mark.parametrize("hiding", ["CSRF_COOKIE_HTTPONLY", "CSRF_USE_SESSIONS"])
def test_the_script_carries_a_token_whose_cookie_it_could_not_read(
    hiding: str, settings: Settings, rf: RequestFactory
) -> None:
    setattr(settings, hiding, True)
    request = rf.get("/")
    html = render("{% kontext_script %}", request=request)
    assert len(html.partition('data-csrf-token="')[2].partition('"')[0]) == 64


def test_the_styles_are_exactly_this() -> None:
    assert render("{% kontext_styles %}") == (
        '<link rel="stylesheet" href="/static/kontext_integration/kontext-ad.css">'
    )


def test_while_ads_are_off_a_page_loads_nothing(settings: Settings) -> None:
    settings.KONTEXT = {**KONTEXT, "PUBLISHER_TOKEN": ""}
    assert render("{% kontext_script %}{% kontext_styles %}") == ""
