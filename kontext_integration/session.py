"""`Session`: the handle that the chat holds. It applies the rules of `state`, saves, and has the effects performed.

Knows no Django: the records and the publishing of events are handed in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from .entities import DEFAULT_PLACEMENT_CODE, Message, Options, Regulatory
from .events import UserEvent
from .tasks import context_of_caller, log_failure

if TYPE_CHECKING:
    from .ports import Record
    from .state import Effect, SessionState
    from .worker import Worker


class SessionHandle(Protocol):
    """What `get_session` returns: a live session, or one that does nothing."""

    async def add_message(self, message: Message, track_only: bool = False) -> None: ...

    async def create_ad(self, message_id: str, code: str = DEFAULT_PLACEMENT_CODE) -> None: ...

    async def remove_ad(self, message_id: str, code: str = DEFAULT_PLACEMENT_CODE) -> None: ...

    async def send_user_event(
        self, name: str, payload: Mapping[str, object] | None = None, code: str = DEFAULT_PLACEMENT_CODE
    ) -> None: ...

    async def update_options(
        self,
        *,
        variant_id: str | None = None,
        regulatory: Regulatory | None = None,
        user_email: str | None = None,
        advertising_id: str | None = None,
        vendor_id: str | None = None,
    ) -> None: ...

    async def report_fault(self, *, bid_id: str, error: str, where: str) -> None: ...

    async def destroy(self) -> None: ...


class Session:
    """The ad session of one conversation. No method waits for the ad server or takes more than two queries.

    Nothing raises, except for a name that no protocol knows: a mistake in the program.
    """

    def __init__(self, record: Record, worker: Worker) -> None:
        self._record: Record | None = record
        self._conversation_id = record.conversation_id
        self._worker = worker

    async def add_message(self, message: Message, track_only: bool = False) -> None:
        """Add a message that the person can read, once (protocol 4.3). A user's message starts a preload.

        Returns when the message is saved; messages are taken in the order of the calls. `track_only` keeps the turn
        free of ads. A message with a known id is ignored.
        """
        await self._do("add_message", lambda state: state.add_message(message, track_only=track_only))

    async def update_options(
        self,
        *,
        variant_id: str | None = None,
        regulatory: Regulatory | None = None,
        user_email: str | None = None,
        advertising_id: str | None = None,
        vendor_id: str | None = None,
    ) -> None:
        """Overwrite what is given, from the next request on (protocol 4.1); None leaves a value as it is."""
        given = Options(variant_id, regulatory, user_email, advertising_id, vendor_id)
        await self._do("update_options", lambda state: state.update_options(given))

    async def create_ad(self, message_id: str, code: str = DEFAULT_PLACEMENT_CODE) -> None:
        """A page shows the slot of this assistant message (protocol 4.6): its bid stays as long as the ad does.

        The page script sees to it by itself; a page without it calls this.
        """
        await self._do("create_ad", lambda state: state.create_ad(message_id, code))

    async def remove_ad(self, message_id: str, code: str = DEFAULT_PLACEMENT_CODE) -> None:
        """Destroy an ad; with the last ad of its message the bids are discarded for good (protocol 4.6)."""
        await self._do("remove_ad", lambda state: state.remove_ad(message_id, code))

    async def send_user_event(
        self, name: str, payload: Mapping[str, object] | None = None, code: str = DEFAULT_PLACEMENT_CODE
    ) -> None:
        """Tell the mounted ads of a placement what the person does, by the signal `user_event` (protocol 6.8).

        `payload` is JSON-safe. Raises `UnknownUserEventError` on another name than "user.typing.started".
        """
        event = UserEvent(name, code, payload)
        await self._do("send_user_event", lambda state: state.send_user_event(event))

    async def report_fault(self, *, bid_id: str, error: str, where: str) -> None:
        """Tell the ad server that our own code failed in the page (protocol 2.5). `error` quotes no message."""
        if self._record is not None:
            self._worker.report_fault(self._record, bid_id=bid_id, error=error, where=where)

    async def destroy(self) -> None:
        """End the session for good and stop its requests (protocol 4.7). The next `get_session` opens a new one."""
        await self._do("destroy", lambda state: state.destroy())

    async def _do(self, what: str, transition: Callable[[SessionState], list[Effect]]) -> None:
        # A task of its own: it starts now, which fixes the order, and a cancelled caller cannot cut it in two.
        task = self._worker.tasks.start(self._in_turn(what, transition), context=context_of_caller())
        await asyncio.shield(task)

    async def _in_turn(self, what: str, transition: Callable[[SessionState], list[Effect]]) -> None:
        try:
            async with self._worker.tasks.lane(self._conversation_id):
                if self._record is not None:
                    self._record = await self._worker.apply(self._record, transition)
        except Exception as error:
            log_failure(what, error)


class NoSession:
    """Stands in when ads are off or broken: takes everything, does nothing."""

    async def add_message(self, message: Message, track_only: bool = False) -> None:
        """Nothing."""

    async def create_ad(self, message_id: str, code: str = DEFAULT_PLACEMENT_CODE) -> None:
        """Nothing."""

    async def remove_ad(self, message_id: str, code: str = DEFAULT_PLACEMENT_CODE) -> None:
        """Nothing."""

    async def send_user_event(
        self, name: str, payload: Mapping[str, object] | None = None, code: str = DEFAULT_PLACEMENT_CODE
    ) -> None:
        """Nothing, but a mistake in the program is one with ads off too."""
        UserEvent(name, code, payload)

    async def update_options(self, **given: Any) -> None:
        """Nothing."""

    async def report_fault(self, *, bid_id: str, error: str, where: str) -> None:
        """Nothing."""

    async def destroy(self) -> None:
        """Nothing."""
