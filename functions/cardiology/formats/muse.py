"""GE MUSE XML exports (RestingECG): eight leads in Base64, the other four follow from them."""

import base64
import binascii
import xml.etree.ElementTree as ET

import numpy as np

from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.leads import lead_name
from functions.cardiology.unreadable import (
    MalformedRecording,
    NoEcgLead,
    SamplingRateMissing,
    UnsupportedEncoding,
    require_plausible,
)

_MV_PER = {"MICROVOLTS": 1e-3, "MILLIVOLTS": 1.0}
_BYTES = {"1": "<i1", "2": "<i2", "4": "<i4"}


def read_muse(root: ET.Element, fs_hz: float | None = None) -> Ecg:
    """Read the rhythm waveform; median beats are left.

    Parameters
    ----------
    root : Element
        Names without their namespaces.
    fs_hz : float, optional
        Of the request, for an export without a sampling rate.

    Returns
    -------
    Ecg
        Of twelve leads where I and II are among the eight stored.

    Raises
    ------
    NoEcgLead
        If there is no rhythm waveform.
    SamplingRateMissing
        If neither the export nor the request says it.
    UnsupportedEncoding
        If a lead has a unit or size that is not read, or begins late.
    MalformedRecording
    """
    waveforms = [
        wave for wave in root.iterfind("Waveform") if wave.find("LeadData/WaveFormData") is not None
    ]
    rhythms = [wave for wave in waveforms if wave.findtext("WaveformType", "").strip() == "Rhythm"]
    if not rhythms:
        raise NoEcgLead(
            "The GE MUSE export holds no rhythm waveform: export it from MUSE with waveforms."
        )
    waveform = rhythms[0]
    rate_hz = _rate_hz(waveform, fs_hz)
    leads = {_name(lead): _millivolts(lead) for lead in waveform.iterfind("LeadData")}
    n_samples = len(next(iter(leads.values())))
    if any(len(values) != n_samples for values in leads.values()):
        raise MalformedRecording("The leads of the GE MUSE export differ in length.")
    leads = with_derived(leads)
    require_plausible(rate_hz, n_samples, len(leads))
    return Ecg(
        signal_mv=np.column_stack(list(leads.values())).astype(np.float32),
        fs_hz=rate_hz,
        leads=tuple(leads),
        file_format="GE MUSE XML",
    )


def with_derived(leads: dict[str, Floats]) -> dict[str, Floats]:
    """Add III, aVR, aVL and aVF where they are not there, by Einthoven's and Goldberger's sums."""
    if not {"I", "II"} <= leads.keys():
        return leads
    lead_i, lead_ii = leads["I"], leads["II"]
    derived = {
        "III": lead_ii - lead_i,
        "aVR": -(lead_i + lead_ii) / 2,
        "aVL": lead_i - lead_ii / 2,
        "aVF": lead_ii - lead_i / 2,
    }
    limbs = {name: leads.get(name, derived.get(name)) for name in ("I", "II", *derived)}
    derived = {name: values for name, values in limbs.items() if values is not None}
    return derived | {name: values for name, values in leads.items() if name not in derived}


def _rate_hz(waveform: ET.Element, given_hz: float | None) -> float:
    base = waveform.findtext("SampleBase", "").strip()
    if not base:
        if given_hz is None:
            raise SamplingRateMissing
        return given_hz
    exponent = int(waveform.findtext("SampleExponent", "0").strip() or 0)
    rate = float(f"{float(base)}e{exponent}")
    if not rate > 0:
        raise MalformedRecording("The sampling rate of the GE MUSE export is not positive.")
    return rate


def _name(lead: ET.Element) -> str:
    return lead_name(lead.findtext("LeadID", "").strip())


def _millivolts(lead: ET.Element) -> Floats:
    unit = lead.findtext("LeadAmplitudeUnits", "MICROVOLTS").strip().upper()
    dtype = _BYTES.get(lead.findtext("LeadSampleSize", "2").strip())
    if unit not in _MV_PER or dtype is None:
        raise UnsupportedEncoding(
            "A lead of the GE MUSE export has a unit or size that is not read."
        )
    try:
        raw = base64.b64decode(
            "".join((lead.findtext("WaveFormData") or "").split()), validate=True
        )
    except (binascii.Error, ValueError):
        raise MalformedRecording("A lead of the GE MUSE export is not Base64.") from None
    step = float(lead.findtext("LeadAmplitudeUnitsPerBit", "").strip()) * _MV_PER[unit]
    values = np.frombuffer(
        raw[: len(raw) // np.dtype(dtype).itemsize * np.dtype(dtype).itemsize], dtype
    )
    if len(values) == 0 or not np.isfinite(step) or step == 0:
        raise MalformedRecording("A lead of the GE MUSE export holds no samples, or no step.")
    offset = float(lead.findtext("LeadOffsetFirstSample", "0").strip() or 0)
    if offset:
        raise UnsupportedEncoding("A lead of the GE MUSE export begins late: not read.")
    return values.astype(np.float64) * step
