"""What happens outside a sentence and must reach the assistant: typed codes, forms, links, expiries."""

from __future__ import annotations

from enum import StrEnum

from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import LineKind
from recovery_core.work import UnitOfWork


class Event(StrEnum):
    """Intents that only the gateway sends; they have no training examples."""

    CODE_RIGHT = "gateway_code_right"
    CODE_WRONG = "gateway_code_wrong"
    CODE_EXPIRED = "gateway_code_expired"
    CODE_DEAD = "gateway_code_dead"
    CODE_QUESTION = "gateway_code_question"
    CODE_NOT_TRIED = "gateway_code_not_tried"
    NO_CODE_PENDING = "gateway_no_code_pending"
    SECRET_MASKED = "gateway_secret_masked"  # noqa: S105  the name of an event
    ANSWERS_RIGHT = "gateway_answers_right"
    ANSWERS_WRONG = "gateway_answers_wrong"
    LINK_PRESSED = "gateway_link_pressed"
    ACCOUNT_RIGHT = "gateway_account_right"
    PASSWORD_SET = "gateway_password_set"  # noqa: S105
    GRANT_EXPIRED = "gateway_grant_expired"
    CASE_FROZEN = "gateway_case_frozen"
    CASE_MOVED = "gateway_case_moved"
    CASE_EXPIRED = "gateway_case_expired"
    CASE_RESUMED = "gateway_case_resumed"
    REQUEST_APPROVED = "gateway_request_approved"
    REQUEST_REFUSED = "gateway_request_refused"
    ACCOUNT_ENABLED = "gateway_account_enabled"
    REVIEW_POSSIBLE = "gateway_review_possible"
    DOCUMENTS_RECEIVED = "gateway_documents_received"
    REVIEW_APPROVED = "gateway_review_approved"
    REVIEW_EFFECTIVE = "gateway_review_effective"
    TALK_MISSED = "gateway_talk_missed"
    TALK_ENDED = "gateway_talk_ended"


async def announce(work: UnitOfWork, parts: Parts, conversation_id: str, event: Event) -> None:
    """Store *event* as a line of the conversation, with its cause, so that the chat surely learns of it.

    A conversation that was forgotten meanwhile (R21) learns nothing and stops nothing.
    """
    if await work.conversations.get(conversation_id) is None:
        return
    message_id = f"event-{parts.entropy.token(128)}"
    payload = {"event": event.value}
    await work.conversations.append(conversation_id, LineKind.EVENT, message_id, payload, parts.clock.now())
