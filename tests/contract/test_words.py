"""Every text that leaves the house, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

from recovery_core.adapters.catalogue import LANGUAGES, Catalogue, CatalogueError
from recovery_core.notices.delivery import Channel, Template

LOCALE = Path(__file__).parents[2] / "locale"
FILES = tuple(sorted(path.stem for path in (LOCALE / "en").glob("*.po")))
MOMENT = "2026-03-02T09:00+00:00"
CHANGE = {"address": "a@b.example", "time": MOMENT, "channel": "chat", "method": "sms"}
CASE = {"address": "a@b.example", "time": MOMENT, "reference": "RC-7F3K-92QD"}
REQUEST = {"address": "a@b.example", "time": MOMENT, "number": "T-4K7M2P"}
CONTACT = {"address": "a@b.example", "time": MOMENT}
DELIVERIES: dict[tuple[Channel, Template], dict[str, str]] = {
    (Channel.SMS, Template.CODE): {"code": "832117", "minutes": "5"},
    (Channel.MAIL, Template.LINK): {"link": "https://x.example/link/T0KEN", "minutes": "30"},
    (Channel.MAIL, Template.PASSWORD_CHANGED): CHANGE | {"veto_link": "https://x.example/not-me/T0KEN"},
    (Channel.SMS, Template.PASSWORD_CHANGED): CHANGE
    | {"veto_page": "https://x.example/not-me", "veto_code": "7F3K92QD"},
    (Channel.MAIL, Template.PASSWORD_CHANGED_OWN): CHANGE,
    (Channel.MAIL, Template.ADMIN_CHANGED): CHANGE | CASE,
    (Channel.SMS, Template.ADMIN_CHANGED): CHANGE | CASE,
    (Channel.MAIL, Template.ADMIN_DIGEST): {"domain": "b.example", "count": "2", "lines": "x\ny"},
    (Channel.MAIL, Template.CASE_FROZEN): CASE,
    (Channel.SMS, Template.CASE_FROZEN): CASE,
    (Channel.MAIL, Template.RECOVERY_REVOKED): CASE,
    (Channel.SMS, Template.RECOVERY_REVOKED): CASE,
    (Channel.MAIL, Template.CONTACT_CHANGED): CONTACT,
    (Channel.SMS, Template.CONTACT_CHANGED): CONTACT,
    (Channel.MAIL, Template.OPERATOR_ALERT): {"alert": "sender_down", "time": MOMENT},
    (Channel.SMS, Template.OPERATOR_ALERT): {"alert": "sender_down", "time": MOMENT},
    (Channel.MAIL, Template.REQUEST_NOTICE): REQUEST | {"page": "https://x.example/admin"},
    (Channel.MAIL, Template.OWNER_APPROVAL): REQUEST | {"approval_link": "https://x.example/owner/T0KEN"},
    (Channel.MAIL, Template.TICKET_NEWS): {"number": "T-4K7M2P", "news": "request_approved"},
    (Channel.SMS, Template.TICKET_NEWS): {"number": "T-4K7M2P", "news": "account_enabled"},
    (Channel.MAIL, Template.REVIEW_SUBMITTED): CHANGE | {"veto_link": "https://x.example/not-me/T0KEN"},
    (Channel.SMS, Template.REVIEW_SUBMITTED): CHANGE
    | {"veto_page": "https://x.example/not-me", "veto_code": "7F3K92QD"},
    (Channel.MAIL, Template.REVIEW_APPROVED): CHANGE | {"veto_link": "https://x.example/not-me/T0KEN"},
    (Channel.SMS, Template.REVIEW_APPROVED): CHANGE
    | {"veto_page": "https://x.example/not-me", "veto_code": "7F3K92QD"},
    (Channel.MAIL, Template.NEW_MAILBOX): {"code": "123456", "minutes": "5"},
    (Channel.SMS, Template.NEW_PHONE): {"code": "123456", "minutes": "5"},
    (Channel.SESSIONS, Template.END_SESSIONS): {"address": "a@b.example"},
}
ACTED_ON = {"code", "link", "approval_link", "page", "veto_link", "veto_page", "veto_code", "minutes"}
GATEWAY = (
    *("hello", "masked", "code_masked", "slow", "outage_banner", "empty", "too_long", "too_fast"),
    *("bad_button", "no_session", "mode_not_text", "bad_request", "demo_banner", "broken"),
    *("talk_code_right", "talk_code_wrong", "talk_code_over", "talk_code_alone"),
)


@pytest.fixture(scope="module")
def words() -> Catalogue:
    """Return the real catalogues, with times as people in China read them."""
    return Catalogue(LOCALE, "Asia/Shanghai")


def entries(language: str) -> dict[str, str]:
    """Return every text of *language*, read by another library than ours; a key that stands twice raises."""
    found: dict[str, str] = {}
    for name in FILES:
        file = polib.pofile(str(LOCALE / language / f"{name}.po"), check_for_duplicates=True)
        assert file.metadata["Language"] == language
        assert not found.keys() & {entry.msgid for entry in file}
        found |= {entry.msgid: entry.msgstr for entry in file}
    return found


def names(text: str) -> set[str]:
    """Return the variables of *text*."""
    return set(re.findall(r"\{(\w*)\}", text))


def test_both_languages_have_the_same_keys_with_the_same_variables(words: Catalogue) -> None:
    """A text that exists in one language exists in the other, and says the same things."""
    english, chinese = (entries(language) for language in LANGUAGES)
    assert english.keys() == chinese.keys() == words.keys()
    for key, text in english.items():
        assert names(text) == names(chinese[key]) == words.variables(key), key
        assert text.strip(), key
        assert chinese[key].strip(), key


def test_every_template_has_a_delivery_here() -> None:
    """A template that is added later must be added to these tests, and so to the catalogues."""
    assert {template for _, template in DELIVERIES} == set(Template)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("channel", "template"), DELIVERIES)
def test_every_delivery_has_words(
    words: Catalogue, channel: Channel, template: Template, language: str
) -> None:
    """Each delivery renders with just the variables its template promises; only mail has a subject."""
    subject, text = words.render(channel, template, DELIVERIES[channel, template], language)
    assert bool(subject) == (channel is Channel.MAIL)
    assert bool(text) == (channel is not Channel.SESSIONS)
    assert "\n" not in subject
    assert not names(subject + text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("channel", "template"), DELIVERIES)
def test_what_the_receiver_must_act_on_is_in_the_text(
    words: Catalogue, channel: Channel, template: Template, language: str
) -> None:
    """Code, link and veto stand in the text word for word."""
    variables = DELIVERIES[channel, template]
    _, text = words.render(channel, template, variables, language)
    for name in ACTED_ON & variables.keys():
        assert variables[name] in text


def test_the_chinese_code_fits_into_one_sms(words: Catalogue) -> None:
    """70 UCS-2 characters are one SMS."""
    _, text = words.render(Channel.SMS, Template.CODE, {"code": "832117", "minutes": "15"}, "zh")
    assert len(text) <= 70


def test_the_english_code_fits_into_one_sms(words: Catalogue) -> None:
    """160 characters of seven bits are one SMS."""
    _, text = words.render(Channel.SMS, Template.CODE, {"code": "832117", "minutes": "15"}, "en")
    assert len(text) <= 160
    assert text.isascii()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_link_mail_cannot_name_the_case_or_the_mailbox(words: Catalogue, language: str) -> None:
    """R6: the reference's last characters are asked for on the page, so the mail must not hold them."""
    for part in ("subject", "text"):
        used = names(entries(language)[f"mail.link.{part}"])
        assert used <= {"link", "minutes"}
    assert words.variables("mail.link.text") == {"link", "minutes"}


def test_codes_and_times_are_put_into_words(words: Catalogue) -> None:
    """Methods, channel and time are read by people, in the configured time zone."""
    variables = DELIVERIES[Channel.MAIL, Template.PASSWORD_CHANGED_OWN] | {"method": "sms,mail"}
    _, english = words.render(Channel.MAIL, Template.PASSWORD_CHANGED_OWN, variables, "en")
    _, chinese = words.render(Channel.MAIL, Template.PASSWORD_CHANGED_OWN, variables, "zh")
    assert "on 2 March 2026, 17:00 (GMT+08:00), in the chat" in english
    assert "after a code by SMS and a link to a backup mailbox" in english
    assert "2026年3月2日 17:00" in chinese
    assert "短信验证码和备用邮箱链接" in chinese


@pytest.mark.parametrize("name", GATEWAY)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gateway_has_its_words(words: Catalogue, name: str, language: str) -> None:
    """What the gateway itself says needs no variable and is at most two sentences."""
    text = words.text(f"gateway.{name}", language)
    assert len(re.findall(r"[.!?](?:\s|$)|[。！？]", text)) in (1, 2)


def test_the_voice_is_kept() -> None:
    """No text blames; Chinese is full-width and says 您."""
    for text in entries("en").values():
        assert not re.search(r"\b(?:invalid|illegal|error|failed)\b", text, re.IGNORECASE)
    for key, text in entries("zh").items():
        assert "你" not in text, key
        assert not re.search(r"[\u4e00-\u9fff][,;:!?]", text), key


def test_a_missing_variable_key_or_language_raises(words: Catalogue) -> None:
    """Nothing is ever sent with a hole in it."""
    for key, language, variables in (
        ("sms.code.text", "en", {"code": "1"}),
        ("sms.nothing.text", "en", {}),
        ("sms.code.text", "fr", {"code": "1", "minutes": "5"}),
    ):
        with pytest.raises(KeyError):
            words.text(key, language, **variables)


HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ('msgid "a"\nmsgstr "A"\n\nmsgid "b"\nmsgstr "B"\n', 'msgid "a"\nmsgstr "甲"\n'),
        ('msgid "a"\nmsgstr "A {x}"\n', 'msgid "a"\nmsgstr "甲 {y}"\n'),
        ('msgid "a"\nmsgstr "A"\n', 'msgid "a"\nmsgstr ""\n'),
        ('msgid "a"\nmsgstr "A"\n', '#, fuzzy\nmsgid "a"\nmsgstr "甲"\n'),
        ('msgid "a"\nmsgstr "A"\n', 'msgid "a\nmsgstr "甲"\n'),
        ("", ""),
    ],
)
def test_incomplete_catalogues_end_the_start(tmp_path: Path, english: str, chinese: str) -> None:
    """With a key or variable in one language only, an empty or fuzzy text, rekey does not start."""
    for language, text in (("en", english), ("zh", chinese)):
        (tmp_path / language).mkdir()
        (tmp_path / language / "x.po").write_text(HEADER + text, encoding="utf-8")
    with pytest.raises(CatalogueError):
        Catalogue(tmp_path)


def test_a_key_in_two_files_ends_the_start(tmp_path: Path) -> None:
    """Two owners of one key would overwrite each other unseen."""
    for language in LANGUAGES:
        (tmp_path / language).mkdir()
        for name in ("x", "y"):
            (tmp_path / language / f"{name}.po").write_text(f'{HEADER}msgid "a"\nmsgstr "A"\n')
    with pytest.raises(CatalogueError):
        Catalogue(tmp_path)
