"""`get_session`: one session record per conversation, opened or reused (protocol 4.9). The wiring of the whole app."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from .browsers import mint_install_id
from .client import AdClient, Sleep
from .conf import Settings, get_settings
from .entities import App, Character, Configuration, SdkIdentity
from .exceptions import CorruptStateError
from .records import DatabaseRecords, publish
from .relay import BrowserRelay
from .session import NoSession, Session, SessionHandle
from .state import SessionState
from .tasks import Tasks, context_of_caller, log_failure
from .transport import HttpTransport, Transport, new_http_client
from .worker import MAX_CONFLICTS, TooManyConflictsError, Worker

if TYPE_CHECKING:
    from .ports import Record


class Sessions:
    """All sessions of this process. Without arguments it talks to the configured ad server."""

    def __init__(self, transport: Transport | None = None, sleep: Sleep = asyncio.sleep) -> None:
        self._transport = transport
        self._sleep = sleep
        self._records = DatabaseRecords()
        self._workers: WeakKeyDictionary[asyncio.AbstractEventLoop, Worker] = WeakKeyDictionary()

    def worker(self) -> Worker:
        """The shell of the running event loop; connections and tasks cannot leave the loop they were made in."""
        loop = asyncio.get_running_loop()
        worker = self._workers.get(loop)
        if worker is None:
            client = AdClient(self._transport or _configured_transport(), self._sleep)
            worker = self._workers[loop] = Worker(self._records, client, publish, Tasks(), self._sleep)
        return worker

    async def get(self, *, conversation_id: str, user_id: str, character: Character | None = None) -> SessionHandle:
        """See `get_session`."""
        try:
            settings = get_settings()
            if not settings.publisher_token:
                return NoSession()
            config = configuration(settings, conversation_id, user_id, character)
            worker = self.worker()
            opening = worker.tasks.start(self._open_in_turn(worker, config), context=context_of_caller())
            return await asyncio.shield(opening)
        except Exception as error:
            log_failure("get_session", error)
            return NoSession()

    async def find(self, conversation_id: str) -> SessionHandle:
        """See `find_session`."""
        try:
            record = await self._records.load(conversation_id) if get_settings().publisher_token else None
            return Session(record, self.worker()) if record else NoSession()
        except Exception as error:
            log_failure("find_session", error)
            return NoSession()

    def tell(self, conversation_id: str, act: Callable[[SessionHandle], Awaitable[None]]) -> None:
        """Do something to the session that a conversation has, in the background; the caller must not wait for it.

        A request that waited would wait for the database thread, which under synchronous middleware waits for it.
        """
        self.worker().tasks.start(self._tell(conversation_id, act))

    async def _tell(self, conversation_id: str, act: Callable[[SessionHandle], Awaitable[None]]) -> None:
        await act(await self.find(conversation_id))

    async def _open_in_turn(self, worker: Worker, config: Configuration) -> Session:
        async with worker.tasks.lane(config.conversation_id):
            return Session(await self._open(worker, config), worker)

    async def _open(self, worker: Worker, config: Configuration) -> Record:
        for _ in range(MAX_CONFLICTS):
            known = await self._records.load(config.conversation_id)
            old = _state(known) if known else None
            if known and old and old.serves(config):
                return known
            opened = await self._replace(worker, known, old, config)
            if opened:
                return opened
        raise TooManyConflictsError

    async def _replace(
        self, worker: Worker, known: Record | None, old: SessionState | None, config: Configuration
    ) -> Record | None:
        state = SessionState(config, mint_install_id())
        if old and old.config.user_id == config.user_id:
            # The new session is told what was said before, as an SDK that lost its session is (protocol 4.9).
            state.messages.extend(old.messages)
        if known is None:
            opened = await self._records.create(state)
        else:
            ending = old.destroy() if old else []
            opened = await self._records.restart(known, state, ending)
            if opened and old:
                worker.perform(known, old, ending)
        if opened:
            worker.start_init(opened, config)
        return opened


sessions = Sessions()
"""Those of this process."""


async def get_session(*, conversation_id: str, user_id: str, character: Character | None = None) -> SessionHandle:
    """The ad session of a conversation, opened or reused (protocol 4.9).

    Another user, character, token, ad server or set of placement codes ends the old session and opens a new one;
    each new one sends `/init` once, in the background. Gives a handle that does nothing when ads are off or anything
    fails; never raises and never waits for the ad server. `conversation_id` and `user_id` are the final ids. Call it
    in the server's own event loop: what it starts there goes on after the request.
    """
    return await sessions.get(conversation_id=conversation_id, user_id=user_id, character=character)


async def find_session(*, conversation_id: str) -> SessionHandle:
    """The session that a conversation has, whoever's it is; it is never opened by this.

    For what is done to a session from elsewhere: new consent, a deleted conversation, a logout. Gives a handle that
    does nothing when there is none; never raises.
    """
    return await sessions.find(conversation_id)


def _configured_transport() -> Transport:
    return BrowserRelay() if get_settings().transport == "browser" else HttpTransport(new_http_client())


def _state(record: Record) -> SessionState | None:
    try:
        return SessionState.from_dict(record.state)
    except CorruptStateError:
        return None


def configuration(settings: Settings, conversation_id: str, user_id: str, character: Character | None) -> Configuration:
    return Configuration(
        publisher_token=settings.publisher_token,
        user_id=user_id,
        conversation_id=conversation_id,
        enabled_placement_codes=tuple(settings.placement_codes),
        ad_server_url=settings.ad_server_url,
        character=character,
        sdk=SdkIdentity(settings.sdk_name, settings.sdk_platform, settings.sdk_version),
        app=App(settings.app["bundleId"], settings.app["version"]) if settings.app else None,
    )
