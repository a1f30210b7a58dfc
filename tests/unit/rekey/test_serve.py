"""What the portal's process refuses to start with."""

from __future__ import annotations

from pathlib import Path

import pytest

from rekey.serve import run
from rekey.settings import SettingsError, load_settings


def test_a_hash_that_protects_nothing_is_refused(tmp_path: Path) -> None:
    """The profile of the tests never guards a real password."""
    settings = load_settings(data_dir=tmp_path, argon2_profile="cheapest")
    with pytest.raises(SettingsError, match="REKEY_ARGON2_PROFILE"):
        run(settings, demo=False)
    assert list(tmp_path.iterdir()) == []
