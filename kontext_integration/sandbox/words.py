"""The words in the last user message that change what the sandbox answers: the one table of them.

The start page, the command line and the documentation show this table. A word counts wherever it stands in the message,
as `#late` does in "Plan a trip #late". Words of different slots combine; of one slot the first counts.
"""

from __future__ import annotations

import math

from .grammar import MAX_DELAY_MS, Changes, Group, Slot, Spoken, Word, speak, takes_code, takes_number, tokens
from .inits import INITS_BY_NAME

SKIP_CODES = (
    "ads_disabled", "ad_skipped", "ivt_blocked", "unfilled_bid", "session_disabled", "frequency_cap", "no_inventory",
    "no_fill", "error", "request_failed", "unknown",
)  # fmt: skip
ERR_CODES = ("generation_failed", "publisher_disabled", "invalid_token", "geo", "geo_disabled", "rate_limited")

_NOBODY_READS = {"error": "Refused", "errCode": "publisher_disabled", "permanent": True}
"""The body of a status that is not 2xx. A client that read it would end its session (protocol 2.4, row 4)."""
_DEPTH = 100_000


def _skip(skip_code: str) -> Changes:
    return {"reply": {"bids": [], "skip": True, "skipCode": skip_code}}


def _error(err_code: str) -> Changes:
    return {"reply": {"errCode": err_code, "error": "Sandbox error"}}


def _disable(err_code: str) -> Changes:
    return {"reply": {"errCode": err_code, "error": "Sandbox error", "permanent": True}, "names_session": False}


def _status(status: int) -> Changes:
    if status in {204, 205, 304}:
        return {"status": status, "raw": b""}
    return {"status": status} if status < 300 else {"status": status, "reply": _NOBODY_READS}


def _delay(milliseconds: int) -> Changes:
    return {"delay_s": milliseconds / 1000}


def _init(name: str) -> Changes | None:
    return {} if name.lower() in INITS_BY_NAME else None


def _modal_error(error_type: str) -> Changes:
    return {"format": "interstitial", "modal": "fails", "modal_error": error_type}


GROUPS: tuple[Group, ...] = (
    Group("format", "Format", (
        Word("#native", "A card with a line of text: what stands without a word of this group.", {"format": "native"}),
        Word("#image", "One picture, which is the link.", {"format": "image"}),
        Word("#video", "A film of six seconds without sound; video.started and video.completed.", {"format": "video"}),
        Word("#banner", "A short, wide strip.", {"format": "banner"}),
        Word("#interstitial", "A card whose button opens a full-screen modal; the view counts there.",
             {"format": "interstitial"}),
    )),
    Group("answer", "Fill", (
        Word("#fill", "Fills, whatever the defaults say. In a track-only turn the bid is dropped.", {}, (10, 11)),
        Word("#paid", "Fills with a bid that states a revenue of 0.05; all other house ads state 0.",
             {"bid": {"revenue": 0.05}}, (11,)),
        Word("#twobids", "Two bids for each placement: both are told, the first one shows.", {"copies": 2}, (11,)),
        Word("#tolerant", "Fills, with wrong types where the protocol is tolerant: they count as absent.",
             {"bid": {"revenue": True, "impressionTrigger": "later", "om": {"creativeType": None}, "creativeType": 7},
              "beside": {"status": 1, "ads": None, "remoteLogLevel": []}}, (11,)),
        Word("#permanentfill", "permanent beside a session id, without an errCode: no effect, it fills.",
             {"beside": {"permanent": True}}, (11,)),
    )),
    Group("answer", "No fill", (
        Word("#nofill", "The auction found nothing (unfilled_bid).", {"reply": {"bids": []}}, (9,)),
        Word("#nobids", "A session id and nothing else (unfilled_bid).", {"reply": {}}, (9,)),
        Word("#foreign", "A bid for a placement code that was not asked for (unfilled_bid).",
             {"code": "sandboxForeign"}, (9,)),
        Word("#204", "Status 204 without a body (unfilled_bid).", _status(204), (3,)),
        Word("#skip", "The turn is skipped, as pacing does (ad_skipped).", _skip("ad_skipped"), (8,)),
        Word("#ivt", "The request looks like invalid traffic (ivt_blocked).", _skip("ivt_blocked"), (8,)),
        Word("#skip:CODE", "Skipped with any skipCode.", rows=(8,), read=takes_code(_skip), examples=SKIP_CODES),
        Word("#bareskip", "Skipped without a skipCode (unknown).", {"reply": {"skip": True}}, (8,)),
        Word("#skipbids", "Skipped although bids are there: they do not count (ad_skipped).",
             {"beside": {"skip": True, "skipCode": "ad_skipped"}}, (8,)),
    )),
    Group("answer", "Error", (
        Word("#error", "An error for this turn only (generation_failed).", _error("generation_failed"), (7,)),
        Word("#err:CODE", "An error for this turn only, with any errCode.",
             rows=(7,), read=takes_code(_error), examples=ERR_CODES),
        Word("#bareerror", "An empty object: an error without a code (unknown).",
             {"reply": {}, "names_session": False}, (7,)),
        Word("#blankerror", "An errCode that is an empty string counts as present.", {"reply": {"errCode": ""}}, (7,)),
        Word("#errbids", "An errCode beside bids: the bids do not count (generation_failed).",
             {"beside": {"errCode": "generation_failed"}}, (7,)),
        Word("#lostskip", "A skip without a session id is an error (unknown).",
             {**_skip("ad_skipped"), "names_session": False}, (7,)),
        Word("#disable", "A permanent error (geo_disabled): no more ads in this session.",
             _disable("geo_disabled"), (6,)),
        Word("#disable:CODE", "A permanent error with any errCode.",
             rows=(6,), read=takes_code(_disable), examples=ERR_CODES),
        Word("#baredisable", "A permanent error without a code (session_disabled).",
             {"reply": {"permanent": True}, "names_session": False}, (6,)),
        Word("#403", "Status 403; not retried, the session goes on: nobody reads that its body says permanent.",
             _status(403), (4,)),
        Word("#429", "Status 429 on every attempt; retried after 1, 2 and 4 s (request_failed).", _status(429), (2,)),
        Word("#500", "Status 500; not retried, the session goes on.", _status(500), (4,)),
        Word("#status:NUMBER", "Any status from 200 to 599; a 2xx with a fill.",
             rows=(4,), read=takes_number(200, 599, _status), examples=("201", "301", "404", "502", "503")),
        Word("#badbid", "One bid whose id is not a UUID, which spoils the whole answer (request_failed).",
             {"reply": {"bids": [{"bidId": "not-a-uuid", "code": "inlineAd"}]}}, (5,)),
        Word("#badsession", "A session id that is not a UUID spoils it too (request_failed).",
             {"reply": {"sessionId": "33333333333343338333333333333333", "bids": []}}, (5,)),
        Word("#badskip", "A skip that is no boolean spoils it too (request_failed).",
             {"reply": {"bids": [], "skip": "yes"}}, (5,)),
    )),
    Group("answer", "Transport", (
        Word("#empty", "Status 200 with zero bytes (request_failed).", {"raw": b""}, (5,)),
        Word("#malformed", "Status 200 with broken JSON (request_failed).", {"raw": b'{"sessionId": "'}, (5,)),
        Word("#html", "Status 200 with the page of some proxy (request_failed).",
             {"raw": b"<!doctype html><title>Please sign in</title>", "content_type": "text/html"}, (5,)),
        Word("#charset", "JSON in Latin-1 instead of UTF-8 (request_failed).",
             {"raw": '{"bids": [], "error": "déjà vu"}'.encode("latin-1"),
              "content_type": "application/json; charset=iso-8859-1"}, (5,)),
        Word("#deep", "JSON nested 100,000 levels deep (request_failed).",
             {"raw": b'{"bids": ' + b"[" * _DEPTH + b"]" * _DEPTH + b"}"}, (5,)),
        Word("#huge", "50 MB, for as long as the client reads (request_failed).", {"carrier": "huge"}, (5,)),
        Word("#cut", "The connection ends in the middle of the body (request_failed).", {"carrier": "cut"}, (2,)),
        Word("#reset", "The connection is reset instead of an answer (request_failed).", {"carrier": "reset"}, (2,)),
        Word("#redirect", "Redirects to itself for ever; an error (unknown).", {"carrier": "redirect"}, (4,)),
        Word("#drip", "Fills, one byte at a time, within 3 s.", {"carrier": "drip"}, (11,)),
        Word("#trickle", "One blank after the other and never a word, until the client gives up (request_failed).",
             {"carrier": "trickle"}, (2,)),
        Word("#hang", "Never answers: the client gives up (request_failed), or the next message overtakes it.",
             {"delay_s": math.inf}, (1, 2)),
    )),
    Group("time", "Time", (
        Word("#late", "Answers after 3 s: later than a short reply.", {"delay_s": 3.0}),
        Word("#delay:MS", f"Answers after so many milliseconds, at most {MAX_DELAY_MS:,}.",
             read=takes_number(0, MAX_DELAY_MS, _delay), examples=("2500",)),
    )),
    Group("frame", "Frame", (
        Word("#noframe", "The frame never says init-iframe: nothing may show.", {"frame": "silent"}),
        Word("#errorframe", "The frame answers the host with error-iframe: the ad goes away.", {"frame": "fails"}),
        Word("#throwframe", "The script of the frame throws before it shows (react_error_boundary).",
             {"frame": "throws"}),
        Word("#hideframe", "Shows, and hides again after 3 s.", {"frame": "hides"}),
        Word("#styleframe", "Asks for styles: a frame and a shadow, which it may have, and a place over the page, "
             "which it may not.", {"frame": "styles"}),
        Word("#resizeframe", "Asks for another height ten times a second, for 30 s.", {"frame": "resizes"}),
        Word("#floodframe", "Sends 2,000 messages a second, for 10 s.", {"frame": "floods"}),
        Word("#forgeframe", "Forges messages first: other codes, wrong types, foreign bids, prototype keys, bad "
             "addresses, other frames; then shows as if nothing had been.", {"frame": "forges"}),
    )),
    Group("modal", "Modal", (
        Word("#modalsilent", "The modal never says init-component-iframe: it may not show.",
             {"format": "interstitial", "modal": "silent"}),
        Word("#modalerror", "The modal answers with error-component-iframe (modal_component_error).", _modal_error("")),
        Word("#modalerror:TYPE", "The same with an errorType, which is the errCode then.",
             read=takes_code(_modal_error), examples=("render_failed",)),
        Word("#modalhang", "The modal shows and never closes by itself: the page needs a way out of its own.",
             {"format": "interstitial", "modal": "hangs"}),
    )),
    Group("init", "The next session", (
        Word("#init:NAME", "How /init of the next new session is answered; this turn is not changed.",
             read=_init, examples=tuple(INITS_BY_NAME)),
    )),
)  # fmt: skip

WORDS: tuple[Word, ...] = tuple(word for group in GROUPS for word in group.words)
_BY_KEY = {word.key: (group.slot, word) for group in GROUPS for word in group.words}


def find_words(message: str) -> dict[Slot, Spoken]:
    """The first word of each slot in a message, its name in any case."""
    found: dict[Slot, Spoken] = {}
    for key, parameter in tokens(message):
        if key in _BY_KEY:
            slot, word = _BY_KEY[key]
            spoken = speak(word, parameter)
            if spoken:
                found.setdefault(slot, spoken)
    return found
