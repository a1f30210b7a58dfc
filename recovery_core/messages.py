"""Everything rekey can say in the chat, as identifiers with variables: no words, no I/O.

The words stand in ``domain.yml`` as ``utter_<id>``, once in Chinese and once in English. A test compares both
languages with :data:`SPECS`: the same ids, the same variables, the same buttons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Button(StrEnum):
    """The fixed names of the buttons; the person's browser sees only an opaque id for each."""

    METHOD_SMS = "method_sms"
    METHOD_MAIL = "method_mail"
    METHOD_QUESTIONS = "method_questions"
    EDITION_STANDARD = "edition_standard"
    EDITION_PREMIUM = "edition_premium"
    EDITION_GROUP = "edition_group"
    EDITION_UNKNOWN = "edition_unknown"
    RESEND = "resend"
    ANOTHER_METHOD = "another_method"
    ADMINISTRATOR = "administrator"
    HUMAN = "human"
    START = "start"
    RULES = "rules"
    CODE_MISSING = "code_missing"
    CONTINUE = "continue"
    YES = "yes"
    NO = "no"
    CANCEL = "cancel"
    REQUEST_ADMINISTRATOR = "request_administrator"
    SEND_DOCUMENTS = "send_documents"
    STATUS = "status"
    BACK_TO_ASSISTANT = "back_to_assistant"
    LOST_PHONE = "lost_phone"
    ACCOUNT_DISABLED = "account_disabled"
    ADMIN_RECOVERY = "admin_recovery"
    REPORT_TAKEOVER = "report_takeover"


class FormPurpose(StrEnum):
    """What a secure form is for; the gateway turns it into a link after the assistant has answered."""

    CODE = "code"
    ANSWERS = "answers"
    PASSWORD = "password"  # noqa: S105  the name of a form, not a secret
    EVIDENCE = "evidence"
    RESUME = "resume"


class MessageId(StrEnum):
    """The stable name of each thing rekey says; ``utter_<value>`` in the domain."""

    GREET = "greet"
    GOODBYE = "goodbye"
    THANKS = "thanks"
    HELP = "help"
    OUT_OF_SCOPE = "out_of_scope"
    FALLBACK = "fallback"
    FALLBACK_AGAIN = "fallback_again"
    FALLBACK_PERSON = "fallback_person"
    HEARD_PASSWORD = "heard_password"  # noqa: S105
    HEARD_PHONE = "heard_phone"
    HEARD_DISABLED = "heard_disabled"
    HEARD_ADMINISTRATOR = "heard_administrator"
    HEARD_CODE = "heard_code"
    HEARD_RULES = "heard_rules"
    HEARD_STATUS = "heard_status"
    HEARD_PERSON = "heard_person"
    HEARD_TAKEOVER = "heard_takeover"
    BROKEN = "broken"
    ASK_ADDRESS = "ask_address"
    ASK_ONE_ADDRESS = "ask_one_address"
    ADDRESS_UNCLEAR = "address_unclear"
    OFFER_METHODS = "offer_methods"
    OFFER_SECOND_METHOD = "offer_second_method"
    OFFER_WAYS_ON = "offer_ways_on"
    CODE_SENT = "code_sent"
    LINK_SENT = "link_sent"
    ANSWERS_FORM = "answers_form"
    WAIT_BEFORE_SENDING = "wait_before_sending"
    SENDING_LIMIT = "sending_limit"
    ADDRESS_LIMIT = "address_limit"
    CODE_WRONG = "code_wrong"
    CODE_DEAD = "code_dead"
    CODE_EXPIRED = "code_expired"
    NO_CODE_PENDING = "no_code_pending"
    IS_THIS_YOUR_CODE = "is_this_your_code"
    CODE_NOT_TRIED = "code_not_tried"
    CODE_MISSING = "code_missing"
    SECRET_MASKED = "secret_masked"  # noqa: S105
    ANSWERS_WRONG = "answers_wrong"
    ANSWERS_STOPPED = "answers_stopped"
    SET_PASSWORD = "set_password"  # noqa: S105
    DISABLED_AFTER_PROOF = "disabled_after_proof"
    GRANT_EXPIRED = "grant_expired"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    SESSIONS_MAY_BE_OPEN = "sessions_may_be_open"
    ADVISE_FACTORS = "advise_factors"
    COMPLETING = "completing"
    PASSWORD_RULES = "password_rules"  # noqa: S105
    REMIND_ADDRESS = "remind_address"
    REMIND_METHOD = "remind_method"
    REMIND_CODE = "remind_code"
    REMIND_LINK = "remind_link"
    REMIND_ANSWERS = "remind_answers"
    REMIND_PASSWORD = "remind_password"  # noqa: S105
    CANCELLED = "cancelled"
    NOTHING_TO_CANCEL = "nothing_to_cancel"
    CASE_STATUS_NONE = "case_status_none"
    CASE_STATUS_OPEN = "case_status_open"
    CASE_STATUS_WAITING = "case_status_waiting"
    CASE_STATUS_DONE = "case_status_done"
    CASE_STATUS_ENDED = "case_status_ended"
    CASE_FROZEN = "case_frozen"
    CASE_MOVED = "case_moved"
    CASE_EXPIRED = "case_expired"
    CASE_RESUMED = "case_resumed"
    LOST_PHONE = "lost_phone"
    LOST_EVERYTHING = "lost_everything"
    ACCOUNT_DISABLED = "account_disabled"
    ASK_EDITION = "ask_edition"
    PATH_STANDARD = "path_standard"
    PATH_PREMIUM = "path_premium"
    PATH_GROUP = "path_group"
    PATH_UNKNOWN = "path_unknown"
    OFFER_SELF_PROOF = "offer_self_proof"
    ADMINISTRATOR_HELPS = "administrator_helps"
    REPORT_TAKEOVER = "report_takeover"
    REQUEST_FILED = "request_filed"
    REQUEST_WAITS = "request_waits"
    REQUESTS_STAND = "requests_stand"
    REQUESTS_FROM_HERE = "requests_from_here"
    DISABLED_REQUEST_FILED = "disabled_request_filed"
    REQUEST_APPROVED = "request_approved"
    ACCOUNT_ENABLED = "account_enabled"
    REVIEW_OPENED = "review_opened"
    REVIEW_LATER = "review_later"
    REVIEW_POSSIBLE = "review_possible"
    DOCUMENTS_RECEIVED = "documents_received"
    REVIEW_WAITS = "review_waits"
    REVIEW_COOLS = "review_cools"
    REVIEW_EFFECTIVE = "review_effective"
    REQUEST_WITHDRAWN = "request_withdrawn"
    REQUEST_DONE = "request_done"
    MEASURED_MINUTES = "measured_minutes"
    MEASURED_HOURS = "measured_hours"
    NOT_MEASURED = "not_measured"
    TALK_WAITING = "talk_waiting"
    TALK_IS_ON = "talk_is_on"
    TALK_TICKET = "talk_ticket"
    TALKS_FROM_HERE = "talks_from_here"
    TALK_MISSED = "talk_missed"
    TALK_ENDED = "talk_ended"
    TAKEOVER_FILED = "takeover_filed"
    REFUSED_NOT_MATCHED = "refused_not_matched"
    REFUSED_NUMBER_WRONG = "refused_number_wrong"
    REFUSED_UNREADABLE = "refused_unreadable"
    REFUSED_NAME_DIFFERS = "refused_name_differs"
    REFUSED_DOCUMENT_OUTDATED = "refused_document_outdated"
    REFUSED_NOT_AUTHORISED = "refused_not_authorised"
    REFUSED_LEFT_COMPANY = "refused_left_company"
    REFUSED_VETOED = "refused_vetoed"
    REFUSED_OTHER = "refused_other"


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """What a message carries besides its words: variables, buttons in order, and the form it opens."""

    variables: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    form: FormPurpose | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to say: an id and its variables, ready to be put into words by the assistant."""

    id: MessageId
    variables: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def spec(self) -> MessageSpec:
        """Return what belongs to this message besides its words."""
        return SPECS[self.id]


_METHODS = (Button.METHOD_SMS, Button.METHOD_MAIL, Button.METHOD_QUESTIONS)
_EDITIONS = (Button.EDITION_STANDARD, Button.EDITION_PREMIUM, Button.EDITION_GROUP, Button.EDITION_UNKNOWN)
_WAYS_ON = (Button.ANOTHER_METHOD, Button.ADMINISTRATOR, Button.HUMAN)
_AGAIN = (Button.RESEND, Button.ANOTHER_METHOD)
_REFUSALS = {
    id_: MessageSpec(("number",), (Button.START, Button.HUMAN))
    for id_ in MessageId
    if id_.value.startswith("refused_")
}

_PLAIN = {id_: MessageSpec() for id_ in MessageId} | _REFUSALS

SPECS: Mapping[MessageId, MessageSpec] = _PLAIN | {
    MessageId.HELP: MessageSpec(buttons=(Button.START, Button.ADMINISTRATOR, Button.RULES, Button.HUMAN)),
    MessageId.OUT_OF_SCOPE: MessageSpec(buttons=(Button.START, Button.HUMAN)),
    MessageId.FALLBACK: MessageSpec(buttons=(Button.START, Button.ADMINISTRATOR, Button.HUMAN)),
    MessageId.FALLBACK_AGAIN: MessageSpec(
        buttons=(Button.START, Button.LOST_PHONE, Button.ACCOUNT_DISABLED, Button.HUMAN)
    ),
    MessageId.FALLBACK_PERSON: MessageSpec(buttons=(Button.HUMAN, Button.START)),
    MessageId.HEARD_PASSWORD: MessageSpec(buttons=(Button.START, Button.ACCOUNT_DISABLED, Button.HUMAN)),
    MessageId.HEARD_PHONE: MessageSpec(buttons=(Button.LOST_PHONE, Button.CODE_MISSING, Button.HUMAN)),
    MessageId.HEARD_DISABLED: MessageSpec(buttons=(Button.ACCOUNT_DISABLED, Button.START, Button.HUMAN)),
    MessageId.HEARD_ADMINISTRATOR: MessageSpec(buttons=(Button.ADMIN_RECOVERY, Button.START, Button.HUMAN)),
    MessageId.HEARD_CODE: MessageSpec(buttons=(Button.CODE_MISSING, Button.LOST_PHONE, Button.HUMAN)),
    MessageId.HEARD_RULES: MessageSpec(buttons=(Button.RULES, Button.START, Button.HUMAN)),
    MessageId.HEARD_STATUS: MessageSpec(buttons=(Button.STATUS, Button.START, Button.HUMAN)),
    MessageId.HEARD_PERSON: MessageSpec(buttons=(Button.HUMAN, Button.START)),
    MessageId.HEARD_TAKEOVER: MessageSpec(buttons=(Button.REPORT_TAKEOVER, Button.START, Button.HUMAN)),
    MessageId.OFFER_METHODS: MessageSpec(("address",), _METHODS),
    MessageId.OFFER_SECOND_METHOD: MessageSpec((), _METHODS),
    MessageId.OFFER_WAYS_ON: MessageSpec((), _WAYS_ON),
    MessageId.CODE_SENT: MessageSpec(("minutes",), (Button.CODE_MISSING,), FormPurpose.CODE),
    MessageId.LINK_SENT: MessageSpec(("minutes", "reference"), (Button.CODE_MISSING,)),
    MessageId.ANSWERS_FORM: MessageSpec((), (Button.ANOTHER_METHOD,), FormPurpose.ANSWERS),
    MessageId.WAIT_BEFORE_SENDING: MessageSpec(("seconds",), (Button.ANOTHER_METHOD,)),
    MessageId.SENDING_LIMIT: MessageSpec((), _WAYS_ON),
    MessageId.ADDRESS_LIMIT: MessageSpec(("minutes",), (Button.ADMINISTRATOR, Button.HUMAN)),
    MessageId.CODE_WRONG: MessageSpec(("tries_left",), (), FormPurpose.CODE),
    MessageId.CODE_DEAD: MessageSpec((), _AGAIN),
    MessageId.CODE_EXPIRED: MessageSpec((), _AGAIN),
    MessageId.IS_THIS_YOUR_CODE: MessageSpec((), (Button.YES, Button.NO)),
    MessageId.CODE_MISSING: MessageSpec((), (Button.RESEND, *_WAYS_ON)),
    MessageId.ANSWERS_WRONG: MessageSpec((), (Button.ANOTHER_METHOD,), FormPurpose.ANSWERS),
    MessageId.ANSWERS_STOPPED: MessageSpec((), _WAYS_ON),
    MessageId.SET_PASSWORD: MessageSpec(("minutes",), (), FormPurpose.PASSWORD),
    MessageId.DISABLED_AFTER_PROOF: MessageSpec((), (Button.ADMINISTRATOR, Button.HUMAN)),
    MessageId.GRANT_EXPIRED: MessageSpec((), _METHODS),
    MessageId.PASSWORD_RULES: MessageSpec(("minimum", "maximum", "classes", "history")),
    MessageId.REMIND_METHOD: MessageSpec((), _METHODS),
    MessageId.REMIND_CODE: MessageSpec((), (Button.CODE_MISSING,), FormPurpose.CODE),
    MessageId.REMIND_LINK: MessageSpec(("reference",), (Button.CODE_MISSING,)),
    MessageId.REMIND_ANSWERS: MessageSpec((), (Button.ANOTHER_METHOD,), FormPurpose.ANSWERS),
    MessageId.REMIND_PASSWORD: MessageSpec(("minutes",), (), FormPurpose.PASSWORD),
    MessageId.CANCELLED: MessageSpec((), (Button.START,)),
    MessageId.CASE_STATUS_NONE: MessageSpec((), (Button.START, Button.HUMAN), FormPurpose.RESUME),
    MessageId.CASE_STATUS_OPEN: MessageSpec(("reference",), (), FormPurpose.RESUME),
    MessageId.CASE_STATUS_WAITING: MessageSpec(("reference",), (Button.STATUS, Button.HUMAN, Button.CANCEL)),
    MessageId.CASE_STATUS_DONE: MessageSpec(("reference",)),
    MessageId.CASE_STATUS_ENDED: MessageSpec(("reference",), (Button.START,)),
    MessageId.CASE_FROZEN: MessageSpec(("reference",), (Button.START, Button.ADMINISTRATOR, Button.HUMAN)),
    MessageId.CASE_MOVED: MessageSpec((), (Button.START,)),
    MessageId.CASE_EXPIRED: MessageSpec((), (Button.START,)),
    MessageId.CASE_RESUMED: MessageSpec(("reference",), (), FormPurpose.RESUME),
    MessageId.LOST_PHONE: MessageSpec((), (Button.START, Button.ADMINISTRATOR, Button.HUMAN)),
    MessageId.LOST_EVERYTHING: MessageSpec((), (Button.ADMINISTRATOR, Button.HUMAN)),
    MessageId.ACCOUNT_DISABLED: MessageSpec((), (Button.START, Button.ADMINISTRATOR)),
    MessageId.ASK_EDITION: MessageSpec((), _EDITIONS),
    MessageId.OFFER_SELF_PROOF: MessageSpec(
        (), (Button.METHOD_SMS, Button.METHOD_MAIL, Button.REQUEST_ADMINISTRATOR, Button.HUMAN)
    ),
    MessageId.ADMINISTRATOR_HELPS: MessageSpec((), (Button.REQUEST_ADMINISTRATOR, Button.START)),
    MessageId.REPORT_TAKEOVER: MessageSpec((), (Button.START, Button.REQUEST_ADMINISTRATOR, Button.HUMAN)),
    MessageId.REQUEST_FILED: MessageSpec(("number",), (Button.STATUS, Button.HUMAN, Button.CANCEL)),
    MessageId.REQUEST_WAITS: MessageSpec(
        ("number", "position"), (Button.SEND_DOCUMENTS, Button.HUMAN, Button.CANCEL)
    ),
    MessageId.REQUESTS_STAND: MessageSpec((), (Button.START, Button.HUMAN)),
    MessageId.REQUESTS_FROM_HERE: MessageSpec((), (Button.START, Button.HUMAN)),
    MessageId.DISABLED_REQUEST_FILED: MessageSpec(("number",), (Button.STATUS, Button.HUMAN)),
    MessageId.REQUEST_APPROVED: MessageSpec(("minutes",), (), FormPurpose.PASSWORD),
    MessageId.ACCOUNT_ENABLED: MessageSpec((), _METHODS),
    MessageId.REVIEW_OPENED: MessageSpec(("number",), (Button.STATUS, Button.CANCEL), FormPurpose.EVIDENCE),
    MessageId.REVIEW_LATER: MessageSpec(("days",), (Button.REQUEST_ADMINISTRATOR, Button.HUMAN)),
    MessageId.REVIEW_POSSIBLE: MessageSpec((), (Button.SEND_DOCUMENTS, Button.HUMAN)),
    MessageId.DOCUMENTS_RECEIVED: MessageSpec(("number",), (Button.STATUS,)),
    MessageId.REVIEW_WAITS: MessageSpec(("number", "position"), (Button.HUMAN, Button.CANCEL)),
    MessageId.REVIEW_COOLS: MessageSpec(("number", "hours"), (Button.STATUS,)),
    MessageId.REVIEW_EFFECTIVE: MessageSpec((), (Button.METHOD_MAIL,)),
    MessageId.REQUEST_WITHDRAWN: MessageSpec(("number",), (Button.START,)),
    MessageId.REQUEST_DONE: MessageSpec(("number",)),
    MessageId.MEASURED_MINUTES: MessageSpec(("count", "median", "p90")),
    MessageId.MEASURED_HOURS: MessageSpec(("count", "median", "p90")),
    MessageId.TALK_WAITING: MessageSpec(("position",), (Button.BACK_TO_ASSISTANT,)),
    MessageId.TALK_IS_ON: MessageSpec((), (Button.BACK_TO_ASSISTANT,)),
    MessageId.TALK_TICKET: MessageSpec(("number",), (Button.START, Button.REQUEST_ADMINISTRATOR)),
    MessageId.TALKS_FROM_HERE: MessageSpec((), (Button.START, Button.REQUEST_ADMINISTRATOR)),
    MessageId.TALK_MISSED: MessageSpec(("number",), (Button.HUMAN, Button.CONTINUE)),
    MessageId.TAKEOVER_FILED: MessageSpec(("number",)),
}
