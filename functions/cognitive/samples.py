"""Published or measured samples that a score can be set against.

Means and standard deviations of samples are facts with a citation. They give a z-score
only to a session of the same mode and task version and a person of the sample's ages;
for everybody else they are context.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from functions.cognitive.trials import Mode


@dataclass(frozen=True)
class Sample:
    """A published or measured sample of one biomarker.

    A z-score needs `ages` and `version`; without them the sample is context only: its
    SD between people tells how reliable one session is.
    """

    biomarker: str
    mean: float
    sd: float
    n: int
    mode: Mode
    source: str
    population: str
    ages: tuple[float, float] | None = None
    version: str | None = None

    def holds_at(self, age_years: float) -> bool:
        return self.ages is not None and self.ages[0] <= age_years <= self.ages[1]


_YOUNG = "young adults in a laboratory, first of two sessions"
_CONTROLS = "healthy controls of the UCLA CNP study, Los Angeles"
SAMPLES = (
    Sample("flanker_effect", 46.3, 21.4, 45, Mode.COMPUTER, "hedge-2018", _YOUNG),
    Sample("flanker_median", 425.0, 46.7, 45, Mode.COMPUTER, "hedge-2018", _YOUNG),
    Sample("flanker_accuracy", 91.0, 6.6, 45, Mode.COMPUTER, "hedge-2018", _YOUNG),
    Sample("stroop_effect", 78.0, 38.5, 47, Mode.COMPUTER, "hedge-2018", _YOUNG),
    Sample("stroop_median", 621.9, 78.6, 47, Mode.COMPUTER, "hedge-2018", _YOUNG),
    Sample("stroop_accuracy", 92.2, 3.6, 47, Mode.COMPUTER, "hedge-2018", _YOUNG),
    Sample(
        "stop_signal_ssrt_median_method",
        227.1,
        43.0,
        67,
        Mode.COMPUTER,
        "poldrack-2016",
        _CONTROLS,
        ages=(21.0, 50.0),
        version="cnp-la5c",
    ),
)
SPREAD: Mapping[str, float] = MappingProxyType({sample.biomarker: sample.sd for sample in SAMPLES})
