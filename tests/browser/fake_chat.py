"""A small chat server for the widget's tests: scripted answers, under the real security policy.

What was said is kept in the object, not in the running server, so a test can stop the server and start it
again on the same port, as a restart or a lost network would look to a browser.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape

PORTAL = Path(__file__).parents[2] / "portal"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'"
)
HOST = "127.0.0.1"
COOKIE = "rekey_chat"
Event = tuple[str, dict[str, Any]]

METHODS = (
    ("method_sms", "Send a code by text message"),
    ("method_mail", "Send a link to the backup mailbox"),
    ("method_questions", "Answer security questions"),
)


def reply(kind: str, text: str | None, **more: object) -> Event:
    """Build the event of one reply; the id is added when it is kept."""
    return "reply", {"kind": kind, "text": text, "buttons": None, "form": None, **more}


def buttons(text: str, *pairs: tuple[str, str]) -> Event:
    """Build a reply with buttons whose ids tell nothing."""
    shown = [{"id": f"b-{n}", "name": name, "title": title} for n, (name, title) in enumerate(pairs)]
    return reply("buttons", text, buttons=shown)


def form(text: str, purpose: str, url: str = "/secure/fictional-token") -> Event:
    """Build a reply that leads to a secure page."""
    return reply("form", text, form={"url": url, "purpose": purpose})


def answer(body: dict[str, Any]) -> list[Event]:
    """Answer as the script says: by the first word of a line, or with an echo."""
    text = body.get("text") or f"button {body['button']}"
    scripted: dict[str, Callable[[], Event]] = {
        "methods": lambda: buttons("How shall we check that it is you?", *METHODS),
        "form": lambda: form("That is right. Please set a new password.", "password"),
        "code": lambda: form("The code is good for 5 minutes.", "code"),
        "foreign": lambda: form("Elsewhere.", "password", "https://elsewhere.example/secure/x"),
        "script": lambda: form("Odd.", "password", "javascript:alert(1)"),
        "agent": lambda: reply("agent", "Hello, this is Mei from the service desk."),
        "notice": lambda: reply("notice", "Text messages are slow at the moment."),
    }
    word = text.split()[0]
    return [scripted[word]() if word in scripted else reply("text", f"You wrote: {text}")]


class FakeChat:
    """One conversation per cookie; counts what arrived, so that tests can see doubles."""

    def __init__(self) -> None:
        """Start with no conversation and nothing to refuse."""
        self.port = 0
        self.events: dict[str, list[Event]] = {}
        self.keys: dict[str, set[str]] = {}
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.sessions: list[dict[str, Any]] = []
        self.refusals: list[tuple[int, dict[str, Any], dict[str, str]]] = []
        self.drop_answers = 0
        self.demo = False
        self.greeting: str | None = None
        self.language = "en"
        self.frames_refused = False
        self._news = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Give the address of the chat page."""
        return f"http://{HOST}:{self.port}/"

    async def start(self) -> None:
        """Serve, on the port of the last time when there was one."""
        app = web.Application(middlewares=[self._secure])
        app.router.add_get("/", self._page)
        app.router.add_get("/embed", self._page)
        app.router.add_get("/host/{kind}", self._host_page)
        app.router.add_post("/api/chat/session", self._session)
        app.router.add_post("/api/chat/messages", self._message)
        app.router.add_get("/api/chat/events", self._stream)
        app.router.add_static("/static", PORTAL / "static")
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Cut every connection and listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def forget(self) -> None:
        """End every conversation, as an idle limit would."""
        self.events.clear()

    def texts(self) -> list[str]:
        """Give every text that was taken as a message, in order."""
        return [body["text"] for _, body in self.posts if "text" in body]

    async def say(self, event: Event) -> None:
        """Add an event to every conversation, as a person at the desk would."""
        for conversation in self.events:
            await self._keep(conversation, event)

    async def _keep(self, conversation: str, event: Event) -> None:
        name, body = event
        log = self.events[conversation]
        log.append((name, {"id": str(len(log) + 1), **body}))
        async with self._news:
            self._news.notify_all()

    @web.middleware
    async def _secure(
        self, request: web.Request, handler: Callable[[web.Request], Any]
    ) -> web.StreamResponse:
        response: web.StreamResponse = await handler(request)
        if not response.prepared and not request.path.startswith("/host/"):
            ancestors = "'none'" if self.frames_refused else "'self'"
            response.headers["Content-Security-Policy"] = f"{POLICY}; frame-ancestors {ancestors}"
            response.headers["Cache-Control"] = "no-store"
        return response

    async def _page(self, _request: web.Request) -> web.Response:
        templates = Environment(loader=FileSystemLoader(PORTAL / "templates"), autoescape=select_autoescape())
        page = templates.get_template("chat.html")
        text = page.render(language=self.language, demo=self.demo, title="Mailbox recovery")
        return web.Response(text=text, content_type="text/html")

    async def _host_page(self, request: web.Request) -> web.Response:
        scripts = {
            "embed": '<script src="/static/embed.js" data-language="en"></script>',
            "floating": '<script type="module" src="/static/rekey-chat.js"></script>'
            '<rekey-chat floating language="en"></rekey-chat>',
        }
        start = '<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="/static/rekey.svg">'
        view = '<meta name="viewport" content="width=device-width">'
        text = f"{start}{view}<main><h1>Shop</h1></main>{scripts[request.match_info['kind']]}"
        return web.Response(text=text, content_type="text/html")

    async def _session(self, request: web.Request) -> web.Response:
        if self.refusals:
            return self._refuse()
        self.sessions.append(await request.json())
        name = f"conversation-{len(self.sessions)}"
        self.events[name] = []
        self.keys[name] = set()
        if self.greeting:
            await self._keep(name, reply("text", self.greeting))
        body = {"conversation": name, "language": "en", "banner": None, "demo": self.demo}
        response = web.json_response(body, status=201)
        response.set_cookie(COOKIE, name, httponly=True, samesite="Strict")
        return response

    def _refuse(self) -> web.Response:
        status, problem, headers = self.refusals.pop(0)
        kind = "application/problem+json"
        return web.json_response(problem, status=status, headers=headers, content_type=kind)

    async def _message(self, request: web.Request) -> web.StreamResponse:
        conversation = request.cookies.get(COOKIE, "")
        if conversation not in self.events or request.headers.get("X-Rekey-Chat") != "1":
            return web.json_response({"code": "no_session"}, status=401)
        if self.refusals:
            return self._refuse()
        body = await request.json()
        await self._take(conversation, request.headers["Idempotency-Key"], body)
        if self.drop_answers and request.transport is not None:
            self.drop_answers -= 1
            request.transport.abort()
        return web.Response(status=202)

    async def _take(self, conversation: str, key: str, body: dict[str, Any]) -> None:
        if key in self.keys[conversation]:
            return
        self.keys[conversation].add(key)
        self.posts.append((key, body))
        shown = "••••••••" if str(body.get("text")).startswith("secret") else body.get("text")
        name = self._name(conversation, body["button"]) if "button" in body else None
        await self._keep(conversation, ("said", {"text": shown, "client": key, "button": name}))
        for event in answer(body):
            await self._keep(conversation, event)

    def _name(self, conversation: str, button: str) -> str:
        said = [each for _, body in self.events[conversation] for each in body.get("buttons") or []]
        return next(str(each["name"]) for each in reversed(said) if each["id"] == button)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        conversation = request.cookies.get(COOKIE, "")
        if conversation not in self.events:
            return web.json_response({"code": "no_session"}, status=401)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        sent = int(request.headers.get("Last-Event-ID", "0"))
        while conversation in self.events:
            log = self.events[conversation]
            for number, (name, body) in enumerate(log[sent:], start=sent + 1):
                data = json.dumps(body, ensure_ascii=False)
                await response.write(f"id: {number}\nevent: {name}\ndata: {data}\n\n".encode())
            sent = len(log)
            async with self._news:
                if len(self.events.get(conversation, [])) == sent:
                    await self._news.wait()
        return response
