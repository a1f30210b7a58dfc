"""Answers on their way to whoever waits for them in this process; the store has them all the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from recovery_core.conversations.conversation import Conversation, Line, Said

Answer = tuple[Conversation | None, Sequence[Line]]
"""What was replied to a line, and the conversation; None when it was forgotten meanwhile (R21)."""


@dataclass(slots=True)
class Awaited:
    """What somebody waits for: None until it is there, and for ever when only the store knows it."""

    answer: Answer | None = None
    refused: bool = False
    """Whether the line may be lost with the power, so that it must not be acknowledged."""


class Answers:
    """Hands the replies to a line to those who wait for them; keeps nothing that nobody waits for."""

    def __init__(self) -> None:
        self._awaited: defaultdict[tuple[str, str], list[Awaited]] = defaultdict(list)

    def __len__(self) -> int:
        """Return for how many lines somebody waits."""
        return len(self._awaited)

    @contextmanager
    def awaited(self, conversation_id: str, message_id: str) -> Iterator[Awaited]:
        """Yield what :meth:`give` fills."""
        key, mine = (conversation_id, message_id), Awaited()
        self._awaited[key].append(mine)
        try:
            yield mine
        finally:
            self._awaited[key].remove(mine)
            if not self._awaited[key]:
                del self._awaited[key]

    def refuse(self, said: Said) -> None:
        """Tell all that the line *said* could not be made safe."""
        for each in self._waiting(said):
            each.refused = True

    def give(self, said: Said, replies: Sequence[Line]) -> None:
        """Tell all that was replied to the line *said*."""
        for each in self._waiting(said):
            each.answer = (said.conversation, replies)

    def _waiting(self, said: Said) -> Sequence[Awaited]:
        return self._awaited.get((said.line.conversation_id, said.line.message_id), ())
