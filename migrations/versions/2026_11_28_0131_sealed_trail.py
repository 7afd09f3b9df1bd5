"""The trail, refusals and the schedule ask the sealed identity too

Revision ID: 0024
Revises: 0023
"""

from collections.abc import Iterator

from alembic import op

from migrations.released import again, edited, give, version

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

IDENTITY, AUDIT, UPKEEP, APP = (
    *("medilens_identity", "medilens_audit"),
    *("medilens_upkeep", "medilens_app"),
)

# A schedule's work: nobody's rows, and the functions of upkeep.
ENTER_UPKEEP = """
CREATE FUNCTION medilens.enter_upkeep(request bytea, mac bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM medilens.unsealed(request, mac, 'upkeep');
    PERFORM medilens.seal(NULL, NULL, 'system', 'upkeep', NULL, request);
END
$$
"""
REQUIRE_UPKEEP = """
CREATE FUNCTION medilens.require_upkeep() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
    IF NOT medilens.is_owner() AND (medilens.sealed_identity())[4] IS DISTINCT FROM 'upkeep' THEN
        RAISE EXCEPTION 'only the schedule may do this' USING ERRCODE = '42501';
    END IF;
END
$$
"""

# The system acts where the owner does, and where a schedule's request says so; a request of
# somebody unknown is still a user's.
RECORD = """
CREATE OR REPLACE FUNCTION medilens.record(
    organization uuid, action text, resource_type text, resource_id uuid, subject_id uuid,
    outcome text, details jsonb, content_hash bytea
) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    told text[] := medilens.sealed_identity();
    asked text := current_setting('medilens.request', true);
    request jsonb;
    actor uuid := nullif(told[2], '')::uuid;
BEGIN
    IF told IS NOT NULL AND told[6] = encode(sha256(convert_to(asked, 'UTF8')), 'hex') THEN
        request := asked::jsonb;
    ELSIF told IS NOT NULL OR NOT medilens.is_owner() THEN
        RAISE EXCEPTION 'nobody has entered' USING ERRCODE = '42501';
    END IF;
    INSERT INTO public.audit_events (
        organization_id, user_id, actor_type, actor_role, actor_ip, user_agent, request_id,
        session_id, action, resource_type, resource_id, subject_id, outcome, phi_accessed,
        details, content_hash
    ) VALUES (
        coalesce(organization, nullif(told[1], '')::uuid), actor,
        CASE WHEN told IS NULL OR told[3] = 'system' THEN 'system' ELSE 'user' END,
        nullif(told[5], ''), (request ->> 'ip')::inet,
        medilens.plain(request ->> 'user_agent'), medilens.plain(request ->> 'request_id'),
        medilens.plain(request ->> 'session_id'),
        action, resource_type, resource_id, subject_id, outcome,
        outcome = 'success' AND subject_id IS NOT NULL, details, content_hash
    );
END
$$
"""
AUDIT_READ = """
CREATE OR REPLACE FUNCTION medilens.audit_read(
    resource_type text, resource_id uuid, subject_id uuid, details jsonb
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM medilens.record(
        NULL, 'read', resource_type, resource_id, subject_id, 'success', details, NULL
    );
    RETURN true;
END
$$
"""

# Who is refused has no identity but the one that the row is written in.
ASKED = "SELECT * INTO person FROM medilens.asker({});"
AUDIT_DENIAL = (
    (ASKED.format("request"), ASKED.format("told")),
    ("audit_denial(request jsonb)", "audit_denial(request bytea, mac bytea)"),
    (
        "    person record;",
        "    person record;\n    told jsonb := medilens.unsealed(request, mac, 'denial');",
    ),
    ("request ->>", "told ->>"),
)
SETTINGS_OF_DENIAL = """PERFORM set_config('medilens.user_id', coalesce(person.user_id::text, ''), true),
        set_config('medilens.role', coalesce(person.role, ''), true),
        set_config('medilens.request', request::text, true);"""
SEAL_OF_DENIAL = """PERFORM medilens.seal(person.organization_id, person.user_id, 'none', 'denied', person.role,
        request);"""

# As 0020 has it, of the sealed permission and person.
CHECK_CHANGE = (
    (
        """let_in text := nullif(current_setting('medilens.permission', true), '');
    person text := nullif(current_setting('medilens.user_id', true), '');""",
        """told text[] := medilens.sealed_identity();
    let_in text := told[4];
    person text := nullif(told[2], '');""",
    ),
    (
        "IF let_in IS NULL THEN",
        "IF told[3] = 'system' OR told IS NULL AND medilens.is_owner() THEN",
    ),
)

EXPIRED_UPLOADS = (
    ("LANGUAGE sql STABLE", "LANGUAGE plpgsql STABLE"),
    (
        "AS $$\n    SELECT",
        "AS $$\nBEGIN\n    PERFORM medilens.require_upkeep();\n    RETURN QUERY SELECT",
    ),
    ("LIMIT most\n$$", "LIMIT most;\nEND\n$$"),
)


def add_partitions() -> str:
    released = version("0017")
    return edited(
        released.add_partitions(),
        (
            "RETURN NEXT partition;",
            "PERFORM medilens.admit_reader();\n        RETURN NEXT partition;",
        ),
    )


def upkeep() -> Iterator[str]:
    """The schedule's functions, which anybody could call."""
    first = ("\nBEGIN\n", "\nBEGIN\n    PERFORM medilens.require_upkeep();\n")
    yield edited(version("0010").EXPIRED_UPLOADS, *EXPIRED_UPLOADS)
    yield edited(version("0010").EXPIRE_UPLOADS, first)
    yield edited(again(version("0008").ABANDON_ASSESSMENTS), first)
    yield edited(add_partitions(), first)


def denial() -> str:
    return edited(
        version("0016").AUDIT_DENIAL.replace("CREATE OR REPLACE", "CREATE", 1),
        *AUDIT_DENIAL,
        (SETTINGS_OF_DENIAL, SEAL_OF_DENIAL),
    )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(RECORD)
    op.execute(AUDIT_READ)
    op.execute(edited(again(version("0020").CHECK_CHANGE), *CHECK_CHANGE))
    op.execute("DROP FUNCTION medilens.audit_denial(jsonb)")
    op.execute(denial())
    give("audit_denial(bytea, bytea)", AUDIT, APP)
    op.execute(ENTER_UPKEEP)
    give("enter_upkeep(bytea, bytea)", IDENTITY, APP)
    op.execute(REQUIRE_UPKEEP)
    give("require_upkeep()", None, UPKEEP)
    for function in upkeep():
        op.execute(function)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION medilens.audit_denial(bytea, bytea)")
    op.execute("DROP FUNCTION medilens.enter_upkeep(bytea, bytea)")
    for function in functions_before():
        op.execute(function)
    op.execute("DROP FUNCTION medilens.require_upkeep()")
    give("audit_denial(jsonb)", AUDIT, APP)


def functions_before() -> Iterator[str]:
    trail = version("0016")
    yield trail.AUDIT_DENIAL
    yield trail.RECORD
    yield again(version("0004").AUDIT_READ)
    yield again(version("0020").CHECK_CHANGE)
    yield version("0010").EXPIRED_UPLOADS
    yield version("0010").EXPIRE_UPLOADS
    yield again(version("0008").ABANDON_ASSESSMENTS)
    yield add_partitions()
