"""docs/reliability.md names the tests that prove its promises: they are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/reliability.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def test_every_promise_names_its_proof() -> None:
    rows = [row for row in re.findall(r"^\| .+ \|$", PAGE, re.MULTILINE) if not row.startswith(("| ---", "| Promise"))]
    assert len(rows) > 25
    assert all("::test_" in row for row in rows)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_the_proof_of_a_promise_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("file", ["nginx.conf", "Caddyfile"])
def test_what_the_guide_recommends_is_what_the_tests_run(file: str) -> None:
    assert f"(../deploy/{file})" in (ROOT / "docs/deployment.md").read_text()
    assert f"deploy/{file}" in (ROOT / "tests/e2e/services.py").read_text()
