"""The catalog of cognitive biomarkers, and their sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from shared.biomarkers import Biomarker, Norms, catalog


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

type _Row = tuple[str, str, int, str, str]  # suffix, unit, better, description, source


def _task(
    prefix: str,
    domain: Domain,
    primary: str,
    *groups: tuple[_Row, ...],
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


_SPEED: tuple[_Row, ...] = (
    ("median", "ms", -1, "Median reaction time", "hedge-2018"),
    ("variability", "%", -1, "Coefficient of variation of reaction time", "macdonald-2009"),
)
_ACCURACY: tuple[_Row, ...] = (("accuracy", "%", 1, "Right answers", "hedge-2018"),)
_EFFICIENCY: tuple[_Row, ...] = (
    ("inverse_efficiency", "ms", -1, "Mean reaction time over share right", "bruyer-2011"),
)
_VIGILANCE: tuple[_Row, ...] = (
    ("speed", "/s", 1, "Mean of 1000 / reaction time", "basner-2011"),
    ("lapses", "%", -1, "Responses slower than the lapse limit", "basner-2011"),
    ("false_starts", "%", -1, "Responses before 100 ms", "basner-2011"),
    ("fastest_tenth", "ms", -1, "Mean of the fastest tenth", "basner-2011"),
    ("slowest_tenth", "ms", -1, "Mean of the slowest tenth", "basner-2011"),
)
_CONFLICT: tuple[_Row, ...] = (
    ("effect", "ms", -1, "Incongruent minus congruent reaction time", "hedge-2018"),
    ("error_effect", "%", -1, "Incongruent minus congruent errors, in points", "hedge-2018"),
)
_ADAPTATION: tuple[_Row, ...] = (
    (
        "gratton_effect",
        "ms",
        0,
        "Effect after congruent minus effect after incongruent trials",
        "gratton-1992",
    ),
)
_EX_GAUSSIAN: tuple[_Row, ...] = (
    ("exgaussian_mu", "ms", -1, "Mean of the normal part of reaction times", "heathcote-1991"),
    ("exgaussian_sigma", "ms", -1, "SD of the normal part of reaction times", "heathcote-1991"),
    ("exgaussian_tau", "ms", -1, "Mean of the exponential tail", "heathcote-1991"),
)
_SWITCHING: tuple[_Row, ...] = (
    ("switch_cost", "ms", -1, "Switch minus repeat reaction time", "monsell-2003"),
    ("switch_error_cost", "%", -1, "Switch minus repeat errors, in points", "monsell-2003"),
    ("mixing_cost", "ms", -1, "Repeat trials among switches minus single task", "monsell-2003"),
)
_CUEING: tuple[_Row, ...] = (
    ("validity_effect", "ms", 0, "Invalid minus valid reaction time", "posner-1980"),
    ("validity_error_effect", "%", 0, "Invalid minus valid errors, in points", "posner-1980"),
    ("benefit", "ms", 0, "Neutral minus valid reaction time", "posner-1980"),
    ("cost", "ms", 0, "Invalid minus neutral reaction time", "posner-1980"),
)
_TAPPING: tuple[_Row, ...] = (
    ("rate", "/s", 1, "Taps per second", "ling-2012"),
    ("variability", "%", -1, "Coefficient of variation of tap intervals", "ling-2012"),
    ("decrement", "%", -1, "Lengthening of tap intervals from first to last", "ling-2012"),
)
_NETWORKS: tuple[_Row, ...] = (
    ("alerting", "ms", 0, "No cue minus double cue", "fan-2002"),
    ("orienting", "ms", 0, "Center cue minus spatial cue", "fan-2002"),
)
_N_BACK: tuple[_Row, ...] = (
    *(
        (f"{load}_d_prime", "1", 1, f"Sensitivity at {load}-back", "hautus-1995")
        for load in range(4)
    ),
    *(
        (f"{load}_criterion", "1", 0, f"Criterion at {load}-back", "hautus-1995")
        for load in range(4)
    ),
    ("mean_load", "1", 1, "Mean n that the adaptive task settled at", "hautus-1995"),
)
_HOLDING_BACK: tuple[_Row, ...] = (
    ("commissions", "%", -1, "Responses where none was asked for", "robertson-1997"),
    ("omissions", "%", -1, "Missing responses", "robertson-1997"),
    ("d_prime", "1", 1, "Sensitivity to go against no-go", "hautus-1995"),
    ("post_error_slowing", "ms", 0, "Reaction time after minus before an error", "dutilh-2012"),
)
_STOPPING: tuple[_Row, ...] = (
    ("ssrt", "ms", -1, "Stop-signal reaction time, integration method", "verbruggen-2019"),
    ("ssrt_median_method", "ms", -1, "Median go time minus mean stop delay", "poldrack-2016"),
    ("go_median", "ms", -1, "Median go reaction time", "verbruggen-2019"),
    ("go_variability", "%", -1, "Coefficient of variation of go times", "verbruggen-2019"),
    ("go_accuracy", "%", 1, "Right go responses", "verbruggen-2019"),
    ("go_omissions", "%", -1, "Go trials without a response", "verbruggen-2019"),
    ("failed_stops", "%", 0, "Stop trials with a response", "verbruggen-2019"),
    ("mean_delay", "ms", 0, "Mean stop-signal delay", "verbruggen-2019"),
)
_SPAN: tuple[_Row, ...] = (
    ("longest", "{item}", 1, "Longest list recalled in order", "conway-2005"),
    ("total", "{list}", 1, "Lists recalled in order", "conway-2005"),
    ("partial_credit", "%", 1, "Items recalled in their position", "conway-2005"),
)
_BLOCKS: tuple[_Row, ...] = (
    ("longest", "{item}", 1, "Longest sequence of blocks tapped in order", "kessels-2000"),
    ("total", "{list}", 1, "Sequences of blocks tapped in order", "kessels-2000"),
    ("partial_credit", "%", 1, "Blocks tapped in their position", "kessels-2000"),
)
_TRAILS: tuple[_Row, ...] = (
    ("first_time", "s", -1, "Time for the plain part", "arbuthnott-2000"),
    ("second_time", "s", -1, "Time for the alternating part", "arbuthnott-2000"),
    ("first_errors", "{count}", -1, "Wrong taps in the plain part", "arbuthnott-2000"),
    ("second_errors", "{count}", -1, "Wrong taps in the alternating part", "arbuthnott-2000"),
    ("difference", "s", -1, "Alternating minus plain time", "arbuthnott-2000"),
    ("ratio", "1", -1, "Alternating over plain time", "arbuthnott-2000"),
    ("interference", "1", -1, "Cost of alternating over plain time", "poldrack-2016"),
)
_WORD_LIST: tuple[_Row, ...] = (
    ("total", "{word}", 1, "Words over all learning trials", "poldrack-2016"),
    ("slope", "{word}", 1, "Words gained per learning trial", "poldrack-2016"),
    ("intrusions", "{word}", -1, "Words that were not on the list", "poldrack-2016"),
    ("repetitions", "{word}", -1, "Words said again", "poldrack-2016"),
    ("delayed", "{word}", 1, "Words after the delay", "poldrack-2016"),
    ("retention", "%", 1, "Delayed recall over the last learning trial", "poldrack-2016"),
    ("recognition_d_prime", "1", 1, "Sensitivity to old against new words", "hautus-1995"),
)
_FLUENCY: tuple[_Row, ...] = (
    ("correct", "{word}", 1, "Different right words", "troyer-1997"),
    ("repetitions", "{word}", -1, "Words said again", "troyer-1997"),
    ("intrusions", "{word}", -1, "Words that do not belong", "troyer-1997"),
    ("early_share", "%", 0, "Right words within the first 15 s", "troyer-1997"),
)
_CLUSTERS: tuple[_Row, ...] = (
    ("cluster_size", "{word}", 1, "Mean phonemic cluster after its first word", "troyer-1997"),
)
_CODING: tuple[_Row, ...] = (
    ("correct", "{item}", 1, "Right items within the time allowed", "jaeger-2018"),
)
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
    *_task("simple_reaction", Domain.SPEED, "median", _SPEED, _VIGILANCE),
    *_task("pvt", Domain.ATTENTION, "speed", _SPEED, _VIGILANCE),
    *_task("pvt_brief", Domain.ATTENTION, "speed", _SPEED, _VIGILANCE),
    *_task("choice_reaction", Domain.SPEED, "median", _SPEED, _ACCURACY, _EFFICIENCY),
    *_task("flanker", Domain.ATTENTION, "effect", _CONFLICT, _SPEED, _ACCURACY, _EFFICIENCY),
    *_task("stroop", Domain.EXECUTIVE, "effect", _CONFLICT, _SPEED, _ACCURACY, _EFFICIENCY),
    *_task("ant", Domain.ATTENTION, "effect", _CONFLICT, _NETWORKS, _SPEED, _ACCURACY, _EFFICIENCY),
    *_task("n_back", Domain.MEMORY, "2_d_prime", _N_BACK, _SPEED, _ACCURACY),
    *_task("go_no_go", Domain.EXECUTIVE, "d_prime", _HOLDING_BACK, _SPEED),
    *_task("sart", Domain.ATTENTION, "commissions", _HOLDING_BACK, _SPEED),
    *_task("cpt", Domain.ATTENTION, "d_prime", _HOLDING_BACK, _SPEED),
    *_task("stop_signal", Domain.EXECUTIVE, "ssrt", _STOPPING),
    *_task("digit_span_forward", Domain.ATTENTION, "total", _SPAN, task="digit_span"),
    *_task("digit_span_backward", Domain.MEMORY, "total", _SPAN, task="digit_span"),
    *_task("trail_making", Domain.EXECUTIVE, "ratio", _TRAILS),
    *_task("color_trails", Domain.EXECUTIVE, "interference", _TRAILS),
    *_task("word_list", Domain.MEMORY, "total", _WORD_LIST),
    *_task("fluency_letter", Domain.LANGUAGE, "correct", _FLUENCY, _CLUSTERS, task="fluency"),
    *_task("fluency_category", Domain.LANGUAGE, "correct", _FLUENCY, task="fluency"),
    *_task("digit_symbol", Domain.SPEED, "correct", _CODING, _SPEED, _ACCURACY),
    *_SESSION,
    *_task("simple_reaction", Domain.SPEED, "", _EX_GAUSSIAN),
    *_task("pvt", Domain.ATTENTION, "", _EX_GAUSSIAN),
    *_task("pvt_brief", Domain.ATTENTION, "", _EX_GAUSSIAN),
    *_task("choice_reaction", Domain.SPEED, "", _EX_GAUSSIAN),
    *_task("flanker", Domain.ATTENTION, "", _ADAPTATION, _EX_GAUSSIAN),
    *_task("stroop", Domain.EXECUTIVE, "", _ADAPTATION, _EX_GAUSSIAN),
    *_task("ant", Domain.ATTENTION, "", _ADAPTATION, _EX_GAUSSIAN),
    *_task("corsi_forward", Domain.MEMORY, "total", _BLOCKS, task="corsi"),
    *_task("corsi_backward", Domain.MEMORY, "total", _BLOCKS, task="corsi"),
    *_task(
        "task_switching",
        Domain.EXECUTIVE,
        "switch_cost",
        *(_SWITCHING, _SPEED, _ACCURACY, _EFFICIENCY),
    ),
    *_task("posner", Domain.ATTENTION, "median", _CUEING, _SPEED, _ACCURACY),
    *_task("finger_tapping", Domain.SPEED, "rate", _TAPPING),
    *_task("finger_tapping_right", Domain.SPEED, "rate", _TAPPING, task="finger_tapping"),
    *_task("finger_tapping_left", Domain.SPEED, "rate", _TAPPING, task="finger_tapping"),
    *_task("finger_tapping_dominant", Domain.SPEED, "rate", _TAPPING, task="finger_tapping"),
    *_task("finger_tapping_nondominant", Domain.SPEED, "rate", _TAPPING, task="finger_tapping"),
)
BIOMARKERS: Mapping[str, ScoreBiomarker] = MappingProxyType(catalog(_ALL))

# No published range holds for a person by age and device; a z-score comes from a sample
# (`samples.py`) or
# from the site's own norms.
NORMS: Norms = MappingProxyType({})
