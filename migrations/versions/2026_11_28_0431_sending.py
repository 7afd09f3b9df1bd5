"""Sending what the outbox holds: steps of the schedule

Revision ID: 0041
Revises: 0040
"""

from alembic import op

from migrations.released import give
from migrations.schedule import forget_job, forget_step, job, step

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

UPKEEP = "medilens_upkeep"

# Messages to be sent with whatever they are sent by: the newest secret, and the one before it
# while both are good.
ADDRESSED = """
CREATE FUNCTION medilens.addressed(messages uuid[])
RETURNS TABLE (id uuid, url text, body text, attempts integer, secrets text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT m.id, w.url, m.body, m.attempts, ARRAY(
        SELECT s.secret FROM (
            SELECT n.secret, lead(n.overlap_until, -1) OVER (ORDER BY n.created_at DESC) AS until,
                row_number() OVER (ORDER BY n.created_at DESC) AS place
            FROM public.outgoing_secrets n
            WHERE n.organization_id = w.organization_id AND n.webhook_id = w.id
        ) s
        WHERE s.place = 1 OR s.place = 2 AND s.until > clock_timestamp() ORDER BY s.place
    )
    FROM public.outbox_messages m
    JOIN public.webhooks w ON w.organization_id = m.organization_id AND w.id = m.webhook_id
    WHERE m.id = ANY (messages)
$$
"""

# What a request has just written. Where the last attempt at the same webhook failed, whoever waits
# for the request does not wait for another.
JUST_WRITTEN = """
CREATE FUNCTION medilens.just_written(messages uuid[])
RETURNS TABLE (id uuid, url text, body text, attempts integer, secrets text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN QUERY SELECT a.* FROM medilens.addressed(ARRAY(
        SELECT m.id FROM public.outbox_messages m
        WHERE m.id = ANY (messages) AND m.attempts = 0 AND m.delivered_at IS NULL
        AND m.dead_at IS NULL AND NOT EXISTS (
            SELECT FROM public.outbox_messages f WHERE f.webhook_id = m.webhook_id
            AND f.delivered_at IS NULL AND f.dead_at IS NULL AND f.attempts > 0
        )
    )) a;
END
$$
"""

# The schedule leases what is due, a few of each webhook, so that none keeps the others waiting.
LEASE = """
CREATE FUNCTION medilens.lease_messages(most integer)
RETURNS TABLE (id uuid, url text, body text, attempts integer, secrets text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    leased uuid[];
BEGIN
    WITH due AS (
        SELECT d.id FROM public.webhooks w CROSS JOIN LATERAL (
            SELECT m.id, m.next_at FROM public.outbox_messages m
            WHERE m.webhook_id = w.id AND m.delivered_at IS NULL AND m.dead_at IS NULL
            AND m.next_at <= clock_timestamp()
            ORDER BY m.next_at LIMIT 5 FOR UPDATE SKIP LOCKED
        ) d
        WHERE w.deleted_at IS NULL AND w.is_active ORDER BY d.next_at LIMIT most
    ), taken AS (
        UPDATE public.outbox_messages m SET next_at = clock_timestamp() + interval '2 minutes'
        FROM due WHERE m.id = due.id RETURNING m.id
    )
    SELECT array_agg(t.id) INTO leased FROM taken t;
    RETURN QUERY SELECT a.* FROM medilens.addressed(leased) a;
END
$$
"""

# How attempts ended: delivered, to be tried again after a while, or given up.
SETTLE = """
CREATE FUNCTION medilens.settle_messages(outcomes jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    settled integer;
BEGIN
    UPDATE public.outbox_messages m SET
        attempts = m.attempts + 1,
        history = m.history || jsonb_build_array(o.told - 'id' - 'again_in_s'),
        next_at = clock_timestamp()
            + make_interval(secs => coalesce((o.told ->> 'again_in_s')::float8, 0)),
        delivered_at = CASE WHEN o.told ->> 'outcome' = 'delivered' THEN clock_timestamp() END,
        dead_at = CASE WHEN o.told ->> 'outcome' <> 'delivered' AND coalesce(clock_timestamp()
            + make_interval(secs => (o.told ->> 'again_in_s')::float8) > m.give_up_at, true)
            THEN clock_timestamp() END
    FROM (SELECT t AS told FROM jsonb_array_elements(outcomes) t) o
    WHERE m.id = (o.told ->> 'id')::uuid AND m.delivered_at IS NULL AND m.dead_at IS NULL;
    GET DIAGNOSTICS settled = ROW_COUNT;
    RETURN settled;
END
$$
"""

# Neither what was delivered nor what was given up is looked for after this.
FORGET = """
CREATE FUNCTION medilens.forget_messages(older_than interval, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    forgotten integer;
BEGIN
    DELETE FROM public.outbox_messages m WHERE m.id IN (
        SELECT o.id FROM public.outbox_messages o WHERE o.created_at < now() - older_than
        ORDER BY o.created_at LIMIT most FOR UPDATE SKIP LOCKED
    );
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$
"""
JOBS = {
    "just_written(uuid[])": JUST_WRITTEN,
    "lease_messages(integer)": LEASE,
    "settle_messages(jsonb)": SETTLE,
    "forget_messages(interval, integer)": FORGET,
}

STEPS = {
    "just_written": (
        "SELECT to_jsonb(m) FROM medilens.just_written(ARRAY("
        "SELECT jsonb_array_elements_text($1 -> 'messages'))::uuid[]) m"
    ),
    "lease_messages": (
        "SELECT to_jsonb(m) FROM medilens.lease_messages(($1 ->> 'most')::integer) m"
    ),
    "settle_messages": "SELECT to_jsonb(medilens.settle_messages($1 -> 'outcomes'))",
    "forget_messages": (
        "SELECT to_jsonb(medilens.forget_messages("
        "($1 ->> 'older_than')::interval, ($1 ->> 'most')::integer))"
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, function in (("addressed(uuid[])", ADDRESSED), *JOBS.items()):
        op.execute(function)
        give(name, UPKEEP)
    for name, call in STEPS.items():
        op.execute(step(name, call))
    op.execute(job("outbox", "1 minute"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(forget_job("outbox"))
    for name in STEPS:
        op.execute(forget_step(name))
    for name in (*JOBS, "addressed(uuid[])"):
        op.execute(f"DROP FUNCTION medilens.{name}")
