"""Keys are made once, readable by their owner alone, and never shown."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from rekey.keys import Keys, load_keys
from rekey.settings import Settings, SettingsError, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings whose data folder does not exist yet."""
    return load_settings(data_dir=tmp_path / "var")


def test_five_different_keys_are_made_once(settings: Settings) -> None:
    """The first call makes five keys of 32 bytes, the second returns the same ones."""
    keys = load_keys(settings)

    values = list(dataclasses.asdict(keys).values())
    assert len(set(values)) == 5
    assert {len(value) for value in values} == {32}
    assert load_keys(settings) == keys


def test_only_the_owner_can_read_the_files(settings: Settings) -> None:
    """The folder is 0700, each file 0600, and nothing else is left in the folder."""
    load_keys(settings)

    assert settings.key_dir.stat().st_mode & 0o777 == 0o700
    names = {path.name: path.stat().st_mode & 0o777 for path in settings.key_dir.iterdir()}
    assert names == dict.fromkeys(("gateway", "actions", "hashing", "encryption", "audit"), 0o600)


def test_a_given_key_is_used_and_not_written(settings: Settings) -> None:
    """A key out of the environment wins and leaves no file."""
    given = load_settings(data_dir=settings.data_dir, audit_key="ab" * 32)

    assert load_keys(given).audit == b"\xab" * 32
    assert not (settings.key_dir / "audit").exists()


@pytest.mark.parametrize("digits", [62, 66, 0])
def test_a_key_of_another_length_is_refused(settings: Settings, digits: int) -> None:
    """31 and 33 bytes are refused in words that do not hold the key."""
    given = load_settings(data_dir=settings.data_dir, audit_key="a" * digits)

    with pytest.raises(SettingsError, match="REKEY_AUDIT_KEY must be 64 hexadecimal digits") as refusal:
        load_keys(given)

    assert "aaaa" not in str(refusal.value)


def test_a_key_file_that_others_can_read_is_refused(settings: Settings) -> None:
    """A key with wider rights is not used; the refusal says what to run."""
    load_keys(settings)
    (settings.key_dir / "hashing").chmod(0o640)

    with pytest.raises(SettingsError, match="chmod 600"):
        load_keys(settings)


def test_keys_do_not_show(settings: Settings) -> None:
    """Printing the keys prints none of them."""
    assert repr(load_keys(settings)) == "Keys()"
    assert isinstance(load_keys(settings), Keys)
