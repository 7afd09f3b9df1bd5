"""What tasks are scored by, in groups that several tasks share."""

type ScoreRow = tuple[str, str, int, str, str]  # suffix, unit, better, description, source
SPEED: tuple[ScoreRow, ...] = (
    ("median", "ms", -1, "Median reaction time", "hedge-2018"),
    ("variability", "%", -1, "Coefficient of variation of reaction time", "macdonald-2009"),
)
ACCURACY: tuple[ScoreRow, ...] = (("accuracy", "%", 1, "Right answers", "hedge-2018"),)
EFFICIENCY: tuple[ScoreRow, ...] = (
    ("inverse_efficiency", "ms", -1, "Mean reaction time over share right", "bruyer-2011"),
)
VIGILANCE: tuple[ScoreRow, ...] = (
    ("speed", "/s", 1, "Mean of 1000 / reaction time", "basner-2011"),
    ("lapses", "%", -1, "Responses slower than the lapse limit", "basner-2011"),
    ("false_starts", "%", -1, "Responses before 100 ms", "basner-2011"),
    ("fastest_tenth", "ms", -1, "Mean of the fastest tenth", "basner-2011"),
    ("slowest_tenth", "ms", -1, "Mean of the slowest tenth", "basner-2011"),
)
CONFLICT: tuple[ScoreRow, ...] = (
    ("effect", "ms", -1, "Incongruent minus congruent reaction time", "hedge-2018"),
    ("error_effect", "%", -1, "Incongruent minus congruent errors, in points", "hedge-2018"),
)
ADAPTATION: tuple[ScoreRow, ...] = (
    (
        "gratton_effect",
        "ms",
        0,
        "Effect after congruent minus effect after incongruent trials",
        "gratton-1992",
    ),
)
EX_GAUSSIAN: tuple[ScoreRow, ...] = (
    ("exgaussian_mu", "ms", -1, "Mean of the normal part of reaction times", "heathcote-1991"),
    ("exgaussian_sigma", "ms", -1, "SD of the normal part of reaction times", "heathcote-1991"),
    ("exgaussian_tau", "ms", -1, "Mean of the exponential tail", "heathcote-1991"),
)
SWITCHING: tuple[ScoreRow, ...] = (
    ("switch_cost", "ms", -1, "Switch minus repeat reaction time", "monsell-2003"),
    ("switch_error_cost", "%", -1, "Switch minus repeat errors, in points", "monsell-2003"),
    ("mixing_cost", "ms", -1, "Repeat trials among switches minus single task", "monsell-2003"),
)
CUEING: tuple[ScoreRow, ...] = (
    ("validity_effect", "ms", 0, "Invalid minus valid reaction time", "posner-1980"),
    ("validity_error_effect", "%", 0, "Invalid minus valid errors, in points", "posner-1980"),
    ("benefit", "ms", 0, "Neutral minus valid reaction time", "posner-1980"),
    ("cost", "ms", 0, "Invalid minus neutral reaction time", "posner-1980"),
)
TAPPING: tuple[ScoreRow, ...] = (
    ("rate", "/s", 1, "Taps per second", "ling-2012"),
    ("variability", "%", -1, "Coefficient of variation of tap intervals", "ling-2012"),
    ("decrement", "%", -1, "Lengthening of tap intervals from first to last", "ling-2012"),
)
NETWORKS: tuple[ScoreRow, ...] = (
    ("alerting", "ms", 0, "No cue minus double cue", "fan-2002"),
    ("orienting", "ms", 0, "Center cue minus spatial cue", "fan-2002"),
)
N_BACK: tuple[ScoreRow, ...] = (
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
HOLDING_BACK: tuple[ScoreRow, ...] = (
    ("commissions", "%", -1, "Responses where none was asked for", "robertson-1997"),
    ("omissions", "%", -1, "Missing responses", "robertson-1997"),
    ("d_prime", "1", 1, "Sensitivity to go against no-go", "hautus-1995"),
    ("post_error_slowing", "ms", 0, "Reaction time after minus before an error", "dutilh-2012"),
)
STOPPING: tuple[ScoreRow, ...] = (
    ("ssrt", "ms", -1, "Stop-signal reaction time, integration method", "verbruggen-2019"),
    ("ssrt_median_method", "ms", -1, "Median go time minus mean stop delay", "poldrack-2016"),
    ("go_median", "ms", -1, "Median go reaction time", "verbruggen-2019"),
    ("go_variability", "%", -1, "Coefficient of variation of go times", "verbruggen-2019"),
    ("go_accuracy", "%", 1, "Right go responses", "verbruggen-2019"),
    ("go_omissions", "%", -1, "Go trials without a response", "verbruggen-2019"),
    ("failed_stops", "%", 0, "Stop trials with a response", "verbruggen-2019"),
    ("mean_delay", "ms", 0, "Mean stop-signal delay", "verbruggen-2019"),
)
SPAN: tuple[ScoreRow, ...] = (
    ("longest", "{item}", 1, "Longest list recalled in order", "conway-2005"),
    ("total", "{list}", 1, "Lists recalled in order", "conway-2005"),
    ("partial_credit", "%", 1, "Items recalled in their position", "conway-2005"),
)
BLOCKS: tuple[ScoreRow, ...] = (
    ("longest", "{item}", 1, "Longest sequence of blocks tapped in order", "kessels-2000"),
    ("total", "{list}", 1, "Sequences of blocks tapped in order", "kessels-2000"),
    ("partial_credit", "%", 1, "Blocks tapped in their position", "kessels-2000"),
)
TRAILS: tuple[ScoreRow, ...] = (
    ("first_time", "s", -1, "Time for the plain part", "arbuthnott-2000"),
    ("second_time", "s", -1, "Time for the alternating part", "arbuthnott-2000"),
    ("first_errors", "{count}", -1, "Wrong taps in the plain part", "arbuthnott-2000"),
    ("second_errors", "{count}", -1, "Wrong taps in the alternating part", "arbuthnott-2000"),
    ("difference", "s", -1, "Alternating minus plain time", "arbuthnott-2000"),
    ("ratio", "1", -1, "Alternating over plain time", "arbuthnott-2000"),
    ("interference", "1", -1, "Cost of alternating over plain time", "poldrack-2016"),
)
WORD_LIST: tuple[ScoreRow, ...] = (
    ("total", "{word}", 1, "Words over all learning trials", "poldrack-2016"),
    ("slope", "{word}", 1, "Words gained per learning trial", "poldrack-2016"),
    ("intrusions", "{word}", -1, "Words that were not on the list", "poldrack-2016"),
    ("repetitions", "{word}", -1, "Words said again", "poldrack-2016"),
    ("delayed", "{word}", 1, "Words after the delay", "poldrack-2016"),
    ("retention", "%", 1, "Delayed recall over the last learning trial", "poldrack-2016"),
    ("recognition_d_prime", "1", 1, "Sensitivity to old against new words", "hautus-1995"),
)
FLUENCY: tuple[ScoreRow, ...] = (
    ("correct", "{word}", 1, "Different right words", "troyer-1997"),
    ("repetitions", "{word}", -1, "Words said again", "troyer-1997"),
    ("intrusions", "{word}", -1, "Words that do not belong", "troyer-1997"),
    ("early_share", "%", 0, "Right words within the first 15 s", "troyer-1997"),
)
CLUSTERS: tuple[ScoreRow, ...] = (
    ("cluster_size", "{word}", 1, "Mean phonemic cluster after its first word", "troyer-1997"),
)
CODING: tuple[ScoreRow, ...] = (
    ("correct", "{item}", 1, "Right items within the time allowed", "jaeger-2018"),
)
