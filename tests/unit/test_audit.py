"""The audit trail: each link follows from the one before under a key outside the database (R21)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from recovery_core.audit import GENESIS, AuditEvent, AuditName, broken_at, link
from recovery_core.keyed import KeyedHash
from tests.fakes import FakeClock

KEYED, NOW = KeyedHash(b"key"), FakeClock().now()


def chain(length: int = 3, name: str = "case") -> list[AuditEvent]:
    """Return a chain of so many links."""
    events: list[AuditEvent] = []
    for position in range(length):
        previous = events[-1].mac if events else GENESIS
        at, data = NOW + timedelta(seconds=position), {"method": "sms", "count": position}
        mac = link(KEYED, previous, name, position, AuditName.TRY_WRONG, at, data)
        events.append(AuditEvent(name, position, AuditName.TRY_WRONG, at, data, mac))
    return events


@pytest.mark.parametrize("length", [0, 1, 3])
def test_an_untouched_chain_is_whole(length: int) -> None:
    """R21: a chain as it was written, also an empty one, is whole."""
    assert broken_at(KEYED, chain(length)) is None


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "changed",
    [
        {"chain": "another"},
        {"position": 7},
        {"name": "person:proof:given"},
        {"at": NOW + timedelta(microseconds=1)},
        {"data": {"method": "mail", "count": 0}},
        {"mac": "A" * 43},
    ],
)
def test_every_changed_field_shows(place: int, changed: dict[str, object]) -> None:
    """R21: whichever field of whichever link is changed, the first broken link is named."""
    events = chain()
    events[place] = replace(events[place], **changed)

    assert broken_at(KEYED, events) == place


@pytest.mark.parametrize("place", [0, 1])
def test_a_missing_link_shows(place: int) -> None:
    """R21: a link cut out of the chain shows; a cut tail does not here, but in the global chain."""
    events = chain()
    del events[place]

    assert broken_at(KEYED, events) == place
    assert broken_at(KEYED, chain()[:-1]) is None


def test_swapped_links_show() -> None:
    """R21: the order counts."""
    first, second, third = chain()

    assert broken_at(KEYED, [second, first, third]) == 0


def test_another_key_shows() -> None:
    """R21: who has not the key cannot write a chain."""
    assert broken_at(KeyedHash(b"other"), chain()) == 0


def test_the_order_of_data_does_not_matter() -> None:
    """R21: a store may give the data back in another order."""
    one = link(KEYED, GENESIS, "c", 0, "n", NOW, {"a": 1, "b": "x"})

    assert one == link(KEYED, GENESIS, "c", 0, "n", NOW, {"b": "x", "a": 1})


def test_names_have_three_parts() -> None:
    """R21: every event is named source:subject:action, and no name twice."""
    assert {name.count(":") for name in AuditName} == {2}
    assert all(one != other for one, other in pairwise(sorted(AuditName)))
