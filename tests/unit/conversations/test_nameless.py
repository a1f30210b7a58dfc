"""What tells whose a line is does not stand in the list of lines that were not understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_core.conversations.nameless import nameless
from recovery_core.conversations.text import MASK


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        ("help bob.lee+x@example.com please", f"help {MASK} please"),
        ("我的邮箱wang@mail.example.com登不上", f"我的邮箱{MASK}登不上"),
        ("BOB＠ＥＸＡＭＰＬＥ．ＣＯＭ broke", f"{MASK} broke"),
        ("ring 139 1234 5678 now", f"ring {MASK} now"),
        ("ring +86-139-1234-5678.", f"ring {MASK}."),
        ("打给我１３９１２３４５６７８吧", f"打给我{MASK}吧"),
        ("card 11010519491231002X", f"card {MASK}"),
        ("firm 91330100MA2DEMA01A", f"firm {MASK}"),
        ("case rc-ab12-cd34?", f"case {MASK}?"),
        ("I am E10012", f"I am {MASK}"),
        ("code 123456", f"code {MASK}"),
    ],
)
def test_what_tells_a_person_is_hidden(line: str, listed: str) -> None:
    """Addresses, phones, cards, companies, references, employee numbers and codes are not listed."""
    assert nameless(line) == listed


@pytest.mark.parametrize(
    "line",
    [
        "error 550 5.7.1",
        "port 993",
        "0x80070005",
        "AADSTS50126",
        "since 2024",
        "12345 tries",
        "找不到按钮",
        "at @ 5",
    ],
)
def test_what_tells_the_problem_stays(line: str) -> None:
    """Error codes, ports, years and counts of up to five digits are what an owner reads the list for."""
    assert nameless(line) == line


@given(st.text())
def test_any_line_is_taken(line: str) -> None:
    """No text breaks it, and what is hidden once has nothing more to hide."""
    assert nameless(nameless(line)) == nameless(line)
