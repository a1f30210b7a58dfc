"""The moves of a ticket, the two-vote rule and the table of rights, by their properties."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_core.errors import MoveNotAllowedError
from recovery_core.people.figures import measure
from recovery_core.people.hours import after_working_days, due_at
from recovery_core.people.rights import RIGHTS, DeskRole, NoRightError, Right, require
from recovery_core.people.tickets import (
    OPEN_STATES,
    TICKET_MOVES,
    Kind,
    Lane,
    Ticket,
    TicketState,
    Vote,
    queue_order,
)
from recovery_core.people.voting import outcome

DRAWING = Path(__file__).parents[3] / "docs" / "tickets.md"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday."""
VOTES = st.lists(
    st.builds(
        Vote,
        ticket_id=st.just("t"),
        reviewer=st.sampled_from("abcd"),
        approve=st.booleans(),
        reason=st.none(),
        at=st.just(NOW),
    ),
    max_size=8,
)


def a_ticket(kind: Kind = Kind.RESET, state: TicketState = TicketState.OPEN, number: int = 1) -> Ticket:
    """Return a ticket."""
    due = due_at(kind, NOW, 3)
    return Ticket(f"t{number}", "T-1", kind, Lane.DESK, "c", "here", "d", state, NOW, NOW, due)


def test_the_drawing_shows_every_move() -> None:
    """R18: docs/tickets.md and the table of moves say the same."""
    rows = re.findall(r"^(\w+) +->(.*)$", DRAWING.read_text(encoding="utf-8"), re.MULTILINE)
    drawn = {TicketState(state): frozenset(map(TicketState, to.split())) for state, to in rows}

    assert drawn == TICKET_MOVES


@given(st.lists(st.sampled_from(TicketState), max_size=12))
def test_no_walk_leaves_an_end(walk: list[TicketState]) -> None:
    """R18: whatever is tried, a ticket moves by the table or not at all, and never out of an end."""
    ticket = a_ticket()
    for to in walk:
        before = ticket
        try:
            ticket = ticket.move(to, NOW)
        except MoveNotAllowedError:
            assert to not in TICKET_MOVES[before.state]
        else:
            assert to in TICKET_MOVES[before.state]
            assert before.is_open or before.state is TicketState.APPROVED


@given(VOTES)
def test_two_different_people_decide(votes: list[Vote]) -> None:
    """R17: approved or refused only if two different reviewers said so; one alone, however often, never."""
    decided = outcome(votes, 2)

    sides = {side: {v.reviewer for v in votes if v.approve is side} for side in (True, False)}
    assert decided is not True or len(sides[True]) >= 2
    assert decided is not False or len(sides[False]) >= 2
    assert decided is not None or max(map(len, sides.values())) < 2


@given(st.lists(st.sampled_from(Kind), max_size=12))
def test_a_queue_is_ordered_by_urgency(kinds: list[Kind]) -> None:
    """R18: urgent first, then what is due first."""
    ordered = sorted((a_ticket(kind, number=n) for n, kind in enumerate(kinds)), key=queue_order)

    assert [t.priority for t in ordered] == sorted(t.priority for t in ordered)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_measured_spans_are_among_those_that_were_measured(seconds: list[int]) -> None:
    """R18: median and p90 are nearest ranks, so each was really waited by somebody."""
    spans = [timedelta(seconds=n) for n in seconds]
    measured = measure(spans)

    assert measured.median in spans
    assert measured.p90 in spans
    assert sum(span <= measured.p90 for span in spans) >= 0.9 * len(spans) - 1e-9
    assert sum(span <= measured.median for span in spans) >= len(spans) / 2


def test_nothing_measured_is_no_number() -> None:
    """R18: no past case, no figure."""
    assert measure([]).median is None


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (NOW, NOW + timedelta(days=3)),
        (NOW + timedelta(days=2), NOW + timedelta(days=7)),
        (NOW + timedelta(days=4), NOW + timedelta(days=9)),
        (NOW + timedelta(days=5), NOW + timedelta(days=9)),
    ],
)
def test_three_working_days_leave_the_weekend_out(start: datetime, end: datetime) -> None:
    """R17: from Monday to Thursday; from Wednesday to Monday; from Friday and from Saturday to Wednesday."""
    assert after_working_days(start, 3) == end


def test_open_states_are_those_somebody_must_decide() -> None:
    """R18: what counts in the queue is exactly what is not decided."""
    assert {state for state in TicketState if a_ticket(state=state).is_open} == OPEN_STATES


def test_the_rights_of_the_desk_are_these() -> None:
    """R15: the whole table; nobody holds a right to a password, a code or a contact."""
    s = {role: {right.value for right in rights} for role, rights in RIGHTS.items()}
    common = {"see_queue", "see_ticket", "see_figures"}

    assert s == {
        DeskRole.AGENT: common | {"see_transcript", "take", "note", "chat", "decide"},
        DeskRole.REVIEWER: common | {"see_transcript", "see_evidence", "take", "note", "vote"},
        DeskRole.AUDITOR: common | {"see_audit"},
    }


def test_a_missing_right_is_refused() -> None:
    """R15: an auditor reads and does nothing else."""
    require(DeskRole.REVIEWER, Right.VOTE)
    with pytest.raises(NoRightError):
        require(DeskRole.AUDITOR, Right.TAKE)
