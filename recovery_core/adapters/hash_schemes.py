"""Which password hashes can be compared with, told by their form alone; nothing is computed here."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Scheme(StrEnum):
    """The schemes that the hasher can read (R19)."""

    ARGON2ID = "argon2id"
    ARGON2I = "argon2i"
    BCRYPT = "bcrypt"
    SHA512_CRYPT = "sha512_crypt"


@dataclass(frozen=True, slots=True)
class ParsedHash:
    """A hash of known scheme, without the ``{SCHEME}`` in front that Dovecot writes."""

    scheme: Scheme
    body: str = field(repr=False)


_ARGON2 = re.compile(
    r"\$argon2(?P<kind>id|i)\$v=(?:16|19)\$m=(?P<memory>\d{1,10}),t=(?P<passes>\d{1,10}),p=(?P<lanes>\d{1,3})"
    r"\$(?P<salt>[A-Za-z0-9+/]{11,86})\$(?P<tag>[A-Za-z0-9+/]{22,86})",
    re.ASCII,
)
_BCRYPT = re.compile(r"\$2[aby]\$(?P<cost>\d\d)\$[./A-Za-z0-9]{53}", re.ASCII)
_SHA512_CRYPT = re.compile(
    r"\$6\$(?:rounds=(?P<rounds>[1-9]\d{0,8})\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}", re.ASCII
)
_PREFIX = re.compile(r"\{(?P<name>[A-Z0-9.-]{1,30})\}(?P<body>.*)", re.IGNORECASE | re.ASCII | re.DOTALL)

_PREFIXES: Mapping[str, frozenset[Scheme]] = {
    "ARGON2ID": frozenset({Scheme.ARGON2ID}),
    "ARGON2I": frozenset({Scheme.ARGON2I}),
    "BLF-CRYPT": frozenset({Scheme.BCRYPT}),
    "SHA512-CRYPT": frozenset({Scheme.SHA512_CRYPT}),
    "CRYPT": frozenset({Scheme.BCRYPT, Scheme.SHA512_CRYPT}),
}
"""Dovecot's names of the schemes (doc.dovecot.org, password schemes)."""

_MOST_ARGON2_MEMORY = 2**21
"""KiB: the first choice of RFC 9106 §4 (2 GiB)."""
_MOST_ARGON2_WORK = 2**22
"""KiB times passes; above it one comparison would hold a worker for many seconds."""
_MOST_ARGON2_LANES = 16
_MEMORY_PER_LANE = 8
_BCRYPT_COSTS = range(4, 17)
_SHA512_ROUNDS = range(1000, 5_000_001)
_SHA512_DEFAULT_ROUNDS = 5000


def identify(encoded: str) -> Scheme:
    """Return the scheme of *encoded*; raise ValueError as :func:`parse` does."""
    return parse(encoded).scheme


def parse(encoded: str) -> ParsedHash:
    """Return scheme and bare hash of *encoded*, with or without a ``{SCHEME}`` in front.

    Raise ValueError with a code, never with the hash: ``unknown_scheme``, ``malformed_hash``,
    ``prefix_mismatch`` (the name in front and the hash disagree), ``cost_out_of_range`` (a comparison would
    stall the service).
    """
    body, allowed = _without_prefix(encoded)
    scheme = _scheme_of(body)
    if scheme not in allowed:
        raise ValueError("prefix_mismatch")
    return ParsedHash(scheme, body)


def _without_prefix(encoded: str) -> tuple[str, frozenset[Scheme]]:
    match = _PREFIX.fullmatch(encoded)
    if match is None:
        return encoded, frozenset(Scheme)
    allowed = _PREFIXES.get(match["name"].upper())
    if allowed is None:
        raise ValueError("unknown_scheme")
    return match["body"], allowed


def _scheme_of(body: str) -> Scheme:
    if body.startswith(("$argon2id$", "$argon2i$")):
        return _argon2(body)
    if body.startswith(("$2a$", "$2b$", "$2y$")):
        return _bcrypt(body)
    if body.startswith("$6$"):
        return _sha512_crypt(body)
    raise ValueError("unknown_scheme")


def _argon2(body: str) -> Scheme:
    match = _ARGON2.fullmatch(body)
    if match is None or not (_is_canonical(match["salt"]) and _is_canonical(match["tag"])):
        raise ValueError("malformed_hash")
    memory, passes, lanes = int(match["memory"]), int(match["passes"]), int(match["lanes"])
    lanes_fit = 1 <= lanes <= _MOST_ARGON2_LANES and _MEMORY_PER_LANE * lanes <= memory
    if not (
        lanes_fit and memory <= _MOST_ARGON2_MEMORY and passes >= 1 and memory * passes <= _MOST_ARGON2_WORK
    ):
        raise ValueError("cost_out_of_range")
    return Scheme.ARGON2ID if match["kind"] == "id" else Scheme.ARGON2I


def _is_canonical(text: str) -> bool:
    """Tell whether *text* is what an encoder writes: base64 without padding and without spare bits."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return False
    return base64.b64encode(raw).decode().rstrip("=") == text


def _bcrypt(body: str) -> Scheme:
    match = _BCRYPT.fullmatch(body)
    if match is None:
        raise ValueError("malformed_hash")
    if int(match["cost"]) not in _BCRYPT_COSTS:
        raise ValueError("cost_out_of_range")
    return Scheme.BCRYPT


def _sha512_crypt(body: str) -> Scheme:
    match = _SHA512_CRYPT.fullmatch(body)
    if match is None:
        raise ValueError("malformed_hash")
    if int(match["rounds"] or _SHA512_DEFAULT_ROUNDS) not in _SHA512_ROUNDS:
        raise ValueError("cost_out_of_range")
    return Scheme.SHA512_CRYPT
