"""New measures of voices, and how precise each is within its recording

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIOMARKERS = [
    (128, "alpha_ratio", "spectrum", "dB", "Level of 1-5 kHz over that of 50-1000 Hz"),
    (129, "hammarberg_index", "spectrum", "dB", "Peak below 2 kHz over that of 2-5 kHz"),
    (130, "h1_h2", "spectrum", "dB", "First harmonic over the second, as it sounds"),
    (131, "amplitude_tremor_frequency", "tremor", "Hz", "Rate of a regular amplitude tremor"),
    (132, "amplitude_tremor_intensity", "tremor", "%", "Depth of the strongest amplitude tremor"),
    (133, "voice_onset_time", "articulation", "ms", "From the burst of a syllable to its voice"),
    (134, "vowel_space_area", "resonance", "kHz2", "Triangle of /a/, /i/ and /u/ in F1 and F2"),
    (135, "formant_centralization_ratio", "resonance", "1", "F2u+F2a+F1i+F1u over F2i+F1a"),
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
    op.add_column("speech_results", sa.Column("measure_precision", JSONB()))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("speech_results", "measure_precision")
    names = ", ".join(f"'{name}'" for _, name, *_ in BIOMARKERS)
    op.execute(f"DELETE FROM biomarkers WHERE pipeline = 'speech' AND name IN ({names})")
