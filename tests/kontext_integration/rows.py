"""What stands in the database, oldest first."""

from __future__ import annotations

from kontext_integration.models import AdEvent, AdSlot


async def slots() -> list[AdSlot]:
    return [slot async for slot in AdSlot.objects.order_by("id")]


async def event_names() -> list[str]:
    return [event.name async for event in AdEvent.objects.order_by("id")]
