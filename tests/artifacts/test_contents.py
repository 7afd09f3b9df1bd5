"""What is in an artifact: what it needs, at its size, and nothing of anybody else."""

import importlib.util
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from tests.artifacts.conftest import BUILT, FUNCTIONS, ROOT, VERCEL, Artifact
from tests.nonempty import nonempty

# Above it Vercel installs libraries at the start; Lambda's own limit is 250.
LIMIT_MIB = 225
# The largest, without the encoders of video that FFmpeg brings.
SPEECH_MIB = 200

SECRETS = re.compile(
    rb"-----BEGIN (RSA |EC )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{200}"
    rb"|\bAKIA[0-9A-Z]{16}\b|sk_live_\w{10}|postgres(ql)?://\w+:[^@\s/{}]{8,}@[\w.-]+neon\.tech"
)

UNCHECKED_HASH = 0b01
HEADER_BYTES = 16

every_artifact = pytest.mark.parametrize("artifact", [*BUILT, *VERCEL], ids=str)


def files(artifact: Artifact) -> list[Path]:
    assert artifact.folder.is_dir(), "make build first"
    return sorted(path for path in artifact.folder.rglob("*") if path.is_file())


def own(artifact: Artifact) -> set[str]:
    """What is not a library: the first two parts of each path of ours."""
    relative = (path.relative_to(artifact.folder).parts for path in files(artifact))
    ours = {"functions", "shared", "migrations", "local", "tests", "docs", "bench"}
    return {
        "/".join(parts[: 1 + (parts[0] == "functions")]) for parts in relative if parts[0] in ours
    }


class TestContents:
    def test_nothing_else_was_built(self) -> None:
        built = {path.name for path in (ROOT / ".aws-sam" / "build").iterdir() if path.is_dir()}
        services = {path.name for path in (ROOT / ".vercel/output/services").iterdir()}

        assert built == {artifact.name for artifact in BUILT}
        assert services == set(FUNCTIONS)

    @every_artifact
    def test_it_is_small_enough_with_its_bytecode(self, artifact: Artifact) -> None:
        size = sum(path.stat().st_size for path in files(artifact))
        assert size < (SPEECH_MIB if artifact.name == "speech" else LIMIT_MIB) * 2**20

    @every_artifact
    def test_it_holds_its_own_function_and_what_all_share(self, artifact: Artifact) -> None:
        package = {"functions/__init__.py", "functions/__pycache__"}
        function = package | {f"functions/{artifact.function}"}
        expected = function if artifact.function else {"migrations"}
        assert own(artifact) == expected | {"shared"}

    @every_artifact
    def test_it_holds_no_tests_training_or_leftovers(self, artifact: Artifact) -> None:
        names = {
            part for path in files(artifact) for part in path.relative_to(artifact.folder).parts
        }
        useless = {"tests", "training", ".vercel", ".git", ".venv", "node_modules", ".env", "pip"}
        assert (
            names & (useless | {"uv.lock", "pyproject.toml", "Makefile", "template.yaml"}) == set()
        )

    @every_artifact
    def test_it_holds_no_secret(self, artifact: Artifact) -> None:
        suffixes = {".py", ".json", ".txt", ".toml", ".ini", ".cfg", ".pem", ".env", ""}
        texts = [path for path in files(artifact) if path.suffix in suffixes]
        assert [path for path in nonempty(texts) if SECRETS.search(path.read_bytes())] == []

    @every_artifact
    def test_every_module_has_bytecode_of_its_source_that_carries_no_date(
        self, artifact: Artifact
    ) -> None:
        for source in nonempty(path for path in files(artifact) if path.suffix == ".py"):
            compiled = Path(importlib.util.cache_from_source(str(source)))
            header = compiled.read_bytes()[:HEADER_BYTES]
            content_hash = importlib.util.source_hash(source.read_bytes())
            assert header[:4] == importlib.util.MAGIC_NUMBER
            assert int.from_bytes(header[4:8], "little") == UNCHECKED_HASH
            assert header[8:] == content_hash, source

    @every_artifact
    def test_it_is_for_the_version_of_python_that_is_tested(self, artifact: Artifact) -> None:
        version = (ROOT / ".python-version").read_text().strip().replace(".", "")
        native = [path.name for path in files(artifact) if ".cpython-" in path.name]

        assert all(f".cpython-{version}" in name for name in nonempty(native))

    @pytest.mark.parametrize("artifact", VERCEL, ids=str)
    def test_vercel_runs_it_with_that_version_and_those_limits(self, artifact: Artifact) -> None:
        config = json.loads((artifact.folder / ".vc-config.json").read_text())
        service = json.loads((ROOT / "vercel.json").read_text())["services"][artifact.name]
        (limits,) = service["functions"].values()

        assert config["runtime"] == f"python{(ROOT / '.python-version').read_text().strip()}"
        assert config["architecture"] == "x86_64"
        assert config["maxDuration"] == limits["maxDuration"]

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_both_clouds_get_the_same_code(self, name: str) -> None:
        digests = []
        for artifact in BUILT + VERCEL:
            if artifact.name == name:
                ours = [
                    path
                    for path in files(artifact)
                    if path.relative_to(artifact.folder).parts[0] in {"functions", "shared"}
                ]
                digests.append(
                    {
                        str(path.relative_to(artifact.folder)): sha256(path.read_bytes()).digest()
                        for path in ours
                    }
                )
        assert digests[0] == digests[1]
