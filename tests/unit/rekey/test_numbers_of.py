"""What operators set is what the core decides by, within bounds (R12, R14, R17, R18, R21)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.cases.sweeping import Keeping
from recovery_core.numbers import Numbers
from rekey.numbers import keeping_of, numbers_of
from rekey.settings import SettingsError, load_settings, variable

DECIDING = {
    "match_tries": ("match_tries", 1, 10, 1),
    "approver_mail_minutes": ("approver_told_every", 1, 1440, timedelta(minutes=1)),
    "administrator_days": ("administrator_days", 1, 30, 1),
    "review_wait_hours": ("review_wait", 1, 720, timedelta(hours=1)),
    "votes_wanted": ("votes_wanted", 2, 5, 1),
    "live_wait_minutes": ("live_wait", 1, 120, timedelta(minutes=1)),
    "desk_present_minutes": ("desk_present", 1, 60, timedelta(minutes=1)),
    "tickets_measured": ("tickets_measured", 1, 500, 1),
}
"""Setting to number, first and last good value, and what one of it means."""


def test_the_settings_defaults_are_the_rules() -> None:
    """Without any setting the core has its own defaults."""
    assert numbers_of(load_settings()) == Numbers()
    assert keeping_of(load_settings()) == Keeping()


@pytest.mark.parametrize("setting", DECIDING)
def test_a_number_is_set_within_its_bounds(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first and the last good value reach the core; their neighbours stop the start and are named."""
    number, first, last, unit = DECIDING[setting]
    for value in (first, last):
        monkeypatch.setenv(variable(setting), str(value))
        assert getattr(numbers_of(load_settings()), number) == value * unit
    for value in (first - 1, last + 1):
        monkeypatch.setenv(variable(setting), str(value))
        with pytest.raises(SettingsError, match=variable(setting)):
            load_settings()


@pytest.mark.parametrize(("days", "good"), [(29, False), (30, True), (3650, True), (3651, False)])
def test_cases_are_kept_for_days(*, days: int, good: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """R21: at least 30 days, because vetoes look back that far."""
    monkeypatch.setenv("REKEY_CASE_DAYS", str(days))
    if good:
        assert keeping_of(load_settings()).cases == timedelta(days=days)
    else:
        with pytest.raises(SettingsError, match="REKEY_CASE_DAYS"):
            load_settings()


def test_cases_are_kept_as_long_as_vetoes_count() -> None:
    """R12, R21: a longer memory of holds or vetoes keeps the cases as long."""
    assert keeping_of(load_settings(case_days=30, veto_hold_days=45)).cases == timedelta(days=45)
    assert keeping_of(load_settings(case_days=30, veto_hours=960)).cases == timedelta(days=40)
