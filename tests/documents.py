"""The documentation as tests read it: its pages, their tables, their code."""

from __future__ import annotations

import re

from tests.lifting import APP, ROOT

PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
KONTEXT_PAGES = [page for page in PAGES if page.startswith("docs/kontext")]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (ROOT / name).read_text()


def sources(*patterns: str) -> str:
    """The text of all files of the app that match."""
    return "\n".join(file.read_text() for pattern in patterns for file in sorted(APP.glob(pattern)))


def rows(page: str) -> dict[str, list[str]]:
    """The rows of a page's tables: the other cells by the words of the first, each of its `words` on its own."""
    found: dict[str, list[str]] = {}
    for line in read(page).splitlines():
        if line.startswith("| "):
            first, *others = re.split(r"(?<!\\) \| ", line.removeprefix("| ").removesuffix(" |"))
            found |= dict.fromkeys(re.findall(r"`([^`]+)`", first), others)
    return found


def blocks(page: str, language: str) -> list[str]:
    return [code for kind, code in BLOCK.findall(read(page)) if kind == language]
