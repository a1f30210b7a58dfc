"""What was said, by id."""

from __future__ import annotations

from recovery_core.messages import SPECS, Message, MessageId


def ids(said: tuple[Message, ...]) -> list[MessageId]:
    """Return the ids of what is said, after checking that each carries exactly its variables."""
    for message in said:
        assert set(message.variables) == set(SPECS[message.id].variables), message.id
    return [message.id for message in said]
