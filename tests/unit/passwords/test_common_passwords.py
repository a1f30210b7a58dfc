"""The blocklist that ships."""

from __future__ import annotations

import pytest

from recovery_core.adapters.common_passwords import CommonPasswords
from recovery_core.passwords.policy import PasswordPolicy
from recovery_core.passwords.profiles import GUIDE
from recovery_core.passwords.rules import PasswordContext


@pytest.mark.parametrize("password", ["password", "PassWord", "password1", "qwertyuiop", "ｐａｓｓｗｏｒｄ"])
def test_common_passwords_are_listed_in_any_case(password: str) -> None:
    """The whole password is compared, folded."""
    assert CommonPasswords().contains(password)


@pytest.mark.parametrize("password", ["password-of-mine", "xpassword1y", "", "示例科技"])
def test_other_passwords_are_not_listed(password: str) -> None:
    """A common password inside a longer one is accepted: only the whole counts."""
    assert not CommonPasswords().contains(password)


def test_organisation_words_are_listed_too() -> None:
    """The organisation adds what outsiders would guess."""
    blocklist = CommonPasswords(["示例科技", "RocketMail"])
    assert blocklist.contains("示例科技")
    assert blocklist.contains("rocketmail")
    assert not blocklist.contains("rocketmail1")


def test_policy_refuses_a_listed_password() -> None:
    """The list reaches the person as ``too_common``."""
    found = PasswordPolicy.of(GUIDE).violations(
        "Password1", None, PasswordContext(blocklist=CommonPasswords())
    )
    assert [violation.code.value for violation in found] == ["too_common"]
