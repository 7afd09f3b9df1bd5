"""Codes of others for what is measured here: only where the meaning is the same.

Every code was seen in a public value set or profile, and its check digit is right. A near miss is
no code: it stands in the concept map, with what it is to ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
# IEEE 11073-10101, as DICOM prints it.
MDC = "urn:iso:std:iso:11073:10101"
V2_DIAGNOSTIC_SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
VALUE_SECURITY = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"

LOINC_COPYRIGHT = (
    "This material contains content from LOINC (http://loinc.org). LOINC is copyright Regenstrief"
    " Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC) Committee and"
    " is available at no cost under the license at http://loinc.org/license."
)


@dataclass(frozen=True)
class Code:
    """A code of a system, with the words that the system has for it."""

    system: str
    code: str
    display: str


def loinc(code: str, display: str) -> Code:
    return Code(LOINC, code, display)


def _mdc(code: int, display: str) -> Code:
    return Code(MDC, str(code), display)


_QTC = loinc("8636-3", "Q-T interval corrected")

# What a biomarker is called elsewhere, most precise first.
BIOMARKERS: Mapping[str, tuple[Code, ...]] = MappingProxyType(
    {
        "heart_rate": (
            loinc("76282-3", "Heart rate.beat-to-beat by EKG"),
            loinc("8867-4", "Heart rate"),
        ),
        "sdnn": (loinc("80404-7", "R-R interval.standard deviation (Heart rate variability)"),),
        "pr_interval": (loinc("8625-6", "P-R interval"), _mdc(146944, "MDC_ECG_TIME_PD_PR_GL")),
        "qrs_duration": (loinc("8633-0", "QRS duration"), _mdc(147228, "MDC_ECG_TIME_PD_QRS_GL")),
        "qt_interval": (loinc("8634-8", "Q-T interval"), _mdc(147232, "MDC_ECG_TIME_PD_QT_GL")),
        "qtc_bazett": (
            loinc("76635-2", "Q-T interval corrected based on Bazett formula"),
            _QTC,
            _mdc(146952, "MDC_ECG_TIME_PD_QTc_BAZETT"),
        ),
        "qtc_fridericia": (
            loinc("76634-5", "Q-T interval corrected based on Fridericia formula"),
            _QTC,
            _mdc(146964, "MDC_ECG_TIME_PD_QTc_FRIDERICIA"),
        ),
        # DICOM prints Bazett's number for Framingham: none is sent.
        "qtc_framingham": (_QTC,),
    }
)

# With this code R4's profile of heart rates holds, and asks for this category.
VITAL_SIGNS = frozenset({"8867-4"})

WIDER = "wider"


@dataclass(frozen=True)
class NearMiss:
    """A code that means something else than ours, and what it is to ours."""

    code: Code
    equivalence: str
    comment: str


NEAR_MISSES: Mapping[str, NearMiss] = MappingProxyType(
    {
        "rr_mean": NearMiss(
            loinc("8637-1", "R-R interval by EKG"),
            WIDER,
            "MediLens takes intervals between normal beats alone.",
        ),
        "qtc_framingham": NearMiss(_QTC, WIDER, "The code does not say by which formula."),
    }
)

TWELVE_LEADS = loinc("34534-8", "12 lead EKG panel")
AMBULATORY = loinc("18754-2", "Holter monitor study")
AMBULATORY_S = 3600.0  # a recording of hours is an ambulatory one
LEADS = 12

IMPRESSION = loinc("8601-7", "EKG impression")

# Told of whatever software found: an algorithm said so, a device said so.
ASSERTED = (
    Code(VALUE_SECURITY, "AIAST", "Artificial Intelligence asserted"),
    Code(VALUE_SECURITY, "DEVAST", "device asserted"),
)
# Told of what is not as the audit trail has it.
UNRELIABLE = Code(VALUE_SECURITY, "UNRELIABLE", "unreliable")


def check_digit_is_right(code: str) -> bool:
    """Whether the last digit of a LOINC code is the one that the others ask for (mod 10).

    Examples
    --------
    >>> check_digit_is_right("11524-6"), check_digit_is_right("11524-0")
    (True, False)
    """
    number, _, digit = code.partition("-")
    doubled = str(int(number[::-1][::2][::-1]) * 2)
    rest = number[::-1][1::2][::-1]
    return (10 - sum(map(int, doubled + rest)) % 10) % 10 == int(digit)
