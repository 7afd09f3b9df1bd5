"""Whoever fits an organization's norm sees the sessions that it is fitted on

Revision ID: 0037
Revises: 0036
"""

from collections.abc import Iterator
from dataclasses import replace

from alembic import op

from migrations.released import version
from migrations.tenancy import Access, secure_by_permission

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def before() -> Iterator[tuple[str, Access]]:
    yield "assessments", version("0035").assessments()
    yield "cognitive_results", version("0030").tables()["cognitive_results"]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, access in before():
        fitting = replace(access, view=(*access.view, "manage_organization"))
        for statement in secure_by_permission(table, fitting):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, access in before():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
