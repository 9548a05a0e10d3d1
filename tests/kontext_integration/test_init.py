"""The public names of the package."""

from __future__ import annotations

import subprocess
import sys

import pytest

import kontext_integration


def test_every_public_name_can_be_had() -> None:
    assert {name: getattr(kontext_integration, name).__name__ for name in kontext_integration.__all__} == {
        name: name for name in ("Character", "Message", "Regulatory", "get_session", "observe")
    }


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        kontext_integration.nothing  # noqa: B018


def test_the_package_can_be_imported_before_django_is_configured() -> None:
    code = "import sys, kontext_integration; assert not any(name.startswith('django') for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
