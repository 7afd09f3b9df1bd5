"""A synthetic ECG in each format, read back by means that the pipeline does not use."""

import base64
import csv
import io
import json
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from local.samples.ecg import Episode, Rhythm, SyntheticEcg, synthesize
from local.samples.ecg_files import (
    aecg_file,
    apple_watch_file,
    csv_file,
    dicom_file,
    fhir_file,
    interrupted_edf_file,
    json_file,
    muse_file,
    segments,
    sierra_file,
    wfdb_files,
)

FS_HZ = 250.0
ONE_UV = 1e-3


@pytest.fixture(scope="module")
def sample() -> SyntheticEcg:
    """Five seconds of twelve leads."""
    return synthesize([Episode(Rhythm.SINUS, 5)], fs_hz=FS_HZ)


def lead_of(sample: SyntheticEcg, lead: str) -> npt.NDArray[np.float64]:
    return np.asarray(sample.signal_mv[:, sample.leads.index(lead)])


def steps(text: str | bytes) -> npt.NDArray[np.int16]:
    """Numbers of 16 bits, little-endian, in base64."""
    return np.frombuffer(base64.b64decode(text), "<i2")


class TestTables:
    def test_csv_has_time_and_units_in_its_names(self, sample: SyntheticEcg) -> None:
        rows = list(csv.DictReader(io.StringIO(csv_file(sample).content.decode())))
        assert list(rows[0]) == ["time_s", *(f"{lead} (mV)" for lead in sample.leads)]
        assert float(rows[1]["time_s"]) == pytest.approx(1 / FS_HZ)
        values = [float(row["V2 (mV)"]) for row in rows]
        assert values == pytest.approx(lead_of(sample, "V2").tolist(), abs=ONE_UV)

    def test_json_says_rate_and_unit(self, sample: SyntheticEcg) -> None:
        told = json.loads(json_file(sample).content)
        assert (told["sample_rate"], told["unit"]) == (FS_HZ, "mV")
        assert told["leads"]["aVR"] == pytest.approx(lead_of(sample, "aVR").tolist(), abs=ONE_UV)

    def test_apple_watch_gives_its_lead_in_microvolts(self, sample: SyntheticEcg) -> None:
        head, _, values = apple_watch_file(sample).content.decode().partition("Unit,µV\n\n")
        assert "Sample Rate,250 hertz" in head
        read = [float(value) / 1000 for value in values.split()]
        assert read == pytest.approx(lead_of(sample, "I").tolist(), abs=ONE_UV)


class TestDocuments:
    def test_aecg_has_a_sequence_a_lead(self, sample: SyntheticEcg) -> None:
        root = ET.XML(aecg_file(sample).content)
        digits = [
            [int(word) for word in (it.text or "").split()] for it in root.findall(".//{*}digits")
        ]
        assert len(digits) == len(sample.leads)
        assert pytest.approx(sample.signal_mv, abs=ONE_UV) == np.array(digits).T / 1000
        (step,) = root.findall(".//{*}increment")
        assert float(step.attrib["value"]) == pytest.approx(1 / FS_HZ)

    def test_muse_stores_what_the_limb_leads_follow_from(self, sample: SyntheticEcg) -> None:
        root = ET.XML(muse_file(sample).content)
        leads = {lead.findtext("LeadID"): lead for lead in root.iter("LeadData")}
        assert list(leads) == ["I", "II", *(f"V{number}" for number in range(1, 7))]
        values = steps(leads["V5"].findtext("WaveFormData", "")) * 4.88 / 1000
        assert values == pytest.approx(lead_of(sample, "V5"), abs=4.88e-3)

    def test_sierra_stores_lead_after_lead_and_nothing_of_those_that_follow(
        self, sample: SyntheticEcg
    ) -> None:
        root = ET.XML(sierra_file(sample).content)
        (waveforms,) = root.findall(".//{*}parsedwaveforms")
        names = waveforms.attrib["leadlabels"].split()
        values = steps(waveforms.text or "").reshape(len(names), -1) / 1000
        assert values[names.index("V6")] == pytest.approx(lead_of(sample, "V6"), abs=ONE_UV)
        derived = [names.index(name) for name in ("III", "aVR", "aVL", "aVF")]
        assert not values[derived].any()

    def test_fhir_has_a_component_a_lead(self, sample: SyntheticEcg) -> None:
        told = json.loads(fhir_file(sample).content)
        (component,) = [
            part
            for part in told["component"]
            if part["code"]["coding"][0]["display"].endswith("_AVF")
        ]
        sampled = component["valueSampledData"]
        assert sampled["period"] == pytest.approx(4)
        values = [int(word) / 1000 for word in sampled["data"].split()]
        assert values == pytest.approx(lead_of(sample, "aVF").tolist(), abs=ONE_UV)

    def test_dicom_is_the_same_bytes_twice(self, sample: SyntheticEcg) -> None:
        assert dicom_file(sample).content == dicom_file(sample).content
        assert dicom_file(sample).content[128:132] == b"DICM"


class TestWfdb:
    def test_format_212_takes_three_bytes_for_two_samples(self, sample: SyntheticEcg) -> None:
        wide, packed = (wfdb_files(sample, fmt=fmt)[1].content for fmt in ("16", "212"))
        assert len(packed) == len(wide) * 3 // 4

    @pytest.mark.parametrize(("fmt", "top"), [("16", 32767), ("212", 2047)])
    def test_what_is_too_large_is_the_largest_and_no_gap(self, fmt: str, top: int) -> None:
        sample = synthesize([Episode(Rhythm.SINUS, 1)], leads=("II",), fs_hz=FS_HZ)
        sample.signal_mv[0] = 1e4
        header = wfdb_files(sample, fmt=fmt)[0].content.decode()
        assert header.splitlines()[1].split()[5] == str(top)

    def test_segments_are_counted_with_the_gaps_between_them(self, sample: SyntheticEcg) -> None:
        header, *files = segments([sample, sample], gap_s=2)
        lines = header.content.decode().splitlines()
        assert lines == ["whole/3 12 250 3000", "part0 1250", "~ 500", "part1 1250"]
        assert [file.name for file in files] == [
            *("part0.hea", "part0.dat", "part1.hea", "part1.dat"),
        ]

    def test_record_of_a_single_segment_has_no_gap(self, sample: SyntheticEcg) -> None:
        header, *_ = segments([sample], gap_s=2)
        assert b"~" not in header.content


class TestInterruptedEdf:
    PAUSES_S = (0, 2.5, 0)

    @pytest.fixture
    def records(self, sample: SyntheticEcg) -> list[bytes]:
        content = interrupted_edf_file(sample, self.PAUSES_S).content
        size = 2 * (round(FS_HZ) + 15)
        assert len(content) == 768 + len(self.PAUSES_S) * size
        assert content[192:197] == b"EDF+D"
        return [content[start : start + size] for start in range(768, len(content), size)]

    def test_each_record_says_when_it_began(self, records: list[bytes]) -> None:
        notes = [record[-30:].partition(b"\x14")[0] for record in records]
        assert notes == [b"+0", b"+1", b"+4.5"]

    def test_signal_goes_on_from_record_to_record(
        self, records: list[bytes], sample: SyntheticEcg
    ) -> None:
        values = np.concatenate([np.frombuffer(record[:-30], "<i2") for record in records]) / 3000
        assert values == pytest.approx(lead_of(sample, "I")[: len(values)], abs=ONE_UV)


@pytest.mark.parametrize(
    "write", [csv_file, json_file, apple_watch_file, aecg_file, muse_file, sierra_file, fhir_file]
)
def test_same_sample_is_the_same_bytes(write: Any, sample: SyntheticEcg) -> None:
    assert write(sample).content == write(sample).content
