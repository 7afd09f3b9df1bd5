"""Why an upload is no recording of a voice that can be read, and how long one may be."""

from shared.errors import UnreadableUpload

MIN_DURATION_S = 0.5  # the shortest vowel that can be measured
MAX_DURATION_S = 600.0  # longer than any task; bounds memory and cost
MIN_FS_HZ = 8_000  # the telephone's; nothing is graded there
MAX_FS_HZ = 192_000  # the fastest of audio interfaces
MAX_SAMPLES = int(MAX_DURATION_S) * 48_000  # bounds the memory at 230 MB whatever the rate
MAX_CHANNELS = 8  # own choice: a small array of microphones

FORMATS = ("WAV", "FLAC", "Ogg (Opus, Vorbis)", "MP3", "M4A (AAC, ALAC) or AAC", "WebM (Opus)")
EXPECTED = f"{', '.join(FORMATS[:-1])}, or {FORMATS[-1]}"


class UnknownAudioFormat(UnreadableUpload):
    """The first bytes are those of no format that is read here."""

    code = "unknown-format"

    def __init__(self) -> None:
        super().__init__(f"The file's first bytes fit no known audio format; expected {EXPECTED}.")


class DamagedAudio(UnreadableUpload):
    """The format is known, but the content does not decode."""

    code = "malformed-recording"

    def __init__(self, file_format: str) -> None:
        super().__init__(
            f"The file begins like {file_format}, but its content is damaged or incomplete; "
            f"expected a whole {EXPECTED} file."
        )


class NoAudioStream(UnreadableUpload):
    """The file is a container without sound."""

    code = "nothing-recorded"

    def __init__(self) -> None:
        super().__init__("The file holds no audio stream; expected at least one.")


class UnsupportedCodec(UnreadableUpload):
    """The container is known, but the codec inside is not read."""

    code = "unsupported-encoding"

    def __init__(self) -> None:
        super().__init__(f"The file holds sound in an unsupported codec; expected {EXPECTED}.")


class UnsupportedSampleRate(UnreadableUpload):
    """The sampling rate is too low for a voice, too high to be true, or changes."""

    code = "sampling-rate-out-of-range"

    def __init__(self, found_hz: int) -> None:
        super().__init__(
            f"The sampling rate is {found_hz} Hz or changes to it; "
            f"expected one rate from {MIN_FS_HZ} to {MAX_FS_HZ} Hz."
        )


class TooManyChannels(UnreadableUpload):
    """The file has more channels than a voice recording has."""

    code = "too-many-channels"

    def __init__(self, channels: int) -> None:
        super().__init__(f"The file has {channels} channels; expected 1 to {MAX_CHANNELS}.")


class InvalidSampleValues(UnreadableUpload):
    """The recording holds samples that are not numbers."""

    code = "impossible-number"

    def __init__(self) -> None:
        super().__init__("Some samples are not finite numbers; expected finite samples.")


class RecordingTooShort(UnreadableUpload):
    """The recording is too short to measure anything."""

    code = "recording-too-short"

    def __init__(self, found_s: float) -> None:
        super().__init__(
            f"The recording lasts {found_s:.2f} s; expected {MIN_DURATION_S:g} s or more."
        )


class RecordingTooLong(UnreadableUpload):
    """The recording is longer than is analyzed; decoding stopped at the limit."""

    code = "recording-too-long"

    def __init__(self) -> None:
        super().__init__(
            f"The recording is longer than {MAX_DURATION_S / 60:g} minutes "
            f"or {MAX_SAMPLES} samples; expected no more than that."
        )
