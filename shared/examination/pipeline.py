"""A pipeline as it stands: what it reads, what it measures, and against which ranges."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from shared.pipelines import Pipeline
from shared.schemas import BiomarkerInfo, PipelineInfo, RangeInfo
from shared.vocabulary import BiomarkerKind, ReferenceRange


@dataclass(frozen=True)
class Method:
    """Everything that is known of a pipeline before a recording comes.

    `limits` are numbers with their unit in their name; `sources` spells out the keys that ranges
    and risk rules cite.
    """

    pipeline: Pipeline
    version: str
    formats: Sequence[str]
    limits: Mapping[str, float]
    biomarkers: Mapping[str, BiomarkerKind]
    ranges: Mapping[str, Sequence[ReferenceRange]]
    sources: Mapping[str, str]

    def info(self) -> PipelineInfo:
        return PipelineInfo(
            pipeline=self.pipeline,
            version=self.version,
            formats=list(self.formats),
            limits=dict(self.limits),
            biomarkers=[
                BiomarkerInfo(
                    name=name,
                    **asdict(kind),
                    ranges=[RangeInfo(**asdict(one)) for one in self.ranges.get(name, ())],
                )
                for name, kind in self.biomarkers.items()
            ],
            sources=dict(self.sources),
        )
