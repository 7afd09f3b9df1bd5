"""Data types of FHIR R4: nothing empty, moments in UTC, people's words escaped."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.fhir.codes import Code
from functions.fhir.resources.elements import (
    concept,
    filled,
    identified,
    instant,
    narrative,
    reference,
)

KEY = UUID("0190f3c4-0000-7000-8000-000000000001")


class TestFilled:
    @pytest.mark.parametrize("empty", [None, "", [], {}])
    def test_what_is_empty_is_left_out(self, empty: str | list[str] | None) -> None:
        assert filled(a=empty, b="text") == {"b": "text"}

    @pytest.mark.parametrize("value", [0, 0.0, False])
    def test_nothing_is_a_value(self, value: float) -> None:
        assert filled(a=value) == {"a": value}

    def test_python_keeps_some_names_for_itself(self) -> None:
        assert filled(class_="AMB") == {"class": "AMB"}


class TestInstant:
    @pytest.mark.parametrize(
        ("offset_h", "written"),
        [(0, "2026-03-01T00:30:00.123Z"), (2, "2026-02-28T22:30:00.123Z")],
    )
    def test_is_in_utc_to_the_millisecond(self, offset_h: int, written: str) -> None:
        zone = timezone(timedelta(hours=offset_h))
        assert instant(datetime(2026, 3, 1, 0, 30, 0, 123_900, zone)) == written

    def test_of_a_full_second_has_milliseconds(self) -> None:
        assert instant(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00.000Z"


class TestNames:
    def test_concept_of_words_alone_has_no_coding(self) -> None:
        assert concept(text="Heart rate") == {"text": "Heart rate"}

    def test_concept_has_every_code(self) -> None:
        codes = Code("a", "1", "One"), Code("b", "2", "Two")
        first, second = concept(*codes)["coding"]
        assert (first["system"], second["code"], second["display"]) == ("a", "2", "Two")

    def test_reference_without_words(self) -> None:
        assert reference("Patient", KEY) == {"reference": f"Patient/{KEY}"}

    def test_who_is_no_resource_is_named_by_our_id(self) -> None:
        element = identified("Practitioner", KEY, "Dr. Moss")
        assert element["identifier"]["value"] == f"urn:uuid:{KEY}"
        assert "reference" not in element


class TestNarrative:
    @given(st.text("<>&\"' ab"), st.text("<>&\"' ab"))
    def test_any_words_stay_words(self, title: str, words: str) -> None:
        page = ET.fromstring(narrative(title, [("note", words)])["div"])
        assert page[0].text == (title or None)
        assert page[1][0].text == f"note: {words}"

    def test_without_lines_there_is_no_list(self) -> None:
        assert "<ul>" not in narrative("Report", [])["div"]
