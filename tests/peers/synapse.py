"""A real Matrix homeserver for tests: Synapse in its own environment, with rekey as application service."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from tests.needs import need
from tests.peers.matrix_user import MatrixUser
from tests.ports import free_port
from tests.rasa_process import ROOT

LOCK = ROOT / "requirements-synapse.lock"
HOME = ROOT / ".tools" / "synapse"
PYTHON = HOME / "bin" / "python"
UV = ROOT / ".tools" / "bin" / "uv"
SERVER_NAME = "example.com"
"""The demo company's own domain: ``@alice:example.com`` is alice@example.com."""
_START_SECONDS = 60.0
SHARED = "register-in-tests"
"""The secret with which the operator registers people."""
_CONFIGURATION = """
server_name: {name}
pid_file: {folder}/pid
signing_key_path: {folder}/signing.key
media_store_path: {folder}/media
log_config: {folder}/log.yaml
report_stats: false
suppress_key_server_warning: true
trusted_key_servers: []
federation_domain_whitelist: []
macaroon_secret_key: only-for-tests
form_secret: only-for-tests
registration_shared_secret: {shared}
app_service_config_files: ["{folder}/rekey.yaml"]
listeners: [{{port: {port}, type: http, bind_addresses: ["127.0.0.1"], resources: [{{names: [client]}}]}}]
database: {{name: sqlite3, args: {{database: "{folder}/synapse.db"}}}}
rc_message: {{per_second: 1000, burst_count: 1000}}
rc_registration: {{per_second: 1000, burst_count: 1000}}
rc_joins: {{local: {{per_second: 1000, burst_count: 1000}}}}
rc_invites:
  per_room: {{per_second: 1000, burst_count: 1000}}
  per_user: {{per_second: 1000, burst_count: 1000}}
"""
_LOGGING = """
version: 1
formatters: {{plain: {{format: "%(asctime)s %(levelname)s %(name)s %(message)s"}}}}
handlers: {{file: {{class: logging.FileHandler, formatter: plain, filename: "{folder}/synapse.log"}}}}
root: {{level: INFO, handlers: [file]}}
disable_existing_loggers: false
"""
_SERVICE = """
id: rekey
url: {url}
as_token: {as_token}
hs_token: {hs_token}
sender_localpart: rekey
rate_limited: false
namespaces: {{users: [{{exclusive: true, regex: "@rekey:{name}"}}], aliases: [], rooms: []}}
"""
_KEY = "ed25519 a_test 2OV9h3hLyFgbcHPGKzDXSGu25HL1KMc8MiUAP4XOJ2o\n"
"""A signing key that signs nothing anybody trusts."""


@dataclass
class Synapse:
    """A homeserver; what it keeps survives :meth:`restart`."""

    folder: Path
    port: int
    as_token: str
    hs_token: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The address of the client-server API."""
        return f"http://127.0.0.1:{self.port}"

    def user(self, name: str) -> MatrixUser:
        """Register somebody and return them signed in."""
        return MatrixUser.register(self.url, name, SHARED)

    def start(self) -> None:
        """Start it and return when it answers."""
        inherited = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        command = [str(PYTHON), "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.yaml")]
        with (self.folder / "stderr.log").open("ab") as errors:
            self.process = subprocess.Popen(  # noqa: S603  our own environment
                command,
                env=inherited,
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        end = monotonic() + _START_SECONDS
        while monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=5):  # noqa: S310
                return
            sleep(0.1)
        raise AssertionError(f"Synapse did not start: {self._words()}")

    def stop(self) -> None:
        """End it as a supervisor does."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def restart(self) -> None:
        """Stop and start it; it finds its rooms and what it has not delivered yet."""
        self.stop()
        self.start()

    def _words(self) -> str:
        files = [self.folder / name for name in ("stderr.log", "synapse.log")]
        return "\n".join(path.read_text(encoding="utf-8")[-2000:] for path in files if path.exists())


@contextmanager
def synapse(service_url: str, as_token: str, hs_token: str) -> Iterator[Synapse]:
    """Run a homeserver that pushes to *service_url* (the address before ``/_matrix/app``)."""
    install()
    folder = Path(tempfile.mkdtemp(prefix="rekey-synapse-"))
    server = Synapse(folder, free_port(), as_token, hs_token)
    known = {"folder": folder, "name": SERVER_NAME, "port": server.port, "shared": SHARED}
    tokens = {"url": service_url, "as_token": as_token, "hs_token": hs_token}
    try:
        for name, text in (
            ("homeserver.yaml", _CONFIGURATION.format(**known)),
            ("log.yaml", _LOGGING.format(**known)),
            ("rekey.yaml", _SERVICE.format(**known, **tokens)),
            ("signing.key", _KEY),
        ):
            (folder / name).write_text(text, encoding="utf-8")
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def install() -> None:
    """Install Synapse once for all tests on this machine; skips on a laptop where that cannot be done."""
    HOME.parent.mkdir(exist_ok=True)
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = HOME / "rekey.stamp"
    with (HOME.parent / "synapse.guard").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return
        need(UV.exists(), "uv in .tools (make prepares it)")
        for command in (
            ["venv", "--quiet", "--clear", "--python", str(ROOT / ".venv" / "bin" / "python"), str(HOME)],
            ["pip", "sync", "--quiet", "--python", str(PYTHON), "--require-hashes", str(LOCK)],
        ):
            done = subprocess.run(  # noqa: S603  our own uv
                [str(UV), *command], env=_without_pyenv(), capture_output=True, text=True, check=False
            )
            need(done.returncode == 0, f"Synapse, which could not be installed: {done.stderr[-1000:]}")
        stamp.write_text(wanted, encoding="utf-8")


def _without_pyenv() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYENV_VERSION"}
