"""Somebody with a browser who knows only the fixed names: chat API, form fields, demo outbox."""

from __future__ import annotations

import html
import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

_HIDDEN = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
OUTBOX_SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    url: str
    body: str
    headers: str

    @property
    def codes(self) -> list[str]:
        """Return the ``data-code`` of every broken rule on the page."""
        return re.findall(r'data-code="([\w]+)"', self.body)

    @property
    def replies(self) -> list[dict[str, Any]]:
        """Return the replies of ``?wait=1``."""
        found: list[dict[str, Any]] = json.loads(self.body)["replies"]
        return found


@dataclass
class Person:
    """One browser; everything that it was answered is kept in :attr:`seen` for the leak test."""

    site: str
    seen: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin without cookies."""
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.last: list[dict[str, Any]] = []

    def ask(self, path: str, data: bytes | None = None, **headers: str) -> Answer:
        """Send one request and return its answer, whatever its status; redirects are followed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = urllib.parse.urljoin(self.site, path)
        request = urllib.request.Request(url, data=data, headers=named)  # noqa: S310  our own loopback
        try:
            with self._opener.open(request, timeout=60) as response:
                answer = Answer(
                    response.status, response.url, response.read().decode(), str(response.headers)
                )
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.url, error.read().decode(), str(error.headers))
        if "/demo/" not in url:
            self.seen.append(answer)
        return answer

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[bytes]]:
        """Open an event stream and yield its lines as they come; a silence of 30 s raises TimeoutError."""
        url = urllib.parse.urljoin(self.site, path)
        with self._opener.open(url, timeout=30) as response:
            yield iter(response)

    def begin(self, language: str, **body: object) -> Answer:
        """Begin a conversation."""
        return self._post("/api/chat/session", {"language": language, **body})

    def say(self, text: str, key: str | None = None) -> list[dict[str, Any]]:
        """Say something and return the replies."""
        return self._message({"text": text}, key)

    def press(self, name: str) -> list[dict[str, Any]]:
        """Press the newest button of that name."""
        offered = [b for reply in self.last for b in reply["buttons"] or [] if b["name"] == name]
        assert offered, f"no button {name} in {self.last}"
        return self._message({"button": offered[-1]["id"]}, None)

    def form(self, purpose: str) -> str:
        """Return the address of the newest form for *purpose*."""
        urls = [
            reply["form"]["url"] for reply in self.last if (reply["form"] or {}).get("purpose") == purpose
        ]
        assert urls, f"no form {purpose} in {self.last}"
        return str(urls[-1])

    def send_form(self, url: str, **fields: str) -> Answer:
        """Open the page and send its form with *fields*, hidden ones kept."""
        page = self.ask(url)
        if page.status != 200:
            return page
        return self.post_form(page, **fields)

    def post_form(self, page: Answer, **fields: str) -> Answer:
        """Send the form of a *page* that is already open."""
        data = urllib.parse.urlencode({**_hidden(page), **fields}).encode()
        origin = self.site.rstrip("/")
        return self.ask(page.url, data, Origin=origin, Content_Type="application/x-www-form-urlencoded")

    def post_files(self, page: Answer, files: dict[str, bytes], **fields: str) -> Answer:
        """Send the form of a *page* with *files* by name, as a browser does: fields in order, files last."""
        parts = [(f'name="{key}"', value.encode()) for key, value in ({**_hidden(page), **fields}).items()]
        parts += [(f'name="licence"; filename="{name}"', content) for name, content in files.items()]
        edge = "edge-of-the-form"
        data = b"".join(
            f"--{edge}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
            for head, content in parts
        )
        kind = f"multipart/form-data; boundary={edge}"
        ending = f"--{edge}--\r\n".encode()
        return self.ask(page.url, data + ending, Origin=self.site.rstrip("/"), Content_Type=kind)

    def outbox(self) -> list[dict[str, Any]]:
        """Return what the demo company got, oldest first."""
        rows: list[dict[str, Any]] = json.loads(self.ask("/demo/outbox.json").body)
        return rows

    def received(self, to: str, known: int) -> dict[str, Any]:
        """Return the newest message to *to* after the first *known* ones; it may take a few seconds."""
        end = monotonic() + OUTBOX_SECONDS
        while monotonic() < end:
            rows = [row for row in self.outbox()[known:] if row["to"] == to]
            if rows:
                return rows[-1]
            sleep(0.1)
        raise AssertionError(f"nothing came for {to}")

    def _message(self, body: dict[str, str], key: str | None) -> list[dict[str, Any]]:
        headers = {"Idempotency_Key": key} if key else {}
        answer = self._post("/api/chat/messages?wait=1", body, **headers)
        assert answer.status == 200, answer
        self.last = answer.replies
        return self.last

    def _post(self, path: str, body: dict[str, Any], **headers: str) -> Answer:
        data = json.dumps(body).encode()
        return self.ask(path, data, Content_Type="application/json", **headers)


def _hidden(page: Answer) -> dict[str, str]:
    """Return the hidden fields of the page."""
    hidden = {}
    for tag in _HIDDEN.findall(page.body):
        found = dict(_ATTRIBUTE.findall(tag))
        if found.get("type") == "hidden" and "name" in found:
            hidden[found["name"]] = html.unescape(found.get("value", ""))
    return hidden
