"""Biomarkers of lesions on fundus photos: exudate near the fovea, and the risk of edema it stands for

Revision ID: 0073
Revises: 0072
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import insert

from migrations.tenancy import unforced

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
    rows = [dict(zip(names, (*row, "retinal"), strict=True)) for row in BIOMARKERS]
    op.execute(insert(biomarkers).values(rows).on_conflict_do_nothing())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # What was measured keeps its name.
    with unforced("biomarker_values"):
        op.execute(
            "DELETE FROM biomarkers b WHERE id IN (1413, 1414)"
            " AND NOT EXISTS (SELECT FROM biomarker_values v WHERE v.biomarker_id = b.id)"
        )
