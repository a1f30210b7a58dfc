"""Make the pictures of the documentation from a running demo: `make screenshots`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
PORT = 8080
SITE = f"http://127.0.0.1:{PORT}"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
SIZE = {"width": 900, "height": 760}
NEW = "Harbour-Crane-18"


@contextmanager
def demo() -> Iterator[None]:
    """Run the demo on a data folder of its own until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "REKEY_DATA_DIR": folder, "REKEY_PORT": str(PORT)}
        process = subprocess.Popen([sys.executable, "-m", "rekey", "up", "--demo"], env=env)
        try:
            until(lambda: fetch("/readyz") is not None, 180)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def fetch(path: str) -> str | None:
    """Return the body of *path*, None while it is no 200."""
    with contextlib.suppress(OSError), urllib.request.urlopen(SITE + path, timeout=5) as answer:  # noqa: S310
        return str(answer.read().decode())
    return None


def until(fact: object, seconds: float) -> None:
    """Wait until *fact* holds; raises TimeoutError."""
    end = monotonic() + seconds
    while not fact():  # type: ignore[operator]
        if monotonic() > end:
            raise TimeoutError
        sleep(0.2)


def say(page: Page, text: str) -> None:
    """Send *text* in the chat and wait for the answer."""
    before = page.locator("rekey-chat").evaluate("e => e.shadowRoot.textContent.length")
    box = page.get_by_role("textbox")
    box.fill(text)
    box.press("Enter")
    page.wait_for_function(
        "n => document.querySelector('rekey-chat').shadowRoot.textContent.length > n + 30", arg=before
    )
    page.wait_for_timeout(600)


def code(known: int) -> str:
    """Return the code that came after the first *known* messages."""
    until(lambda: len(json.loads(fetch("/demo/outbox.json") or "[]")) > known, 15)
    return str(json.loads(fetch("/demo/outbox.json") or "[]")[-1]["code"])


def recovery(browser: Browser, *, language: str, lines: tuple[str, str], send: str, name: str) -> None:
    """Walk through a recovery and take its pictures."""
    context = browser.new_context(viewport=SIZE, locale=language, device_scale_factor=1)
    page = context.new_page()
    page.goto(SITE)
    page.wait_for_timeout(800)
    say(page, lines[0])
    page.get_by_role("button", name=send).last.click()
    page.wait_for_timeout(1500)
    say(page, lines[1])
    say(page, code(len(json.loads(fetch("/demo/outbox.json") or "[]")) - 1))
    page.screenshot(path=IMAGES / f"{name}.png")
    with context.expect_page() as opened:
        page.get_by_role("link").last.click()
    form = opened.value
    form.fill("[name=new_password]", NEW)
    form.fill("[name=confirm_password]", NEW)
    form.wait_for_timeout(300)
    form.screenshot(path=IMAGES / f"{name}-password.png", full_page=True)
    context.close()


def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with demo(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *QUIET])
        recovery(
            browser,
            language="en-GB",
            lines=("I forgot my password, bob@example.com", "what are the password rules?"),
            send="Send a code by text",
            name="chat",
        )
        recovery(
            browser,
            language="zh-CN",
            lines=("我密码忘了 alice@example.com", "密码有什么要求啊"),
            send="发送短信验证码",
            name="chat-zh",
        )
        browser.close()


if __name__ == "__main__":
    main()
