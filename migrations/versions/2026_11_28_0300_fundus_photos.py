"""Fundus photos: words and evidence in the results, numbers among the biomarkers

Columns of numbers went to the biomarkers, pictures to the pictures; grades, lesions,
venous beading and intraretinal microvascular abnormalities are not measured. No release has written to the table.

Revision ID: 0032
Revises: 0031
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLE = "retinal_results"

BIOMARKERS = [
    (1401, "vessel_density", "vessels", "%", "Share of the field that is vessel"),
    (1402, "fractal_dimension", "vessels", "1", "Box-counting dimension of the vessel mask"),
    (1403, "tortuosity_index", "vessels", "1", "Arc over chord less one, by length"),
    (1404, "branching_count", "vessels", "{count}", "Branch points of the center lines"),
    (
        1405,
        "caliber_equivalent",
        "vessels",
        "%",
        "Six widest vessels of zone B by Knudtson, of the disc's diameter; no artery or vein",
    ),
    (1406, "av_ratio", "vessels", "1", "Caliber of arterioles over that of venules"),
    (1407, "disc_diameter", "disc", "{pixel}", "Diameter of a circle of the disc's area"),
    (1408, "vcdr", "disc", "1", "Height of the cup over that of the disc"),
    (1409, "microaneurysm_count", "lesions", "{count}", "Candidates of microaneurysms"),
    (1410, "hemorrhage_count", "lesions", "{count}", "Candidates of hemorrhages"),
    (1411, "hard_exudate_area", "lesions", "%", "Share of the field that is hard exudate"),
    (
        1412,
        "referable_dr_probability",
        "screening",
        "1",
        "Probability of diabetic retinopathy of grade 2 or more",
    ),
]

ADDED: dict[str, Any] = {
    "quality": JSONB,
    "referable_dr_flag": sa.Boolean,
    "optic_disc": JSONB,
    "fovea": JSONB,
}
DROPPED: dict[str, Any] = {
    "dr_grade": sa.Integer,
    "dr_severity": sa.Text,
    "hemorrhages_4_quadrants": sa.Boolean,
    "four_two_one_met": sa.Boolean,
    "venous_beading_2_quadrants": sa.Boolean,
    "irma_1_quadrant": sa.Boolean,
    "dme_present": sa.Boolean,
    "dme_severity": sa.Text,
    "vessel_density": sa.Float,
    "av_ratio": sa.Float,
    "tortuosity_index": sa.Float,
    "hemorrhage_count": sa.Integer,
    "microaneurysm_count": sa.Integer,
    "exudate_area_percent": sa.Float,
    "heatmap_data": JSONB,
    "vessel_segmentation": JSONB,
}
CHECKS = {
    "image_quality_known": "image_quality IN ('good', 'limited')",
}
DROPPED_CHECKS = {
    "dr_grade_range": "dr_grade BETWEEN 0 AND 4",
    "vessel_density_range": "vessel_density BETWEEN 0 AND 1",
    "av_ratio_range": "av_ratio BETWEEN 0 AND 10",
    "exudate_area_percent_range": "exudate_area_percent BETWEEN 0 AND 100",
    "hemorrhage_count_range": "hemorrhage_count BETWEEN 0 AND 100000",
    "microaneurysm_count_range": "microaneurysm_count BETWEEN 0 AND 100000",
    "tortuosity_index_finite": "tortuosity_index > '-Infinity'::float8 AND tortuosity_index < 'Infinity'::float8",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    names = ("id", "name", "category", "unit", "description", "pipeline")
    biomarkers = sa.table("biomarkers", *(sa.column(name) for name in names))
    op.bulk_insert(
        biomarkers, [dict(zip(names, (*row, "retinal"), strict=True)) for row in BIOMARKERS]
    )
    _reshape(DROPPED, DROPPED_CHECKS, ADDED, CHECKS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _reshape(ADDED, CHECKS, DROPPED, DROPPED_CHECKS)
    op.execute("DELETE FROM biomarkers WHERE pipeline = 'retinal'")


def _reshape(
    old: dict[str, Any],
    old_checks: dict[str, str],
    new: dict[str, Any],
    new_checks: dict[str, str],
) -> None:
    for name in old_checks:
        op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE)
    for name in old:
        op.drop_column(TABLE, name)
    for name, kind in new.items():
        op.add_column(TABLE, sa.Column(name, kind()))
    for name, condition in new_checks.items():
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, condition)
