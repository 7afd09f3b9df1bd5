"""Decoding against the reference readers, on every public recording that is here.

Equal means: the float32 nearest to what wfdb, pydicom or edfio give in float64.
"""

import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
import wfdb

from functions.cardiology.decode import decode
from functions.cardiology.ecg import STANDARD_LEADS, Ecg
from functions.cardiology.formats.wfdb_record import read_wfdb
from functions.cardiology.leads import lead_name
from functions.cardiology.unreadable import NoEcgLead, UnknownFormat
from shared.recording import RecordingFile
from tests.accuracy.recordings import DATA
from tests.accuracy.sets import needs

pytestmark = needs("cardiology")

# No signal; too short on purpose of the format test; wfdb refuses their dates.
_WITHOUT_SIGNAL = {"nsr001", "nsr004"}
_TOO_SHORT = {"flacformats"}
_REFUSED_BY_WFDB = {"E00009", "E00018"}


def _headers() -> list[Path]:
    skipped = _WITHOUT_SIGNAL | _TOO_SHORT | _REFUSED_BY_WFDB
    return [path for path in sorted(DATA.glob("*/*.hea")) if path.stem not in skipped]


def _files(header: Path) -> list[RecordingFile]:
    paths = sorted(header.parent.glob(f"{header.stem}.*"))
    return [RecordingFile(path.name, path.read_bytes()) for path in paths]


def _assert_as_wfdb(ecg: Ecg, record_path: Path) -> None:
    record = wfdb.rdrecord(str(record_path), smooth_frames=False)
    position = {lead_name(name): k for k, name in enumerate(record.sig_name)}
    for column, lead in enumerate(ecg.leads):
        k = position[lead]
        expected = _millivolts(record.e_p_signal[k], record.units[k])
        assert ecg.fs_hz == record.fs * record.samps_per_frame[k]
        assert np.array_equal(ecg.signal_mv[:, column], expected, equal_nan=True)


def _millivolts(values: npt.NDArray[np.float64], unit: str) -> npt.NDArray[np.float32]:
    return (values * {"mv": 1.0, "v": 1e3, "uv": 1e-3}[unit.lower()]).astype(np.float32)


class TestWfdb:
    @pytest.mark.parametrize("header", _headers(), ids=lambda path: path.stem)
    def test_every_record_equals_wfdb(self, header: Path) -> None:
        ecg = decode(_files(header))

        assert "checksum" not in " ".join(ecg.warnings)
        _assert_as_wfdb(ecg, header.with_suffix(""))

    @pytest.mark.parametrize("archive", sorted((DATA / "ludb").glob("*.xz")), ids=lambda p: p.stem)
    def test_every_ludb_record_equals_wfdb(self, archive: Path, tmp_path: Path) -> None:
        with tarfile.open(archive) as packed:
            packed.extractall(tmp_path, filter="data")
        headers = sorted(tmp_path.rglob("*.hea"))
        assert len(headers) == 100
        for header in headers:
            signal = header.with_suffix(".dat")
            files = [RecordingFile(path.name, path.read_bytes()) for path in (header, signal)]
            ecg = decode(files)
            assert ecg.leads == STANDARD_LEADS
            _assert_as_wfdb(ecg, header.with_suffix(""))

    @pytest.mark.parametrize("name", sorted(_REFUSED_BY_WFDB))
    def test_georgia_headers_that_wfdb_refuses_are_read(self, name: str) -> None:
        header = DATA / "cinc2020_12lead" / f"{name}.hea"
        ecg = decode(_files(header))
        stored = np.fromfile(header.with_suffix(".mat"), "<i2", offset=24).reshape(-1, 12)

        assert ecg.leads == STANDARD_LEADS
        assert np.array_equal(ecg.signal_mv, (stored / 4880).astype(np.float32))

    def test_compressed_record_equals_wfdb(self) -> None:
        header = DATA / "wfdb/flacformats.hea"
        expected = wfdb.rdrecord(str(header.with_suffix(""))).p_signal.astype(np.float32)

        ecg = read_wfdb(_files(header))

        assert not ecg.warnings
        assert np.array_equal(ecg.signal_mv, expected, equal_nan=True)


class TestOtherFormats:
    def test_dicom_equals_pydicom(self) -> None:
        path = DATA / "formats/waveform_ecg.dcm"
        ecg = decode([RecordingFile(path.name, path.read_bytes())])
        expected = pydicom.dcmread(path).waveform_array(0) / 1000

        assert ecg.leads == STANDARD_LEADS
        assert ecg.fs_hz == 1000
        assert ecg.signal_mv == pytest.approx(expected, abs=1e-6)

    def test_aecg_equals_its_digits_and_obeys_einthoven(self) -> None:
        path = DATA / "formats/ecg_hl7_aecg.xml"
        ecg = decode([RecordingFile(path.name, path.read_bytes())])
        column = {lead: ecg.signal_mv[:, k] for k, lead in enumerate(ecg.leads)}
        value = ET.parse(path).find(".//{*}series//{*}sequenceSet//{*}value[{*}digits]")
        assert value is not None
        digits = np.array((value.findtext("{*}digits") or "").split(), dtype=np.float64)
        scale = value.find("{*}scale")
        assert scale is not None

        assert set(ecg.leads) == set(STANDARD_LEADS)
        assert ecg.signal_mv.shape == (5000, 12)
        assert scale.get("unit") == "uV"
        assert column["I"] == pytest.approx(digits * float(scale.get("value", "")) / 1000, abs=1e-6)
        assert column["I"] + column["III"] == pytest.approx(column["II"], abs=0.01)

    def test_compressed_sierra_leads_obey_einthoven_and_goldberger(self) -> None:
        path = DATA / "formats/philips_1_03.xml"

        ecg = decode([RecordingFile(path.name, path.read_bytes())])

        column = dict(zip(ecg.leads, ecg.signal_mv.T, strict=True))
        assert ecg.leads == STANDARD_LEADS
        assert ecg.duration_s > 10
        assert np.ptp(column["II"]) > 0.5
        assert column["I"] + column["III"] == pytest.approx(column["II"], abs=0.02)
        assert column["aVR"] == pytest.approx(-(column["I"] + column["II"]) / 2, abs=0.02)

    def test_recordings_without_an_ecg_are_refused(self) -> None:
        for name, refusal in (
            ("wfdb/test_edfann.edf", NoEcgLead),
            ("cpsc2019/data_00014.mat", UnknownFormat),
            ("scipy_ecg.dat", UnknownFormat),
        ):
            path = DATA / name
            with pytest.raises(refusal):
                decode([RecordingFile(path.name, path.read_bytes())])

    @pytest.mark.parametrize("name", ["118e00", "118e06", "118e12", "118e24"])
    def test_single_column_text_is_read_with_the_rate_sent(self, name: str) -> None:
        path = DATA / f"nstdb_heartpy/{name}.csv"
        expected = np.loadtxt(path).astype(np.float32)
        ecg = decode([RecordingFile(path.name, path.read_bytes())], fs_hz=360, lead="MLII")

        assert ecg.leads == ("MLII",)
        assert np.array_equal(ecg.signal_mv[:, 0], expected)
