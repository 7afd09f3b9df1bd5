"""The console in a real browser: the functions, the development issuer and Chromium."""

import os
import shutil
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, Frame, Page, async_playwright, expect

from local.child import LOOPBACK
from local.issuer import Issuer
from local.server import Server, discover
from local.signatures import REGION
from local.storage import BUCKET, DiskStore
from shared import settings
from shared.aws.signing import Credentials
from shared.permissions import RoleName
from tests.conftest import ROOT, Addresses, Clinic

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# A busy machine takes its time; whoever waits so long has found a fault.
PATIENCE_MS = 60_000
AXE = Path(__file__).with_name("vendor") / "axe.min.js"
CREDENTIALS = Credentials("local", "of the browser's tests")
# WCAG 2.0 to 2.2, A and AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as client:
        browser = await client.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
def site(
    configured: Addresses, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the functions with an issuer and a store of their own, as on a laptop."""
    opened = socket.create_server((LOOPBACK, 0))  # Open before anybody else can have its port.
    url = f"http://{LOOPBACK}:{opened.getsockname()[1]}"
    store = DiskStore.open(tmp_path_factory.mktemp("storage"), CREDENTIALS)
    server = Server(discover(ROOT), Issuer(url, issuer.keys), store.routes())
    running = uvicorn.Server(uvicorn.Config(server, log_level="error", lifespan="off"))
    thread = threading.Thread(target=running.run, args=([opened],))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "MEDILENS_TOKEN_ISSUER": url,
            "MEDILENS_STORAGE_BUCKET": BUCKET,
            "MEDILENS_STORAGE_ENDPOINT": url,
            "MEDILENS_AWS_REGION": REGION,
            "MEDILENS_AWS_ACCESS_KEY_ID": CREDENTIALS.access_key_id,
            "MEDILENS_AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_access_key,
        }.items():
            patch.setenv(name, value)
        settings.load.cache_clear()
        thread.start()
        while not running.started:
            assert thread.is_alive(), "the functions did not start"
            time.sleep(0.02)
        yield url
        running.should_exit = True
        thread.join()
    settings.load.cache_clear()


# Changes the address, and says so only once its page stands in place of the one before.
GO = """(hash) => location.hash === hash || new Promise((done) => {
  addEventListener("hashchange", () => done(true), {once: true});
  location.hash = hash;
})"""


@dataclass
class Console:
    """One tab, and all that it said where nobody should have to read it."""

    page: Page
    url: str
    said: list[str] = field(default_factory=list)

    async def sign_in(self, clinic: Clinic, role: RoleName) -> None:
        """Go through the issuer's page as a person of the clinic."""
        await self.enter(clinic, clinic.caller(role).subject)

    async def enter(self, clinic: Clinic, subject: str) -> None:
        """Go through the issuer's page as whoever it calls so."""
        await self.page.goto(f"{self.url}/console")
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.get_by_label("Subject").fill(subject)
        await self.page.get_by_label("Organization").fill(clinic.identity)
        await self.page.get_by_role("button", name="Sign in").click()
        await expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def client(self, clinic: Clinic, role: RoleName) -> httpx.AsyncClient:
        """Ask the same functions as that person, without a browser."""
        issuer = Issuer(self.url, clinic.issuer.keys)
        token = issuer.issue(clinic.caller(role).subject, clinic.identity)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=PATIENCE_MS)

    async def open(self, path: str) -> None:
        """Show a page to whoever is signed in, and wait until it stands."""
        await self.page.evaluate(GO, f"#/{path}")
        await self.settled()

    async def sign_out(self) -> None:
        """Sign out, and wait until the issuer has sent the tab back."""
        async with self.page.expect_navigation(url="**/console"):
            await self.page.get_by_role("button", name="Sign out").click()
        await expect(self.page.get_by_role("button", name="Sign in")).to_be_visible()

    async def settled(self) -> None:
        """Wait until nothing loads."""
        await expect(self.page.locator("h1")).to_be_visible()
        await expect(self.page.locator(".loading")).to_have_count(0)

    async def violations(self) -> list[str]:
        """What axe finds on the page as it stands, by rule and element."""
        return await violations_in(self.page.main_frame)


async def violations_in(frame: Frame) -> list[str]:
    """What axe finds in a frame as it stands, by rule and element."""
    if await frame.evaluate("typeof axe") == "undefined":
        await frame.evaluate(AXE.read_text())
    outcome = await frame.evaluate(
        "(options) => axe.run(options)",
        {"runOnly": RULES, "resultTypes": ["violations"], "iframes": False, "preload": False},
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in outcome["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture
async def console(chromium: Browser, site: str) -> AsyncIterator[Console]:
    context = await chromium.new_context(locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page = await context.new_page()
    opened = Console(page, site)
    page.on("console", lambda message: opened.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: opened.said.append(f"error: {error}"))
    yield opened
    await context.close()
