"""The audit trail is sealed: a chain of hashes for each organization, outside every act

Revision ID: 0042
Revises: 0041
"""

from collections.abc import Iterator

from alembic import op

from migrations.released import give
from migrations.schedule import forget_job, forget_step, job, step
from migrations.tenancy import keep

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

AUDIT, UPKEEP = "medilens_audit", "medilens_upkeep"

# What is sealed of a row, in this order; a column that is added later is not part of form 1, so
# that no migration changes what was sealed.
FIELDS = {
    "id": "{e}.id::text",
    "created_at": "(extract(epoch FROM {e}.created_at) * 1000000)::bigint::text",
    "organization_id": "{e}.organization_id::text",
    "user_id": "{e}.user_id::text",
    "actor_type": "{e}.actor_type",
    "actor_role": "{e}.actor_role",
    "actor_ip": "{e}.actor_ip::text",
    "user_agent": "{e}.user_agent",
    "request_id": "{e}.request_id",
    "session_id": "{e}.session_id",
    "action": "{e}.action",
    "resource_type": "{e}.resource_type",
    "resource_id": "{e}.resource_id::text",
    "subject_id": "{e}.subject_id::text",
    "outcome": "{e}.outcome",
    "phi_accessed": "{e}.phi_accessed::text",
    "details": "{e}.details::text",
    "content_hash": "encode({e}.content_hash, 'hex')",
}
FORM = 1

# Each row is linked by id and time, which finds it in its month alone.
TABLES = """
CREATE TABLE medilens.audit_seals (
    organization_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 1),
    event_id bigint NOT NULL,
    event_at timestamptz NOT NULL,
    form smallint NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (organization_id, seq)
);
CREATE UNIQUE INDEX uq_audit_seals_event ON medilens.audit_seals (event_id);
CREATE TABLE medilens.audit_heads (
    organization_id uuid PRIMARY KEY,
    seq bigint NOT NULL CHECK (seq >= 1),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE TABLE medilens.audit_eras (
    era integer PRIMARY KEY,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sealed_before xid8 NOT NULL
);
CREATE TABLE medilens.audit_sealing (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    era integer NOT NULL DEFAULT 1,
    before_xact xid8 NOT NULL DEFAULT '0',
    before_id bigint NOT NULL DEFAULT 0,
    restored_from xid8,
    sealed bigint NOT NULL DEFAULT 0,
    checkpoint bigint NOT NULL DEFAULT 0,
    checkpoint_sealed bigint NOT NULL DEFAULT 0,
    checkpoint_hash bytea
);
INSERT INTO medilens.audit_sealing DEFAULT VALUES;
INSERT INTO medilens.audit_eras (era, sealed_before) VALUES (1, '0')
"""
RIGHTS = {
    "audit_seals": "SELECT, INSERT",
    "audit_heads": "SELECT, INSERT, UPDATE",
    "audit_eras": "SELECT, INSERT",
    "audit_sealing": "SELECT, UPDATE",
}

NETSTRING = """
CREATE FUNCTION medilens.netstring(part text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT concat(octet_length(part), ':', part, ',') $$
"""


def canonical() -> str:
    """What is hashed of a row: the form, then netstrings, in which nothing is unlike ''."""
    parts = ", ".join(f"medilens.netstring({part.format(e='e')})" for part in FIELDS.values())
    return f"""
CREATE FUNCTION medilens.audit_leaf(e public.audit_events) RETURNS bytea
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT sha256(convert_to(concat('{FORM};', {parts}), 'UTF8'))
$$
"""


# The hash of a row covers all rows before it.
CHAIN = """
CREATE FUNCTION medilens.link(before bytea, start bytea, leaf bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sha256(coalesce(before, start) || leaf) $$;
CREATE AGGREGATE medilens.chain(start bytea, leaf bytea) (sfunc = medilens.link, stype = bytea);
CREATE FUNCTION medilens.genesis(organization uuid) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(convert_to('medilens audit chain;' || organization::text, 'UTF8'))
$$
"""

# No older row can still appear below the bound, which is read before the rows are (READ COMMITTED);
# ids are no order of commits. The row of `audit_sealing` is the lock: no session of the functions'
# role can hold it, as it could an advisory one.
#
# After a logical restore the new server's numbers start low, and the place where sealing stopped
# lies in the future: a new era begins, which looks at every row once for what has no seal.
SEAL_AUDIT = """
CREATE FUNCTION medilens.seal_audit(most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    place medilens.audit_sealing;
    bound xid8;
    newest xid8;
    added bigint;
BEGIN
    SELECT * INTO place FROM medilens.audit_sealing FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    bound := pg_snapshot_xmin(pg_current_snapshot());
    newest := pg_snapshot_xmax(pg_current_snapshot());
    IF place.before_xact > newest THEN
        place := medilens.begin_era(place, bound);
    END IF;
    WITH due AS MATERIALIZED (
        SELECT e.organization_id, e.id, e.created_at, e.xact, medilens.audit_leaf(e) AS leaf
        FROM public.audit_events e
        WHERE (e.xact, e.id) > (place.before_xact, place.before_id)
        AND (e.xact < bound OR (place.restored_from IS NOT NULL AND e.xact > newest))
        AND NOT EXISTS (SELECT FROM medilens.audit_seals s WHERE s.event_id = e.id)
        ORDER BY e.xact, e.id LIMIT most
    ), linked AS (
        SELECT d.*, coalesce(h.seq, 0) + row_number() OVER following AS seq, medilens.chain(
            coalesce(h.hash, medilens.genesis(d.organization_id)), d.leaf) OVER following AS hash
        FROM due d LEFT JOIN medilens.audit_heads h USING (organization_id)
        WINDOW following AS (
            PARTITION BY d.organization_id ORDER BY d.xact, d.id ROWS UNBOUNDED PRECEDING)
    ), stored AS (
        INSERT INTO medilens.audit_seals (organization_id, seq, event_id, event_at, form, hash)
        SELECT organization_id, seq, id, created_at, {FORM}, hash FROM linked
        RETURNING organization_id, seq, hash
    ), heads AS (
        INSERT INTO medilens.audit_heads AS h (organization_id, seq, hash)
        SELECT DISTINCT ON (organization_id) * FROM stored ORDER BY organization_id, seq DESC
        ON CONFLICT (organization_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash
    ), last AS (SELECT xact, id FROM due ORDER BY xact DESC, id DESC LIMIT 1)
    SELECT (SELECT count(*) FROM stored), (SELECT xact FROM last), (SELECT id FROM last)
    INTO added, place.before_xact, place.before_id;
    IF added < most THEN
        place.before_xact := coalesce(place.restored_from, bound);
        place.before_id := 0;
        place.restored_from := NULL;
    END IF;
    UPDATE medilens.audit_sealing SET before_xact = place.before_xact, sealed = sealed + added,
        before_id = place.before_id, restored_from = place.restored_from, era = place.era;
    RETURN added;
END
$$
""".replace("{FORM}", str(FORM))

# The entry is a row of each organization's trail, sealed with the next run.
BEGIN_ERA = """
CREATE FUNCTION medilens.begin_era(place medilens.audit_sealing, bound xid8)
RETURNS medilens.audit_sealing LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO medilens.audit_eras (era, sealed_before)
    SELECT max(era) + 1, place.before_xact FROM medilens.audit_eras RETURNING era INTO place.era;
    PERFORM medilens.record(h.organization_id, 'execute', 'audit_chain', NULL, NULL, 'success',
        jsonb_build_object('era', place.era, 'restored', true, 'seq', h.seq), NULL)
    FROM medilens.audit_heads h;
    place.before_xact := '0';
    place.before_id := 0;
    place.restored_from := bound;
    RETURN place;
END
$$
"""

# Counted up to a thousand: whether it is more than late, not how much more.
SEALING_LATE = "5 minutes"
SEALING_STATE = f"""
CREATE FUNCTION medilens.sealing_state()
RETURNS TABLE (era integer, sealed bigint, unsealed bigint, unsealed_since timestamptz,
    is_late boolean, checkpoint bigint, is_checkpoint_due boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT s.era, s.sealed, w.n, w.since,
        coalesce(w.since < now() - interval '{SEALING_LATE}', false),
        s.checkpoint, s.checkpoint_sealed < s.sealed
    FROM medilens.audit_sealing s, LATERAL (
        SELECT count(*) AS n, min(waiting.created_at) AS since FROM (
            SELECT e.created_at FROM public.audit_events e
            WHERE (e.xact, e.id) > (s.before_xact, s.before_id)
            AND e.xact < pg_snapshot_xmax(pg_current_snapshot())
            AND NOT EXISTS (SELECT FROM medilens.audit_seals l WHERE l.event_id = e.id)
            ORDER BY e.xact, e.id LIMIT 1000
        ) waiting
    ) w
$$
"""

OF_SEALING = {
    "netstring(text)": NETSTRING,
    "audit_leaf(public.audit_events)": canonical(),
    "begin_era(medilens.audit_sealing, xid8)": BEGIN_ERA,
    "seal_audit(integer)": SEAL_AUDIT,
    "sealing_state()": SEALING_STATE,
}
STEPS = {
    "seal_audit": "SELECT to_jsonb(medilens.seal_audit(($1 ->> 'most')::integer))",
    "sealing_state": "SELECT to_jsonb(s) FROM medilens.sealing_state() s",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "ALTER TABLE audit_events ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id()"
    )
    op.create_index("ix_audit_events_xact", "audit_events", ["xact", "id"])
    for statement in (*chain_tables(), *CHAIN.split(";\n"), *OF_SEALING.values()):
        op.execute(statement)
    for name in OF_SEALING:
        called = name in {"seal_audit(integer)", "sealing_state()"}
        give(name, AUDIT, *([UPKEEP] if called else []))
    op.execute(f"CREATE POLICY sealed ON audit_events FOR SELECT TO {AUDIT} USING (true)")
    op.execute(f"GRANT SELECT ON audit_events TO {AUDIT}")
    for name, call in STEPS.items():
        op.execute(step(name, call))
    op.execute(job("sealing", "1 minute"))


def chain_tables() -> Iterator[str]:
    yield from TABLES.split(";\n")
    for table, rights in RIGHTS.items():
        yield f"GRANT {rights} ON medilens.{table} TO {AUDIT}"
        yield f"GRANT SELECT ON medilens.{table} TO medilens_reader"
    yield keep("medilens.audit_seals", "UPDATE", "DELETE", "TRUNCATE")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(forget_job("sealing"))
    for name in STEPS:
        op.execute(forget_step(name))
    op.execute("DROP POLICY sealed ON audit_events")
    op.execute(f"REVOKE SELECT ON audit_events FROM {AUDIT}")
    for name in reversed(OF_SEALING):
        op.execute(f"DROP FUNCTION medilens.{name}")
    op.execute("DROP AGGREGATE medilens.chain(bytea, bytea)")
    op.execute("DROP FUNCTION medilens.link(bytea, bytea, bytea), medilens.genesis(uuid)")
    op.execute(f"DROP TABLE {', '.join(f'medilens.{table}' for table in RIGHTS)}")
    op.drop_index("ix_audit_events_xact", "audit_events")
    op.drop_column("audit_events", "xact")
