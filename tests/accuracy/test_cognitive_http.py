"""Real task logs posted as they are, and the change between two real sessions of a person.

The files are read where they lie; nothing of them stands here.
"""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, Response

from shared.examination.change import Verdict
from shared.examination.retest import BAND, RETESTS, tolerance_factor
from shared.permissions import RoleName
from tests.accuracy.sets import DATA, needs
from tests.conftest import Clinic

SETS = ("cognitive/sro_jspsych", "cognitive/hedge2018_study1/Study1-Stroop")
SRO, HEDGE = (DATA / name for name in SETS)
pytestmark = needs(*SETS)

LOGS = {
    "stroop_t1": "stroop_effect",
    "attention_network_task_t2": "ant_orienting",
    "simple_reaction_time_t1": "simple_reaction_speed",
    "choice_reaction_time_t2": "choice_reaction_inverse_efficiency",
    "go_nogo_t1": "go_no_go_d_prime",
    "digit_span_t2": "digit_span_backward_longest",
    "adaptive_n_back_t2": "n_back_2_d_prime",
}
# Of Hedge et al.: one whose second session lies within the band, one whose does not.
UNCHANGED, CHANGED = 1, 32  # so they are numbered in the source


def people(log: str) -> Iterator[bytes]:
    """One table a person, columns and cells as they were written."""
    with gzip.open(SRO / f"{log}.csv.gz", "rt") as lines:
        reader = csv.DictReader(lines)
        rows: dict[str, list[dict[str, str]]] = {}
        for row in reader:
            rows.setdefault(row["worker_id"], []).append(row)
        columns = list(reader.fieldnames or ())
    for own in rows.values():
        text = StringIO()
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows(own)
        yield text.getvalue().encode()


async def post(client: AsyncClient, content: bytes, **fields: str) -> Response:
    return await client.post(
        "/api/cognitive/analyze", files={"file": ("export.csv", content)}, data=fields
    )


class TestAnalyze:
    @pytest.mark.parametrize(("log", "biomarker"), LOGS.items())
    async def test_real_log_is_scored_as_it_is(
        self, clinic: Clinic, log: str, biomarker: str
    ) -> None:
        first, another, *_ = people(log)
        async with clinic.client(RoleName.CLINICIAN) as client:
            for content in (first, another):
                answer = await post(client, content)
                body = answer.json()
                assert answer.status_code == 201, body
                assert body["result"]["validity"]["verdict"] in {"valid", "questionable"}
                assert biomarker in {biomarker["name"] for biomarker in body["biomarkers"]}
                assert body["provenance"]["parameters"]["client"] == "Experiment Factory"
                again = await client.get(f"/api/records/assessments/{body['id']}")
                assert again.json() == body

    async def test_export_of_all_people_is_refused(self, clinic: Clinic) -> None:
        whole = gzip.decompress((SRO / "stroop_t1.csv.gz").read_bytes())
        async with clinic.client(RoleName.CLINICIAN) as client:
            packed = await post(client, (SRO / "stroop_t1.csv.gz").read_bytes())
            unpacked = await post(client, whole)
        assert packed.json()["code"] == "unknown-format"
        assert unpacked.json()["code"] == "several-people"


def stroop(person: int, session: int) -> bytes:
    """One session, its file without a header given one."""
    (path,) = Path(HEDGE).glob(f"Study1_P{person}Stroop{session}.csv")
    return b"task,block,trial,unused,condition,correct,rt\n" + b"".join(
        b"stroop," + line for line in path.read_bytes().splitlines(keepends=True)
    )


async def history(clinic: Clinic, person: int, *, days_apart: float) -> dict[str, Any]:
    """Post both sessions of one person so many days apart and ask for the history."""
    now = datetime.now(UTC)
    patient = str(clinic.person_id(RoleName.PATIENT))
    async with clinic.client(RoleName.CLINICIAN) as client:
        for session, days_ago in ((1, days_apart), (2, 0)):
            recorded_at = (now - timedelta(days=days_ago)).isoformat()
            answer = await post(
                client, stroop(person, session), subject_id=patient, recorded_at=recorded_at
            )
            assert answer.status_code == 201, answer.text
        path = "/api/records/biomarkers/stroop_effect/history"
        query = {"subject_id": patient, "days": "365"}
        body: dict[str, Any] = (await client.get(path, params=query)).json()
        chart = await client.get(f"{path}/chart", params=query)
    return {**body, "chart": chart.text}


class TestChange:
    @pytest.mark.parametrize("person", [UNCHANGED, CHANGED])
    async def test_verdict_of_two_real_sessions_follows_from_the_measured_retest_error(
        self, clinic: Clinic, person: int
    ) -> None:
        values = await history(clinic, person, days_apart=21)
        first, second = values["points"]
        change, retest = second["change"], RETESTS["stroop_effect"]
        index = (second["value"] - first["value"] - retest.practice) / retest.difference_sd
        assert first["change"]["verdict"] == Verdict.FIRST
        assert change["index"] == pytest.approx(index)
        assert (abs(index) > tolerance_factor(BAND, retest.n)) is (person == CHANGED)
        assert (change["verdict"] != Verdict.NO_RELIABLE_CHANGE) is (person == CHANGED)
        assert change["band"] == pytest.approx(59.7, abs=0.1)
        assert values["retest"]["n"] == 47

    async def test_chart_shows_the_band_of_noise_and_each_verdict(self, clinic: Clinic) -> None:
        drawn = (await history(clinic, UNCHANGED, days_apart=21))["chart"]
        assert "no reliable change</text>" in drawn
        assert drawn.count("<circle") == 2
        assert "No reliable change: " in drawn

    async def test_at_another_interval_no_practice_is_expected_and_that_is_said(
        self, clinic: Clinic
    ) -> None:
        _, second = (await history(clinic, UNCHANGED, days_apart=90))["points"]
        assert second["change"]["expected"] == 0
        assert "90 days apart" in second["change"]["statement"]
