"""Whom a messenger's directory may name: people of the domains that are set, or of the only one there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from portal.channels.owner import Owners
from portal.channels.port import Person
from recovery_core.conversations.messengers import Binding
from tests.integration.channels.plain import PlainChannel
from tests.unit.cases.company import ALICE
from tests.unit.cases.house import HERE, House

TARGET = {"tenant": "corp", "account": "u-1", "room": "r"}


async def owner(house: House, domains: Mapping[str, frozenset[str]]) -> str | None:
    """Return the owner of an account that the directory calls alice@example.com."""
    channel = PlainChannel(people={"u-1": Person(mail=ALICE.address)})
    binding = Binding(HERE, "plain", "corp", "key", TARGET, house.clock.now())
    house.data.bindings[HERE] = binding
    return (await Owners(house.parts, {"plain": channel}, (), domains).known(binding)).owner_id


@pytest.mark.parametrize(
    ("domains", "known"),
    [
        ({}, True),
        ({"slack": frozenset({"group.example"})}, True),
        ({"plain": frozenset({"example.com", "group.example"})}, True),
        ({"plain": frozenset({"group.example"})}, False),
        ({"plain": frozenset({"sub.example.com", "com"})}, False),
    ],
)
async def test_where_there_is_one_domain_it_need_not_be_set(
    domains: Mapping[str, frozenset[str]], *, known: bool
) -> None:
    """One company alone is meant; what is set for this messenger counts all the same, and exactly."""
    house = House()
    assert await owner(house, domains) == (ALICE.account().id if known else None)


async def test_where_there_are_several_it_must_be_set() -> None:
    """Without the setting nobody is named, with it the people of that domain."""
    house = House()
    house.data.domains["group.example"] = replace(house.data.domains["example.com"], name="group.example")
    assert await owner(house, {}) is None
    assert await owner(house, {"plain": frozenset({"example.com"})}) == ALICE.account().id
