from __future__ import annotations

import asyncio


async def model(question):
    """Thinks for a moment and repeats."""
    await asyncio.sleep(0.2)
    return f"You said: {question.text}"
