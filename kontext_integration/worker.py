"""Performs the effects of session transitions: the debounce, the requests, their results, the announcements.

Several processes may hold the same session. Every step loads the newest state, applies one transition and saves it
by compare-and-set; a result counts only while its sequence number is still the current one (protocol 4.10).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .exceptions import KontextError
from .gate import NO_CONSENT, Facts, consented
from .outcomes import PreloadNoFill, PreloadOutcome
from .state import (
    DEBOUNCE_MS,
    CancelInit,
    CancelPreload,
    Debug,
    Effect,
    Emit,
    PreloadStart,
    Report,
    SessionState,
    SlotAssigned,
    StartPreload,
    TellAds,
)
from .tasks import log_failure
from .wire import request_failed

if TYPE_CHECKING:
    from .client import AdClient, Sleep
    from .entities import Configuration
    from .ports import Browser, Publisher, Record, Records
    from .tasks import Tasks

logger = logging.getLogger("kontext_integration")

Transition = Callable[[SessionState], list[Effect]]

MAX_CONFLICTS = 20
"""So many times in a row somebody else may be faster before a transition is given up."""


class TooManyConflictsError(KontextError):
    """A state could not be saved; logged, never seen by the chat."""


@dataclass(frozen=True, slots=True)
class Worker:
    """The shell of all sessions of one event loop."""

    records: Records
    client: AdClient
    publish: Publisher
    tasks: Tasks
    sleep: Sleep

    async def apply(self, record: Record, transition: Transition) -> Record | None:
        """Apply, save, perform. Returns the saved version; None when the session no longer exists."""
        newest: Record | None = record
        for _ in range(MAX_CONFLICTS):
            if newest is None or newest.generation != record.generation:
                return None
            state = SessionState.from_dict(newest.state)
            effects = transition(state)
            saved = await self._keep(newest, state, effects)
            if saved is not None:
                self.perform(saved, state, effects)
                return saved
            newest = await self.records.load(record.conversation_id)
        raise TooManyConflictsError

    async def _keep(self, record: Record, state: SessionState, effects: Sequence[Effect]) -> Record | None:
        """Save what has changed. None: this was not the newest version, and only that one may say that nothing has."""
        if state != SessionState.from_dict(record.state):
            return await self.records.save(record, state, effects)
        newest = await self.records.load(record.conversation_id)
        return record if newest and (newest.generation, newest.version) == (record.generation, record.version) else None

    def perform(self, record: Record, state: SessionState, effects: Sequence[Effect]) -> None:
        """Start, stop and announce what a saved transition asks for. Waits for nothing."""
        for effect in effects:
            match effect:
                case StartPreload(sequence=sequence):
                    work = self._preload(record, state.config, sequence)
                    self.tasks.start(work, name=_preload_name(record, sequence))
                case CancelPreload(sequence=sequence):
                    self.tasks.cancel(_preload_name(record, sequence))
                case CancelInit():
                    self.tasks.cancel(_init_name(record))
                case Report(error=error, stack=stack):
                    self._report(state, error, stack)
                case Debug(name=name, data=data):
                    self._debug(state, name, data)
        if any(isinstance(effect, Emit | TellAds | SlotAssigned) for effect in effects):
            self.tasks.start(self._announce(state.config, effects))

    def start_init(self, record: Record, config: Configuration) -> None:
        """Send `/init` in the background, once; its result is applied when it comes (protocol 2.3)."""
        self.tasks.start_once(lambda: self._init(record, config), name=_init_name(record))

    def report_fault(self, record: Record, *, bid_id: str, error: str, where: str) -> None:
        """Post a failure of our own code in the page to `/error`, if the session's gate is open (protocol 2.5)."""
        state = SessionState.from_dict(record.state)
        if state.report_errors and not state.destroyed:
            self._report(state, error, where, bid_id)

    async def _init(self, record: Record, config: Configuration) -> None:
        options = SessionState.from_dict(record.state).options
        facts = await self._consented(record, config, (await self.records.browser(config.user_id), options))
        if facts is None:
            return
        browser, _ = facts
        due: list[bool] = [False]

        def begin(state: SessionState) -> list[Effect]:
            due[0] = state.begin_init()
            return []

        if await self._apply_newest(record, begin) and due[0]:
            answer = await self.client.init(config, install_id=browser.install_id, forwarded=browser.forwarded)
            await self._apply_newest(record, lambda state: state.apply_init(answer))

    async def _preload(self, record: Record, config: Configuration, sequence: int) -> None:
        await self.sleep(DEBOUNCE_MS / 1000)
        browser = await self.records.browser(config.user_id)
        start = await self._begin(record, sequence, browser)
        if start is not None:
            outcome = await self._outcome(record, config, start, browser)
            await self._apply_newest(record, lambda newest: newest.apply_preload(sequence, outcome))

    async def _outcome(
        self, record: Record, config: Configuration, start: PreloadStart, browser: Browser
    ) -> PreloadOutcome:
        """Of a preload that was begun there always is one (protocol 5.1), even if our own code fails."""
        try:
            return await self._ask(record, config, start, browser)
        except Exception as error:
            log_failure("preload", error)
            return request_failed(type(error).__name__)

    async def _ask(
        self, record: Record, config: Configuration, start: PreloadStart, browser: Browser
    ) -> PreloadOutcome:
        facts = await self._consented(record, config, (browser, start.options), start.sequence)
        if facts is None:
            return PreloadNoFill(NO_CONSENT)
        if self.records.policy().first:
            # The one of the session's beginning may have been given up.
            self.start_init(record, config)
        browser, options = facts
        return await self.client.preload(
            config,
            start,
            options=self.records.effective(options, browser),
            install_id=browser.install_id,
            device=browser.device,
            forwarded=browser.forwarded,
        )

    async def _consented(
        self, record: Record, config: Configuration, known: Facts, sequence: int | None = None
    ) -> Facts | None:
        look = partial(self._look, record, config, sequence)
        return await consented(self.records.policy(), known, look, self.sleep)

    async def _look(self, record: Record, config: Configuration, sequence: int | None) -> Facts | None:
        newest = await self.records.load(record.conversation_id)
        state = SessionState.from_dict(newest.state) if newest and newest.generation == record.generation else None
        # Any process may have ended the session or begun another turn meanwhile.
        if state is None or not state.awaits(sequence):
            return None
        return await self.records.browser(config.user_id), state.options

    async def _begin(self, record: Record, sequence: int, browser: Browser) -> PreloadStart | None:
        begun: list[PreloadStart | None] = [None]

        def begin(state: SessionState) -> list[Effect]:
            state.install_id = browser.install_id
            begun[0] = state.begin_preload(sequence)
            return []

        return begun[0] if await self._apply_newest(record, begin) else None

    async def _apply_newest(self, record: Record, transition: Transition) -> Record | None:
        newest = await self.records.load(record.conversation_id)
        if newest is None or newest.generation != record.generation:
            return None
        return await self.apply(newest, transition)

    async def _announce(self, config: Configuration, effects: Sequence[Effect]) -> None:
        async with self.tasks.lane(f"announce {config.conversation_id}"):
            await self.publish(config, effects)

    def _report(self, state: SessionState, error: str, stack: str, bid_id: str | None = None) -> None:
        logger.warning("%s: %s", stack, error)
        if not self._may_report(state):
            return
        self.tasks.start(
            self.client.report_error(state.config, install_id=state.install_id, error=error, stack=stack, bid_id=bid_id)
        )

    def _may_report(self, state: SessionState) -> bool:
        """With consent first, a session that has sent nothing yet reports nothing either."""
        return state.init != "due" or not self.records.policy().first

    def _debug(self, state: SessionState, name: str, data: object) -> None:
        logger.debug("%s %s", name, data or "")
        if state.report_debug and self._may_report(state):
            self.tasks.start(
                self.client.report_debug(
                    state.config, install_id=state.install_id, session_id=state.session_id, name=name, data=data
                )
            )


def _preload_name(record: Record, sequence: int) -> tuple[object, ...]:
    return ("preload", record.id, record.generation, sequence)


def _init_name(record: Record) -> tuple[object, ...]:
    return ("init", record.id, record.generation)
