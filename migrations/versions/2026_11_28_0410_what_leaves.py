"""Whoever may see a person's records may see what the clinic calls the person, and their consents

Revision ID: 0039
Revises: 0038
"""

from collections.abc import Iterator
from dataclasses import replace

from alembic import op

from migrations.released import version
from migrations.tenancy import Access, secure_by_permission

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# A report names the person as the clinic does; an export says who agreed to it.
LEAVING = ("view_assessments", "export_data")


def before() -> Iterator[tuple[str, Access]]:
    tables = version("0030").tables()
    for table in ("person_identifiers", "consents"):
        yield table, tables[table]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, access in before():
        for statement in secure_by_permission(
            table, replace(access, view=(*access.view, *LEAVING))
        ):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, access in before():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
