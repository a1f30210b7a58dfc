"""What every page refuses before it reads on: foreign origins, missing fields, floods, odd bodies."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from portal.keys import Site
from portal.limits import Rates
from recovery_core.messages import FormPurpose
from recovery_core.proofs.methods import Method
from tests.integration.forms.house import ORIGIN, Browser, House, house

FOREIGN = "https://evil.example"


async def opened(home: House) -> tuple[Browser, str]:
    """Return a browser with a code form and the form's path."""
    browser = await home.chatting("bob@example.com", Method.SMS)
    return browser, await home.mint(browser, FormPurpose.CODE)


@pytest.mark.parametrize(
    ("origin", "site", "status"),
    [
        (ORIGIN, "same-origin", 422),
        (ORIGIN.upper(), "same-origin", 422),
        (ORIGIN, "", 422),
        ("", "same-origin", 422),
        ("", "", 422),
        (FOREIGN, "", 403),
        (FOREIGN, "same-origin", 403),
        ("null", "", 403),
        ("null", "same-origin", 403),
        (f"{ORIGIN}.evil.example", "", 403),
        ("http://recovery.example.com", "", 403),
        ("", "cross-site", 403),
        ("", "same-site", 403),
        ("", "none", 403),
        (ORIGIN, "cross-site", 403),
    ],
)
async def test_a_post_comes_from_our_own_page(home: House, origin: str, site: str, status: int) -> None:
    """Each header that is there must name the own site; without both only the hidden field decides."""
    browser, path = await opened(home)

    page = await browser.send(path, {"code": "12"}, Origin=origin, Sec_Fetch_Site=site)

    assert page.status == status
    if status == 403:
        assert 'data-code="forbidden"' in page.text
        assert "Please load the page again" in page.text


@pytest.mark.parametrize("csrf", [None, "", "wrong", "other"])
async def test_the_hidden_field_is_needed(home: House, csrf: str | None) -> None:
    """Without the hidden field, or with that of another page, nothing is tried."""
    browser, path = await opened(home)
    other = (await browser.get("/resume")).hidden["csrf"]
    fields = {"code": "123456"} | ({} if csrf is None else {"csrf": other if csrf == "other" else csrf})

    assert (await browser.post(path, fields)).status == 403
    assert "Tries left: 4." in (await browser.send(path, {"code": "000000"})).text


async def test_the_hidden_field_belongs_to_one_browser(home: House) -> None:
    """What was issued to one browser is refused from another (cookie and field belong together)."""
    mine, other = home.browser(), home.browser()
    field = (await mine.get("/resume")).hidden
    await other.get("/resume")

    assert (await other.post("/resume", field)).status == 403
    assert (await home.browser().post("/resume", field)).status == 403
    assert (await mine.post("/resume", field)).status == 422


async def test_a_conversation_begun_meanwhile_does_no_harm(home: House) -> None:
    """A page that was open before the chat began in another tab can still be sent."""
    browser = home.browser()
    field = (await browser.get("/not-me")).hidden
    browser.cookies |= (await home.chatting()).cookies

    assert (await browser.post("/not-me", field | {"veto_code": "AAAAAAAA"})).status == 422


async def test_cookies_of_pages_are_closed(home: House) -> None:
    """The cookie is HttpOnly, Secure, Lax and bound to this host; a second page draws no new one."""
    response = await home.client.get("/resume")
    cookie = response.headers["Set-Cookie"]

    assert re.match("__Host-rekey-form=", cookie)
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"))
    assert "Set-Cookie" not in (await home.client.get("/not-me", headers={"Cookie": cookie})).headers


async def test_a_client_has_its_share(database: Path) -> None:
    """One POST more than allowed is answered by 429 with Retry-After, in the person's language."""
    async with house(database, rates=Rates(forms_per_client="2/minute")) as home:
        browser = home.browser("zh")
        statuses = [(await browser.send("/resume", {})).status for _ in range(2)]
        page = await browser.send("/resume", {})

    assert statuses == [422, 422]
    assert page.status == 429
    assert 1 <= int(page.headers["Retry-After"]) <= 60
    assert "请稍等片刻" in page.text


@pytest.mark.parametrize("path", ["/resume", "/not-me", "/link/x", "/not-me/x", "/secure/x", "/back"])
async def test_wrong_methods_are_told_so(home: House, path: str) -> None:
    """PUT and DELETE are 405 everywhere; nobody can POST to the page back to the chat."""
    for method in ("PUT", "DELETE", *(("POST",) if path == "/back" else ())):
        response = await home.client.request(method, path)
        assert response.status == 405
        assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/resume", "/not-me", "/back"])
async def test_head_answers_like_get(home: House, path: str) -> None:
    """HEAD has the status of GET and no body."""
    response = await home.client.head(path)

    assert response.status == 200
    assert await response.read() == b""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"csrf=%FF&reference=x", 400),
        (b"csrf=\xff", 400),
        (b"reference=a&reference=b", 400),
        (b"&".join(b"a%d=1" % n for n in range(21)), 400),
        (b"reference=" + b"a" * (64 * 1024 - 10), 403),
        (b"reference=" + b"a" * (64 * 1024 - 9), 413),
    ],
    ids=["half-a-character", "raw-bytes", "a-field-twice", "21-fields", "64-KiB", "one-byte-more"],
)
async def test_odd_bodies_are_refused(home: House, body: bytes, status: int) -> None:
    """Bytes that are no text, doubled fields and more than 64 KiB are refused with a page."""
    page = await home.browser().post("/resume", body, **{"Content-Type": "application/x-www-form-urlencoded"})

    assert page.status == status
    assert "<html" in page.text


async def test_other_bodies_are_refused(home: House) -> None:
    """JSON is not what a form sends."""
    page = await home.browser().post("/resume", b"{}", **{"Content-Type": "application/json"})

    assert page.status == 400


@pytest.mark.parametrize(
    "path", ["/secure/a%00b", "/secure/%F0%9F%92%A9.x", f"/secure/{'a' * 500}", "/link/a b"]
)
async def test_odd_tokens_are_unknown(home: House, path: str) -> None:
    """Whatever stands where a token belongs is answered by a page with 404."""
    page = await home.browser().get(path)

    assert page.status == 404
    assert 'data-code="unknown"' in page.text


async def test_the_language_can_be_chosen_on_the_page(home: House) -> None:
    """A page speaks the conversation's language, else the browser's, and what its switch says before both."""
    assert '<html lang="zh-CN">' in (await home.browser("zh-TW,en;q=0.5").get("/resume")).text
    assert '<html lang="en">' in (await home.browser("fr").get("/resume")).text
    chinese = await home.chatting(language="zh")

    assert '<html lang="zh-CN">' in (await chinese.get("/resume")).text
    page = await chinese.get("/resume?lang=en")
    assert '<html lang="en">' in page.text
    assert page.headers["Content-Language"] == "en"
    assert '<html lang="zh-CN">' in (await chinese.get("/resume?lang=<b>")).text


async def test_pages_need_nothing_inline(home: House) -> None:
    """No page has an inline script, style or handler: the policy allows none."""
    browser, path = await opened(home)
    for page in [await browser.get(path), await browser.get("/resume"), await browser.get("/back")]:
        assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", page.text)
        assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]


async def test_demo_accepts_the_name_it_was_called_by(database: Path) -> None:
    """In demo mode the request's own Host is the own origin too, and a foreign one still is not (R22)."""
    async with house(database, site=Site("http://127.0.0.1:8080", demo=True)) as home:
        browser, own = home.browser(), f"http://127.0.0.1:{home.client.port}"

        assert (await browser.send("/resume", {}, Origin=own)).status == 422
        assert (await browser.send("/resume", {}, Origin="http://127.0.0.1:1")).status == 403
        assert "rekey-form" in browser.cookies


async def test_many_pages_at_once(home: House) -> None:
    """Thirty pages asked for at the same time are all answered."""
    pages = await asyncio.gather(*(home.browser().get("/resume") for _ in range(30)))

    assert {page.status for page in pages} == {200}
