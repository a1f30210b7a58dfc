"""Start and stop the real assistant for tests: its own process, its own Python."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / "assistant" / ".venv" / "bin" / "python"
_START_SECONDS = 90.0


@dataclass(frozen=True)
class RasaKeys:
    """The two keys that the assistant gets by its environment."""

    gateway: str
    actions: str


@dataclass
class RasaProcess:
    """A running assistant at :attr:`base_url`."""

    process: subprocess.Popen[bytes]
    base_url: str
    log: Path

    def stop(self) -> int:
        """End the process as a supervisor does and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def start_rasa(model: Path, actions_url: str, keys: RasaKeys, tracker_url: str, log: Path) -> RasaProcess:
    """Start the assistant and return when it answers with its model loaded.

    Raises:
        RuntimeError: it ended or was not ready within 90 s; the message holds the end of its log.

    """
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
        "RASA_TELEMETRY_ENABLED": "false",
        "REKEY_GATEWAY_KEY": keys.gateway,
        "REKEY_ACTIONS_KEY": keys.actions,
        "REKEY_ACTIONS_URL": actions_url,
        "REKEY_TRACKER_URL": tracker_url,
    }
    command = [str(PYTHON), "-m", "rekey_assistant.launch", "--port", str(port), "--model", str(model)]
    with log.open("ab") as sink:
        process = subprocess.Popen(command, env=environment, cwd="/", stdout=sink, stderr=sink)  # noqa: S603
    running = RasaProcess(process, f"http://127.0.0.1:{port}", log)
    _wait(running)
    return running


def _wait(running: RasaProcess) -> None:
    end = monotonic() + _START_SECONDS
    while monotonic() < end and running.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{running.base_url}/webhooks/gateway/health", timeout=1) as answer:  # noqa: S310
                if json.load(answer)["model"]:
                    return
        except (urllib.error.URLError, OSError):
            pass
        try:
            running.process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
    running.process.kill()
    running.process.wait()
    raise RuntimeError(running.log.read_text(encoding="utf-8")[-2000:])
