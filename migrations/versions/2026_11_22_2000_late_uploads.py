"""What is sent after its upload was deleted is removed too

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A signed address outlives the deletion of what it was signed for, and a slow line its address. So
# what was deleted is looked for again a day later, once: then its status says that it is gone.
EXPIRED_UPLOADS = """
CREATE OR REPLACE FUNCTION medilens.expired_uploads(most integer)
RETURNS TABLE (id uuid, storage_key text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT due.id, due.storage_key FROM (
        SELECT u.id, u.storage_key, u.expires_at AS since FROM public.uploaded_files u
        WHERE u.expires_at < now() - interval '1 hour' AND u.deleted_at IS NULL
        UNION ALL
        SELECT u.id, u.storage_key, u.deleted_at FROM public.uploaded_files u
        WHERE u.deleted_at < now() - interval '1 day' AND u.status <> 'expired'
            AND u.assessment_id IS NULL
    ) AS due
    ORDER BY due.since LIMIT most
$$
"""

EXPIRE_UPLOADS = """
CREATE OR REPLACE FUNCTION medilens.expire_uploads(ids uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    expired integer;
BEGIN
    UPDATE public.uploaded_files
    SET status = 'expired', deleted_at = coalesce(deleted_at, now())
    WHERE id = ANY (ids) AND status <> 'expired' AND assessment_id IS NULL
        AND (expires_at < now() OR deleted_at IS NOT NULL);
    GET DIAGNOSTICS expired = ROW_COUNT;
    RETURN expired;
END
$$
"""

# As they were (0008).
EXPIRED_UPLOADS_BEFORE = """
CREATE OR REPLACE FUNCTION medilens.expired_uploads(most integer)
RETURNS TABLE (id uuid, storage_key text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id, u.storage_key FROM public.uploaded_files u
    WHERE u.expires_at < now() - interval '1 hour' AND u.deleted_at IS NULL
    ORDER BY u.expires_at LIMIT most
$$
"""

EXPIRE_UPLOADS_BEFORE = """
CREATE OR REPLACE FUNCTION medilens.expire_uploads(ids uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    expired integer;
BEGIN
    UPDATE public.uploaded_files SET status = 'expired', deleted_at = now()
    WHERE id = ANY (ids) AND expires_at < now() AND deleted_at IS NULL;
    GET DIAGNOSTICS expired = ROW_COUNT;
    RETURN expired;
END
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_uploaded_files_deleted",
        "uploaded_files",
        ["deleted_at"],
        postgresql_where=sa.text("deleted_at IS NOT NULL AND status <> 'expired'"),
    )
    op.execute(EXPIRED_UPLOADS)
    op.execute(EXPIRE_UPLOADS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(EXPIRED_UPLOADS_BEFORE)
    op.execute(EXPIRE_UPLOADS_BEFORE)
    op.drop_index("ix_uploaded_files_deleted", "uploaded_files")
