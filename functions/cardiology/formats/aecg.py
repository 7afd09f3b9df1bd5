"""HL7 annotated ECG (aECG, HL7 V3 PORT_MT020001)."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Ecg
from functions.cardiology.leads import Channel, distinct, ecg_channels, lead_name
from functions.cardiology.unreadable import (
    MalformedRecording,
    NoEcgLead,
    SamplingRateMissing,
    require_plausible,
)
from functions.cardiology.voltage import Scale, mv_per

_SECONDS_PER = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


def read_aecg(root: ET.Element, fs_hz: float | None = None) -> Ecg:
    """Read the recorded leads; median beats and annotations are left.

    Parameters
    ----------
    root : Element
        Names without their namespaces.
    fs_hz : float, optional
        Of the request, for a file without an increment of time.

    Returns
    -------
    Ecg

    Raises
    ------
    NoEcgLead
        If there is no series of samples, or no lead in the first one.
    SamplingRateMissing
        If neither the file nor the request says it.
    MalformedRecording
        If leads differ in length, or lack a scale or origin in volts.
    """
    if not (sets := root.findall("component/series/component/sequenceSet")):
        raise NoEcgLead("The aECG holds no series of samples.")
    return _ecg(sets[0], len(sets) - 1, fs_hz)


def _ecg(sequence_set: ET.Element, n_others: int, given_hz: float | None) -> Ecg:
    sequences = list(_lead_sequences(sequence_set))
    fs_hz = _sampling_rate_hz(sequence_set, given_hz)
    chosen, warnings = ecg_channels(
        [Channel(name, value.find("scale").get("unit", ""), fs_hz) for name, value in sequences]  # type: ignore[union-attr]  # _lead_sequences found it
    )
    columns = [_stored(sequences[k][1]) for k in chosen]
    n_samples = len(columns[0])
    if any(len(column) != n_samples for column in columns):
        raise MalformedRecording("The leads of the aECG differ in length.")
    require_plausible(fs_hz, n_samples, len(columns))
    signal_mv = np.empty((n_samples, len(columns)), dtype=np.float32)
    for column, k in enumerate(chosen):
        _scale(sequences[k][1]).write(columns[column], signal_mv[:, column])
    if n_others:
        warnings += (f"The file holds {n_others} more series; the first was read.",)
    return Ecg(
        signal_mv=signal_mv,
        fs_hz=fs_hz,
        leads=distinct([lead_name(sequences[k][0]) for k in chosen]),
        file_format="HL7 aECG",
        warnings=warnings,
    )


def _lead_sequences(sequence_set: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    """Name and value of each sequence of samples."""
    for sequence in sequence_set.iterfind("component/sequence"):
        code, value = sequence.find("code"), sequence.find("value")
        if code is None or value is None or value.find("digits") is None:
            continue
        if value.find("scale") is None or value.find("origin") is None:
            raise MalformedRecording("A lead of the aECG has no scale or no origin.")
        yield code.get("code", ""), value


def _sampling_rate_hz(sequence_set: ET.Element, given_hz: float | None) -> float:
    increment = sequence_set.find("component/sequence/value/increment")
    if increment is None:
        if given_hz is None:
            raise SamplingRateMissing
        return given_hz
    step_s = float(increment.get("value", "")) * _SECONDS_PER[increment.get("unit", "")]
    if not step_s > 0:
        raise MalformedRecording("The time between two samples of the aECG is not positive.")
    return round(1 / step_s, 6)


def _stored(value: ET.Element) -> npt.NDArray[np.float64]:
    stored = np.array((value.findtext("digits") or "").split(), dtype=np.float64)
    if not np.isfinite(stored).all():
        raise MalformedRecording("A sample of the aECG is not a number.")
    return stored


def _scale(value: ET.Element) -> Scale:
    """Samples times scale plus origin, both in their own units."""
    factors = []
    for name in ("scale", "origin"):
        element = value.find(name)
        factor = mv_per(element.get("unit", "")) if element is not None else None
        if element is None or factor is None:
            raise MalformedRecording(f"The {name} of a lead of the aECG has no unit of voltage.")
        factors.append(float(element.get("value", "")) * factor)
    step_mv, origin_mv = factors
    if step_mv == 0 or not np.isfinite([step_mv, origin_mv]).all():
        raise MalformedRecording("The scale of a lead of the aECG makes no sense.")
    return Scale(1.0, 1 / step_mv, -origin_mv / step_mv)
