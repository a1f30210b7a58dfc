"""The counts behind the overview of the desk."""

from __future__ import annotations

from datetime import timedelta

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases.flow import State
from recovery_core.conversations.conversation import LineKind
from recovery_core.people.ports import CaseFigures
from recovery_core.proofs.methods import Method
from tests.contract.samples import HOUR, NOW, SECOND, a_case, with_conversation

MINUTE = timedelta(minutes=1)
REAL = {"address": "alice@example.com", "account_id": "id-alice"}


async def test_nothing_gives_zeros(work: SqlWork) -> None:
    """A time without cases has no outcomes, methods or spans."""
    async with work.reading() as unit:
        assert await unit.figures.cases_between(NOW, NOW + HOUR) == CaseFigures({}, {}, [], 0)


async def test_cases_are_counted_by_outcome_and_method(work: SqlWork) -> None:
    """Counted are cases opened in the time, its start included and its end not, with what they proved."""
    done = REAL | {"state": State.COMPLETED}
    cases = [
        a_case("sms", proofs=(Method.SMS,), completed_at=NOW + 3 * MINUTE, **done),
        a_case("both", proofs=(Method.SMS, Method.MAIL), completed_at=NOW + 5 * MINUTE, **done),
        a_case("vouched", created_at=NOW + SECOND, completed_at=NOW + 2 * HOUR, **done),
        a_case("refused", state=State.REFUSED, **REAL),
        a_case("no address yet"),
        a_case("decoy", address="nobody@example.com", state=State.CHALLENGED),
        a_case("before", created_at=NOW - SECOND, **REAL),
        a_case("after", created_at=NOW + HOUR, **REAL),
    ]
    async with work() as unit:
        for case in cases:
            await unit.cases.add(case)
        found = await unit.figures.cases_between(NOW, NOW + HOUR)
    assert found.by_outcome == {"completed": 3, "refused": 1, "opened": 1}
    assert found.by_method == {"sms": 1, "sms,mail": 1, "approval": 1}
    assert sorted(found.to_recovery) == [3 * MINUTE, 5 * MINUTE, 2 * HOUR - SECOND]


async def test_admitted_misunderstandings_are_counted(work: SqlWork) -> None:
    """Replies of the time that say so, and no other line, even if it quotes their name."""
    await with_conversation(work)
    lines = [
        (LineKind.REPLY, {"kind": "text", "id": "utter_fallback"}, NOW),
        (LineKind.REPLY, {"kind": "text", "id": "utter_out_of_scope"}, NOW + SECOND),
        (LineKind.REPLY, {"kind": "text", "id": "utter_greet"}, NOW),
        (LineKind.REPLY, {"kind": "agent", "text": "utter_fallback"}, NOW),
        (LineKind.SAID, {"id": "utter_fallback"}, NOW),
        (LineKind.REPLY, {"kind": "text", "id": "utter_fallback"}, NOW - SECOND),
        (LineKind.REPLY, {"kind": "text", "id": "utter_fallback"}, NOW + HOUR),
    ]
    async with work() as unit:
        for number, (kind, payload, at) in enumerate(lines):
            await unit.conversations.append("talk", kind, f"m{number}", payload, at)
        found = await unit.figures.cases_between(NOW, NOW + HOUR)
    assert found.not_understood == 2


async def test_lines_not_understood_are_read_with_their_counts(work: SqlWork) -> None:
    """The words whose reply of the time admits it, nameless, the most frequent first, up to a limit."""
    await with_conversation(work)
    await with_conversation(work, "other")
    heard = [
        ("talk", "my fax is broken", "utter_fallback", NOW),
        ("other", "my fax is broken", "utter_out_of_scope", NOW + HOUR - SECOND),
        ("talk", "what is love to bob@example.com", "utter_fallback", NOW),
        ("talk", "hello", "utter_greet", NOW),
        ("talk", "too early", "utter_fallback", NOW - SECOND),
        ("talk", "too late", "utter_fallback", NOW + HOUR),
        ("talk", None, "utter_fallback", NOW),
    ]
    async with work() as unit:
        for number, (talk, words, reply, at) in enumerate(heard):
            said = await unit.conversations.append(talk, LineKind.SAID, f"m{number}", {"text": words}, at)
            assert said is not None
            await unit.conversations.answer(said, [{"kind": "text", "id": reply}], at)
        found = await unit.figures.not_understood(NOW, NOW + HOUR, 10)
        first = await unit.figures.not_understood(NOW, NOW + HOUR, 1)
    assert found == [("my fax is broken", 2), ("what is love to ●●●●●●", 1)]
    assert first == found[:1]
