"""A machine without a package for the voice engine says so, and runs the rest."""

import importlib.machinery
import importlib.util
import tomllib

import httpx
import pytest
from packaging.requirements import Requirement

from local import engines
from local.engines import missing_engine
from local.server import Server, discover
from shared.pipelines import PipelineName
from tests.conftest import ROOT

GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]


@pytest.fixture
def arm64(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_praat(name: str) -> importlib.machinery.ModuleSpec | None:
        return None if name == "parselmouth" else importlib.util.find_spec(name)

    monkeypatch.setattr(engines, "find_spec", without_praat)


class TestMissingEngine:
    def test_nothing_is_missing_here(self) -> None:
        assert [missing_engine(name) for name in PipelineName] == [None] * len(PipelineName)

    @pytest.mark.usefixtures("arm64")
    def test_only_speech_needs_it(self) -> None:
        assert [name for name in PipelineName if missing_engine(name)] == [PipelineName.SPEECH]

    @pytest.mark.usefixtures("arm64")
    async def test_server_answers_the_sentence_and_the_rest(self) -> None:
        transport = httpx.ASGITransport(Server(discover(ROOT)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            speech = await client.get("/api/speech/health")
            cardiology = await client.get("/api/cardiology/health")

        assert (speech.status_code, speech.json()["code"]) == (501, "not-implemented")
        assert "no package for Linux on arm64" in speech.json()["detail"]
        assert cardiology.status_code == 200


class TestLock:
    def test_on_linux_with_arm64_only_the_voice_engine_would_be_compiled(self) -> None:
        lock = tomllib.loads((ROOT / "uv.lock").read_text())
        files = {
            package["name"]: [wheel["url"].rpartition("/")[2] for wheel in package["wheels"]]
            for package in lock["package"]
            if "wheels" in package
        }
        missing = {name for name, wheels in files.items() if not any(map(runs_there, wheels))}
        assert missing == {"praat-parselmouth"}

    def test_voice_engine_is_not_asked_for_there(self) -> None:
        (engine,) = [
            Requirement(entry)
            for entry in GROUPS["speech"]
            if entry.startswith("praat-parselmouth")
        ]
        assert engine.marker is not None
        for system, machine in (("linux", "x86_64"), ("darwin", "arm64"), ("win32", "AMD64")):
            assert engine.marker.evaluate({"sys_platform": system, "platform_machine": machine})
        arm64 = {"sys_platform": "linux", "platform_machine": "aarch64"}
        assert not engine.marker.evaluate(arm64)


def runs_there(wheel: str) -> bool:
    """Whether Python 3.13 on Linux with arm64 installs a wheel of this name."""
    python, abi, platform = wheel.removesuffix(".whl").split("-")[-3:]
    right_python = "cp313" in abi or "abi3" in abi or python.startswith("py")
    return right_python and (platform == "any" or ("linux" in platform and "aarch64" in platform))
