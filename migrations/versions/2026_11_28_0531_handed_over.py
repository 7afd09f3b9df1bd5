"""Whoever hands a person's record over reads what was moved, merged, asked and who cared

Revision ID: 0056
Revises: 0055
"""

from collections.abc import Iterator
from dataclasses import replace

from alembic import op

from migrations.released import version
from migrations.tenancy import Access, secure_by_permission

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

EXPORTED = {
    "moves": ("0035", "MOVES"),
    "merges": ("0036", "MERGES"),
    "care_assignments": ("0030", "ASSIGNMENTS"),
    "audit_questions": ("0049", "QUESTIONS"),
}


def handed_over(*more: str) -> Iterator[str]:
    for table, (number, name) in EXPORTED.items():
        access: Access = getattr(version(number), name)
        yield from secure_by_permission(table, replace(access, view=(*access.view, *more)))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in handed_over("export_data"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in handed_over():
        op.execute(statement)
