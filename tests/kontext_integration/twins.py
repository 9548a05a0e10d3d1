"""The real session, held by two processes, and the reference: they live the same life and are compared at each step."""

from __future__ import annotations

import json

from kontext_integration.entities import Options
from kontext_integration.events import UserEvent
from kontext_integration.outcomes import InitIgnored
from kontext_integration.state import SessionState, StartPreload
from kontext_integration.wire import decide_preload, decode_init, request_failed

from .answers import ENDINGS, FATAL, FILLS, INIT_FATAL, INITS
from .builders import CODES, INSTALL_ID, configuration, every, message
from .observed import request as described
from .observed import standing, standing_of, told, told_by
from .promises import Promises, ids
from .reference import ReferenceSession

OPTIONS = [{"variant_id": "A"}, {"variant_id": "B", "user_email": "ann@example.com"}, {"vendor_id": "v"}]


def live(life):
    """Raises `AssertionError` at the first step after which the two differ, or a promise is broken."""
    twins = Twins()
    for step in life:
        twins.process = step.process
        getattr(twins, step.what)(step.back, step.choice)


class Twins:
    def __init__(self):
        self.reference = ReferenceSession(CODES)
        self.newest = SessionState(configuration(enabled_placement_codes=CODES), INSTALL_ID)
        self.newest.begin_init()
        self.version = 0
        self.copies = [(0, self.newest), (0, self.reloaded())]
        self.process = 0
        self.bid_ids = (f"{number:08x}-0000-4000-8000-000000000000" for number in range(10**6))
        self.spoken = []
        self.preloads = {}
        self.sent = {}
        self.promises = Promises()

    # Steps

    def user(self, back, choice):
        self.speak("u", track_only=choice % 5 == 0)

    def assistant(self, back, choice):
        self.speak("a")

    def burst(self, back, choice):
        for number in range(choice, choice + choice % 40):
            self.speak("uaa"[number % 3])

    def again(self, back, choice):
        if self.spoken:
            self.add(nth(self.spoken, back), track_only=False)

    def debounce(self, back, choice):
        if self.preloads:
            sequence = nth(list(self.preloads), back)
            request = self.apply(lambda state: state.begin_preload(sequence))
            expected = self.reference.debounce_ended(self.preloads[sequence])
            assert (request and described(request)) == expected
            if request:
                self.sent[sequence] = request
                self.promises.sent(request)
            self.compare([])

    def fill(self, back, choice):
        self.answer(back, FILLS[choice % len(FILLS)])

    def ending(self, back, choice):
        self.answer(back, ENDINGS[choice % len(ENDINGS)])

    def fatal(self, back, choice):
        self.answer(back, FATAL[choice % len(FATAL)])

    def init(self, back, choice):
        self.answer_init(INITS[choice % len(INITS)])

    def init_fatal(self, back, choice):
        self.answer_init(INIT_FATAL)

    def options(self, back, choice):
        given = OPTIONS[choice % len(OPTIONS)]
        effects = self.apply(lambda state: state.update_options(Options(**given)))
        self.reference.update_options(given)
        self.compare(effects)

    def create(self, back, choice):
        self.ad("create_ad", back + choice % 2, CODES[choice % 3 == 0])

    def remove(self, back, choice):
        self.ad("remove_ad", back + choice % 2, CODES[choice % 3 == 0])

    def scroll(self, back, choice):
        """A page that is scrolled up mounts the newest ad first."""
        for nearer in range(choice % 40):
            self.ad("create_ad", nearer, CODES[0])

    def typing(self, back, choice):
        effects = self.apply(lambda state: state.send_user_event(UserEvent("user.typing.started")))
        self.reference.send_user_event("user.typing.started")
        self.compare(effects)

    def restart(self, back, choice):
        self.copies[self.process] = (self.version, self.reloaded())

    def destroy(self, back, choice):
        effects = self.apply(lambda state: state.destroy())
        self.reference.destroy()
        self.compare(effects)

    # What steps are made of

    def speak(self, kind, track_only=False):
        self.spoken.append(f"{kind}{len(self.spoken)}")
        self.add(self.spoken[-1], track_only)

    def add(self, message_id, track_only):
        new = message(message_id)
        effects = self.apply(lambda state: state.add_message(new, track_only=track_only))
        self.reference.add_message((new.id, new.role), track_only)
        waiting = [preload for what, *_, preload in self.reference.told if what == "wait"]
        for start, preload in zip(every(StartPreload, effects), waiting, strict=True):
            self.preloads[start.sequence] = preload
            self.promises.frozen(start.sequence, ids(self.newest.messages))
        self.compare(effects)

    def answer(self, back, script):
        if self.sent:
            sequence = nth(list(self.sent), back)
            answer = script(self.bid_ids)
            outcome = outcome_of(answer, self.sent[sequence].track_only)
            ended = self.newest.destroyed
            effects = self.apply(lambda state: state.apply_preload(sequence, outcome))
            self.reference.preload_answered(self.preloads[sequence], answer.status, answer.document)
            self.promises.answered(sequence, effects, ended)
            self.compare(effects)

    def answer_init(self, script):
        answer = script(self.bid_ids)
        outcome = InitIgnored("timeout") if answer.status is None else decode_init(answer.status, answer.body)
        effects = self.apply(lambda state: state.apply_init(outcome))
        self.reference.init_answered(answer.status, answer.document)
        self.compare(effects)

    def ad(self, what, back, code):
        replies = [each for each in self.spoken if each.startswith("a")]
        if replies:
            place = nth(replies, back), code
            effects = self.apply(lambda state: getattr(state, what)(*place))
            getattr(self.reference, what)(*place)
            self.compare(effects)

    # The store

    def apply(self, transition):
        """As the worker does: on the copy that this process has, and once more on the newest if that was an old one."""
        version, state = self.copies[self.process]
        result = transition(state)
        if version != self.version:
            state = self.reloaded()
            result = transition(state)
        self.version += 1
        self.newest = state
        self.copies[self.process] = (self.version, state)
        return result

    def reloaded(self):
        copy = SessionState.from_dict(json.loads(json.dumps(self.newest.to_dict())))
        assert copy == self.newest, "4.10: not the session that was stored"
        return copy

    def compare(self, effects):
        self.promises.performed(effects, self.newest.messages)
        numbers = {preload: sequence for sequence, preload in self.preloads.items()}
        assert told(effects) == told_by(self.reference, numbers)
        assert standing(self.newest) == standing_of(self.reference, numbers)
        self.reference.told.clear()


def outcome_of(answer, track_only):
    if answer.status is None:
        return request_failed("timeout")
    return decide_preload(answer.status, answer.body, codes=CODES, track_only=track_only)


def nth(things, back):
    """The newest is number 0."""
    return things[-1 - back % len(things)]
