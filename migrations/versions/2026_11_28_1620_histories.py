"""An explanation of a history rests on several assessments, and goes with any of them

Revision ID: 0075
Revises: 0074
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.released import again, edited, version

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

OF_HISTORIES = (
    (
        "    UPDATE public.uploaded_files",
        """    DELETE FROM public.ai_explanations WHERE organization_id = home AND rests_on && ids;
    UPDATE public.uploaded_files""",
    ),
)


def clear_before() -> str:
    clear: str = version("0055").CLEAR
    return clear


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "ai_explanations",
        sa.Column("rests_on", ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_index(
        "ix_ai_explanations_rests_on", "ai_explanations", ["rests_on"], postgresql_using="gin"
    )
    op.execute(again(edited(clear_before(), *OF_HISTORIES)))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(clear_before()))
    op.drop_index("ix_ai_explanations_rests_on", "ai_explanations")
    op.drop_column("ai_explanations", "rests_on")
