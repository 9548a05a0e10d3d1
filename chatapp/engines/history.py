"""What of a conversation the model is sent: the newest turns that fit the budget. Pure.

A token is estimated, not counted: no tokenizer fits every model, and the budget only has to keep clear of the model's
limit. Four characters make a token, except that each Chinese, Japanese or Korean character makes one by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from chatapp.engines import Turn

_TOKENS_PER_TURN: Final = 4  # the role and the marks around a message
_CJK: Final = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)


def estimate_tokens(text: str) -> int:
    """About how many tokens `text` is, rounded up."""
    cjk = 0 if text.isascii() else len(_CJK.findall(text))
    return cjk + (len(text) - cjk + 3) // 4


def fit(turns: Sequence[Turn], *, system_prompt: str, budget_tokens: int) -> list[Turn]:
    """The system prompt, when there is one, and the newest run of `turns` that fits `budget_tokens` together with it.

    The last user turn and what follows it are kept whole even when they alone exceed the budget. An assistant turn
    never comes first, and empty turns (replies that failed before their first word) are left out.
    """
    spoken = [turn for turn in turns if turn.content.strip()]
    start = next((i for i in reversed(range(len(spoken))) if spoken[i].role == "user"), len(spoken))
    left = budget_tokens - sum(_cost(turn.content) for turn in spoken[start:])
    if system_prompt:
        left -= _cost(system_prompt)
    for i in reversed(range(start)):
        left -= _cost(spoken[i].content)
        if left < 0:
            break
        if spoken[i].role == "user":
            start = i
    system = [Turn("system", system_prompt)] if system_prompt else []
    return system + spoken[start:]


def _cost(content: str) -> int:
    return estimate_tokens(content) + _TOKENS_PER_TURN
