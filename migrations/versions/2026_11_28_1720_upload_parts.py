"""What a store calls the parts of a file that are not joined yet: sent again is what is missing

Revision ID: 0080
Revises: 0079
"""

import sqlalchemy as sa
from alembic import op

from migrations.released import edited, give, version

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

UPKEEP = "medilens_upkeep"
EXPIRED_UPLOADS = "expired_uploads(integer)"
WITH_PARTS = (
    ("CREATE OR REPLACE", "CREATE"),
    ("(id uuid, storage_key text)", "(id uuid, storage_key text, multipart_id text)"),
    ("due.id, due.storage_key", "due.id, due.storage_key, due.multipart_id"),
    (
        "u.storage_key, u.expires_at AS since",
        "u.storage_key, u.multipart_id, u.expires_at AS since",
    ),
    ("u.storage_key, u.deleted_at", "u.storage_key, u.multipart_id, u.deleted_at"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("uploaded_files", sa.Column("multipart_id", sa.Text(), nullable=True))
    op.execute("GRANT UPDATE (multipart_id) ON uploaded_files TO medilens_app")
    op.execute(
        "INSERT INTO medilens.needed_permissions"
        " VALUES ('uploaded_files', 'change', 'multipart_id', '{create_assessment}')"
    )
    replace(edited(version("0010").EXPIRED_UPLOADS, *WITH_PARTS))


def replace(statement: str) -> None:
    """A function that returns other columns is another function."""
    op.execute(f"DROP FUNCTION medilens.{EXPIRED_UPLOADS}")
    op.execute(statement)
    give(EXPIRED_UPLOADS, UPKEEP)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    replace(version("0010").EXPIRED_UPLOADS)
    op.execute(
        "DELETE FROM medilens.needed_permissions"
        " WHERE table_name = 'uploaded_files' AND column_name = 'multipart_id'"
    )
    op.drop_column("uploaded_files", "multipart_id")
