"""The guide's cases in people's own words: the real assistant, the real actions, the core's answer."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from actions.webhook import Webhook
from recovery_core.cases.events import Event
from tests.conversation.conftest import Talk
from tests.unit.cases.house import House
from tests.unit.people.house import PeopleHouse

METHODS = ("method_sms", "method_mail", "method_questions")
SELF_PROOF = ("method_sms", "method_mail", "request_administrator", "human")


@dataclass
class Guest:
    """Somebody who talks with the assistant about a mailbox of the tests' company."""

    talk: Talk
    house: House
    language: str
    conversation: str = field(default_factory=lambda: uuid.uuid4().hex)
    replies: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin a conversation."""
        self.house.talk(self.conversation)

    def say(self, text: str) -> Guest:
        """Say one sentence."""
        return self._took(self.talk.say(text, conversation=self.conversation, language=self.language))

    def happens(self, name: str) -> Guest:
        """Press a button, or let something happen outside the talk; the portal sends both as ready parses."""
        parse = {"text": f"[{name}]", "intent": {"name": name, "confidence": 1.0}, "entities": []}
        sent = self.talk.say(f"[{name}]", conversation=self.conversation, language=self.language, parse=parse)
        return self._took(sent)

    @property
    def ids(self) -> list[str]:
        """Return the names of what was answered."""
        return [str(reply["id"]).removeprefix("utter_") for reply in self.replies]

    @property
    def text(self) -> str:
        """Return the words of the answer."""
        return "\n".join(reply["text"] for reply in self.replies)

    @property
    def buttons(self) -> tuple[str, ...]:
        """Return the buttons of the answer, in order."""
        return tuple(b["payload"] for reply in self.replies for b in reply.get("buttons") or ())

    def _took(self, sent: tuple[int, Any]) -> Guest:
        assert sent[0] == 200
        self.replies = sent[1]["replies"]
        chinese = any("\u4e00" <= char <= "\u9fff" for char in self.text.split("(")[0])
        assert chinese is (self.language == "zh"), self.text
        return self


@pytest.fixture(params=["en", "zh"])
def guest(request: pytest.FixtureRequest, talk: Talk) -> Iterator[Guest]:
    """Return somebody who speaks this language; the real actions answer while they talk."""
    house = PeopleHouse()
    talk.actions.core = Webhook(house.parts, b"unused")
    yield Guest(talk, house, request.param)
    talk.actions.core = None


def said(guest: Guest, en: str, zh: str) -> Guest:
    """Say it in the guest's language."""
    return guest.say(en if guest.language == "en" else zh)


def test_1_forgotten_password(guest: Guest) -> None:
    """Address and wish in one sentence: the three methods at once; a button asks for the code."""
    said(guest, "I forgot my password for alice@example.com", "我密码忘了 alice@example.com")
    assert (guest.ids, guest.buttons) == (["offer_methods"], METHODS)
    assert "alice@example.com" in guest.text
    guest.happens("gateway_method_sms")
    assert guest.ids == ["code_sent"]
    assert guest.replies[0]["custom"] == {"form": "code"}


def test_1_the_address_comes_second(guest: Guest) -> None:
    """Without an address it is asked for, and the bare address is enough."""
    assert said(guest, "I forgot my password", "我忘记密码了").ids == ["ask_address"]
    assert guest.say("alice@example.com").buttons == METHODS


def test_2_the_password_rule(guest: Guest) -> None:
    """Length and classes, with their numbers."""
    said(guest, "what are the password requirements?", "密码有什么要求啊")
    assert guest.ids == ["password_rules"]
    assert "8" in guest.text
    assert "64" in guest.text


def test_3_the_password_history(guest: Guest) -> None:
    """How many earlier passwords are refused."""
    said(guest, "can the new password be the same as an old one?", "新密码可以和以前用过的密码一样吗")
    assert guest.ids == ["password_rules"]
    assert ("three" if guest.language == "en" else "三次") in guest.text or "3" in guest.text


def test_4_self_service_failed(guest: Guest) -> None:
    """No code comes: ways on, among them the administrator, with the menus of the mail console."""
    said(guest, "I forgot my password for dave@example.com", "我忘记密码了 dave@example.com")
    guest.happens("gateway_method_sms")
    guest.house.clock.move(timedelta(minutes=2))
    said(guest, "I didn't get the code", "我没收到验证码")
    assert guest.ids == ["code_missing"]
    assert guest.buttons == ("resend", "another_method", "administrator", "human")
    guest.happens("gateway_administrator")
    assert guest.ids[0] == "administrator_helps"
    assert "组织与用户 › 员工账号管理" in guest.text
    assert "request_administrator" in guest.buttons
    assert guest.happens("gateway_request_administrator").ids == ["request_filed"]


@pytest.mark.parametrize(
    ("edition", "en", "zh", "menu"),
    [
        ("standard", "Standard", "标准版", "邮箱列表"),
        ("premium", "Premium", "尊享版", "邮箱列表"),
        ("group", "Group", "集团版", "域管理 › 域列表"),
    ],
)
def test_5_and_6_an_administrator_names_the_edition(
    guest: Guest, edition: str, en: str, zh: str, menu: str
) -> None:
    """R3: the console path in the same turn, the menus as the console shows them, the proofs as buttons."""
    said(
        guest,
        f"I'm the administrator, we have the {en} edition and I forgot the postmaster password",
        f"我是管理员，我们是{zh}，postmaster密码忘了",
    )
    assert guest.ids == [f"path_{edition}", "offer_self_proof"]
    assert menu in guest.text
    assert guest.buttons == SELF_PROOF


@pytest.mark.parametrize("edition", ["standard", "premium", "group", "unknown"])
def test_5_and_6_an_administrator_is_asked_for_the_edition(guest: Guest, edition: str) -> None:
    """R3: nothing is looked up aloud; each of the four buttons gives its path."""
    said(guest, "I'm the administrator and lost the admin password", "我是管理员，管理员密码忘了")
    assert guest.ids == ["ask_edition"]
    assert guest.buttons == tuple(f"edition_{name}" for name in ("standard", "premium", "group", "unknown"))
    guest.happens(f"gateway_edition_{edition}")
    assert guest.ids == [f"path_{edition}", "offer_self_proof"]


def test_7_the_phone_is_lost(guest: Guest) -> None:
    """What still works without it."""
    said(guest, "I lost my phone", "我手机丢了")
    assert guest.ids[0] == "lost_phone"
    assert guest.buttons == ("start", "administrator", "human")


def test_7_every_factor_is_lost(guest: Guest) -> None:
    """Licence, review and hotline are named; where nobody is above, the secure form for documents opens."""
    said(guest, "my phone and my backup mailbox both don't work any more", "手机和备用邮箱都用不了了")
    assert (guest.ids, guest.buttons) == (["lost_everything"], ("administrator", "human"))
    assert "95187" in guest.text
    assert ("business licence" if guest.language == "en" else "营业执照") in guest.text
    guest.say("gm0001@group.example")
    assert guest.happens("gateway_request_administrator").ids == ["review_opened"]
    assert guest.replies[0]["custom"] == {"form": "evidence"}


def test_8_the_account_is_disabled(guest: Guest) -> None:
    """The order is said before anything else: enable first, then reset."""
    said(guest, "my account has been disabled", "我的账号被停用了")
    assert guest.ids[0] == "account_disabled"
    assert ("enabled" if guest.language == "en" else "启用") in guest.text
    assert guest.buttons[:2] == ("start", "administrator")


def test_9_a_person(guest: Guest) -> None:
    """A complex case goes to a person with a ticket."""
    assert said(guest, "I want to talk to a person", "我要找人工客服").ids == ["talk_ticket", "not_measured"]


def test_9_somebody_else_got_in(guest: Guest) -> None:
    """Nobody is locked out by a stranger's word: ways to prove and to ask."""
    said(guest, "somebody else changed my password", "有人改了我的密码，不是我操作的")
    assert guest.ids[0] == "report_takeover"


def test_9_where_is_my_request(guest: Guest) -> None:
    """Without a case there is nothing to tell; with one its state is told."""
    assert said(guest, "where is my request?", "我的申请处理到哪里了").ids == ["case_status_none"]
    guest.say("dave@example.com")
    guest.happens("gateway_request_administrator")
    assert said(guest, "where is my request?", "我的申请处理到哪里了").ids == [
        "request_waits",
        "not_measured",
    ]


def test_9_the_advice_at_the_end(guest: Guest) -> None:
    """After the new password: keep phone and backup mailbox current, and use a second factor."""
    asyncio.run(guest.house.completed(where=guest.conversation))
    guest.happens(Event.PASSWORD_SET.value)
    assert guest.ids[-1] == "advise_factors"
    assert ("backup" if guest.language == "en" else "备用邮箱") in guest.text
