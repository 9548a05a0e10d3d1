from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

OURS = re.compile(r'(?:import\s*\(?|from)\s*"(\./[^"]+)"')


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("static")


def test_every_module_that_a_module_imports_is_named_by_its_content(collected: Path, settings: Settings) -> None:
    settings.STATIC_ROOT = collected
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "chatapp.storage.StaticFilesStorage"}}
    call_command("collectstatic", "--no-input", verbosity=0)
    folders = [collected / "js", collected / "kontext_integration"]
    hashed = [file for folder in folders for file in folder.glob("*.????????????.js")]
    assert len(hashed) >= 12
    for file in hashed:
        for imported in OURS.findall(file.read_text()):
            assert re.fullmatch(r"\./[\w-]+\.[0-9a-f]{12}\.js", imported), (file.name, imported)
            assert (file.parent / imported).exists()
