"""The supervisor gives each child what it needs and no more, and ends them all."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

import psutil
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rich.console import Console

from rekey import up
from rekey.children import Spec
from rekey.keys import load_keys
from rekey.places import Places
from rekey.progress import Progress
from rekey.settings import Settings, load_settings

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with a data folder of their own and chosen ports."""
    return load_settings(data_dir=tmp_path / "var", rasa_port=5005, actions_port=5055)


@pytest.fixture
def progress() -> Progress:
    """Return a progress that writes into memory."""
    return Progress(Console(file=io.StringIO(), width=200))


def said(progress: Progress) -> str:
    """Return what was printed."""
    assert isinstance(progress.console.file, io.StringIO)
    return progress.console.file.getvalue()


def tiny(tmp_path: Path, name: str, code: str) -> Spec:
    """Return a tiny Python child."""
    return Spec(name, (sys.executable, "-c", code), {}, tmp_path / "logs" / f"{name}.log", tmp_path)


def test_rasa_gets_two_keys_and_nothing_else_of_ours(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key of the store, no database address and no password reaches the Rasa process."""
    monkeypatch.setenv("REKEY_SMTP_PASSWORD", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    keys = load_keys(settings)

    spec = up.rasa_spec(settings, Places(tmp_path), keys)

    assert set(spec.env) <= {
        "PATH", "HOME", "LANG", "RASA_TELEMETRY_ENABLED",
        "REKEY_GATEWAY_KEY", "REKEY_ACTIONS_KEY", "REKEY_ACTIONS_URL", "REKEY_TRACKER_URL",
    }  # fmt: skip
    assert spec.env["REKEY_GATEWAY_KEY"] == keys.gateway.hex()
    assert spec.env["REKEY_ACTIONS_KEY"] == keys.actions.hex()
    assert spec.env["REKEY_ACTIONS_URL"] == "http://127.0.0.1:5055/webhook"
    assert spec.env["RASA_TELEMETRY_ENABLED"] == "false"
    assert spec.command[1:] == (
        "-m", "rekey_assistant.launch", "--port", "5005", "--model", f"{tmp_path}/models/",
    )  # fmt: skip


@pytest.mark.parametrize("demo", [True, False])
def test_only_a_demo_start_makes_a_demo_portal(*, settings: Settings, demo: bool) -> None:
    """R22: the portal is a demo when the supervisor was told so, and not otherwise."""
    spec = up.portal_spec(settings, demo=demo)

    assert ("--demo-child" in spec.command) is demo
    assert spec.env["REKEY_RASA_PORT"] == "5005"
    assert Path(spec.env["REKEY_DATA_DIR"]).is_absolute()


def test_free_ports_differ_and_chosen_ones_stay(tmp_path: Path) -> None:
    """Two ports are picked where none is chosen; a chosen one is kept."""
    picked = up.with_ports(load_settings(data_dir=tmp_path))
    kept = up.with_ports(load_settings(data_dir=tmp_path, rasa_port=5005))

    assert picked.rasa_port != picked.actions_port
    assert min(picked.rasa_port, picked.actions_port) > 0
    assert (kept.rasa_port, kept.actions_port > 0) == (5005, True)


@pytest.mark.parametrize(
    ("host", "reached"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("10.1.2.3", "10.1.2.3")],  # noqa: S104
)
def test_the_portal_is_asked_on_this_machine(host: str, reached: str) -> None:
    """A portal that listens everywhere is asked on the loopback, never at its public address."""
    settings = load_settings(host=host, public_url="https://rekey.example.com")

    assert up.address(settings) == f"http://{reached}:8080"


async def test_ready_is_the_first_200() -> None:
    """503 means not yet; the first 200 ends the waiting."""
    answers = iter((503, 503, 200))

    async def readyz(_request: web.Request) -> web.Response:
        return web.Response(status=next(answers))

    app = web.Application()
    app.router.add_get("/readyz", readyz)
    async with TestServer(app) as server:
        await up.until_ready(str(server.make_url("/readyz")))

    assert list(answers) == []


async def test_never_ready_is_an_end() -> None:
    """A portal that never answers ends the waiting."""
    with pytest.raises(TimeoutError):
        await up.until_ready("http://127.0.0.1:1/readyz", seconds=0.05)


async def test_children_run_until_cancelled_and_none_is_left(tmp_path: Path, progress: Progress) -> None:
    """Once ready the addresses are said; cancelling ends every child."""
    pids = tmp_path / "pids"
    word = f"import os; open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n');"
    specs = [tiny(tmp_path, name, word + SLEEPER) for name in ("rasa", "portal")]

    async def readyz(_request: web.Request) -> web.Response:
        running = pids.exists() and len(pids.read_text().splitlines()) == len(specs)
        return web.Response(status=200 if running else 503)

    app = web.Application()
    app.router.add_get("/readyz", readyz)
    async with TestServer(app) as server:
        url = str(server.make_url("/readyz"))
        serving = asyncio.create_task(up.supervise(specs, url, progress, ["the addresses"]))
        while "the addresses" not in said(progress):  # noqa: ASYNC110 - it is printed, not announced
            await asyncio.sleep(0.01)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving

    assert [pid for pid in pids.read_text().split() if psutil.pid_exists(int(pid))] == []
    assert "Stopping" in said(progress)


async def test_a_child_that_cannot_run_ends_the_start_with_its_last_words(
    tmp_path: Path, progress: Progress
) -> None:
    """Wrong settings of a child are shown, the other child is ended, and nothing is started again."""
    specs = [
        tiny(tmp_path, "rasa", SLEEPER),
        tiny(tmp_path, "portal", "import sys; print('REKEY_PORT: too large'); sys.exit(78)"),
    ]

    with pytest.raises(up.StartError, match=r"(?s)portal process cannot run.*REKEY_PORT: too large"):
        await up.supervise(specs, "http://127.0.0.1:1/readyz", progress, ["ready"])

    assert "ready\n" not in said(progress)
