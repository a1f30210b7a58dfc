"""The command line ends in words and exit codes, never in a traceback for what can be expected."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from recovery_core.errors import RecoveryError
from rekey.cli import main


@main.command("refuse-for-a-test", hidden=True)
def refuse() -> None:
    """Refuse as the core does."""
    raise RecoveryError("too_short")


def test_the_commands_are_those_of_the_house() -> None:
    """Everything that other programs rely on is offered."""
    names = main.list_commands(click.Context(main))

    assert {"up", "serve", "train", "doctor", "db"} <= set(names)


def test_a_misspelt_variable_ends_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that does not exist ends with code 78 and names the nearest."""
    monkeypatch.setenv("REKEY_PROT", "8080")

    result = CliRunner().invoke(main, ["doctor"])

    assert result.exit_code == 78
    assert "Did you mean REKEY_PORT?" in result.output
    assert "Traceback" not in result.output


def test_a_refusal_of_the_core_ends_in_its_code() -> None:
    """What the core refuses is said by its stable code, with exit code 1."""
    result = CliRunner().invoke(main, ["refuse-for-a-test"])

    assert (result.exit_code, result.output) == (1, "Refused: too_short\n")


def test_serve_offers_no_demo() -> None:
    """R22: the help of serve knows no demo, and the option of up is not one of serve."""
    text = CliRunner().invoke(main, ["serve", "--help"]).output
    refused = CliRunner().invoke(main, ["serve", "--demo"])

    assert "demo" not in text
    assert refused.exit_code == 2


def test_every_group_that_is_offered_is_there() -> None:
    """Each name of the help leads to a command, and any other name to none."""
    context = click.Context(main)

    assert {"accounts", "channels", "desk"} <= set(main.list_commands(context))
    assert all(main.get_command(context, name) for name in main.list_commands(context))
    assert main.get_command(context, "nothing") is None


def test_status_of_a_database_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first start the state is absent, with exit code 1, and no file appears."""
    monkeypatch.setenv("REKEY_DATA_DIR", str(tmp_path))

    result = CliRunner().invoke(main, ["db", "status"])

    assert (result.exit_code, result.output) == (1, "absent\n")
    assert list(tmp_path.iterdir()) == []


def test_upgrading_makes_a_database_that_is_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an upgrade the status is current, and upgrading again changes nothing."""
    monkeypatch.setenv("REKEY_DATA_DIR", str(tmp_path / "var"))
    runner = CliRunner()

    made = [runner.invoke(main, ["db", "upgrade"]).output for _ in range(2)]
    status = runner.invoke(main, ["db", "status"])

    assert made == ["The tables are current.\n"] * 2
    assert (status.exit_code, status.output) == (0, "current\n")


def test_tables_without_a_revision_are_not_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty database file is behind, and the exit code says so."""
    monkeypatch.setenv("REKEY_DATA_DIR", str(tmp_path))
    (tmp_path / "rekey.db").touch()

    result = CliRunner().invoke(main, ["db", "status"])

    assert (result.exit_code, result.output) == (1, "behind\n")


def test_help_imports_nothing_heavy() -> None:
    """The list of commands appears without loading the web server, the store or the tables."""
    code = (
        "import sys; from rekey.cli import main; main(['--help'], standalone_mode=False);"
        "print([name for name in ('aiohttp', 'sqlalchemy', 'rasa_sdk') if name in sys.modules])"
    )
    answer = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )

    assert answer.stdout.endswith("[]\n")


def test_the_module_runs_like_the_command() -> None:
    """``python -m rekey`` is the same program."""
    answer = subprocess.run(
        [sys.executable, "-m", "rekey", "--version"], capture_output=True, text=True, check=True
    )

    assert answer.stdout.startswith("rekey, version ")
