"""The docs of the ads are complete: nothing can be used, set, heard or read that they do not name."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from django.apps import apps
from django.core.management import load_command_class
from django.dispatch import Signal

import kontext_integration
from kontext_integration import conf as kontext_conf
from kontext_integration import events, exceptions, relay_rows, signals
from kontext_integration.gate import NO_CONSENT
from kontext_integration.records import ALARMING
from kontext_integration.sandbox.inits import INITS
from kontext_integration.sandbox.words import ERR_CODES, SKIP_CODES, WORDS
from kontext_integration.templatetags.kontext import register
from tests.documents import KONTEXT_PAGES, blocks, read, rows, sources
from tests.lifting import APP, ROOT

HIDDEN_OPTIONS = {
    "--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color",
    "--skip-checks",
}  # fmt: skip
"""Those of every command."""


def strings_given_to(*names: str) -> set[str]:
    """Every string that is written out in a call of one of these names, anywhere in the app."""
    calls = [node for file in APP.rglob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    given = [
        argument.value
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names
        for argument in call.args
        if isinstance(argument, ast.Constant)
    ]
    return {text for text in given if isinstance(text, str) and " " not in text}


# The ads: settings and checks


@pytest.mark.parametrize("field", fields(kontext_conf.Settings), ids=lambda field: field.name)
def test_every_key_of_kontext_is_documented_with_its_default(field: Any) -> None:
    default = getattr(kontext_conf.Settings(), field.name)
    written, _ = rows("docs/kontext/settings.md")[field.name.upper()]
    assert ast.literal_eval(written.strip("`")) == (list(default) if isinstance(default, tuple) else default)


def test_no_key_is_documented_that_does_not_exist() -> None:
    documented = {name for name in rows("docs/kontext/settings.md") if re.fullmatch(r"[A-Z_]+", name)}
    assert documented == kontext_conf.known_keys()


def test_every_system_check_is_documented_and_no_other() -> None:
    ids = set(re.findall(r"id=\"(kontext\.[EW]\d{3})\"", sources("*.py")))
    assert {name for name in rows("docs/kontext/settings.md") if name.startswith("kontext.")} == ids


@pytest.mark.parametrize(
    ("command", "page"),
    [("kontext_check", "docs/kontext/settings.md"), ("ad_sandbox", "docs/kontext/sandbox.md")],
)
def test_every_option_of_a_command_is_documented_and_no_other(command: str, page: str) -> None:
    parser = load_command_class("kontext_integration", command).create_parser("manage.py", command)
    options = {max(action.option_strings, key=len) for action in parser._actions if action.option_strings}
    documented = {name.split()[0] for name in rows(page) if name.startswith("--")}
    assert documented == options - HIDDEN_OPTIONS


def test_every_command_is_documented() -> None:
    commands = [file.stem for file in (APP / "management" / "commands").glob("[a-z]*.py")]
    assert [name for name in commands if f"manage.py {name}" not in "".join(map(read, KONTEXT_PAGES))] == []


# The ads: Python


@pytest.mark.parametrize("name", kontext_integration.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    assert name in rows("docs/kontext/session.md")


@pytest.mark.parametrize("name", [name for name in dir(kontext_integration.SessionHandle) if not name.startswith("_")])
def test_every_call_on_a_session_is_documented(name: str) -> None:
    assert name in rows("docs/kontext/session.md")
    assert f"await session.{name}(" in "".join(blocks("docs/kontext/session.md", "python"))


@pytest.mark.parametrize("name", [name for name, value in vars(signals).items() if isinstance(value, Signal)])
def test_every_signal_is_documented(name: str) -> None:
    assert name in rows("docs/kontext/events.md")


@pytest.mark.parametrize("event", get_args(events.AdEvent))
def test_every_event_is_documented_with_its_fields(event: Any) -> None:
    signal = next(name for name, value in vars(signals).items() if value is signals.EVENT_SIGNALS[event.name])
    kind, name, described, _ = rows("docs/kontext/events.md")[signal]
    assert (kind, name) == (f"`{event.__name__}`", f"`{event.name}`")
    assert re.findall(r"`(\w+)`", described.replace(" or `None`", "")) == [field.name for field in fields(event)]


@pytest.mark.parametrize("name", sorted(events.USER_EVENTS))
def test_every_user_event_is_documented(name: str) -> None:
    assert f"`{name}` is the only name" in read("docs/kontext/events.md")


@pytest.mark.parametrize(
    "code", sorted({*SKIP_CODES, NO_CONSENT, *strings_given_to("PreloadNoFill")} | ALARMING - {"session_disabled"})
)
def test_every_skip_code_is_documented(code: str) -> None:
    assert code in rows("docs/kontext/events.md")


def err_codes() -> set[str]:
    of_frames = set(re.findall(r"errCode: \"(\w+)\"|\?\? \"(\w+_error)\"", sources("static/**/*.js")))
    of_session = strings_given_to("PreloadFailed", "AdError")
    return {*ERR_CODES, *of_session, *(code for found in of_frames for code in found if code)}


@pytest.mark.parametrize("code", sorted(err_codes()))
def test_every_err_code_is_documented(code: str) -> None:
    assert code in rows("docs/kontext/events.md")


def test_the_codes_are_found_where_they_are_written() -> None:
    assert {"session_disabled_by_init", "request_failed", "iframe_error", "modal_component_error"} <= err_codes()


@pytest.mark.parametrize("name", [name for name, value in vars(exceptions).items() if isinstance(value, type)])
def test_every_exception_that_is_raised_is_documented(name: str) -> None:
    inside = {"CorruptStateError"}
    assert name in inside or name in rows("docs/kontext/session.md")


@pytest.mark.parametrize("model", [model.__name__ for model in apps.get_app_config("kontext_integration").get_models()])
def test_every_table_is_documented(model: str) -> None:
    assert model in rows("docs/kontext/session.md")


@pytest.mark.parametrize("tag", sorted(register.tags))
def test_every_template_tag_is_documented(tag: str) -> None:
    assert f"| `{{% {tag}" in read("docs/kontext/page.md")


@pytest.mark.parametrize("words", relay_rows.FAILURES.values())
def test_what_a_page_may_say_of_a_relayed_request_is_documented_or_plain(words: str) -> None:
    assert words in read("docs/kontext/troubleshooting.md") or words.startswith("Timed out")


# The ads: the sandbox


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.text)
def test_every_word_of_the_sandbox_is_documented(word: Any) -> None:
    assert f"| `{word.text}` | {word.meaning} |" in read("docs/kontext/sandbox.md")


@pytest.mark.parametrize("init", INITS, ids=lambda init: init.name)
def test_every_answer_to_init_of_the_sandbox_is_documented(init: Any) -> None:
    assert f"| `{init.name}` | {init.meaning} |" in read("docs/kontext/sandbox.md")


def test_no_word_is_documented_that_the_sandbox_does_not_know() -> None:
    documented = {name for name in rows("docs/kontext/sandbox.md") if name.startswith("#")}
    assert documented == {word.text for word in WORDS}


# Between the pages


def test_the_first_page_leads_to_all_others() -> None:
    others = [page.removeprefix("docs/") for page in KONTEXT_PAGES if page != "docs/kontext.md"]
    assert others
    assert [page for page in others if f"]({page})" not in read("docs/kontext.md")] == []


def test_paths_of_modules_in_the_docs_exist() -> None:
    named = re.findall(r"`(kontext_integration(?:\.\w+)+)`", "".join(map(read, KONTEXT_PAGES)))
    missing = [name for name in set(named) if not _is_module(name) and not _is_module(name.rpartition(".")[0])]
    assert missing == []


def _is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()
