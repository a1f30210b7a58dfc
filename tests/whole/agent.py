"""Somebody at the desk: added by the command line, signed in through the real pages."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import urllib.parse
from dataclasses import dataclass, field

from recovery_core.clock import SystemClock
from recovery_core.people import totp
from tests.whole.person import Answer, Person
from tests.whole.system import System


def add_agent(system: System, name: str, password: str) -> str:
    """Add an agent as an operator does; return the key of their second factor, which is shown once."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("REKEY_")}
    environment |= {"REKEY_DATA_DIR": str(system.folder), "REKEY_DATABASE_URL": system.database_url}
    command = ["desk", "add", name, "--role", "agent", "--language", "en", "--password", password]
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "rekey", *command],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return re.findall(r"shown once\): ([A-Z2-7 ]+)", done.stdout)[0].strip()


@dataclass
class DeskAgent(Person):
    """An agent's browser."""

    codes: list[str] = field(default_factory=list)
    """The second factors that were typed."""

    def sign_in(self, name: str, password: str, key: str) -> None:
        """Give password and second factor."""
        assert self.post("/desk/sign-in", name=name, password=password).status == 200
        code = totp.code_at(totp.secret_of(key), totp.step_of(SystemClock().now()))
        self.codes.append(code)
        page = self.post("/desk/code", code=code)
        assert urllib.parse.urlsplit(page.url).path == "/desk", page

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form of the page at *path* with its hidden field."""
        main = self.ask(path).body.rpartition("<main")[2]
        found = re.search(r'name="csrf" value="([^"]+)"', main)
        fields["csrf"] = html.unescape(found[1]) if found else ""
        data = urllib.parse.urlencode(fields).encode()
        origin, kind = self.site.rstrip("/"), "application/x-www-form-urlencoded"
        return self.ask(path, data, Origin=origin, Content_Type=kind)

    def ticket(self) -> str:
        """Return the path of the ticket that came last to the queue."""
        paths = re.findall(r'"(/desk/tickets/[A-Za-z0-9_-]+)"', self.ask("/desk").body)
        assert paths, "the queue is empty"
        return str(paths[-1])

    def act(self, ticket: str, act: str, **fields: str) -> Answer:
        """Do something with the ticket."""
        return self.post(ticket, act=act, **fields)
