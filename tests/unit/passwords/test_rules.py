"""Each rule at its last good and first bad value, and what it says beforehand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery_core.passwords.policy import PasswordPolicy
from recovery_core.passwords.profiles import GUIDE, PROFILES, STRICT
from recovery_core.passwords.rules import PasswordContext, RuleCode, Violation
from tests.fakes_passwords import ListedPasswords

_GOOD = "Tr0ub4dor-x"
_POLICY = PasswordPolicy.of(GUIDE)
_STRICT = PasswordPolicy.of(STRICT)
_EMPTY = PasswordContext()


def _codes(password: str, context: PasswordContext = _EMPTY, confirm: str | None = None) -> list[str]:
    return [violation.code.value for violation in _POLICY.violations(password, confirm, context)]


def test_codes_are_exactly_the_published_ones() -> None:
    """The names that pages and catalogues rely on do not change."""
    assert [code.value for code in RuleCode] == [
        "too_short",
        "too_long",
        "too_few_classes",
        "contains_account",
        "recently_used",
        "too_common",
        "typed_in_chat",
        "not_stable",
        "mismatch",
    ]


def test_profiles_hold_the_published_numbers() -> None:
    """Guide asks for 8 to 64 and three classes, strict for 15 to 64 and none, both for three of history."""
    table = {name: (p.minimum, p.maximum, p.classes, p.history) for name, p in PROFILES.items()}
    assert table == {"guide": (8, 64, 3, 3), "strict": (15, 64, 0, 3)}


def test_every_rule_says_itself_in_advance() -> None:
    """The list shown before typing names each rule once, with its numbers."""
    said = {requirement.code: dict(requirement.variables) for requirement in _POLICY.advance()}
    assert said == {
        RuleCode.TOO_SHORT: {"minimum": 8},
        RuleCode.TOO_LONG: {"maximum": 64},
        RuleCode.TOO_FEW_CLASSES: {"minimum": 3},
        RuleCode.NOT_STABLE: {},
        RuleCode.CONTAINS_ACCOUNT: {},
        RuleCode.RECENTLY_USED: {"count": 3},
        RuleCode.TOO_COMMON: {},
        RuleCode.TYPED_IN_CHAT: {},
        RuleCode.MISMATCH: {},
    }


def test_strict_says_nothing_of_classes() -> None:
    """A profile without composition has no such rule, neither beforehand nor on checking."""
    assert RuleCode.TOO_FEW_CLASSES not in {requirement.code for requirement in _STRICT.advance()}
    assert _STRICT.violations("a" * 15, None, _EMPTY) == ()


@pytest.mark.parametrize(("length", "broken"), [(7, True), (8, False)])
def test_guide_minimum(length: int, broken: bool) -> None:  # noqa: FBT001
    """Eight characters are the first good length, seven the last bad one."""
    assert ("too_short" in _codes("Ab1" + "x" * (length - 3))) is broken


@pytest.mark.parametrize(("length", "broken"), [(64, False), (65, True)])
def test_maximum(length: int, broken: bool) -> None:  # noqa: FBT001
    """Sixty-four characters are the last good length, sixty-five the first bad one."""
    assert ("too_long" in _codes("Ab1" + "x" * (length - 3))) is broken


@pytest.mark.parametrize(("length", "broken"), [(14, True), (15, False)])
def test_strict_minimum(length: int, broken: bool) -> None:  # noqa: FBT001
    """Fifteen characters are the first good length of profile strict."""
    assert bool(_STRICT.violations("x" * length, None, _EMPTY)) is broken


@pytest.mark.parametrize(("password", "broken"), [("abcdefg1", True), ("Abcdefg1", False)])
def test_classes(password: str, broken: bool) -> None:  # noqa: FBT001
    """Two classes are too few, three are enough."""
    assert ("too_few_classes" in _codes(password)) is broken


def test_length_counts_code_points_not_bytes() -> None:
    """Sixty-four characters of four bytes each are accepted."""
    assert _codes("Ab1" + "\U0001f600" * 61) == []


@pytest.mark.parametrize("password", ["xxALICE-12", "12alice..X", "ＡＬＩＣＥ12x", "Alice"])
def test_account_word_is_refused_in_any_case_and_width(password: str) -> None:
    """A word of the account is found wherever it stands, case-folded and width-folded."""
    assert "contains_account" in _codes(password, PasswordContext(account_words=frozenset({"alice"})))


def test_a_part_of_an_account_word_is_accepted() -> None:
    """Only whole words are refused, not their beginnings."""
    assert _codes("Alic-e-12", PasswordContext(account_words=frozenset({"alice"}))) == []


def test_violations_never_repeat_the_account_word() -> None:
    """The refusal holds nothing of the password, so it may be logged."""
    found = _POLICY.violations(_GOOD + "Alice", None, PasswordContext(account_words=frozenset({"alice"})))
    assert found == (Violation(RuleCode.CONTAINS_ACCOUNT),)


def test_recently_used_is_refused() -> None:
    """The answer of the history comparison becomes a violation."""
    assert _codes(_GOOD, PasswordContext(recently_used=True)) == ["recently_used"]


@pytest.mark.parametrize(
    ("password", "broken"), [("Listed-Word1", True), ("lISTED-wORD1", True), ("Listed-Word12", False)]
)
def test_blocklist_compares_the_whole_password(password: str, broken: bool) -> None:  # noqa: FBT001
    """A listed password is refused in any case, a longer one is not."""
    context = PasswordContext(blocklist=ListedPasswords(["listed-word1"]))
    assert ("too_common" in _codes(password, context)) is broken


@pytest.mark.parametrize(("password", "broken"), [("ACME-Rocket1", True), ("ACME-Rocket12", False)])
def test_organisation_word_is_refused_as_a_whole(password: str, broken: bool) -> None:  # noqa: FBT001
    """The organisation's words count like listed passwords."""
    context = PasswordContext(organisation_words=frozenset({"Acme-Rocket1"}))
    assert ("too_common" in _codes(password, context)) is broken


def test_secret_typed_in_the_chat_is_refused() -> None:
    """What was masked in the conversation cannot become the password; anything else can."""
    context = PasswordContext(typed_in_chat=lambda password: password == _GOOD)
    assert _codes(_GOOD, context) == ["typed_in_chat"]
    assert _codes(_GOOD + "x", context) == []


def test_not_stable_names_the_offending_character() -> None:
    """The person reads which character it is, where it stands and why."""
    found = _POLICY.violations("Cafe\u0301bar1", None, _EMPTY)
    variables = {
        "position": 5,
        "codepoint": "U+0301",
        "name": "COMBINING ACUTE ACCENT",
        "reason": "changes",
    }
    assert found == (Violation(RuleCode.NOT_STABLE, variables),)


def test_not_stable_names_a_nameless_character_by_its_code_point() -> None:
    """Control characters have no Unicode name."""
    found = _POLICY.violations("Abcd\tefg1", None, _EMPTY)
    assert found[0].variables["name"] == "U+0009"


def test_mismatch_is_compared_only_with_a_second_field() -> None:
    """None means that there is no second field; an empty one differs."""
    assert _codes(_GOOD, confirm=None) == []
    assert _codes(_GOOD, confirm=_GOOD) == []
    assert _codes(_GOOD, confirm="") == ["mismatch"]


def test_all_broken_rules_are_reported_together() -> None:
    """A person reads everything at once instead of one refusal per sending."""
    context = PasswordContext(
        account_words=frozenset({"bob"}),
        organisation_words=frozenset({" bob"}),
        typed_in_chat=lambda _password: True,
        recently_used=True,
    )
    everything_else = {code.value for code in RuleCode} - {"too_long"}
    assert set(_codes(" bob", context, confirm="x")) == everything_else
    assert set(
        _codes("bob" + "\u200b" * 62, replace(context, organisation_words=frozenset()), confirm="x")
    ) == {code.value for code in RuleCode} - {"too_short", "too_common"}


def test_context_does_not_show_the_second_field() -> None:
    """A context in a log line holds no secret."""
    assert "hunter2" not in repr(PasswordContext(confirm="hunter2"))


def test_a_character_outside_ascii_is_only_warned_about() -> None:
    """Some mail programs cannot send it, so the person is told and may go on."""
    assert _codes("Grüße-1234") == []
    assert _POLICY.warnings("Grüße-1234") == ("non_ascii",)
    assert _POLICY.warnings(_GOOD) == ()
