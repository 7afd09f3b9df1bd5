"""Every sample recording that the demo shows, and the files that the commands of the docs name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.samples import cardiology, cognitive, dermatology, radiology, speech
from shared.pipelines import PipelineName
from shared.recording import RecordingFile


@dataclass(frozen=True)
class Sample:
    """A synthesized recording of the demo patient, so many days old."""

    name: str
    pipeline: PipelineName
    days_ago: int
    make: Callable[[], Sequence[RecordingFile]]
    fields: Mapping[str, str]

    @property
    def slug(self) -> str:
        """The name of its files: what stands before the format, without spaces."""
        return self.name.partition(",")[0].lower().replace(" ", "-")


SAMPLES = [
    *(
        Sample(name, PipelineName.CARDIOLOGY, days_ago, make, {"sex": "female"})
        for name, days_ago, make in cardiology.SAMPLES
    ),
    *(
        Sample(name, PipelineName.COGNITIVE, days_ago, make, {"sex": "female", "age_years": "61"})
        for name, days_ago, make in cognitive.SAMPLES
    ),
    *(
        Sample(name, PipelineName.DERMATOLOGY, days_ago, make, fields)
        for name, days_ago, fields, make in dermatology.SAMPLES
    ),
    *(
        Sample(name, PipelineName.RADIOLOGY, days_ago, make, {"view": "PA", "age_years": "61"})
        for name, days_ago, make in radiology.SAMPLES
    ),
    *(
        Sample(name, PipelineName.SPEECH, days_ago, make, {"sex": "female", "task": task})
        for name, days_ago, task, make in speech.SAMPLES
    ),
]


def write(folder: Path) -> Iterator[Path]:
    """Write the samples to a folder for each pipeline, and yield each file."""
    for sample in SAMPLES:
        for file in _named(sample):
            place = folder / sample.pipeline / file.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.content)
            yield place


def _named(sample: Sample) -> Iterator[RecordingFile]:
    """Give the files of a sample its name; a WFDB header says that of its signal file."""
    for file in sample.make():
        path = Path(file.name)
        is_header = path.suffix == ".hea"
        own, new = path.stem.encode(), sample.slug.encode()
        content = file.content.replace(own, new) if is_header else file.content
        yield RecordingFile(f"{sample.slug}{path.suffix}", content)
