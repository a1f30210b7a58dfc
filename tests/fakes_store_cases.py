"""Cases, secure forms and typed secrets in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from recovery_core.cases.case import Case
from recovery_core.cases.flow import State
from recovery_core.cases.form import Form
from recovery_core.errors import ConflictError
from tests.fakes_store_data import Data


class Cases:
    """The CaseStore; nobody needs a lock, since a unit of work never waits inside."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def add(self, case: Case) -> None:
        """Store a new case, the newest of its conversation."""
        if case.id in self._data.cases:
            raise ConflictError
        self._data.cases[case.id] = case
        self._join(case)

    async def save(self, case: Case) -> None:
        """Store the next version, over the version that was read."""
        stored = self._data.cases[case.id]
        if stored.version != case.version:
            raise ConflictError
        self._data.cases[case.id] = replace(case, version=case.version + 1)
        if stored.conversation_id != case.conversation_id:
            self._join(case)

    async def get(self, case_id: str) -> Case | None:
        """Return the case."""
        return self._data.cases.get(case_id)

    async def lock(self, case_id: str) -> Case | None:
        """Return the case."""
        return self._data.cases.get(case_id)

    async def lock_current(self, conversation_id: str) -> Case | None:
        """Return the newest case of the conversation."""
        return await self.current(conversation_id)

    async def current(self, conversation_id: str) -> Case | None:
        """Return the newest case of the conversation."""
        own = [c for c in self._data.cases.values() if c.conversation_id == conversation_id]
        return max(own, key=lambda c: self._data.joined[c.id], default=None)

    async def by_reference(self, reference: str) -> Case | None:
        """Return the case with that reference."""
        return next((c for c in self._data.cases.values() if c.reference == reference), None)

    async def idle_since(self, unproven: datetime, escalated: datetime, limit: int) -> Sequence[str]:
        """Return open cases that nobody touched."""

        def idle(case: Case) -> bool:
            if case.ended or case.state is State.COMPLETING:
                return False
            return case.updated_at < (escalated if case.state is State.ESCALATED else unproven)

        return self._ids(idle)[:limit]

    async def completing(self, before: datetime, limit: int) -> Sequence[str]:
        """Return cases that wait for a remote directory."""
        return self._ids(lambda c: c.state is State.COMPLETING and c.updated_at < before)[:limit]

    async def forget_ended(self, before: datetime, limit: int) -> int:
        """Drop old ended cases with their challenges, forms and vetoes."""
        over = self._ids(lambda c: c.ended and c.updated_at < before)[:limit]
        for id_ in over:
            del self._data.cases[id_]
        for table in (self._data.challenges, self._data.forms, self._data.vetoes):
            for key in [key for key, row in table.items() if row.case_id in over]:
                del table[key]
        return len(over)

    def _ids(self, wanted: Callable[[Case], bool]) -> list[str]:
        return [case.id for case in self._data.cases.values() if wanted(case)]

    def _join(self, case: Case) -> None:
        self._data.joined[case.id] = max(self._data.joined.values(), default=0) + 1


class Forms:
    """The FormStore."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def add(self, form: Form) -> None:
        """Store a new form."""
        self._data.forms[form.id] = form

    async def get(self, form_id: str) -> Form | None:
        """Return the form."""
        return self._data.forms.get(form_id)

    async def finish(self, form_id: str, at: datetime) -> bool:
        """Finish it, once."""
        form = self._data.forms.get(form_id)
        if form is None or form.finished_at is not None:
            return False
        self._data.forms[form_id] = replace(form, finished_at=at)
        return True

    async def claim(self, form_id: str, claim_hash: str) -> bool:
        """Bind it to one browser."""
        form = self._data.forms.get(form_id)
        if form is None or form.claim_hash not in {None, claim_hash}:
            return False
        self._data.forms[form_id] = replace(form, claim_hash=claim_hash)
        return True

    async def end_of_case(self, case_id: str, at: datetime) -> int:
        """Finish every open form of the case."""
        own = [form.id for form in self._data.forms.values() if form.case_id == case_id]
        return sum([await self.finish(form_id, at) for form_id in own])

    async def end_of_conversation(self, conversation_id: str, at: datetime) -> int:
        """Finish every open form of the conversation's cases."""
        cases = [case.id for case in self._data.cases.values() if case.conversation_id == conversation_id]
        return sum([await self.end_of_case(case_id, at) for case_id in cases])


class TypedSecrets:
    """The TypedSecretStore."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def add(self, conversation_id: str, secret_hash: str, at: datetime) -> None:
        """Remember the hash."""
        self._data.typed[conversation_id, secret_hash] = at

    async def has(self, conversation_id: str, secret_hash: str) -> bool:
        """Tell whether it is remembered."""
        return (conversation_id, secret_hash) in self._data.typed

    async def forget(self, conversation_id: str) -> None:
        """Drop those of the conversation."""
        for key in [key for key in self._data.typed if key[0] == conversation_id]:
            del self._data.typed[key]

    async def carry(self, old: str, new: str) -> None:
        """Remember those of *old* for *new* as well."""
        for (conversation_id, secret_hash), at in list(self._data.typed.items()):
            if conversation_id == old:
                self._data.typed[new, secret_hash] = at
