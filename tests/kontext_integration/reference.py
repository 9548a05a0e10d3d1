"""Protocol 4 said a second time, as plainly as it can be: one process, an object for each preload, nothing stored.

It shares no code with the app. `lives.py` lets it and the real session live the same life and compares them.
What happened in a step is in `told`, in order; a message is `(id, role)`, a bid is its wire record.
"""

from __future__ import annotations

MALFORMED = object()
"""Stands for a body that cannot be read."""


class Preload:
    def __init__(self, snapshot, track_only):
        self.snapshot = snapshot
        self.track_only = track_only
        self.sent = self.answered = self.cancelled = False
        self.reports = True
        self.bids = []


class ReferenceSession:
    def __init__(self, codes):
        self.codes = codes
        self.messages, self.links, self.ads = [], {}, []
        self.waiting = self.current = None
        self.disabled = self.destroyed = False
        self.session_id, self.options = None, {}
        self.timeout_ms, self.report_errors, self.report_debug = 16_000, True, False
        self.initialised = False
        self.told = []

    # 2.3

    def init_answered(self, status, document):
        if self.destroyed or self.initialised:
            return
        self.initialised = True
        if status in (None, 429) or (200 <= status < 300 and document is MALFORMED):
            self.told.append(("report", "Init.fetch"))
        elif not 200 <= status < 300 or document is None:
            return
        elif document.get("enabled") is False:
            self.disabled = True
            self.error("Session is disabled", "session_disabled_by_init")
        else:
            self.timeout_ms = document.get("preloadTimeout", self.timeout_ms)
            self.report_errors = document.get("reportErrors") is not False
            self.report_debug = document.get("reportDebug") is True

    # 4.1

    def update_options(self, given):
        if not self.destroyed:
            self.options = {**self.options, **given}

    def send_user_event(self, name):
        if not self.destroyed:
            self.told.append(("user event", name))

    # 4.3

    def add_message(self, message, track_only):
        if self.destroyed or message[0] in [known for known, _ in self.messages]:
            return
        self.messages.append(message)
        if len(self.messages) > 30:
            self.remove_preload(self.messages.pop(0)[0])
        self.pair()
        if message[1] == "user":
            self.cancel_running()
            if not self.disabled:
                self.waiting = Preload(list(self.messages), track_only)
                self.told.append(("wait", self.waiting))

    def debounce_ended(self, preload):
        """What is sent, or None."""
        if preload is not self.waiting or preload.cancelled or self.disabled or self.destroyed:
            return None
        self.current, self.waiting = preload, None
        preload.sent, preload.reports = True, self.report_errors
        return preload.snapshot, preload.track_only, self.session_id, self.options, self.timeout_ms

    def cancel_running(self):
        for preload in (self.waiting, self.current):
            if preload and not preload.answered and not preload.cancelled:
                preload.cancelled = True
                self.told.append(("cancel", preload))
        self.waiting = None

    # 2.4

    def preload_answered(self, preload, status, document):
        if not preload.sent or preload.answered or preload.cancelled or self.destroyed:
            return
        preload.answered = True
        if status in (None, 429):
            self.request_failed(preload)
        elif status == 204:
            self.no_fill("unfilled_bid")
        elif not 200 <= status < 300:
            self.error("Ad generation skipped", "unknown")
        elif document is None and preload.track_only:
            self.current = None
        elif document is None or document is MALFORMED:
            self.request_failed(preload)
        else:
            self.decide(preload, document)

    def decide(self, preload, document):
        err_code, session_id = document.get("errCode"), document.get("sessionId")
        self.session_id = session_id or self.session_id
        bids = [bid for bid in document.get("bids") or [] if bid["code"] in self.codes]
        if (err_code is not None or session_id is None) and document.get("permanent"):
            self.disabled = True
            self.error("Session is disabled", "session_disabled" if err_code is None else err_code)
        elif err_code is not None or session_id is None:
            self.error("Ad generation skipped", "unknown" if err_code is None else err_code)
        elif document.get("skip"):
            self.no_fill(document.get("skipCode", "unknown"))
        elif not bids:
            self.no_fill("unfilled_bid")
        elif preload.track_only:
            self.current = None
        else:
            self.told += [("ad.filled", bid["bidId"], bid["code"], bid.get("revenue")) for bid in bids]
            preload.bids = bids
            self.pair()

    def request_failed(self, preload):
        self.error("Error preloading ads: ", "request_failed")
        if preload.reports:
            self.told.append(("report", "Preload.request"))

    def error(self, message, err_code):
        self.told.append(("ad.error", message, err_code))

    def no_fill(self, skip_code):
        self.told.append(("ad.no-fill", skip_code))

    # 4.5

    def pair(self):
        if self.current is None or not self.current.bids:
            return
        if not self.messages or self.messages[-1][1] != "assistant":
            return
        newest = self.messages[-1][0]
        if newest in self.links or self.current in self.links.values():
            return
        self.links[newest] = self.current
        self.told.append(("slot", newest, self.current))

    # 4.6

    def create_ad(self, message_id, code):
        if self.destroyed or (message_id, code) in self.ads:
            return
        self.ads.append((message_id, code))
        # Our own rule: the ads of thirty messages, and those of the newest messages are not the ones to go.
        with_ads = {known: None for known, _ in self.ads}
        if len(with_ads) > 30:
            gone = next(known for known in with_ads if known not in dict(self.messages))
            self.ads = [ad for ad in self.ads if ad[0] != gone]
            self.remove_preload(gone)

    def remove_ad(self, message_id, code):
        if (message_id, code) in self.ads:
            self.ads.remove((message_id, code))
            self.remove_preload(message_id)

    def remove_preload(self, message_id):
        if message_id in [known for known, _ in self.ads] or message_id not in self.links:
            return
        if self.links.pop(message_id) is self.current:
            self.current = None
        self.told.append(("released", message_id))

    # 4.7

    def destroy(self):
        if self.destroyed:
            return
        self.destroyed = True
        self.cancel_running()
        self.told += [("released", message_id) for message_id in self.links]
        self.messages, self.links, self.ads, self.current = [], {}, [], None
