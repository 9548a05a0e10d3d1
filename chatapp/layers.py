"""The channel layer of a single process: what Channels' own one does, without a task and a deep copy per message."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from channels.layers import InMemoryChannelLayer

TIDY_EVERY_S = 5.0


class InProcessLayer(InMemoryChannelLayer):
    """Messages are not copied: senders do not change what they have sent, receivers what they were given."""

    _tidied_at = 0.0

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.require_valid_group_name(group)
        self._clean_expired()
        expires_at = time.time() + self.expiry
        for channel in self.groups.get(group, ()):
            queue = self.channels.get(channel)
            if queue is None:
                queue = self.channels[channel] = asyncio.Queue(self.get_capacity(channel))
            if not queue.full():
                queue.put_nowait((expires_at, message))

    def _clean_expired(self) -> None:
        # Channels looks through all channels for every message, which makes a message dearer the more pages are open.
        if time.monotonic() - self._tidied_at > TIDY_EVERY_S:
            self._tidied_at = time.monotonic()
            super()._clean_expired()  # type: ignore[misc]
