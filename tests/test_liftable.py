"""The ads can be lifted out: another chat, which knows nothing of this one, uses them by their docs alone."""

from __future__ import annotations

import ast
import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.cookiejar import CookieJar
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from urllib.parse import urlencode

import pytest
from packaging.requirements import Requirement

from tests.lifting import APP, OTHER, ROOT, lift, run, served
from tests.waiting import until

NEEDED = ["django", "httpx", "ua-parser"]
"""What the docs ask for."""
NEEDED_BY_SANDBOX = [*NEEDED, "aiohttp"]

IMPORT_ALL = """
import importlib, importlib.abc, json, pkgutil, sys

forbidden, without = map(set, json.loads(sys.argv[1]))


class Guard(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in forbidden:
            raise ModuleNotFoundError(f"{name} is no documented dependency", name=name)


sys.meta_path.insert(0, Guard())
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "kontext_integration"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    KONTEXT={"PUBLISHER_TOKEN": "t", "USER_ID": "kontext_integration.slots.main_code"},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    ROOT_URLCONF="kontext_integration.urls",
    STATIC_URL="static/",
    SECRET_KEY="x",
)
django.setup()
import kontext_integration

found = [module.name for module in pkgutil.walk_packages(kontext_integration.__path__, "kontext_integration.")]
wanted = [name for name in found if not any(name.startswith(left) for left in without)]
for name in wanted:
    importlib.import_module(name)

from django.core.management import call_command

call_command("migrate", verbosity=0)
print(len(wanted))
"""


def closure(names: list[str]) -> set[str]:
    """These packages and all that they require, by the names of their distributions."""
    wanted, known = list(names), set()
    while wanted:
        name = wanted.pop().lower().replace("_", "-")
        if name not in known:
            known.add(name)
            requirements = [Requirement(text) for text in distribution(name).requires or []]
            wanted += [each.name for each in requirements if not each.marker or each.marker.evaluate({"extra": ""})]
    return known


def everything_but(names: list[str]) -> list[str]:
    """The importable names of all other installed packages, and of this project."""
    allowed = closure(names)
    tops = packages_distributions().items()
    others = [top for top, owners in tops if not {owner.lower().replace("_", "-") for owner in owners} & allowed]
    return [*others, "chatapp", "tests"]


def imports_of(file: Path) -> set[str]:
    """The first parts of all that a file imports, relative imports left out."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    from_ = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    return {name.partition(".")[0] for name in plain | from_}


@pytest.fixture(scope="module")
def lifted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lift(tmp_path_factory.mktemp("lifted") / "site")


def import_all(folder: Path, packages: list[str], *, without: list[str]) -> int:
    return int(run(folder, "-c", IMPORT_ALL, json.dumps([everything_but(packages), without])))


def test_the_other_chat_knows_nothing_of_this_one() -> None:
    imported = set.union(*(imports_of(file) for file in OTHER.rglob("*.py")))
    mine = {"chat", "project"}
    assert imported - sys.stdlib_module_names - mine == {"asgiref", "django", "kontext_integration"}


def test_nothing_of_the_app_names_this_chat() -> None:
    files = [file for file in APP.rglob("*") if file.suffix in {".py", ".html", ".js", ".css", ".toml"}]
    assert files
    assert [file.name for file in files if "chatapp" in file.read_text()] == []


def test_every_module_works_alone_with_what_the_docs_ask_for(lifted: Path) -> None:
    sandbox = ["kontext_integration.sandbox.", "kontext_integration.management.commands.ad_sandbox"]
    assert import_all(lifted, NEEDED, without=sandbox) > 50


def test_the_sandbox_works_with_aiohttp_on_top(lifted: Path) -> None:
    assert import_all(lifted, NEEDED_BY_SANDBOX, without=[]) > 70


def test_the_guard_of_these_tests_guards(lifted: Path) -> None:
    with pytest.raises(AssertionError, match="is no documented dependency"):
        import_all(lifted, ["django"], without=[])


def test_types_are_complete_for_who_uses_them() -> None:
    assert "no issues found" in run(ROOT, "-m", "mypy", "--strict", "tests/other_chat/chat/numbers.py")


class Person:
    """A browser without a screen."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def get(self, path: str) -> tuple[str, str]:
        """Where one ends, and what is there."""
        with self._open(self._site + path, timeout=20) as response:
            return response.url.removeprefix(self._site), response.read().decode()

    def send(self, path: str, page: str, **fields: str) -> tuple[str, str]:
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        body = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        with self._open(self._site + path, body, timeout=20) as response:
            return response.url.removeprefix(self._site), response.read().decode()


def page_with_ads(person: Person, path: str, count: int) -> str:
    """The page once it has so many ads; "" before."""
    _, page = person.get(path)
    return page if page.count("<kontext-ad") == count else ""


@pytest.fixture(scope="module")
def site(lifted: Path) -> Iterator[tuple[str, str]]:
    """The addresses of the other chat and of its sandbox."""
    with served(lifted) as addresses:
        yield addresses


def test_its_checks_find_nothing(lifted: Path) -> None:
    assert "no issues" in run(lifted, "manage.py", "check")


def test_its_own_tests_pass_with_synchronous_middleware(lifted: Path) -> None:
    run(lifted, "manage.py", "test")


def test_its_migrations_are_complete(lifted: Path) -> None:
    assert run(lifted, "manage.py", "makemigrations", "--check") == "No changes detected\n"


def test_kontext_check_is_content_with_it(lifted: Path, site: tuple[str, str]) -> None:
    assert "Nothing is wrong" in run(lifted, "manage.py", "kontext_check")


async def test_a_message_gets_an_ad_whose_frame_loads(site: tuple[str, str]) -> None:
    chat, ads = site
    alice = Person(chat)
    place, page = alice.get("/")
    place, page = alice.send(f"{place}send/", page, text="Where to eat in Rome?")
    assert "You said: Where to eat in Rome?" in page
    # What follows happens beside the request, so the page is asked until it is there.
    page = await until(partial(page_with_ads, alice, place, 1))
    [frame] = re.findall(r'class="kontext-ad__frame"[^>]*? data-src="([^"]+)"', page, re.DOTALL)
    assert frame.startswith(f"{ads}/api/frame/")
    assert "<title>" in Person("").get(frame.replace("&amp;", "&"))[1]
    assert json.loads(alice.get("/numbers/")[1])["filled inlineAd"] >= 1


async def test_each_turn_of_a_conversation_may_have_its_own(site: tuple[str, str]) -> None:
    alice = Person(site[0])
    place, page = alice.get("/")
    for number, text in enumerate(["Hiking boots", "And a tent", "#nofill"]):
        place, page = alice.send(f"{place}send/", page, text=text)
        wanted = min(number + 1, 2)
        page = await until(partial(page_with_ads, alice, place, wanted))
    assert json.loads(alice.get("/numbers/")[1])["because unfilled_bid"] == 1


async def test_nobody_sees_the_ad_of_another(site: tuple[str, str]) -> None:
    alice, bob = Person(site[0]), Person(site[0])
    place, page = alice.get("/")
    alice.send(f"{place}send/", page, text="Where to eat in Rome?")
    page = await until(partial(page_with_ads, alice, place, 1))
    [snapshot] = re.findall(r'data-snapshot-url="([^"]+)"', page)
    assert "Where to eat in Rome?" in alice.get(snapshot)[1]
    bob.get("/")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        bob.get(snapshot)
