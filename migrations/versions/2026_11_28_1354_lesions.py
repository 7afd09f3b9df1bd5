"""Biomarkers of lesions on fundus photos: exudate near the fovea, and the risk of edema it stands for

Revision ID: 0073
Revises: 0072
"""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

BIOMARKERS = [
    (
        1413,
        "macular_exudate_area",
        "lesions",
        "%",
        "Hard exudate within a disc diameter of the fovea, share of the field",
    ),
    (
        1414,
        "edema_risk",
        "lesions",
        "{score}",
        "Risk of macular edema by hard exudate: 0 none, 1 elsewhere, 2 near the fovea",
    ),
]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    names = ("id", "name", "category", "unit", "description", "pipeline")
    biomarkers = sa.table("biomarkers", *(sa.column(name) for name in names))
    op.bulk_insert(
        biomarkers, [dict(zip(names, (*row, "retinal"), strict=True)) for row in BIOMARKERS]
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM biomarkers WHERE id IN (1413, 1414)")
