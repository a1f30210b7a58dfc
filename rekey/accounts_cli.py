"""``rekey accounts``: bring in, write out, enable and disable the accounts that rekey may help."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import click

from recovery_core.accounts.account import Account, Status
from recovery_core.accounts.address import AddressError, parse
from recovery_core.accounts.importing_plan import Allowed, Change, Effect
from recovery_core.accounts.importing_problems import Problems
from recovery_core.accounts.importing_rows import Row, shared_phones
from recovery_core.audit import AuditName
from recovery_core.clock import SystemClock
from recovery_core.entropy import SystemEntropy
from recovery_core.errors import ConflictError
from rekey.accounts_apply import BATCH, CHAIN, Tally, change_status, planned, store
from rekey.accounts_file import AccountsFile, progress_bar, read_accounts, writing
from rekey.accounts_words import change_words, kept_words, problem_words, tally_words
from rekey.store import Store, read_hash, with_store

LONGEST_REASON = 200
"""Characters of a reason in the audit trail."""


@click.group()
def accounts() -> None:
    """Bring in, write out, enable and disable accounts."""


@accounts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="List what would change, and change nothing.")
@click.option("--set-passwords", is_flag=True, help="Also replace the passwords of accounts that exist.")
@click.option("--set-status", is_flag=True, help="Also enable and disable accounts that exist.")
def import_(file: Path, *, dry_run: bool, set_passwords: bool, set_status: bool) -> None:
    """Add and correct the accounts of a CSV file, all of them or none."""
    allowed = Allowed(passwords=set_passwords, status=set_status)
    tally = with_store(lambda work: _import(work, file, allowed, dry_run=dry_run))
    click.echo(tally_words(tally, done=not dry_run))


@accounts.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--domain", help="Only the accounts of this domain.")
@click.option("--with-hashes", is_flag=True, help="Write the password hashes too; keep that file secret.")
def export(file: Path | None, *, domain: str | None, with_hashes: bool) -> None:
    """Write the accounts as CSV, to FILE or to standard output."""
    count = with_store(lambda work: _export(work, file, domain, with_hashes=with_hashes))
    if file is not None:
        click.echo(f"{count} accounts written to {file}.")


_reason = click.option("--reason", required=True, help="Kept in the audit trail; write no names.")


@accounts.command()
@click.argument("address")
@_reason
def enable(address: str, *, reason: str) -> None:
    """Let the account be used again."""
    with_store(lambda work: _set_status(work, address, Status.ACTIVE, reason))


@accounts.command()
@click.argument("address")
@_reason
def disable(address: str, *, reason: str) -> None:
    """Let nobody sign in to the account, and end what is signed in."""
    with_store(lambda work: _set_status(work, address, Status.DISABLED, reason))


async def _import(work: Store, file: Path, allowed: Allowed, *, dry_run: bool) -> Tally:
    async with work.reading() as unit:
        domains = [domain.name for domain in await unit.accounts_writer.domains()]
    rows, problems = read_accounts(file, domains, read_hash)
    if problems.count:
        raise click.ClickException(_refusal(problems))
    _warn_of_shared_phones(rows)
    try:
        return await _carry_out(work, rows, allowed, dry_run=dry_run)
    except ConflictError:
        words = "Somebody else changed accounts at the same time; nothing was changed. Try again."
        raise click.ClickException(words) from None


async def _carry_out(work: Store, rows: Sequence[Row], allowed: Allowed, *, dry_run: bool) -> Tally:
    clock, entropy, tally = SystemClock(), SystemEntropy(), Tally()
    with progress_bar("Comparing" if dry_run else "Storing", len(rows)) as advance:
        async with work.reading() if dry_run else work() as unit:
            async for changes in planned(unit, rows, allowed):
                for change in changes:
                    tally.add(change)
                    _list(change, dry_run=dry_run)
                if not dry_run:
                    await store(unit, changes, clock.now(), entropy)
                advance(len(changes))
            if not dry_run:
                await unit.audit.append(CHAIN, AuditName.ACCOUNTS_IMPORTED, clock.now(), tally.counts())
                await unit.commit()
    return tally


def _list(change: Change, *, dry_run: bool) -> None:
    if not dry_run:
        return
    if change.effect is not Effect.UNCHANGED:
        click.echo(change_words(change))
    if kept := kept_words(change):
        click.echo(kept)


def _refusal(problems: Problems) -> str:
    lines = [problem_words(problem) for problem in problems.listed]
    if problems.unlisted:
        lines.append(f"… and {problems.unlisted} more.")
    lines.append("Nothing was changed.")
    return "\n".join(["The file cannot be taken:", *lines])


def _warn_of_shared_phones(rows: Sequence[Row]) -> None:
    shared = shared_phones(rows)
    for phone, count in list(shared.items())[:10]:
        words = (
            f"Warning: {count} accounts share the phone {phone[:3]}…{phone[-4:]}; a code opens each of them."
        )
        click.echo(words, err=True)
    if len(shared) > 10:  # noqa: PLR2004
        click.echo(f"Warning: {len(shared) - 10} more phones are shared.", err=True)


async def _export(work: Store, path: Path | None, domain: str | None, *, with_hashes: bool) -> int:
    count = 0
    async with work.reading() as unit:
        if domain is not None and await unit.accounts.domain(domain.casefold()) is None:
            raise click.ClickException(f"There is no domain {domain}; rekey domains list shows them.")
        with writing(path) as stream:
            file = AccountsFile(stream)
            async for page in _pages(unit.accounts_writer.all_accounts(domain and domain.casefold())):
                ids = [account.id for account in page] if with_hashes else []
                hashes = await unit.accounts_writer.current_hashes(ids)
                for account in page:
                    file.write(account, hashes.get(account.id))
                count += len(page)
    return count


async def _pages(found: AsyncIterator[Account]) -> AsyncIterator[Sequence[Account]]:
    page: list[Account] = []
    async for account in found:
        page.append(account)
        if len(page) == BATCH:
            yield page
            page = []
    yield page


async def _set_status(work: Store, address: str, status: Status, reason: str) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise click.BadParameter(f"1 to {LONGEST_REASON} printable characters", param_hint="--reason")
    async with work() as unit:
        account = await unit.accounts.by_address(_normalised(address))
        if account is None:
            raise click.ClickException(f"There is no account {address}.")
        if account.status is status:
            click.echo(f"{account.address} is {status} already.")
            return
        await change_status(unit, account, status, SystemClock().now(), by="command", reason=reason.strip())
        await unit.commit()
    click.echo(_status_words(account, status))


def _normalised(address: str) -> str:
    try:
        return parse(address).text
    except AddressError:
        raise click.BadParameter("write it as name@example.com", param_hint="ADDRESS") from None


def _status_words(account: Account, status: Status) -> str:
    if status is Status.ACTIVE:
        return f"{account.address} is active. Its password is the one it had; it can be reset now."
    return f"{account.address} is disabled. Nobody can sign in, and open sessions are being ended."
