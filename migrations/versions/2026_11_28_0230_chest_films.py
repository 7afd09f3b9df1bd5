"""Chest films: words and evidence in the results, numbers among the biomarkers

What named a disease or a state had no measurement behind it; an operator's model fills `findings`.
No release has written to the table.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLE = "radiology_results"

BIOMARKERS = [
    (401, "cardiothoracic_ratio", "heart size", "1", "Width of the heart over that of the thorax"),
    (402, "heart_width_px", "heart size", "{pixel}", "Width of the heart on the film as sent"),
    (403, "thorax_width_px", "heart size", "{pixel}", "Width of the lungs' outer borders"),
    (404, "heart_right_px", "heart size", "{pixel}", "Heart to the right of the thorax's middle"),
    (405, "heart_left_px", "heart size", "{pixel}", "Heart to the left of the thorax's middle"),
    (406, "heart_width_mm", "heart size", "mm", "Width of the heart at the detector"),
    (407, "thorax_width_mm", "heart size", "mm", "Width of the thorax at the detector"),
    (408, "right_lung_area", "lungs", "%", "Share of the film that the right lung covers"),
    (409, "left_lung_area", "lungs", "%", "Share of the film that the left lung covers"),
    (410, "lung_area_ratio", "lungs", "1", "Area of the left lung over that of the right"),
    (
        411,
        "right_upper_opacity",
        "density",
        "%",
        "Percentile of the upper third of the right lung among all lung pixels",
    ),
    (
        412,
        "right_middle_opacity",
        "density",
        "%",
        "Percentile of the middle third of the right lung among all lung pixels",
    ),
    (
        413,
        "right_lower_opacity",
        "density",
        "%",
        "Percentile of the lower third of the right lung among all lung pixels",
    ),
    (
        414,
        "left_upper_opacity",
        "density",
        "%",
        "Percentile of the upper third of the left lung among all lung pixels",
    ),
    (
        415,
        "left_middle_opacity",
        "density",
        "%",
        "Percentile of the middle third of the left lung among all lung pixels",
    ),
    (
        416,
        "left_lower_opacity",
        "density",
        "%",
        "Percentile of the lower third of the left lung among all lung pixels",
    ),
    (
        417,
        "upper_opacity_asymmetry",
        "density",
        "%",
        "Percentile of the upper right third less that of the left",
    ),
    (
        418,
        "middle_opacity_asymmetry",
        "density",
        "%",
        "Percentile of the middle right third less that of the left",
    ),
    (
        419,
        "lower_opacity_asymmetry",
        "density",
        "%",
        "Percentile of the lower right third less that of the left",
    ),
]

ADDED = {
    "view_position": sa.Text,
    "heart_size": sa.Text,
    "ratio_interval": JSONB,
    "measured_lines": JSONB,
    "quality_numbers": JSONB,
    "likeness": JSONB,
}
DROPPED = {
    "modality_type": sa.Text,
    "primary_condition": sa.Text,
    "primary_probability": sa.Float,
    "primary_severity": sa.Text,
    "lungs_status": sa.Text,
    "heart_status": sa.Text,
    "quality_score": sa.Float,
}
KNOWN = {
    "view_position": "'PA', 'AP'",
    "heart_size": "'normal', 'indeterminate', 'enlarged'",
    "image_quality": "'good', 'limited'",
}
RANGES = ("primary_probability", "quality_score")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in DROPPED:
        op.drop_column(TABLE, column)
    for column, kind in ADDED.items():
        op.add_column(TABLE, sa.Column(column, kind(), nullable=True))
    for column, values in KNOWN.items():
        name = f"ck_{TABLE}_{column}_known"
        op.create_check_constraint(op.f(name), TABLE, f"{column} IN ({values})")
    columns = ("id", "name", "category", "unit", "description", "pipeline")
    biomarkers = sa.table("biomarkers", *map(sa.column, columns))
    rows = [dict(zip(columns, (*row, "radiology"), strict=True)) for row in BIOMARKERS]
    op.bulk_insert(biomarkers, rows)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    names = ", ".join(f"'{name}'" for _, name, *_ in BIOMARKERS)
    op.execute(f"DELETE FROM biomarkers WHERE pipeline = 'radiology' AND name IN ({names})")
    for column in KNOWN:
        op.drop_constraint(op.f(f"ck_{TABLE}_{column}_known"), TABLE, type_="check")
    for column in ADDED:
        op.drop_column(TABLE, column)
    for column, kind in DROPPED.items():
        op.add_column(TABLE, sa.Column(column, kind(), nullable=True))
    for column in RANGES:
        name = f"ck_{TABLE}_{column}_range"
        op.create_check_constraint(op.f(name), TABLE, f"{column} BETWEEN 0 AND 1")
