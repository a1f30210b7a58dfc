"""What the portal's process refuses to start with."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rekey.serve import new_event_loop, run
from rekey.settings import SettingsError, load_settings


def test_a_hash_that_protects_nothing_is_refused(tmp_path: Path) -> None:
    """The profile of the tests never guards a real password."""
    settings = load_settings(data_dir=tmp_path, argon2_profile="cheapest")
    with pytest.raises(SettingsError, match="REKEY_ARGON2_PROFILE"):
        run(settings, demo=False)
    assert list(tmp_path.iterdir()) == []


def test_the_portal_runs_on_uvloop_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its loop is made where it is installed; without it asyncio makes its own."""
    uvloop = pytest.importorskip("uvloop")
    make = new_event_loop()
    assert make is not None
    loop = make()
    loop.close()
    assert isinstance(loop, uvloop.Loop)

    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert new_event_loop() is None
