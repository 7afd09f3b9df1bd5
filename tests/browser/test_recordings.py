"""Recordings as they come in by a browser: files, large ones by storage, and a voice."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import FilePayload, Page, Response, Route, async_playwright, expect

from local.samples.catalog import SAMPLES
from local.samples.voice import sustained_vowel, wav_bytes
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from tests.browser.conftest import CHROMIUM, PATIENCE_MS, Console
from tests.conftest import Clinic

F0_HZ = 140


def payloads(pipeline: PipelineName) -> list[FilePayload]:
    sample = next(sample for sample in SAMPLES if sample.pipeline is pipeline)
    return [
        {"name": file.name, "mimeType": "application/octet-stream", "buffer": file.content}
        for file in sample.make()
    ]


async def assessment_on(console: Console, clinic: Clinic) -> dict[str, Any]:
    """What the page that the console went to is about."""
    await console.page.wait_for_url("**/console#/assessment/*")
    await console.settled()
    async with console.client(clinic, RoleName.CLINICIAN) as client:
        place = console.page.url.rpartition("/")[2]
        assessment: dict[str, Any] = (await client.get(f"/api/records/assessments/{place}")).json()
    return assessment


async def choose_patient(page: Page, console: Console, clinic: Clinic) -> None:
    await console.open(f"new?person={clinic.person_id(RoleName.PATIENT)}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("New recording")


class TestFiles:
    async def test_file_becomes_an_assessment_of_the_person(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await choose_patient(page, console, clinic)
        await page.get_by_label("Files").set_input_files(payloads(PipelineName.CARDIOLOGY))
        await page.get_by_role("button", name="Analyze").click()

        assessment = await assessment_on(console, clinic)
        assert assessment["subject_id"] == str(clinic.person_id(RoleName.PATIENT))
        assert assessment["status"] == "completed"

    async def test_unreadable_file_is_refused_in_words_and_the_form_stays(
        self, console: Console, clinic: Clinic
    ) -> None:
        page = console.page
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await choose_patient(page, console, clinic)
        empty: FilePayload = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"no ECG"}
        await page.get_by_label("Files").set_input_files([empty])
        await page.get_by_role("button", name="Analyze").click()

        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_text("note.txt").first).to_be_visible()
        await expect(page.get_by_role("button", name="Analyze")).to_be_enabled()

    async def test_large_file_goes_by_the_storage(self, console: Console, clinic: Clinic) -> None:
        page = console.page
        (sample,) = payloads(PipelineName.CARDIOLOGY)
        lines = sample["buffer"].splitlines(keepends=True)
        repeats = 1 + 4_000_000 // len(sample["buffer"])
        sample["buffer"] = lines[0] + b"".join(lines[1:]) * repeats
        sent: list[str] = []
        may_go = asyncio.Event()

        async def wait(route: Route) -> None:
            await may_go.wait()
            await route.continue_()

        page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
        await page.route("**/complete", wait)
        await console.sign_in(clinic, RoleName.CLINICIAN)
        await choose_patient(page, console, clinic)
        await page.get_by_label("Files").set_input_files([sample])
        await page.get_by_role("button", name="Analyze").click()
        await expect(page.get_by_role("status")).to_be_visible()
        may_go.set()

        done = page.get_by_role("alert").or_(page.get_by_role("heading", name="Measured values"))
        await expect(done.first).to_be_visible(timeout=2 * PATIENCE_MS)
        kinds = [line.split("?")[0].replace(console.url, "") for line in sent]
        assert "POST /api/uploads" in kinds
        assert any(line.startswith("PUT /") for line in kinds)
        assert any(line.endswith("/complete") for line in kinds)
        assert kinds[-1] != "POST /api/uploads"


class TestInterrupted:
    """A large file goes in parts, and those that arrived are not sent a second time."""

    async def test_reloaded_page_sends_what_is_missing_and_another_file_anew(
        self, console: Console, clinic: Clinic, tmp_path: Path
    ) -> None:
        page, sent, failures = console.page, Sent(console.page), [0]
        content = bytes(range(256)) * (17_000_000 // 256)
        large, other = tmp_path / "day.bin", tmp_path / "other.bin"
        large.write_bytes(content)
        other.write_bytes(content[:-1] + b"!")

        async def refuse(route: Route) -> None:
            await route.fulfill(status=422, json={"title": "Not read", "code": "unreadable-upload"})

        async def fail(route: Route) -> None:
            failures[0] += 1
            await route.abort()

        await console.sign_in(clinic, RoleName.CLINICIAN)
        await page.route("**/analyze", refuse)
        await page.route("**/*partNumber=2*", fail)
        await analyze(console, clinic, large)
        await sent.until(lambda: sent.parts == {1, 3} and failures[0] > 0)
        await page.reload()
        await console.settled()
        assert sent.announced == 1

        await page.unroute("**/*partNumber=2*", fail)
        await page.route("**/*partNumber=2*", fail, times=1)
        sent.parts.clear()
        await analyze(console, clinic, large)
        await expect(page.get_by_role("alert")).to_be_visible(timeout=2 * PATIENCE_MS)
        assert (sent.parts, sent.completed) == ({2}, [200])

        await analyze(console, clinic, other)
        await sent.until(lambda: sent.parts == {1, 2, 3} and len(sent.completed) == 2)
        assert len(sent.uploads) == 2


class Sent:
    """What a page has sent: announcements, parts by their numbers, completions by their status."""

    def __init__(self, page: Page) -> None:
        self.announced, self.completed = 0, list[int]()
        self.parts, self.uploads = set[int](), set[str]()
        self._changed = asyncio.Event()
        page.on("response", self._keep)
        page.on("requestfailed", lambda _: self._changed.set())

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(2 * PATIENCE_MS / 1000):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()

    def _keep(self, response: Response) -> None:
        request, url = response.request, urlsplit(response.url)
        if request.method == "POST" and url.path == "/api/uploads":
            self.announced += 1
        if request.method == "PUT" and response.ok:
            self.parts.add(int(parse_qs(url.query)["partNumber"][0]))
            self.uploads.add(url.path)
        if url.path.endswith("/complete"):
            self.completed.append(response.status)
        self._changed.set()


async def analyze(console: Console, clinic: Clinic, file: Path) -> None:
    await choose_patient(console.page, console, clinic)
    await console.page.get_by_role("button", name="Files").set_input_files(file)
    await console.page.get_by_role("button", name="Analyze").click()


class TestMicrophone:
    async def test_voice_is_sent_as_the_microphone_heard_it(
        self, site: str, clinic: Clinic, tmp_path: Path
    ) -> None:
        voice = sustained_vowel(f0_hz=F0_HZ, duration_s=12, fs_hz=48_000, hnr_db=30)
        heard = tmp_path / "vowel.wav"
        heard.write_bytes(wav_bytes(voice.samples, voice.fs_hz))
        if CHROMIUM is None:
            pytest.skip("no chromium on this machine: apt-get install chromium")
        arguments = [
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={heard}",
        ]
        async with async_playwright() as client:
            browser = await client.chromium.launch(executable_path=CHROMIUM, args=arguments)
            page = await browser.new_page()
            console = Console(page, site)
            await console.sign_in(clinic, RoleName.CLINICIAN)
            await console.open(f"new?person={clinic.person_id(RoleName.PATIENT)}&pipeline=speech")
            await page.get_by_label("Seconds").fill("4")
            await page.get_by_role("button", name="Record", exact=True).click()
            await page.get_by_role("button", name="Use this recording").click()
            await page.locator("select[name=task]").select_option("sustained_vowel")
            await page.get_by_role("button", name="Analyze").click()
            assessment = await assessment_on(console, clinic)
            await browser.close()

        assert assessment["result"]["f0_mean_hz"] == pytest.approx(F0_HZ, rel=0.01)
        assert assessment["provenance"]["parameters"]["codec"].startswith("pcm")
        assert assessment["result"]["duration_s"] > 3  # A busy machine stops it late.
