"""``rekey channels``: which messengers are on, and whether one could work with its settings."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import click

from portal.channels import registry
from portal.channels.port import Finding
from recovery_core.clock import SystemClock
from recovery_core.entropy import SystemEntropy
from rekey.channels import open_channels, proofs_of
from rekey.logs import configure
from rekey.settings import Settings, load_settings
from rekey.store import words

CHECK_SECONDS = 60.0


@click.group()
def channels() -> None:
    """Set up messengers."""


@channels.command("list")
def list_() -> None:
    """List the messengers, and say which are on and which count as a proof."""
    settings = load_settings()
    proofs = proofs_of(settings)
    for name in registry.NAMES:
        state = "on" if name in settings.channels else "off"
        click.echo(f"{name:<12} {state}{', its accounts count as a proof' if name in proofs else ''}")


@channels.command()
@click.argument("name", type=click.Choice(registry.NAMES))
@click.option("--language", type=click.Choice(["zh", "en"]), default="en", show_default=True)
def check(*, name: str, language: str) -> None:
    """Try the credentials and the connection of NAME, and say in words what is wrong.

    Nothing is sent to anybody. NAME need not be on yet. The exit code is 1 when something is wrong.
    """
    settings, say = load_settings(), words()
    configure(level="error", json=settings.log_json)
    findings = asyncio.run(_findings(settings, name))
    for finding in findings:
        sign = "+" if finding.good else "!"
        click.echo(f"{sign} {say(finding.key, language, **finding.variables)}")
    if not all(finding.good for finding in findings):
        sys.exit(1)


async def _findings(settings: Settings, name: str) -> Sequence[Finding]:
    async with open_channels(settings, SystemClock(), SystemEntropy(), [name]) as built:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await built[name].check()
        except TimeoutError:
            return [Finding(good=False, key="channel.check.no_answer")]
        finally:
            await built[name].close()
