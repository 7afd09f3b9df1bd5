"""Any table can be read without code: the sender says what its columns and values mean."""

import json
from typing import Any

import pytest

from functions.cognitive.analysis import analyze
from functions.cognitive.decode import decode
from functions.cognitive.mapping import NO_MAPPING, ColumnMapping, MappingUnfit, read_mapping
from functions.cognitive.trials import Session
from tests.functions.cognitive.flanker_logs import (
    ACCURACY,
    PRACTICE,
    SESSION,
    TEST,
    Answer,
    Column,
    table,
)

GERMAN: dict[str, Column] = {
    "Reaktion (s)": lambda a: a.rt_ms and a.rt_ms / 1000,
    "Bedingung": lambda a: {"congruent": "k", "incongruent": "ik"}[a.condition],
    "Ergebnis": lambda a: "gut" if a.right else "schlecht",
    "Teil": lambda a: "Probe" if a.practice else "Haupt",
}
MAPPING: dict[str, Any] = {
    "columns": {
        "Reaktion (s)": "rt",
        "Bedingung": "condition",
        "Ergebnis": "correct",
        "Teil": "phase",
    },
    "values": {
        "Bedingung": {"K": "congruent", "ik": "incongruent"},
        "Ergebnis": {"gut": "right", "schlecht": "wrong"},
        "Teil": {"Probe": "practice", "Haupt": "test"},
    },
    "unit": "s",
}


def mapped(**changes: Any) -> ColumnMapping:
    return read_mapping(json.dumps({**MAPPING, **changes}))


def read(columns: dict[str, Column], mapping: ColumnMapping) -> Session:
    return decode([table(columns)], mapping=mapping)


class TestMapping:
    def test_a_table_in_nobodys_words_is_read(self) -> None:
        session = read(GERMAN, mapped())

        findings = analyze(session)
        scores = findings.result["task_scores"]["flanker"]["scores"]
        (run,) = session.runs
        assert (len(run.practice), len(run.test)) == (PRACTICE, TEST)
        assert scores["flanker_accuracy"]["value"] == pytest.approx(ACCURACY)
        assert 20 < scores["flanker_effect"]["value"] < 80
        assert run.rt_unit == "seconds (stated by the mapping)"
        assert findings.result["validity"]["verdict"] == "valid"

    def test_report_names_the_columns_that_were_mapped(self) -> None:
        (report,) = read(GERMAN, mapped()).imports

        assert report.columns["flanker"] == {
            "rt": "reaktion_(s)",
            "correct": "ergebnis",
            "condition": "bedingung",
        }

    def test_without_it_the_same_table_is_refused(self) -> None:
        with pytest.raises(Exception, match="mapping"):
            read(GERMAN, NO_MAPPING)

    def test_a_mapped_column_stands_before_one_of_a_usual_name(self) -> None:
        columns = {**GERMAN, "rt": lambda _: 9.0, "condition": lambda _: "congruent"}

        assert read(columns, mapped()).runs[0].test == read(GERMAN, mapped()).runs[0].test

    def test_rows_to_ignore_are_left_out_and_counted(self) -> None:
        values = {**MAPPING["values"], "Teil": {"Probe": "ignore", "Haupt": "test"}}

        (report,) = read(GERMAN, mapped(values=values)).imports

        assert (report.practice, report.test) == (0, TEST)
        assert [(r.code, r.count) for r in report.left_out] == [("mapping", PRACTICE)]

    def test_a_value_that_is_not_mapped_is_an_unknown_condition(self) -> None:
        def bedingung(answer: Answer) -> str:
            return (
                "x" if answer is SESSION[-1] else "k" if answer.condition == "congruent" else "ik"
            )

        session = read({**GERMAN, "Bedingung": bedingung}, mapped())

        assert [concern.code for concern in session.runs[0].concerns] == ["unknown-condition"]

    def test_tasks_and_people_may_be_mapped(self) -> None:
        columns = {**GERMAN, "Aufgabe": lambda _: "Pfeile", "Kind": lambda a: int(a.practice)}
        names = {**MAPPING["columns"], "Aufgabe": "task"}
        values = {**MAPPING["values"], "Aufgabe": {"Pfeile": "simon"}}

        session = decode(
            [table(columns, name="x.csv")], mapping=mapped(columns=names, values=values)
        )

        assert session.runs[0].task == "simon"
        with pytest.raises(Exception, match="2 people"):
            read(columns, mapped(columns={**names, "Kind": "person"}, values=values))


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("{", "no JSON"),
            ("[]", "object with columns, unit, values"),
            ('{"rows": {}}', "object with columns, unit, values"),
            ('{"columns": {"a": "reaction"}}', "no role 'reaction'; expected one of: rt"),
            ('{"columns": {"a": 1}}', "an object of at most"),
            ('{"columns": {"a": "rt", "b": "rt"}}', "two columns the role rt"),
            ('{"unit": "min"}', "s or ms"),
            ('{"values": {"a": {"b": "right"}}}', "has no role"),
            ('{"columns": {"a": "correct"}, "values": {"a": {"b": "good"}}}', "right, wrong"),
            ('{"columns": {"a": "phase"}, "values": {"a": {"b": "main"}}}', "practice, test"),
            ('{"columns": {"a": "task"}, "values": {"a": {"b": "chess"}}}', "no profile"),
            ('{"values": []}', "column, value, meaning"),
        ],
    )
    def test_what_is_wrong_with_a_mapping_is_said(self, text: str, said: str) -> None:
        with pytest.raises(MappingUnfit, match=said):
            read_mapping(text)

    def test_a_column_that_is_not_there_is_named(self) -> None:
        with pytest.raises(MappingUnfit, match="'latenz'"):
            read(GERMAN, read_mapping('{"columns": {"Latenz": "rt"}}'))

    def test_a_condition_of_another_task_is_named_with_those_expected(self) -> None:
        values = {**MAPPING["values"], "Bedingung": {"k": "go"}}

        with pytest.raises(MappingUnfit, match="flanker knows: congruent, incongruent, neutral"):
            read(GERMAN, mapped(values=values))

    @pytest.mark.parametrize("text", [None, "", "  ", "{}"])
    def test_no_mapping_is_none(self, text: str | None) -> None:
        assert read_mapping(text) == NO_MAPPING
