"""The console in Firefox: from signing in to a signed recording."""

from pathlib import Path

import pytest

from shared.permissions import RoleName
from shared.pipelines import PipelineName
from tests.browser.firefox import FIREFOX, opened
from tests.browser.test_console import CANARY
from tests.browser.test_recordings import payloads
from tests.conftest import Clinic

pytestmark = pytest.mark.skipif(
    FIREFOX is None, reason="no firefox on this machine: apt-get install firefox-esr"
)


async def test_recording_is_sent_read_and_signed(site: str, clinic: Clinic, tmp_path: Path) -> None:
    (sample,) = payloads(PipelineName.CARDIOLOGY)
    recording = tmp_path / sample["name"]
    recording.write_bytes(sample["buffer"])
    profile = tmp_path / "profile"
    profile.mkdir()
    async with opened(profile) as tab:
        await tab.open(f"{site}/console")
        await tab.click("button", "Sign in")
        await tab.type("Subject", clinic.caller(RoleName.CLINICIAN).subject)
        await tab.type("Organization", clinic.identity)
        await tab.click("button", "Sign in")
        await tab.click("link", "Add a person")
        await tab.type("Last name", CANARY)
        await tab.click("button", "Add")
        await tab.find("heading", CANARY)

        await tab.click("link", "New recording")
        await tab.find("button", "Analyze")
        await tab.choose("input[type=file]", [recording])
        await tab.click("button", "Analyze")
        await tab.find("heading", "Measured values")
        await tab.type("Note (optional)", "Read in Firefox")
        await tab.click("button", "Sign off")
        await tab.says("Signed off")
        assert {"Read in Firefox", CANARY} <= set((await tab.text()).splitlines())
