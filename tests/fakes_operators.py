"""Operators and their sessions in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from recovery_core.people.operators import Console, ConsoleSession, Operator
from tests.fakes_people_data import PeopleData


class Operators:
    """The OperatorStore."""

    def __init__(self, data: PeopleData) -> None:
        """Work on *data*."""
        self._data = data

    async def by_name(self, console: Console, name: str) -> Operator | None:
        """Return the operator with that name."""
        own = (o for o in self._data.operators.values() if o.console is console)
        return next((o for o in own if o.name == name), None)

    async def by_id(self, operator_id: str) -> Operator | None:
        """Return the operator."""
        return self._data.operators.get(operator_id)

    async def put(self, operator: Operator) -> None:
        """Store the operator."""
        self._data.operators[operator.id] = operator

    async def agents(self) -> Sequence[Operator]:
        """Return the agents."""
        return [o for o in self._data.operators.values() if o.console is Console.DESK]

    async def present(self, since: datetime) -> int:
        """Count the agents seen since then."""
        agents = {o.id for o in await self.agents() if not o.disabled}
        fresh = (s for s in self._data.sessions.values() if s.last_seen_at >= since and s.second_factor_at)
        return len(agents & {s.operator_id for s in fresh})

    async def accept_step(self, operator_id: str, step: int) -> bool:
        """Use a step once."""
        if step <= self._data.steps.get(operator_id, 0):
            return False
        self._data.steps[operator_id] = step
        return True

    async def add_session(self, session: ConsoleSession) -> None:
        """Store the session."""
        self._data.sessions[session.token_hash] = session

    async def session(self, token_hash: str) -> ConsoleSession | None:
        """Return the session."""
        return self._data.sessions.get(token_hash)

    async def touch(self, token_hash: str, at: datetime, second_factor_at: datetime | None) -> None:
        """Remember the use."""
        old = self._data.sessions[token_hash]
        self._data.sessions[token_hash] = replace(old, last_seen_at=at, second_factor_at=second_factor_at)

    async def end_session(self, token_hash: str) -> None:
        """End the session."""
        self._data.sessions.pop(token_hash, None)

    async def end_sessions_of(self, operator_id: str) -> int:
        """End all of the operator."""
        own = [k for k, s in self._data.sessions.items() if s.operator_id == operator_id]
        for key in own:
            del self._data.sessions[key]
        return len(own)
