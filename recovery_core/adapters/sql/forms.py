"""Secure forms, and keyed hashes of secrets that were typed into the chat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, literal, or_, select, update

from recovery_core.adapters.sql.tables.cases import CASES, FORMS
from recovery_core.adapters.sql.tables.conversations import TYPED_SECRETS
from recovery_core.adapters.sql.transaction import FEW, Transaction
from recovery_core.cases.form import Form
from recovery_core.messages import FormPurpose

_F, _S = FORMS.c, TYPED_SECRETS.c

_ADD = insert(FORMS)
_GET = select(FORMS).where(_F.id == bindparam("form"))
_OPEN = update(FORMS).where(_F.finished_at.is_(None)).values(finished_at=bindparam("moment"))
_FINISH = _OPEN.where(_F.id == bindparam("form"))
_END = _OPEN.where(_F.case_id == bindparam("case"))
_OF_TALK = select(CASES.c.id).where(CASES.c.conversation_id == bindparam("talk"))
_END_TALK = _OPEN.where(_F.case_id.in_(_OF_TALK))
_HAS = select(_S.at).where(_S.conversation_id == bindparam("talk"), _S.secret_hash == bindparam("typed"))
_FORGET = delete(TYPED_SECRETS).where(_S.conversation_id == bindparam("talk")).execution_options(**FEW)


class SqlForms:
    """Each change of a form is one statement that only one caller can win."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def add(self, form: Form) -> None:
        """Store a new form."""
        values = {
            "id": form.id,
            "case_id": form.case_id,
            "conversation_id": form.conversation_id,
            "purpose": form.purpose,
            "issued_at": form.issued_at,
            "expires_at": form.expires_at,
            "finished_at": form.finished_at,
            "claim_hash": form.claim_hash,
        }
        await self._transaction.run(_ADD, values)

    async def get(self, form_id: str) -> Form | None:
        """Return the form with that id."""
        row = await self._transaction.first(_GET, {"form": form_id})
        return None if row is None else _form(row)

    async def finish(self, form_id: str, at: datetime) -> bool:
        """Mark the form finished; tell whether this call did it (exactly one can)."""
        return await self._transaction.changed(_FINISH, {"form": form_id, "moment": at}) == 1

    async def claim(self, form_id: str, claim_hash: str) -> bool:
        """Bind the form to a browser; tell whether it is (now or already) bound to that one."""
        free = or_(_F.claim_hash.is_(None), _F.claim_hash == claim_hash)
        statement = update(FORMS).where(_F.id == form_id, free).values(claim_hash=claim_hash)
        return await self._transaction.changed(statement) == 1

    async def end_of_case(self, case_id: str, at: datetime) -> int:
        """Finish every open form of the case; return how many there were."""
        return await self._transaction.changed(_END, {"case": case_id, "moment": at})

    async def end_of_conversation(self, conversation_id: str, at: datetime) -> int:
        """Finish every open form of the conversation's cases; return how many there were."""
        return await self._transaction.changed(_END_TALK, {"talk": conversation_id, "moment": at})


class SqlTypedSecrets:
    """Keyed hashes of what looked like a password in the chat."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def add(self, conversation_id: str, secret_hash: str, at: datetime) -> None:
        """Remember the hash for the conversation; the same one twice is kept once."""
        statement = self._transaction.insert(TYPED_SECRETS).values(
            conversation_id=conversation_id, secret_hash=secret_hash, at=at
        )
        await self._transaction.run(statement.on_conflict_do_nothing())

    async def has(self, conversation_id: str, secret_hash: str) -> bool:
        """Tell whether the hash was remembered for the conversation."""
        found = await self._transaction.value(_HAS, {"talk": conversation_id, "typed": secret_hash})
        return found is not None

    async def carry(self, old: str, new: str) -> None:
        """Remember the hashes of the conversation *old* for *new* as well (its case moves there)."""
        theirs = select(literal(new), _S.secret_hash, _S.at).where(_S.conversation_id == old)
        statement = self._transaction.insert(TYPED_SECRETS).from_select(
            ["conversation_id", "secret_hash", "at"], theirs
        )
        await self._transaction.run(statement.on_conflict_do_nothing())

    async def forget(self, conversation_id: str) -> None:
        """Drop all hashes of the conversation (its case has ended)."""
        await self._transaction.run(_FORGET, {"talk": conversation_id})


def _form(row: Row[Any]) -> Form:
    return Form(
        id=row.id,
        case_id=row.case_id,
        conversation_id=row.conversation_id,
        purpose=FormPurpose(row.purpose),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        finished_at=row.finished_at,
        claim_hash=row.claim_hash,
    )
