"""The page for the new password."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from recovery_core.cases.flow import State
from recovery_core.errors import UnavailableError
from recovery_core.messages import FormPurpose
from recovery_core.passwords.rules import RuleCode
from recovery_core.proofs.methods import Method
from rekey.demo import PASSWORD
from tests.fakes_passwords import FakeHasher
from tests.integration.forms.house import GOOD, Browser, House, house


async def opened(home: House) -> tuple[Browser, str]:
    """Return a browser with a password form and the form's path."""
    browser = await home.chatting("bob@example.com", Method.SMS)
    path = await home.mint(browser, FormPurpose.CODE)
    page = await browser.send(path, {"code": (await home.delivered())[-1]["code"]})
    return browser, page.location


def typed(new: str, confirm: str | None = None) -> dict[str, str]:
    """Return the form's fields."""
    return {"new_password": new, "confirm_password": new if confirm is None else confirm}


async def test_the_page_lists_every_rule_in_advance(home: House) -> None:
    """All nine rules stand on the page before anything is typed, and nothing of the account does."""
    browser, path = await opened(home)

    page = await browser.get(path)

    assert page.status == 200
    assert [f'data-rule="{code.value}"' in page.text for code in RuleCode] == [True] * 9
    assert page.text.count('autocomplete="new-password"') == 2
    assert "bob" not in page.text.lower()


async def test_a_good_password_is_set(home: House) -> None:
    """A good password completes the case, tells the chat, and leads to the page back (R11)."""
    browser, path = await opened(home)

    page = await browser.send(path, typed(GOOD))

    assert (page.status, page.location) == (303, "/back")
    case = await home.case(browser)
    assert case.state is State.COMPLETED
    assert case.account_id is not None
    async with home.parts.work() as work:
        held = await work.directory.credentials(case.account_id)
    assert held.hashes[0] == FakeHasher.encode(GOOD)
    assert (await home.events(browser))[-1] == "gateway_password_set"
    assert 'data-reached="completed"' in (await browser.get("/back")).text
    assert (await browser.get(path)).status == 410


@pytest.mark.parametrize(
    ("new", "confirm", "codes"),
    [
        ("Ab3-xyz", None, ["too_short"]),
        ("Ab3-" + "x" * 61, None, ["too_long"]),
        ("quietharbour71", None, ["too_few_classes"]),
        ("Quiet-Bob-71x", None, ["contains_account"]),
        (PASSWORD, None, ["recently_used"]),
        ("password-12345", None, ["too_common"]),
        (GOOD, GOOD.lower(), ["mismatch"]),
        (f"{GOOD} ", None, ["not_stable"]),
        (f"{GOOD}\u200b", None, ["not_stable"]),
        ("", None, ["too_short", "too_few_classes"]),
        ("bob", "x", ["too_short", "too_few_classes", "contains_account", "mismatch"]),
    ],
)
async def test_each_broken_rule_is_named(
    home: House, new: str, confirm: str | None, codes: list[str]
) -> None:
    """A refusal is the same page, 422, with every broken rule and without the password."""
    browser, path = await opened(home)

    page = await browser.send(path, typed(new, confirm))

    assert (page.status, page.codes) == (422, codes)
    assert 'name="new_password"' in page.text
    assert new.strip() == "" or f'value="{new}"' not in page.text
    assert new in ("", "bob") or new.strip() not in page.text
    assert (await browser.send(path, typed(GOOD))).status == 303


async def test_what_was_hidden_in_the_chat_is_refused(home: House) -> None:
    """A password that was written in the chat cannot be set (DESIGN: it has been seen)."""
    browser, path = await opened(home)
    hashed = home.parts.keyed.of("typed", GOOD)
    async with home.parts.work() as work:
        await work.typed_secrets.add(browser.conversation_id, hashed, home.clock.now())
        await work.commit()

    assert (await browser.send(path, typed(GOOD))).codes == ["typed_in_chat"]


async def test_missing_fields_are_empty_fields(home: House) -> None:
    """A POST without the fields is refused like an empty form."""
    browser, path = await opened(home)

    assert (await browser.send(path, {})).codes == ["too_short", "too_few_classes"]


async def test_twenty_sendings_and_no_more(home: House) -> None:
    """A grant allows 20 sendings; the next one is gone and the chat is told to prove again (R10)."""
    browser, path = await opened(home)
    fields = (await browser.get(path)).hidden | typed("short")

    statuses = [(await browser.post(path, fields)).status for _ in range(21)]

    assert statuses == [422] * 20 + [410]
    assert (await home.case(browser)).state is State.CHALLENGED
    assert (await home.events(browser))[-1] == "gateway_grant_expired"


async def test_a_grant_lives_fifteen_minutes(home: House) -> None:
    """A form minted late outlives its grant, not the other way round (R10)."""
    browser, _ = await opened(home)
    home.clock.move(timedelta(minutes=14))
    async with home.parts.work() as work:
        await work.conversations.seen(
            browser.conversation_id, home.clock.now(), (await home.talk(browser)).language, None
        )
        await work.commit()
    path = await home.mint(browser, FormPurpose.PASSWORD)
    fields = (await browser.get(path)).hidden

    home.clock.move(timedelta(minutes=1))
    page = await browser.post(path, fields | typed(GOOD))

    assert page.status == 410
    assert 'data-code="grant_expired"' in page.text
    assert (await home.events(browser))[-1] == "gateway_grant_expired"


async def test_of_ten_passwords_sent_at_once_one_is_set(home: House) -> None:
    """A grant is single use, however many sendings arrive together (R10)."""
    browser, path = await opened(home)
    hidden = (await browser.get(path)).hidden

    pages = await asyncio.gather(
        *(browser.copy().post(path, hidden | typed(f"{GOOD}{n}")) for n in range(10))
    )

    assert sorted(page.status for page in pages) == [303] + [410] * 9


class TiredHasher(FakeHasher):
    """Compares nothing any more."""

    async def verify(self, encoded: str, secret: str) -> None:  # noqa: ARG002
        """Refuse as a full pool does."""
        raise UnavailableError


async def test_our_outage_is_ours(database: Path) -> None:
    """When we cannot hash, the page says that it is our fault and when to retry, and the form stays."""
    async with house(database, hasher=TiredHasher()) as home:
        browser, path = await opened(home)

        page = await browser.send(path, typed(GOOD))

        assert page.status == 503
        assert page.headers["Retry-After"] == "5"
        assert 'data-code="unavailable"' in page.text
        assert GOOD not in page.text
        assert (await browser.get(path)).status == 200


async def test_an_unreadable_hash_is_ours_too(home: House) -> None:
    """A former hash that nobody can compare with is an outage, never taken for "not used"."""
    browser, path = await opened(home)
    account_id = (await home.case(browser)).account_id or ""
    async with home.parts.work() as work:
        await work.directory.set_password(account_id, "{UNHEARD}of", "import:1", home.clock.now())
        await work.commit()
    home.clock.move(timedelta(seconds=61))
    other, other_path = await opened(home)

    assert (await browser.send(path, typed(GOOD))).status == 410
    assert (await other.send(other_path, typed(GOOD))).status == 503
