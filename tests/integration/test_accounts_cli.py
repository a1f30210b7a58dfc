"""The accounts commands on real databases: all or nothing, in words that say what to do."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from recovery_core.accounts.account import Account, Status
from recovery_core.accounts.ports import Credentials
from recovery_core.adapters.sql.unit_of_work import SqlUnitOfWork, SqlWork
from recovery_core.adapters.vault import AesGcmVault
from recovery_core.keyed import KeyedHash
from rekey.cli import main
from tests.stores import empty, sqlite_url, work_on

HEADER = "address,name,role,status,phone,backup,employee_number,language,hash\n"
ALICE = "alice@example.com,Alice Wang,employee,active,13800138000,alice@backup.example,E1001,zh,{hash}\n"
BOB = "bob@example.com,Bob Lee,administrator,disabled,,,,en,\n"
HASH = "$6$salt$" + "a" * 86
OTHER_HASH = "$6$salt$" + "b" * 86
KEYS = {name: bytes([number]) * 32 for number, name in enumerate(("AUDIT", "ENCRYPTION"), start=1)}
DOMAIN = ["--edition", "standard", "--company", "示例科技有限公司", "--uscc", "91330100MA2DEMA01A"]


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs rekey's commands over one database and looks into it."""

    url: str
    folder: Path

    def run(self, *arguments: str) -> Result:
        """Run ``rekey`` with *arguments*."""
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    def imported(self, rows: str, *options: str) -> Result:
        """Import a file of *rows*."""
        path = self.folder / "people.csv"
        path.write_text(HEADER + rows, encoding="utf-8")
        return self.run("accounts", "import", str(path), *options)

    def ask(self, question: Callable[[SqlUnitOfWork], Awaitable[object]]) -> object:
        """Return the answer of a unit of work."""

        async def run() -> object:
            work = SqlWork(
                work_on(self.url).engine, KeyedHash(KEYS["AUDIT"]), AesGcmVault(KEYS["ENCRYPTION"])
            )
            try:
                async with work.reading() as unit:
                    return await question(unit)
            finally:
                await work.engine.dispose()

        return asyncio.run(run())

    def account(self, name: str) -> Account:
        """Return the account called *name*."""
        found = self.ask(lambda unit: unit.accounts.by_address(f"{name}@example.com"))
        assert isinstance(found, Account)
        return found

    def credentials(self, name: str) -> Credentials:
        """Return what the directory holds for the account called *name*."""
        account_id = self.account(name).id
        found = self.ask(lambda unit: unit.directory.credentials(account_id))
        assert isinstance(found, Credentials)
        return found

    def audited(self) -> list[str]:
        """Return the names of the events outside of cases."""

        async def names(unit: SqlUnitOfWork) -> list[str]:
            return [event.name for event in await unit.audit.events("operator")]

        found = self.ask(names)
        assert isinstance(found, list)
        return found

    def deliveries(self) -> list[dict[str, str]]:
        """Return channel, recipient and template of what waits in the outbox."""
        vault = AesGcmVault(KEYS["ENCRYPTION"])

        async def run() -> list[dict[str, str]]:
            engine = work_on(self.url).engine
            async with engine.connect() as connection:
                rows = await connection.execute(text("SELECT id, channel, sealed FROM outbox"))
                found = [(row.channel, json.loads(vault.open(row.sealed, row.id))) for row in rows]
            await engine.dispose()
            return [{"channel": channel, "to": b["to"], "template": b["template"]} for channel, b in found]

        return sorted(asyncio.run(run()), key=lambda row: row["to"])


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty, up-to-date database of each kind in turn."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), tmp_path / "rekey.db")
        return sqlite_url(tmp_path / "rekey.db")
    made = str(request.getfixturevalue("migrated_postgres"))

    async def clear() -> None:
        work = work_on(made)
        await empty(work)
        await work.engine.dispose()

    asyncio.run(clear())
    return made


@pytest.fixture
def shell(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Give the commands the database, and a domain in it."""
    monkeypatch.setenv("REKEY_DATABASE_URL", url)
    monkeypatch.setenv("REKEY_DATA_DIR", str(tmp_path / "var"))
    for name, key in KEYS.items():
        monkeypatch.setenv(f"REKEY_{name}_KEY", key.hex())
    shell = Shell(url, tmp_path)
    assert shell.run("domains", "add", "example.com", *DOMAIN).exit_code == 0
    return shell


def test_new_accounts_get_everything_in_their_rows(shell: Shell) -> None:
    """R19: hash and status apply to new accounts."""
    result = shell.imported(ALICE.format(hash="{SHA512-CRYPT}" + HASH) + BOB)
    assert (result.exit_code, result.output.splitlines()[0]) == (0, "2 added, 0 changed, 0 unchanged.")
    assert [contact.value for contact in shell.account("alice").contacts] == [
        "+8613800138000",
        "alice@backup.example",
    ]
    assert shell.credentials("alice").hashes == (HASH,)
    assert shell.account("bob").status is Status.DISABLED
    assert shell.credentials("bob").version == 0
    assert (shell.audited(), shell.deliveries()) == (["operator:accounts:imported"], [])


def test_an_import_is_all_or_nothing(shell: Shell) -> None:
    """One bad row keeps out the good ones, and says line, column and remedy."""
    result = shell.imported(ALICE.format(hash="") + BOB.replace("example.com", "elsewhere.org"))
    assert result.exit_code == 1
    assert "line 3, address: the domain elsewhere.org does not exist" in result.output
    assert "Nothing was changed." in result.output
    assert shell.ask(lambda unit: unit.accounts.domain_size("example.com")) == 0


def test_a_dry_run_lists_everything_and_changes_nothing(shell: Shell) -> None:
    """R19: contacts, hashes and statuses are in the list, contacts masked and hashes never."""
    shell.imported(ALICE.format(hash=HASH))
    changed = (
        ALICE.replace("active", "disabled").replace("13800138000", "+8613900139000").format(hash=OTHER_HASH)
    )
    kept = shell.imported(changed + BOB, "--dry-run").output
    assert "change alice@example.com: phone +86…8000 → +86…9000, both are told" in kept
    assert (
        "keep alice@example.com: the file has status disabled (needs --set-status), another password" in kept
    )
    assert "add bob@example.com: administrator, disabled, without a password" in kept
    every = shell.imported(changed, "--dry-run", "--set-passwords", "--set-status").output
    assert "status active → disabled; another password" in every
    assert HASH not in kept + every
    assert (shell.account("alice").contacts_version, shell.account("alice").status) == (1, Status.ACTIVE)
    assert shell.audited() == ["operator:accounts:imported"]


def test_an_old_file_brings_back_neither_password_nor_status(shell: Shell) -> None:
    """R19: without being asked to, an import changes no password and no status of an existing account."""
    shell.imported(ALICE.format(hash=HASH))
    result = shell.imported(ALICE.replace("active", "disabled").format(hash=OTHER_HASH))
    assert "1 other statuses in the file were left out; they need --set-status." in result.output
    assert "1 other passwords in the file were left out; they need --set-passwords." in result.output
    assert shell.credentials("alice").hashes == (HASH,)
    assert shell.account("alice").status is Status.ACTIVE


def test_passwords_and_statuses_change_when_asked_to(shell: Shell) -> None:
    """R19, R11: both are changed, audited, and open sessions are ended."""
    shell.imported(ALICE.format(hash=HASH))
    changed = ALICE.replace("active", "disabled").format(hash=OTHER_HASH)
    shell.imported(changed, "--set-passwords", "--set-status")
    assert shell.credentials("alice") == Credentials(2, (OTHER_HASH, HASH))
    assert shell.account("alice").status is Status.DISABLED
    assert shell.audited()[1:3] == ["operator:account:disabled", "person:password:set"]
    assert {row["channel"] for row in shell.deliveries()} == {"sessions"}


def test_a_changed_contact_is_told_to_old_and_new(shell: Shell) -> None:
    """R19: both sides hear of it, the version that grants depend on rises, the other contact stays."""
    shell.imported(ALICE.format(hash=""))
    before = shell.account("alice")
    shell.imported(ALICE.replace("alice@backup", "new@backup").format(hash=""))
    after = shell.account("alice")
    assert shell.deliveries() == [
        {"channel": "mail", "to": "alice@backup.example", "template": "contact_changed"},
        {"channel": "mail", "to": "new@backup.example", "template": "contact_changed"},
    ]
    assert after.contacts_version == before.contacts_version + 1
    assert after.contacts[0] == before.contacts[0]
    assert after.contacts[1].id != before.contacts[1].id
    assert "operator:contacts:changed" in shell.audited()


@pytest.mark.parametrize("options", [[], ["--with-hashes"]])
def test_an_export_given_back_changes_nothing(shell: Shell, options: list[str]) -> None:
    """An export is a file that the import takes as it is."""
    shell.imported(ALICE.replace("Alice Wang", '"Wang, ""Ali"" 王"').format(hash=HASH) + BOB)
    path = shell.folder / "out.csv"
    assert shell.run("accounts", "export", *options, str(path)).output.startswith("2 accounts")
    assert (HASH in path.read_text(encoding="utf-8")) is bool(options)
    assert path.stat().st_mode & 0o077 == 0
    again = shell.run("accounts", "import", str(path), "--set-passwords", "--set-status")
    assert again.output.splitlines()[0] == "0 added, 0 changed, 2 unchanged."
    written = shell.run("accounts", "export", "--domain", "example.com", *options).stdout
    assert written == path.read_text(encoding="utf-8")


def test_enable_and_disable_are_audited_and_end_sessions(shell: Shell) -> None:
    """Both keep the reason; only disabling logs out; a second time changes nothing."""
    shell.imported(ALICE.format(hash=HASH))
    assert shell.run("accounts", "disable", "Alice@example.com", "--reason", "left").exit_code == 0
    assert "already" in shell.run("accounts", "disable", "alice@example.com", "--reason", "left").output
    assert shell.account("alice").status is Status.DISABLED
    assert shell.run("accounts", "enable", "alice@example.com", "--reason", "back").exit_code == 0
    assert shell.account("alice").status is Status.ACTIVE
    assert shell.audited()[1:] == ["operator:account:disabled", "operator:account:enabled"]
    assert [row["channel"] for row in shell.deliveries()] == ["sessions"]
    assert shell.run("accounts", "enable", "nobody@example.com", "--reason", "x").exit_code == 1


def test_a_shared_phone_is_a_warning(shell: Shell) -> None:
    """Two accounts may have one phone, and the operator hears of it."""
    row = ALICE.format(hash="")
    result = shell.imported(row + row.replace("alice@e", "amy@e"))
    assert result.exit_code == 0
    assert "2 accounts share the phone +86…8000" in result.stderr


def test_the_audit_trail_is_verified_in_stable_words(shell: Shell) -> None:
    """R21: an intact trail says so; a changed link is named, with exit code 1."""
    shell.imported(ALICE.format(hash=""))
    assert (shell.run("audit", "verify").output, shell.run("audit", "verify").exit_code) == ("intact\n", 0)

    async def tamper() -> None:
        engine = work_on(shell.url).engine
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE audit_events SET name = 'core:other:thing'"))
        await engine.dispose()

    asyncio.run(tamper())
    result = shell.run("audit", "verify")
    assert (result.output, result.exit_code) == ("broken\nbroken:operator:0\n", 1)


def test_domains_are_added_once_and_listed(shell: Shell) -> None:
    """The list has every field; a second domain of that name is refused."""
    again = shell.run("domains", "add", "EXAMPLE.com", *DOMAIN)
    assert (again.exit_code, "already" in again.output) == (1, True)
    assert shell.run("domains", "list").output == (
        "example.com\tstandard\t示例科技有限公司\t91330100MA2DEMA01A\tzh\t\t0\n"
    )


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--uscc", "91330100MA2DEMA01B", "check character"),
        ("--uscc", "123", "18 digits and capitals"),
        ("--group-domain", "group.example", "group edition"),
        ("--owner-contact", "owner", "name@example.com"),
    ],
)
def test_a_domain_with_a_wrong_value_is_refused(shell: Shell, option: str, value: str, words: str) -> None:
    """Each refusal says what to write instead."""
    result = shell.run("domains", "add", "other.example", *DOMAIN, option, value)
    assert (result.exit_code, words in result.output) == (2, True)


def test_a_database_without_tables_is_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not made the tables is told how."""
    monkeypatch.setenv("REKEY_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("REKEY_DATABASE_URL", raising=False)
    result = CliRunner().invoke(main, ["domains", "list"])
    assert (result.exit_code, "rekey db upgrade" in result.output) == (1, True)
