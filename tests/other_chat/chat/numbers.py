"""What the ads did since the start of this process."""

from __future__ import annotations

from collections import Counter

from kontext_integration import AdError, AdEvent, AdFilled, AdNoFill, find_session

counts: Counter[str] = Counter()


async def note(event: AdEvent, conversation_id: str, user_id: str) -> None:
    counts[event.name] += 1
    match event:
        case AdFilled(code=code):
            counts[f"filled {code}"] += 1
        case AdNoFill(skip_code=reason) | AdError(err_code=reason):
            counts[f"because {reason}"] += 1


async def forget(conversation_id: str) -> None:
    """The conversation was deleted."""
    session = await find_session(conversation_id=conversation_id)
    await session.destroy()
