"""Who helps whom, in which console, and which request rekey opens, by role and edition (R3): pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from recovery_core.accounts.account import Edition, Role
from recovery_core.messages import MessageId


class Helper(StrEnum):
    """Who can help when self-service cannot."""

    ADMINISTRATOR = "administrator"
    """The administrator of the person's own domain."""
    OWNER = "owner"
    """The owner of the cloud account."""
    SUPER_ADMINISTRATOR = "super_administrator"
    """``gmxxxx`` of the group."""
    REVIEWERS = "reviewers"
    """Two people at the desk who judge documents."""


class Place(StrEnum):
    """Where the helper does it."""

    MAIL_CONSOLE = "mail_console"
    CLOUD_CONSOLE = "cloud_console"
    GROUP_PLATFORM = "group_platform"
    DESK = "desk"


class Request(StrEnum):
    """Which request rekey opens when it is asked to."""

    RESET = "reset"
    OWNER_APPROVAL = "owner_approval"
    SUPER_APPROVAL = "super_approval"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Help:
    """One row of the table; menus stand as the console shows them."""

    helper: Helper
    place: Place
    request: Request
    menu_en: tuple[str, ...] = ()
    menu_zh: tuple[str, ...] = ()


_OWN_ADMINISTRATOR = Help(
    Helper.ADMINISTRATOR,
    Place.MAIL_CONSOLE,
    Request.RESET,
    ("Organisation and users", "Employee accounts"),
    ("组织与用户", "员工账号管理"),
)
_OWNER = Help(Helper.OWNER, Place.CLOUD_CONSOLE, Request.OWNER_APPROVAL, ("Mailbox list",), ("邮箱列表",))
_SUPER = Help(
    Helper.SUPER_ADMINISTRATOR,
    Place.GROUP_PLATFORM,
    Request.SUPER_APPROVAL,
    ("Domain management", "Domain list"),
    ("域管理", "域列表"),
)
_REVIEWERS = Help(Helper.REVIEWERS, Place.DESK, Request.REVIEW)

HELP: Mapping[tuple[Role, Edition], Help] = {
    (Role.EMPLOYEE, Edition.STANDARD): _OWN_ADMINISTRATOR,
    (Role.EMPLOYEE, Edition.PREMIUM): _OWN_ADMINISTRATOR,
    (Role.EMPLOYEE, Edition.GROUP): _OWN_ADMINISTRATOR,
    (Role.ADMINISTRATOR, Edition.STANDARD): _OWNER,
    (Role.ADMINISTRATOR, Edition.PREMIUM): _OWNER,
    (Role.ADMINISTRATOR, Edition.GROUP): _SUPER,
    (Role.SUPER_ADMINISTRATOR, Edition.STANDARD): _REVIEWERS,
    (Role.SUPER_ADMINISTRATOR, Edition.PREMIUM): _REVIEWERS,
    (Role.SUPER_ADMINISTRATOR, Edition.GROUP): _REVIEWERS,
}
"""The whole table; a test spells it out."""

PATHS: Mapping[Edition | None, MessageId] = {
    Edition.STANDARD: MessageId.PATH_STANDARD,
    Edition.PREMIUM: MessageId.PATH_PREMIUM,
    Edition.GROUP: MessageId.PATH_GROUP,
    None: MessageId.PATH_UNKNOWN,
}
"""The message with the console path; None for a person who does not know the edition."""
