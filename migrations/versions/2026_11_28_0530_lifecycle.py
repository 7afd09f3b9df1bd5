"""Kept while it must be, gone when due: clocks of records, legal holds, erasure and purge

Revision ID: 0055
Revises: 0054
"""

import sqlalchemy as sa
from alembic import op

from migrations.released import give, version
from migrations.schedule import forget_job, forget_step, job, step
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

IDENTITY, AUDIT, UPKEEP, APP, KEEPER = (
    *("medilens_identity", "medilens_audit", "medilens_upkeep"),
    *("medilens_app", "medilens_keeper"),
)

MANAGING = ("manage_organization",)
HOLDS = Access(
    view=(*MANAGING, "export_data"),
    add=MANAGING,
    author="placed_by",
    new="released_at IS NULL AND released_by IS NULL",
    change={"manage_organization": ("released_at", "released_by")},
    along=(),
)

# Until when a person's record has to be kept: each class of records by its own clock, from the last
# of it; of whoever was a minor at the last visit until they are 25. NULL where nothing is kept.
RETAINED_UNTIL = """
CREATE FUNCTION medilens.retained_until(home uuid, person uuid) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT greatest(
        max(c.last + make_interval(years =>
            coalesce((o.settings #>> ARRAY['retention_years', c.class])::integer, 7))),
        CASE WHEN u.date_of_birth + interval '18 years' > max(c.last)
            THEN u.date_of_birth + interval '25 years' END
    )
    FROM public.users u JOIN public.organizations o ON o.id = u.organization_id
    CROSS JOIN LATERAL (
        SELECT 'assessments' AS class, max(a.created_at) AS last FROM public.assessments a
        WHERE a.organization_id = home AND a.user_id = person AND a.purged_at IS NULL
        UNION ALL SELECT 'recordings', max(f.created_at) FROM public.uploaded_files f
        WHERE f.organization_id = home AND f.user_id = person
        UNION ALL SELECT 'conversations', max(t.created_at) FROM public.chat_threads t
        WHERE t.organization_id = home AND t.user_id = person
    ) AS c
    WHERE u.organization_id = home AND u.id = person
    GROUP BY u.date_of_birth
$$
"""
IS_HELD = """
CREATE FUNCTION medilens.is_held(home uuid, person uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM public.legal_holds h WHERE h.organization_id = home AND h.user_id = person
        AND h.released_at IS NULL AND coalesce(h.held_until > now(), true)
    )
$$
"""

PARTS = (
    *("pipeline_stages", "biomarker_values", "assessment_pictures", "ai_explanations"),
    *("sign_offs", "cardiology_results", "speech_results", "retinal_results"),
    *("radiology_results", "dermatology_results", "cognitive_results"),
)
PAYLOAD = (
    "review_note = NULL, risk_score = NULL, risk_level = NULL, risk_points = '[]',"
    " confidence = NULL, quality_score = NULL, review_reason = NULL, absent = '[]',"
    " citations = '{}', warnings = '[]', provenance = '{}', idempotency_key = NULL,"
    " session_id = id::text, processing_time_ms = NULL,"
    " deleted_at = coalesce(deleted_at, now()), purged_at = now()"
)
WITHOUT_PARTS = "\n    ".join(
    f"DELETE FROM public.{table} p USING public.assessments a WHERE a.organization_id = home"
    " AND a.id = ANY (ids) AND p.organization_id = home AND p.user_id = a.user_id"
    " AND p.assessment_id = a.id;"
    for table in PARTS
)
# What an assessment found goes, and the bytes of its recording with the next run of `uploads`; that
# there was one stays.
CLEAR = f"""
CREATE FUNCTION medilens.clear_assessments(home uuid, ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
BEGIN
    {WITHOUT_PARTS}
    UPDATE public.uploaded_files SET deleted_at = coalesce(deleted_at, now())
    WHERE organization_id = home AND assessment_id = ANY (ids);
    UPDATE public.assessments SET {PAYLOAD} WHERE organization_id = home AND id = ANY (ids);
END
$$
"""
# The certificate is the act in the trail.
CERTIFY = """
CREATE FUNCTION medilens.certify(home uuid, person uuid, told jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM medilens.record(home, 'execute', 'users', person, person, 'success', told, NULL);
END
$$
"""
SHRED = """
CREATE FUNCTION medilens.shred(home uuid, person uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT a.id FROM public.assessments a
        WHERE a.organization_id = home AND a.user_id = person AND a.purged_at IS NULL);
    certificate jsonb;
BEGIN
    PERFORM medilens.clear_assessments(home, ids);
    UPDATE public.uploaded_files SET deleted_at = coalesce(deleted_at, now())
    WHERE organization_id = home AND user_id = person;
    DELETE FROM public.chat_messages WHERE organization_id = home AND user_id = person;
    UPDATE public.chat_threads SET title = NULL, context = '{}', deleted_at = coalesce(deleted_at, now())
    WHERE organization_id = home AND user_id = person;
    DELETE FROM public.user_profiles WHERE organization_id = home AND user_id = person;
    UPDATE public.person_identifiers SET deleted_at = coalesce(deleted_at, now()),
        value_token = NULL, value = CASE WHEN value LIKE 'mle:%' THEN value ELSE 'erased' END
    WHERE organization_id = home AND user_id = person;
    UPDATE public.merges SET reason = 'erased'
    WHERE organization_id = home AND user_id = person AND reason NOT LIKE 'mle:%';
    UPDATE public.moves SET reason = 'erased'
    WHERE organization_id = home AND user_id = person AND reason NOT LIKE 'mle:%';
    UPDATE public.users SET email = NULL, email_verified = false, username = NULL,
        first_name = NULL, last_name = NULL, date_of_birth = NULL, sex_at_birth = NULL,
        gender = NULL, phone = NULL, address = NULL, identity_subject = NULL, is_active = false,
        deleted_at = coalesce(deleted_at, now()), purged_at = now(), updated_at = now()
    WHERE organization_id = home AND id = person;
    INSERT INTO public.person_keys (id, organization_id, user_id, destroyed_at)
    VALUES (gen_random_uuid(), home, person, now())
    ON CONFLICT (organization_id, user_id) DO UPDATE SET wrapped = NULL, destroyed_at = now();
    certificate := jsonb_build_object('erased_at', now(), 'assessments', cardinality(ids));
    PERFORM medilens.certify(home, person, certificate);
    RETURN certificate;
END
$$
"""

# Whoever runs the organization erases a person whom nothing keeps, or lets the schedule do it.
ERASE_PERSON = """
CREATE FUNCTION medilens.erase_person(person uuid, when_due boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
DECLARE
    home uuid := medilens.organization_for('manage_organization');
    caller text[] := medilens.sealed_identity();
    until timestamptz;
BEGIN
    IF home IS NULL OR NOT medilens.scope_is('organization') OR person = caller[2]::uuid THEN
        RETURN NULL;
    END IF;
    PERFORM FROM public.users u WHERE u.organization_id = home AND u.id = person
    AND u.purged_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    until := medilens.retained_until(home, person);
    PERFORM medilens.seal(home, caller[2]::uuid, 'system', 'erase', caller[5],
        convert_to(current_setting('medilens.request'), 'UTF8'));
    IF medilens.is_held(home, person) OR until > now() THEN
        IF when_due THEN
            UPDATE public.users u SET deleted_at = coalesce(u.deleted_at, now()),
                is_active = false, updated_at = now()
            WHERE u.organization_id = home AND u.id = person;
        END IF;
        RETURN jsonb_build_object('is_held', medilens.is_held(home, person),
            'retained_until', until);
    END IF;
    RETURN medilens.shred(home, person);
END
$$
"""
# What was deleted and is kept by nothing any more: people whole, and assessments of others.
PURGE = """
CREATE FUNCTION medilens.purge_due(most integer) RETURNS TABLE (purged text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
DECLARE
    due record;
BEGIN
    PERFORM medilens.require_upkeep();
    FOR due IN
        SELECT u.organization_id AS home, u.id FROM public.users u
        WHERE u.deleted_at IS NOT NULL AND u.purged_at IS NULL
        AND coalesce(medilens.retained_until(u.organization_id, u.id) <= now(), true)
        AND NOT medilens.is_held(u.organization_id, u.id)
        ORDER BY u.deleted_at LIMIT most FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM medilens.shred(due.home, due.id);
        purged := 'person ' || due.id;
        RETURN NEXT;
    END LOOP;
    FOR due IN
        SELECT a.organization_id AS home, a.user_id AS person, a.id FROM public.assessments a
        JOIN public.organizations o ON o.id = a.organization_id
        JOIN public.users u ON u.organization_id = a.organization_id AND u.id = a.user_id
        WHERE a.deleted_at IS NOT NULL AND a.purged_at IS NULL
        AND a.created_at + make_interval(years =>
            coalesce((o.settings #>> '{retention_years,assessments}')::integer, 7)) <= now()
        AND NOT coalesce(u.date_of_birth + interval '18 years' > a.created_at
            AND u.date_of_birth + interval '25 years' > now(), false)
        AND NOT medilens.is_held(a.organization_id, a.user_id)
        ORDER BY a.deleted_at LIMIT most FOR UPDATE OF a SKIP LOCKED
    LOOP
        PERFORM medilens.clear_assessments(due.home, ARRAY[due.id]);
        PERFORM medilens.certify(due.home, due.person,
            jsonb_build_object('purged_at', now(), 'assessment', due.id));
        purged := 'assessment ' || due.id;
        RETURN NEXT;
    END LOOP;
END
$$
"""
# By name, whose it is, and who else may call it.
FUNCTIONS = (
    ("retained_until(uuid, uuid)", RETAINED_UNTIL, KEEPER, IDENTITY),
    ("is_held(uuid, uuid)", IS_HELD, KEEPER, IDENTITY),
    ("certify(uuid, uuid, jsonb)", CERTIFY, AUDIT, KEEPER),
    ("clear_assessments(uuid, uuid[])", CLEAR, KEEPER),
    ("shred(uuid, uuid)", SHRED, KEEPER, IDENTITY),
    ("erase_person(uuid, boolean)", ERASE_PERSON, IDENTITY, APP),
    ("purge_due(integer)", PURGE, KEEPER, UPKEEP),
)
CALL = "SELECT to_jsonb(p) FROM medilens.purge_due(($1 ->> 'most')::integer) p"

OF_UPKEEP = ("require_upkeep()", "sealed_identity()")

ASSESSMENT = (
    *("risk_score", "risk_level", "risk_points", "confidence", "quality_score", "review_reason"),
    *("absent", "citations", "warnings", "provenance", "idempotency_key", "session_id"),
    *("processing_time_ms", "deleted_at", "purged_at", "updated_at"),
)
PERSON = (
    *("email_verified", "date_of_birth", "sex_at_birth", "gender", "identity_subject", "is_active"),
    *("deleted_at", "purged_at", "updated_at"),
)
CHANGED = {
    "assessments": ASSESSMENT,
    "users": PERSON,
    "uploaded_files": ("deleted_at",),
    "person_identifiers": ("deleted_at",),
    "chat_threads": ("deleted_at",),
}
REMOVED = (*PARTS, "chat_messages", "user_profiles")
# Those that the keeper of 0052 has no policy for.
SEEN = ("uploaded_files", "legal_holds", *(set(PARTS) - {"sign_offs", "ai_explanations"}))

KEEP_FINDINGS = """
CREATE TRIGGER keep_findings BEFORE UPDATE OF pipeline_version, status, risk_score, risk_level,
    risk_points, confidence, quality_score, review_reason, absent, citations, warnings, provenance,
    processing_time_ms, completed_at ON assessments
FOR EACH ROW WHEN (OLD.status IN ('completed', 'failed') AND NEW.purged_at IS NULL)
EXECUTE FUNCTION medilens.keep()
"""


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('legal_holds',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('placed_by', sa.Uuid(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('held_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('released_by', sa.Uuid(), nullable=True),
        sa.CheckConstraint('(released_at IS NULL) = (released_by IS NULL)', name=op.f('ck_legal_holds_released_by_someone')),
        sa.CheckConstraint('length(reason) BETWEEN 3 AND 2800', name=op.f('ck_legal_holds_reason_length')),
        sa.ForeignKeyConstraint(['organization_id', 'placed_by'], ['users.organization_id', 'users.id'], name=op.f('fk_legal_holds_organization_id_placed_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'released_by'], ['users.organization_id', 'users.id'], name=op.f('fk_legal_holds_organization_id_released_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_legal_holds_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_holds'))
    )
    op.create_index('ix_legal_holds_person', 'legal_holds', ['organization_id', 'user_id'])
    for table in ('users', 'assessments'):
        op.add_column(table, sa.Column('purged_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_users_deleted', 'users', ['deleted_at'], postgresql_where=sa.text('deleted_at IS NOT NULL AND purged_at IS NULL'))
# fmt: on
    for statement in (*secure_by_permission("legal_holds", HOLDS), *audit("legal_holds")):
        op.execute(statement)
    op.execute("DROP TRIGGER keep_findings ON assessments")
    op.execute(KEEP_FINDINGS)
    let_purge()
    # Whoever is given a function has to be able to make one, at that moment.
    op.execute(f"GRANT CREATE ON SCHEMA medilens TO {KEEPER}")
    for name, function, owner, *callers in FUNCTIONS:
        op.execute(function)
        give(name, owner, *callers)
    op.execute(f"REVOKE CREATE ON SCHEMA medilens FROM {KEEPER}")
    for name in OF_UPKEEP:
        op.execute(f"GRANT EXECUTE ON FUNCTION medilens.{name} TO {KEEPER}")
    op.execute(step("purge_due", CALL))
    op.execute(job("purge", "1 day"))


def let_purge() -> None:
    as_keeper = version("0052").AS_KEEPER
    keep = version("0052").keep
    for table in SEEN:
        keep(table, "SELECT", f"USING ({as_keeper})")
        op.execute(f"GRANT SELECT ON {table} TO {KEEPER}")
    keep("uploaded_files", "UPDATE", f"USING ({as_keeper}) WITH CHECK ({as_keeper})")
    keep("legal_holds", "UPDATE", f"USING ({as_keeper}) WITH CHECK ({as_keeper})")
    op.execute(f"GRANT UPDATE (reason) ON legal_holds TO {KEEPER}")
    for table, columns in CHANGED.items():
        op.execute(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {KEEPER}")
    for table in REMOVED:
        keep(table, "DELETE", f"USING ({as_keeper})")
        op.execute(f"GRANT DELETE ON {table} TO {KEEPER}")
    # Nobody is erased but by the one whose seal says so.
    op.execute(f"GRANT UPDATE (deleted_at) ON users TO {IDENTITY}")


def downgrade() -> None:
    """What was erased stays so."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(forget_job("purge"))
    op.execute(forget_step("purge_due"))
    for name, *_ in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION medilens.{name}")
    for name in OF_UPKEEP:
        op.execute(f"REVOKE EXECUTE ON FUNCTION medilens.{name} FROM {KEEPER}")
    op.execute(f"REVOKE UPDATE (deleted_at) ON users FROM {IDENTITY}")
    for table in REMOVED:
        op.execute(f"DROP POLICY kept_delete ON {table}")
        op.execute(f"REVOKE DELETE ON {table} FROM {KEEPER}")
    for table, columns in CHANGED.items():
        op.execute(f"REVOKE UPDATE ({', '.join(columns)}) ON {table} FROM {KEEPER}")
    op.execute("DROP POLICY kept_update ON uploaded_files")
    op.drop_table("legal_holds")
    op.execute(forget_permissions("legal_holds"))
    for table in set(SEEN) - {"legal_holds"}:
        op.execute(f"DROP POLICY kept_select ON {table}")
        op.execute(f"REVOKE SELECT ON {table} FROM {KEEPER}")
    op.execute("DROP TRIGGER keep_findings ON assessments")
    op.execute(version("0017").KEEP_FINDINGS)
    op.drop_index("ix_users_deleted", table_name="users")
    for table in ("users", "assessments"):
        op.drop_column(table, "purged_at")
