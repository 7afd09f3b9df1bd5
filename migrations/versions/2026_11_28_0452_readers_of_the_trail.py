"""People read the trail: the organization's admins all of it, a patient who looked at their record

Revision ID: 0049
Revises: 0048
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from migrations.released import give
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

AUDIT, APP = "medilens_audit", "medilens_app"

# Whose trail the request reaches: only what was asked for with the permission, and all of it only
# for whoever reaches the organization.
TRAIL_OF = """
CREATE FUNCTION medilens.trail_of(permission text) RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    told text[] := medilens.sealed_identity();
BEGIN
    IF told[4] = permission AND told[3] = 'organization' THEN
        RETURN told[1]::uuid;
    END IF;
    RAISE EXCEPTION 'the request does not reach the trail' USING ERRCODE = '42501';
END
$$
"""

VERIFIED = """
CREATE FUNCTION medilens.audit_verified(after bigint, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ours uuid := medilens.trail_of('view_audit');
    told jsonb;
BEGIN
    SELECT to_jsonb(v) || to_jsonb(u) || jsonb_build_object('organization_id', ours) INTO told
    FROM medilens.verify_chain(ours, after, most) v, medilens.unsealed_of(ours) u;
    PERFORM medilens.record(ours, 'read', 'audit_seals', NULL, NULL, 'success',
        jsonb_build_object('verified_from', after, 'verified_to', told -> 'verified_to'), NULL);
    RETURN told;
END
$$
"""
CONTRADICTED = """
CREATE FUNCTION medilens.audit_contradicted(number bigint, heads jsonb)
RETURNS TABLE (seq bigint, fault text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ours uuid := medilens.trail_of('view_audit');
BEGIN
    RETURN QUERY SELECT c.seq, c.fault FROM medilens.audit_contradictions(number, (
        SELECT coalesce(jsonb_agg(head), '[]') FROM jsonb_array_elements(heads) head
        WHERE head ->> 0 = ours::text
    )) c;
END
$$
"""
EXPORTED = """
CREATE FUNCTION medilens.audit_exported(after bigint, most integer)
RETURNS TABLE (seq bigint, form smallint, hash text, fields json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ours uuid := medilens.trail_of('view_audit');
BEGIN
    PERFORM medilens.record(ours, 'read', 'audit_events', NULL, NULL, 'success',
        jsonb_build_object('exported_after', after), NULL);
    RETURN QUERY SELECT * FROM medilens.export_chain(ours, after, most);
END
$$
"""

EVENT = """
    id bigint, created_at timestamptz, seq bigint, user_id uuid, actor_type text, actor_role text,
    actor_ip text, user_agent text, request_id text, session_id text, action text,
    resource_type text, resource_id uuid, subject_id uuid, outcome text, phi_accessed boolean,
    details jsonb"""
SHOWN = """
    SELECT e.id, e.created_at, s.seq, e.user_id, e.actor_type, e.actor_role, host(e.actor_ip),
        e.user_agent, e.request_id, e.session_id, e.action, e.resource_type, e.resource_id,
        e.subject_id, e.outcome, e.phi_accessed, e.details
    FROM public.audit_events e LEFT JOIN medilens.audit_seals s ON s.event_id = e.id"""
PLACE = """
    AND (asked ->> 'before_at' IS NULL OR (e.created_at, e.id)
        < ((asked ->> 'before_at')::timestamptz, (asked ->> 'before_id')::bigint))
    ORDER BY e.created_at DESC, e.id DESC LIMIT (asked ->> 'most')::integer"""


def condition(column: str, kind: str) -> str:
    return f"AND (asked ->> '{column}' IS NULL OR e.{column} = (asked ->> '{column}')::{kind})"


FILTERS = {
    "user_id": "uuid",
    "subject_id": "uuid",
    "resource_id": "uuid",
    "action": "text",
    "resource_type": "text",
    "outcome": "text",
    "request_id": "text",
}
AUDIT_PAGE = f"""
CREATE FUNCTION medilens.audit_page(asked jsonb) RETURNS TABLE ({EVENT})
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    ours uuid := medilens.trail_of('view_audit');
BEGIN
    RETURN QUERY {SHOWN} WHERE e.organization_id = ours
    {chr(10).join(condition(column, kind) for column, kind in FILTERS.items())}
    AND (asked ->> 'created_from' IS NULL
        OR e.created_at >= (asked ->> 'created_from')::timestamptz)
    AND (asked ->> 'created_to' IS NULL OR e.created_at < (asked ->> 'created_to')::timestamptz)
    {PLACE};
    PERFORM medilens.record(ours, 'read', 'audit_events', NULL, (asked ->> 'subject_id')::uuid,
        'success', jsonb_build_object('asked', jsonb_strip_nulls(asked)), NULL);
END
$$
"""

# Whose log the request reaches: a person's own; whoever reaches the organization looks it up for
# them. Nothing for anybody else.
LOG_PERSON = """
CREATE FUNCTION medilens.log_person(person uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    told text[] := medilens.sealed_identity();
BEGIN
    IF told[4] IS DISTINCT FROM 'view_access_log' THEN
        RAISE EXCEPTION 'the request does not reach the log' USING ERRCODE = '42501';
    END IF;
    RETURN (SELECT u.id FROM public.users u
        WHERE u.organization_id = told[1]::uuid AND u.id = coalesce(person, told[2]::uuid)
        AND (told[3] = 'organization' OR (told[3] = 'own' AND u.id = told[2]::uuid)));
END
$$
"""

# With what became of a record that was merged into theirs.
ACCESS_LOG = f"""
CREATE FUNCTION medilens.access_log(person uuid, asked jsonb) RETURNS TABLE ({EVENT})
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    ours uuid := (medilens.sealed_identity())[1]::uuid;
    whose uuid[];
BEGIN
    IF medilens.log_person(person) IS NULL THEN
        RETURN;
    END IF;
    whose := ARRAY(SELECT u.id FROM public.users u
        WHERE u.organization_id = ours AND (u.id = person OR u.merged_into = person));
    RETURN QUERY {SHOWN} WHERE e.organization_id = ours AND e.subject_id = ANY (whose)
    AND (asked ->> 'event_id' IS NULL OR e.id = (asked ->> 'event_id')::bigint)
    {PLACE};
    PERFORM medilens.record(ours, 'read', 'audit_events', NULL, person, 'success',
        jsonb_build_object('log', 'access'), NULL);
END
$$
"""
FUNCTIONS = {
    "trail_of(text)": TRAIL_OF,
    "audit_verified(bigint, integer)": VERIFIED,
    "audit_contradicted(bigint, jsonb)": CONTRADICTED,
    "audit_exported(bigint, integer)": EXPORTED,
    "audit_page(jsonb)": AUDIT_PAGE,
    "log_person(uuid)": LOG_PERSON,
    "access_log(uuid, jsonb)": ACCESS_LOG,
}

# A person asks about an entry, the organization answers; neither is taken back.
QUESTIONS = Access(
    view=("view_access_log", "answer_access_questions"),
    add=("view_access_log",),
    own_add=True,
    author="asked_by",
    new="answer IS NULL AND answered_by IS NULL AND answered_at IS NULL",
    change={"answer_access_questions": ("answer", "answered_by", "answered_at")},
    along=(),
)
PERMISSIONS = {
    "view_access_log": ("patient", "admin"),
    "answer_access_questions": ("admin",),
}


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('audit_questions',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('asked_by', sa.Uuid(), nullable=False),
        sa.Column('event_id', sa.BigInteger(), nullable=False),
        sa.Column('question', sa.Text(), nullable=False),
        sa.Column('answer', sa.Text(), nullable=True),
        sa.Column('answered_by', sa.Uuid(), nullable=True),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('(answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL)', name=op.f('ck_audit_questions_answer_by_someone')),
        sa.CheckConstraint('length(answer) <= 4000', name=op.f('ck_audit_questions_answer_length')),
        sa.CheckConstraint('length(question) <= 2000', name=op.f('ck_audit_questions_question_length')),
        sa.ForeignKeyConstraint(['organization_id', 'answered_by'], ['users.organization_id', 'users.id'], name=op.f('fk_audit_questions_organization_id_answered_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'asked_by'], ['users.organization_id', 'users.id'], name=op.f('fk_audit_questions_organization_id_asked_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_audit_questions_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_questions'))
    )
    op.create_index('ix_audit_questions_person', 'audit_questions', ['organization_id', 'user_id'])
# fmt: on
    for statement in (*secure_by_permission("audit_questions", QUESTIONS), *audit("audit_questions")):
        op.execute(statement)
    for name, function in FUNCTIONS.items():
        op.execute(function)
        give(name, AUDIT, *([] if name == "trail_of(text)" else [APP]))
    op.execute(f"GRANT SELECT (id, organization_id, merged_into) ON users TO {AUDIT}")
    op.execute(f"CREATE POLICY logged ON users FOR SELECT TO {AUDIT} USING (true)")
    for statement in permissions("permissions || '[\"{}\"]'::jsonb"):
        op.execute(statement)


def permissions(changed: str) -> Iterator[str]:
    for permission, roles in PERMISSIONS.items():
        listed = ", ".join(f"'{role}'" for role in roles)
        to = changed.format(permission)
        yield f"UPDATE roles SET permissions = {to} WHERE name IN ({listed})"


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in permissions("permissions - '{}'"):
        op.execute(statement)
    op.execute("DROP POLICY logged ON users")
    op.execute(f"REVOKE SELECT (id, organization_id, merged_into) ON users FROM {AUDIT}")
    for name in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION medilens.{name}")
    op.drop_table("audit_questions")
    op.execute(forget_permissions("audit_questions"))
