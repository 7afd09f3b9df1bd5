"""A synthetic ECG written in the formats that people upload."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import numpy as np
import numpy.typing as npt

from local.samples.ecg import SyntheticEcg
from shared.recording import RecordingFile

_ADC_PER_MV = 200  # as in the MIT-BIH Arrhythmia Database
_BITS = {"16": 16, "212": 12}


def wfdb_files(
    sample: SyntheticEcg, name: str = "sample", fmt: str = "16"
) -> tuple[RecordingFile, RecordingFile]:
    """Write a WFDB header and its signal file, format 16 or 212.

    Both keep 200 steps a millivolt; format 212 has 12 bits, so that it clips beyond 10.2 mV.
    """
    top = 2 ** (_BITS[fmt] - 1) - 1  # -top - 1 is the code for "no value"
    adc = np.clip(np.round(sample.signal_mv * _ADC_PER_MV), -top, top).astype(np.int16)
    lines = [f"{name} {adc.shape[1]} {sample.fs_hz:g} {adc.shape[0]}"]
    lines += [
        f"{name}.dat {fmt} {_ADC_PER_MV}/mV {_BITS[fmt]} 0 {column[0]} {_checksum(column)} 0 {lead}"
        for lead, column in zip(sample.leads, adc.T, strict=True)
    ]
    content = adc.astype("<i2").tobytes() if fmt == "16" else _pack_212(adc.ravel())
    return (
        RecordingFile(f"{name}.hea", ("\n".join(lines) + "\n").encode()),
        RecordingFile(f"{name}.dat", content),
    )


def _checksum(values: npt.NDArray[np.int16]) -> int:
    """The sum of all samples as a signed number of 16 bits."""
    return (int(values.sum(dtype=np.int64)) + 2**15) % 2**16 - 2**15


def _pack_212(values: npt.NDArray[np.int16]) -> bytes:
    """Two samples of twelve bits in three bytes."""
    padded = np.append(values, np.zeros(len(values) % 2, np.int16)).astype(np.uint16) & 0xFFF
    first, second = padded[0::2], padded[1::2]
    packed = np.column_stack([first & 0xFF, (first >> 8) | (second >> 8 << 4), second & 0xFF])
    return packed.astype(np.uint8).tobytes()


def csv_file(sample: SyntheticEcg, name: str = "sample.csv") -> RecordingFile:
    """Write a time column in seconds and a column a lead, the unit in its name."""
    text = StringIO()
    text.write(",".join(["time_s", *(f"{lead} (mV)" for lead in sample.leads)]) + "\n")
    time_s = np.arange(len(sample.signal_mv)) / sample.fs_hz
    formats = ["%.6f", *["%.6g"] * len(sample.leads)]
    np.savetxt(text, np.column_stack([time_s, sample.signal_mv]), fmt=formats, delimiter=",")
    return RecordingFile(name, text.getvalue().encode())


def json_file(sample: SyntheticEcg, name: str = "sample.json") -> RecordingFile:
    """Write the leads by name, with rate and unit."""
    leads = {
        lead: np.round(column, 4).tolist()
        for lead, column in zip(sample.leads, sample.signal_mv.T, strict=True)
    }
    recording = {"sample_rate": sample.fs_hz, "unit": "mV", "leads": leads}
    return RecordingFile(name, json.dumps(recording).encode())


def edf_file(sample: SyntheticEcg, name: str = "sample.edf") -> RecordingFile:
    """Write whole seconds as EDF, the physical range -10 to 10 mV; what is left of a second is
    lost.
    """
    from edfio import Edf, EdfSignal  # noqa: PLC0415 - only who writes EDF pays for it

    whole = int(len(sample.signal_mv) // sample.fs_hz * sample.fs_hz)
    signals = [
        EdfSignal(
            np.clip(column[:whole], -10, 10),
            sampling_frequency=sample.fs_hz,
            label=f"ECG {lead}",
            physical_dimension="mV",
            physical_range=(-10, 10),
        )
        for lead, column in zip(sample.leads, sample.signal_mv.T, strict=True)
    ]
    target = BytesIO()
    Edf(signals, starttime=datetime(2020, 1, 1, 12).time()).write(target)  # noqa: DTZ001 - EDF has no zone
    return RecordingFile(name, target.getvalue())


def apple_watch_file(sample: SyntheticEcg, name: str = "ecg_2020-01-01.csv") -> RecordingFile:
    """Write the first lead as the Health app exports an Apple Watch ECG."""
    header = [
        "Name,Sample Person",
        'Date of Birth,"Jan 1, 1970"',
        "Recorded Date,2020-01-01 12:00:00 +0000",
        "Classification,Sinus Rhythm",
        "Symptoms,",
        "Software Version,1.90",
        'Device,"Watch6,2"',
        f"Sample Rate,{sample.fs_hz:g} hertz",
        "",
        "",
        "Lead,Lead I",
        "Unit,µV",
        "",
    ]
    values = [f"{1000 * mv:.3f}" for mv in sample.signal_mv[:, 0]]
    return RecordingFile(name, "\n".join([*header, *values, ""]).encode())


def dicom_file(sample: SyntheticEcg, name: str = "sample.dcm") -> RecordingFile:
    """Write a general ECG waveform object, one microvolt a step."""
    import pydicom  # noqa: PLC0415 - only who writes DICOM pays for it
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset  # noqa: PLC0415
    from pydicom.uid import ExplicitVRLittleEndian, GeneralECGWaveformStorage  # noqa: PLC0415

    group = Dataset()
    group.NumberOfWaveformChannels = sample.signal_mv.shape[1]
    group.NumberOfWaveformSamples = sample.signal_mv.shape[0]
    group.SamplingFrequency = sample.fs_hz
    group.WaveformBitsAllocated = 16
    group.WaveformSampleInterpretation = "SS"
    group.ChannelDefinitionSequence = [_dicom_channel(lead) for lead in sample.leads]
    group.WaveformData = np.round(1000 * sample.signal_mv).astype("<i2").tobytes()
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = GeneralECGWaveformStorage
    meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid(entropy_srcs=["sample"])
    dataset = FileDataset(name, {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.Modality = "ECG"
    dataset.PatientName = "Sample^Person"
    dataset.WaveformSequence = [group]
    target = BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    return RecordingFile(name, target.getvalue())


def _dicom_channel(lead: str) -> Any:
    from pydicom.dataset import Dataset  # noqa: PLC0415

    source, unit, channel = Dataset(), Dataset(), Dataset()
    source.CodeMeaning = f"Lead {lead}"
    unit.CodeValue = "uV"
    channel.ChannelSourceSequence = [source]
    channel.ChannelSensitivityUnitsSequence = [unit]
    channel.ChannelSensitivity = 1
    channel.ChannelSensitivityCorrectionFactor = 1
    channel.ChannelBaseline = 0
    return channel


def aecg_file(sample: SyntheticEcg, name: str = "sample.xml") -> RecordingFile:
    """Write the smallest HL7 aECG: one series, one microvolt a step."""
    leads = "".join(
        f'<component><sequence><code code="MDC_ECG_LEAD_{lead.upper()}"/>'
        '<value xsi:type="SLIST_PQ"><origin value="0" unit="uV"/><scale value="1" unit="uV"/>'
        f"<digits>{' '.join(map(str, np.round(1000 * column).astype(int)))}</digits>"
        "</value></sequence></component>"
        for lead, column in zip(sample.leads, sample.signal_mv.T, strict=True)
    )
    document = (
        '<?xml version="1.0" encoding="UTF-8"?><AnnotatedECG xmlns="urn:hl7-org:v3" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><component><series><component>'
        '<sequenceSet><component><sequence><code code="TIME_RELATIVE"/>'
        '<value xsi:type="GLIST_PQ"><head value="0" unit="s"/>'
        f'<increment value="{1 / sample.fs_hz:.9g}" unit="s"/></value></sequence></component>'
        f"{leads}</sequenceSet></component></series></component></AnnotatedECG>"
    )
    return RecordingFile(name, document.encode())


def muse_file(sample: SyntheticEcg, name: str = "sample.xml") -> RecordingFile:
    """Write a GE MUSE export: I, II and the chest leads, 4.88 microvolts a step.

    The four limb leads that follow are not stored: a reader has to derive them.
    """
    step_uv = 4.88
    stored = [lead for lead in sample.leads if lead in ("I", "II") or lead.startswith("V")]
    leads = "".join(
        f"<LeadData><LeadAmplitudeUnitsPerBit>{step_uv}</LeadAmplitudeUnitsPerBit>"
        "<LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits><LeadSampleSize>2</LeadSampleSize>"
        f"<LeadID>{lead}</LeadID><WaveFormData>"
        f"{_base64(1000 * sample.signal_mv[:, sample.leads.index(lead)] / step_uv)}"
        "</WaveFormData></LeadData>"
        for lead in stored
    )
    document = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE RestingECG SYSTEM "restecg.dtd">'
        "<RestingECG><Waveform><WaveformType>Rhythm</WaveformType>"
        f"<SampleBase>{sample.fs_hz:g}</SampleBase><SampleExponent>0</SampleExponent>{leads}"
        "</Waveform></RestingECG>"
    )
    return RecordingFile(name, document.encode("latin-1"))


def _base64(values: npt.NDArray[np.float64]) -> str:
    return base64.b64encode(np.round(values).astype("<i2").tobytes()).decode()


def sierra_file(sample: SyntheticEcg, name: str = "sample.xml") -> RecordingFile:
    """Write a Philips Sierra export without compression: one microvolt a step, lead after lead.

    The limb leads that follow from I and II are stored as what differs from that: nothing.
    """
    columns = {lead: 1000 * sample.signal_mv[:, k] for k, lead in enumerate(sample.leads)}
    for lead in ("III", "aVR", "aVL", "aVF"):
        columns[lead] = np.zeros(len(sample.signal_mv))
    flat = np.concatenate([np.round(column) for column in columns.values()])
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<restingecgdata xmlns="http://www3.medical.philips.com"><dataacquisition>'
        f"<signalcharacteristics><samplingrate>{sample.fs_hz:g}</samplingrate>"
        "<resolution>1</resolution></signalcharacteristics></dataacquisition><waveforms>"
        f'<parsedwaveforms dataencoding="Base64" numberofleads="{len(columns)}" '
        f'leadlabels="{" ".join(columns)}">{_base64(flat)}</parsedwaveforms></waveforms>'
        "</restingecgdata>"
    )
    return RecordingFile(name, document.encode())


def fhir_file(sample: SyntheticEcg, name: str = "sample.json") -> RecordingFile:
    """Write a FHIR Observation, one microvolt a step around an origin of zero."""
    components = [
        {
            "code": {"coding": [{"display": f"MDC_ECG_ELEC_POTL_{lead.upper()}"}]},
            "valueSampledData": {
                "origin": {"value": 0, "unit": "uV"},
                "period": 1000 / sample.fs_hz,
                "dimensions": 1,
                "data": " ".join(map(str, np.round(1000 * column).astype(int))),
            },
        }
        for lead, column in zip(sample.leads, sample.signal_mv.T, strict=True)
    ]
    document = {"resourceType": "Observation", "status": "final", "component": components}
    return RecordingFile(name, json.dumps(document).encode())


def segments(parts: Sequence[SyntheticEcg], gap_s: float) -> tuple[RecordingFile, ...]:
    """Write a WFDB record of several segments, as long a gap between each and the next."""
    files: list[RecordingFile] = []
    lines: list[str] = []
    total = 0
    for number, part in enumerate(parts):
        if number:
            lines.append(f"~ {round(gap_s * part.fs_hz)}")
            total += round(gap_s * part.fs_hz)
        lines.append(f"part{number} {len(part.signal_mv)}")
        total += len(part.signal_mv)
        files += wfdb_files(part, name=f"part{number}")
    first = parts[0]
    header = f"whole/{len(lines)} {len(first.leads)} {first.fs_hz:g} {total}"
    return (RecordingFile("whole.hea", "\n".join([header, *lines, ""]).encode()), *files)


def interrupted_edf_file(sample: SyntheticEcg, pauses_s: Sequence[float]) -> RecordingFile:
    """Write the first lead as EDF+D in records of one second, each followed by a pause."""
    fs, digital = round(sample.fs_hz), np.round(3000 * sample.signal_mv[:, 0]).astype("<i2")
    note_samples = 15
    columns = [
        [f"{'ECG II':<16}", f"{'EDF Annotations':<16}"], [" " * 80] * 2, ["mV      ", " " * 8],
        ["-10     ", "-1      "], ["10      ", "1       "], ["-30000  ", "-32768  "],
        ["30000   ", "32767   "], [" " * 80] * 2, [f"{fs:<8}", f"{note_samples:<8}"],
        [" " * 32] * 2,
    ]  # fmt: skip
    fixed = (
        f"{'0':<8}{'X X X X':<80}{'Startdate X X X X':<80}01.01.2012.00.00{768:<8}{'EDF+D':<44}"
        f"{len(pauses_s):<8}{'1':<8}{'2':<4}"
    )
    content = (fixed + "".join("".join(column) for column in columns)).encode("ascii")
    onset_s = 0.0
    for number, pause_s in enumerate(pauses_s):
        note = f"+{onset_s:g}\x14\x14\x00".encode().ljust(2 * note_samples, b"\0")
        content += digital[number * fs : (number + 1) * fs].tobytes() + note
        onset_s += 1 + pause_s
    return RecordingFile("interrupted.edf", content)
