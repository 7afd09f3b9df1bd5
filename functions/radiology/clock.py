"""When a film was taken, as the archive wrote into it; a photo of a film does not say so."""

from datetime import datetime

from shared.recording import RecordingFile
from shared.science.dicom_time import dicom_time


def recording_time(files: tuple[RecordingFile, ...]) -> datetime | None:
    """Return when the film was taken, without a zone where the file names none."""
    return dicom_time(files[0].content)
