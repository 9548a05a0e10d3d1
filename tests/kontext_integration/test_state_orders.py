"""The rules of protocol 4 under every order of events: a session lives through whatever hypothesis thinks of."""

from __future__ import annotations

import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kontext_integration.entities import Bid
from kontext_integration.events import AdError, AdFilled, AdNoFill
from kontext_integration.outcomes import InitApplied, InitIgnored, PreloadFailed, PreloadFilled, PreloadNoFill
from kontext_integration.outcomes import PreloadNothing as Nothing
from kontext_integration.state import CancelPreload, SessionState, SlotAssigned, SlotReleased, StartPreload

from .builders import BID_ID, OTHER_BID_ID, SESSION_ID, events, every, message, session

OUTCOMES = st.sampled_from(
    [
        PreloadFilled(SESSION_ID, (Bid(BID_ID, "inlineAd"),)),
        PreloadFilled(SESSION_ID, (Bid(BID_ID, "inlineAd"), Bid(OTHER_BID_ID, "banner"))),
        PreloadNoFill("ad_skipped", SESSION_ID),
        PreloadNoFill("unfilled_bid"),
        Nothing(SESSION_ID),
        PreloadFailed("Error preloading ads: timeout", "request_failed", report="timeout"),
        PreloadFailed("Ad generation skipped", "unknown", SESSION_ID),
    ]
)
FATAL = st.sampled_from([PreloadFailed("Session is disabled", "geo", disables=True), Nothing(disables=True)])
NUMBERS = st.integers(0, 3)
"""How far back from the newest; the newest are the interesting ones."""
LONG = 12
"""A session that ends earlier has not lived."""


class SessionMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.state = session()
        self.spoken = 0
        self.started = []
        self.begun = {}
        self.cancelled = set()
        self.told = {}
        self.assigned = []

    def perform(self, effects):
        assert not (self.ended and events(effects)), "4.7: an event after the end"
        for start in every(StartPreload, effects):
            self.started.append(start.sequence)
        for cancel in every(CancelPreload, effects):
            assert cancel.sequence in self.started
            self.cancelled.add(cancel.sequence)
        for slot in every(SlotAssigned, effects):
            last = self.state.messages[-1]
            assert (last.id, last.role) == (slot.message_id, "assistant"), "4.5: not the last assistant message"
            assert slot.sequence not in [sequence for sequence, _ in self.assigned], "4.5: linked twice"
            assert slot.message_id not in [message_id for _, message_id in self.assigned], "4.5: two bids, one message"
            assert slot.snapshot == self.begun[slot.sequence].messages, "6.8: not the frozen snapshot"
            assert not self.begun[slot.sequence].track_only, "2.4 row 10: an ad in a tracked turn"
            assert self.told[slot.sequence] is AdFilled
            self.assigned.append((slot.sequence, slot.message_id))

    @property
    def ended(self):
        return self.state.destroyed

    def settle(self, number, outcome):
        """The result of any preload that ever began comes in: the first time, again, or far too late."""
        if not self.begun:
            return
        sequence = sorted(self.begun)[-1 - number % len(self.begun)]
        gone = sequence in self.cancelled or self.ended
        effects = self.state.apply_preload(sequence, outcome)
        kinds = {type(event) for event in events(effects)}
        assert len(kinds) <= 1, "5.1: two kinds of outcome"
        if gone or sequence in self.told:
            assert effects == [], "2.4 row 1: a stale result"
        else:
            kind = kinds.pop() if kinds else None
            assert kind in (AdFilled, AdNoFill, AdError, None)
            assert kind or self.begun[sequence].track_only or isinstance(outcome, Nothing), "5.1: no outcome"
            self.told[sequence] = kind
        self.perform(effects)

    @rule(track_only=st.booleans(), begin_at_once=st.booleans())
    def user_speaks(self, track_only, begin_at_once):
        self.spoken += 1
        self.perform(self.state.add_message(message(f"u{self.spoken}"), track_only=track_only))
        if begin_at_once:
            self.debounce_ends(0)

    @rule()
    def assistant_speaks(self):
        self.spoken += 1
        self.perform(self.state.add_message(message(f"a{self.spoken}")))

    @rule()
    def a_message_is_posted_again(self):
        if self.state.messages:
            known = self.state.messages[0]
            assert self.state.add_message(known) == []

    @rule(number=NUMBERS)
    def debounce_ends(self, number):
        if not self.started:
            return
        sequence = self.started[-1 - number % len(self.started)]
        allowed = sequence not in self.cancelled and sequence not in self.begun and not self.state.disabled
        start = self.state.begin_preload(sequence)
        assert (start is not None) == (allowed and not self.ended)
        if start is not None:
            assert start.messages[-1].role == "user"
            assert 1 <= len(start.messages) <= 30
            self.begun[sequence] = start

    @rule(number=NUMBERS, outcome=OUTCOMES)
    def answer_comes(self, number, outcome):
        self.settle(number, outcome)

    @rule(outcome=OUTCOMES)
    def newest_answer_comes(self, outcome):
        self.settle(0, outcome)

    @precondition(lambda self: self.spoken >= LONG)
    @rule(outcome=FATAL)
    def server_disables(self, outcome):
        self.settle(0, outcome)

    @rule(answer=st.sampled_from([InitApplied(), InitIgnored("timeout"), InitApplied(preload_timeout_ms=1)]))
    def init_ends(self, answer):
        self.state.begin_init()
        self.perform(self.state.apply_init(answer))

    @rule(number=NUMBERS, create=st.booleans())
    def page_shows_or_drops_an_ad(self, number, create):
        if self.assigned:
            message_id = self.assigned[-1 - number % len(self.assigned)][1]
            change = self.state.create_ad if create else self.state.remove_ad
            effects = change(message_id, "inlineAd")
            assert not (create and every(SlotReleased, effects))
            self.perform(effects)

    @rule()
    def process_restarts(self):
        restored = SessionState.from_dict(json.loads(json.dumps(self.state.to_dict())))
        assert restored == self.state
        self.state = restored

    @precondition(lambda self: self.spoken >= LONG and self.state.init == "due")
    @rule()
    def init_disables(self):
        self.state.begin_init()
        self.perform(self.state.apply_init(InitApplied(enabled=False)))

    @precondition(lambda self: self.spoken >= LONG)
    @rule()
    def conversation_ends(self):
        self.perform(self.state.destroy())

    @invariant()
    def at_most_thirty_messages(self):
        assert len(self.state.messages) <= 30

    @invariant()
    def links_are_those_that_were_assigned(self):
        current = [(link.sequence, message_id) for message_id, link in self.state.links.items()]
        assert set(current) <= set(self.assigned)

    @invariant()
    def one_preload_at_a_time(self):
        running = set(self.begun) - self.cancelled - set(self.told)
        assert len(running) <= 1


TestSessionUnderEveryOrder = SessionMachine.TestCase
TestSessionUnderEveryOrder.settings = settings(max_examples=80, stateful_step_count=60, deadline=None)
