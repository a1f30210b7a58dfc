"""Read mail addresses as people type them: full-width, in brackets, in the middle of a Chinese sentence.

Stricter than RFC 5321 on purpose: an address here belongs to a mailbox that somebody can sign in to, so
quoted local parts, address literals, single-label domains and masked addresses (``a***e@example.com``) are
refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from recovery_core.errors import RecoveryError

MAX_LOCAL = 64
"""Characters before the ``@`` (RFC 5321, 4.5.3.1.1)."""

MAX_ADDRESS = 254
"""Characters of the whole address, domain as A-labels (RFC 5321, 4.5.3.1.3, without the angle brackets)."""

_ATEXT = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'+/=?^_`{|}~.-*")
_LOCAL = re.compile(r"[a-z0-9!#$%&'+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_TOP = re.compile(r"xn--[a-z0-9-]+|[a-z]{2,}")
_ASCII_DOMAIN = re.compile(r"[a-z0-9-]+(?:(?:\.[a-z0-9-]+)+|(?:。[a-z0-9-]+)+)")
_IDN_DOMAIN = re.compile(
    r"[\w-]+[.。](?:[\w-]+[.。])*?"
    r"(?:公司|网络|網絡|中国|中國|企业|集团|在线|中文网|商城|网址|商标|政务|公益|网店|香港|台湾|[a-z]{2,63}(?![\w.-]))",
)
_WIDE_DOT = re.compile(r"。(?=(?:com|cn|net|org|edu|gov)(?![a-z]))")
_IDEOGRAPHS_FROM = "\u2e80"
_WRAPPERS = "<>()[]{}\"'`“”‘’「」『』《》【】 \t\n"
_SENTENCE_ENDS = ".。,、;:!?"


class AddressError(RecoveryError):
    """Raised for a text that is not one plausible mail address.

    Codes: ``address_missing`` (no ``@``), ``address_several`` (more than one), ``address_local``,
    ``address_domain``, ``address_too_long``.
    """

    code = "address"


@dataclass(frozen=True)
class Address:
    """One mail address, normalised: two people who type the same mailbox type equal addresses."""

    local: str
    domain: str

    @property
    def text(self) -> str:
        """The whole address."""
        return f"{self.local}@{self.domain}"

    def __str__(self) -> str:
        """Return the whole address."""
        return self.text


def parse(text: str) -> Address:
    """Return the one address that *text* is, case folded, full-width as ASCII, an IDN domain as A-labels.

    Raises AddressError when it is none or more than one.
    """
    plain = _fold(text).strip(_WRAPPERS)
    plain = plain.rstrip(_SENTENCE_ENDS).strip(_WRAPPERS).removeprefix("mailto:")
    parts = plain.split("@")
    if len(parts) != 2:  # noqa: PLR2004
        raise AddressError("address_several" if len(parts) > 2 else "address_missing")  # noqa: PLR2004
    return _address(*parts)


def find_addresses(text: str) -> tuple[Address, ...]:
    """Return the distinct plausible addresses in a sentence, in their order; what is doubtful is left out."""
    # Folded, a list number such as ① would become a digit of the address behind it, … its dots.
    apart = "".join(" " if char == "…" or unicodedata.category(char) == "No" else char for char in text)
    folded = _fold(apart)
    found: dict[Address, None] = {}
    start = 0
    while (at := folded.find("@", start)) >= 0:
        start = at + 1
        local = _local_before(folded, at)
        domain = _domain_after(folded, start)
        try:
            found[_address(local, domain)] = None
        except AddressError:
            continue
    return tuple(found)


def _fold(text: str) -> str:
    """Return the compatibility form without what is drawn as nothing, lower case."""
    visible = "".join(char for char in text if unicodedata.category(char) not in {"Cf", "Cs"})
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    return _WIDE_DOT.sub(".", folded)


def _address(local: str, domain: str) -> Address:
    if len(local) > MAX_LOCAL or len(domain) > MAX_ADDRESS:
        raise AddressError("address_too_long")
    if not _LOCAL.fullmatch(local):
        raise AddressError("address_local")
    address = Address(local, _ascii_domain(domain))
    if len(address.text) > MAX_ADDRESS:
        raise AddressError("address_too_long")
    return address


def _ascii_domain(domain: str) -> str:
    """Return *domain* as A-labels; raise AddressError if it cannot be the domain of a mailbox."""
    top = domain.replace("。", ".").rpartition(".")[2]
    if "。" in domain and "." in domain:
        raise AddressError("address_domain")  # "example.com。Thanks" is a sentence that goes on
    if not top.isascii() and any(char.isascii() for char in top):
        raise AddressError("address_domain")  # "com密码忘了" is a sentence that goes on, not a domain
    try:
        labels = domain.encode("idna").decode("ascii").lower().split(".")
    except UnicodeError:
        raise AddressError("address_domain") from None
    if len(labels) < 2 or not _TOP.fullmatch(labels[-1]):  # noqa: PLR2004
        raise AddressError("address_domain")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressError("address_domain")
    return ".".join(labels)


def _local_before(text: str, at: int) -> str:
    """Return the local part that ends before *at*, or ``""`` if what stands before it makes it doubtful."""
    start = at
    while start > 0 and text[start - 1] in _ATEXT and at - start <= MAX_ADDRESS:
        start -= 1
    before = text[start - 1 : start] if start else ""
    *apart, local = re.split(r"[=/?]", text[start:at])
    if not apart and (before == "@" or (before.isalpha() and before < _IDEOGRAPHS_FROM)):
        return ""
    return local.lstrip("'`|{").removeprefix("-")


def _domain_after(text: str, start: int) -> str:
    """Return the domain that begins at *start*, or ``""`` if there is none or another ``@`` follows."""
    match = _ASCII_DOMAIN.match(text, start) or _IDN_DOMAIN.match(text, start)
    if match is None or text[match.end() : match.end() + 1] == "@":
        return ""
    return match.group().rstrip("-")
