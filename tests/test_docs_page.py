"""The docs of what the ads put into a page are complete."""

from __future__ import annotations

import ast
import re

import pytest

from tests.documents import read, rows, sources


def dom_events() -> set[str]:
    script = sources("static/**/*.js")
    announced = re.findall(r"announce\([^;]*?\"([a-z-]+)\"(?: : \"([a-z-]+)\")?", script)
    named = re.findall(r"kontext:([a-z]+(?:-[a-z]+)*)", script)
    return {*named, *(name for found in announced for name in found if name)}


@pytest.mark.parametrize("name", sorted(dom_events()))
def test_every_dom_event_is_documented(name: str) -> None:
    assert f"kontext:{name}" in rows("docs/kontext/page.md")


def test_the_dom_events_are_found_where_they_are_sent() -> None:
    assert {
        "show",
        "hide",
        "event",
        "error",
        "resize",
        "modal-open",
        "modal-close",
        "user-event",
        "relay",
    } <= dom_events()


@pytest.mark.parametrize(
    "attribute",
    sorted(set(re.findall(r"\b(data-[a-z-]+)", sources("templates/kontext_integration/_ad.html"))) - {"data-src"}),
)
def test_every_attribute_of_the_element_is_documented(attribute: str) -> None:
    assert attribute in rows("docs/kontext/page.md")


@pytest.mark.parametrize("attribute", ["mounted", "ready", "filled", "modal"])
def test_every_state_of_the_element_is_documented(attribute: str) -> None:
    [states] = re.findall(r"const STATES = \[(.+)\]", sources("static/**/kontext-ad.js"))
    assert f'"{attribute}"' in states
    assert attribute in rows("docs/kontext/page.md")


def test_the_states_are_all_that_there_are() -> None:
    [states] = re.findall(r"const STATES = (\[.+\])", sources("static/**/kontext-ad.js"))
    assert ast.literal_eval(states) == ["mounted", "ready", "filled", "modal", "role", "aria-label"]


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"customElements\.define\(\"([a-z-]+)\"", sources("static/**/*.js"))))
)
def test_every_element_is_documented(name: str) -> None:
    assert f"`<{name}>`" in read("docs/kontext/page.md")


OURS = set(re.findall(r"setProperty\(\"(--kontext-[a-z-]+)", sources("static/**/*.js")))
PROPERTIES = sorted(set(re.findall(r"var\((--kontext-[a-z-]+),", sources("static/**/*.css"))) - OURS)


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_property_of_the_style_is_documented(name: str) -> None:
    assert name in rows("docs/kontext/page.md")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\.(kontext-[a-z_-]+)", sources("static/**/*.css")))))
def test_every_class_of_the_style_is_documented(name: str) -> None:
    assert f"`{name}`" in read("docs/kontext/page.md")
