"""Uploads that expire, analyses that are finished later, and the role that clears up after both

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Owns what the scheduled function calls for all tenants; it never logs in.
ROLE = "medilens_upkeep"

CREATE_ROLE = f"""
DO $$ BEGIN
    CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

# Another database of the server may still use the role; then it stays.
DROP_ROLE = f"""
DO $$ BEGIN
    DROP ROLE {ROLE};
EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN NULL;
END $$
"""

# An analysis that began just before its recording expired still finds it.
EXPIRED_UPLOADS = """
CREATE FUNCTION medilens.expired_uploads(most integer) RETURNS TABLE (id uuid, storage_key text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id, u.storage_key FROM public.uploaded_files u
    WHERE u.expires_at < now() - interval '1 hour' AND u.deleted_at IS NULL
    ORDER BY u.expires_at LIMIT most
$$
"""

EXPIRE_UPLOADS = """
CREATE FUNCTION medilens.expire_uploads(ids uuid[]) RETURNS integer
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

# What no worker ever finished: it was killed each time, or the caller lost the permission.
ABANDON_ASSESSMENTS = """
CREATE FUNCTION medilens.abandon_assessments(older_than interval) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    abandoned integer;
BEGIN
    WITH given_up AS (
        UPDATE public.assessments
        SET status = 'failed', completed_at = now(), updated_at = now()
        WHERE status IN ('pending', 'processing') AND created_at < now() - older_than
        RETURNING organization_id, user_id, id
    )
    INSERT INTO public.pipeline_stages (
        id, organization_id, user_id, assessment_id, stage_name, stage_index, status,
        duration_ms, error_code, error_message
    )
    SELECT gen_random_uuid(), organization_id, user_id, id, 'queue', 0, 'failed', 0,
        'analysis-abandoned', 'The analysis was never finished. Send the recording again.'
    FROM given_up;
    GET DIAGNOSTICS abandoned = ROW_COUNT;
    RETURN abandoned;
END
$$
"""

FUNCTIONS = (
    "medilens.expired_uploads(integer)",
    "medilens.expire_uploads(uuid[])",
    "medilens.abandon_assessments(interval)",
)

UNFINISHED = "status IN ('pending', 'processing')"

# Whoever asked for an analysis may see it through, a patient too; once finished it stays.
FINISHED_BY_ITS_AUTHOR = f"""
CREATE POLICY finished ON assessments FOR UPDATE TO medilens_app
USING (
    organization_id = (SELECT nullif(current_setting('medilens.organization_id', true), '')::uuid)
    AND (SELECT current_setting('medilens.scope', true)) = 'own'
    AND user_id = (SELECT nullif(current_setting('medilens.user_id', true), '')::uuid)
    AND created_by = user_id AND {UNFINISHED}
)
WITH CHECK (
    organization_id = (SELECT nullif(current_setting('medilens.organization_id', true), '')::uuid)
    AND user_id = (SELECT nullif(current_setting('medilens.user_id', true), '')::uuid)
    AND created_by = user_id
)
"""

# table: what the role may do there, and with which rows.
UPKEEP = (
    ("uploaded_files", "SELECT", "USING (true)"),
    ("uploaded_files", "UPDATE", "USING (true)"),
    ("assessments", "SELECT", "USING (true)"),
    ("assessments", "UPDATE", f"USING ({UNFINISHED}) WITH CHECK (status = 'failed')"),
    ("pipeline_stages", "INSERT", "WITH CHECK (status = 'failed')"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("uploaded_files", sa.Column("suffix", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_uploaded_files_suffix_plain"), "uploaded_files", r"suffix ~ '^\.[a-z0-9]{1,8}$'"
    )
    op.create_index(
        "ix_uploaded_files_expiring",
        "uploaded_files",
        ["expires_at"],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_assessments_unfinished",
        "assessments",
        ["created_at"],
        postgresql_where=sa.text(UNFINISHED),
    )
    op.execute(FINISHED_BY_ITS_AUTHOR)
    add_upkeep()


def add_upkeep() -> None:
    op.execute(CREATE_ROLE)
    op.execute(f"GRANT {ROLE} TO CURRENT_USER")
    op.execute(f"GRANT USAGE, CREATE ON SCHEMA medilens TO {ROLE}")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
    for table, right, rows in UPKEEP:
        op.execute(f"GRANT {right} ON {table} TO {ROLE}")
        op.execute(f"CREATE POLICY upkeep_{right} ON {table} FOR {right} TO {ROLE} {rows}")
    for statement in (EXPIRED_UPLOADS, EXPIRE_UPLOADS, ABANDON_ASSESSMENTS):
        op.execute(statement)
    for function in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO medilens_app")
        op.execute(f"ALTER FUNCTION {function} OWNER TO {ROLE}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    for table, right, _ in UPKEEP:
        op.execute(f"DROP POLICY upkeep_{right} ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM {ROLE}")
    op.execute(f"REVOKE ALL ON SCHEMA medilens, public FROM {ROLE}")
    op.execute(DROP_ROLE)
    op.execute("DROP POLICY finished ON assessments")
    op.drop_index("ix_assessments_unfinished", "assessments")
    op.drop_index("ix_uploaded_files_expiring", "uploaded_files")
    op.drop_constraint(op.f("ck_uploaded_files_suffix_plain"), "uploaded_files")
    op.drop_column("uploaded_files", "suffix")
