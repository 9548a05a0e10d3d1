"""What a session promises whatever happens (protocol 4.5, 5.1), watched from its effects alone."""

from __future__ import annotations

from kontext_integration.state import CancelPreload, Emit, SlotAssigned

from .builders import every


class Promises:
    def __init__(self):
        self.snapshots = {}
        self.requests = {}
        self.cancelled = set()
        self.answered_once = set()
        self.linked_bids = set()
        self.linked_messages = set()

    def frozen(self, sequence, message_ids):
        """This is the conversation at the moment when the user's message is added."""
        self.snapshots[sequence] = message_ids

    def sent(self, request):
        assert request.messages[-1].role == "user", "4.3 step 8: the snapshot ends with the user message"
        assert ids(request.messages) == self.snapshots[request.sequence], "4.3 step 8: the snapshot is frozen"
        assert 1 <= len(request.messages) <= 30
        assert request.sequence not in self.requests, "4.10: sent twice"
        self.requests[request.sequence] = request

    def answered(self, sequence, effects, ended):
        kinds = {effect.event.name for effect in every(Emit, effects)}
        if ended or sequence in self.cancelled | self.answered_once:
            assert effects == [], "2.4 row 1: a stale result"
        else:
            silent = self.requests[sequence].track_only
            assert len(kinds) == 1 or (silent and not kinds), "5.1: exactly one kind of outcome"
            self.answered_once.add(sequence)

    def performed(self, effects, messages):
        self.cancelled |= {effect.sequence for effect in every(CancelPreload, effects)}
        for slot in every(SlotAssigned, effects):
            bids = {bid.bid_id for bid in slot.bids}
            last = messages[-1]
            assert (last.id, last.role) == (slot.message_id, "assistant"), "4.5: not the last message"
            assert not bids & self.linked_bids, "4.5: a bid linked twice"
            assert slot.message_id not in self.linked_messages, "4.5: a message linked twice"
            assert not self.requests[slot.sequence].track_only, "2.4 row 10: an ad in a tracked turn"
            assert ids(slot.snapshot) == self.snapshots[slot.sequence], "6.8: another snapshot"
            self.linked_bids |= bids
            self.linked_messages.add(slot.message_id)


def ids(messages):
    return [each.id for each in messages]
