"""The docs tell the truth: every setting, signal and variable is named where a person looks for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kontext_integration
from chatapp import conf
from kontext_integration import conf as kontext_conf
from kontext_integration import signals

ROOT = Path(__file__).resolve().parents[1]
ENV_CALLS = re.compile(r"env\.\w+\(\s*\"([A-Z_]+)\"")


def read(name: str) -> str:
    return (ROOT / name).read_text()


@pytest.mark.parametrize("key", sorted(conf.known_keys()))
def test_every_key_of_chat_is_documented(key: str) -> None:
    assert f"`{key}`" in read("docs/configuration.md")


@pytest.mark.parametrize("key", sorted(kontext_conf.known_keys()))
def test_every_key_of_kontext_is_documented(key: str) -> None:
    assert f"`{key}`" in read("docs/kontext.md")


@pytest.mark.parametrize(
    "name", [name for name in vars(signals) if name.startswith(("ad_", "video_", "reward_", "slot_"))]
)
def test_every_signal_is_documented(name: str) -> None:
    assert f"`{name}`" in read("docs/kontext.md")


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
