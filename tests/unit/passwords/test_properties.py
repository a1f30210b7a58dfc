"""What holds for every password."""

from __future__ import annotations

import itertools
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from recovery_core.passwords.account_words import account_words
from recovery_core.passwords.characters import classes, first_flaw, fold
from recovery_core.passwords.policy import PasswordPolicy
from recovery_core.passwords.profiles import GUIDE, STRICT
from recovery_core.passwords.rules import PasswordContext
from tests.fakes_passwords import ListedPasswords

_TRICKY = st.sampled_from("aZ9! \u0301\u200d\uff21\u00a0\t王é\U0001f600\ufe0f")
_PASSWORDS = st.one_of(st.text(max_size=70), st.text(_TRICKY, max_size=70))
_NAMES = st.text(st.characters(categories=("Lu", "Ll"), max_codepoint=0x7F), min_size=3, max_size=12)


@given(_PASSWORDS, _PASSWORDS)
def test_an_accepted_password_breaks_no_rule(password: str, confirm: str) -> None:
    """Whatever passes has the length, the classes, the form and its twin."""
    if PasswordPolicy.of(GUIDE).violations(password, confirm, PasswordContext()):
        return
    assert 8 <= len(password) <= 64
    assert len(classes(password)) >= 3
    assert unicodedata.normalize("NFKC", password) == password == password.strip()
    assert all(character.isprintable() for character in password)
    assert password == confirm


@given(_PASSWORDS)
def test_a_refusal_names_only_what_is_broken(password: str) -> None:
    """Each code comes exactly when its own condition holds."""
    codes = {v.code.value for v in PasswordPolicy.of(STRICT).violations(password, None, PasswordContext())}
    conditions = {
        "too_short": len(password) < 15,
        "too_long": len(password) > 64,
        "not_stable": first_flaw(password) is not None,
    }
    assert codes == {code for code, holds in conditions.items() if holds}


@given(_PASSWORDS, st.randoms(use_true_random=False))
def test_the_order_of_the_rules_does_not_matter(password: str, random: object) -> None:
    """Any order of asking finds the same violations."""
    policy = PasswordPolicy.of(GUIDE)
    shuffled = list(policy.rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    context = PasswordContext(account_words=frozenset({"az9"}), blocklist=ListedPasswords(["a"]))
    expected = policy.violations(password, "a", context)
    found = PasswordPolicy(tuple(shuffled)).violations(password, "a", context)
    assert sorted(map(repr, expected)) == sorted(map(repr, found))


@given(_PASSWORDS)
def test_judging_twice_changes_nothing(password: str) -> None:
    """A policy remembers nothing of what it has seen."""
    policy = PasswordPolicy.of(GUIDE)
    context = PasswordContext()
    assert policy.violations(password, "x", context) == policy.violations(password, "x", context)


@given(_PASSWORDS)
def test_the_named_flaw_is_the_first_one(password: str) -> None:
    """Everything before the named character would pass, the character itself is where it is said to be."""
    flaw = first_flaw(password)
    if flaw is None:
        return
    assert password[flaw.index] == flaw.character
    assert first_flaw(password[: flaw.index].rstrip(" ")) is None
    assert first_flaw(password[: flaw.index + 1]) is not None


@given(
    _NAMES, st.text(st.sampled_from("xQ7-._ !"), max_size=8), st.text(st.sampled_from("xQ7-._ !"), max_size=8)
)
def test_a_name_is_found_between_anything(name: str, before: str, behind: str) -> None:
    """A display name inside a password is refused whatever surrounds it and however it is written."""
    words = account_words(display_name=name)
    policy = PasswordPolicy.of(GUIDE)
    for written in (name, name.upper(), name.lower(), name.swapcase()):
        found = policy.violations(before + written + behind, None, PasswordContext(account_words=words))
        assert "contains_account" in {violation.code.value for violation in found}


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_account_words_are_folded_and_long_enough(local_part: str, domain: str, name: str) -> None:
    """Any input, however strange, yields words of two characters or more and fails nowhere."""
    words = account_words(local_part=local_part, domain=domain, display_name=name, phones=[name])
    assert all(len(word) >= 2 for word in words)
    assert all(word.strip() == word for word in words)


@given(st.lists(st.sampled_from(["ab1", "Abc", "王芳", "é"]), max_size=4))
def test_folding_a_fold_changes_nothing(parts: list[str]) -> None:
    """A word and a password meet in one form."""
    for order in itertools.permutations(parts):
        text = "".join(order)
        assert fold(fold(text)) == fold(text)
