"""A new house for every test."""

from __future__ import annotations

import pytest

from tests.unit.people.house import PeopleHouse


@pytest.fixture
def house() -> PeopleHouse:
    """Return a house with the default numbers."""
    return PeopleHouse()
