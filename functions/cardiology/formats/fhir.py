"""ECG samples as FHIR SampledData: an Observation (R4 or R5) with a lead in each component."""

from typing import Any

import numpy as np

from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.leads import Channel, distinct, ecg_channels, lead_name
from functions.cardiology.unreadable import (
    MalformedRecording,
    NoEcgLead,
    UnitMissing,
    require_plausible,
)
from functions.cardiology.voltage import Scale, mv_per, read_scale

_SECONDS_PER = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
# FHIR's own marks for an error, and for values below and above the limits of the device.
_NO_VALUE = {"E": "nan", "U": "nan", "L": "nan"}


def is_observation(document: Any) -> bool:
    """Whether a JSON document is a FHIR Observation."""
    return isinstance(document, dict) and document.get("resourceType") == "Observation"


def read_observation(document: dict[str, Any], unit: str | None = None) -> Ecg:
    """Read the leads of an Observation; who was examined is not looked at.

    FHIR's SampledData counts steps of `factor` from `origin`, whose unit is the signal's.
    Deviation: where the stored numbers lie around the origin, it is taken for the zero of the
    converter and taken off. Without a unit microvolts are the rule of the published examples.

    Parameters
    ----------
    document : dict
        As `is_observation` accepts it.
    unit : str, optional
        Where the origin states none.

    Returns
    -------
    Ecg

    Raises
    ------
    NoEcgLead
        If it holds no SampledData, or none of a lead.
    UnitMissing
        If the origin has a unit that is none of voltage.
    MalformedRecording
    """
    parts = [document, *document.get("component", [])]
    leads = [part for part in parts if isinstance(part.get("valueSampledData"), dict)]
    if not leads:
        raise NoEcgLead("The FHIR Observation holds no SampledData.")
    rates = [_rate_hz(lead["valueSampledData"]) for lead in leads]
    channels = [
        Channel(_name(lead), _unit(lead["valueSampledData"]), rate)
        for lead, rate in zip(leads, rates, strict=True)
    ]
    chosen, warnings = ecg_channels(channels)
    columns = [_values(leads[k]["valueSampledData"]) for k in chosen]
    if any(len(column) != len(columns[0]) for column in columns):
        raise MalformedRecording("The leads of the FHIR Observation differ in length.")
    require_plausible(rates[chosen[0]], len(columns[0]), len(columns))
    signal_mv = np.empty((len(columns[0]), len(columns)), dtype=np.float32)
    notes: tuple[str, ...] = ()
    for column, k in enumerate(chosen):
        scale = read_scale(channels[k].unit or unit or "")
        if scale is None:
            scale = Scale(1e-3)
            notes = ("The Observation states no unit: microvolts are assumed.",)
        scale.write(columns[column], signal_mv[:, column])
    return Ecg(
        signal_mv=signal_mv,
        fs_hz=rates[chosen[0]],
        leads=distinct([lead_name(channels[k].name) for k in chosen]),
        file_format="FHIR SampledData",
        warnings=(*warnings, *notes),
    )


def _name(part: dict[str, Any]) -> str:
    """What the code of a component calls it: its text or display where that names a lead."""
    code = part.get("code") or {}
    codings = code.get("coding") or []
    names = [code.get("text"), *(component.get("display") for component in codings)]
    stems = [str(name).removeprefix("MDC_ECG_ELEC_POTL_") for name in names if name]
    return stems[0] if stems else "ECG"


def _unit(sampled: dict[str, Any]) -> str:
    origin = sampled.get("origin") or {}
    stated = str(origin.get("code") or origin.get("unit") or "")
    if stated and mv_per(stated) is None:
        raise UnitMissing("The origin of the FHIR SampledData has no unit of voltage.")
    return stated


def _rate_hz(sampled: dict[str, Any]) -> float:
    """R4 gives a period in milliseconds, R5 an interval and its unit."""
    step = sampled.get("period", sampled.get("interval"))
    seconds = _SECONDS_PER.get(str(sampled.get("intervalUnit", "ms")))
    if not isinstance(step, int | float) or isinstance(step, bool) or not step > 0 or not seconds:
        raise MalformedRecording("The FHIR SampledData has no period between its samples.")
    return round(1 / (float(step) * seconds), 6)


def _values(sampled: dict[str, Any]) -> Floats:
    if sampled.get("dimensions", 1) != 1 or not isinstance(sampled.get("data"), str):
        raise MalformedRecording("The FHIR SampledData is not one series of numbers.")
    words = sampled["data"].split()
    try:
        values = np.array([_NO_VALUE.get(word, word) for word in words], dtype=np.float64)
        factor = float(sampled.get("factor", 1))
        origin = float((sampled.get("origin") or {}).get("value", 0))
    except (TypeError, ValueError):
        raise MalformedRecording("A value of the FHIR SampledData is not a number.") from None
    return _stepped(values, factor, origin)


def _stepped(values: Floats, factor: float, origin: float) -> Floats:
    """FHIR: the value is origin + factor times what is stored.

    Converters whose zero lies in the middle of their range are often written with that zero as
    origin: then the stored numbers lie around it, and it is what has to be taken off.
    """
    if not np.isfinite(factor) or factor == 0 or np.isinf(values).any():
        raise MalformedRecording("The FHIR SampledData has no factor that makes sense.")
    return (values - origin) * factor if _around(values, origin) else origin + factor * values


def _around(values: Floats, origin: float) -> bool:
    middle = float(np.nanmedian(values)) if np.isfinite(values).any() else 0.0
    spread = float(np.nanmax(np.abs(values - middle))) if np.isfinite(values).any() else 0.0
    return origin != 0 and abs(middle - origin) <= spread
