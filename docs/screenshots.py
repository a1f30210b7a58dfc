"""Make the pictures of the documentation from a running demo: `make screenshots`."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, ViewportSize, sync_playwright
from screenshot_steps import (
    SITE,
    box,
    code,
    follow,
    give,
    licence,
    number,
    owner_link,
    press,
    running,
    say,
    sign_in,
    until,
)

from recovery_core.clock import SystemClock
from recovery_core.people import totp
from rekey import demo
from rekey.settings import Settings

IMAGES = Path(__file__).parent / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
SIZE: ViewportSize = {"width": 1000, "height": 760}
COLOURS = 128
PATIENCE = 60_000
"""Milliseconds."""
NEW = "Harbour-Crane-18"
WORDS = {
    "en": {
        "forgot": "I forgot my password, {}", "rules": "what are the password rules?",
        "lost": "I lost my phone",
        "admin": "I'm the postmaster, we have the Standard edition", "group": "I'm the admin, Group edition",
        "human": "I want to talk to a person", "thanks": "My phone was stolen in the train, what can I do?",
        "answer": "Good morning. I'll open a safe page for you; please don't write a password here.",
    },
    "zh": {
        "forgot": "我密码忘了 {}", "rules": "密码有什么要求啊", "lost": "我手机丢了",
        "admin": "我是管理员，我们是标准版", "group": "我是管理员，集团版", "human": "我要找人工",
        "thanks": "我的手机在地铁上被偷了，怎么办？",
        "answer": "您好，我给您打开安全页面，请不要在这里写密码。",
    },
}  # fmt: skip


@dataclass
class Walk:
    """One language's walk through all pages."""

    browser: Browser
    folder: Path
    language: str

    def words(self, key: str) -> str:
        """Return what somebody says."""
        return WORDS[self.language][key]

    def page(self) -> Page:
        """Return a page in a browser of its own."""
        locale = {"en": "en-GB", "zh": "zh-CN"}[self.language]
        page = self.browser.new_context(viewport=SIZE, locale=locale, timezone_id="Asia/Shanghai").new_page()
        page.set_default_timeout(PATIENCE)
        return page

    def shot(self, page: Page, name: str, *, full: bool = True) -> None:
        """Take a picture in few colours."""
        path = IMAGES / (f"{name}.png" if self.language == "en" else named_zh(name))
        page.wait_for_timeout(500)
        page.screenshot(path=path, full_page=full)
        with Image.open(path) as taken:
            taken.convert("RGB").quantize(COLOURS).save(path, optimize=True)

    def chat(self, *lines: str) -> Page:
        """Begin a conversation and say *lines*."""
        page = self.page()
        page.goto(SITE)
        for line in lines:
            say(page, line)
        return page

    def console(self, path: str, page: Page) -> None:
        """Open a console's page in the walk's language."""
        page.goto(f"{SITE}{path}?lang={self.language}")

    def recovery(self) -> None:
        """Forget a password, ask for the rules, prove the phone, set a new password."""
        page = self.chat(
            self.words("forgot").format("alice@example.com" if self.language == "zh" else "bob@example.com")
        )
        press(page, "method_sms")
        say(page, self.words("rules"))
        say(page, code())
        page.locator("a.form[href]").last.wait_for()
        self.shot(page, "chat", full=False)
        form = follow(page)
        form.fill("[name=new_password]", NEW)
        form.fill("[name=confirm_password]", NEW)
        self.shot(form, "chat-password")
        form.click("button.main")
        form.wait_for_url("**/back**")

    def requests(self) -> None:
        """Let two people ask their administrator, who signs in and looks."""
        carol = self.chat(self.words("forgot").format("carol@example.com"))
        press(carol, "method_sms")
        say(carol, code())
        dave = self.chat(self.words("forgot").format("dave@example.com"), self.words("lost"))
        press(dave, "administrator")
        press(dave, "request_administrator")
        number(dave)
        self.shot(dave, "chat-request", full=False)
        boss = self.page()
        self.console("/admin/sign-in", boss)
        sign_in(boss, "postmaster@example.com")
        give(boss, code())
        secret = totp.secret_of(boss.locator(".key").inner_text())
        give(boss, totp.code_at(secret, totp.step_of(SystemClock().now())))
        boss.wait_for_url("**/admin")
        self.shot(boss, "admin")
        boss.locator("tbody tr", has_text="carol@").locator("a").click()
        boss.locator("#reason").wait_for()
        self.shot(boss, "admin-request")

    def owner(self) -> None:
        """Let a postmaster ask the owner of the cloud account."""
        page = self.chat(self.words("forgot").format("postmaster@example.com"), self.words("admin"))
        press(page, "request_administrator")
        number(page)
        until(lambda: owner_link() is not None, 30)
        owner = self.page()
        self.console(owner_link() or "", owner)
        self.shot(owner, "owner")

    def documents(self) -> None:
        """Send documents with a slip, then put it right."""
        page = self.chat(self.words("forgot").format("gm0001@group.example"), self.words("group"))
        press(page, "request_administrator")
        form = follow(page)
        given: FilePayload = {"name": "licence.png", "mimeType": "image/png", "buffer": licence()}
        form.set_input_files("#licence", [given])
        form.fill("#company", "示例科技有限公司")
        form.fill("#uscc", "91330100MA2DEMA01B")
        form.fill("#new_mailbox", "new@private.example")
        form.click("#evidence-form button.main")
        form.locator("[data-code=uscc_check_digit]").wait_for()
        self.shot(form, "evidence")
        form.fill("#uscc", "91330100MA2DEMA01A")
        form.click("#evidence-form button.main")
        form.locator("#mailbox_code").wait_for()
        form.fill("#mailbox_code", code())
        form.click("button[value=confirm]")
        form.wait_for_url("**/back**")

    def desk(self) -> None:
        """Talk to a person, look at documents, figures and the trail."""
        agent = self.agent("agent1")
        person = self.chat(self.words("human"))
        agent.locator("#queue tr").nth(1).wait_for()
        self.shot(agent, "desk")
        agent.locator("#queue tr", has_text=re.compile("Talk|人工")).locator("a").first.click()
        agent.locator("form.act button.main").first.click()
        agent.locator("#text").fill(self.words("answer"))
        agent.locator("#text").press("Enter")
        box(person).fill(self.words("thanks"))
        box(person).press("Enter")
        agent.locator("#lines .person", has_text=self.words("thanks")).wait_for()
        self.shot(person, "chat-person", full=False)
        self.shot(agent, "desk-talk")
        self.console("/desk/overview", agent)
        self.shot(agent, "desk-overview")
        reviewer = self.agent("reviewer1")
        reviewer.locator("#queue tr", has_text=re.compile("review|审核")).locator("a").first.click()
        self.shot(reviewer, "desk-review")
        reviewer.locator("a.page").first.click()
        self.shot(reviewer, "desk-paper")
        auditor = self.agent("auditor1")
        self.console("/desk/audit", auditor)
        auditor.locator("tbody a").nth(1).click()
        self.shot(auditor, "desk-audit")

    def agent(self, name: str) -> Page:
        """Sign in at the desk with the key that `make run` prints."""
        lines = demo.banner_lines(Settings(data_dir=self.folder))
        shown = next(line.split()[-1] for line in lines if line.split()[:1] == [name])
        page = self.page()
        self.console("/desk/sign-in", page)
        sign_in(page, name)
        give(page, totp.code_at(totp.secret_of(shown), totp.step_of(SystemClock().now())))
        page.locator("#queue").wait_for()
        return page


def named_zh(name: str) -> str:
    """Return the file of the Chinese picture: the first word, then ``zh``, then the rest."""
    first, dash, rest = name.partition("-")
    return f"{first}-zh{dash}{rest}.png"


def main() -> None:
    """Take all pictures, in each language on a demo of its own."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *QUIET])
        for language in sys.argv[1:] or WORDS:
            with running() as folder:
                walk = Walk(browser, folder, language)
                for step in (walk.recovery, walk.requests, walk.owner, walk.documents, walk.desk):
                    step()
        browser.close()


if __name__ == "__main__":
    main()
