"""Small checks that say what is wrong with a piece of JSON. They never repeat the value: it may be chat text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from urllib.parse import urlsplit

Check = Callable[[object, str], Iterator[str]]
"""Takes a value and the path it stands at, yields one sentence per broken rule."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIMESTAMP = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z")
_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def rule(holds: Callable[[object], bool], meaning: str) -> Check:
    """A check that has one sentence to say: `<path> must be <meaning>`."""

    def check(value: object, path: str) -> Iterator[str]:
        if not holds(value):
            yield f"{path} must be {meaning}"

    return check


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_absolute_url(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc)


text = rule(lambda value: isinstance(value, str), "a string")
filled = rule(lambda value: isinstance(value, str) and bool(value.strip()), "a string that is not blank")
boolean = rule(lambda value: isinstance(value, bool), "true or false")
integer = rule(_is_integer, "an integer")
number = rule(_is_number, "a number")
positive = rule(lambda value: _is_number(value) and value > 0, "a number above 0")  # type: ignore[operator]
positive_integer = rule(lambda value: _is_integer(value) and value > 0, "an integer above 0")  # type: ignore[operator]
percentage = rule(lambda value: _is_number(value) and 0 <= value <= 100, "a number from 0 to 100")  # type: ignore[operator]
flag = rule(lambda value: _is_integer(value) and value in (0, 1), "0 or 1")
uuid = rule(
    lambda value: isinstance(value, str) and bool(_UUID.fullmatch(value)),
    "a lowercase UUID of the form 8-4-4-4-12 (protocol 2.2)",
)
timestamp = rule(
    lambda value: isinstance(value, str) and bool(_TIMESTAMP.fullmatch(value)),
    "a UTC time with three fractional digits and Z, like 2024-01-15T10:30:00.123Z (protocol 2.2)",
)
locale = rule(
    lambda value: isinstance(value, str) and bool(_LOCALE.fullmatch(value)), "a BCP-47 tag with hyphens, like en-US"
)
absolute_url = rule(_is_absolute_url, "an absolute URL")
advertising_id = rule(
    lambda value: isinstance(value, str) and bool(value.strip("0- ")), "an id, neither blank nor all zeros (omit it)"
)


def one_of(*values: str) -> Check:
    return rule(lambda value: isinstance(value, str) and value in values, "one of " + ", ".join(values))


def list_of(item: Check, *, least: int = 0, most: int | None = None) -> Check:
    """A list whose items pass `item`, with at least `least` and at most `most` of them."""

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path} must be a list"
            return
        if len(value) < least or (most is not None and len(value) > most):
            yield f"{path} must hold {least} to {most} items, not {len(value)}" if most else f"{path} must not be empty"
        for index, element in enumerate(value):
            yield from item(element, f"{path}[{index}]")

    return check


def fields(known: Mapping[str, Check], *, required: Collection[str] = (), least: int = 0) -> Check:
    """An object with the `known` fields and no others, at least `least` of them; all of `required` are present."""

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path} must be an object"
            return
        if len(value) < least:
            yield f"{path} is empty: omit it"
        yield from (f"{_join(path, name)} is missing" for name in required if name not in value)
        for name, element in value.items():
            if name not in known:
                yield f"{_join(path, repr(name[:60]))} is not a field that is sent"
            elif element is None:
                yield f"{_join(path, name)} is null: omit what is not known (protocol 2.2)"
            else:
                yield from known[name](element, _join(path, name))

    return check


def _join(path: str, name: str) -> str:
    return name if path == "body" else f"{path}.{name}"
