"""Break-glass: in an emergency somebody outside the care team reaches one person, for an hour

Revision ID: 0047
Revises: 0046
"""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from migrations.released import give, version
from migrations.schedule import forget_job, forget_step, job, step
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

IDENTITY, AUDIT, UPKEEP, APP = (
    *("medilens_identity", "medilens_audit"),
    *("medilens_upkeep", "medilens_app"),
)
TABLE = "break_glass_grants"
ADDED = {"clinician": ["break_glass"], "admin": ["break_glass", "review_break_glass"]}

ENDS = ("ended_at", "ended_by")
ACCESS = Access(
    view=("break_glass", "review_break_glass"),
    add=("break_glass",),
    change={
        "break_glass": ENDS,
        "review_break_glass": (
            *ENDS,
            *("reviewed_at", "reviewed_by", "is_justified", "review_note"),
        ),
        # Whoever takes somebody's role, or deactivates them, ends what they have open.
        "manage_users": ENDS,
        "manage_roles": ENDS,
    },
    person=None,
    along=(),
)

# Reached by nobody's role or care: whoever opened it, and whoever reviews, each to their own end.
CALLER = "(SELECT medilens.sealed_person())"


def may(*permissions: str) -> str:
    listed = ", ".join(f"'{permission}'" for permission in permissions)
    return f"organization_id = (SELECT medilens.organization_for({listed}))"


SEEN = f"{may(*ACCESS.view)} AND (opened_by = {CALLER} OR {may('review_break_glass')})"
ADDS = (
    f"{may(*ACCESS.add)} AND opened_by = {CALLER}"
    " AND ended_at IS NULL AND reviewed_at IS NULL AND reminded_at IS NULL"
)
CHANGES = (
    f"{may(*ACCESS.change)} AND (opened_by = {CALLER} AND {may('break_glass')}"
    f" OR opened_by <> {CALLER} AND {may('review_break_glass')})"
)
POLICIES = (
    f"CREATE POLICY seen ON {TABLE} FOR SELECT TO {APP} USING ({SEEN})",
    f"CREATE POLICY added ON {TABLE} FOR INSERT TO {APP} WITH CHECK ({ADDS})",
    f"CREATE POLICY changed ON {TABLE} FOR UPDATE TO {APP} USING ({CHANGES}) WITH CHECK ({CHANGES})",
)
OF_OTHERS = {
    IDENTITY: ("SELECT", "UPDATE (ended_at, ended_by)"),
    AUDIT: ("SELECT",),
    UPKEEP: ("SELECT", "UPDATE (reminded_at)"),
}

# An emergency is one person's, begins now, and is needed: whom the caller reaches is no emergency.
CHECK = """
CREATE FUNCTION medilens.check_break_glass() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    caller uuid := medilens.sealed_person();
    refused text;
BEGIN
    IF caller IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.reviewed_at IS NOT NULL AND NEW IS DISTINCT FROM OLD
            OR OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at
        THEN
            RAISE EXCEPTION 'what is over stays as it was' USING ERRCODE = '42501';
        END IF;
        NEW.reviewed_at := CASE WHEN NEW.reviewed_at IS NOT NULL THEN now() END;
        IF OLD.ended_at IS NULL AND coalesce(NEW.ended_at, NEW.reviewed_at) IS NOT NULL THEN
            NEW.ended_at := least(now(), OLD.expires_at);
            NEW.ended_by := CASE WHEN OLD.expires_at > now() THEN caller END;
        END IF;
        RETURN NEW;
    END IF;
    SELECT coalesce(u.merged_into, u.id) INTO NEW.user_id FROM public.users u
    WHERE u.organization_id = NEW.organization_id AND u.id = NEW.user_id AND u.deleted_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such person' USING ERRCODE = '23503';
    END IF;
    refused := CASE
        WHEN NOT medilens.scope_is('care_team') OR NEW.user_id = caller OR EXISTS (
            SELECT FROM public.care_assignments a WHERE a.organization_id = NEW.organization_id
            AND a.user_id = NEW.user_id AND a.clinician_id = caller AND a.valid_from <= now()
            AND coalesce(a.valid_until > now(), true)
        ) THEN 'needed'
        WHEN 5 <= (
            SELECT count(*) FROM public.break_glass_grants g
            WHERE g.organization_id = NEW.organization_id AND g.opened_by = caller
            AND g.created_at > now() - interval '24 hours' AND g.is_justified IS NOT TRUE
        ) THEN 'unreviewed' END;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'break-glass is refused' USING ERRCODE = '23514',
            CONSTRAINT = 'ck_break_glass_grants_' || refused;
    END IF;
    UPDATE public.break_glass_grants g SET ended_at = g.expires_at
    WHERE g.organization_id = NEW.organization_id AND g.opened_by = caller
    AND g.ended_at IS NULL AND g.expires_at <= now();
    NEW.expires_at := now() + (NEW.expires_at - NEW.created_at);
    NEW.created_at := now();
    RETURN NEW;
END
$$
"""

# The names of DICOM and HL7 for it (IHE BALP): Emergency Override Started, for treatment.
EVENT = json.dumps(
    {
        "event": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110127"},
        "purpose": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
            "code": "ETREAT",
        },
    }
)
AUDIT_OPENED = f"""
CREATE FUNCTION medilens.audit_break_glass() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM medilens.record(n.organization_id, 'execute', TG_TABLE_NAME::text, n.id, n.user_id,
        'success', '{EVENT}'::jsonb || jsonb_build_object('expires_at', n.expires_at),
        sha256(convert_to(to_jsonb(n)::text, 'UTF8')))
    FROM new_rows n;
    RETURN NULL;
END
$$
"""

# A person who may not come in any more has nothing open when they come back.
END_WITH = """
CREATE FUNCTION medilens.end_break_glass() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE public.break_glass_grants g
    SET ended_at = least(now(), g.expires_at), ended_by = medilens.sealed_person()
    WHERE g.organization_id = NEW.organization_id AND g.ended_at IS NULL
    AND g.opened_by = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
    RETURN NULL;
END
$$
"""
ENDS_WITH = (
    ("users", "id", "OLD.is_active AND NOT NEW.is_active OR NEW.deleted_at IS NOT NULL"),
    ("user_roles", "user_id", "OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL"),
)

# A day before the review is due, and each day from then on.
REMIND = """
CREATE FUNCTION medilens.remind_reviews(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    reminded integer;
BEGIN
    WITH due AS (
        SELECT g.id FROM public.break_glass_grants g
        WHERE g.reviewed_at IS NULL AND g.created_at < now() - interval '2 days'
        AND coalesce(g.reminded_at < now() - interval '23 hours', true)
        ORDER BY g.created_at LIMIT most FOR UPDATE SKIP LOCKED
    ), reminders AS (
        UPDATE public.break_glass_grants g SET reminded_at = now() FROM due
        WHERE g.id = due.id RETURNING g.organization_id, g.id, g.user_id
    )
    SELECT count(medilens.announce(r.organization_id, 'break_glass.review_due',
        jsonb_build_object('grant_id', r.id, 'subject_id', r.user_id))) INTO reminded
    FROM reminders r;
    RETURN reminded;
END
$$
"""
# Each with its owner.
FUNCTIONS = {
    "check_break_glass()": (CHECK, IDENTITY),
    "end_break_glass()": (END_WITH, IDENTITY),
    "audit_break_glass()": (AUDIT_OPENED, AUDIT),
    "remind_reviews(integer)": (REMIND, UPKEEP),
}


def announcing() -> str:
    opened: str = version("0040").announcing(
        *("break_glass", "break_glass.opened"),
        grant_id="id",
        subject_id="user_id",
        opened_by="opened_by",
    )
    return opened


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('break_glass_grants',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('opened_by', sa.Uuid(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_by', sa.Uuid(), nullable=True),
        sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reviewed_by', sa.Uuid(), nullable=True),
        sa.Column('is_justified', sa.Boolean(), nullable=True),
        sa.Column('review_note', sa.Text(), nullable=True),
        sa.CheckConstraint("expires_at > created_at AND expires_at <= created_at + interval '60 minutes'", name=op.f('ck_break_glass_grants_expires_at_range')),
        sa.CheckConstraint('(reviewed_at IS NULL) = (reviewed_by IS NULL) AND (reviewed_at IS NULL) = (is_justified IS NULL)', name=op.f('ck_break_glass_grants_reviewed_whole')),
        sa.CheckConstraint('length(reason) BETWEEN 15 AND 2800', name=op.f('ck_break_glass_grants_reason_length')),
        sa.CheckConstraint('length(review_note) <= 2800', name=op.f('ck_break_glass_grants_review_note_length')),
        sa.CheckConstraint('opened_by <> user_id', name=op.f('ck_break_glass_grants_opened_by_other')),
        sa.CheckConstraint('reviewed_by <> opened_by', name=op.f('ck_break_glass_grants_reviewed_by_other')),
        sa.ForeignKeyConstraint(['organization_id', 'ended_by'], ['users.organization_id', 'users.id'], name=op.f('fk_break_glass_grants_organization_id_ended_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'opened_by'], ['users.organization_id', 'users.id'], name=op.f('fk_break_glass_grants_organization_id_opened_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'reviewed_by'], ['users.organization_id', 'users.id'], name=op.f('fk_break_glass_grants_organization_id_reviewed_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_break_glass_grants_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_break_glass_grants'))
    )
    op.create_index('ix_break_glass_grants_opened', 'break_glass_grants', ['organization_id', 'opened_by', 'created_at'])
    op.create_index('ix_break_glass_grants_unreviewed', 'break_glass_grants', ['created_at'], postgresql_where=sa.text('reviewed_at IS NULL'))
    op.create_index('uq_break_glass_grants_open', 'break_glass_grants', ['organization_id', 'opened_by'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
# fmt: on
    for statement in secure():
        op.execute(statement)
    for name, (function, owner) in FUNCTIONS.items():
        op.execute(function)
        give(name, owner)
    op.execute(announcing())
    give("announce_break_glass()", UPKEEP)
    for statement in triggers():
        op.execute(statement)
    for role, permissions in ADDED.items():
        op.execute(
            f"UPDATE roles SET permissions = permissions || '{json.dumps(permissions)}'::jsonb"
            f" WHERE name = '{role}'"
        )
    call = "SELECT to_jsonb(medilens.remind_reviews(($1 ->> 'most')::integer))"
    op.execute(step("remind_reviews", call))
    op.execute(job("reminders", "1 hour"))


def secure() -> Iterator[str]:
    yield from secure_by_permission(TABLE, ACCESS)
    for name in ("seen", "added", "changed"):
        yield f"DROP POLICY {name} ON {TABLE}"
    yield from POLICIES
    for role, rights in OF_OTHERS.items():
        for right in rights:
            command = right.partition(" ")[0]
            yield f"GRANT {right} ON {TABLE} TO {role}"
            yield (
                f"CREATE POLICY {role}_{command.lower()} ON {TABLE} FOR {command} TO {role}"
                " USING (true)"
            )


def triggers() -> Iterator[str]:
    for statement in audit(TABLE):
        yield statement.replace("audit_change('id', 'user_id')", "audit_break_glass()") if (
            "audit_insert" in statement
        ) else statement
    yield (
        f"CREATE TRIGGER check_break_glass BEFORE INSERT OR UPDATE ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION medilens.check_break_glass()"
    )
    yield (
        f"CREATE TRIGGER announce AFTER INSERT ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION medilens.announce_break_glass()"
    )
    for table, person, condition in ENDS_WITH:
        yield (
            f"CREATE TRIGGER end_break_glass AFTER UPDATE ON {table} FOR EACH ROW"
            f" WHEN ({condition}) EXECUTE FUNCTION medilens.end_break_glass('{person}')"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(forget_job("reminders"))
    op.execute(forget_step("remind_reviews"))
    for role, permissions in ADDED.items():
        for permission in permissions:
            op.execute(
                f"UPDATE roles SET permissions = permissions - '{permission}' WHERE name = '{role}'"
            )
    for table, _, _ in ENDS_WITH:
        op.execute(f"DROP TRIGGER end_break_glass ON {table}")
    op.drop_table(TABLE)
    op.execute(forget_permissions(TABLE))
    for name in reversed((*FUNCTIONS, "announce_break_glass()")):
        op.execute(f"DROP FUNCTION medilens.{name}")
