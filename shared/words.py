"""Names and numbers of the catalog as people read them."""

import re
from functools import cache
from math import floor, log10

# Parts of a biomarker's name that are no plain words.
PARTS = {
    **{
        name: name.upper()
        for name in (
            *("af", "ant", "avqi", "cpps", "cpt", "ddk", "dr", "f0", "h1", "h2", "hf", "hnr"),
            *("lf", "pr", "pvt", "qrs", "qt", "rr", "sart", "sd1", "sd2", "sdnn", "sdsd", "rmssd"),
            *("ssrt", "rap", "ppq5", "apq3", "apq11"),
        )
    },
    "qtc": "QTc",
    "pnn50": "pNN50",
    "av": "A/V",
    "vcdr": "vertical cup-to-disc ratio",
    "db": "in dB",
    "mm": "in mm",
    "mm2": "in mm²",
    "px": "in pixels",
    "cv": "coefficient of variation",
    "sd": "standard deviation",
    "bazett": "(Bazett)",
    "fridericia": "(Fridericia)",
    "framingham": "(Framingham)",
}
WHOLE = {
    "lf_hf_ratio": "LF/HF ratio",
    "pause_max": "Longest pause",
    "f0_range_st": "F0 range",
    "h1_h2": "H1-H2",
    "cardiothoracic_ratio": "Cardiothoracic ratio",
    "n_back_mean_load": "N-back mean load",
    "findings": "Named findings",
}
UNITS = {
    "1": "",
    "ms2": "ms²",
    "mm2": "mm²",
    "kHz2": "kHz²",
    "deg": "°",
    "{pixel}": "px",
    "{score}": "points",
    "{count}": "",
    "{semitone}": "semitones",
}
MINUS = "\N{MINUS SIGN}"
DIGITS = 3  # that a value is shown with
MOST_DECIMALS = 6


@cache
def label(name: str) -> str:
    """Return a biomarker's name in words.

    Examples
    --------
    >>> label("qtc_bazett"), label("n_back_2_d_prime"), label("digit_span_backward_total")
    ('QTc (Bazett)', 'N-back 2 d-prime', 'Digit span backward total')
    """
    if name in WHOLE:
        return WHOLE[name]
    plain = name
    for said in ("d-prime", "n-back", "go/no-go"):
        spelled = re.sub(r"\W", "_", said)
        plain = re.sub(rf"(?<![a-z]){spelled}(?![a-z])", said, plain)
    words = " ".join(PARTS.get(part, part) for part in plain.split("_"))
    first = words.split()[0]
    return words if first != first.lower() else words[0].upper() + words[1:]


def unit(ucum: str) -> str:
    """Return a unit as people write it.

    Examples
    --------
    >>> unit("{word}"), unit("/min"), unit("1")
    ('words', '/min', '')
    """
    if ucum in UNITS:
        return UNITS[ucum]
    return f"{ucum.strip('{}')}s" if ucum.startswith("{") else ucum


def number(value: float, *limits: float | None) -> str:
    """Return a value with three digits, and with more where it would seem to lie on a limit.

    Examples
    --------
    >>> number(72.08), number(659.7), number(35261.4), number(0.27029), number(0.0)
    ('72.1', '660', '35,261', '0.270', '0')
    >>> number(110.4, None, 110.0), number(99.99, 100.0)
    ('110.4', '99.99')
    """
    decimals = _decimals(value)
    while decimals < MOST_DECIMALS and any(_hides(value, limit, decimals) for limit in limits):
        decimals += 1
    return _minus(f"{value:,.{decimals}f}")


def _minus(written: str) -> str:
    return written.replace("-", MINUS)


def _decimals(value: float) -> int:
    if value == round(value):
        return 0
    place = floor(log10(abs(value)))
    return min(max(DIGITS - 1 - place, 0), MOST_DECIMALS)


def _hides(value: float, limit: float | None, decimals: int) -> bool:
    """Whether rounding would hide on which side of the limit a value lies."""
    return limit is not None and value != limit and round(value, decimals) == round(limit, decimals)


def reference(low: float | None, high: float | None) -> str:
    """Return a range in words.

    Examples
    --------
    >>> reference(60, 100), reference(None, 0.5), reference(None, None)
    ('60 to 100', '≤ 0.5', '')
    """
    match low, high:
        case None, None:
            return ""
        case None, high:
            return _minus(f"≤ {high:,g}")
        case low, None:
            return _minus(f"≥ {low:,g}")
        case low, high:
            return _minus(f"{low:,g} to {high:,g}")
