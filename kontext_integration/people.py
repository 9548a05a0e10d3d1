"""Who is behind a request, as `KONTEXT["USER_ID"]` names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

from .conf import get_settings

if TYPE_CHECKING:
    from django.http import HttpRequest


def person(request: HttpRequest) -> str | None:
    """The id that `get_session` was given; None: somebody unknown."""
    path = get_settings().user_id
    return import_string(path)(request) if path else None
