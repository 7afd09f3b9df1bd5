"""People come by themselves: just in time, by invitation, or announced by the identity provider

Revision ID: 0026
Revises: 0025
"""

from alembic import op

from migrations.released import edited, give, version

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

IDENTITY = "medilens_identity"

# What the provider announced, once: the same delivery again changes nothing.
EVENTS = """
CREATE TABLE medilens.identity_events (
    id text PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""
# The newest that is known of a user, an organization or a membership, by the provider's own time.
# What was deleted stays here, so that an older word of it that comes later brings nobody back.
STATES = """
CREATE TABLE medilens.identity_states (
    kind text NOT NULL CHECK (kind IN ('user', 'organization', 'membership')),
    key text NOT NULL,
    changed_at timestamptz NOT NULL,
    is_deleted boolean NOT NULL,
    PRIMARY KEY (kind, key)
)
"""
TABLES = ("identity_events", "identity_states")

# Whether this is news. A user or an organization that was deleted never comes back; whoever left
# an organization may join it again.
TAKE_STATE = """
CREATE FUNCTION medilens.take_state(
    told_kind text, told_key text, told_at timestamptz, deleted boolean
) RETURNS boolean LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO medilens.identity_states AS s (kind, key, changed_at, is_deleted)
    VALUES (told_kind, told_key, told_at, deleted)
    ON CONFLICT (kind, key) DO UPDATE
    SET changed_at = excluded.changed_at, is_deleted = excluded.is_deleted
    WHERE s.changed_at < excluded.changed_at AND NOT (s.is_deleted AND s.kind <> 'membership');
    RETURN FOUND;
END
$$
"""

# Makes a subject a person of an organization, by an invitation, as a role, or as nobody in
# particular. Whoever was deactivated or deleted stays so; NULL where nobody is let in.
ADMIT = """
CREATE FUNCTION medilens.admit(home uuid, told jsonb, fallback text) RETURNS uuid
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    known record;
    invited record;
    person uuid;
BEGIN
    PERFORM FROM medilens.identity_states s WHERE s.is_deleted AND (
        s.kind = 'user' AND s.key = told ->> 'subject'
        OR s.kind = 'membership'
        AND s.key = concat(told ->> 'organization', '|', told ->> 'subject')
    );
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT u.id, u.is_active AND u.deleted_at IS NULL AS is_here INTO known
    FROM public.users u
    WHERE u.organization_id = home AND u.identity_subject = told ->> 'subject';
    IF NOT known.is_here THEN
        RETURN NULL;
    END IF;
    SELECT i.* INTO invited FROM public.invitations i
    WHERE i.organization_id = home AND i.accepted_at IS NULL AND i.deleted_at IS NULL
    AND i.expires_at > clock_timestamp()
    AND (i.identity_subject = told ->> 'subject' OR lower(i.email) = lower(told ->> 'email'))
    ORDER BY i.id LIMIT 1 FOR UPDATE;
    IF invited.id IS NULL AND fallback IS NULL THEN
        RETURN known.id;
    END IF;
    person := coalesce(known.id, invited.person_id, (told ->> 'person_id')::uuid);
    PERFORM medilens.seal(home, person, 'system', 'provision', NULL, convert_to(told::text, 'UTF8'));
    IF known.id IS NULL AND invited.person_id IS NOT NULL THEN
        UPDATE public.users SET identity_subject = told ->> 'subject', updated_at = now()
        WHERE organization_id = home AND id = person AND identity_subject IS NULL
        AND deleted_at IS NULL;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    ELSIF known.id IS NULL THEN
        INSERT INTO public.users (id, organization_id, identity_subject, email, email_verified,
            first_name, last_name)
        VALUES (person, home, told ->> 'subject', told ->> 'email', told ? 'email',
            told ->> 'first_name', told ->> 'last_name')
        ON CONFLICT DO NOTHING;
    END IF;
    INSERT INTO public.user_roles (id, organization_id, user_id, role_id, granted_by, reason)
    SELECT gen_random_uuid(), home, person, r.id, invited.invited_by,
        CASE WHEN invited.id IS NULL THEN 'from the identity provider' ELSE 'by invitation' END
    FROM public.roles r
    WHERE CASE WHEN invited.id IS NULL THEN r.name = fallback ELSE r.id = invited.role_id END
    ON CONFLICT DO NOTHING;
    UPDATE public.invitations SET accepted_at = now(), accepted_by = person
    WHERE id = invited.id;
    RETURN person;
END
$$
"""

# For whoever has a verified token of a known organization and is not there yet.
PROVISION = """
CREATE FUNCTION medilens.provision(request bytea, mac bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
DECLARE
    told jsonb := medilens.unsealed(request, mac, 'provision');
    home record;
BEGIN
    SELECT o.id, o.settings INTO home FROM public.organizations o
    WHERE o.identity_organization = told ->> 'organization' AND o.is_active
    AND o.deleted_at IS NULL;
    IF FOUND THEN
        PERFORM medilens.admit(home.id, told, CASE
            WHEN (home.settings ->> 'just_in_time')::boolean
            THEN coalesce(home.settings ->> 'default_role', '') END);
    END IF;
END
$$
"""

# What the provider announces, in the order of its own times, each once.
TAKE_EVENT = """
CREATE FUNCTION medilens.take_event(request bytea, mac bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
DECLARE
    told jsonb := medilens.unsealed(request, mac, 'event');
    deleted boolean := (told ->> 'is_deleted')::boolean;
    home uuid;
BEGIN
    INSERT INTO medilens.identity_events (id) VALUES (told ->> 'event_id') ON CONFLICT DO NOTHING;
    IF NOT FOUND OR NOT medilens.take_state(
        told ->> 'kind', told ->> 'key', (told ->> 'changed_at')::timestamptz, deleted
    ) THEN
        RETURN;
    END IF;
    SELECT o.id INTO home FROM public.organizations o
    WHERE o.identity_organization = told ->> 'organization';
    PERFORM medilens.seal(home, NULL, 'system', 'event', NULL, request);
    IF told ->> 'kind' = 'user' THEN
        UPDATE public.users u SET updated_at = now(),
            is_active = u.is_active AND NOT deleted,
            email = CASE WHEN deleted THEN u.email ELSE coalesce(told ->> 'email', u.email) END,
            email_verified = CASE WHEN deleted THEN u.email_verified
                ELSE u.email_verified OR told ->> 'email' IS NOT NULL END,
            first_name = coalesce(u.first_name, told ->> 'first_name'),
            last_name = coalesce(u.last_name, told ->> 'last_name')
        WHERE u.identity_subject = told ->> 'subject';
        RETURN;
    END IF;
    IF home IS NULL AND NOT deleted AND NOT EXISTS (
        SELECT FROM medilens.identity_states s WHERE s.kind = 'organization'
        AND s.key = told ->> 'organization' AND s.is_deleted
    ) THEN
        home := (told ->> 'organization_id')::uuid;
        PERFORM medilens.seal(home, NULL, 'system', 'event', NULL, request);
        INSERT INTO public.organizations (id, name, type, identity_organization)
        VALUES (home, coalesce(told ->> 'name', told ->> 'organization'), 'clinic',
            told ->> 'organization');
    END IF;
    IF told ->> 'kind' = 'organization' THEN
        UPDATE public.organizations o SET updated_at = now(),
            is_active = o.is_active AND NOT deleted, name = coalesce(told ->> 'name', o.name)
        WHERE o.id = home;
    ELSIF deleted THEN
        UPDATE public.users u SET updated_at = now(), is_active = false
        WHERE u.organization_id = home AND u.identity_subject = told ->> 'subject';
    ELSIF home IS NOT NULL THEN
        UPDATE public.users u SET updated_at = now(), is_active = true
        WHERE u.organization_id = home AND u.identity_subject = told ->> 'subject'
        AND NOT u.is_active AND (told ->> 'is_new')::boolean;
        PERFORM medilens.admit(home, told, coalesce(
            told ->> 'role', (SELECT o.settings ->> 'default_role' FROM public.organizations o
                WHERE o.id = home), ''));
    END IF;
END
$$
"""
WAYS_IN = ("provision", "take_event")

# Of an impersonation the trail names both people.
TRAIL = "outcome = 'success' AND subject_id IS NOT NULL, details, content_hash"
TRAIL_OF_BOTH = """outcome = 'success' AND subject_id IS NOT NULL,
        CASE WHEN request ->> 'actor' IS NULL THEN details ELSE coalesce(details, '{}')
            || jsonb_build_object('impersonated_by', medilens.plain(request ->> 'actor')) END,
        content_hash"""


# What these functions change that nobody's transaction has to do with.
PROVISIONED = {
    "users": "identity_subject, email, email_verified, first_name, last_name, is_active, updated_at",
    "organizations": "name, is_active, updated_at",
    "invitations": "accepted_at, accepted_by",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, statement in zip(TABLES, (EVENTS, STATES), strict=True):
        op.execute(statement)
        op.execute(f"ALTER TABLE medilens.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE medilens.{table} OWNER TO {IDENTITY}")
        op.execute(f"GRANT SELECT ON medilens.{table} TO medilens_reader")
    for table, columns in PROVISIONED.items():
        op.execute(
            f"CREATE POLICY provisioned ON {table} FOR UPDATE TO {IDENTITY}"
            " USING (true) WITH CHECK (true)"
        )
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO {IDENTITY}")
    op.execute(f"CREATE POLICY identified ON invitations FOR SELECT TO {IDENTITY} USING (true)")
    op.execute(f"GRANT SELECT ON invitations TO {IDENTITY}")
    for function, name in (
        (TAKE_STATE, "take_state(text, text, timestamptz, boolean)"),
        (ADMIT, "admit(uuid, jsonb, text)"),
        (PROVISION, "provision(bytea, bytea)"),
        (TAKE_EVENT, "take_event(bytea, bytea)"),
    ):
        op.execute(function)
        give(name, IDENTITY)
    op.execute(edited(version("0024").RECORD, (TRAIL, TRAIL_OF_BOTH)))
    for name in WAYS_IN:
        op.execute(f"GRANT EXECUTE ON FUNCTION medilens.{name}(bytea, bytea) TO medilens_app")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(version("0024").RECORD)
    for name in WAYS_IN:
        op.execute(f"DROP FUNCTION medilens.{name}(bytea, bytea)")
    op.execute("DROP FUNCTION medilens.admit(uuid, jsonb, text)")
    op.execute("DROP FUNCTION medilens.take_state(text, text, timestamptz, boolean)")
    op.execute("DROP POLICY identified ON invitations")
    op.execute(f"REVOKE SELECT ON invitations FROM {IDENTITY}")
    for table, columns in PROVISIONED.items():
        op.execute(f"DROP POLICY provisioned ON {table}")
        op.execute(f"REVOKE UPDATE ({columns}) ON {table} FROM {IDENTITY}")
    for table in TABLES:
        op.execute(f"DROP TABLE medilens.{table}")
