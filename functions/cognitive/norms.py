"""The catalog of cognitive biomarkers, and their sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from functions.cognitive.score_groups import (
    ACCURACY,
    ADAPTATION,
    BLOCKS,
    CLUSTERS,
    CODING,
    CONFLICT,
    CUEING,
    EFFICIENCY,
    EX_GAUSSIAN,
    FLUENCY,
    HOLDING_BACK,
    N_BACK,
    NETWORKS,
    SPAN,
    SPEED,
    STOPPING,
    SWITCHING,
    TAPPING,
    TRAILS,
    VIGILANCE,
    WORD_LIST,
    ScoreRow,
)
from shared.biomarkers import Biomarker, catalog
from shared.norms import Norms


class Domain(StrEnum):
    MEMORY = "memory"
    ATTENTION = "attention"
    EXECUTIVE = "executive"
    SPEED = "speed"
    LANGUAGE = "language"


@dataclass(frozen=True)
class ScoreBiomarker(Biomarker):
    """The biomarker of one score, in the group of its domain: which direction is the better one.

    `task` is the task it is a score of, None for those of a whole sitting. `primary` marks the
    score by which its task counts in the domain. `better` is +1 or -1, and 0 where neither
    direction is better.
    """

    category: Domain
    better: int
    source: str
    task: str | None = None
    primary: bool = False


SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "hedge-2018": "Hedge, Powell & Sumner (2018), Behav Res Methods 50, 1166-1186. "
        "doi:10.3758/s13428-017-0935-1",
        "basner-2011": "Basner & Dinges (2011), Sleep 34(5), 581-591. doi:10.1093/sleep/34.5.581",
        "bruyer-2011": "Bruyer & Brysbaert (2011), Psychol Belg 51(1), 5-13. doi:10.5334/pb-51-1-5",
        "fan-2002": "Fan et al. (2002), J Cogn Neurosci 14(3), 340-347. "
        "doi:10.1162/089892902317361886",
        "hautus-1995": "Hautus (1995), Behav Res Methods 27, 46-51. doi:10.3758/BF03203619",
        "robertson-1997": "Robertson et al. (1997), Neuropsychologia 35(6), 747-758. "
        "doi:10.1016/S0028-3932(97)00015-8",
        "dutilh-2012": "Dutilh et al. (2012), J Math Psychol 56(3), 208-216. "
        "doi:10.1016/j.jmp.2012.04.001",
        "verbruggen-2019": "Verbruggen et al. (2019), eLife 8, e46323. doi:10.7554/eLife.46323",
        "conway-2005": "Conway et al. (2005), Psychon Bull Rev 12, 769-786. doi:10.3758/BF03196772",
        "arbuthnott-2000": "Arbuthnott & Frank (2000), J Clin Exp Neuropsychol 22(4), 518-528. "
        "doi:10.1076/1380-3395(200008)22:4;1-0;FT518",
        "poldrack-2016": "Poldrack et al. (2016), Sci Data 3, 160110. doi:10.1038/sdata.2016.110",
        "troyer-1997": "Troyer, Moscovitch & Winocur (1997), Neuropsychology 11(1), 138-146. "
        "doi:10.1037/0894-4105.11.1.138",
        "jaeger-2018": "Jaeger (2018), J Clin Psychopharmacol 38(5), 513-519. "
        "doi:10.1097/JCP.0000000000000941",
        "gratton-1992": "Gratton, Coles & Donchin (1992), J Exp Psychol Gen 121(4), 480-506. "
        "doi:10.1037/0096-3445.121.4.480",
        "heathcote-1991": "Heathcote, Popiel & Mewhort (1991), Psychol Bull 109(2), 340-347. "
        "doi:10.1037/0033-2909.109.2.340",
        "kessels-2000": "Kessels et al. (2000), Appl Neuropsychol 7(4), 252-258. "
        "doi:10.1207/S15324826AN0704_8",
        "ling-2012": "Ling et al. (2012), Brain 135(4), 1141-1153. doi:10.1093/brain/aws038",
        "monsell-2003": "Monsell (2003), Trends Cogn Sci 7(3), 134-140. "
        "doi:10.1016/S1364-6613(03)00028-7",
        "posner-1980": "Posner (1980), Q J Exp Psychol 32(1), 3-25. doi:10.1080/00335558008248231",
        "macdonald-2009": "MacDonald, Li & Bäckman (2009), Psychol Aging 24(4), 792-808. "
        "doi:10.1037/a0017798",
    }
)


def _task(
    prefix: str,
    domain: Domain,
    primary: str,
    *groups: tuple[ScoreRow, ...],
    task: str | None = None,
) -> list[ScoreBiomarker]:
    """Every score of a task, or of the part of `task` that the prefix names."""
    return [
        ScoreBiomarker(
            f"{prefix}_{suffix}",
            unit,
            domain,
            description,
            better,
            source,
            task=task or prefix,
            primary=suffix == primary,
        )
        for group in groups
        for suffix, unit, better, description, source in group
    ]


_SESSION = (
    ScoreBiomarker(
        "fatigue_index", "1", Domain.ATTENTION, "Slowing, last against first third", -1,
        "macdonald-2009",
    ),
    ScoreBiomarker(
        "consistency_score", "1", Domain.ATTENTION, "One minus variability of reaction time", 1,
        "macdonald-2009",
    ),
)  # fmt: skip

# In the order of the catalog's codes, in which an assessment is read back: what is new
# stands last.
_ALL = (
    *_task("simple_reaction", Domain.SPEED, "median", SPEED, VIGILANCE),
    *_task("pvt", Domain.ATTENTION, "speed", SPEED, VIGILANCE),
    *_task("pvt_brief", Domain.ATTENTION, "speed", SPEED, VIGILANCE),
    *_task("choice_reaction", Domain.SPEED, "median", SPEED, ACCURACY, EFFICIENCY),
    *_task("flanker", Domain.ATTENTION, "effect", CONFLICT, SPEED, ACCURACY, EFFICIENCY),
    *_task("stroop", Domain.EXECUTIVE, "effect", CONFLICT, SPEED, ACCURACY, EFFICIENCY),
    *_task("ant", Domain.ATTENTION, "effect", CONFLICT, NETWORKS, SPEED, ACCURACY, EFFICIENCY),
    *_task("n_back", Domain.MEMORY, "2_d_prime", N_BACK, SPEED, ACCURACY),
    *_task("go_no_go", Domain.EXECUTIVE, "d_prime", HOLDING_BACK, SPEED),
    *_task("sart", Domain.ATTENTION, "commissions", HOLDING_BACK, SPEED),
    *_task("cpt", Domain.ATTENTION, "d_prime", HOLDING_BACK, SPEED),
    *_task("stop_signal", Domain.EXECUTIVE, "ssrt", STOPPING),
    *_task("digit_span_forward", Domain.ATTENTION, "total", SPAN, task="digit_span"),
    *_task("digit_span_backward", Domain.MEMORY, "total", SPAN, task="digit_span"),
    *_task("trail_making", Domain.EXECUTIVE, "ratio", TRAILS),
    *_task("color_trails", Domain.EXECUTIVE, "interference", TRAILS),
    *_task("word_list", Domain.MEMORY, "total", WORD_LIST),
    *_task("fluency_letter", Domain.LANGUAGE, "correct", FLUENCY, CLUSTERS, task="fluency"),
    *_task("fluency_category", Domain.LANGUAGE, "correct", FLUENCY, task="fluency"),
    *_task("digit_symbol", Domain.SPEED, "correct", CODING, SPEED, ACCURACY),
    *_SESSION,
    *_task("simple_reaction", Domain.SPEED, "", EX_GAUSSIAN),
    *_task("pvt", Domain.ATTENTION, "", EX_GAUSSIAN),
    *_task("pvt_brief", Domain.ATTENTION, "", EX_GAUSSIAN),
    *_task("choice_reaction", Domain.SPEED, "", EX_GAUSSIAN),
    *_task("flanker", Domain.ATTENTION, "", ADAPTATION, EX_GAUSSIAN),
    *_task("stroop", Domain.EXECUTIVE, "", ADAPTATION, EX_GAUSSIAN),
    *_task("ant", Domain.ATTENTION, "", ADAPTATION, EX_GAUSSIAN),
    *_task("corsi_forward", Domain.MEMORY, "total", BLOCKS, task="corsi"),
    *_task("corsi_backward", Domain.MEMORY, "total", BLOCKS, task="corsi"),
    *_task(
        "task_switching",
        Domain.EXECUTIVE,
        "switch_cost",
        *(SWITCHING, SPEED, ACCURACY, EFFICIENCY),
    ),
    *_task("posner", Domain.ATTENTION, "median", CUEING, SPEED, ACCURACY),
    *_task("finger_tapping", Domain.SPEED, "rate", TAPPING),
    *_task("finger_tapping_right", Domain.SPEED, "rate", TAPPING, task="finger_tapping"),
    *_task("finger_tapping_left", Domain.SPEED, "rate", TAPPING, task="finger_tapping"),
    *_task("finger_tapping_dominant", Domain.SPEED, "rate", TAPPING, task="finger_tapping"),
    *_task("finger_tapping_nondominant", Domain.SPEED, "rate", TAPPING, task="finger_tapping"),
)
BIOMARKERS: Mapping[str, ScoreBiomarker] = MappingProxyType(catalog(_ALL))

# No published range holds for a person by age and device; a z-score comes from a sample
# (`samples.py`) or
# from the site's own norms.
NORMS: Norms = MappingProxyType({})
