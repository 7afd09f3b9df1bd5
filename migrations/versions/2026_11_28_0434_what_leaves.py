"""Whoever sees records sees whom the clinic calls how, what was agreed to, and who issues them

Revision ID: 0044
Revises: 0043
"""

from collections.abc import Iterator
from dataclasses import replace

from alembic import op

from migrations.released import version
from migrations.tenancy import Access, secure_by_permission

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

# A report names the person as the clinic does; an export says who agreed to it.
LEAVING = ("view_assessments", "export_data")


def before() -> Iterator[tuple[str, Access]]:
    tables = version("0030").tables()
    for table in ("person_identifiers", "consents"):
        yield table, tables[table]
    yield "organizations", version("0021").tables()["organizations"]


def now() -> Iterator[tuple[str, Access]]:
    """A patient's own report and a clinician's have the same head."""
    for table, access in before():
        if table == "organizations":
            yield table, replace(access, shared=True)
        else:
            yield table, replace(access, view=(*access.view, *LEAVING))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, access in now():
        for statement in secure_by_permission(table, access):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, access in before():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
