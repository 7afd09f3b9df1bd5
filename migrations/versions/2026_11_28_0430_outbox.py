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
    for function in (ANNOUNCE, *FUNCTIONS.values()):
        op.execute(function)
    give("announce(uuid, text, jsonb)", None, UPKEEP)
    for name in FUNCTIONS:
        give(f"announce_{name}()", UPKEEP)
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
    for name, table, _, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for name in (
        *(f"announce_{name}()" for name in FUNCTIONS),
        "announce(uuid, text, jsonb)",
    ):
        op.execute(f"DROP FUNCTION medilens.{name}")
    for table in reversed(TABLES):
        op.drop_table(table)
        op.execute(forget_permissions(table))
