"""Which conversation an account of a messenger leads: begun with its first event, the same ever after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation
from recovery_core.conversations.language import Language
from recovery_core.conversations.messengers import Binding, InboxItem


async def conversation_of(
    parts: Parts, item: InboxItem, content: Mapping[str, Any]
) -> tuple[Conversation, Binding, bool]:
    """Return the account's conversation, begun if there is none, and where its replies go from now on."""
    async with parts.work.reading() as work:
        binding = await work.bindings.of_account(item.account_key)
        conversation = await work.conversations.get(binding.conversation_id) if binding else None
    if binding is None or conversation is None:
        return *await _begin(parts, item, content), True
    if dict(binding.target) != dict(content["target"]):
        async with parts.work() as work:
            await work.bindings.retarget(binding.conversation_id, content["target"])
            await work.commit()
    return conversation, binding, False


async def _begin(parts: Parts, item: InboxItem, content: Mapping[str, Any]) -> tuple[Conversation, Binding]:
    now = parts.clock.now()
    conversation = Conversation(
        id=parts.entropy.token(128),
        # Nobody holds the token of this hash: no browser can speak in the conversation.
        token_hash=parts.keyed.of("messenger-conversation", parts.entropy.token(256)),
        channel=item.platform,
        language=language_of(content.get("locale")),
        created_at=now,
        last_seen_at=now,
        client_key=item.account_key,
    )
    binding = Binding(
        conversation_id=conversation.id,
        platform=item.platform,
        tenant=item.tenant,
        account_key=item.account_key,
        target=content["target"],
        created_at=now,
    )
    async with parts.work() as work:
        await work.conversations.add(conversation)
        await work.bindings.add(binding)
        await work.commit()
    return conversation, binding


def language_of(locale: str | None) -> Language:
    """Return the language of a platform's *locale* (``zh-CN``, ``zh_cn`` …), English if unknown."""
    return Language.ZH if (locale or "").lower().startswith("zh") else Language.EN
