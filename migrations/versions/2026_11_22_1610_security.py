"""The functions' role, the way in, and row-level security on every tenant table

Revision ID: 0003
Revises: 0002
"""

from alembic import op

from migrations.tenancy import secure

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Neither role logs in: they own the functions that look past row-level security, and nothing else.
DEFINERS = ("medilens_identity", "medilens_audit")

APP_SETTINGS = {
    "jit": "off",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "lock_timeout": "5s",
    "search_path": "public",
}

# table: how `secure` treats it
TENANT_TABLES: dict[str, dict[str, object]] = {
    "organizations": {"tenant": "id", "person": None},
    "users": {"person": "id", "own_insert": False, "own_update": True},
    "user_profiles": {"own_update": True},
    "user_roles": {"own_insert": False},
    "assessments": {"research": True},
    "pipeline_stages": {"research": True},
    "biomarker_values": {"research": True},
    "assessment_pictures": {},
    "cardiology_results": {"research": True},
    "speech_results": {"research": True},
    "retinal_results": {"research": True},
    "radiology_results": {"research": True},
    "dermatology_results": {"research": True},
    "cognitive_results": {"research": True},
    "chat_threads": {"own_update": True},
    "chat_messages": {},
    "ai_explanations": {},
    "uploaded_files": {"own_update": True},
}
UPDATED = (
    "organizations",
    "users",
    "user_profiles",
    "user_roles",
    "assessments",
    "chat_threads",
    "uploaded_files",
)
CATALOGS = ("roles", "biomarkers")

# People who agreed that researchers may use their records.
CONSENTED = """
CREATE FUNCTION medilens.consented() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT user_id FROM public.user_profiles
    WHERE consent_research
    AND organization_id = nullif(current_setting('medilens.organization_id', true), '')::uuid
$$
"""

# The member whom a verified token names, if the account and its organization are active.
MEMBER = """
CREATE FUNCTION medilens.member(request jsonb)
RETURNS TABLE (organization_id uuid, user_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.organization_id, u.id
    FROM public.organizations o JOIN public.users u ON u.organization_id = o.id
    WHERE o.identity_organization = request ->> 'organization'
    AND u.identity_subject = request ->> 'subject'
    AND o.is_active AND o.deleted_at IS NULL AND u.is_active AND u.deleted_at IS NULL
$$
"""

# Of the roles that grant what the request asks for, the one that reaches furthest counts.
ENTER = """
CREATE FUNCTION medilens.enter(request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    person record;
    held record;
BEGIN
    SELECT * INTO person FROM medilens.member(request);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not a member' USING ERRCODE = 'ML401';
    END IF;
    SELECT r.name, r.scope INTO held
    FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id
    WHERE ur.organization_id = person.organization_id AND ur.user_id = person.user_id
    AND ur.revoked_at IS NULL AND r.permissions ? (request ->> 'permission')
    ORDER BY array_position(ARRAY['organization', 'research', 'own'], r.scope) LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'ML403';
    END IF;
    PERFORM set_config('medilens.organization_id', person.organization_id::text, true),
        set_config('medilens.user_id', person.user_id::text, true),
        set_config('medilens.scope', held.scope, true),
        set_config('medilens.role', held.name, true),
        set_config('medilens.request', request::text, true);
    IF (request ->> 'read_only')::boolean THEN
        -- Only the audit row of the read is written; losing the last ones in a crash is bearable.
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
END
$$
"""

CURRENT_USER_ID = """
CREATE FUNCTION medilens.current_user_id() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('medilens.user_id', true), '')::uuid
$$
"""

CURRENT_ORGANIZATION_ID = """
CREATE FUNCTION medilens.current_organization_id() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('medilens.organization_id', true), '')::uuid
$$
"""


def create_role(name: str, options: str) -> None:
    """Roles belong to the server, so another database of it may have made them already."""
    op.execute(f"""
        DO $$ BEGIN
            CREATE ROLE {name} {options};
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
    """)


def drop_role(name: str) -> None:
    """Another database of the server may still use the role; then it stays."""
    op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}")
    op.execute(f"REVOKE ALL ON SCHEMA public FROM {name}")
    op.execute(f"""
        DO $$ BEGIN
            DROP ROLE {name};
        EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN NULL;
        END $$
    """)


def give_to(role: str, function: str) -> None:
    """Hand a SECURITY DEFINER function to the role in whose rights it runs."""
    op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO medilens_app, CURRENT_USER")
    op.execute(f"ALTER FUNCTION {function} OWNER TO {role}")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_roles()
    op.execute("CREATE SCHEMA medilens")
    op.execute("GRANT USAGE ON SCHEMA medilens, public TO medilens_app")
    for definer in DEFINERS:
        op.execute(f"GRANT USAGE, CREATE ON SCHEMA medilens TO {definer}")
        op.execute(f"GRANT USAGE ON SCHEMA public TO {definer}")
    for function in (CONSENTED, MEMBER, ENTER, CURRENT_USER_ID, CURRENT_ORGANIZATION_ID):
        op.execute(function)
    give_to("medilens_identity", "medilens.consented()")
    give_to("medilens_identity", "medilens.member(jsonb)")
    give_to("medilens_identity", "medilens.enter(jsonb)")
    secure_tables()
    let_identity_look()


def create_roles() -> None:
    create_role("medilens_app", "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
    for setting, value in APP_SETTINGS.items():
        op.execute(f"ALTER ROLE medilens_app SET {setting} = '{value}'")
    for definer in DEFINERS:
        create_role(definer, "NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
        # To hand functions over to it, the migrating role has to be a member of it.
        op.execute(f"GRANT {definer} TO CURRENT_USER")


def secure_tables() -> None:
    for table, options in TENANT_TABLES.items():
        for statement in secure(table, **options):  # type: ignore[arg-type]  # one dict, many kinds
            op.execute(statement)
        op.execute(f"GRANT SELECT, INSERT ON {table} TO medilens_app")
    op.execute(f"GRANT UPDATE ON {', '.join(UPDATED)} TO medilens_app")
    op.execute(f"GRANT SELECT ON {', '.join(CATALOGS)} TO medilens_app")


def let_identity_look() -> None:
    """Whoever enters has no identity yet, so these four tables open to the way in alone."""
    for table in ("organizations", "users", "user_roles", "user_profiles"):
        op.execute(
            f"CREATE POLICY identified ON {table} FOR SELECT TO medilens_identity USING (true)"
        )
    op.execute(
        "GRANT SELECT ON organizations, users, user_roles, user_profiles, roles"
        " TO medilens_identity"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP SCHEMA medilens CASCADE")
    for table in TENANT_TABLES:
        for policy in ("seen", "added", "changed", "identified"):
            op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")
    for role in ("medilens_app", *DEFINERS):
        drop_role(role)
