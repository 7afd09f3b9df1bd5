import numpy as np
import pytest

from functions.cardiology.formats.xml_document import read_xml
from functions.cardiology.unreadable import (
    MalformedRecording,
    NoEcgLead,
    SamplingRateMissing,
    UnknownFormat,
)
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import aecg_file

SAMPLE = synthesize([Episode(Rhythm.SINUS, 6)], fs_hz=500, leads=("I", "aVR"))
ONE = '<value xsi:type="SLIST_PQ"><origin value="0" unit="uV"/><scale value="1" unit="uV"/>'
TEXT = aecg_file(SAMPLE).content.decode()


def edited(before: str, after: str) -> bytes:
    assert before in TEXT
    return TEXT.replace(before, after).encode()


class TestReadAecg:
    def test_scale_and_origin_have_their_own_units(self) -> None:
        content = edited(
            '<origin value="0" unit="uV"/><scale value="1" unit="uV"/>',
            '<origin value="0.5" unit="mV"/><scale value="2" unit="uV"/>',
        )

        assert read_xml(content).signal_mv == pytest.approx(2 * SAMPLE.signal_mv + 0.5, abs=0.0011)

    @pytest.mark.parametrize(("value", "unit"), [("0.002", "s"), ("2", "ms"), ("2000", "us")])
    def test_increment_gives_the_rate(self, value: str, unit: str) -> None:
        content = edited('value="0.002" unit="s"', f'value="{value}" unit="{unit}"')

        assert read_xml(content).fs_hz == 500

    def test_missing_increment_is_asked_for(self) -> None:
        content = edited("increment", "decrement")

        assert read_xml(content, fs_hz=500.0).fs_hz == 500
        with pytest.raises(SamplingRateMissing):
            read_xml(content)

    def test_median_beats_are_left(self) -> None:
        content = edited("</series>", "<derivation><derivedSeries/></derivation></series>")

        assert read_xml(content).signal_mv.shape == SAMPLE.signal_mv.shape

    def test_other_documents_are_unknown(self) -> None:
        with pytest.raises(UnknownFormat, match="neither an HL7 aECG"):
            read_xml(b"<svg/>")

    def test_document_without_series_has_no_lead(self) -> None:
        with pytest.raises(NoEcgLead):
            read_xml(b"<AnnotatedECG/>")

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ('<scale value="1" unit="uV"/>', ""),
            ('<scale value="1" unit="uV"/>', '<scale value="0" unit="uV"/>'),
            ('<scale value="1" unit="uV"/>', '<scale value="nan" unit="uV"/>'),
            ('<origin value="0" unit="uV"/>', '<origin value="0" unit="mmHg"/>'),
            ("<digits>", "<digits>1e400 "),
            ("<digits>", "<digits>a "),
            ('value="0.002"', 'value="-0.002"'),
            ('value="0.002"', 'value="0"'),
            ('unit="s"', 'unit="h"'),
            ('LEAD_I"/>' + ONE + "<digits>", 'LEAD_I"/>' + ONE + "<digits>7 "),  # one sample more
        ],
    )
    def test_broken_sequences_are_malformed(self, before: str, after: str) -> None:
        with pytest.raises(MalformedRecording):
            read_xml(edited(before, after))

    def test_samples_are_float32(self) -> None:
        assert read_xml(TEXT.encode()).signal_mv.dtype == np.float32
