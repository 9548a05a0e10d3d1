from __future__ import annotations

from kontext_integration import Message, get_session, observe


async def feed(message, request=None):
    # In async code the conversation must be loaded already: select_related("conversation").
    user_id = str(message.conversation.user_id)
    if request is not None:
        await observe(user_id=user_id, request=request)
    session = await get_session(conversation_id=str(message.conversation_id), user_id=user_id)
    await session.add_message(
        Message(id=str(message.pk), role=message.role, content=message.text, created_at=message.created_at)
    )
