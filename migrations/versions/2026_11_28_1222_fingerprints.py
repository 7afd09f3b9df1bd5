"""What tells a person's recordings again goes with them: the hashes of their bytes

Revision ID: 0068
Revises: 0067
"""

from alembic import op

from migrations.released import again, edited, version

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

KEEPER = "medilens_keeper"
# Whoever has a copy of a recording could have asked by its hash whether somebody was here.
WITHOUT_HASH = (
    (
        "UPDATE public.uploaded_files SET deleted_at = coalesce(deleted_at, now())",
        """UPDATE public.uploaded_files SET sha256 = NULL,
        deleted_at = coalesce(deleted_at, now())""",
    ),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column("uploaded_files", "sha256", nullable=True)
    op.execute(f"GRANT UPDATE (sha256) ON uploaded_files TO {KEEPER}")
    former = version("0067")
    op.execute(again(edited(version("0055").CLEAR, *WITHOUT_HASH)))
    op.execute(again(edited(former.shred(), *WITHOUT_HASH)))


def downgrade() -> None:
    """Hashes that are gone stay so; a former release takes zeros for none."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(version("0067").shred()))
    op.execute(again(version("0055").CLEAR))
    op.execute(f"REVOKE UPDATE (sha256) ON uploaded_files FROM {KEEPER}")
    op.execute("ALTER TABLE uploaded_files DISABLE TRIGGER USER")
    op.execute("ALTER TABLE uploaded_files NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE uploaded_files SET sha256 = repeat('0', 64) WHERE sha256 IS NULL")
    op.execute("ALTER TABLE uploaded_files FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE uploaded_files ENABLE TRIGGER USER")
    op.alter_column("uploaded_files", "sha256", nullable=False)
