"""What is concluded from an answer: what was asked by whom, what came back, whether it holds."""

import httpx
import pytest

from local.prove.attacks import Finding, _title, code_of, judged, line_of
from local.prove.requests import INSIDES, _framed, tells_nothing
from local.prove.stand import CannotStand, Stand, had
from shared.http.application import HEADERS


def answered(status: int = 200, who: str | None = None, **told: object) -> httpx.Response:
    request = httpx.Request("GET", "http://test/api/records/assessments?limit=1")
    request.extensions = {"who": who} if who else {}
    return httpx.Response(status, request=request, **told)  # type: ignore[arg-type]


class TestCode:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"code": "not-found", "detail": "…"}, "not-found"),
            ({"issue": [{"details": {"coding": [{"code": "expired"}]}}]}, "expired"),
            ({"issue": [{"severity": "error"}, {"details": {"coding": [{"code": "b"}]}}]}, "b"),
            ({"issue": []}, ""),
            ({"issue": "text"}, ""),
            ({}, ""),
            ([{"code": "a"}], ""),
            ("text", ""),
        ],
    )
    def test_it_is_that_of_a_problem_or_of_fhir(self, body: object, code: str) -> None:
        assert code_of(answered(404, json=body)) == code

    @pytest.mark.parametrize("text", ["", "<html>", '{"code": '])
    def test_what_is_no_json_has_none(self, text: str) -> None:
        assert code_of(answered(502, text=text)) == ""


class TestJudged:
    @pytest.mark.parametrize(("status", "held"), [(403, True), (404, True), (200, False)])
    def test_any_of_the_expected_statuses_holds(self, status: int, held: bool) -> None:
        assert judged(answered(status), 403, 404).held is held

    @pytest.mark.parametrize(
        ("told", "held"), [({"code": "step-up-required"}, True), ({"code": "forbidden"}, False)]
    )
    def test_right_status_for_another_reason_does_not(
        self, told: dict[str, str], held: bool
    ) -> None:
        assert judged(answered(403, json=told), 403, code="step-up-required").held is held

    def test_what_came_back_is_the_status_and_the_code(self) -> None:
        assert judged(answered(404, json={"code": "not-found"}), 404).came_back == "404 not-found"
        assert judged(answered(404, text="nothing"), 404).came_back == "404"

    @pytest.mark.parametrize(
        ("who", "told"), [("admin of ours", "admin of ours"), (None, "nobody")]
    )
    def test_what_was_sent_names_who_asked(self, who: str | None, told: str) -> None:
        line = line_of(answered(who=who))
        assert line == f"GET /api/records/assessments?limit=1 as {told}"


class TestFindings:
    def test_only_some_of_many_are_told_and_the_rest_is_counted(self) -> None:
        merged = Finding.of(
            Finding(held=False, sent=f"GET /{number}", came_back="200") for number in range(9)
        )
        assert merged.sent == "GET /0\nGET /1\nGET /2\nGET /3\n… and 5 more"
        assert merged.came_back == "200\n9 of 9 failed"

    def test_of_findings_that_hold_nothing_failed(self) -> None:
        merged = Finding.of([Finding(held=True, sent="GET /", came_back="404")] * 2)
        assert (merged.held, merged.came_back) == (True, "404")


class TestTitle:
    @pytest.mark.parametrize(
        ("words", "title"),
        [
            ("Tokens that are over.\n\nMore.", "tokens that are over"),
            ("JSON that readers disagree about.", "JSON that readers disagree about"),
            ("", ""),
        ],
    )
    def test_it_is_the_first_line_as_a_part_of_a_sentence(self, words: str, title: str) -> None:
        async def run(_: Stand) -> Finding: ...  # type: ignore[empty-body]

        run.__doc__ = words
        assert _title(run) == title


class TestWordsOfTheInside:
    @pytest.mark.parametrize("word", INSIDES)
    def test_answer_that_shows_one_does_not_hold(self, word: str) -> None:
        finding = tells_nothing(answered(404, text=f"… {word} …"), 404)
        assert (finding.held, finding.came_back) == (False, f"shows {word}")

    @pytest.mark.parametrize(("status", "held"), [(404, True), (500, False)])
    def test_silent_answer_is_held_against_its_status(self, status: int, held: bool) -> None:
        assert tells_nothing(answered(status, text="nothing"), 404).held is held


class TestHeaders:
    def test_all_of_them_hold(self) -> None:
        assert _framed(answered(headers=HEADERS)).came_back == "all are there"

    @pytest.mark.parametrize("missing", [name for name, _ in HEADERS])
    def test_missing_one_is_named(self, missing: bytes) -> None:
        headers = [(name, value) for name, value in HEADERS if name != missing]
        finding = _framed(answered(headers=headers))
        assert (finding.held, finding.came_back) == (False, f"{missing.decode()}: None")

    @pytest.mark.parametrize("changed", [name for name, _ in HEADERS])
    def test_weaker_one_is_named(self, changed: bytes) -> None:
        headers = [(name, b"*" if name == changed else value) for name, value in HEADERS]
        assert _framed(answered(headers=headers)).came_back == f"{changed.decode()}: *"


class TestHad:
    def test_body_of_a_good_answer(self) -> None:
        assert had(answered(201, json={"id": "1"})) == {"id": "1"}
        assert had(answered(204)) == {}

    def test_refusal_ends_the_attack_with_what_was_asked(self) -> None:
        with pytest.raises(CannotStand, match="assessments was answered 503: busy"):
            had(answered(503, text="busy"))

    def test_long_refusal_is_cut(self) -> None:
        with pytest.raises(CannotStand) as refusal:
            had(answered(503, text="x" * 5000))
        assert len(str(refusal.value)) < 300
