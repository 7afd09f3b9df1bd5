"""Webhooks of an organization, and the outbox that what they are told of is written to

Revision ID: 0040
Revises: 0039
"""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.released import give
from migrations.schedule import forget_job, forget_step, job, step
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

UPKEEP = "medilens_upkeep"
ADDED = json.dumps(["manage_webhooks"])
MANAGED = ("manage_webhooks",)

TABLES = {
    "webhooks": Access(
        view=MANAGED,
        add=MANAGED,
        author="created_by",
        change={"manage_webhooks": ("url", "description", "events", "is_active")},
        delete=MANAGED,
        person=None,
    ),
    # That of the FHIR server is a setting of the organization.
    "outgoing_secrets": Access(
        view=(),
        add=("manage_webhooks", "manage_organization"),
        author="created_by",
        person=None,
        along=(),
    ),
    "outbox_messages": Access(
        view=MANAGED,
        add=MANAGED,
        new="event_type = 'webhook.test' AND attempts = 0 AND delivered_at IS NULL",
        change={"manage_webhooks": ("next_at", "give_up_at", "dead_at")},
        person=None,
        along=(),
    ),
}
# What the trail names of a row. Messages of one webhook are one line, and so are those removed.
RESOURCES = {"webhooks": "id", "outgoing_secrets": "id", "outbox_messages": "webhook_id"}
# What the outbox's own functions do, whoever's the row is.
OF_UPKEEP = {
    "webhooks": ("SELECT",),
    "outgoing_secrets": ("SELECT",),
    "outbox_messages": ("SELECT", "INSERT", "UPDATE", "DELETE"),
}

# A request tries at once what it has written; the schedule comes for what is left after this.
ANNOUNCE = """
CREATE FUNCTION medilens.announce(organization uuid, event text, data jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    written uuid;
BEGIN
    FOR written IN
        INSERT INTO public.outbox_messages
            (id, organization_id, webhook_id, event_type, body, next_at, give_up_at)
        SELECT gen_random_uuid(), w.organization_id, w.id, event, jsonb_build_object(
            'type', event,
            'timestamp', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'data', jsonb_build_object('organization_id', organization) || data
        )::text, clock_timestamp() + interval '30 seconds', now() + interval '3 days'
        FROM public.webhooks w
        WHERE w.organization_id = organization AND w.deleted_at IS NULL AND w.is_active
        AND w.events ? event
        RETURNING id
    LOOP
        RAISE NOTICE 'medilens.message %', written;
    END LOOP;
END
$$
"""
ANNOUNCE_ASSESSMENT = """
CREATE FUNCTION medilens.announce_assessment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    event text;
    is_new boolean := TG_OP = 'INSERT';
BEGIN
    FOREACH event IN ARRAY ARRAY[
        CASE WHEN (is_new OR OLD.status <> NEW.status) AND NEW.status IN ('completed', 'failed')
            THEN 'assessment.' || NEW.status END,
        CASE WHEN (is_new OR OLD.status <> NEW.status) AND NEW.status = 'completed'
            AND NEW.requires_review THEN 'assessment.requires_review' END,
        CASE WHEN NOT is_new AND OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL
            THEN 'assessment.deleted'
        WHEN NOT is_new AND OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
            THEN 'assessment.restored' END
    ] LOOP
        CONTINUE WHEN event IS NULL;
        PERFORM medilens.announce(NEW.organization_id, event,
            jsonb_build_object('assessment_id', NEW.id, 'subject_id', NEW.user_id));
    END LOOP;
    RETURN NULL;
END
$$
"""


def announcing(name: str, event: str, **told: str) -> str:
    """Return the function of a trigger on a table whose every such row is one event."""
    pairs = ", ".join(f"'{key}', NEW.{column}" for key, column in told.items())
    return f"""
CREATE FUNCTION medilens.announce_{name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM medilens.announce(NEW.organization_id, '{event}', jsonb_build_object({pairs}));
    RETURN NULL;
END
$$
"""


FUNCTIONS = {
    "assessment": ANNOUNCE_ASSESSMENT,
    "signature": announcing(
        "signature",
        "assessment.signed",
        assessment_id="assessment_id",
        subject_id="user_id",
        signed_by="signed_by",
    ),
    "move": announcing(
        "move",
        "assessment.moved",
        assessment_id="assessment_id",
        subject_id="user_id",
        from_subject_id="from_person_id",
    ),
    "merge": announcing(
        "merge", "person.merged", subject_id="user_id", merged_subject_id="merged_person_id"
    ),
    "withdrawal": announcing(
        "withdrawal", "consent.withdrawn", consent_id="id", subject_id="user_id"
    ),
}
# The trigger's name, the table, when it fires and for which rows, and its function. A row that
# tells nobody anything costs a comparison.
TRIGGERS = (
    ("announce_new", "assessments", "INSERT", "NEW.status IN ('completed', 'failed')"),
    (
        "announce_change",
        "assessments",
        "UPDATE",
        "OLD.status <> NEW.status OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)",
    ),
    ("announce", "sign_offs", "INSERT", "true"),
    ("announce", "moves", "INSERT", "NEW.merge_id IS NULL"),
    ("announce", "merges", "INSERT", "true"),
    (
        "announce",
        "consents",
        "UPDATE",
        "OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL",
    ),
)
CALLED = {
    "assessments": "assessment",
    "sign_offs": "signature",
    "moves": "move",
    "merges": "merge",
    "consents": "withdrawal",
}

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


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('webhooks',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.Column('url', sa.Text(), nullable=False),
        sa.Column('description', sa.Text(), nullable=True),
        sa.Column('events', JSONB(), nullable=False),
        sa.Column('is_active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("jsonb_typeof(events) = 'array'", name=op.f('ck_webhooks_events_listed')),
        sa.CheckConstraint("url ~ '^https://[!-~]+$' AND length(url) <= 500", name=op.f('ck_webhooks_url_https')),
        sa.CheckConstraint('length(description) <= 200', name=op.f('ck_webhooks_description_length')),
        sa.ForeignKeyConstraint(['organization_id', 'created_by'], ['users.organization_id', 'users.id'], name=op.f('fk_webhooks_organization_id_created_by'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_webhooks')),
        sa.UniqueConstraint('organization_id', 'id', name=op.f('uq_webhooks_organization_id_id'))
    )
    op.create_table('outbox_messages',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('webhook_id', sa.Uuid(), nullable=False),
        sa.Column('event_type', sa.Text(), nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
        sa.Column('history', JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('give_up_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('dead_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("event_type IN ('assessment.completed', 'assessment.failed', 'assessment.requires_review', 'assessment.signed', 'assessment.moved', 'assessment.deleted', 'assessment.restored', 'consent.withdrawn', 'person.merged', 'break_glass.opened', 'break_glass.review_due', 'webhook.test')", name=op.f('ck_outbox_messages_event_type_known')),
        sa.CheckConstraint('attempts >= 0', name=op.f('ck_outbox_messages_attempts_range')),
        sa.CheckConstraint('delivered_at IS NULL OR dead_at IS NULL', name=op.f('ck_outbox_messages_dead_at_undelivered')),
        sa.ForeignKeyConstraint(['organization_id', 'webhook_id'], ['webhooks.organization_id', 'webhooks.id'], name=op.f('fk_outbox_messages_organization_id_webhook_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_messages'))
    )
    op.create_index('ix_outbox_messages_created', 'outbox_messages', ['created_at'])
    op.create_index('ix_outbox_messages_due', 'outbox_messages', ['webhook_id', 'next_at'], postgresql_where=sa.text('delivered_at IS NULL AND dead_at IS NULL'))
    op.create_index('ix_outbox_messages_webhook', 'outbox_messages', ['organization_id', 'webhook_id', 'created_at'])
    op.create_table('outgoing_secrets',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('webhook_id', sa.Uuid(), nullable=True),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.Column('secret', sa.Text(), nullable=False),
        sa.Column('overlap_until', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('overlap_until >= created_at', name=op.f('ck_outgoing_secrets_overlap_until_range')),
        sa.ForeignKeyConstraint(['organization_id', 'created_by'], ['users.organization_id', 'users.id'], name=op.f('fk_outgoing_secrets_organization_id_created_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'webhook_id'], ['webhooks.organization_id', 'webhooks.id'], name=op.f('fk_outgoing_secrets_organization_id_webhook_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_outgoing_secrets_organization_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing_secrets'))
    )
    op.create_index('ix_outgoing_secrets_newest', 'outgoing_secrets', ['organization_id', 'webhook_id', 'created_at'])
# fmt: on
    for table, access in TABLES.items():
        for statement in (
            *secure_by_permission(table, access),
            *audit(table, resource=RESOURCES[table], subject="", updates=access.change != {}),
            *of_upkeep(table),
        ):
            op.execute(statement)
    for function in (ANNOUNCE, *FUNCTIONS.values(), ADDRESSED, *JOBS.values()):
        op.execute(function)
    give("announce(uuid, text, jsonb)", None, UPKEEP)
    for name in FUNCTIONS:
        give(f"announce_{name}()", UPKEEP)
    give("addressed(uuid[])", UPKEEP)
    for name in JOBS:
        give(name, UPKEEP)
    for name, call in STEPS.items():
        op.execute(step(name, call))
    op.execute(job("outbox", "1 minute"))
    for name, table, command, condition in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {name} AFTER {command} ON {table} FOR EACH ROW WHEN ({condition})"
            f" EXECUTE FUNCTION medilens.announce_{CALLED[table]}()"
        )
    op.execute(
        f"UPDATE roles SET permissions = permissions || '{ADDED}'::jsonb WHERE name = 'admin'"
    )


def of_upkeep(table: str) -> Iterator[str]:
    for command in OF_UPKEEP[table]:
        check = "WITH CHECK (true)" if command == "INSERT" else "USING (true)"
        yield f"GRANT {command} ON {table} TO {UPKEEP}"
        yield (
            f"CREATE POLICY upkeep_{command.lower()} ON {table} FOR {command} TO {UPKEEP} {check}"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "UPDATE roles SET permissions = permissions - 'manage_webhooks' WHERE name = 'admin'"
    )
    op.execute(forget_job("outbox"))
    for name in STEPS:
        op.execute(forget_step(name))
    for name, table, _, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for name in (
        *JOBS,
        "addressed(uuid[])",
        *(f"announce_{name}()" for name in FUNCTIONS),
        "announce(uuid, text, jsonb)",
    ):
        op.execute(f"DROP FUNCTION medilens.{name}")
    for table in reversed(TABLES):
        op.drop_table(table)
        op.execute(forget_permissions(table))
