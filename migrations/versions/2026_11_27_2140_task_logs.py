"""What became of every row of a task log, and the biomarkers of four more tasks

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIOMARKERS = [
    (
        1201,
        "simple_reaction_exgaussian_mu",
        "speed",
        "ms",
        "Mean of the normal part of reaction times",
    ),
    (
        1202,
        "simple_reaction_exgaussian_sigma",
        "speed",
        "ms",
        "SD of the normal part of reaction times",
    ),
    (1203, "simple_reaction_exgaussian_tau", "speed", "ms", "Mean of the exponential tail"),
    (1204, "pvt_exgaussian_mu", "attention", "ms", "Mean of the normal part of reaction times"),
    (1205, "pvt_exgaussian_sigma", "attention", "ms", "SD of the normal part of reaction times"),
    (1206, "pvt_exgaussian_tau", "attention", "ms", "Mean of the exponential tail"),
    (
        1207,
        "pvt_brief_exgaussian_mu",
        "attention",
        "ms",
        "Mean of the normal part of reaction times",
    ),
    (
        1208,
        "pvt_brief_exgaussian_sigma",
        "attention",
        "ms",
        "SD of the normal part of reaction times",
    ),
    (1209, "pvt_brief_exgaussian_tau", "attention", "ms", "Mean of the exponential tail"),
    (
        1210,
        "choice_reaction_exgaussian_mu",
        "speed",
        "ms",
        "Mean of the normal part of reaction times",
    ),
    (
        1211,
        "choice_reaction_exgaussian_sigma",
        "speed",
        "ms",
        "SD of the normal part of reaction times",
    ),
    (1212, "choice_reaction_exgaussian_tau", "speed", "ms", "Mean of the exponential tail"),
    (
        1213,
        "flanker_gratton_effect",
        "attention",
        "ms",
        "Effect after congruent minus effect after incongruent trials",
    ),
    (1214, "flanker_exgaussian_mu", "attention", "ms", "Mean of the normal part of reaction times"),
    (
        1215,
        "flanker_exgaussian_sigma",
        "attention",
        "ms",
        "SD of the normal part of reaction times",
    ),
    (1216, "flanker_exgaussian_tau", "attention", "ms", "Mean of the exponential tail"),
    (
        1217,
        "stroop_gratton_effect",
        "executive",
        "ms",
        "Effect after congruent minus effect after incongruent trials",
    ),
    (1218, "stroop_exgaussian_mu", "executive", "ms", "Mean of the normal part of reaction times"),
    (1219, "stroop_exgaussian_sigma", "executive", "ms", "SD of the normal part of reaction times"),
    (1220, "stroop_exgaussian_tau", "executive", "ms", "Mean of the exponential tail"),
    (
        1221,
        "ant_gratton_effect",
        "attention",
        "ms",
        "Effect after congruent minus effect after incongruent trials",
    ),
    (1222, "ant_exgaussian_mu", "attention", "ms", "Mean of the normal part of reaction times"),
    (1223, "ant_exgaussian_sigma", "attention", "ms", "SD of the normal part of reaction times"),
    (1224, "ant_exgaussian_tau", "attention", "ms", "Mean of the exponential tail"),
    (
        1225,
        "corsi_forward_longest",
        "memory",
        "{item}",
        "Longest sequence of blocks tapped in order",
    ),
    (1226, "corsi_forward_total", "memory", "{list}", "Sequences of blocks tapped in order"),
    (1227, "corsi_forward_partial_credit", "memory", "%", "Blocks tapped in their position"),
    (
        1228,
        "corsi_backward_longest",
        "memory",
        "{item}",
        "Longest sequence of blocks tapped in order",
    ),
    (1229, "corsi_backward_total", "memory", "{list}", "Sequences of blocks tapped in order"),
    (1230, "corsi_backward_partial_credit", "memory", "%", "Blocks tapped in their position"),
    (1231, "task_switching_switch_cost", "executive", "ms", "Switch minus repeat reaction time"),
    (
        1232,
        "task_switching_switch_error_cost",
        "executive",
        "%",
        "Switch minus repeat errors, in points",
    ),
    (
        1233,
        "task_switching_mixing_cost",
        "executive",
        "ms",
        "Repeat trials among switches minus single task",
    ),
    (1234, "task_switching_median", "executive", "ms", "Median reaction time"),
    (
        1235,
        "task_switching_variability",
        "executive",
        "%",
        "Coefficient of variation of reaction time",
    ),
    (1236, "task_switching_accuracy", "executive", "%", "Right answers"),
    (
        1237,
        "task_switching_inverse_efficiency",
        "executive",
        "ms",
        "Mean reaction time over share right",
    ),
    (1238, "posner_validity_effect", "attention", "ms", "Invalid minus valid reaction time"),
    (
        1239,
        "posner_validity_error_effect",
        "attention",
        "%",
        "Invalid minus valid errors, in points",
    ),
    (1240, "posner_benefit", "attention", "ms", "Neutral minus valid reaction time"),
    (1241, "posner_cost", "attention", "ms", "Invalid minus neutral reaction time"),
    (1242, "posner_median", "attention", "ms", "Median reaction time"),
    (1243, "posner_variability", "attention", "%", "Coefficient of variation of reaction time"),
    (1244, "posner_accuracy", "attention", "%", "Right answers"),
    (1245, "finger_tapping_rate", "speed", "/s", "Taps per second"),
    (1246, "finger_tapping_variability", "speed", "%", "Coefficient of variation of tap intervals"),
    (
        1247,
        "finger_tapping_decrement",
        "speed",
        "%",
        "Lengthening of tap intervals from first to last",
    ),
    (1248, "finger_tapping_right_rate", "speed", "/s", "Taps per second"),
    (
        1249,
        "finger_tapping_right_variability",
        "speed",
        "%",
        "Coefficient of variation of tap intervals",
    ),
    (
        1250,
        "finger_tapping_right_decrement",
        "speed",
        "%",
        "Lengthening of tap intervals from first to last",
    ),
    (1251, "finger_tapping_left_rate", "speed", "/s", "Taps per second"),
    (
        1252,
        "finger_tapping_left_variability",
        "speed",
        "%",
        "Coefficient of variation of tap intervals",
    ),
    (
        1253,
        "finger_tapping_left_decrement",
        "speed",
        "%",
        "Lengthening of tap intervals from first to last",
    ),
    (1254, "finger_tapping_dominant_rate", "speed", "/s", "Taps per second"),
    (
        1255,
        "finger_tapping_dominant_variability",
        "speed",
        "%",
        "Coefficient of variation of tap intervals",
    ),
    (
        1256,
        "finger_tapping_dominant_decrement",
        "speed",
        "%",
        "Lengthening of tap intervals from first to last",
    ),
    (1257, "finger_tapping_nondominant_rate", "speed", "/s", "Taps per second"),
    (
        1258,
        "finger_tapping_nondominant_variability",
        "speed",
        "%",
        "Coefficient of variation of tap intervals",
    ),
    (
        1259,
        "finger_tapping_nondominant_decrement",
        "speed",
        "%",
        "Lengthening of tap intervals from first to last",
    ),
]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "cognitive_results",
        sa.Column("import_report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
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
    first, last = BIOMARKERS[0][0], BIOMARKERS[-1][0]
    op.execute(f"DELETE FROM biomarkers WHERE id BETWEEN {first} AND {last}")
    op.drop_column("cognitive_results", "import_report")
