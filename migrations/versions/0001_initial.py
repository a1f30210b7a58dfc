"""The tables of the first release, and the view that Dovecot reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from recovery_core.adapters.sql.types import NUMBER, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_DOVECOT_VIEW = """
CREATE VIEW dovecot_users AS
SELECT "user", domain, scheme || password AS password, home
FROM (
    SELECT
        mailboxes.address AS "user",
        accounts.domain AS domain,
        CASE
            WHEN substr(mailboxes.password, 1, 10) = '$argon2id$' THEN '{ARGON2ID}'
            WHEN substr(mailboxes.password, 1, 9) = '$argon2i$' THEN '{ARGON2I}'
            WHEN substr(mailboxes.password, 1, 4) IN ('$2a$', '$2b$', '$2y$') THEN '{BLF-CRYPT}'
            WHEN substr(mailboxes.password, 1, 3) = '$6$' THEN '{SHA512-CRYPT}'
        END AS scheme,
        mailboxes.password AS password,
        '/var/mail/rekey/' || mailboxes.account_id AS home
    FROM mailboxes
    JOIN accounts ON accounts.id = mailboxes.account_id
    WHERE accounts.status = 'active' AND NOT mailboxes.blocked
) AS usable
WHERE scheme IS NOT NULL
"""
"""Only who may sign in now is in it: to Dovecot a disabled or blocked mailbox does not exist.

No password and a hash of another scheme give no row either: Dovecot would take a NULL password for an empty one.
"""

_TABLES = (
    "attempts",
    "audit_anchors",
    "audit_events",
    "audit_heads",
    "budgets",
    "cases",
    "challenges",
    "client_starts",
    "conversations",
    "digest_lines",
    "domains",
    "forms",
    "outbox",
    "sends",
    "typed_secrets",
    "vetoes",
    "accounts",
    "buttons",
    "lines",
    "question_pairs",
    "contacts",
    "mailboxes",
    "password_history",
    "security_answers",
)
"""In the order of their references."""


def upgrade() -> None:
    """Create everything."""
    _attempts()
    _audit_anchors()
    _audit_events()
    _audit_heads()
    _budgets()
    _cases()
    _challenges()
    _client_starts()
    _conversations()
    _digest_lines()
    _domains()
    _forms()
    _outbox()
    _sends()
    _typed_secrets()
    _vetoes()
    _accounts()
    _buttons()
    _lines()
    _question_pairs()
    _contacts()
    _mailboxes()
    _password_history()
    _security_answers()
    op.execute(_DOVECOT_VIEW)


def downgrade() -> None:
    """Drop everything."""
    op.execute("DROP VIEW dovecot_users")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _partial_index(name: str, table: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)

def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_attempts_at", "attempts", ["at"])
    op.create_index("ix_attempts_kind_key_at", "attempts", ["kind", "key", "at"])


def _audit_anchors() -> None:
    op.create_table(
        "audit_anchors",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("chain", sa.String(96), nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_anchors_chain_position", "audit_anchors", ["chain", "position"])


def _audit_events() -> None:
    op.create_table(
        "audit_events",
        sa.Column("chain", sa.String(96), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(96), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
    )


def _audit_heads() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("chain", sa.String(96), primary_key=True),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("anchored", sa.Integer, nullable=False),
    )
    _partial_index("ix_audit_heads_grew", "audit_heads", ["chain"], "length > anchored")
    op.create_index("ix_audit_heads_last_at", "audit_heads", ["last_at"])


def _budgets() -> None:
    op.create_table(
        "budgets",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("consecutive_failures", sa.Integer, nullable=False),
        sa.Column("killed_codes", sa.Integer, nullable=False),
        sa.Column("wait_until", UtcDateTime),
        sa.Column("stopped", sa.Boolean, nullable=False),
        sa.Column("day_started", UtcDateTime),
        sa.Column("day_failures", sa.Integer, nullable=False),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("reference", sa.String(32), nullable=False, unique=True),
        sa.Column("conversation_id", sa.String(96), nullable=False),
        sa.Column("joined", sa.Integer, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("address", sa.String(320)),
        sa.Column("account_id", sa.String(96)),
        sa.Column("proofs", sa.JSON, nullable=False),
        sa.Column("proof_contacts", sa.JSON, nullable=False),
        sa.Column("failed_methods", sa.JSON, nullable=False),
        sa.Column("escalation", sa.String(32)),
        sa.Column("grant_issued_at", UtcDateTime),
        sa.Column("grant_expires_at", UtcDateTime),
        sa.Column("grant_password_version", sa.Integer),
        sa.Column("grant_contacts_version", sa.Integer),
        sa.Column("grant_status", sa.String(32)),
        sa.Column("grant_sendings_left", sa.Integer),
        sa.Column("resume_hash", sa.String(64)),
        sa.Column("completed_at", UtcDateTime),
        sa.Column("first_challenge_at", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_cases_account_id_state", "cases", ["account_id", "state"])
    op.create_index("ix_cases_conversation_id_joined", "cases", ["conversation_id", "joined"])
    op.create_index("ix_cases_state_updated_at", "cases", ["state", "updated_at"])


def _challenges() -> None:
    op.create_table(
        "challenges",
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("case_id", sa.String(96), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("address_key", sa.String(64), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("decoy", sa.Boolean, nullable=False),
        sa.Column("questions", sa.JSON),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("tries_left", sa.Integer, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("candidate_hash", sa.String(64)),
    )
    op.create_index("ix_challenges_case_id_ordinal", "challenges", ["case_id", "ordinal"])
    _partial_index("ix_challenges_pending", "challenges", ["expires_at"], "state = 'pending'")
    op.create_index("ix_challenges_secret_hash_method", "challenges", ["secret_hash", "method"])


def _client_starts() -> None:
    op.create_table(
        "client_starts",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("client_key", sa.String(64), nullable=False),
        sa.Column("address_key", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_client_starts_at", "client_starts", ["at"])
    op.create_index("ix_client_starts_client_key_at", "client_starts", ["client_key", "at"])


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("client_key", sa.String(64)),
    )
    op.create_index("ix_conversations_last_seen_at", "conversations", ["last_seen_at"])


def _digest_lines() -> None:
    op.create_table(
        "digest_lines",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("line", sa.JSON, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_digest_lines_domain_at", "digest_lines", ["domain", "at"])


def _domains() -> None:
    op.create_table(
        "domains",
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("edition", sa.String(32), nullable=False),
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("uscc", sa.String(32), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("owner_contact", sa.String(320)),
        sa.Column("group_domain", sa.String(255)),
        sa.Column("demo", sa.Boolean, nullable=False),
        sa.Column("accounts", sa.Integer, nullable=False),
    )


def _forms() -> None:
    op.create_table(
        "forms",
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("case_id", sa.String(96), nullable=False),
        sa.Column("conversation_id", sa.String(96), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("claim_hash", sa.String(64)),
    )
    _partial_index("ix_forms_open", "forms", ["case_id"], "finished_at IS NULL")


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(512), primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("topic", sa.String(320), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("decoy", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("finished_at", UtcDateTime),
    )
    _partial_index("ix_outbox_due", "outbox", ["due_at"], "state = 'waiting'")
    _partial_index("ix_outbox_expires", "outbox", ["expires_at"], "state = 'waiting'")
    _partial_index("ix_outbox_finished", "outbox", ["finished_at"], "finished_at IS NOT NULL")
    _partial_index("ix_outbox_topic", "outbox", ["topic"], "state = 'waiting'")


def _sends() -> None:
    op.create_table(
        "sends",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("domain_key", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("paid", sa.Boolean, nullable=False),
    )
    op.create_index("ix_sends_at", "sends", ["at"])
    op.create_index("ix_sends_key_at", "sends", ["key", "at"])
    _partial_index("ix_sends_paid", "sends", ["at"], "paid")
    _partial_index("ix_sends_paid_domain", "sends", ["domain_key", "at"], "paid")


def _typed_secrets() -> None:
    op.create_table(
        "typed_secrets",
        sa.Column("conversation_id", sa.String(96), primary_key=True),
        sa.Column("secret_hash", sa.String(64), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
    )


def _vetoes() -> None:
    op.create_table(
        "vetoes",
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("account_id", sa.String(96), nullable=False),
        sa.Column("case_id", sa.String(96), nullable=False),
        sa.Column("contact_id", sa.String(96), nullable=False),
        sa.Column("gave_proof", sa.Boolean, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime),
    )
    op.create_index("ix_vetoes_account_id", "vetoes", ["account_id"])
    op.create_index("ix_vetoes_contact_id_used_at", "vetoes", ["contact_id", "used_at"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("address", sa.String(320), nullable=False, unique=True),
        sa.Column("domain", sa.String(255), sa.ForeignKey("domains.name"), nullable=False),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("status_changed_at", UtcDateTime, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("employee_number", sa.String(64)),
        sa.Column("contacts_version", sa.Integer, nullable=False),
        sa.Column("two_methods_required", sa.Boolean, nullable=False),
        sa.Column("hold_used_at", UtcDateTime),
    )
    op.create_index("ix_accounts_domain_address", "accounts", ["domain", "address"])
    op.create_index("ix_accounts_domain_role", "accounts", ["domain", "role"])


def _buttons() -> None:
    op.create_table(
        "buttons",
        sa.Column("conversation_id", sa.String(96), sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )


def _lines() -> None:
    op.create_table(
        "lines",
        sa.Column("seq", NUMBER, primary_key=True),
        sa.Column("conversation_id", sa.String(96), sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("message_id", sa.String(128), nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("answered_at", UtcDateTime),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lines_conversation_id_message_id", "lines", ["conversation_id", "message_id"])
    op.create_index("ix_lines_conversation_id_seq", "lines", ["conversation_id", "seq"])
    _partial_index("ix_lines_unanswered", "lines", ["seq"], "answered_at IS NULL AND kind IN ('said', 'event')")
    _partial_index("uq_lines_asked", "lines", ["conversation_id", "message_id"], "kind IN ('said', 'event')", unique=True)


def _question_pairs() -> None:
    op.create_table(
        "question_pairs",
        sa.Column("domain", sa.String(255), sa.ForeignKey("domains.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("first", sa.String(32), primary_key=True),
        sa.Column("second", sa.String(32), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("account_id", sa.String(96), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("value", sa.String(320), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
    )
    op.create_index("ix_contacts_account_id_position", "contacts", ["account_id", "position"])


def _mailboxes() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("account_id", sa.String(96), sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("address", sa.String(320), nullable=False, unique=True),
        sa.Column("password", sa.String(255)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("blocked", sa.Boolean, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("last_operation", sa.String(96)),
    )


def _password_history() -> None:
    op.create_table(
        "password_history",
        sa.Column("account_id", sa.String(96), sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("operation", sa.String(96)),
        sa.Column("set_at", UtcDateTime, nullable=False),
    )


def _security_answers() -> None:
    op.create_table(
        "security_answers",
        sa.Column("account_id", sa.String(96), sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("question", sa.String(32), nullable=False),
        sa.Column("answer_hash", sa.String(255), nullable=False),
    )
