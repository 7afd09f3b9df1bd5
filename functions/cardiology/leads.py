"""What leads are called, and which channels of a recording are leads at all."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from functions.cardiology.ecg import STANDARD_LEADS
from functions.cardiology.unreadable import NoEcgLead
from functions.cardiology.voltage import mv_per

_STANDARD = {name.casefold(): name for name in STANDARD_LEADS}
_PREFIX = re.compile(r"^(?:(?:mdc_ecg_lead|lead|ecg|ekg|ableitung)[\s_:.-]*)+", re.IGNORECASE)
_REMARK = re.compile(r"\s*[,(\[].*$")  # "Lead I (Einthoven)", "aVR, augmented voltage, right"
# Names that are surely a lead: standard and right-sided ones, Frank's, the modified
# ones of Holter recorders and monitors, and whatever calls itself an ECG.
_LEAD = re.compile(
    r"(?:mdc_ecg_)?(?:i{1,3}|[aA]?v[rlf]|v[1-9]?r?|v[xyz]|ml(?:i{1,3})|m?cl\d|m?v\d|mvf"
    r"|cm\d|cc5|d[1-3]|es|as|ai|mod\.?v\d)|.*(?:\becg|\bekg|lead|ableitung|_ecg).*",
    re.IGNORECASE,
)
# Leads beside the standard ones that are called by their names: the modified ones of Holter
# recorders and monitors, Frank's, the right-sided and the posterior ones.
_NAMED = re.compile(
    r"ml(?:i{1,3})|m?cl\d|mv\d|mvf|v\d{0,2}r?|v[xyz]|cm\d|cc5|d[1-3]|es|as|ai|mod\.?v\d",
    re.IGNORECASE,
)
# What other channels are called in a remark; a name that says nothing is not repeated, for it is
# the sender's own words.
_OTHER_WORDS = (
    "Resp",
    "ABP",
    "CVP",
    "PAP",
    "ICP",
    "PLETH",
    "PPG",
    "SpO2",
    "CO2",
    "EEG",
    "EOG",
    "EMG",
)
_OTHER = re.compile(
    r"resp|abp|\bart\b|cvp|pap\b|icp|pleth|ppg|sp?o2|co2|\bbp|eeg|eog|emg|eda|gsr|acc|gyro"
    r"|temp|annotation|status|marker|event|trigger|impedance|flow|snore|pulse|\bhr\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Channel:
    """One channel as its file describes it; an empty unit is one the file does not state."""

    name: str
    unit: str
    fs_hz: float


def lead_name(raw: str) -> str:
    """Return the name of a lead that is known, and "ECG" for a name that is the sender's own.

    >>> lead_name("MDC_ECG_LEAD_AVR"), lead_name("v1"), lead_name("mlii"), lead_name("of Jane")
    ('aVR', 'V1', 'MLII', 'ECG')
    """
    plain = " ".join("".join(c for c in raw if c.isprintable()).split())
    stem = _REMARK.sub("", _PREFIX.sub("", plain))
    standard = _STANDARD.get(stem.casefold())
    return standard or (stem.upper() if _NAMED.fullmatch(stem) else "ECG")


def _channel_name(raw: str) -> str:
    """Return what a channel that may be no lead is called in a remark."""
    told = next((word for word in _OTHER_WORDS if word.casefold() in raw.casefold()), None)
    name = lead_name(raw)
    return told or ("a channel of another name" if name == "ECG" and not is_lead(raw) else name)


def is_lead(name: str) -> bool:
    """Whether a channel's name says that it is an ECG lead.

    >>> is_lead("V1"), is_lead("ECG 1"), is_lead("Resp"), is_lead("ECG annotations")
    (True, True, False, False)
    """
    plain = name.strip()
    known = lead_name(plain) in STANDARD_LEADS or _LEAD.fullmatch(plain) is not None
    return known and _OTHER.search(name) is None


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Number the names that occur more than once.

    >>> distinct(["ECG", "II", "ECG"])
    ('ECG (1)', 'II', 'ECG (2)')
    """
    counts = Counter(names)
    counted: Counter[str] = Counter()
    result = []
    for name in names:
        counted[name] += 1
        result.append(name if counts[name] == 1 else f"{name} ({counted[name]})")
    return tuple(result)


def ecg_channels(
    channels: Sequence[Channel], lead: str | None = None
) -> tuple[list[int], tuple[str, ...]]:
    """Pick the channels that are ECG leads of one sampling rate, or only the `lead` asked for.

    Parameters
    ----------
    channels : sequence of Channel
    lead : str, optional
        By any spelling of its name; one that is not there changes nothing here.

    Returns
    -------
    chosen : list of int
        Positions of the leads; of several rates those of the one that most leads have.
    warnings : tuple of str
        What had to be left out, in sentences for people.

    Raises
    ------
    NoEcgLead
        If no channel is one.
    """
    electric = [
        k
        for k, channel in enumerate(channels)
        if not channel.unit.strip() or mv_per(channel.unit) is not None
    ]
    sure = [k for k in electric if is_lead(channels[k].name)]
    leads = sure or [k for k in electric if _OTHER.search(channels[k].name) is None]
    if not leads:
        names = _listed([channel.name for channel in channels[:12]]) or "no channel"
        raise NoEcgLead(f"No channel is an ECG lead in volts; the recording has: {names}.")
    if lead is not None:
        wanted = lead_name(lead).casefold()
        named = [k for k in leads if lead_name(channels[k].name).casefold() == wanted]
        if named:
            return named[:1], ()
    rates = Counter(channels[k].fs_hz for k in leads)
    rate = max(rates, key=lambda fs_hz: (rates[fs_hz], fs_hz))
    chosen = [k for k in leads if channels[k].fs_hz == rate]
    return chosen, _left_out(channels, leads, chosen)


def _listed(names: Sequence[str]) -> str:
    """Name channels for people, each word once."""
    return ", ".join(dict.fromkeys(map(_channel_name, names)))


def _left_out(
    channels: Sequence[Channel], leads: Sequence[int], chosen: Sequence[int]
) -> tuple[str, ...]:
    other = _listed([c.name for k, c in enumerate(channels) if k not in leads])
    slower = _listed([channels[k].name for k in leads if k not in chosen])
    warnings = []
    if other:
        warnings.append(f"Left out, not an ECG lead: {other}.")
    if slower:
        warnings.append(f"Left out, sampled at another rate: {slower}.")
    return tuple(warnings)
