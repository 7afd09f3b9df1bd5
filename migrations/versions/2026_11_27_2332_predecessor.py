"""An assessment may be made after another one of the same recording

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = "fk_assessments_organization_id_user_id_predecessor_id"
COLUMNS = ["organization_id", "user_id"]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("assessments", sa.Column("predecessor_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        KEY,
        "assessments",
        "assessments",
        [*COLUMNS, "predecessor_id"],
        [*COLUMNS, "id"],
        ondelete="RESTRICT",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(KEY, "assessments", type_="foreignkey")
    op.drop_column("assessments", "predecessor_id")
