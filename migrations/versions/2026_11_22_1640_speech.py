"""The biomarkers of voices

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIOMARKERS = [
    (101, "f0_mean", "pitch", "Hz", "Mean fundamental frequency"),
    (102, "f0_sd", "pitch", "Hz", "Standard deviation of the fundamental frequency"),
    (103, "f0_range_st", "pitch", "{semitone}", "Range of the middle 90 % of F0"),
    (104, "jitter_local", "perturbation", "%", "Period against its neighbor"),
    (105, "jitter_rap", "perturbation", "%", "Period against the mean of three"),
    (106, "jitter_ppq5", "perturbation", "%", "Period against the mean of five"),
    (107, "shimmer_local", "perturbation", "%", "Amplitude against its neighbor"),
    (108, "shimmer_apq3", "perturbation", "%", "Amplitude against the mean of three"),
    (109, "shimmer_apq11", "perturbation", "%", "Amplitude against the mean of eleven"),
    (110, "shimmer_local_db", "perturbation", "dB", "Amplitude against its neighbor"),
    (111, "hnr", "noise", "dB", "Harmonics-to-noise ratio"),
    (112, "cpps", "noise", "dB", "Smoothed cepstral peak prominence"),
    (113, "formant_1", "resonance", "Hz", "Median first formant"),
    (114, "formant_2", "resonance", "Hz", "Median second formant"),
    (115, "formant_3", "resonance", "Hz", "Median third formant"),
    (116, "intensity_mean", "level", "dB", "Level re full scale, not re 20 uPa"),
    (117, "voice_breaks", "perturbation", "%", "Share of the vowel lost in voice breaks"),
    (118, "speech_rate", "timing", "/s", "Syllables a second, with pauses"),
    (119, "articulation_rate", "timing", "/s", "Syllables a second, without pauses"),
    (120, "pause_ratio", "timing", "1", "Share of the speaking time that is pause"),
    (121, "pause_mean", "timing", "s", "Mean length of a pause"),
    (122, "phonation_time", "timing", "s", "Vowel: its length; speech: time sounding"),
    (123, "vocal_tremor_frequency", "tremor", "Hz", "Rate of a regular pitch tremor"),
    (124, "vocal_tremor_intensity", "tremor", "%", "Depth of the strongest tremor"),
    (125, "avqi", "noise", "1", "Acoustic Voice Quality Index 03.01"),
    (126, "ddk_rate", "articulation", "/s", "Repeated syllables a second"),
    (
        127,
        "ddk_regularity",
        "articulation",
        "%",
        "Coefficient of variation of the intervals: 0 is a clock",
    ),
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
        biomarkers, [dict(zip(columns, (*row, "speech"), strict=True)) for row in BIOMARKERS]
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM biomarkers WHERE pipeline = 'speech'")
