"""What a start costs, in new processes with the bytecode that is shipped."""

import subprocess

import pytest

from bench.cold_start import BARE, PYTHON, calls, entry, subjects
from tests.artifacts.conftest import AWS, Artifact
from tests.conftest import INTERPRETER

# Calls of Python and C functions that a start takes, as a ratio to the bare stack. They follow the
# processor time that `bench/cold_start.py` measures, and are the same in every run.
CALLS = 1.45
# Routes cost: accounts has four times those of any other function, and fhir three times. Its job
# reads and builds what fhir sends; nobody waits for its start. The assistant's conversations are
# six routes and their shapes.
WIDER = {"accounts": 2.0, "fhir": 1.9, "fhirJobs": 1.55, "assistant": 1.6}

# What a health check never pays for: it loads in the first analysis, with the first token, or
# before a snapshot.
LATER = {"numpy", "parselmouth", "av", "edfio", "pydicom", "jwt", "cryptography"}


class TestStart:
    def test_calls_are_within_their_budget(self) -> None:
        counts = {name: calls(*subject) for name, subject in subjects().items()}
        ratios = {name: count / counts[BARE] for name, count in counts.items()}

        wider = {name: ratio for name, ratio in ratios.items() if ratio > WIDER.get(name, CALLS)}
        assert wider == {}

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
