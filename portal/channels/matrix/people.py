"""Which employee a Matrix account is: a rule of the settings, for accounts of the own homeserver only."""

from __future__ import annotations

from dataclasses import dataclass

from portal.channels.config import Config, ConfigError
from portal.channels.port import Person

_MAIL = "mail"
_STAFF_NUMBER = "staff_number"


@dataclass(frozen=True, slots=True)
class People:
    """What the part of a user id before the colon means in this company."""

    rule: str = ""
    """``mail``: the local part of the mail address; ``staff_number``; or nothing, and nobody is known."""
    mail_domain: str = ""
    """What follows the ``@`` for the rule ``mail``."""

    def person(self, localpart: str) -> Person | None:
        """Return what the rule makes of *localpart*; None where it makes nothing."""
        if not localpart:
            return None
        if self.rule == _STAFF_NUMBER:
            return Person(staff_number=localpart)
        if self.rule == _MAIL:
            return Person(mail=f"{localpart}@{self.mail_domain}")
        return None


NOBODY = People()
"""The rule that knows nobody."""


def people_of(config: Config) -> People:
    """Return the rule of these settings; raises ConfigError if it is not known or lacks its domain."""
    rule = config.optional("people")
    if rule not in ("", _MAIL, _STAFF_NUMBER):
        raise ConfigError(config.name, "people")
    return People(rule, config.text("mail_domain") if rule == _MAIL else "")
