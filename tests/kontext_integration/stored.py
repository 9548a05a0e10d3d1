"""Events and slots of a session as rows of the database, and as the reference says that they should be."""

from __future__ import annotations

from kontext_integration.models import AdEvent, AdSlot


async def stored_events(session):
    rows = AdEvent.objects.filter(session=session).order_by("id")
    return [(row.name, row.bid_id and str(row.bid_id), row.payload) async for row in rows]


async def stored_slots(session):
    rows = AdSlot.objects.filter(session=session)
    return {
        (row.message_id, row.code): [str(row.bid_id), [each["id"] for each in row.snapshot], row.released_at is None]
        async for row in rows
    }


class Expected:
    def __init__(self):
        self.events, self.slots, self.reports = [], {}, 0

    def hear(self, reference):
        for what, *rest in reference.told:
            match what, rest:
                case "ad.filled", [bid_id, code, revenue]:
                    self.events.append((what, bid_id, {"code": code, "revenue": revenue}))
                case "ad.no-fill", [skip_code]:
                    self.events.append((what, None, {"skip_code": skip_code}))
                case "ad.error", [_, err_code]:
                    self.events.append((what, None, {"err_code": err_code}))
                case "slot", [message_id, preload]:
                    for bid in reversed(preload.bids):
                        snapshot = [each for each, _ in preload.snapshot]
                        self.slots[message_id, bid["code"]] = [bid["bidId"], snapshot, True]
                case "released", [message_id]:
                    for place in self.slots:
                        self.slots[place][2] &= place[0] != message_id
                case "report", _:
                    self.reports += 1
        reference.told.clear()

    def forget_words(self):
        for slot in self.slots.values():
            slot[1] = []
