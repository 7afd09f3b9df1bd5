"""Why an upload is not an ECG that can be read, and how large one may be."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shared.errors import UnreadableUpload

# Below 100 Hz an R peak is known to 10 ms at best and a QRS has ten samples: no
# interval is measurable. No surface ECG is recorded above 10 kHz.
MIN_FS_HZ, MAX_FS_HZ = 100.0, 10_000.0
# Five seconds hold two beats even at 30 a minute; 48 h is the longest Holter tape.
MIN_DURATION_S, MAX_DURATION_S = 5.0, 48 * 3600.0
# One lead for 48 h or two for 24 h at 360 Hz, three for 24 h at 250 Hz: 260 MB as float32.
MAX_VALUES = 65_000_000
# Electrode offsets reach 0.3 V (IEC 60601-2-27), converters a few volts.
MAX_MV = 10_000.0

FORMATS = (
    "WFDB (.hea with .dat or .mat)",
    "EDF or EDF+",
    "a DICOM waveform",
    "SCP-ECG",
    "XML (HL7 aECG, GE MUSE, Philips Sierra)",
    "CSV or TXT",
    "JSON (FHIR SampledData among it)",
    "an Apple Watch export",
)
EXPECTED = f"{', '.join(FORMATS[:-1])}, or {FORMATS[-1]}"


class UnknownFormat(UnreadableUpload):
    """The content is not one of the formats that are read."""

    code = "unknown-format"

    def __init__(self, what: str) -> None:
        super().__init__(f"This is {what}. Expected an ECG as {EXPECTED}.")


class FileMissing(UnreadableUpload):
    """A recording of several files came without one of them."""

    code = "file-missing"


class TooManyFiles(UnreadableUpload):
    """More files came than one recording has."""

    code = "too-many-files"


class MalformedRecording(UnreadableUpload):
    """The file breaks the rules of its own format."""

    code = "malformed-recording"


class TruncatedRecording(MalformedRecording):
    """The file holds fewer samples than it says."""


class UnsupportedEncoding(UnreadableUpload):
    """The format is known, but this variant of it is not read."""

    code = "unsupported-encoding"


class SamplingRateMissing(UnreadableUpload):
    """Neither the file nor the request says how often the signal was sampled."""

    code = "sampling-rate-missing"

    def __init__(self) -> None:
        super().__init__(
            "The file does not state its sampling rate: send `fs_hz` with it, "
            "or add a time column in seconds."
        )


class SamplingRateOutOfRange(UnreadableUpload):
    """The sampling rate is not one of a surface ECG."""

    code = "sampling-rate-out-of-range"

    def __init__(self, fs_hz: float) -> None:
        super().__init__(
            f"The sampling rate is {fs_hz:g} Hz; {MIN_FS_HZ:g} to {MAX_FS_HZ:g} Hz are accepted "
            "(below, waves and R peaks cannot be placed; above, it is no surface ECG)."
        )


class IrregularSampling(UnreadableUpload):
    """The times of the samples are not evenly spaced."""

    code = "irregular-sampling"


class RecordingTooShort(UnreadableUpload):
    """The recording is too short for even two beats."""

    code = "recording-too-short"

    def __init__(self, duration_s: float) -> None:
        super().__init__(
            f"The recording lasts {duration_s:.1f} s; at least {MIN_DURATION_S:g} s are needed."
        )


class RecordingTooLong(UnreadableUpload):
    """The recording is longer than one request can analyze."""

    code = "recording-too-long"


class UnitMissing(UnreadableUpload):
    """Nothing says what one step of the signal means in volts."""

    code = "unit-missing"


class InvalidUnit(UnreadableUpload):
    """The unit sent with the request is not a unit of voltage."""

    code = "invalid-unit"

    def __init__(self) -> None:
        super().__init__("`unit` must be V, mV, uV or nV, or a gain such as 200/mV.")


class ImplausibleVoltage(UnreadableUpload):
    """The samples are no voltages that a body surface has."""

    code = "implausible-voltage"

    def __init__(self, largest_mv: float) -> None:
        super().__init__(
            f"The samples reach {largest_mv:.3g} mV; even with the offset of the electrodes a "
            f"surface ECG stays below {MAX_MV:g} mV. Its unit or gain must be wrong."
        )


class NoEcgLead(UnreadableUpload):
    """None of the channels is an ECG."""

    code = "no-ecg-lead"


class LeadNotFound(UnreadableUpload):
    """The lead asked for is not in the recording."""

    code = "lead-not-found"

    def __init__(self, present: Sequence[str]) -> None:
        super().__init__(
            f"The lead asked for is not in the recording, which has: {', '.join(present)}."
        )


class NothingRecorded(UnreadableUpload):
    """Every sample is marked as having no value."""

    code = "nothing-recorded"

    def __init__(self) -> None:
        super().__init__("Every sample of the recording is marked as having no value.")


def require_plausible(fs_hz: float, n_samples: int, n_leads: int, *, whole: bool = True) -> None:
    """Refuse a recording by what it claims to be, before any memory is spent on it.

    A part of a recording (`whole` False) may be as short as it is.
    """
    if not MIN_FS_HZ <= fs_hz <= MAX_FS_HZ:
        raise SamplingRateOutOfRange(fs_hz)
    duration_s = n_samples / fs_hz
    if whole and duration_s < MIN_DURATION_S:
        raise RecordingTooShort(duration_s)
    if duration_s > MAX_DURATION_S:
        raise RecordingTooLong(
            f"The recording claims {duration_s / 3600:.1f} h; at most "
            f"{MAX_DURATION_S / 3600:g} h are analyzed at once."
        )
    if n_samples * n_leads > MAX_VALUES:
        raise RecordingTooLong(
            f"The recording holds {n_samples} samples in {n_leads} leads, more than "
            f"{MAX_VALUES // 1_000_000} million values: send fewer leads or a shorter part."
        )


@contextmanager
def foreign_reader(what: str) -> Iterator[None]:
    """Turn whatever another library raises on broken bytes into a refusal.

    The cause is dropped on purpose: its message may quote the file, and with it a patient.
    """
    try:
        yield
    except UnreadableUpload:
        raise
    except Exception:  # noqa: BLE001 - a parser may raise anything on hostile bytes
        raise MalformedRecording(
            f"The file begins like {what} but breaks its rules: it may be damaged, or cut short on "
            "its way. Export it again and send it unchanged."
        ) from None
