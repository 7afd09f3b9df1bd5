"""A pipeline's method card: what it reads, what it measures, and against which ranges."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from shared.biomarkers import Biomarker
from shared.norms import Norms
from shared.pipelines import PipelineName
from shared.schemas import BiomarkerInfo, PipelineInfo, RangeInfo


@dataclass(frozen=True, kw_only=True)
class MethodCard:
    """Everything that is known of a pipeline before a recording comes.

    `limits` are numbers with their unit in their name; `sources` spells out the keys that ranges
    and risk rules cite.
    """

    pipeline: PipelineName
    version: str
    formats: Sequence[str]
    limits: Mapping[str, float]
    biomarkers: Mapping[str, Biomarker]
    norms: Norms
    sources: Mapping[str, str]
    # Whether the operator may install a model of their own (docs/models.md).
    takes_operator_model: bool = False

    def info(self) -> PipelineInfo:
        """Return the card as `/info` answers it."""
        return PipelineInfo(
            pipeline=self.pipeline,
            version=self.version,
            formats=list(self.formats),
            limits=dict(self.limits),
            biomarkers=[self._biomarker(entry) for entry in self.biomarkers.values()],
            sources=dict(self.sources),
        )

    def _biomarker(self, entry: Biomarker) -> BiomarkerInfo:
        return BiomarkerInfo(
            name=entry.name,
            unit=entry.unit,
            category=entry.category,
            description=entry.description,
            ranges=[RangeInfo(**asdict(norm.range)) for norm in self.norms.get(entry.name, ())],
        )
