"""Absences, citations, populations and descriptions; result columns in the field's terms

Nothing was released before this version, so the columns of results are renamed in place: the
previous code does not work with them.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Table, name before, name now, and the kind of its CHECK.
RENAMED = (
    ("speech_results", "duration_seconds", "duration_s", "range"),
    ("speech_results", "sample_rate", "fs_hz", "range"),
    ("speech_results", "f0_mean", "f0_mean_hz", "finite"),
    ("speech_results", "jitter", "jitter_local_percent", "range"),
    ("speech_results", "shimmer", "shimmer_local_percent", "range"),
    ("speech_results", "hnr", "hnr_db", "finite"),
    ("speech_results", "cpps", "cpps_db", "finite"),
    ("speech_results", "speech_rate", "speech_rate_per_s", "finite"),
    ("speech_results", "articulation_rate", "articulation_rate_per_s", "finite"),
    ("speech_results", "voice_tremor", "vocal_tremor_percent", "finite"),
    ("speech_results", "prosody_variation", "f0_range_st", "finite"),
    ("speech_results", "ddk_rate", "ddk_rate_per_s", "finite"),
    ("cognitive_results", "attention_score", "attention_z", "finite"),
    ("cognitive_results", "memory_score", "memory_z", "finite"),
    ("cognitive_results", "executive_function_score", "executive_function_z", "finite"),
    ("cognitive_results", "processing_speed_score", "processing_speed_z", "finite"),
    ("cognitive_results", "language_score", "language_z", "finite"),
)


def upgrade() -> None:
    """Rename the columns, and add those of the typed record."""
    op.add_column("assessments", _json("absent", "[]"))
    op.add_column("assessments", _json("citations", "{}"))
    op.add_column("biomarker_values", sa.Column("population", sa.Text(), nullable=True))
    # What was drawn before has no description; whoever draws from now on gives one.
    alt = sa.Column("alt", sa.Text(), nullable=False, server_default="")
    op.add_column("assessment_pictures", alt)
    op.alter_column("assessment_pictures", "alt", server_default=None)
    for table, before, now, check in RENAMED:
        _rename(table, before, now, check)


def downgrade() -> None:
    """Give the columns their former names; what only the typed record holds is lost."""
    for table, before, now, check in reversed(RENAMED):
        _rename(table, now, before, check)
    op.drop_column("assessment_pictures", "alt")
    op.drop_column("biomarker_values", "population")
    op.drop_column("assessments", "citations")
    op.drop_column("assessments", "absent")


def _json(name: str, empty: str) -> sa.Column[object]:
    return sa.Column(name, JSONB(), nullable=False, server_default=sa.text(f"'{empty}'"))


def _rename(table: str, before: str, now: str, check: str) -> None:
    op.alter_column(table, before, new_column_name=now)
    op.execute(
        f"ALTER TABLE {table} RENAME CONSTRAINT ck_{table}_{before}_{check}"
        f" TO ck_{table}_{now}_{check}"
    )
