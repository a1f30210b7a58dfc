"""What the accounts commands say to an operator: every problem with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recovery_core.accounts.account import ContactKind
from recovery_core.accounts.importing_header import COLUMNS, Column
from recovery_core.accounts.importing_plan import Change, Effect
from recovery_core.accounts.importing_problems import Problem, ProblemCode
from rekey.accounts_apply import Tally

_SCHEMES = "take Argon2, bcrypt or SHA512-CRYPT; leave the cell empty for an account that shall set one later"

PROBLEMS: Mapping[ProblemCode, str] = {
    ProblemCode.UTF16: "the file is UTF-16; save it as “CSV UTF-8”.",
    ProblemCode.GBK: "the file looks like GBK; save it as “CSV UTF-8”, or use iconv -f GB18030 -t UTF-8.",
    ProblemCode.NOT_UTF8: "the file is not UTF-8 from here on; save it as “CSV UTF-8”.",
    ProblemCode.NOT_CSV: "this is not CSV: a quotation mark is not closed, or a cell is too long. "
    'Double the quotation marks inside a cell: "Rex ""the dog"" Roy".',
    ProblemCode.DELIMITER: "the columns are not separated by commas; save the file as CSV with commas.",
    ProblemCode.HEADER_MISSING: f"the first line must name the columns: {','.join(COLUMNS)}",
    ProblemCode.COLUMN_UNKNOWN: "there is no column “{given}”{near_column}.",
    ProblemCode.COLUMN_MISSING: "the column “{given}” is missing{near_header}. "
    "Its cells may be empty, the column must be there.",
    ProblemCode.COLUMN_TWICE: "the column “{given}” is there twice; remove one.",
    ProblemCode.CELLS: "the line has {given} cells, the header {near}; quote cells that hold commas.",
    ProblemCode.EMPTY: "must not be empty{choices}.",
    ProblemCode.TOO_LONG: "is longer than {near} characters; shorten it.",
    ProblemCode.CONTROL: "holds a line break or another invisible control character; remove it.",
    ProblemCode.ADDRESS: "is not a mail address; write it as name@example.com.",
    ProblemCode.ADDRESS_TWICE: "the same address is in line {near}; remove one of the two.",
    ProblemCode.DOMAIN: "the domain {given} does not exist{near_domain}; "
    "add it first: rekey domains add {given} …",
    ProblemCode.CHOICE: "“{given}” is none of: {near}.",
    ProblemCode.PHONE: "is not a phone number; write it with the country: +8613800138000.",
    ProblemCode.PHONE_CN: "is no Chinese mobile number, so no code can reach it; write 11 digits after +86.",
    ProblemCode.BACKUP: "is not a mail address; write it as name@backup.example, or leave it empty.",
    ProblemCode.BACKUP_OWN: "is the mailbox itself, which cannot be read when its password is lost; "
    "write another one, or leave it empty.",
    ProblemCode.HASH_SCHEME: f"is a scheme that cannot be checked; {_SCHEMES}.",
    ProblemCode.HASH_MALFORMED: "is damaged or cut off; copy the whole hash.",
    ProblemCode.HASH_COST: "has a cost outside of what a sign-in can bear; hash that password anew.",
}


def problem_words(problem: Problem) -> str:
    """Return one line: where, what is wrong, what to do."""
    near, given = problem.near, _plain(problem.given)
    words = PROBLEMS[problem.code].format(
        given=given,
        near=near,
        near_column=f"; did you mean “{near}”" if near else f"; the columns are {', '.join(COLUMNS)}",
        near_header=f"; is it the one called “{_plain(near)}”?" if near else "",
        near_domain=f"; did you mean {near}" if near else "",
        choices=f"; write one of: {near}" if near else "",
    )
    place = f"line {problem.line}, {_plain(problem.column)}" if problem.column else f"line {problem.line}"
    return f"{place}: {words}"


def change_words(change: Change) -> str:
    """Return one line that says what happens to the account; contacts masked, hashes never shown."""
    row = change.row
    if change.effect is Effect.ADDED:
        parts = [f"{row.role}, {row.status}", _with("phone", row.phone), _with("backup", row.backup)]
        parts.append("with a password" if row.hash else "without a password")
        return f"add {row.address}: {', '.join(part for part in parts if part)}"
    return f"change {row.address}: {'; '.join(_changes(change))}"


def kept_words(change: Change) -> str | None:
    """Return what the file wants and nobody allowed, None if there is nothing of the kind."""
    wants: Sequence[tuple[bool, str]] = (
        (change.kept_status, f"status {change.row.status} (needs --set-status)"),
        (change.kept_password, "another password (needs --set-passwords)"),
    )
    parts = [words for wanted, words in wants if wanted]
    return f"keep {change.row.address}: the file has {', '.join(parts)}" if parts else None


def masked(kind: ContactKind, value: str) -> str:
    """Return enough of a contact to recognise it, and not enough to use it."""
    if kind is ContactKind.PHONE:
        return f"{value[:3]}…{value[-4:]}"
    local, _, domain = value.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _changes(change: Change) -> list[str]:
    parts = [f"{_label(column)} “{old}” → “{new}”" for column, (old, new) in change.fields.items()]
    for contact in change.contacts:
        old = masked(contact.kind, contact.old.value) if contact.old is not None else "none"
        new = masked(contact.kind, contact.new) if contact.new is not None else "none"
        parts.append(
            f"{'phone' if contact.kind is ContactKind.PHONE else 'backup'} {old} → {new}, both are told"
        )
    if change.status is not None and change.account is not None:
        parts.append(f"status {change.account.status} → {change.status}")
    if change.password is not None:
        parts.append("another password")
    return parts


def _plain(text: str) -> str:
    """Return the beginning of *text* without what could steer a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:60])


def _label(column: Column) -> str:
    return column.value.replace("_", " ")


def _with(label: str, value: str | None) -> str:
    if value is None:
        return ""
    kind = ContactKind.PHONE if label == "phone" else ContactKind.MAIL
    return f"{label} {masked(kind, value)}"


def tally_words(tally: Tally, *, done: bool) -> str:
    """Return the summary of an import, or of what one would do."""
    effects = tally.effects
    lines = [
        ", ".join(f"{effects[effect]} {effect}" for effect in Effect) + ".",
        f"Contacts changed: {tally.contacts}, statuses: {tally.statuses}, passwords: {tally.passwords}.",
        f"Notices to old and new contacts: {tally.notices}.",
    ]
    if tally.kept_statuses:
        lines.append(
            f"{tally.kept_statuses} other statuses in the file were left out; they need --set-status."
        )
    if tally.kept_passwords:
        lines.append(
            f"{tally.kept_passwords} other passwords in the file were left out; they need --set-passwords."
        )
    if not done:
        lines.append("This was a dry run: nothing was changed.")
    return "\n".join(lines)
