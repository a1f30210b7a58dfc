"""R19: which hashes can be imported, told by their form."""

from __future__ import annotations

import pytest

from recovery_core.adapters.hash_schemes import Scheme, identify, parse

_TAIL = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
_ARGON2ID = "$argon2id$v=19$m=65536,t=2,p=1" + _TAIL
_ARGON2I = "$argon2i$v=19$m=65536,t=2,p=1" + _TAIL
_BCRYPT = "$2{}$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
_SHA512_TAIL = (
    "saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
)
_SHA512 = "$6$" + _SHA512_TAIL


@pytest.mark.parametrize(
    ("encoded", "scheme"),
    [
        (_ARGON2ID, Scheme.ARGON2ID),
        ("{ARGON2ID}" + _ARGON2ID, Scheme.ARGON2ID),
        (_ARGON2I, Scheme.ARGON2I),
        ("{argon2i}" + _ARGON2I, Scheme.ARGON2I),
        (_BCRYPT.format("a"), Scheme.BCRYPT),
        (_BCRYPT.format("b"), Scheme.BCRYPT),
        ("{BLF-CRYPT}" + _BCRYPT.format("y"), Scheme.BCRYPT),
        ("{CRYPT}" + _BCRYPT.format("y"), Scheme.BCRYPT),
        (_SHA512, Scheme.SHA512_CRYPT),
        ("{SHA512-CRYPT}" + _SHA512, Scheme.SHA512_CRYPT),
        ("{CRYPT}" + _SHA512, Scheme.SHA512_CRYPT),
    ],
)
def test_known_forms_are_identified(encoded: str, scheme: Scheme) -> None:
    """R19: Argon2, bcrypt and SHA512-CRYPT are read, with or without Dovecot's name in front."""
    assert identify(encoded) is scheme
    assert not parse(encoded).body.startswith("{")


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        ("", "unknown_scheme"),
        ("plain text", "unknown_scheme"),
        ("{PLAIN}secret", "unknown_scheme"),
        ("{SSHA}abcdef", "unknown_scheme"),
        ("{CRYPT}{PLAIN}secret", "unknown_scheme"),
        ("$1$salt$hash", "unknown_scheme"),
        ("$5$salt$hash", "unknown_scheme"),
        ("$argon2d$v=19$m=65536,t=2,p=1" + _TAIL, "unknown_scheme"),
        (_BCRYPT.format("x"), "unknown_scheme"),
        ("{ARGON2I}" + _ARGON2ID, "prefix_mismatch"),
        ("{SHA512-CRYPT}" + _BCRYPT.format("b"), "prefix_mismatch"),
        (_ARGON2ID + "\n", "malformed_hash"),
        (_ARGON2ID[:-1] + "=", "malformed_hash"),
        (_ARGON2ID[:-1] + "d", "malformed_hash"),
        (_ARGON2ID + "AA", "malformed_hash"),
        ("$argon2id$m=65536,t=2,p=1" + _TAIL, "malformed_hash"),
        (_BCRYPT.format("b")[:-1], "malformed_hash"),
        (_BCRYPT.format("b") + "x", "malformed_hash"),
        (_SHA512[:-1], "malformed_hash"),
        ("$6$rounds=05000$" + _SHA512_TAIL, "malformed_hash"),
        ("$6$" + "s" * 17 + _SHA512_TAIL[10:], "malformed_hash"),
    ],
)
def test_other_forms_are_refused_with_a_code(encoded: str, code: str) -> None:
    """R19: anything else is an error by line; the error never repeats the hash."""
    with pytest.raises(ValueError, match=f"^{code}$"):
        identify(encoded)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("m=2097152,t=2,p=1", "m=2097153,t=1,p=1"),
        ("m=65536,t=64,p=1", "m=65536,t=65,p=1"),
        ("m=8,t=1,p=1", "m=7,t=1,p=1"),
        ("m=8,t=1,p=1", "m=8,t=0,p=1"),
        ("m=8,t=1,p=1", "m=8,t=1,p=0"),
        ("m=128,t=1,p=16", "m=127,t=1,p=16"),
        ("m=136,t=1,p=16", "m=136,t=1,p=17"),
    ],
)
def test_argon2_cost_is_bounded(good: str, bad: str) -> None:
    """An imported hash cannot stall the service by its own parameters."""
    assert identify(f"$argon2id$v=19${good}{_TAIL}") is Scheme.ARGON2ID
    with pytest.raises(ValueError, match=r"^cost_out_of_range$"):
        identify(f"$argon2id$v=19${bad}{_TAIL}")


@pytest.mark.parametrize(("good", "bad"), [("04", "03"), ("16", "17")])
def test_bcrypt_cost_is_bounded(good: str, bad: str) -> None:
    """Costs 4 to 16 are read."""
    assert identify(_BCRYPT.format("b").replace("$05$", f"${good}$")) is Scheme.BCRYPT
    with pytest.raises(ValueError, match=r"^cost_out_of_range$"):
        identify(_BCRYPT.format("b").replace("$05$", f"${bad}$"))


@pytest.mark.parametrize(("good", "bad"), [("1000", "999"), ("5000000", "5000001")])
def test_sha512_rounds_are_bounded(good: str, bad: str) -> None:
    """A thousand to five million rounds are read."""
    assert identify(f"$6$rounds={good}${_SHA512_TAIL}") is Scheme.SHA512_CRYPT
    with pytest.raises(ValueError, match=r"^cost_out_of_range$"):
        identify(f"$6$rounds={bad}${_SHA512_TAIL}")


def test_a_parsed_hash_does_not_show_itself() -> None:
    """A hash in a log line is half a password."""
    assert "CTFhFdXP" not in repr(parse(_ARGON2ID))
