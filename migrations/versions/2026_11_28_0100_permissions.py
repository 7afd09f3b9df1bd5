"""Policies know the permission that a request was let in with, and the trail each column's

Revision ID: 0020
Revises: 0019
"""

from collections.abc import Iterator

from alembic import op

from migrations.released import version
from migrations.tenancy import ORGANIZATION, Access, secure, secure_by_permission

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Whatever is asked for about people's records asks for them first.
RECORDS = (
    *("view_assessments", "create_assessment", "review_assessments", "delete_assessments"),
    *("restore_assessments", "export_data", "chat"),
)
EVERYTHING = (*RECORDS, "manage_users", "manage_organization", "manage_roles", "view_audit")
MAKING = ("create_assessment",)
MANAGING = ("manage_users",)

FOUND = (
    *("pipeline_version", "status", "risk_score", "risk_level", "risk_points", "confidence"),
    *("quality_score", "requires_review", "review_reason", "absent", "citations", "warnings"),
    *("provenance", "processing_time_ms", "completed_at"),
)
MEASURED = Access(view=RECORDS, add=MAKING, own_add=True, research=True)

TABLES: dict[str, Access] = {
    "organizations": Access(
        view=EVERYTHING,
        change={
            "manage_organization": ("name", "type", "email", "phone", "address", "settings"),
        },
        tenant="id",
        person=None,
    ),
    "users": Access(
        view=EVERYTHING,
        change={
            "manage_users": (
                *("email", "email_verified", "username", "first_name", "last_name"),
                *("date_of_birth", "gender", "is_active"),
            )
        },
        delete=MANAGING,
        restore=MANAGING,
        person="id",
    ),
    "user_profiles": Access(
        view=EVERYTHING,
        change={
            "manage_users": (
                *("fitzpatrick_type", "ethnicity", "medical_history", "medications", "allergies"),
                *("language", "timezone", "consent_research", "consent_data_sharing"),
            )
        },
    ),
    "user_roles": Access(view=EVERYTHING),
    "assessments": Access(
        view=RECORDS,
        add=MAKING,
        change={
            "create_assessment": FOUND,
            "review_assessments": ("reviewed_by", "reviewed_at", "review_note"),
        },
        delete=("delete_assessments",),
        restore=("restore_assessments",),
        deletion=("deleted_at", "deleted_by"),
        author="created_by",
        new="reviewed_by IS NULL AND deleted_by IS NULL AND deleted_at IS NULL",
        own_add=True,
        # Whoever asked for an analysis may see it through, a patient too; once finished it stays.
        own_change="created_by = user_id AND status IN ('pending', 'processing')",
        research=True,
    ),
    **dict.fromkeys(
        (
            *("pipeline_stages", "biomarker_values", "cardiology_results", "speech_results"),
            *("retinal_results", "radiology_results", "dermatology_results", "cognitive_results"),
        ),
        MEASURED,
    ),
    "assessment_pictures": Access(view=RECORDS, add=MAKING, own_add=True),
    # Researchers see none: a note is free text.
    "sign_offs": Access(view=RECORDS, add=("review_assessments",), author="signed_by"),
    "uploaded_files": Access(
        view=RECORDS,
        add=MAKING,
        change={"create_assessment": ("assessment_id", "status", "expires_at", "completed_at")},
        delete=MAKING,
        author="created_by",
        own_add=True,
        own_change="true",
        along=(),
    ),
    "site_norms": Access(
        view=EVERYTHING,
        add=("manage_organization",),
        author="created_by",
        person=None,
        shared=True,
    ),
    "chat_threads": Access(
        view=("chat", "export_data"),
        add=("chat",),
        change={"chat": ("title", "context", "is_active", "last_message_at")},
        delete=("chat",),
        own_add=True,
        own_change="true",
    ),
    "chat_messages": Access(view=("chat", "export_data"), add=("chat",), own_add=True),
    "ai_explanations": Access(view=RECORDS, add=("chat",), own_add=True),
}

# One table says which permission each use asks for; `column_name` is empty but for changes.
NEEDED = """
CREATE TABLE medilens.needed_permissions (
    table_name text NOT NULL,
    use text NOT NULL CHECK (use IN ('view', 'add', 'change', 'delete', 'restore')),
    column_name text NOT NULL,
    permissions text[] NOT NULL CHECK (permissions <> '{}'),
    PRIMARY KEY (table_name, use, column_name)
)
"""

# The organization, for a request that was let in with one of these permissions.
ORGANIZATION_FOR = """
CREATE FUNCTION medilens.organization_for(VARIADIC permissions text[]) RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN
    IF current_setting('medilens.permission', true) = ANY (permissions) THEN
        RETURN nullif(current_setting('medilens.organization_id', true), '')::uuid;
    END IF;
    RETURN NULL;
END
$$
"""
SCOPE_IS = """
CREATE FUNCTION medilens.scope_is(scope text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN
    RETURN current_setting('medilens.scope', true) = scope;
END
$$
"""
SEALED_PERSON = """
CREATE FUNCTION medilens.sealed_person() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN
    RETURN nullif(current_setting('medilens.user_id', true), '')::uuid;
END
$$
"""
CURRENT_SCOPE = """
CREATE FUNCTION medilens.current_scope() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT current_setting('medilens.scope', true)
$$
"""
READERS = {
    "medilens.organization_for(text[])": ORGANIZATION_FOR,
    "medilens.scope_is(text)": SCOPE_IS,
    "medilens.sealed_person()": SEALED_PERSON,
}

# An UPDATE's policy hides rows and knows no columns, so what may not be changed is an error here.
# What `deleted_at` was and is says whether a row is deleted or restored. Whoever is named as the
# author of a change has made it.
CHECK_CHANGE = """
CREATE FUNCTION medilens.check_change(changed_table text, before jsonb, after jsonb)
RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    let_in text := nullif(current_setting('medilens.permission', true), '');
    person text := nullif(current_setting('medilens.user_id', true), '');
    deletion text := CASE WHEN before ->> 'deleted_at' IS NULL THEN 'delete'
        WHEN after ->> 'deleted_at' IS NULL THEN 'restore' ELSE 'change' END;
    refused text;
BEGIN
    IF let_in IS NULL THEN
        RETURN;
    END IF;
    SELECT n.key INTO refused
    FROM jsonb_each_text(after) AS n JOIN jsonb_each_text(before) AS o USING (key)
    WHERE n.value IS DISTINCT FROM o.value AND n.key NOT IN ('updated_at', 'revision')
    AND (
        n.key LIKE '%\\_by' AND n.value IS DISTINCT FROM person AND n.value IS NOT NULL
        OR NOT EXISTS (
            SELECT FROM medilens.needed_permissions p
            WHERE p.table_name = changed_table AND let_in = ANY (p.permissions)
            AND CASE WHEN n.key IN ('deleted_at', 'deleted_by')
                THEN p.use = deletion AND p.column_name = ''
                ELSE p.use = 'change' AND p.column_name = n.key END
        )
    )
    ORDER BY n.key LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% does not allow this change of %.%', let_in, changed_table, refused
            USING ERRCODE = '42501';
    END IF;
END
$$
"""
CALL_CHECK = """IF TG_OP = 'UPDATE' THEN
        PERFORM medilens.check_change(TG_TABLE_NAME::text, to_jsonb(o), to_jsonb(n))
        FROM new_rows n JOIN old_rows o ON n.id = o.id;"""

# Organizations and their first people are made by the owner and by functions of this role: nobody
# has an identity before there is somebody.
FOUNDED = ("organizations", "users", "user_profiles", "user_roles")
FOUNDER = "medilens_identity"

FORMER = ("seen", "added", "changed")


def enter() -> str:
    """The way in of 0016, which tells the policies what the caller was let in for."""
    entered: str = version("0016").durable_enter()
    told = "set_config('medilens.role', held.name, true),"
    return entered.replace(
        told, f"{told}\n        set_config('medilens.permission', request ->> 'permission', true),"
    )


def audit_change_before() -> str:
    trail = version("0016")
    recorded: str = trail.before("0004", "AUDIT_CHANGE")
    return recorded.replace("'update'", trail.NEW_ACTION, 1)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(NEEDED)
    op.execute("GRANT SELECT ON medilens.needed_permissions TO medilens_audit, medilens_reader")
    for name, function in READERS.items():
        op.execute(function)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO medilens_app")
        op.execute(f"ALTER FUNCTION {name} OWNER TO medilens_identity")
    op.execute(CURRENT_SCOPE)
    op.execute(enter())
    check_changes()
    for table, access in TABLES.items():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    let_founders_add()


def check_changes() -> None:
    op.execute(CHECK_CHANGE)
    name = "medilens.check_change(text, jsonb, jsonb)"
    op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    op.execute(f"ALTER FUNCTION {name} OWNER TO medilens_audit")
    op.execute(audit_change_before().replace("IF TG_OP = 'UPDATE' THEN", CALL_CHECK, 1))


def let_founders_add() -> None:
    for table in FOUNDED:
        op.execute(f"CREATE POLICY founded ON {table} FOR INSERT TO {FOUNDER} WITH CHECK (true)")
        op.execute(f"GRANT INSERT ON {table} TO {FOUNDER}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in FOUNDED:
        op.execute(f"DROP POLICY founded ON {table}")
        op.execute(f"REVOKE INSERT ON {table} FROM {FOUNDER}")
    for statement in policies_before():
        op.execute(statement)
    op.execute(version("0016").durable_enter())
    op.execute(audit_change_before())
    op.execute("DROP FUNCTION medilens.check_change(text, jsonb, jsonb)")
    for name in (*READERS, "medilens.current_scope()"):
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP TABLE medilens.needed_permissions")


def policies_before() -> Iterator[str]:
    """What 0003, 0008, 0009, 0017 and 0019 made."""
    tables = version("0003").TENANT_TABLES | {
        "site_norms": {"person": None},
        "sign_offs": {"own_insert": False},
    }
    for table, options in tables.items():
        yield from (f"DROP POLICY IF EXISTS {name} ON {table}" for name in FORMER)
        yield from secure(table, **options)
        yield f"GRANT SELECT, INSERT ON {table} TO medilens_app"
    for table, columns in version("0017").UPDATED.items():
        yield f"GRANT UPDATE ({columns}) ON {table} TO medilens_app"
    yield version("0008").FINISHED_BY_ITS_AUTHOR
    yield (
        "CREATE POLICY shared ON site_norms FOR SELECT TO medilens_app"
        f" USING (organization_id = {ORGANIZATION})"
    )
