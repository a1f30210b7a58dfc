"""A real Dovecot for tests, run from the configuration that ``docs/dovecot.md`` shows."""

from __future__ import annotations

import contextlib
import getpass
import grp
import imaplib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.ports import free_port

DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin")
DOVEADM = shutil.which("doveadm", path="/usr/bin:/usr/local/bin:/usr/sbin")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "dovecot.md"
_BLOCK = re.compile(r"^```\w+ file=(?P<name>\S+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_START_SECONDS = 20.0

FRAME = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
auth_verbose = yes
auth_failure_delay = 0
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""
"""What a test needs beside the page: own folders and port, and no waiting after a wrong password."""


def shown(name: str) -> str:
    """Return the block that the page shows as the file *name*."""
    blocks = {match["name"]: match["body"] for match in _BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}
    return blocks[name]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return *text* with each key, which must be in it, replaced by its value."""
    for old, new in values.items():
        assert old in text, f"{old} is not on the page"
        text = text.replace(old, new)
    return text


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running mail server."""

    port: int
    doveadm: tuple[str, ...]
    """The command that rekey gets as REKEY_DOVEADM_COMMAND."""
    log: Path

    def login(self, address: str, password: str) -> bool:
        """Tell whether *address* can sign in with *password* by IMAP; what is no answer to that raises."""
        session = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        try:
            session.login(_quoted(address), password)
        except imaplib.IMAP4.error as refused:
            if "[AUTHENTICATIONFAILED]" not in str(refused):
                raise
            return False
        finally:
            session.shutdown()
        return True

    def open_session(self, address: str, password: str) -> imaplib.IMAP4:
        """Return a session that is signed in and has the inbox open; raises IMAP4.error if refused."""
        session = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        try:
            session.login(_quoted(address), password)
            session.select("INBOX")
        except BaseException:
            session.shutdown()
            raise
        return session


def _quoted(name: str) -> str:
    """Return *name* as an IMAP string; imaplib quotes the password only."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def ends(session: imaplib.IMAP4) -> bool:
    """Tell whether the server closes *session* by itself; raises TimeoutError when it does not."""
    with contextlib.suppress(ConnectionError):
        while session.sock.recv(4096):
            pass
    return True


@contextmanager
def running(files: Mapping[str, str]) -> Iterator[Dovecot]:
    """Run Dovecot with the page's main file and *files* (name and text) until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="rekey-dovecot-"))
    try:
        folder.chmod(0o755)  # Dovecot's own users must get to their sockets
        port = free_port()
        configuration = _write(folder, port, files)
        process = subprocess.Popen([str(DOVECOT), "-F", "-c", str(configuration)], start_new_session=True)  # noqa: S603
        try:
            _wait_until_up(process, port, folder / "dovecot.log")
            yield Dovecot(port, (str(DOVEADM), "-c", str(configuration)), folder / "dovecot.log")
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, port: int, files: Mapping[str, str]) -> Path:
    """Write the frame and the page's files into *folder*; return the file to start with."""
    mail = folder / "mail"
    mail.mkdir(mode=0o777)
    mail.chmod(0o777)
    users = _users()
    main = filled(
        shown("90-rekey.conf"),
        {
            "/etc/dovecot/rekey-sql.conf.ext": str(folder / "rekey-sql.conf.ext"),
            "uid=vmail gid=vmail": f"uid={users['mail']} gid={users['mail_group']}",
            "/var/mail/vhosts": str(mail),
        },
    )
    for name, text in {"90-rekey.conf": main, **files}.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o600)
    includes = "".join(f"!include {path}\n" for path in sorted(folder.glob("*.conf")))
    configuration = folder / "dovecot.conf"
    frame = FRAME.format(folder=folder, port=port, **users)
    configuration.write_text(frame + includes, encoding="utf-8")
    return configuration


def _users() -> dict[str, str]:
    """Return the users of Dovecot's processes: its own where we may change to them, else ourselves."""
    if os.geteuid() == 0:
        return {
            "internal": "dovecot",
            "internal_group": "dovecot",
            "login": "dovenull",
            "mail": "65534",
            "mail_group": "65534",
        }
    name, group = getpass.getuser(), grp.getgrgid(os.getegid()).gr_name
    return {
        "internal": name,
        "internal_group": group,
        "login": name,
        "mail": str(os.geteuid()),
        "mail_group": str(os.getegid()),
    }


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
            asked.settimeout(_START_SECONDS)
            if asked.recv(4) == b"* OK":
                return
    words = log.read_text(encoding="utf-8") if log.exists() else "no log"
    raise AssertionError(f"Dovecot did not start: {words}")


def lives(process: psutil.Process) -> bool:
    """Tell whether *process* still does anything; one that only waits to be counted out does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the master and whatever it has started; a session that idles would outlive it by ten seconds."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    process.wait(timeout=20)
    for child in filter(lives, children):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    psutil.wait_procs(children, timeout=5)
