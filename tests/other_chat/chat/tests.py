"""A project with synchronous middleware is tested with Django's own means, in an event loop or without."""

from __future__ import annotations

import asyncio

from django.test import AsyncClient, TransactionTestCase


async def answered_page():
    client = AsyncClient()
    place = (await client.get("/")).url
    await client.post(f"{place}send/", {"text": "Hello"})
    return await client.get(place)


class Sending(TransactionTestCase):
    def test_a_message_is_answered(self):
        place = self.client.get("/").url
        answered = self.client.post(f"{place}send/", {"text": "Hello"}, follow=True)
        self.assertContains(answered, "You said: Hello")

    def test_a_message_is_answered_in_an_event_loop_of_ones_own(self):
        self.assertContains(asyncio.run(answered_page()), "You said: Hello")

    async def test_a_message_is_answered_in_an_asynchronous_test(self):
        self.assertContains(await answered_page(), "You said: Hello")
