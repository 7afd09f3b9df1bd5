from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pydicom
import pytest

from functions.cardiology.formats.dicom import read_dicom
from functions.cardiology.unreadable import (
    MalformedRecording,
    NoEcgLead,
    TruncatedRecording,
    UnitMissing,
    UnsupportedEncoding,
)
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import dicom_file
from shared.errors import UnreadableUpload

SAMPLE = synthesize([Episode(Rhythm.SINUS, 6)], fs_hz=500, leads=("I", "II"))
CONTENT = dicom_file(SAMPLE).content


def edited(edit: Callable[[Any, Any], object]) -> bytes:
    """Edit the data set and its waveform group."""
    dataset = pydicom.dcmread(BytesIO(CONTENT))
    edit(dataset, dataset.WaveformSequence[0])
    target = BytesIO()
    dataset.save_as(target)
    return target.getvalue()


def set_all(keyword: str, value: object) -> bytes:
    def edit(_: Any, group: Any) -> None:
        for channel in group.ChannelDefinitionSequence:
            setattr(channel, keyword, value)

    return edited(edit)


class TestReadDicom:
    def test_sensitivity_correction_and_baseline_are_applied(self) -> None:
        def edit(_: Any, group: Any) -> None:
            for channel in group.ChannelDefinitionSequence:
                channel.ChannelSensitivity = 2
                channel.ChannelSensitivityCorrectionFactor = 1.5
                channel.ChannelBaseline = 100

        changed = read_dicom(edited(edit)).signal_mv

        assert changed == pytest.approx(3 * read_dicom(CONTENT).signal_mv + 0.1, abs=1e-5)

    def test_padding_becomes_nan(self) -> None:
        def edit(_: Any, group: Any) -> None:
            values = np.frombuffer(group.WaveformData, "<i2").copy()
            values[4] = -32768
            group.WaveformData = values.tobytes()
            group.add_new("WaveformPaddingValue", "OW", np.int16(-32768).tobytes())

        signal_mv = read_dicom(edited(edit)).signal_mv

        assert np.argwhere(np.isnan(signal_mv)).tolist() == [[2, 0]]

    def test_longest_group_is_read(self) -> None:
        def edit(dataset: Any, group: Any) -> None:
            beat = pydicom.Dataset()
            beat.NumberOfWaveformSamples, beat.SamplingFrequency = 500, 500
            dataset.WaveformSequence = [beat, group]

        ecg = read_dicom(edited(edit))

        assert len(ecg.signal_mv) == 3000
        assert "1 more group" in ecg.warnings[0]

    def test_unit_that_is_not_stated_must_be_sent(self) -> None:
        content = set_all("ChannelSensitivity", None)

        assert read_dicom(content, "uV").signal_mv == pytest.approx(SAMPLE.signal_mv, abs=0.001)
        with pytest.raises(UnitMissing):
            read_dicom(content)

    def test_image_is_no_waveform(self) -> None:
        with pytest.raises(NoEcgLead, match="image or a report"):
            read_dicom(edited(lambda dataset, _: dataset.pop("WaveformSequence")))

    @pytest.mark.parametrize(
        ("keyword", "value", "refusal"),
        [
            ("NumberOfWaveformSamples", 0, MalformedRecording),
            ("NumberOfWaveformSamples", 4000, TruncatedRecording),
            ("NumberOfWaveformSamples", 4_000_000_000, UnreadableUpload),
            ("NumberOfWaveformChannels", 1, MalformedRecording),
            ("NumberOfWaveformChannels", 3, TruncatedRecording),
            ("SamplingFrequency", 0, MalformedRecording),
            ("SamplingFrequency", -500, UnreadableUpload),
            ("WaveformBitsAllocated", 64, UnsupportedEncoding),
            ("WaveformSampleInterpretation", "MB", UnsupportedEncoding),
            ("ChannelDefinitionSequence", [], NoEcgLead),
            ("WaveformData", b"", MalformedRecording),
        ],
    )
    def test_impossible_group_is_refused(
        self, keyword: str, value: object, refusal: type[UnreadableUpload]
    ) -> None:
        with pytest.raises(refusal):
            read_dicom(edited(lambda _, group: setattr(group, keyword, value)))

    def test_sensitivity_of_nothing_is_malformed(self) -> None:
        with pytest.raises(MalformedRecording):
            read_dicom(set_all("ChannelSensitivity", 0))
