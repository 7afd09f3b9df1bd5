"""The biomarkers of cognitive tasks

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIOMARKERS = [
    (201, "simple_reaction_median", "speed", "ms", "Median reaction time"),
    (202, "simple_reaction_variability", "speed", "%", "Coefficient of variation of reaction time"),
    (203, "simple_reaction_speed", "speed", "/s", "Mean of 1000 / reaction time"),
    (204, "simple_reaction_lapses", "speed", "%", "Responses slower than the lapse limit"),
    (205, "simple_reaction_false_starts", "speed", "%", "Responses before 100 ms"),
    (206, "simple_reaction_fastest_tenth", "speed", "ms", "Mean of the fastest tenth"),
    (207, "simple_reaction_slowest_tenth", "speed", "ms", "Mean of the slowest tenth"),
    (208, "pvt_median", "attention", "ms", "Median reaction time"),
    (209, "pvt_variability", "attention", "%", "Coefficient of variation of reaction time"),
    (210, "pvt_speed", "attention", "/s", "Mean of 1000 / reaction time"),
    (211, "pvt_lapses", "attention", "%", "Responses slower than the lapse limit"),
    (212, "pvt_false_starts", "attention", "%", "Responses before 100 ms"),
    (213, "pvt_fastest_tenth", "attention", "ms", "Mean of the fastest tenth"),
    (214, "pvt_slowest_tenth", "attention", "ms", "Mean of the slowest tenth"),
    (215, "pvt_brief_median", "attention", "ms", "Median reaction time"),
    (216, "pvt_brief_variability", "attention", "%", "Coefficient of variation of reaction time"),
    (217, "pvt_brief_speed", "attention", "/s", "Mean of 1000 / reaction time"),
    (218, "pvt_brief_lapses", "attention", "%", "Responses slower than the lapse limit"),
    (219, "pvt_brief_false_starts", "attention", "%", "Responses before 100 ms"),
    (220, "pvt_brief_fastest_tenth", "attention", "ms", "Mean of the fastest tenth"),
    (221, "pvt_brief_slowest_tenth", "attention", "ms", "Mean of the slowest tenth"),
    (222, "choice_reaction_median", "speed", "ms", "Median reaction time"),
    (223, "choice_reaction_variability", "speed", "%", "Coefficient of variation of reaction time"),
    (224, "choice_reaction_accuracy", "speed", "%", "Right answers"),
    (
        225,
        "choice_reaction_inverse_efficiency",
        "speed",
        "ms",
        "Mean reaction time over share right",
    ),
    (226, "flanker_effect", "attention", "ms", "Incongruent minus congruent reaction time"),
    (
        227,
        "flanker_error_effect",
        "attention",
        "%",
        "Incongruent minus congruent errors, in points",
    ),
    (228, "flanker_median", "attention", "ms", "Median reaction time"),
    (229, "flanker_variability", "attention", "%", "Coefficient of variation of reaction time"),
    (230, "flanker_accuracy", "attention", "%", "Right answers"),
    (231, "flanker_inverse_efficiency", "attention", "ms", "Mean reaction time over share right"),
    (232, "stroop_effect", "executive", "ms", "Incongruent minus congruent reaction time"),
    (233, "stroop_error_effect", "executive", "%", "Incongruent minus congruent errors, in points"),
    (234, "stroop_median", "executive", "ms", "Median reaction time"),
    (235, "stroop_variability", "executive", "%", "Coefficient of variation of reaction time"),
    (236, "stroop_accuracy", "executive", "%", "Right answers"),
    (237, "stroop_inverse_efficiency", "executive", "ms", "Mean reaction time over share right"),
    (238, "ant_effect", "attention", "ms", "Incongruent minus congruent reaction time"),
    (239, "ant_error_effect", "attention", "%", "Incongruent minus congruent errors, in points"),
    (240, "ant_alerting", "attention", "ms", "No cue minus double cue"),
    (241, "ant_orienting", "attention", "ms", "Center cue minus spatial cue"),
    (242, "ant_median", "attention", "ms", "Median reaction time"),
    (243, "ant_variability", "attention", "%", "Coefficient of variation of reaction time"),
    (244, "ant_accuracy", "attention", "%", "Right answers"),
    (245, "ant_inverse_efficiency", "attention", "ms", "Mean reaction time over share right"),
    (246, "n_back_0_d_prime", "memory", "1", "Sensitivity at 0-back"),
    (247, "n_back_1_d_prime", "memory", "1", "Sensitivity at 1-back"),
    (248, "n_back_2_d_prime", "memory", "1", "Sensitivity at 2-back"),
    (249, "n_back_3_d_prime", "memory", "1", "Sensitivity at 3-back"),
    (250, "n_back_0_criterion", "memory", "1", "Criterion at 0-back"),
    (251, "n_back_1_criterion", "memory", "1", "Criterion at 1-back"),
    (252, "n_back_2_criterion", "memory", "1", "Criterion at 2-back"),
    (253, "n_back_3_criterion", "memory", "1", "Criterion at 3-back"),
    (254, "n_back_mean_load", "memory", "1", "Mean n that the adaptive task settled at"),
    (255, "n_back_median", "memory", "ms", "Median reaction time"),
    (256, "n_back_variability", "memory", "%", "Coefficient of variation of reaction time"),
    (257, "n_back_accuracy", "memory", "%", "Right answers"),
    (258, "go_no_go_commissions", "executive", "%", "Responses where none was asked for"),
    (259, "go_no_go_omissions", "executive", "%", "Missing responses"),
    (260, "go_no_go_d_prime", "executive", "1", "Sensitivity to go against no-go"),
    (
        261,
        "go_no_go_post_error_slowing",
        "executive",
        "ms",
        "Reaction time after minus before an error",
    ),
    (262, "go_no_go_median", "executive", "ms", "Median reaction time"),
    (263, "go_no_go_variability", "executive", "%", "Coefficient of variation of reaction time"),
    (264, "sart_commissions", "attention", "%", "Responses where none was asked for"),
    (265, "sart_omissions", "attention", "%", "Missing responses"),
    (266, "sart_d_prime", "attention", "1", "Sensitivity to go against no-go"),
    (
        267,
        "sart_post_error_slowing",
        "attention",
        "ms",
        "Reaction time after minus before an error",
    ),
    (268, "sart_median", "attention", "ms", "Median reaction time"),
    (269, "sart_variability", "attention", "%", "Coefficient of variation of reaction time"),
    (270, "cpt_commissions", "attention", "%", "Responses where none was asked for"),
    (271, "cpt_omissions", "attention", "%", "Missing responses"),
    (272, "cpt_d_prime", "attention", "1", "Sensitivity to go against no-go"),
    (273, "cpt_post_error_slowing", "attention", "ms", "Reaction time after minus before an error"),
    (274, "cpt_median", "attention", "ms", "Median reaction time"),
    (275, "cpt_variability", "attention", "%", "Coefficient of variation of reaction time"),
    (276, "stop_signal_ssrt", "executive", "ms", "Stop-signal reaction time, integration method"),
    (
        277,
        "stop_signal_ssrt_median_method",
        "executive",
        "ms",
        "Median go time minus mean stop delay",
    ),
    (278, "stop_signal_go_median", "executive", "ms", "Median go reaction time"),
    (279, "stop_signal_go_variability", "executive", "%", "Coefficient of variation of go times"),
    (280, "stop_signal_go_accuracy", "executive", "%", "Right go responses"),
    (281, "stop_signal_go_omissions", "executive", "%", "Go trials without a response"),
    (282, "stop_signal_failed_stops", "executive", "%", "Stop trials with a response"),
    (283, "stop_signal_mean_delay", "executive", "ms", "Mean stop-signal delay"),
    (284, "digit_span_forward_longest", "attention", "{item}", "Longest list recalled in order"),
    (285, "digit_span_forward_total", "attention", "{list}", "Lists recalled in order"),
    (
        286,
        "digit_span_forward_partial_credit",
        "attention",
        "%",
        "Items recalled in their position",
    ),
    (287, "digit_span_backward_longest", "memory", "{item}", "Longest list recalled in order"),
    (288, "digit_span_backward_total", "memory", "{list}", "Lists recalled in order"),
    (289, "digit_span_backward_partial_credit", "memory", "%", "Items recalled in their position"),
    (290, "trail_making_first_time", "executive", "s", "Time for the plain part"),
    (291, "trail_making_second_time", "executive", "s", "Time for the alternating part"),
    (292, "trail_making_first_errors", "executive", "{count}", "Wrong taps in the plain part"),
    (
        293,
        "trail_making_second_errors",
        "executive",
        "{count}",
        "Wrong taps in the alternating part",
    ),
    (294, "trail_making_difference", "executive", "s", "Alternating minus plain time"),
    (295, "trail_making_ratio", "executive", "1", "Alternating over plain time"),
    (296, "trail_making_interference", "executive", "1", "Cost of alternating over plain time"),
    (297, "color_trails_first_time", "executive", "s", "Time for the plain part"),
    (298, "color_trails_second_time", "executive", "s", "Time for the alternating part"),
    (299, "color_trails_first_errors", "executive", "{count}", "Wrong taps in the plain part"),
    (
        300,
        "color_trails_second_errors",
        "executive",
        "{count}",
        "Wrong taps in the alternating part",
    ),
    (301, "color_trails_difference", "executive", "s", "Alternating minus plain time"),
    (302, "color_trails_ratio", "executive", "1", "Alternating over plain time"),
    (303, "color_trails_interference", "executive", "1", "Cost of alternating over plain time"),
    (304, "word_list_total", "memory", "{word}", "Words over all learning trials"),
    (305, "word_list_slope", "memory", "{word}", "Words gained per learning trial"),
    (306, "word_list_intrusions", "memory", "{word}", "Words that were not on the list"),
    (307, "word_list_repetitions", "memory", "{word}", "Words said again"),
    (308, "word_list_delayed", "memory", "{word}", "Words after the delay"),
    (309, "word_list_retention", "memory", "%", "Delayed recall over the last learning trial"),
    (310, "word_list_recognition_d_prime", "memory", "1", "Sensitivity to old against new words"),
    (311, "fluency_letter_correct", "language", "{word}", "Different right words"),
    (312, "fluency_letter_repetitions", "language", "{word}", "Words said again"),
    (313, "fluency_letter_intrusions", "language", "{word}", "Words that do not belong"),
    (314, "fluency_letter_early_share", "language", "%", "Right words within the first 15 s"),
    (
        315,
        "fluency_letter_cluster_size",
        "language",
        "{word}",
        "Mean phonemic cluster after its first word",
    ),
    (316, "fluency_category_correct", "language", "{word}", "Different right words"),
    (317, "fluency_category_repetitions", "language", "{word}", "Words said again"),
    (318, "fluency_category_intrusions", "language", "{word}", "Words that do not belong"),
    (319, "fluency_category_early_share", "language", "%", "Right words within the first 15 s"),
    (320, "digit_symbol_correct", "speed", "{item}", "Right items within the time allowed"),
    (321, "digit_symbol_median", "speed", "ms", "Median reaction time"),
    (322, "digit_symbol_variability", "speed", "%", "Coefficient of variation of reaction time"),
    (323, "digit_symbol_accuracy", "speed", "%", "Right answers"),
    (324, "fatigue_index", "attention", "1", "Slowing, last against first third"),
    (325, "consistency_score", "attention", "1", "One minus variability of reaction time"),
]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    biomarkers = sa.table(
        "biomarkers",
        *(
            sa.column(name)
            for name in ("id", "name", "category", "unit", "description", "pipeline")
        ),
    )
    columns = [column.name for column in biomarkers.columns]
    op.bulk_insert(
        biomarkers, [dict(zip(columns, (*row, "cognitive"), strict=True)) for row in BIOMARKERS]
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM biomarkers WHERE pipeline = 'cognitive'")
