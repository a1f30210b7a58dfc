"""The one table of moves, and the drawing of it."""

from __future__ import annotations

import re
from itertools import product

import pytest

from recovery_core.cases.case import Case
from recovery_core.cases.flow import ENDED, MOVES, State, check_move
from recovery_core.errors import MoveNotAllowedError
from recovery_core.proofs.methods import Method
from tests.architecture.source import ROOT
from tests.fakes import FakeClock

ARROW = re.compile(r"^\s*(\w+) --> (\w+)", re.MULTILINE)
NOW = FakeClock().now()


def drawn() -> tuple[set[tuple[str, str]], set[str], set[str]]:
    """Return arrows, first states and last states of the drawing."""
    page = (ROOT / "docs" / "recovery-flow.md").read_text(encoding="utf-8")
    drawing = page.partition("```mermaid")[2].partition("```")[0]
    arrows = set(ARROW.findall(drawing))
    first = set(re.findall(r"^\s*\[\*\] --> (\w+)", drawing, re.MULTILINE))
    last = set(re.findall(r"^\s*(\w+) --> \[\*\]", drawing, re.MULTILINE))
    return arrows, first, last


def test_the_drawing_shows_exactly_the_allowed_moves() -> None:
    """R1: docs/recovery-flow.md draws every allowed move and no other."""
    arrows, first, last = drawn()

    assert arrows == {(a.value, b.value) for a, targets in MOVES.items() for b in targets}
    assert first == {State.OPENED.value}
    assert last == {state.value for state in ENDED}


@pytest.mark.parametrize(("current", "to"), list(product(State, State)))
def test_only_moves_of_the_table_are_made(current: State, to: State) -> None:
    """R1: a case makes a move of the table, and any other one is refused."""
    case = Case("id", "RC-AAAA-BBBB", "here", current, NOW, NOW)

    if to in MOVES[current]:
        check_move(current, to)
        assert case.move(to, NOW).state is to
        return
    with pytest.raises(MoveNotAllowedError):
        case.move(to, NOW)


def test_an_ended_case_moves_only_to_revoked() -> None:
    """R1: of all ends only a completed case can still change, by being revoked."""
    assert {(state, to) for state in ENDED for to in MOVES[state]} == {(State.COMPLETED, State.REVOKED)}


def test_only_a_proven_case_is_completed() -> None:
    """R1: no state but proven (or completing, which follows it) leads to completed."""
    assert {state for state, to in MOVES.items() if State.COMPLETED in to} == {State.PROVEN, State.COMPLETING}
    assert {state for state, to in MOVES.items() if State.COMPLETING in to} == {State.PROVEN}
    assert {state for state, to in MOVES.items() if State.PROVEN in to} == {
        State.CHALLENGED,
        State.COMPLETING,
    }


def test_a_case_says_what_was_proven_last() -> None:
    """A case without proofs has no method, else it is the last one."""
    case = Case("id", "RC-AAAA-BBBB", "here", State.OPENED, NOW, NOW)

    assert case.method is None
    proven = Case("id", "r", "here", State.PROVEN, NOW, NOW, proofs=(Method.SMS, Method.MAIL))
    assert proven.method is Method.MAIL
