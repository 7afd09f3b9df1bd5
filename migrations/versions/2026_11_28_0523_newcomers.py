"""What is told of people whom nobody knows yet comes encrypted too

Revision ID: 0053
Revises: 0052
"""

from alembic import op

from migrations.released import again, edited, give, version

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

IDENTITY, APP = "medilens_identity", "medilens_app"
KEYS = ("organization_keys", "person_keys")

# Of a newcomer the functions know neither the organization's keys nor the person: they ask.
KEYS_FOR = """
CREATE FUNCTION medilens.keys_for(request bytea, mac bytea)
RETURNS TABLE (organization_id uuid, keys jsonb, person_id uuid, wrapped_key bytea, is_new boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
DECLARE
    told jsonb := medilens.unsealed(request, mac, 'keys');
BEGIN
    RETURN QUERY SELECT o.id, (
        SELECT coalesce(jsonb_agg(jsonb_build_object('number', k.number, 'master', k.master,
            'wrapped', encode(k.wrapped, 'hex')) ORDER BY k.number), '[]')
        FROM public.organization_keys k WHERE k.organization_id = o.id
    ), u.id, p.wrapped, p.id IS NULL
    FROM public.organizations o
    LEFT JOIN public.users u ON u.organization_id = o.id
        AND u.identity_subject = told ->> 'subject'
    LEFT JOIN public.person_keys p ON p.organization_id = o.id AND p.user_id = u.id
    WHERE o.identity_organization = told ->> 'organization' OR u.id IS NOT NULL;
END
$$
"""
# Keys that the functions have made: whoever was first is right, and the other asks again.
KEEP_KEYS = """
CREATE FUNCTION medilens.keep_keys(home uuid, person uuid, told jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF told ->> 'organization_id' <> home::text THEN
        RAISE EXCEPTION 'sealed for another organization' USING ERRCODE = '40001';
    END IF;
    IF told ? 'organization_key' THEN
        INSERT INTO public.organization_keys (id, organization_id, number, master, wrapped)
        VALUES (gen_random_uuid(), home, 1, told #>> '{organization_key,master}',
            decode(told #>> '{organization_key,wrapped}', 'hex'))
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the organization has keys by now' USING ERRCODE = '40001';
        END IF;
    END IF;
    IF told ? 'person_key' THEN
        INSERT INTO public.person_keys (id, organization_id, user_id, wrapped)
        VALUES (gen_random_uuid(), home, person, decode(told ->> 'person_key', 'hex'))
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the person has a key by now' USING ERRCODE = '40001';
        END IF;
    END IF;
END
$$
"""

# The newcomer's columns come sealed, for the person that they make.
ADMITTED = (
    (
        """lower(i.email COLLATE "C") = lower((told ->> 'email') COLLATE "C"))""",
        "i.email_token = decode(told #>> '{newcomer,email_token}', 'hex'))",
    ),
    (
        "told ->> 'email', told ->> 'email' IS NOT NULL,",
        "told #>> '{newcomer,email}', told #>> '{newcomer,email}' IS NOT NULL,",
    ),
    (
        """            told ->> 'first_name', told ->> 'last_name')
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN""",
        """            told #>> '{newcomer,first_name}', told #>> '{newcomer,last_name}')
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            PERFORM medilens.keep_keys(home, person, told -> 'newcomer');
        ELSE""",
    ),
)
# Of somebody who is there in several organizations, each has columns and keys of its own.
ANNOUNCED = (
    (
        "email = CASE WHEN deleted THEN u.email ELSE coalesce(told ->> 'email', u.email) END,",
        """email = CASE WHEN deleted THEN u.email
                ELSE coalesce(told #>> ARRAY['people', u.id::text, 'email'], u.email) END,""",
    ),
    (
        "ELSE u.email_verified OR told ->> 'email' IS NOT NULL END,",
        "ELSE u.email_verified OR told #>> ARRAY['people', u.id::text, 'email'] IS NOT NULL END,",
    ),
    *(
        (
            f"coalesce(u.{name}, told ->> '{name}')",
            f"coalesce(u.{name}, told #>> ARRAY['people', u.id::text, '{name}'])",
        )
        for name in ("first_name", "last_name")
    ),
    (
        """        WHERE u.identity_subject = told ->> 'subject';
        RETURN;""",
        """        WHERE u.identity_subject = told ->> 'subject';
        PERFORM medilens.keep_keys(u.organization_id, u.id, told #> ARRAY['people', u.id::text])
        FROM public.users u WHERE u.identity_subject = told ->> 'subject'
        AND told -> 'people' ? u.id::text;
        RETURN;""",
    ),
)
# What of the caller themselves is encrypted, and with what.
MYSELF = (
    (
        "'id', u.id, 'email', u.email,",
        """'id', u.id, 'wrapped_key', (
            SELECT encode(k.wrapped, 'hex') FROM public.person_keys k
            WHERE k.organization_id = u.organization_id AND k.user_id = u.id
        ), 'email', u.email,""",
    ),
    ("SELECT jsonb_build_object('language',", "SELECT jsonb_build_object('id', p.id, 'language',"),
)


def myself() -> str:
    settings = version("0046")
    return edited(settings.myself(), *settings.OWN_ORGANIZATION)


def admit() -> str:
    left = version("0034")
    return edited(left.admit(), *left.INVITED)


def take_event() -> str:
    return edited(again(version("0026").TAKE_EVENT), *version("0031").COME_BACK)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in KEYS:
        for command, clause in (("SELECT", "USING"), ("INSERT", "WITH CHECK")):
            op.execute(
                f"CREATE POLICY founded_{command.lower()} ON {table} FOR {command}"
                f" TO {IDENTITY} {clause} (current_user = '{IDENTITY}')"
            )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {IDENTITY}")
    op.execute(KEYS_FOR)
    give("keys_for(bytea, bytea)", IDENTITY, APP)
    op.execute(KEEP_KEYS)
    give("keep_keys(uuid, uuid, jsonb)", IDENTITY)
    op.execute(edited(admit(), *ADMITTED))
    op.execute(edited(take_event(), *ANNOUNCED))
    op.execute(edited(myself(), *MYSELF))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(myself())
    op.execute(take_event())
    op.execute(admit())
    op.execute("DROP FUNCTION medilens.keys_for(bytea, bytea)")
    op.execute("DROP FUNCTION medilens.keep_keys(uuid, uuid, jsonb)")
    for table in KEYS:
        for command in ("select", "insert"):
            op.execute(f"DROP POLICY founded_{command} ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM {IDENTITY}")
