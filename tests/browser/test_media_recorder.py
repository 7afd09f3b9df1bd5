"""A vowel as a real browser records it: its MediaRecorder's blob is posted as it is.

Chromium plays a synthesized voice in place of a microphone. The page drives itself, so nothing
remote-controls the browser.
"""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from local.child import LOOPBACK
from local.samples.voice import SyntheticVoice, sustained_vowel, wav_bytes
from shared.permissions import RoleName
from tests.conftest import Clinic

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

RECORDED_S = 4.0
PATIENCE_S = 90.0

PAGE = """<!doctype html><title>A vowel, please</title><script type="module">
const heard = (answer) => fetch("/heard", {method: "POST", body: JSON.stringify(answer)});
try {
  const raw = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
  const stream = await navigator.mediaDevices.getUserMedia({audio: raw});
  const recorder = new MediaRecorder(
    stream, {mimeType: "audio/webm;codecs=opus", audioBitsPerSecond: 128000});
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  setTimeout(() => recorder.stop(), %(recorded_ms)d);
  await stopped;
  const form = new FormData();
  form.append("file", new Blob(parts, {type: recorder.mimeType}), "vowel.webm");
  form.append("task", "sustained_vowel");
  const answer = await fetch("/api/speech/analyze", {
    method: "POST", body: form, headers: {Authorization: "Bearer %(token)s"}});
  await heard({status: answer.status, body: await answer.json()});
} catch (failure) {
  await heard({status: 0, body: String(failure)});
}
</script>"""


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """Serve in this event loop, which the connections to the database belong to."""
    # Who connects before the server has started waits in the queue of the open socket.
    with socket.create_server((LOOPBACK, 0)) as opened:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        served = asyncio.create_task(server.serve(sockets=[opened]))
        yield f"http://{LOOPBACK}:{opened.getsockname()[1]}"
        server.should_exit = True
        await served


@asynccontextmanager
async def browsing(url: str, microphone: Path, profile: Path) -> AsyncIterator[None]:
    """Open a page in a browser of its own, which ends with the test."""
    assert CHROMIUM is not None
    browser = await asyncio.create_subprocess_exec(
        CHROMIUM,
        "--headless=new",
        "--no-first-run",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        f"--user-data-dir={profile}",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
        url,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(browser.pid, signal.SIGKILL)
        await browser.wait()


async def answer_to(clinic: Clinic, voice: SyntheticVoice, folder: Path) -> dict[str, Any]:
    """What the page was answered for what its browser recorded of a voice."""
    microphone = folder / "vowel.wav"
    microphone.write_bytes(wav_bytes(voice.samples, voice.fs_hz))
    page = PAGE % {"recorded_ms": 1000 * RECORDED_S, "token": clinic.token(RoleName.PATIENT)}
    heard: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def hear(request: Request) -> Response:
        heard.set_result(await request.json())
        return Response()

    routes = [
        Route("/record", lambda _: HTMLResponse(page)),
        Route("/heard", hear, methods=["POST"]),
        Mount("/", clinic.server),
    ]
    async with (
        serving(Starlette(routes=routes)) as url,
        browsing(f"{url}/record", microphone, folder / "profile"),
    ):
        return await asyncio.wait_for(heard, PATIENCE_S)


class TestMediaRecorder:
    async def test_blob_of_a_browser_is_measured_as_it_is(
        self, clinic: Clinic, tmp_path: Path
    ) -> None:
        voice = sustained_vowel(f0_hz=140, duration_s=8, fs_hz=48_000, hnr_db=30)

        answer = await answer_to(clinic, voice, tmp_path)

        assert answer["status"] == 201, answer["body"]
        body = answer["body"]
        assert body["result"]["f0_mean_hz"] == pytest.approx(140, rel=0.01)
        assert body["result"]["duration_s"] == pytest.approx(RECORDED_S, abs=0.5)
        assert body["result"]["jitter_local_percent"] == pytest.approx(
            voice.pulses.jitter_percent, rel=0.25
        )
        parameters = body["provenance"]["parameters"]
        assert parameters["codec"] == "opus"
        assert parameters["stream"]["bit_rate"] > 32_000
        (shimmer,) = [
            biomarker for biomarker in body["biomarkers"] if biomarker["name"] == "shimmer_local"
        ]
        assert shimmer["status"] == "unclassified"  # Opus changes it, and it has no limit
        assert shimmer["confidence"] < 1
