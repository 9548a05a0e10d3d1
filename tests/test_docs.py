"""The docs tell the truth: every setting and variable is named where a person looks for it; code and links are good."""

from __future__ import annotations

import ast
import re
import textwrap

import pytest

import kontext_integration
from chatapp import conf
from tests.documents import BLOCK, PAGES, blocks, read
from tests.lifting import APP, ROOT

ENV_CALLS = re.compile(r"env\.\w+\(\s*\"([A-Z_]+)\"")
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
TOP_LEVEL_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST


@pytest.mark.parametrize("key", sorted(conf.known_keys()))
def test_every_key_of_chat_is_documented(key: str) -> None:
    assert f"`{key}`" in read("docs/configuration.md")


@pytest.mark.parametrize("variable", sorted(set(ENV_CALLS.findall(read("chatapp/settings.py")))))
def test_every_variable_of_the_environment_is_documented(variable: str) -> None:
    assert variable in read("README.md")
    assert variable in read(".env.example")


def test_the_changelog_begins_with_the_version_that_the_package_says() -> None:
    version = kontext_integration.__version__
    assert f"## {version} " in read("CHANGELOG.md")
    assert f'version = "{version}"' in read("pyproject.toml")


def test_what_the_readme_promises_make_can_do() -> None:
    verbs = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", read("docs/development.md"))) <= verbs


NOT_PARTS = {"__init__", "management", "migrations", "templatetags"}
PARTS = {
    *(file.stem for file in APP.glob("*.py")),
    *(folder.parent.name for folder in APP.glob("*/__init__.py")),
    *(file.name for file in APP.glob("static/**/*.js")),
} - NOT_PARTS


@pytest.mark.parametrize("part", sorted(PARTS))
def test_every_part_of_the_ads_has_its_place_in_the_architecture(part: str) -> None:
    assert re.search(rf"`{part}/?`", read("docs/architecture.md"))


@pytest.mark.parametrize("page", PAGES)
def test_python_can_be_read_by_python(page: str) -> None:
    for code in blocks(page, "python"):
        compile(textwrap.dedent(code), page, "exec", flags=TOP_LEVEL_AWAIT)


def anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [*PAGES, "README.md", "CHANGELOG.md"])
def test_every_link_leads_somewhere(page: str) -> None:
    here = (ROOT / page).parent
    for link in LINK.findall(BLOCK.sub("", read(page))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (here / path) if path else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


def test_no_page_is_too_long_to_be_read() -> None:
    assert {page: len(read(page).splitlines()) for page in PAGES if len(read(page).splitlines()) > 300} == {}
