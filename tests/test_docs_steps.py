"""The four steps of the docs are those by which the other chat was built, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.documents import KONTEXT_PAGES, blocks, read
from tests.lifting import OTHER
from tests.test_liftable import NEEDED


def snippets() -> Iterator[tuple[str, str]]:
    """The code of the first page that names the file it belongs to."""
    for kind in ("python", "django", "js"):
        for code in blocks("docs/kontext.md", kind):
            first, _, rest = code.partition("\n")
            found = re.search(r"([\w/]+\.(?:py|html|js))\b", first)
            if found and first.startswith(("# ", "{# ", "// ")):
                yield found[1], rest


def lines_of(code: str) -> list[str]:
    """What has to be typed: no blank lines, no gaps, no remarks about where a name comes from."""
    lines = [re.sub(r"\s+# from kontext_.*$", "", line).strip().removesuffix(",") for line in code.splitlines()]
    return [line for line in lines if line and "..." not in line and not re.fullmatch(r"[\]\[(){}]+", line)]


OWN_FILES = {"settings.py": "project/settings.py", "urls.py": "project/urls.py"}
NOT_IN_IT = {"chat/push.py"}
"""For chats with a socket, which this one is not."""
TYPED = [(path, code) for path, code in snippets() if path not in NOT_IN_IT]


@pytest.mark.parametrize(("path", "code"), TYPED, ids=[path for path, _ in TYPED])
def test_the_other_chat_is_made_of_the_documented_lines(path: str, code: str) -> None:
    typed = lines_of((OTHER / OWN_FILES.get(path, path)).read_text())
    assert [line for line in lines_of(code) if line not in typed] == []


def test_each_step_is_in_the_other_chat() -> None:
    assert [path for path, _ in TYPED] == [
        "settings.py",
        "urls.py",
        "chat/people.py",
        "chat/ads.py",
        "chat/views.py",
        "chat/views.py",
        "urls.py",
        "chat/templates/chat/conversation.html",
        "chat/static/chat/ads.js",
    ]


def test_the_other_chat_uses_nothing_but_what_is_documented() -> None:
    imported = "".join(file.read_text() for file in OTHER.rglob("*.py"))
    documented = "".join(map(read, KONTEXT_PAGES))
    for module, names in re.findall(r"^from (kontext_integration[\w.]*) import (.+)$", imported, re.MULTILINE):
        assert f"`{module}`" in documented
        assert [name for name in names.split(", ") if f"`{name}`" not in documented] == []


def test_the_example_of_the_callback_is_that_of_the_other_chat() -> None:
    [code] = [code for code in blocks("docs/kontext/events.md", "python") if code.startswith("# chat/numbers.py")]
    typed = lines_of((OTHER / "chat" / "numbers.py").read_text())
    assert [line for line in lines_of(code.partition("\n")[2]) if line not in typed] == []


def test_what_is_needed_is_what_is_tested() -> None:
    [needed] = re.findall(r"^Needed: Python [^\n]+, Django [^\n]+", read("docs/kontext.md"), re.MULTILINE)
    packages = {"django", *re.findall(r"`([a-z-]+)`", needed.partition("(")[0])}
    assert packages == set(NEEDED)
