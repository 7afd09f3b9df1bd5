"""Whoever is refused leaves a row, deletes are called so, and a read is as durable as a write

Revision ID: 0016
Revises: 0015
"""

from alembic import context, op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ACTIONS = ("create", "read", "update", "delete", "restore", "execute")
ACTIONS_BEFORE = ("create", "read", "update", "delete", "execute")

# Whom a token names, active or not, a member or not; of several roles the furthest reaching.
ASKER = """
CREATE FUNCTION medilens.asker(request jsonb)
RETURNS TABLE (organization_id uuid, user_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT coalesce(o.id, u.organization_id), u.id, (
        SELECT r.name FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id
        WHERE ur.organization_id = u.organization_id AND ur.user_id = u.id
        AND ur.revoked_at IS NULL
        ORDER BY array_position(ARRAY['organization', 'research', 'own'], r.scope), r.id DESC
        LIMIT 1
    )
    FROM (SELECT) AS nobody
    LEFT JOIN public.organizations o ON o.identity_organization = request ->> 'organization'
    LEFT JOIN public.users u ON u.identity_subject = request ->> 'subject'
        AND (u.organization_id = o.id OR o.id IS NULL)
    ORDER BY u.created_at LIMIT 1
$$
"""

# Who is no member is named by the identity provider's word, for there is no person's id. Where
# neither an organization nor a person is known, there is nobody whose trail it could stand in.
AUDIT_DENIAL = """
CREATE OR REPLACE FUNCTION medilens.audit_denial(request jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    person record;
BEGIN
    SELECT * INTO person FROM medilens.asker(request);
    IF person.organization_id IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('medilens.user_id', coalesce(person.user_id::text, ''), true),
        set_config('medilens.role', coalesce(person.role, ''), true),
        set_config('medilens.request', request::text, true);
    PERFORM medilens.record(
        person.organization_id, CASE WHEN (request ->> 'read_only')::boolean THEN 'read'
        ELSE 'execute' END,
        coalesce(request ->> 'resource_type', request ->> 'permission', 'token'),
        (request ->> 'resource_id')::uuid, NULL, 'denied',
        jsonb_strip_nulls(jsonb_build_object(
            'permission', request ->> 'permission', 'code', request ->> 'code',
            'identity_subject', CASE WHEN person.user_id IS NULL
                THEN medilens.plain(request ->> 'subject') END
        )), NULL
    );
END
$$
"""

# What a caller chose itself is shown by other programs later: no control character, no end.
PLAIN = """
CREATE FUNCTION medilens.plain(told text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT left(regexp_replace(told, '[[:cntrl:]]', '?', 'g'), 256)
$$
"""

# The system acts where nothing was asked for; a request of somebody unknown is still a user's.
RECORD = """
CREATE OR REPLACE FUNCTION medilens.record(
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
        organization, actor,
        CASE WHEN actor IS NULL AND request IS NULL THEN 'system' ELSE 'user' END,
        nullif(current_setting('medilens.role', true), ''), (request ->> 'ip')::inet,
        medilens.plain(request ->> 'user_agent'), medilens.plain(request ->> 'request_id'),
        medilens.plain(request ->> 'session_id'),
        action, resource_type, resource_id, subject_id, outcome,
        outcome = 'success' AND subject_id IS NOT NULL, details, content_hash
    );
END
$$
"""

# Rows are kept, so a deletion is an update that sets the time of it.
NEW_ACTION = """CASE
                WHEN c.old ->> 'deleted_at' IS NULL AND c.new ->> 'deleted_at' IS NOT NULL
                    THEN 'delete'
                WHEN c.old ->> 'deleted_at' IS NOT NULL AND c.new ->> 'deleted_at' IS NULL
                    THEN 'restore'
                ELSE 'update' END"""


def before(number: str, name: str) -> str:
    """Return the function `name` as the version `number` made it, to put in place again."""
    released = context.script.get_revision(number)
    assert released is not None
    statement: str = getattr(released.module, name)
    return statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    set_actions(ACTIONS)
    op.execute(PLAIN)
    op.execute("REVOKE ALL ON FUNCTION medilens.plain(text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION medilens.plain(text) TO medilens_audit")
    op.execute(ASKER)
    op.execute("REVOKE ALL ON FUNCTION medilens.asker(jsonb) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION medilens.asker(jsonb) TO medilens_audit")
    op.execute("ALTER FUNCTION medilens.asker(jsonb) OWNER TO medilens_identity")
    op.execute(RECORD)
    op.execute(AUDIT_DENIAL)
    op.execute(before("0004", "AUDIT_CHANGE").replace("'update'", NEW_ACTION, 1))
    op.execute(durable_enter())


def set_actions(actions: tuple[str, ...], validity: str = "") -> None:
    name = "ck_audit_events_action_known"
    known = ", ".join(f"'{action}'" for action in actions)
    op.execute(f"ALTER TABLE audit_events DROP CONSTRAINT {name}")
    op.execute(
        f"ALTER TABLE audit_events ADD CONSTRAINT {name} CHECK (action IN ({known})) {validity}"
    )


def durable_enter() -> str:
    """The way in without the shortcut that lost answered reads when the server was killed."""
    entered = before("0003", "ENTER")
    start = entered.index("    IF (request ->> 'read_only')::boolean THEN")
    end = entered.index("    END IF;\n", start) + len("    END IF;\n")
    return entered[:start] + entered[end:]


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for number, name in (
        ("0003", "ENTER"),
        ("0004", "AUDIT_CHANGE"),
        ("0004", "RECORD"),
        ("0004", "AUDIT_DENIAL"),
    ):
        op.execute(before(number, name))
    op.execute("DROP FUNCTION medilens.asker(jsonb)")
    op.execute("DROP FUNCTION medilens.plain(text)")
    # What is in the trail stays; only new rows have to be as they were.
    set_actions(ACTIONS_BEFORE, "NOT VALID")
