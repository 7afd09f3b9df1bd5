"""Conduction beside the rhythm; P duration and QRS axis; what ectopic burden counts

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIOMARKERS = (
    (22, "p_duration", "ms", "Onset to end of P"),
    (23, "qrs_axis", "deg", "Frontal axis of the QRS area"),
)


def upgrade() -> None:
    op.add_column("cardiology_results", sa.Column("conduction", JSONB(), nullable=True))
    for number, name, unit, description in BIOMARKERS:
        op.execute(
            sa.text(
                "INSERT INTO biomarkers (id, name, pipeline, category, unit, description)"
                " VALUES (:id, :name, 'cardiology', 'interval', :unit, :description)"
                " ON CONFLICT DO NOTHING"
            ).bindparams(id=number, name=name, unit=unit, description=description)
        )
    _describe("Share of ventricular ectopic beats")


def downgrade() -> None:
    _describe("Share of ventricular and supraventricular ectopic beats")
    op.drop_column("cardiology_results", "conduction")


def _describe(text: str) -> None:
    op.execute(
        sa.text(
            "UPDATE biomarkers SET description = :text WHERE name = 'ectopic_burden'"
        ).bindparams(text=text)
    )
