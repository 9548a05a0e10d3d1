"""The Content-Security-Policy of this project's pages, as far as its settings tell, and what it means for the ads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings

_FALLBACKS = {"frame-src": ("frame-src", "child-src", "default-src"), "connect-src": ("connect-src", "default-src")}


def is_known() -> bool:
    """Whether the settings hold a policy at all; a web server in front may have one of its own."""
    return any(True for _ in _policies())


def forbidding(directive: str, origin: str) -> Iterator[str]:
    """The names of the settings whose policy keeps pages from this origin. `directive`: frame-src or connect-src."""
    for setting, directives in _policies():
        sources = next((directives[name] for name in _FALLBACKS[directive] if directives.get(name) is not None), None)
        if sources is not None and not _allows([sources] if isinstance(sources, str) else sources, origin):
            yield setting


def _policies() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Those that are enforced: of django-csp, and of Django from 6.0 on."""
    of_library = getattr(settings, "CONTENT_SECURITY_POLICY", None)
    if isinstance(of_library, Mapping) and isinstance(of_library.get("DIRECTIVES"), Mapping):
        yield "CONTENT_SECURITY_POLICY", of_library["DIRECTIVES"]
    of_django = getattr(settings, "SECURE_CSP", None)
    if isinstance(of_django, Mapping) and of_django:
        yield "SECURE_CSP", of_django


def _allows(sources: Iterable[object], origin: str) -> bool:
    scheme, _, host = origin.partition("://")
    for source in (str(source).lower() for source in sources):
        if source in {"*", f"{scheme}:"}:
            return True
        given, _, address = source.rpartition("://")
        wanted = address.partition("/")[0]
        if given in {"", scheme} and (wanted == host or (wanted.startswith("*.") and host.endswith(wanted[1:]))):
            return True
    return False
