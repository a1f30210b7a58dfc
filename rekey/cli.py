"""The command line: ``rekey --help`` lists everything; each command imports what it needs when it runs."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from recovery_core.errors import RecoveryError, UnavailableError
from rekey.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from rekey.doctor import Doctor

EX_CONFIG = 78
"""Exit code for settings that cannot work (sysexits.h); the supervisor does not try again after it."""

_ELSEWHERE = {
    "accounts": "Import, list and check accounts.",
    "audit": "Read and verify the audit trail.",
    "channels": "Set up messengers.",
    "desk": "Add agents to the desk, and help operators who lost their second factor.",
    "domains": "Add, list and set up domains.",
    "understanding": "List lines that were not understood, and write chosen ones into a file for labelling.",
}
"""Groups that live in ``rekey/<name>_cli.py``, each a click group of that name, with their line of help."""


class Commands(click.Group):
    """The commands of this module and the groups that other modules of ``rekey`` bring."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every name."""
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, importing its module now."""
        if cmd_name in _ELSEWHERE:
            group = getattr(importlib.import_module(f"rekey.{cmd_name}_cli"), cmd_name)
            return group if isinstance(group, click.Command) else None
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of the other modules."""
        rows = []
        for name in self.list_commands(ctx):
            own = self.commands.get(name)
            if own is None or not own.hidden:
                rows.append((name, own.get_short_help_str() if own else _ELSEWHERE[name]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what can be expected to go wrong ends in words, not in a traceback."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            _end(str(error), EX_CONFIG)
        except UnavailableError:
            _end("The database does not answer, or is busy. Look with: rekey doctor", 1)
        except RecoveryError as error:
            _end(f"Refused: {error.code}", 1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rekey")
def main() -> None:
    """Get people back into their mailbox."""


@main.command()
@click.option("--demo", is_flag=True, help="Fictional companies, an outbox to read, this machine only.")
def up(*, demo: bool) -> None:
    """Start Rasa and the portal and keep them running."""
    from rekey import up as supervisor
    from rekey.places import Places
    from rekey.progress import Progress
    from rekey.training import TrainingError

    settings, places, progress = _settings(), Places(), Progress()
    missing = [finding for finding in _doctor(settings).look_before_start() if not finding.is_good]
    for finding in missing:
        progress.show(finding)
    if missing:
        sys.exit(1)
    try:
        supervisor.up(settings, places, progress, demo=demo, banner=_demo_banner if demo else _no_banner)
    except (supervisor.StartError, TrainingError) as error:
        _end(str(error), 1)


@main.command()
@click.option("--demo-child", is_flag=True, hidden=True)
def serve(*, demo_child: bool) -> None:
    """Serve the portal alone; Rasa runs elsewhere."""
    from rekey.serve import run

    run(_settings(), demo=demo_child)


@main.command()
@click.option("--if-needed", is_flag=True, help="Do nothing while the model is fresh.")
def train(*, if_needed: bool) -> None:
    """Train the assistant's model into models/."""
    from rekey import training
    from rekey.places import Places
    from rekey.progress import Progress

    settings, places = _settings(), Places()
    if if_needed and places.model_is_fresh():
        return
    try:
        with Progress().step("Training the assistant"):
            asyncio.run(training.train(settings, places))
    except training.TrainingError as error:
        _end(str(error), 1)


@main.command()
def doctor() -> None:
    """Say what is missing on this machine and how to mend it."""
    from rekey.progress import Progress

    progress = Progress()
    findings = _doctor(_settings()).look()
    for finding in findings:
        progress.show(finding)
    if any(finding.needed and not finding.is_good for finding in findings):
        sys.exit(1)


@main.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to the newest version."""
    from rekey import database

    database.upgrade(_settings())
    click.echo("The tables are current.")


@db.command()
def status() -> None:
    """Say whether the tables are current; exit code 1 when they are not."""
    from rekey import database
    from rekey.places import Places

    state = asyncio.run(database.database_state(_settings(), Places()))
    click.echo(state.value)
    if state is not database.DatabaseState.CURRENT:
        sys.exit(1)


def _settings() -> Settings:
    from rekey.logs import configure

    settings = load_settings()
    configure(level=settings.log_level, json=settings.log_json)
    return settings


def _doctor(settings: Settings) -> Doctor:
    from recovery_core.clock import SystemClock
    from rekey.doctor import Doctor
    from rekey.places import Places

    return Doctor(settings, Places(), SystemClock())


def _demo_banner(settings: Settings) -> list[str]:
    from rekey.demo import banner_lines

    return banner_lines(settings)


def _no_banner(_settings: Settings) -> list[str]:
    return []


def _end(words: str, code: int) -> NoReturn:
    click.echo(words, err=True)
    sys.exit(code)
