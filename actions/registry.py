"""All actions; a test compares their names with ``domain.yml``."""

from __future__ import annotations

from actions.account_disabled import ActionAccountDisabled
from actions.admin_recovery import ActionAdminRecovery
from actions.administrator import ActionAdministrator
from actions.affirm import ActionAffirm
from actions.another_method import ActionAnotherMethod
from actions.back_to_assistant import ActionBackToAssistant
from actions.base import CoreAction
from actions.cancel import ActionCancel
from actions.case_event import ActionCaseEvent
from actions.case_status import ActionCaseStatus
from actions.challenge import ActionChallenge
from actions.code_missing import ActionCodeMissing
from actions.deny import ActionDeny
from actions.edition import ActionEdition
from actions.give_address import ActionGiveAddress
from actions.go_on import ActionContinue
from actions.human import ActionHuman
from actions.lost_phone import ActionLostPhone
from actions.not_understood import ActionNotUnderstood
from actions.password_rules import ActionPasswordRules
from actions.report_takeover import ActionReportTakeover
from actions.request_administrator import ActionRequestAdministrator
from actions.request_review import ActionRequestReview
from actions.resend import ActionResend
from actions.small_talk import ActionSmallTalk
from actions.start_recovery import ActionStartRecovery
from recovery_core.cases.parts import Parts

ACTIONS: tuple[type[CoreAction], ...] = (
    ActionAccountDisabled,
    ActionAdminRecovery,
    ActionAdministrator,
    ActionAffirm,
    ActionAnotherMethod,
    ActionBackToAssistant,
    ActionCancel,
    ActionCaseEvent,
    ActionCaseStatus,
    ActionChallenge,
    ActionCodeMissing,
    ActionContinue,
    ActionDeny,
    ActionEdition,
    ActionGiveAddress,
    ActionHuman,
    ActionLostPhone,
    ActionNotUnderstood,
    ActionPasswordRules,
    ActionReportTakeover,
    ActionRequestAdministrator,
    ActionRequestReview,
    ActionResend,
    ActionSmallTalk,
    ActionStartRecovery,
)


def all_actions(parts: Parts) -> list[CoreAction]:
    """Return one instance of every action."""
    return [action(parts) for action in ACTIONS]
