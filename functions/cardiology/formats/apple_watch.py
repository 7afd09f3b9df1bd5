"""The ECG export of Apple's Health app: a short table of facts, then one number a line.

The keys are in the language of the phone and the decimal mark in that of its
region, so the facts are known by their values: a rate in hertz, a lead, a unit.
"""

import re

import numpy as np

from functions.cardiology.ecg import Ecg
from functions.cardiology.leads import lead_name
from functions.cardiology.unreadable import MalformedRecording, require_plausible
from functions.cardiology.voltage import Scale, mv_per

_HEAD_LINES = 30
# "512 hertz", "511,422 hertz", "512.419 герц": a number and one word in the phone's language.
_RATE = re.compile(r',\s*"?(\d{2,4}(?:[.,]\d{1,6})?)\s*([^\W\d_][^\d,";]{0,14})"?\s*$')
_RATES_HZ = (100.0, 1000.0)
_UNIT = re.compile(r'^[^,]{1,40},\s*"?(\S{1,3}V)"?\s*$')
_LEAD = re.compile(r'[,\s"](I{1,3}|V[1-6])"?\s*$')


def looks_like_apple_watch(text: str) -> bool:
    """Whether the beginning of a text has both a rate in hertz and a unit of voltage."""
    head = text.splitlines()[:_HEAD_LINES]
    return any(_rate_hz(line) is not None for line in head) and any(
        _unit(line) is not None for line in head
    )


def _rate_hz(line: str) -> float | None:
    match = _RATE.search(line)
    rate = float(match[1].replace(",", ".")) if match else 0.0
    return rate if _RATES_HZ[0] <= rate <= _RATES_HZ[1] else None


def _unit(line: str) -> str | None:
    match = _UNIT.match(line)
    return match[1] if match and mv_per(match[1]) is not None else None


def read_apple_watch(text: str) -> Ecg:
    """Read the export; who the person is stands in it, too, and is not looked at.

    Parameters
    ----------
    text : str
        Of which `looks_like_apple_watch` is true.

    Returns
    -------
    Ecg
        One lead.

    Raises
    ------
    MalformedRecording
        If a sample is not a number.
    """
    lines = text.splitlines()
    at = next(k for k, line in enumerate(lines) if _unit(line) is not None)
    fs_hz = next(rate for line in lines[:_HEAD_LINES] if (rate := _rate_hz(line)) is not None)
    samples = [line.strip().strip('"').replace(",", ".") for line in lines[at + 1 :]]
    try:
        values = np.array([sample for sample in samples if sample], dtype=np.float64)
    except ValueError:
        raise MalformedRecording("A sample of the Apple Watch export is not a number.") from None
    if np.isinf(values).any():
        raise MalformedRecording("A sample of the Apple Watch export is infinite.")
    require_plausible(fs_hz, len(values), 1)
    signal_mv = np.empty((len(values), 1), dtype=np.float32)
    Scale(mv_per(_unit(lines[at]) or "") or 1.0).write(values, signal_mv[:, 0])
    lead = _LEAD.search(lines[at - 1]) if at else None
    return Ecg(signal_mv, fs_hz, (lead_name(lead[1]) if lead else "I",), "Apple Watch CSV")
