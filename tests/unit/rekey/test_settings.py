"""Settings come from the environment, are checked by name and value, and never show a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from rekey.settings import Settings, SettingsError, load_settings, variable


def test_defaults_are_those_of_the_rules() -> None:
    """R4 to R14, R20 and R21: the numbers of the rules are the defaults."""
    settings = load_settings()

    spelled = {
        "code_minutes": 5, "code_tries": 5, "resend_seconds": 60, "sends_per_hour": 5,
        "sends_per_day": 10, "client_addresses_per_hour": 5, "sms_daily_max": 500,
        "sms_domain_floor": 50, "sms_domain_share": 0.05, "mail_link_minutes": 30, "mails_per_case": 3,
        "phone_codes_per_case": 3,
        "link_reference_tries": 5, "answers_wrong_per_day": 5, "answers_wrong_in_all": 10,
        "guess_dead_codes": 2, "guess_wait_seconds": 30, "guess_wait_max_minutes": 60, "guess_stop": 100,
        "guess_domain_floor": 50, "guess_domain_share": 0.02, "grant_minutes": 15,
        "sendings_per_grant": 20, "form_minutes": 10, "veto_hours": 72, "veto_hold_days": 30,
        "idle_expiry_hours": 24, "escalated_expiry_days": 30, "rights_idle_minutes": 15,
        "resume_tries_per_hour": 10,
        "clock_skew_seconds": 60, "sweep_seconds": 60, "tracker_hours": 24, "transcript_days": 30,
        "audit_days": 400,
    }  # fmt: skip
    assert {name: getattr(settings, name) for name in spelled} == spelled
    assert settings.sms_countries == ("+86",)
    assert settings.profile == "guide"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers, switches and lists with commas are read from the environment."""
    monkeypatch.setenv("REKEY_CODE_MINUTES", "7")
    monkeypatch.setenv("REKEY_LOG_JSON", "true")
    monkeypatch.setenv("REKEY_TRUSTED_PROXIES", "10.0.0.0/8, ::1/128 ,")

    settings = load_settings()

    assert settings.code_minutes == 7
    assert settings.log_json is True
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1/128")


def test_an_unknown_variable_is_refused_and_the_nearest_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable stops the start, says which one was meant, and does not repeat its value."""
    monkeypatch.setenv("REKEY_SMTP_PASWORD", "hunter2-secret")

    with pytest.raises(SettingsError) as refusal:
        load_settings()

    assert "REKEY_SMTP_PASWORD" in str(refusal.value)
    assert "REKEY_SMTP_PASSWORD?" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_a_value_that_does_not_fit_is_named_without_being_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal names the variable and the reason, never the value."""
    monkeypatch.setenv("REKEY_PORT", "eighty-secret")

    with pytest.raises(SettingsError, match=r"REKEY_PORT: .*integer") as refusal:
        load_settings()

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(("port", "good"), [(0, False), (1, True), (65535, True), (65536, False)])
def test_a_port_is_between_1_and_65535(*, port: int, good: bool) -> None:
    """The first and last port are taken; their neighbours are refused."""
    if good:
        assert load_settings(port=port).port == port
    else:
        with pytest.raises(SettingsError, match="REKEY_PORT"):
            load_settings(port=port)


def test_settings_do_not_change() -> None:
    """The object is frozen."""
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


def test_secrets_do_not_show() -> None:
    """A password shows neither in repr nor in str nor in a dump."""
    settings = load_settings(smtp_password="hunter2", sms_password="hunter2", gateway_key="hunter2")

    assert "hunter2" not in repr(settings) + str(settings) + str(settings.model_dump())


def test_every_setting_is_described() -> None:
    """No setting is without a sentence that explains it."""
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_demo_is_no_setting() -> None:
    """R22: nothing in the environment turns the demo on."""
    assert not [name for name in Settings.model_fields if "demo" in name]


def test_addresses_are_derived_where_empty(tmp_path: Path) -> None:
    """Database, tracker, site and ports have defaults that follow the data folder and the port."""
    settings = load_settings(data_dir=tmp_path, port=9000, host="::1")

    assert settings.database == f"sqlite+aiosqlite:///{tmp_path}/rekey.db"
    assert settings.tracker == f"sqlite:///{tmp_path}/tracker.db"
    assert settings.site == "http://[::1]:9000"
    assert (settings.rasa, settings.actions) == ("http://127.0.0.1:5005", 5055)


def test_given_addresses_win() -> None:
    """What the operator writes is used, without a slash at the end."""
    settings = load_settings(
        public_url="https://rekey.example.com/",
        database_url="postgresql+asyncpg://x/y",
        rasa_url="http://r:1/",
    )

    assert settings.site == "https://rekey.example.com"
    assert settings.database == "postgresql+asyncpg://x/y"
    assert settings.rasa == "http://r:1"


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("sqlite+aiosqlite:////var/lib/rekey/rekey.db", True),
        ("postgresql+asyncpg://rekey:hunter2@db/rekey", True),
        ("sqlite+aiosqlite:///:memory:", False),
        ("sqlite+aiosqlite:///", False),
        ("postgresql://rekey:hunter2@db/rekey", False),
        ("mysql+aiomysql://rekey:hunter2@db/rekey", False),
    ],
)
def test_only_a_database_that_rekey_can_use_is_taken(*, url: str, good: bool) -> None:
    """Another driver, or a database in memory, is refused without repeating its password."""
    if good:
        assert load_settings(database_url=url).database == url
        return
    with pytest.raises(SettingsError, match=r"REKEY_DATABASE_URL: .*must be sqlite") as refusal:
        load_settings(database_url=url)
    assert "hunter2" not in str(refusal.value)


def test_a_variable_is_the_prefix_and_the_name() -> None:
    """The documentation and the messages spell a setting the same way."""
    assert variable("data_dir") == "REKEY_DATA_DIR"
