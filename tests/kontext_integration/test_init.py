"""The public names of the package."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kontext_integration
from kontext_integration import events, exceptions
from kontext_integration.session import Session

SOURCE = Path(kontext_integration.__file__)


def test_what_a_publisher_needs_is_public_and_nothing_else() -> None:
    assert kontext_integration.__all__ == [
        "AdClicked",
        "AdError",
        "AdEvent",
        "AdFilled",
        "AdHeight",
        "AdNoFill",
        "AdRenderCompleted",
        "AdRenderStarted",
        "AdViewed",
        "Character",
        "InvalidMessageError",
        "KontextError",
        "Message",
        "Regulatory",
        "RewardGranted",
        "SessionHandle",
        "UnknownUserEventError",
        "UserEvent",
        "VideoCompleted",
        "VideoStarted",
        "find_session",
        "get_session",
        "observe",
    ]


@pytest.mark.parametrize("name", kontext_integration.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(kontext_integration, name) is not None


def test_public_names_are_those_of_the_modules() -> None:
    assert kontext_integration.AdEvent is events.AdEvent
    assert kontext_integration.AdFilled is events.AdFilled
    assert kontext_integration.KontextError is exceptions.KontextError
    assert kontext_integration.get_session.__module__ == "kontext_integration.opening"


def test_type_checkers_see_the_same_names() -> None:
    [block] = [node for node in ast.parse(SOURCE.read_text()).body if isinstance(node, ast.If)]
    imported = [name.name for node in block.body if isinstance(node, ast.ImportFrom) for name in node.names]
    assert sorted(imported) == sorted(kontext_integration.__all__)


def test_type_checkers_are_told_that_there_are_types() -> None:
    assert SOURCE.with_name("py.typed").exists()


def test_a_session_is_what_its_handle_promises() -> None:
    promised = [name for name in vars(kontext_integration.SessionHandle) if not name.startswith("_")]
    assert promised
    assert [name for name in promised if not hasattr(Session, name)] == []


def test_the_names_can_be_listed() -> None:
    assert set(kontext_integration.__all__) <= set(dir(kontext_integration))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        kontext_integration.nothing  # noqa: B018


def test_the_package_can_be_imported_before_django_is_configured() -> None:
    code = "import sys, kontext_integration; assert not any(name.startswith('django') for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
