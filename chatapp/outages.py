"""What is known of a service that does not answer: so that not everybody waits for it, and nobody judges too early."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger(__name__)


class Outage:
    """Remembers when `name` last failed. For `rest_s` seconds from then on nobody need try it again."""

    def __init__(self, name: str, *, rest_s: float) -> None:
        self.name = name
        self.rest_s = rest_s
        self._failed_at = float("-inf")

    @property
    def is_on(self) -> bool:
        return time.monotonic() - self._failed_at < self.rest_s

    def note(self, failure: BaseException) -> None:
        """It failed. Says so in the log, once per rest."""
        if not self.is_on:
            logger.warning("The %s does not answer: %s", self.name, type(failure).__name__)
        self._failed_at = time.monotonic()

    def forget(self) -> None:
        self._failed_at = float("-inf")
