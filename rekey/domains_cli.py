"""``rekey domains``: the mail domains and the companies they belong to."""

from __future__ import annotations

import click

from recovery_core.accounts.account import Domain, Edition
from recovery_core.accounts.address import AddressError, parse
from recovery_core.errors import ConflictError
from recovery_core.evidence.uscc import UsccError, parse_uscc
from rekey.store import Store, with_store

_USCC_WORDS = {
    "uscc_form": "18 digits and capitals without I, O, S, V and Z; the third to the eighth are digits",
    "uscc_check": "the check character does not fit; compare it with the business licence",
}


@click.group()
def domains() -> None:
    """Add and list mail domains."""


@domains.command()
@click.argument("name")
@click.option("--edition", type=click.Choice([edition.value for edition in Edition]), required=True)
@click.option("--company", required=True, help="Name on the business licence.")
@click.option("--uscc", required=True, help="Unified Social Credit Code (GB 32100-2015) of the company.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--owner-contact", help="Mailbox of the cloud account's owner.")
@click.option("--group-domain", help="Domain of the group's super administrator (group edition).")
def add(
    *,
    name: str,
    edition: str,
    company: str,
    uscc: str,
    language: str,
    owner_contact: str | None,
    group_domain: str | None,
) -> None:
    """Add the domain NAME."""
    domain = Domain(
        name=_domain_name(name, "NAME"),
        edition=Edition(edition),
        company=_company(company),
        uscc=_uscc(uscc),
        language=language,
        owner_contact=_mailbox(owner_contact),
        group_domain=_domain_name(group_domain, "--group-domain") if group_domain is not None else None,
    )
    if domain.group_domain is not None and domain.edition is not Edition.GROUP:
        raise click.BadParameter("only a domain of the group edition has one", param_hint="--group-domain")
    with_store(lambda work: _add(work, domain))
    click.echo(f"{domain.name} added. Bring in its accounts: rekey accounts import FILE.csv")


@domains.command("list")
def list_() -> None:
    """List every domain with edition, company, number and how many accounts it has."""
    for line in with_store(_lines):
        click.echo(line)


async def _add(work: Store, domain: Domain) -> None:
    async with work() as unit:
        group = domain.group_domain
        if group not in {None, domain.name} and await unit.accounts.domain(group or "") is None:
            raise click.BadParameter(f"there is no domain {group}; add it first", param_hint="--group-domain")
        try:
            await unit.accounts_writer.add_domain(domain)
            await unit.commit()
        except ConflictError:
            raise click.ClickException(f"{domain.name} is there already; nothing was changed.") from None


async def _lines(work: Store) -> list[str]:
    async with work.reading() as unit:
        found = await unit.accounts_writer.domains()
        sizes = [await unit.accounts.domain_size(domain.name) for domain in found]
    rows = [
        (d.name, d.edition.value, d.company, d.uscc, d.language, d.group_domain or "", str(size))
        for d, size in zip(found, sizes, strict=True)
    ]
    return ["\t".join(row) for row in rows] or ["There is no domain yet. Add one: rekey domains add --help"]


def _domain_name(text: str, hint: str) -> str:
    try:
        return parse(f"postmaster@{text}").domain
    except AddressError:
        raise click.BadParameter("write it as example.com", param_hint=hint) from None


def _mailbox(text: str | None) -> str | None:
    try:
        return parse(text).text if text is not None else None
    except AddressError:
        raise click.BadParameter("write it as name@example.com", param_hint="--owner-contact") from None


def _company(text: str) -> str:
    name = text.strip()
    if not 0 < len(name) <= 200 or not name.isprintable():  # noqa: PLR2004 - the column's width
        raise click.BadParameter("1 to 200 printable characters", param_hint="--company")
    return name


def _uscc(text: str) -> str:
    try:
        return parse_uscc(text)
    except UsccError as error:
        raise click.BadParameter(_USCC_WORDS[error.code], param_hint="--uscc") from None
