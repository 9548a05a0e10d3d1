"""The whole app in two processes over one database, and the reference: they live the same life (see `lives.py`).

The debounce of each preload ends and each request is answered when the life says so.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict

import httpx

from kontext_integration.models import AdSession
from kontext_integration.state import DEBOUNCE_MS, SessionState
from tests.waiting import until

from .answers import ENDINGS, FATAL, FILLS, sends
from .builders import CODES, message
from .fakes import AdServer, Process, RecordedSleep
from .observed import standing, standing_of
from .reference import ReferenceSession
from .stored import Expected, stored_events, stored_slots
from .twins import nth

SKIPPED = {"burst", "scroll", "typing", "init", "init_fatal"}
"""Steps that the shell has nothing to add to."""


class GatedSleep(RecordedSleep):
    """Each debounce has a gate of its own; a backoff takes no time."""

    def __init__(self):
        super().__init__()
        self.gates = []

    async def __call__(self, seconds):
        if seconds == DEBOUNCE_MS / 1000:
            self.gates.append(asyncio.Event())
            await self.gates[-1].wait()


class Shells:
    def __init__(self, conversation_id):
        self.conversation_id = conversation_id
        self.reference = ReferenceSession(CODES)
        self.expected = Expected()
        self.server = AdServer()
        self.server.otherwise = self.wait_for_answer
        self.processes = [self.new_process(), self.new_process()]
        self.process = 0
        self.bid_ids = (f"{number:08x}-0000-4000-8000-000000000000" for number in range(10**6))
        self.spoken = []
        self.preloads = []
        self.gates = {}
        self.unanswered = {}
        self.answers = defaultdict(lambda: asyncio.get_running_loop().create_future())

    async def live(self, life):
        self.handles = [await process.get(self.conversation_id) for process in self.processes]
        self.reference.init_answered(204, None)
        for step in life:
            if step.what not in SKIPPED:
                self.process = step.process
                await getattr(self, step.what)(step.back, step.choice)
                self.expected.hear(self.reference)
                await until(self.agrees)
        await self.end()

    async def end(self):
        """Whatever still waits is let go: nothing may come of it that the reference does not know."""
        while self.gates:
            await self.debounce(0, 0)
        while self.unanswered:
            await self.answer(0, sends(204))
        self.expected.hear(self.reference)
        for process in self.processes:
            await process.idle()
        assert await self.agrees()
        assert len(self.server.to("/error")) == self.expected.reports
        assert len(self.server.to("/preload")) >= len([preload for preload in self.preloads if preload.sent])

    async def agrees(self):
        row = await AdSession.objects.aget(conversation_id=self.conversation_id)
        numbers = {preload: number for number, preload in enumerate(self.preloads, start=1)}
        if standing(SessionState.from_dict(row.state)) != standing_of(self.reference, numbers):
            return False
        return await stored_events(row) == self.expected.events and await stored_slots(row) == self.expected.slots

    # Steps

    async def user(self, back, choice):
        await self.speak("u", track_only=choice % 5 == 0)

    async def assistant(self, back, choice):
        await self.speak("a")

    async def again(self, back, choice):
        if self.spoken:
            await self.add(nth(self.spoken, back), track_only=False)

    async def debounce(self, back, choice):
        if not self.gates:
            return
        preload = nth(list(self.gates), back)
        process, gate = self.gates.pop(preload)
        gate.set()
        expected = self.reference.debounce_ended(preload)
        if expected:
            seen = await until(lambda: self.seen(preload))
            assert described(seen) == (*expected[:3], expected[3].get("variant_id"))
            self.unanswered[preload] = process

    async def fill(self, back, choice):
        await self.answer(back, FILLS[choice % len(FILLS)])

    async def ending(self, back, choice):
        await self.answer(back, ENDINGS[choice % len(ENDINGS)])

    async def fatal(self, back, choice):
        await self.answer(back, FATAL[choice % len(FATAL)])

    async def options(self, back, choice):
        changes = {"variant_id": f"variant {len(self.spoken)} {choice}"}
        await self.handles[self.process].update_options(**changes)
        self.reference.update_options(changes)

    async def create(self, back, choice):
        await self.ad("create_ad", back, choice)

    async def remove(self, back, choice):
        await self.ad("remove_ad", back, choice)

    async def destroy(self, back, choice):
        await self.handles[self.process].destroy()
        self.reference.destroy()
        self.expected.forget_words()

    async def restart(self, back, choice):
        """The process dies with all that it has running."""
        dead = self.processes[self.process]
        await dead.die()
        self.gates = {preload: gate for preload, gate in self.gates.items() if gate[0] is not dead}
        self.unanswered = {preload: process for preload, process in self.unanswered.items() if process is not dead}
        self.processes[self.process] = self.new_process()
        self.handles[self.process] = await self.find()

    # What steps are made of

    async def speak(self, kind, track_only=False):
        self.spoken.append(f"{kind}{len(self.spoken)}")
        await self.add(self.spoken[-1], track_only)

    async def add(self, message_id, track_only):
        process, new = self.processes[self.process], message(message_id)
        opened = len(process.sleep.gates)
        await self.handles[self.process].add_message(new, track_only=track_only)
        self.reference.add_message((new.id, new.role), track_only)
        for what, *_, preload in self.reference.told:
            if what == "wait":
                self.preloads.append(preload)
                await until(lambda: len(process.sleep.gates) > opened)
                self.gates[preload] = (process, process.sleep.gates[-1])

    async def answer(self, back, script):
        if self.unanswered:
            preload = nth(list(self.unanswered), back)
            del self.unanswered[preload]
            answer = script(self.bid_ids)
            self.answers[last_id(preload)].set_result(answer)
            self.reference.preload_answered(preload, answer.status, answer.document)

    async def ad(self, what, back, choice):
        replies = [each for each in self.spoken if each.startswith("a")]
        if replies:
            place = nth(replies, back + choice % 2), CODES[choice % 3 == 0]
            await getattr(await self.find(), what)(*place)
            getattr(self.reference, what)(*place)

    async def find(self):
        return await self.processes[self.process].sessions.find(self.conversation_id)

    # The ad server

    async def wait_for_answer(self, request):
        message_id = json.loads(request.content)["messages"][-1]["id"]
        answer = await asyncio.shield(self.answers[message_id])
        if answer.status is None:
            raise httpx.ConnectError("refused")
        return httpx.Response(answer.status, content=answer.body)

    def seen(self, preload):
        requests = self.server.to("/preload")
        return next((each for each in requests if each.body["messages"][-1]["id"] == last_id(preload)), None)

    def new_process(self):
        return Process(self.server, sleep=GatedSleep())


def last_id(preload):
    return preload.snapshot[-1][0]


def described(seen):
    """What one `/preload` was made of."""
    messages = [(each["id"], each["role"]) for each in seen.body["messages"]]
    track_only = seen.headers["kontextso-is-disabled"] == "1"
    return messages, track_only, seen.body.get("sessionId"), seen.body.get("variantId")
