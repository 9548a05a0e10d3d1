"""When rendering fails, the words are shown all the same: as plain text, with a log entry that holds none of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


def falls_back_to(
    plain: Callable[[str], R],
) -> Callable[[Callable[Concatenate[str, P], R]], Callable[Concatenate[str, P], R]]:
    """Decorates a function of a text: when it raises, `plain(text)` is the result."""

    def decorate(render: Callable[Concatenate[str, P], R]) -> Callable[Concatenate[str, P], R]:
        @wraps(render)
        def guarded(text: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return render(text, *args, **kwargs)
            except Exception as error:
                logger.error("%s failed on %d characters: %s", render.__name__, len(text), type(error).__name__)
                return plain(text)

        return guarded

    return decorate
