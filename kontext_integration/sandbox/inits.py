"""The answers to `/init` (protocol 2.3): one line for each row of its status table, and for each toggle."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Init:
    name: str
    meaning: str
    body: str = ""
    """Empty: no body at all."""
    status: int = 200
    delay_s: float = 0.0


def _init(name: str, meaning: str, **fields: object) -> Init:
    return Init(name, meaning, json.dumps(fields))


_EVERYTHING = {"enabled": True, "preloadTimeout": 16_000, "reportErrors": True, "reportDebug": True}

INITS: tuple[Init, ...] = (
    # The real server's default for reportDebug is off; here it is on, so that /debug is exercised during development.
    _init("enabled", "Everything on, also the debug reports.", **_EVERYTHING),
    _init("disabled", "No ads in this session (session_disabled_by_init).", enabled=False),
    _init("quiet", "No error and no debug reports.", reportErrors=False, reportDebug=False),
    _init("short", "A preload may take 2 s only.", preloadTimeout=2_000),
    _init("bare", "An empty object: the defaults of the protocol."),
    _init("odd", "Wrong types in every field: they count as absent.",
          enabled="no", preloadTimeout="soon", reportErrors=0, reportDebug=1),
    Init("204", "Status 204: ignored, the defaults count.", status=204),
    Init("empty", "Status 200 with zero bytes: ignored as well."),
    Init("malformed", "Broken JSON: ignored, and reported to /error.", '{"enabled": '),
    Init("403", "Status 403: ignored, not retried. Its body says enabled: false, which nobody may read.",
         '{"enabled": false}', status=403),
    Init("429", "Status 429 on every attempt: retried, then ignored and reported.", "{}", status=429),
    Init("500", "Status 500: ignored, not retried.", "{}", status=500),
    Init("hang", "Never answers: retried after every time-out.", delay_s=math.inf),
)  # fmt: skip

INITS_BY_NAME = {init.name: init for init in INITS}
