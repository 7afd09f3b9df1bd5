"""Skin lesions: the results table holds words and evidence, the numbers are biomarkers

Revision ID: 0028
Revises: 0027
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIOMARKERS = [
    (601, "lesion_area", "size", "{pixel}", "Pixels of the picture as it was sent"),
    (602, "lesion_diameter", "size", "{pixel}", "Longest extent of the outline"),
    (603, "lesion_area_mm2", "size", "mm2", "Area at a known scale"),
    (604, "lesion_diameter_mm", "size", "mm", "Longest extent at a known scale"),
    (605, "asymmetry_index_first", "asymmetry", "1", "Shape, across the better axis"),
    (606, "asymmetry_index_second", "asymmetry", "1", "Shape, across the other axis"),
    (607, "color_asymmetry_first", "asymmetry", "1", "Color, across the better axis"),
    (608, "color_asymmetry_second", "asymmetry", "1", "Color, across the other axis"),
    (609, "asymmetry_score", "asymmetry", "{score}", "Axes with asymmetry, 0-2"),
    (610, "border_score", "border", "{score}", "Sectors that end abruptly, 0-8"),
    (611, "compactness", "border", "1", "Squared outline over 4 pi area: 1 is a circle"),
    (612, "color_count", "color", "{count}", "Of six named colors of at least 3 %"),
    (613, "structure_count", "structure", "{count}", "Of five dermoscopic structures"),
    (614, "total_dermoscopy_score", "score", "{score}", "1.3 A + 0.1 B + 0.5 C + 0.5 D"),
    (615, "lesion_area_ratio", "evolution", "1", "Area now over area then"),
    (616, "lesion_color_shift", "evolution", "1", "Color now against then, CIE 1976"),
]
type Columns = dict[str, sa.types.TypeEngine[Any]]

# No pipeline has ever written this table: what goes has no rows.
DROPPED: Columns = {
    "primary_classification": sa.Text(),
    "melanoma_suspicion": sa.Text(),
    "asymmetry_score": sa.Float(),
    "border_score": sa.Float(),
    "color_score": sa.Float(),
    "diameter_mm": sa.Float(),
    "evolution_score": sa.Float(),
    "image_quality": sa.Text(),
    "lesion_centered": sa.Boolean(),
}
ADDED: Columns = {
    "lesion_key": sa.Text(),
    "image_source": sa.Text(),
    "image_source_decided_by": sa.Text(),
    "scale_origin": sa.Text(),
    "mm_per_px": sa.Float(),
    "image_quality": JSONB(),
    "border_agreement": sa.Float(),
    "axes": JSONB(),
    "sectors": JSONB(),
    "color_shares": JSONB(),
    "structures": JSONB(),
    "dermoscopy_grade": sa.Text(),
    "abcde_flags": JSONB(),
    "lesion_lab": JSONB(),
    "compared_with": sa.Uuid(),
    "outline_overlap": sa.Float(),
    "classes": JSONB(),
}
CHECKS = {
    "mm_per_px_range": "mm_per_px BETWEEN 0 AND 10",
    "border_agreement_range": "border_agreement BETWEEN 0 AND 1",
    "outline_overlap_range": "outline_overlap BETWEEN 0 AND 1",
    "image_source_known": "image_source IN ('dermoscopy', 'clinical', 'undetermined')",
    "image_source_decided_by_known": (
        "image_source_decided_by IN ('declared', 'round-field', 'nothing')"
    ),
    "scale_origin_known": "scale_origin IN ('declared', 'ruler')",
}
FORMER_CHECKS = {
    "asymmetry_score_range": "asymmetry_score BETWEEN 0 AND 1",
    "border_score_range": "border_score BETWEEN 0 AND 1",
    "color_score_range": "color_score BETWEEN 0 AND 1",
    "diameter_mm_range": "diameter_mm BETWEEN 0 AND 1000",
    "evolution_score_range": "evolution_score BETWEEN 0 AND 1",
}
TABLE = "dermatology_results"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _replace(list(DROPPED), ADDED, CHECKS)
    biomarkers = sa.table(
        "biomarkers",
        *(
            sa.column(name)
            for name in ("id", "name", "category", "unit", "description", "pipeline")
        ),
    )
    columns = [column.name for column in biomarkers.columns]
    op.bulk_insert(
        biomarkers, [dict(zip(columns, (*row, "dermatology"), strict=True)) for row in BIOMARKERS]
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM biomarkers WHERE pipeline = 'dermatology'")
    _replace(list(ADDED), DROPPED, FORMER_CHECKS)


def _replace(dropped: list[str], added: Columns, checks: dict[str, str]) -> None:
    """A column that goes takes its checks along."""
    for name in dropped:
        op.drop_column(TABLE, name)
    for name, type_ in added.items():
        op.add_column(TABLE, sa.Column(name, type_))
    for name, condition in checks.items():
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, condition)
