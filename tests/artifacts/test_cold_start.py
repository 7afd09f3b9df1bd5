"""What a start costs, in new processes with the bytecode that is shipped."""

import subprocess

import pytest

from bench.cold_start import BARE, BUDGET, PYTHON, entry, least, subjects
from tests.artifacts.conftest import AWS, Artifact
from tests.conftest import INTERPRETER

# Other processes share the machine of a test, even in the best of so many rounds.
ROUNDS = 5
# The same artifacts differ by so much from run to run on a machine that nobody else uses.
NOISE = 1.1
# Routes cost: accounts has four times those of any other function, fhir those of twelve resources.
# On a quiet machine they took 1.64 and 1.40 of the bare stack.
WIDER = {"accounts": 1.65 / BUDGET, "fhir": 1.4 / BUDGET}

# What a health check never pays for: it loads in the first analysis, with the first token, or
# before a snapshot.
LATER = {"numpy", "parselmouth", "av", "edfio", "pydicom", "jwt", "cryptography"}


class TestStart:
    def test_processor_time_is_within_its_budget(self) -> None:
        starts = least(subjects(), ROUNDS)
        bare = starts.pop(BARE)
        ratios = {name: start.cpu_ms / bare.cpu_ms for name, start in starts.items()}

        limits = {name: BUDGET * NOISE * WIDER.get(name, 1) for name in ratios}
        assert {name: ratio for name, ratio in ratios.items() if ratio > limits[name]} == {}

    @pytest.mark.parametrize("artifact", AWS, ids=str)
    def test_what_an_analysis_needs_loads_with_it(self, artifact: Artifact) -> None:
        program = f"import sys, {entry(artifact.name)}; print(*sys.modules)"
        done = subprocess.run(
            [str(PYTHON), "-S", "-W", "ignore", "-c", program],
            cwd=artifact.folder,
            env={**INTERPRETER, "PYTHONPATH": str(artifact.folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert LATER & set(done.stdout.split()) == set()
