"""Whoever types an answer instead of pressing its button gets the same, through the real assistant."""

from __future__ import annotations

import pytest

from tests.whole.steps import METHODS, names
from tests.whole.system import System


@pytest.mark.parametrize(
    ("language", "asking", "method"),
    [
        ("en", "I forgot my password, it is typed.en@example.com", "text me a code, please"),
        ("zh", "我密码忘了 typed.zh@example.com", "发短信到手机"),
    ],
)
def test_a_typed_method_sends_the_code(system: System, language: str, asking: str, method: str) -> None:
    """The code's form opens as it does after a press; that nobody has the address does not show."""
    person = system.person()
    person.begin(language)
    assert names(person.say(asking)[-1]) == METHODS
    person.say(method)
    assert person.form("code")


@pytest.mark.parametrize(
    ("language", "asking", "edition", "path"),
    [
        ("en", "I am the administrator and forgot my password", "premium", "Mailbox list"),
        ("en", "I am the administrator and forgot my password", "I'm not sure", ""),
        ("zh", "我是管理员，忘记密码了", "我们是集团版的", "域列表"),
        ("zh", "我是管理员，忘记密码了", "1", "邮箱列表"),
    ],
)
def test_a_typed_edition_names_the_path(
    system: System, language: str, asking: str, edition: str, path: str
) -> None:
    """The console of the edition is named, in the language of the talk."""
    person = system.person()
    person.begin(language)
    assert "edition_premium" in names(person.say(asking)[-1])
    said = person.say(edition)
    assert path in said[0]["text"]
    assert not any("edition_premium" in names(reply) for reply in said)
    assert "help with that" not in said[0]["text"]
