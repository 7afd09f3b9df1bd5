"""An identity that SQL cannot forge: requests are sealed by the functions, identities by the database

Revision ID: 0023
Revises: 0022
"""

from collections.abc import Iterator

from alembic import op

from migrations.released import again, give, version

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

IDENTITY, AUDIT, UPKEEP, APP = (
    *("medilens_identity", "medilens_audit"),
    *("medilens_upkeep", "medilens_app"),
)

# The two pads of HMAC (RFC 2104): of the key that the functions seal their requests with, which the
# migration job writes, and of the database's own secret, which never leaves it. Nobody but their
# owner sees a row, so that a dump has none: after it is restored the job writes new ones.
KEYS = """
CREATE TABLE medilens.{table} (
    slot smallint PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    inner_pad bytea NOT NULL CHECK (octet_length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (octet_length(outer_pad) = 64)
)
"""
KEY_TABLES = ("identity_keys", "seal_keys")

# A transaction lasts a minute at most; sealed by the secret before, it still reads its own identity.
RENEW_SEAL = """
CREATE FUNCTION medilens.renew_seal() RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    secret bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
        || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    inside bytea := decode(repeat('36', 64), 'hex');
    outside bytea := decode(repeat('5c', 64), 'hex');
BEGIN
    PERFORM FROM medilens.seal_keys WHERE slot = 1
        AND made_at > clock_timestamp() - interval '1 hour';
    IF FOUND THEN
        RETURN;
    END IF;
    FOR byte IN 0..31 LOOP
        inside := set_byte(inside, byte, get_byte(secret, byte) # 54);
        outside := set_byte(outside, byte, get_byte(secret, byte) # 92);
    END LOOP;
    DELETE FROM medilens.seal_keys WHERE slot = 0;
    UPDATE medilens.seal_keys SET slot = 0 WHERE slot = 1;
    INSERT INTO medilens.seal_keys (slot, inner_pad, outer_pad) VALUES (1, inside, outside);
END
$$
"""

# What a function has sealed, for this purpose and within this many seconds.
WINDOW_S = 20
UNSEALED = f"""
CREATE FUNCTION medilens.unsealed(request bytea, mac bytea, purpose text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    told jsonb;
    age_s float8;
BEGIN
    PERFORM FROM medilens.identity_keys k
    WHERE mac = sha256(k.outer_pad || sha256(k.inner_pad || request));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not sealed with a key of this database' USING ERRCODE = 'ML498';
    END IF;
    told := convert_from(request, 'UTF8')::jsonb;
    IF told ->> 'purpose' IS DISTINCT FROM purpose THEN
        RAISE EXCEPTION 'sealed for another purpose' USING ERRCODE = 'ML498';
    END IF;
    age_s := extract(epoch FROM clock_timestamp())::float8 - (told ->> 'at')::float8;
    IF coalesce(abs(age_s) <= {WINDOW_S}, false) THEN
        RETURN told;
    END IF;
    RAISE EXCEPTION 'sealed at another time than about now' USING ERRCODE = 'ML499';
END
$$
"""

# One setting holds the whole identity; the seal binds it to this transaction.
SEAL = """
CREATE FUNCTION medilens.seal(
    organization uuid, person uuid, scope text, permission text, role text, request bytea
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    parts text := concat(organization, '|', person, '|', scope, '|', permission, '|', role, '|',
        encode(sha256(request), 'hex'));
BEGIN
    PERFORM set_config('medilens.identity', concat(encode(sha256(k.outer_pad || sha256(k.inner_pad
            || timestamptz_send(transaction_timestamp()) || convert_to(parts, 'UTF8'))), 'hex'),
            '|', parts), true),
        set_config('medilens.request', convert_from(request, 'UTF8'), true)
    FROM medilens.seal_keys k WHERE k.slot = 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the database has no secret: run the migration job';
    END IF;
END
$$
"""


def reader(signature: str, returns: str, value: str, replaced: str = "CREATE") -> str:
    """Return a function that says nothing unless the whole identity is as it was sealed.

    A check of the part that is asked for was broken: the rest was changed after it. A transaction
    may not use its identity for longer than a quarter of an hour, whatever it sets its limits to.
    """
    return f"""
{replaced} FUNCTION medilens.{signature} RETURNS {returns}
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    told text := current_setting('medilens.identity', true);
    parts text[];
BEGIN
    IF told IS NULL OR told = '' THEN
        RETURN NULL;
    END IF;
    PERFORM FROM medilens.seal_keys k
    WHERE left(told, 64) = encode(sha256(k.outer_pad || sha256(k.inner_pad
        || timestamptz_send(transaction_timestamp())
        || convert_to(substr(told, 66), 'UTF8'))), 'hex');
    IF NOT FOUND OR clock_timestamp() > transaction_timestamp() + interval '15 minutes' THEN
        RETURN NULL;
    END IF;
    parts := string_to_array(substr(told, 66), '|');
    RETURN {value};
END
$$
"""


# organization, person, scope, permission, role, hash of the request
SEALED_IDENTITY = reader("sealed_identity()", "text[]", "parts")
REPLACED = "CREATE OR REPLACE"
READERS = (
    reader(
        "organization_for(VARIADIC permissions text[])",
        "uuid",
        "CASE WHEN parts[4] = ANY (permissions) THEN nullif(parts[1], '')::uuid END",
        REPLACED,
    ),
    reader("scope_is(scope text)", "boolean", "parts[3] = scope", REPLACED),
    reader("sealed_person()", "uuid", "nullif(parts[2], '')::uuid", REPLACED),
)
READER_NAMES = ("organization_for(text[])", "scope_is(text)", "sealed_person()")

# For a WHERE that leads an index, and for what is filled in: whatever these say, a policy decides.
CURRENT = {
    "current_organization_id() RETURNS uuid": "nullif({}, '')::uuid".format(
        "split_part(current_setting('medilens.identity', true), '|', 2)"
    ),
    "current_user_id() RETURNS uuid": "nullif({}, '')::uuid".format(
        "split_part(current_setting('medilens.identity', true), '|', 3)"
    ),
    "current_scope() RETURNS text": "split_part(current_setting('medilens.identity', true), '|', 4)",
}

CONSENTED = """
CREATE OR REPLACE FUNCTION medilens.consented() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT user_id FROM public.consents
    WHERE kind = 'research' AND withdrawn_at IS NULL AND organization_id = (
        SELECT CASE WHEN told[3] = 'research' THEN told[1]::uuid END
        FROM (SELECT medilens.sealed_identity() AS told) AS identity
    )
$$
"""

# Of the roles that grant what the request asks for, the one that reaches furthest counts.
ENTER = """
CREATE FUNCTION medilens.enter(request bytea, mac bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = on AS $$
DECLARE
    told jsonb := medilens.unsealed(request, mac, 'request');
    person record;
    held record;
BEGIN
    SELECT * INTO person FROM medilens.member(told);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not a member' USING ERRCODE = 'ML401';
    END IF;
    SELECT r.name, r.scope INTO held
    FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id
    WHERE ur.organization_id = person.organization_id AND ur.user_id = person.user_id
    AND ur.revoked_at IS NULL AND r.permissions ? (told ->> 'permission')
    ORDER BY array_position(ARRAY['organization', 'research', 'own'], r.scope) LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'ML403';
    END IF;
    PERFORM medilens.seal(person.organization_id, person.user_id, held.scope,
        told ->> 'permission', held.name, request);
END
$$
"""

# Whose sessions are the system's: `current_user` is the definer, inside of it.
IS_OWNER = """
CREATE FUNCTION medilens.is_owner() RETURNS boolean
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT pg_has_role(session_user, relowner, 'MEMBER') FROM pg_class
    WHERE oid = 'public.audit_events'::regclass
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    keep_keys()
    for function in (RENEW_SEAL, UNSEALED, SEAL, SEALED_IDENTITY, IS_OWNER):
        op.execute(function)
    give("renew_seal()", IDENTITY)
    give("unsealed(bytea, bytea, text)", IDENTITY, AUDIT)
    give("seal(uuid, uuid, text, text, text, bytea)", IDENTITY, AUDIT)
    give("sealed_identity()", IDENTITY, AUDIT, UPKEEP, "CURRENT_USER")
    op.execute("SELECT medilens.renew_seal()")
    for function in (*READERS, *current(), CONSENTED):
        op.execute(function)
    # What is unsealed enters no more, nor may the functions ask who is a member of what.
    op.execute("DROP FUNCTION medilens.enter(jsonb)")
    op.execute("REVOKE EXECUTE ON FUNCTION medilens.member(jsonb) FROM medilens_app")
    op.execute(ENTER)
    give("enter(bytea, bytea)", IDENTITY, APP)


def keep_keys() -> None:
    for table in KEY_TABLES:
        op.execute(KEYS.format(table=table))
        op.execute(f"ALTER TABLE medilens.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE medilens.{table} OWNER TO {IDENTITY}")
        op.execute(f"GRANT SELECT ON medilens.{table} TO medilens_reader")


def current() -> Iterator[str]:
    for signature, value in CURRENT.items():
        yield f"CREATE OR REPLACE FUNCTION medilens.{signature} LANGUAGE sql STABLE AS $$ SELECT {value} $$"


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION medilens.enter(bytea, bytea)")
    for function in functions_before():
        op.execute(function)
    version("0003").give_to(IDENTITY, "medilens.enter(jsonb)")
    op.execute("GRANT EXECUTE ON FUNCTION medilens.member(jsonb) TO medilens_app")
    for name in (
        "is_owner()",
        "sealed_identity()",
        "seal(uuid, uuid, text, text, text, bytea)",
        "unsealed(bytea, bytea, text)",
        "renew_seal()",
    ):
        op.execute(f"DROP FUNCTION medilens.{name}")
    for table in KEY_TABLES:
        op.execute(f"DROP TABLE medilens.{table}")


def functions_before() -> Iterator[str]:
    permissions = version("0020")
    yield permissions.enter()
    yield again(permissions.CURRENT_SCOPE)
    yield from map(again, permissions.READERS.values())
    for name in ("CURRENT_USER_ID", "CURRENT_ORGANIZATION_ID"):
        yield again(getattr(version("0003"), name))
    yield version("0022").CONSENTED
