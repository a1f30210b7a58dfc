"""What somebody does at the running demo while its pictures are taken."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page

from rekey import demo

PORT = int(os.environ.get("REKEY_PORT", "8080"))
SITE = f"http://127.0.0.1:{PORT}"


@contextmanager
def running() -> Iterator[Path]:
    """Run the demo on a data folder of its own until the block ends; yields the folder."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "REKEY_DATA_DIR": folder, "REKEY_PORT": str(PORT)}
        process = subprocess.Popen([sys.executable, "-m", "rekey", "up", "--demo"], env=env)
        try:
            until(lambda: fetch("/readyz") is not None, 180)
            yield Path(folder)
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


def outbox() -> list[dict[str, Any]]:
    """Return what the demo has sent."""
    found: list[dict[str, Any]] = json.loads(fetch("/demo/outbox.json") or "[]")
    return found


def licence() -> bytes:
    """Return a picture that stands for a business licence."""
    sheet = Image.new("RGB", (900, 640), "#fdfaf1")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((20, 20, 880, 620), outline="#a33", width=6)
    lines = ("BUSINESS LICENCE (demo)", "91330100MA2DEMA01A", "Example Technology Co., Ltd.")
    for number, line in enumerate(lines):
        draw.text((120, 130 + 120 * number), line, fill="#222", font_size=44)
    written = io.BytesIO()
    sheet.save(written, "PNG")
    return written.getvalue()


def box(page: Page) -> Locator:
    """Find what a person writes in."""
    return page.get_by_role("textbox")


def say(page: Page, text: str) -> None:
    """Send *text* in the chat and wait for the answer."""
    answers = page.locator(".msg:not(.you):not(.typing)")
    page.locator(".mode[data-mode]").wait_for()
    page.wait_for_timeout(800)
    before = answers.count()
    box(page).fill(text)
    box(page).press("Enter")
    answers.nth(before).wait_for()
    page.wait_for_timeout(800)


def press(page: Page, name: str) -> None:
    """Press the newest button called *name*."""
    page.locator(f"button[data-name={name}]:not([aria-disabled=true])").last.click()
    page.wait_for_timeout(1500)


def number(page: Page) -> None:
    """Wait until the number to match is shown."""
    page.locator(".msg .text", has_text=re.compile(r"\d{4} \d{4}")).last.wait_for()


def follow(page: Page) -> Page:
    """Open the newest secure page."""
    with page.context.expect_page() as opened:
        page.locator("a.form[href]").last.click()
    return opened.value


def sign_in(page: Page, name: str) -> None:
    """Give name and password at a console."""
    page.fill("#name", name)
    page.fill("#password", demo.PASSWORD)
    page.click("main button.main")
    page.locator("#code").wait_for()


def give(page: Page, digits: str) -> None:
    """Give a code at a console."""
    page.fill("#code", digits)
    page.click("main button.main")


def code() -> str:
    """Return the newest code, once everything that was sent has arrived."""
    time.sleep(6)  # a row may come up to five seconds after the reply
    return [str(message["code"]) for message in outbox() if message["code"]][-1]


def owner_link() -> str | None:
    """Return the path of the owner's page, None before the mail has come."""
    found = [re.search(r"/owner/\S+", str(message["text"])) for message in outbox()]
    return next((link[0] for link in reversed(found) if link), None)
