"""The edition table, pinned whole, and the words that name its menus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recovery_core.accounts.account import Edition, Role
from recovery_core.accounts.editions import HELP, PATHS
from recovery_core.messages import MessageId

DOMAIN = Path(__file__).parents[3] / "domain.yml"


def test_the_table_is_this() -> None:
    """R3: who helps whom, where, and which request is opened; every role and edition has its row."""
    rows = {
        (role.value, edition.value): (
            row.helper.value,
            row.place.value,
            row.request.value,
            " › ".join(row.menu_en),
            " › ".join(row.menu_zh),
        )
        for (role, edition), row in HELP.items()
    }
    administrator = (
        *("administrator", "mail_console", "reset"),
        *("Organisation and users › Employee accounts", "组织与用户 › 员工账号管理"),
    )
    owner = ("owner", "cloud_console", "owner_approval", "Mailbox list", "邮箱列表")
    above = (
        *("super_administrator", "group_platform", "super_approval"),
        *("Domain management › Domain list", "域管理 › 域列表"),
    )
    review = ("reviewers", "desk", "review", "", "")

    assert rows == {
        ("employee", "standard"): administrator,
        ("employee", "premium"): administrator,
        ("employee", "group"): administrator,
        ("administrator", "standard"): owner,
        ("administrator", "premium"): owner,
        ("administrator", "group"): above,
        ("super_administrator", "standard"): review,
        ("super_administrator", "premium"): review,
        ("super_administrator", "group"): review,
    }


def said(id_: MessageId) -> tuple[str, str]:
    """Return the Chinese and the English words of *id_*."""
    block = re.search(
        rf"^  utter_{id_.value}:\n((?:    .*\n|  - .*\n)*)", DOMAIN.read_text("utf-8"), re.MULTILINE
    )
    assert block is not None
    chinese, english = re.findall(r'text: "(.*)"\n', block[1])
    return chinese, english


@pytest.mark.parametrize("edition", Edition)
def test_the_path_names_the_menus_as_the_console_shows_them(edition: Edition) -> None:
    """R3: both languages name the administrator's menu of that edition."""
    row = HELP[Role.ADMINISTRATOR, edition]
    chinese, english = said(PATHS[edition])

    assert " › ".join(row.menu_zh) in chinese
    assert " › ".join(row.menu_en) in english


def test_the_employees_menu_is_named() -> None:
    """R3: the administrator's own menu for employees stands in the words of both languages."""
    row = HELP[Role.EMPLOYEE, Edition.STANDARD]
    chinese, english = said(MessageId.ADMINISTRATOR_HELPS)

    assert " › ".join(row.menu_zh) in chinese
    assert " › ".join(row.menu_en) in english


def test_whoever_is_not_sure_hears_every_path() -> None:
    """R3: all consoles are named."""
    chinese, english = said(PATHS[None])
    for edition in Edition:
        row = HELP[Role.ADMINISTRATOR, edition]
        assert row.menu_zh[-1] in chinese
        assert row.menu_en[-1] in english
