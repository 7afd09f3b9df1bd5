"""The audit trail: written by the database, in the transaction of the act

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from migrations.tenancy import audit, keep

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# table: the columns that hold the record's and the person's id. Parts of an assessment are
# recorded once an assessment, not once a row.
AUDITED: dict[str, tuple[str, str]] = {
    "organizations": ("id", ""),
    "users": ("id", "id"),
    "user_profiles": ("id", "user_id"),
    "user_roles": ("id", "user_id"),
    "assessments": ("id", "user_id"),
    "pipeline_stages": ("assessment_id", "user_id"),
    "biomarker_values": ("assessment_id", "user_id"),
    "assessment_pictures": ("assessment_id", "user_id"),
    "cardiology_results": ("assessment_id", "user_id"),
    "speech_results": ("assessment_id", "user_id"),
    "retinal_results": ("assessment_id", "user_id"),
    "radiology_results": ("assessment_id", "user_id"),
    "dermatology_results": ("assessment_id", "user_id"),
    "cognitive_results": ("assessment_id", "user_id"),
    "chat_threads": ("id", "user_id"),
    "chat_messages": ("thread_id", "user_id"),
    "ai_explanations": ("assessment_id", "user_id"),
    "uploaded_files": ("id", "user_id"),
}

# A measured value is never changed; measuring again is another assessment.
NEVER_CHANGED = ("biomarker_values",)

# The actor of every row comes from the settings that `medilens.enter` made. A change outside any
# request (a seed, an operator) is the system's.
RECORD = """
CREATE FUNCTION medilens.record(
    organization uuid, action text, resource_type text, resource_id uuid, subject_id uuid,
    outcome text, details jsonb, content_hash bytea
) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    actor uuid := nullif(current_setting('medilens.user_id', true), '')::uuid;
    request jsonb := nullif(current_setting('medilens.request', true), '')::jsonb;
BEGIN
    INSERT INTO public.audit_events (
        organization_id, user_id, actor_type, actor_role, actor_ip, user_agent, request_id,
        session_id, action, resource_type, resource_id, subject_id, outcome, phi_accessed,
        details, content_hash
    ) VALUES (
        organization, actor, CASE WHEN actor IS NULL THEN 'system' ELSE 'user' END,
        nullif(current_setting('medilens.role', true), ''), (request ->> 'ip')::inet,
        request ->> 'user_agent', request ->> 'request_id', request ->> 'session_id',
        action, resource_type, resource_id, subject_id, outcome,
        outcome = 'success' AND subject_id IS NOT NULL, details, content_hash
    );
END
$$
"""

# Which columns changed and a hash of the content, never the content. `TG_ARGV` names the columns
# of the record's and the person's id; rows of one record become one audit row.
AUDIT_CHANGE = """
CREATE FUNCTION medilens.audit_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM medilens.record(
            coalesce((c.new ->> 'organization_id')::uuid, (c.new ->> 'id')::uuid), 'update',
            TG_TABLE_NAME::text, (c.new ->> TG_ARGV[0])::uuid, (c.new ->> TG_ARGV[1])::uuid,
            'success',
            jsonb_build_object('columns', (
                SELECT coalesce(jsonb_agg(key ORDER BY key), '[]')
                FROM jsonb_each(c.new) AS n JOIN jsonb_each(c.old) AS o USING (key)
                WHERE n.value IS DISTINCT FROM o.value
            )),
            sha256(convert_to(c.new::text, 'UTF8'))
        )
        FROM (
            SELECT to_jsonb(n) AS new, to_jsonb(o) AS old
            FROM new_rows n JOIN old_rows o ON n.id = o.id
        ) AS c;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM medilens.record(
            g.organization, 'create', TG_TABLE_NAME::text, g.resource, g.subject, 'success',
            jsonb_build_object('rows', g.n), g.hash
        )
        FROM (
            SELECT coalesce((r ->> 'organization_id')::uuid, (r ->> 'id')::uuid) AS organization,
                (r ->> TG_ARGV[0])::uuid AS resource, (r ->> TG_ARGV[1])::uuid AS subject,
                count(*) AS n,
                sha256(convert_to(string_agg(r::text, E'\\n' ORDER BY r::text), 'UTF8')) AS hash
            FROM (SELECT to_jsonb(n) AS r FROM new_rows n) AS added
            GROUP BY 1, 2, 3
        ) AS g;
    ELSE
        PERFORM medilens.record(
            g.organization, 'delete', TG_TABLE_NAME::text, g.resource, g.subject, 'success',
            jsonb_build_object('rows', g.n), NULL
        )
        FROM (
            SELECT coalesce((r ->> 'organization_id')::uuid, (r ->> 'id')::uuid) AS organization,
                (r ->> TG_ARGV[0])::uuid AS resource, (r ->> TG_ARGV[1])::uuid AS subject,
                count(*) AS n
            FROM (SELECT to_jsonb(o) AS r FROM old_rows o) AS removed
            GROUP BY 1, 2, 3
        ) AS g;
    END IF;
    RETURN NULL;
END
$$
"""

# One row a person whose records a request read.
AUDIT_READ = """
CREATE FUNCTION medilens.audit_read(
    resource_type text, resource_id uuid, subject_id uuid, details jsonb
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM medilens.record(
        nullif(current_setting('medilens.organization_id', true), '')::uuid, 'read',
        resource_type, resource_id, subject_id, 'success', details, NULL
    );
    RETURN true;
END
$$
"""

# For a refusal, whose own transaction is gone: who asked is looked up again, whatever their roles.
AUDIT_DENIAL = """
CREATE FUNCTION medilens.audit_denial(request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    person record;
BEGIN
    SELECT * INTO person FROM medilens.member(request);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('medilens.user_id', person.user_id::text, true),
        set_config('medilens.request', request::text, true);
    PERFORM medilens.record(
        person.organization_id, CASE WHEN (request ->> 'read_only')::boolean THEN 'read'
        ELSE 'execute' END, coalesce(request ->> 'resource_type', request ->> 'permission'),
        (request ->> 'resource_id')::uuid, NULL,
        'denied', jsonb_build_object('permission', request ->> 'permission'), NULL
    );
END
$$
"""

# Privileges keep the functions out; this keeps out the owner's mistakes too.
KEEP = """
CREATE FUNCTION medilens.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed that way: % refused', TG_TABLE_NAME, TG_OP;
END
$$
"""

# Of a schema that went back to an earlier version, the partitions are still there.
KEEP_PARTITIONS = f"""
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_events'::regclass
    LOOP
        EXECUTE format('{keep("%s", "UPDATE", "DELETE", "TRUNCATE")}', partition);
    END LOOP;
END
$$
"""

FUNCTIONS = (
    "medilens.record(uuid, text, text, uuid, uuid, text, jsonb, bytea)",
    "medilens.audit_change()",
    "medilens.audit_read(text, uuid, uuid, jsonb)",
    "medilens.audit_denial(jsonb)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function in (RECORD, AUDIT_CHANGE, AUDIT_READ, AUDIT_DENIAL, KEEP):
        op.execute(function)
    op.execute("GRANT EXECUTE ON FUNCTION medilens.member(jsonb) TO medilens_audit")
    for name in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    # A trigger's function runs whoever may call it; the others are called by name.
    for name in FUNCTIONS[2:]:
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO medilens_app")
    for name in FUNCTIONS:
        op.execute(f"ALTER FUNCTION {name} OWNER TO medilens_audit")
    op.execute("ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE audit_events FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY recorded ON audit_events FOR INSERT TO medilens_audit WITH CHECK (true)"
    )
    op.execute("GRANT INSERT ON audit_events TO medilens_audit")
    op.execute(keep("audit_events", "UPDATE", "DELETE", "TRUNCATE"))
    op.execute(KEEP_PARTITIONS)
    for table, (resource, subject) in AUDITED.items():
        updates = table not in NEVER_CHANGED
        for statement in audit(table, resource=resource, subject=subject, updates=updates):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in AUDITED:
        for change in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS audit_{change} ON {table}")
    op.execute("DROP POLICY recorded ON audit_events")
    op.execute("REVOKE INSERT ON audit_events FROM medilens_audit")
    op.execute("ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP FUNCTION medilens.keep() CASCADE")  # with its triggers, wherever they are
