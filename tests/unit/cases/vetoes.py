"""The vetoes that went out with the notices of a changed password."""

from __future__ import annotations

from recovery_core.notices.delivery import Channel, Delivery, Template
from tests.unit.cases.house import House


def by(house: House, channel: Channel) -> Delivery:
    """Return the newest notice of a changed password that went out by *channel*."""
    return [d for d in house.posted(Template.PASSWORD_CHANGED) if d.channel is channel][-1]


def mail_token(house: House) -> str:
    """Return the token of the newest mailed veto."""
    return by(house, Channel.MAIL).variables["veto_link"].rpartition("/")[2]


def sms_code(house: House) -> str:
    """Return the code of the newest veto by SMS."""
    return by(house, Channel.SMS).variables["veto_code"]
