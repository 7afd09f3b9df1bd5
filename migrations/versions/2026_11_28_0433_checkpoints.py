"""Sealed chains are verified, exported and held against checkpoints that lie elsewhere

Revision ID: 0043
Revises: 0042
"""

from collections.abc import Iterator

from alembic import op

from migrations.released import give, version
from migrations.schedule import forget_step, step

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

AUDIT, UPKEEP, APP = "medilens_audit", "medilens_upkeep", "medilens_app"

# Everything that decides what is recorded and who reaches what. Partitions are called by their
# parent's name, so that a month that is added like the others changes nothing; one trigger that is
# switched off in one month does.
NAMED = """
    (SELECT c.oid, coalesce(i.inhparent, c.oid)::regclass AS name, c.relowner, c.relrowsecurity,
        c.relforcerowsecurity, c.relacl
    FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
    WHERE c.relnamespace IN ('public'::regnamespace, 'medilens'::regnamespace)
    AND c.relkind IN ('r', 'p'))
"""
FINGERPRINT = f"""
CREATE FUNCTION medilens.audit_fingerprint() RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT sha256(convert_to(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), 'UTF8')) FROM (
        SELECT concat_ws('|', 'function', p.oid::regprocedure, p.proowner::regrole, p.proacl,
            CASE p.prokind WHEN 'f' THEN pg_get_functiondef(p.oid) END) AS line
        FROM pg_proc p WHERE p.pronamespace = 'medilens'::regnamespace
        UNION SELECT concat_ws('|', 'table', t.name, t.relowner::regrole, t.relrowsecurity,
            t.relforcerowsecurity, t.relacl) FROM {NAMED} t
        UNION SELECT concat_ws('|', 'columns', t.name, a.attname, a.attacl)
        FROM {NAMED} t JOIN pg_attribute a ON a.attrelid = t.oid WHERE a.attacl IS NOT NULL
        UNION SELECT concat_ws('|', 'trigger', t.name, g.tgname, g.tgenabled, g.tgtype,
            g.tgfoid::regprocedure, g.tgargs, g.tgqual)
        FROM pg_trigger g JOIN {NAMED} t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal
        UNION SELECT concat_ws('|', 'policy', t.name, p.polname, p.polcmd, p.polpermissive,
            p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid),
            pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p JOIN {NAMED} t ON t.oid = p.polrelid
        UNION SELECT concat_ws('|', 'member', m.roleid::regrole, m.member::regrole)
        FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolname ~ '^medilens'
        UNION SELECT concat_ws('|', 'role', r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole,
            r.rolcreatedb, r.rolcanlogin, r.rolreplication)
        FROM pg_roles r WHERE r.rolname ~ '^medilens'
        UNION SELECT concat_ws('|', 'event', v.evtname, v.evtenabled) FROM pg_event_trigger v
        UNION SELECT concat_ws('|', 'step', s.name, s.call) FROM medilens.steps s
        UNION SELECT concat_ws('|', 'needed', n.*) FROM medilens.needed_permissions n
        UNION SELECT concat_ws('|', 'role', r.name, r.scope, r.permissions) FROM public.roles r
    ) AS lines
$$
"""

# What a checkpoint says of the database; the function that signs it adds what it knows.
CHECKPOINT = """
CREATE FUNCTION medilens.audit_checkpoint() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT jsonb_build_object(
        'era', s.era, 'number', s.checkpoint, 'sealed', s.sealed,
        'is_due', s.checkpoint_sealed < s.sealed,
        'revision', (SELECT version_num FROM public.alembic_version),
        'fingerprint', encode(medilens.audit_fingerprint(), 'hex'),
        'heads', coalesce((
            SELECT jsonb_agg(jsonb_build_array(h.organization_id, h.seq, encode(h.hash, 'hex'))
                ORDER BY h.organization_id)
            FROM medilens.audit_heads h
        ), '[]')
    ) FROM medilens.audit_sealing s
$$
"""
NOTE_CHECKPOINT = """
CREATE FUNCTION medilens.note_checkpoint(number bigint, up_to bigint, hash bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE medilens.audit_sealing SET checkpoint = number, checkpoint_hash = hash,
        checkpoint_sealed = greatest(checkpoint_sealed, up_to)
    WHERE checkpoint < number
$$
"""

# Where the chains are not as an earlier checkpoint, whose number this is, has them.
CONTRADICTIONS = """
CREATE FUNCTION medilens.audit_contradictions(number bigint, heads jsonb)
RETURNS TABLE (organization_id uuid, seq bigint, fault text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT told.id, told.seq, CASE
        WHEN number > s.checkpoint THEN 'backup-restored'
        WHEN h.seq IS NULL THEN 'chain-missing'
        WHEN h.seq < told.seq OR l.hash IS NULL THEN 'tail-missing'
        ELSE 'chain-rewritten' END
    FROM medilens.audit_sealing s, LATERAL (
        SELECT (head ->> 0)::uuid AS id, (head ->> 1)::bigint AS seq,
            decode(head ->> 2, 'hex') AS hash
        FROM jsonb_array_elements(heads) head
    ) told
    LEFT JOIN medilens.audit_heads h ON h.organization_id = told.id
    LEFT JOIN medilens.audit_seals l ON l.organization_id = told.id AND l.seq = told.seq
    WHERE h.seq IS NULL OR h.seq < told.seq OR l.hash IS DISTINCT FROM told.hash
$$
"""

# The first row that is not as it was sealed, and how many there are, among the next `most`; with
# the last of them, what the head says, and rows that were slipped in below the seals.
VERIFY = """
CREATE FUNCTION medilens.verify_chain(organization uuid, after bigint, most integer)
RETURNS TABLE (fault text, seq bigint, event_id bigint, event_at timestamptz, faults bigint,
    verified_to bigint, is_complete boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    start bytea := coalesce((SELECT s.hash FROM medilens.audit_seals s
        WHERE s.organization_id = organization AND s.seq = after), medilens.genesis(organization));
    head medilens.audit_heads;
    last_hash bytea;
BEGIN
    SELECT * INTO head FROM medilens.audit_heads h WHERE h.organization_id = organization;
    WITH page AS (
        SELECT s.* FROM medilens.audit_seals s
        WHERE s.organization_id = organization AND s.seq > after ORDER BY s.seq LIMIT most
    ), rows AS (
        SELECT p.seq, p.event_id, p.event_at, p.hash, lag(p.seq, 1, after) OVER chain AS before_seq,
            lag(p.hash, 1, start) OVER chain AS before,
            CASE WHEN e.id IS NOT NULL THEN medilens.audit_leaf(e) END AS leaf
        FROM page p LEFT JOIN public.audit_events e ON e.organization_id = p.organization_id
            AND e.created_at = p.event_at AND e.id = p.event_id
        WINDOW chain AS (ORDER BY p.seq)
    ), judged AS (
        SELECT r.*, CASE
            WHEN r.seq <> r.before_seq + 1 THEN 'seals-missing'
            WHEN r.leaf IS NULL THEN 'rows-missing'
            WHEN sha256(r.before || r.leaf) = r.hash THEN NULL
            WHEN sha256(r.before || lead(r.leaf) OVER (ORDER BY r.seq)) = r.hash THEN 'rows-swapped'
            ELSE 'row-changed' END AS wrong
        FROM rows r
    ), first AS (
        SELECT j.* FROM judged j WHERE j.wrong IS NOT NULL ORDER BY j.seq LIMIT 1
    )
    SELECT f.wrong, CASE f.wrong WHEN 'seals-missing' THEN f.before_seq + 1 ELSE f.seq END,
        f.event_id, f.event_at, (SELECT count(*) FROM judged j WHERE j.wrong IS NOT NULL),
        coalesce((SELECT max(j.seq) FROM judged j), after),
        (SELECT j.hash FROM judged j ORDER BY j.seq DESC LIMIT 1),
        (SELECT count(*) < most FROM judged j)
    INTO fault, seq, event_id, event_at, faults, verified_to, last_hash, is_complete
    FROM (SELECT) AS nothing LEFT JOIN first f ON true;
    IF is_complete AND fault IS NULL THEN
        IF head.seq IS DISTINCT FROM nullif(verified_to, 0)
            OR head.hash IS DISTINCT FROM coalesce(last_hash, CASE after WHEN 0 THEN NULL ELSE start END)
        THEN
            fault := 'tail-missing';
            seq := verified_to + 1;
            faults := greatest(head.seq - verified_to, 1);
        ELSE
            SELECT 'rows-added', NULL::bigint, min(e.id), min(e.created_at), count(*)
            INTO fault, seq, event_id, event_at, faults
            FROM public.audit_events e, medilens.audit_sealing s
            WHERE e.organization_id = organization AND s.restored_from IS NULL
            AND e.xact < s.before_xact AND (e.xact, e.id) < (s.before_xact, s.before_id)
            AND NOT EXISTS (SELECT FROM medilens.audit_seals l WHERE l.event_id = e.id)
            HAVING count(*) > 0;
        END IF;
    END IF;
    faults := coalesce(faults, 0);
    RETURN NEXT;
END
$$
"""


def export() -> str:
    """A row of the trail as it is hashed: each part as its text, or nothing."""
    sealing = version("0042")
    fields = ", ".join(f"'{name}', {part.format(e='e')}" for name, part in sealing.FIELDS.items())
    return f"""
CREATE FUNCTION medilens.export_chain(organization uuid, after bigint, most integer)
RETURNS TABLE (seq bigint, form smallint, hash text, fields json)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT s.seq, s.form, encode(s.hash, 'hex'), CASE WHEN e.id IS NOT NULL THEN
        json_build_object({fields}) END
    FROM medilens.audit_seals s
    LEFT JOIN public.audit_events e ON e.organization_id = s.organization_id
        AND e.created_at = s.event_at AND e.id = s.event_id
    WHERE s.organization_id = organization AND s.seq > after ORDER BY s.seq LIMIT most
$$
"""


# How much of an organization's trail waits for its seal.
UNSEALED = """
CREATE FUNCTION medilens.unsealed_of(organization uuid)
RETURNS TABLE (unsealed bigint, unsealed_since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT count(*), min(e.created_at) FROM public.audit_events e, medilens.audit_sealing s
    WHERE e.organization_id = organization AND (e.xact, e.id) > (s.before_xact, s.before_id)
    AND NOT EXISTS (SELECT FROM medilens.audit_seals l WHERE l.event_id = e.id)
$$
"""

OF_CHECKPOINTS = {
    "audit_fingerprint()": FINGERPRINT,
    "audit_checkpoint()": CHECKPOINT,
    "note_checkpoint(bigint, bigint, bytea)": NOTE_CHECKPOINT,
    "audit_contradictions(bigint, jsonb)": CONTRADICTIONS,
}
OF_CHAINS = {
    "verify_chain(uuid, bigint, integer)": VERIFY,
    "unsealed_of(uuid)": UNSEALED,
}
STEPS = {
    "audit_checkpoint": "SELECT medilens.audit_checkpoint()",
    "note_checkpoint": (
        "SELECT to_jsonb(medilens.note_checkpoint(($1 ->> 'number')::bigint,"
        " ($1 ->> 'sealed')::bigint, decode($1 ->> 'hash', 'hex')) IS NULL)"
    ),
    "audit_contradictions": (
        "SELECT to_jsonb(c) FROM medilens.audit_contradictions("
        "($1 ->> 'number')::bigint, $1 -> 'heads') c"
    ),
}


def functions() -> Iterator[tuple[str, str]]:
    yield from OF_CHECKPOINTS.items()
    yield from OF_CHAINS.items()
    yield "export_chain(uuid, bigint, integer)", export()


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"GRANT SELECT ON alembic_version TO {AUDIT}")
    for name, function in functions():
        op.execute(function)
        owner = None if name == "audit_fingerprint()" else AUDIT
        callers = [AUDIT] if owner is None else ["CURRENT_USER"]
        give(name, owner, *callers, *([UPKEEP] if name in OF_CHECKPOINTS else []))
    for name, call in STEPS.items():
        op.execute(step(name, call))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in STEPS:
        op.execute(forget_step(name))
    for name, _ in reversed(list(functions())):
        op.execute(f"DROP FUNCTION medilens.{name}")
    op.execute(f"REVOKE SELECT ON alembic_version FROM {AUDIT}")
