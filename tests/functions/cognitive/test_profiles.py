"""Profiles are data: each is well formed, and a new one needs no code."""

import pytest

from functions.cognitive.fitting import fitted
from functions.cognitive.plaintext import Row
from functions.cognitive.profiles import (
    Profile,
    UnknownTask,
    profile_named,
    profile_with_columns,
    profiles,
    read_profile,
)
from functions.cognitive.trials import Family, Phase, Trial
from tests.nonempty import nonempty

SIMON = """{
  "task": "spatial_simon", "title": "A new task", "family": "interference",
  "names": ["spatial_simon"], "withhold": [],
  "words": {"condition": [{"columns": ["side"], "meaning": {"congruent": ["same"],
    "incongruent": ["opposite"]}}]},
  "columns": {"rt": ["latency_s"]}
}"""


def trial_of(profile: Profile, row: Row) -> Trial:
    return fitted(profile, [row]).trial(row)


class TestProfiles:
    def test_every_family_has_a_profile(self) -> None:
        assert {profile.family for profile in profiles()} == set(Family)

    def test_names_are_plain_and_belong_to_one_task(self) -> None:
        names = [name for profile in profiles() for name in profile.names]

        assert len(names) == len(set(names))
        assert all(name == name.lower().replace(" ", "_") for name in names)

    def test_withheld_conditions_exist(self) -> None:
        for profile in nonempty(profiles()):
            assert profile.withhold <= profile.conditions()


class TestReadProfile:
    def test_new_task_maps_its_own_columns(self) -> None:
        trial = trial_of(
            read_profile(SIMON),
            {"side": "Opposite", "latency_s": "0.7", "correct": "True", "phase": "Practice 1"},
        )

        assert trial.condition == "incongruent"
        assert trial.rt_ms == 0.7  # the unit is decided later, for the whole run
        assert trial.correct is True
        assert trial.phase is Phase.PRACTICE


class TestProfileTrial:
    def test_withholding_is_judged_by_what_happened(self) -> None:
        profile = profile_named("go_nogo")
        assert profile is not None

        held = trial_of(
            profile, {"condition": "nogo", "rt": "-1", "key_press": "-1", "correct": "0"}
        )
        pressed = trial_of(profile, {"condition": "nogo", "rt": "300", "key_press": "32"})

        assert held.correct is True
        assert pressed.correct is False

    def test_missing_judgment_follows_from_the_target(self) -> None:
        profile = profile_named("choice_reaction_time")
        assert profile is not None

        trial = trial_of(profile, {"rt": 400, "response": 77, "correct_response": "77.0"})

        assert trial.correct is True


class TestProfileNamed:
    @pytest.mark.parametrize(
        ("name", "task"),
        [
            ("Stroop Task", "stroop"),
            ("p07_flanker_2026-01-05.csv", "flanker"),
            ("attention_network_task", "ant"),
            ("adaptive_n_back", "n_back"),
            ("PVT-B", "pvt_brief"),
        ],
    )
    def test_names_of_the_wild_are_known(self, name: str, task: str) -> None:
        profile = profile_named(name)

        assert profile is not None
        assert profile.task == task

    @pytest.mark.parametrize("name", [None, "", "response", "data.csv", "important"])
    def test_other_words_are_not_tasks(self, name: str | None) -> None:
        assert profile_named(name) is None


class TestProfileWithColumns:
    def test_most_demanding_signature_wins(self) -> None:
        profile = profile_with_columns({"flanker_type", "cue", "rt"})

        assert profile is not None
        assert profile.task == "ant"


class TestUnknownTask:
    def test_message_lists_what_is_known(self) -> None:
        assert "stroop" in UnknownTask().detail
