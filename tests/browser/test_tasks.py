"""Cognitive tasks in a browser: done by a script, and read by the ingest as they were logged."""

from pathlib import Path
from typing import Any

import pytest

from shared.permissions import RoleName
from tests.browser.conftest import Console
from tests.browser.test_recordings import assessment_on
from tests.conftest import Clinic

RESPONDER = Path(__file__).with_name("responder.js")
# By task: a score that has to be there, and the trials that count.
SCORES = {
    "simple_reaction": ("simple_reaction_median", 30),
    "pvt_brief": ("pvt_brief_median", None),
    "flanker": ("flanker_effect", 80),
    "stroop": ("stroop_effect", 96),
    "n_back": ("n_back_2_d_prime", 60),
    "go_no_go": ("go_no_go_d_prime", 100),
    "digit_span": ("digit_span_backward_longest", None),
    "finger_tapping": ("finger_tapping_right_rate", 200),
}


async def done(console: Console, clinic: Clinic, task: str) -> dict[str, Any]:
    """The assessment of a task that the script did ."""
    page = console.page
    await page.add_init_script(path=RESPONDER)
    await console.sign_in(clinic, RoleName.CLINICIAN)
    await console.open(f"tasks?person={clinic.person_id(RoleName.PATIENT)}")
    await page.get_by_label("Task").select_option(task)
    await page.get_by_role("button", name="Begin").click()
    return await assessment_on(console, clinic)


@pytest.mark.parametrize("task", SCORES)
async def test_task_is_read_as_it_was_logged(console: Console, clinic: Clinic, task: str) -> None:
    assessment = await done(console, clinic, task)
    result = assessment["result"]
    score, trials = SCORES[task]
    print(task, result["validity"], result["import_report"], assessment["warnings"], list(result["task_scores"][task]["scores"]))
    assert assessment["status"] == "completed"
    assert result["validity"]["verdict"] == "valid", result["validity"]
    assert score in {biomarker["name"] for biomarker in assessment["biomarkers"]}
    if trials is not None:
        assert result["import_report"]["test"] == trials
    assert [text for text in console.said if "error" in text] == []
