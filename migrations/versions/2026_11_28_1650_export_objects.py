"""What an export stores has a name of its own, whoever stored it

Revision ID: 0077
Revises: 0076
"""

from dataclasses import replace

import sqlalchemy as sa
from alembic import op

from migrations.released import again, edited, version
from migrations.tenancy import Access, secure_by_permission

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

TABLES = {"fhir_exports": "0057", "person_exports": "0067"}


def expired() -> str:
    """Remove what was named, whether it was listed or its request was cut off before."""
    edits = [("jsonb_array_length(e.files) FROM", "e.objects FROM")]
    for row in ("f", "p"):
        objects = f"greatest(jsonb_array_length({row}.files), {row}.objects) AS objects"
        columns = f"{row}.id, {row}.organization_id, "
        edits.append((f"{columns}{row}.files", f"{columns}{objects}"))
    return again(edited(version("0067").EXPIRED, *edits))


def access(table: str) -> Access:
    former: Access = version(TABLES[table]).ACCESS
    ((permission, columns),) = former.change.items()
    return replace(former, change={permission: (*columns, "objects")})


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.add_column(table, sa.Column("objects", sa.Integer(), server_default="0", nullable=False))
        for statement in secure_by_permission(table, access(table)):
            op.execute(statement)
    op.execute(expired())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(version("0067").EXPIRED))
    for table, number in TABLES.items():
        for statement in secure_by_permission(table, version(number).ACCESS):
            op.execute(statement)
        op.drop_column(table, "objects")
