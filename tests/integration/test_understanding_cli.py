"""Lines that were not understood become a file for a person to label, masked, and nothing else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from ruamel.yaml import YAML

from recovery_core.clock import SystemClock
from recovery_core.conversations.conversation import LineKind
from recovery_core.conversations.masking import mask_secrets
from tests.contract.samples import a_conversation
from tests.integration.test_accounts_cli import Shell, shell, url
from tests.stores import work_on

__all__ = ["shell", "url"]
NASTY = 'my "fax" is: broken\\ # really - 传真坏了\u2028\t{x}\x7f\ufeff\U000e0001 - done'
LINES = [
    (NASTY, "utter_heard_phone", 0),
    (NASTY, "utter_fallback_again", 1),
    (mask_secrets("my password is Hunter2!Hunter2").text, "utter_fallback", 2),
    ("what is love", "utter_out_of_scope", 3),
    ("long ago", "utter_fallback", 40),
    ("forgot it", "utter_ask_address", 1),
]


@pytest.fixture(autouse=True)
def heard(url: str) -> None:
    """Store what people said and what was replied, so many days ago."""

    async def fill() -> None:
        work = work_on(url)
        now = SystemClock().now()
        async with work() as unit:
            await unit.conversations.add(a_conversation("talk"))
            for number, (text, reply, days) in enumerate(LINES):
                at = now - timedelta(days=days, minutes=1)
                said = await unit.conversations.append(
                    "talk", LineKind.SAID, f"m{number}", {"text": text}, at
                )
                assert said is not None
                await unit.conversations.answer(said, [{"kind": "text", "id": reply}], at)
            await unit.commit()
        await work.engine.dispose()

    asyncio.run(fill())


def test_lines_are_listed_with_their_counts(shell: Shell) -> None:
    """The most frequent first, each on one line with the number that review takes; older ones when asked."""
    rows = shell.run("understanding", "list").output.splitlines()
    assert len(rows) == 3
    assert rows[0].split()[:3] == ["1", "2", "x"]
    assert "传真坏了" in rows[0]
    assert "long ago" in shell.run("understanding", "list", "--days", "41").output
    assert len(shell.run("understanding", "list", "--limit", "2").output.splitlines()) == 2


def test_chosen_lines_are_written_for_labelling(shell: Shell) -> None:
    """Each chosen line comes back character by character, with its count and an intent to fill in."""
    out = shell.folder / "review.yml"
    result = shell.run("understanding", "review", "1", "3", "1", "--out", str(out))
    assert (result.exit_code, result.output) == (0, f"2 lines in {out}\n")
    read = YAML(typ="safe").load(out)["lines"]
    assert read[0] == {"text": NASTY, "count": 2, "intent": ""}
    assert [row["intent"] for row in read] == ["", ""]


def test_no_secret_is_written(shell: Shell) -> None:
    """What is written is what was stored: masked."""
    printed = shell.run("understanding", "review", "--all").output
    assert "my password is" in printed
    assert "Hunter2" not in printed
    assert len(YAML(typ="safe").load(printed)["lines"]) == 3


def test_a_labelled_file_is_not_written_over(shell: Shell) -> None:
    """A file that is there stays as it is."""
    out = shell.folder / "review.yml"
    out.write_text("labelled", encoding="utf-8")
    result = shell.run("understanding", "review", "--all", "--out", str(out))
    assert result.exit_code == 1
    assert "is there already" in result.output
    assert out.read_text(encoding="utf-8") == "labelled"
    lost = shell.run("understanding", "review", "--all", "--out", str(shell.folder / "no" / "folder.yml"))
    assert (lost.exit_code, "cannot be written" in lost.output) == (1, True)


@pytest.mark.parametrize(
    ("given", "words"), [((), "--all"), (("1", "--all"), "--all"), (("3", "4"), "no line 4"), (("0",), "0")]
)
def test_numbers_must_be_on_the_list(shell: Shell, given: tuple[str, ...], words: str) -> None:
    """Neither numbers nor --all, both, or a number that the list does not show are refused."""
    result = shell.run("understanding", "review", *given)
    assert result.exit_code == 2
    assert words in result.output


def test_nothing_misunderstood_is_an_empty_file(shell: Shell) -> None:
    """A store in which everything was understood gives a file without lines, and an empty list."""

    async def forget() -> None:
        work = work_on(shell.url)
        async with work() as unit:
            await unit.conversations.forget_before(SystemClock().now() + timedelta(days=1))
            await unit.commit()
        await work.engine.dispose()

    asyncio.run(forget())
    assert shell.run("understanding", "list").output == ""
    printed = shell.run("understanding", "review", "--all").output
    assert YAML(typ="safe").load(printed) == {"lines": []}
