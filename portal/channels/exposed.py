"""A chat that others can read from now on: what was said there opens nothing any more."""

from __future__ import annotations

from portal.channels.intake import account_key
from portal.channels.port import Event
from recovery_core.cases.parts import Parts


async def end_links(parts: Parts, conversation_id: str) -> None:
    """End the open forms of the conversation: who came to the chat may have read their links."""
    async with parts.work() as work:
        if await work.forms.end_of_conversation(conversation_id, parts.clock.now()):
            await work.commit()


async def exposed(parts: Parts, platform: str, event: Event) -> bool:
    """End the links of whoever opened a chat; tell whether it is the one that their answers go to.

    An older chat counts too: links that were said there are as good as the newest.
    """
    key = account_key(parts, platform, event.tenant, event.account)
    async with parts.work.reading() as work:
        binding = await work.bindings.of_account(key)
    if binding is None:
        return False
    await end_links(parts, binding.conversation_id)
    return bool(binding.target["room"] == event.room)
