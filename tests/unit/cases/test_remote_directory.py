"""A directory outside the unit of work: its word alone ends *completing*, in doubt it is read again (R1)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from recovery_core.accounts.ports import RemoteDirectory
from recovery_core.cases import opening, remotely
from recovery_core.cases.completing import PasswordRefusedError
from recovery_core.cases.flow import State
from recovery_core.cases.sweeping import Keeping, Sweep
from recovery_core.errors import GoneError, UnavailableError
from recovery_core.notices.delivery import Template
from tests.fakes_directory import FakeRemoteDirectory, Mood, RemoteWork
from tests.unit.cases.company import NEW, OLD
from tests.unit.cases.house import DAY, HERE, MINUTE, TICK, House

ALICE_ID = "id-alice"
CHANGED = "person:password:set"


class RemoteHouse(House):
    """The house, with its passwords in another one."""

    def __init__(self) -> None:
        """Move the passwords out."""
        super().__init__()
        data, self.work = self.data, RemoteWork(self.keyed)
        self.work.data = data
        self.directory = self.work.remote = FakeRemoteDirectory(data.credentials)
        data.credentials.clear()
        self.parts = replace(self.parts, work=self.work)

    async def refused(self, mood: Mood) -> None:
        """Prove, and send a new password to a directory in this mood."""
        await self.proven()
        self.directory.mood = mood
        with pytest.raises(UnavailableError):
            await self.set()

    async def sweep(self) -> None:
        """Let a minute pass, then sweep."""
        self.clock.move(MINUTE + TICK)
        await Sweep(self.parts, Keeping()).run_once()

    @property
    def version(self) -> int:
        """Return how often alice's password was changed."""
        return self.directory.held[ALICE_ID].version


@pytest.fixture
def house() -> RemoteHouse:
    """Return a house whose passwords are elsewhere."""
    return RemoteHouse()


def test_the_fake_is_a_remote_directory(house: RemoteHouse) -> None:
    """The embedded directory is none: only a remote one can be asked what became of an operation."""
    assert isinstance(house.directory, RemoteDirectory)
    assert not isinstance(House().work().directory, RemoteDirectory)


async def test_a_password_is_set_elsewhere(house: RemoteHouse) -> None:
    """Done: completed, told, audited, once."""
    await house.proven()
    before = house.version
    await house.set()

    assert (house.state(), house.version) == (State.COMPLETED, before + 1)
    assert house.audit().count(CHANGED) == 1
    assert len(house.posted(Template.PASSWORD_CHANGED)) == 2


async def test_the_case_is_stored_before_the_directory_is_asked(house: RemoteHouse) -> None:
    """A crash at the order leaves the case completing, not proven: nobody may send a second password."""
    await house.proven()
    form = await house.form()
    house.directory.mood = Mood.SILENT_AFTER
    with pytest.raises(UnavailableError):
        await house.set(form=form)

    assert house.state() is State.COMPLETING
    with pytest.raises(GoneError):
        await house.set("Other-Quay-77", form=form)
    assert len(house.directory.orders) == 1


async def test_a_lost_answer_is_read_again(house: RemoteHouse) -> None:
    """The password was set, the answer lost: the sweep learns it and completes the case, once."""
    await house.refused(Mood.SILENT_AFTER)
    await house.sweep()
    assert house.state() is State.COMPLETING  # still away
    house.directory.mood = Mood.GOOD
    await house.sweep()
    await house.sweep()

    assert house.state() is State.COMPLETED
    assert house.audit().count(CHANGED) == 1
    assert len(house.posted(Template.PASSWORD_CHANGED)) == 2
    assert len(house.directory.orders) == 1


@pytest.mark.parametrize("mood", [Mood.REFUSING, Mood.SILENT_BEFORE])
async def test_what_was_not_done_goes_back_to_the_person(house: RemoteHouse, mood: Mood) -> None:
    """The grant is still alive: the same form takes another password, as another operation."""
    before = len(house.directory.orders)
    await house.refused(mood)
    house.directory.mood = Mood.GOOD
    await house.sweep()
    assert (house.state(), house.audit().count(CHANGED)) == (State.PROVEN, 0)
    await house.set("Other-Quay-77")

    assert house.state() is State.COMPLETED
    assert len(set(house.directory.orders[before:])) == 2


async def test_an_unknown_outcome_is_never_guessed(house: RemoteHouse) -> None:
    """While the directory itself does not know, the case can neither be cancelled nor expire."""
    await house.refused(Mood.UNSURE)
    await opening.cancel(house.parts, HERE)
    house.clock.move(40 * DAY)
    await house.sweep()
    assert house.state() is State.COMPLETING
    house.directory.do(ALICE_ID, "hash", house.directory.orders[-1])
    await house.sweep()

    assert house.state() is State.COMPLETED


async def test_two_who_read_again_complete_once(house: RemoteHouse) -> None:
    """Of two sweeps that learn the same answer one acts on it."""
    await house.refused(Mood.SILENT_AFTER)
    house.directory.mood = Mood.GOOD
    case = house.case()
    await asyncio.gather(*(remotely.read_again(house.parts, case.id) for _ in range(2)))
    await remotely.read_again(house.parts, case.id)

    assert house.audit().count(CHANGED) == 1


async def test_the_history_is_the_remote_ones(house: RemoteHouse) -> None:
    """What was used before is compared with what the remote directory holds."""
    await house.proven()
    with pytest.raises(PasswordRefusedError):
        await house.set(OLD)
    await house.set(NEW)

    assert house.state() is State.COMPLETED
