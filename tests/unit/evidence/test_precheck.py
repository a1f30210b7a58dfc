"""The pre-check compares documents with what was typed, and with nothing else (R17)."""

from __future__ import annotations

import pytest

from recovery_core.evidence.evidence import Claim, Finding
from recovery_core.evidence.precheck import MAX_COMPANY, Typed, compare, read_claim

USCC = "91330100MA2DEMA01A"
CLAIM = Claim("示例科技有限公司", USCC, "new@private.example")
LINES = ("营 业 执 照", "统一社会信用代码", USCC, "名称", "示例科技有限公司")


def codes(**typed: str) -> list[str]:
    """Return what is wrong with the fields."""
    good = {"company": CLAIM.company, "uscc": USCC, "new_mailbox": CLAIM.new_mailbox}
    return [problem.code for problem in read_claim(Typed(**(good | typed)), "gm0001@group.example")[1]]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ({}, []),
        ({"company": "中石"}, []),
        ({"company": "中"}, ["company_missing"]),
        ({"company": "x" * MAX_COMPANY}, []),
        ({"company": "x" * (MAX_COMPANY + 1)}, ["company_too_long"]),
        ({"uscc": "9133 0100-ma2dema01a"}, []),
        ({"uscc": USCC[:-1]}, ["uscc_form"]),
        ({"uscc": USCC[:-1] + "B"}, ["uscc_check_digit"]),
        ({"new_mailbox": "new"}, ["mailbox_form"]),
        ({"new_mailbox": "GM0001@group.example"}, ["mailbox_same"]),
        ({"company": "", "uscc": "", "new_mailbox": ""}, ["company_missing", "uscc_form", "mailbox_form"]),
    ],
)
def test_each_field_is_judged_alone(typed: dict[str, str], wanted: list[str]) -> None:
    """R17: the last good and the first bad value of every field; all problems come together."""
    assert codes(**typed) == wanted


def test_the_claim_is_what_is_compared() -> None:
    """Spaces are folded, the code and the address come in their plain form."""
    claim, _ = read_claim(Typed(" 示例科技 有限公司 ", "91330100ma2dema01a", "New@Private.example"), "")

    assert claim == Claim("示例科技 有限公司", USCC, "new@private.example")


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (LINES, ()),
        (("Business  License", f"No. {USCC}", *LINES[-1]), ()),
        (("营业执照", USCC, "示例科技", "有限公司"), ()),
        ((), (Finding.NOT_A_LICENCE,)),
        (("发票", USCC, "示例科技有限公司"), (Finding.NOT_A_LICENCE,)),
        ((*LINES[:-1], "别的科技有限公司"), (Finding.NAME_DIFFERS,)),
        (("营业执照", "91330100MA2DEMA01B", "示例科技有限公司"), (Finding.USCC_DIFFERS,)),
        (("营业执照",), (Finding.NAME_DIFFERS, Finding.USCC_DIFFERS)),
    ],
)
def test_documents_bear_out_what_was_typed(lines: tuple[str, ...], wanted: tuple[Finding, ...]) -> None:
    """R17: a licence with this name and this code, however the lines are broken."""
    assert compare(lines, CLAIM) == wanted
