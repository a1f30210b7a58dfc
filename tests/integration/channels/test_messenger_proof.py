"""A messenger's account as a proof, over Slack and Feishu: where it is set, for the own mailbox alone."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from recovery_core.cases.case import Case
from recovery_core.proofs.methods import Method
from rekey.settings import SettingsError
from tests.integration.channels.conftest import holds
from tests.integration.channels.door import Door
from tests.integration.channels.feishu_platform import FeishuPlatform, feishu
from tests.integration.channels.shape import Act, Told, What
from tests.integration.channels.slack_platform import SlackPlatform, slack
from tests.portal_house import PortalHouse, portal_house

START = {"slack": slack, "feishu": feishu}
ALICE, BOB, NOBODY = "alice@example.com", "bob@example.com", "nobody@example.com"
POSTMASTER = "postmaster@example.com"
SET_PASSWORD, SECOND, REFUSED = "set a new password", "needs a second", "I can't take this account"


@dataclass
class Talk:
    """The person of the platform, and what they do."""

    platform: SlackPlatform | FeishuPlatform
    portal: PortalHouse
    door: Door
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(2))

    def is_(self, mail: str | None) -> None:
        """Let the platform's directory say whose account it is."""
        self.platform.peer.users.clear()
        if mail and isinstance(self.platform, SlackPlatform):
            self.platform.peer.person("UE1001", mail)
        elif mail:
            self.platform.peer.person("ou_E1001", "", mail)

    async def say(self, text: str, buttons: int) -> Told:
        """Write *text*; return the answer, which has so many buttons."""
        return await self.door.tell(Act(text=text, id=f"event-{next(self.ids)}"), buttons)

    async def press(self, button: str, words: str) -> None:
        """Press *button* and wait for an answer with *words*."""
        await self.post(button)
        await holds(lambda: words in self.platform.told()[-1].text)

    async def post_text(self, text: str) -> None:
        """Write *text*."""
        incoming = self.platform.request(Act(text=text, id=f"event-{next(self.ids)}"))
        assert incoming is not None
        assert await self.door.post(incoming) == 200

    async def post(self, button: str) -> None:
        """Press *button*."""
        number = next(self.ids)
        at = self.platform.clock.now().replace(microsecond=number)
        incoming = self.platform.request(Act(What.BUTTON, id=f"event-{number}", button=button, at=at))
        assert incoming is not None
        assert await self.door.post(incoming) == 200

    async def case(self) -> Case:
        """Return the newest case."""
        turns = self.portal.assistant.turns
        async with self.portal.house.parts.work.reading() as work:
            case = await work.cases.current(turns[0].conversation_id)
        assert case is not None
        return case


@asynccontextmanager
async def talking(name: str, folder: Path, **settings: object) -> AsyncIterator[Talk]:
    """Start the platform before a portal with these settings."""
    async with START[name]() as platform:
        on = {platform.name: platform.channel}
        async with portal_house(folder, clock=platform.clock, messengers=on, **settings) as portal:
            yield Talk(platform, portal, Door(platform, portal, await portal.client()))


def counting(name: str) -> dict[str, object]:
    """Return the settings that let the accounts of *name* count."""
    return {"channels_proof": (name,), f"{name}_signs_in_with": "other"} | speaking(name, "Example.com")


def speaking(name: str, *domains: str) -> dict[str, object]:
    """Return the setting that lets the directory of *name* speak for *domains*."""
    return {f"{name}_domains": domains}


@pytest.fixture(params=sorted(START))
def name(request: pytest.FixtureRequest) -> str:
    """Return each platform's name."""
    return str(request.param)


@pytest.fixture
async def talk(name: str, folder: Path) -> AsyncIterator[Talk]:
    """Return a talk in a messenger whose accounts count."""
    async with talking(name, folder, **counting(name)) as begun:
        yield begun


async def test_it_does_not_count_by_default(name: str, folder: Path) -> None:
    """Without the setting a known person is offered the three methods, as anybody is."""
    async with talking(name, folder) as talk:
        offered = await talk.say(f"I forgot my password, {ALICE}", 3)
        assert "signed in" not in offered.text


async def test_an_employee_proves_by_it_and_everybody_is_told(talk: Talk) -> None:
    """One press stands for one proof; contacts learn of the change and by what it was made."""
    offered = await talk.say(f"I forgot my password, {ALICE}", 4)
    assert f"signed in here as {ALICE}" in offered.text
    await talk.press(offered.buttons[-1], SET_PASSWORD)
    case = await talk.case()
    assert (case.proofs, case.proof_contacts, case.grant is not None) == ((Method.MESSENGER,), (), True)
    assert talk.platform.told()[-1].link is not None


@pytest.mark.parametrize("address", [BOB, NOBODY])
async def test_another_mailbox_is_offered_what_anybody_is(talk: Talk, address: str) -> None:
    """R2: whether it exists or not, the answer has no word more; the button of before is refused alike."""
    own = await talk.say(f"I forgot my password, {ALICE}", 4)
    other = await talk.say(f"I forgot my password, {address}", 3)
    talk.is_(None)
    assert "signed in" not in other.text
    await talk.press(own.buttons[-1], REFUSED)
    case = await talk.case()
    assert (case.address, case.proofs) == (address, ())


async def test_an_administrator_needs_another_proof_too(talk: Talk) -> None:
    """Alone it gives no right; the offer before it looks like an employee's."""
    talk.is_(POSTMASTER)
    offered = await talk.say(f"I forgot my password, {POSTMASTER}", 4)
    await talk.press(offered.buttons[-1], SECOND)
    case = await talk.case()
    assert (case.proofs, case.grant) == ((Method.MESSENGER,), None)
    again = talk.platform.told()[-1]
    assert len(again.buttons) == 3
    await talk.press(offered.buttons[-1], REFUSED)
    await talk.press(again.buttons[0], "6 digits")
    code = await talk.portal.code()
    await talk.post_text(code)
    await holds(lambda: SET_PASSWORD in talk.platform.told()[-1].text)
    assert set((await talk.case()).proofs) == {Method.MESSENGER, Method.SMS}


@pytest.mark.parametrize("owner", [None, BOB])
async def test_a_mapping_that_changed_meanwhile_does_not_count(talk: Talk, owner: str | None) -> None:
    """The directory is asked again at the press: who left, or is somebody else by now, proves nothing."""
    offered = await talk.say(f"I forgot my password, {ALICE}", 4)
    talk.is_(owner)
    await talk.press(offered.buttons[-1], REFUSED)
    assert (await talk.case()).proofs == ()


async def test_a_directory_that_is_away_does_not_count(talk: Talk) -> None:
    """What the directory said before is not enough."""
    offered = await talk.say(f"I forgot my password, {ALICE}", 4)
    channel = talk.platform.channel
    channel.who = away  # type: ignore[method-assign]
    await talk.press(offered.buttons[-1], REFUSED)
    assert (await talk.case()).proofs == ()


async def away(tenant: str, account: str) -> None:
    """Be a directory that cannot be asked."""
    raise TimeoutError(f"{tenant} {account}")


async def test_a_pressed_button_in_a_group_proves_nothing(talk: Talk) -> None:
    """Where others read along the bot says so; no case hears of it."""
    offered = await talk.say(f"I forgot my password, {ALICE}", 4)
    act = Act(What.GROUP, text="4", id="event-group")
    incoming = talk.platform.request(act)
    assert incoming is not None
    assert await talk.door.post(incoming) == 200
    await holds(lambda: "private chat" in talk.platform.told()[-1].text)
    assert (await talk.case()).proofs == ()
    assert offered.buttons


@pytest.mark.parametrize("signs_in_with", ["", "mailbox"])
async def test_where_people_sign_in_with_the_mailbox_rekey_does_not_start(
    name: str, folder: Path, signs_in_with: str
) -> None:
    """An operator who has not said that it is something else gets no proof, but the name of what to say."""
    given = counting(name) | {f"{name}_signs_in_with": signs_in_with}
    with pytest.raises(SettingsError, match=f"REKEY_{name.upper()}_SIGNS_IN_WITH=other"):
        async with talking(name, folder, **given):
            pass


@pytest.mark.parametrize("domains", [(), ("no domain",)])
async def test_an_account_counts_only_for_named_domains(
    name: str, folder: Path, domains: tuple[str, ...]
) -> None:
    """Rekey does not start with a proof whose directory could name anybody of any company."""
    with pytest.raises(SettingsError, match=f"REKEY_{name.upper()}_DOMAINS"):
        async with talking(name, folder, **counting(name) | speaking(name, *domains)):
            pass


async def test_another_companys_directory_proves_nothing(name: str, folder: Path) -> None:
    """Neither offered nor taken: the directory may speak for another domain than the mailbox's."""
    async with talking(name, folder, **counting(name) | speaking(name, "group.example")) as talk:
        talk.is_(ALICE)
        await talk.say(f"I forgot my password, {ALICE}", 3)
        assert (await talk.case()).proofs == ()


async def test_the_proof_asks_for_the_domain_again(name: str, folder: Path) -> None:
    """A mapping of before the setting was narrowed is worth nothing at the press."""
    async with talking(name, folder, **counting(name)) as talk:
        talk.is_(ALICE)
        offered = await talk.say(f"I forgot my password, {ALICE}", 4)
        house = talk.portal.house
        worker = house.furnishing.messengers._worker  # type: ignore[union-attr]
        worker._parts = replace(house.parts, messenger_proofs={name: frozenset({"group.example"})})
        await talk.press(offered.buttons[-1], REFUSED)
        assert (await talk.case()).proofs == ()


async def test_a_messenger_without_a_directory_is_no_proof(folder: Path) -> None:
    """Matrix takes who somebody is from the name of their account: rekey does not start."""
    with pytest.raises(SettingsError, match="matrix asks no directory"):
        async with portal_house(folder, channels_proof=("matrix",), matrix_domains=("example.com",)):
            pass


async def test_accounts_that_are_looked_up_nowhere_cannot_count(name: str, folder: Path) -> None:
    """Both settings at once contradict each other."""
    with pytest.raises(SettingsError, match="REKEY_CHANNELS_ANONYMOUS"):
        async with talking(name, folder, **counting(name), channels_anonymous=(name,)):
            pass


async def test_the_core_asks_the_statement_again(name: str, folder: Path) -> None:
    """A button that was offered is worth nothing after the platform was taken out of the setting."""
    async with talking(name, folder, **counting(name)) as talk:
        offered = await talk.say(f"I forgot my password, {ALICE}", 4)
        house = talk.portal.house
        worker = house.furnishing.messengers._worker  # type: ignore[union-attr]
        worker._parts = replace(house.parts, messenger_proofs={})
        await talk.press(offered.buttons[-1], REFUSED)
        assert (await talk.case()).proofs == ()
