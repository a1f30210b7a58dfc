"""A new house for every test."""

from __future__ import annotations

import pytest

from tests.unit.cases.house import House


@pytest.fixture
def house() -> House:
    """Return a house with the default numbers."""
    return House()
