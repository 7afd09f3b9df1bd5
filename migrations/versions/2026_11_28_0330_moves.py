"""An assessment of the wrong person moves to the right one, with all its parts

Revision ID: 0035
Revises: 0034
"""

from dataclasses import replace

import sqlalchemy as sa
from alembic import op

from migrations.released import again, edited, give, version
from migrations.tenancy import Access, audit, forget_permissions, keep, secure_by_permission

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# What follows an assessment to another person.
PARTS = (
    *("pipeline_stages", "biomarker_values", "assessment_pictures", "ai_explanations"),
    *("sign_offs", "uploaded_files", "cardiology_results", "speech_results", "retinal_results"),
    *("radiology_results", "dermatology_results", "cognitive_results"),
)
NEVER_CHANGED = ("biomarker_values", "sign_offs")

# Nothing of a row changes but whose it is, and that its foreign key lets follow the assessment only.
KEEP_BUT_PERSON = """
CREATE FUNCTION medilens.keep_but_person() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF to_jsonb(NEW) - 'user_id' IS DISTINCT FROM to_jsonb(OLD) - 'user_id' THEN
        RAISE EXCEPTION '% is never changed that way: % refused', TG_TABLE_NAME, TG_OP;
    END IF;
    RETURN NEW;
END
$$
"""

# A change of whose a record is stands in the trail of both people.
BOTH_PEOPLE = (
    (
        "(c.new ->> TG_ARGV[0])::uuid, (c.new ->> TG_ARGV[1])::uuid,",
        "(c.new ->> TG_ARGV[0])::uuid, p.subject,",
    ),
    (
        "FROM new_rows n JOIN old_rows o ON n.id = o.id\n        ) AS c;",
        """FROM new_rows n JOIN old_rows o ON n.id = o.id
        ) AS c CROSS JOIN LATERAL (
            SELECT (c.new ->> TG_ARGV[1])::uuid AS subject
            UNION SELECT (c.old ->> TG_ARGV[1])::uuid
        ) AS p;""",
    ),
)
# A part is whose the assessment is: of that the foreign key takes care.
PARTS_FOLLOW = (
    (
        "n.key NOT IN ('updated_at', 'revision')",
        """n.key NOT IN ('updated_at', 'revision')
    AND NOT (n.key = 'user_id' AND after ? 'assessment_id')""",
    ),
)

# Nobody moves what they do not reach: the policy for changes holds of both people.
MOVING = ("manage_patients",)
MOVES = Access(
    view=MOVING,
    add=MOVING,
    author="moved_by",
    new="undone_at IS NULL AND undone_by IS NULL",
    change={"manage_patients": ("undone_at", "undone_by")},
    along=(),
    care_team=True,
)


def assessments_before() -> Access:
    access: Access = version("0030").tables()["assessments"]
    return access


def assessments() -> Access:
    before = assessments_before()
    change = {**before.change, "manage_patients": ("user_id",)}
    return replace(before, view=(*before.view, *MOVING), change=change)


def audit_change() -> str:
    permissions = version("0020")
    return edited(
        permissions.audit_change_before(), ("IF TG_OP = 'UPDATE' THEN", permissions.CALL_CHECK)
    )


def check_change() -> str:
    left = version("0031")
    return edited(left.check_change(), *left.PATIENTS_ONLY)


def follow(onupdate: str | None) -> None:
    """Let the parts follow their assessment, or not."""
    key = ["organization_id", "user_id", "assessment_id"]
    for table in PARTS:
        name = f"fk_{table}_organization_id_user_id_assessment_id"
        op.drop_constraint(name, table, type_="foreignkey")
        op.create_foreign_key(
            name,
            table,
            "assessments",
            key,
            ["organization_id", "user_id", "id"],
            ondelete="RESTRICT",
            onupdate=onupdate,
        )


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('moves',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('from_person_id', sa.Uuid(), nullable=False),
        sa.Column('assessment_id', sa.Uuid(), nullable=False),
        sa.Column('moved_by', sa.Uuid(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('undone_by', sa.Uuid(), nullable=True),
        sa.CheckConstraint('(undone_at IS NULL) = (undone_by IS NULL)', name=op.f('ck_moves_undone_by_someone')),
        sa.CheckConstraint('from_person_id <> user_id', name=op.f('ck_moves_from_person_id_other')),
        sa.CheckConstraint('length(reason) BETWEEN 3 AND 500', name=op.f('ck_moves_reason_length')),
        sa.ForeignKeyConstraint(['organization_id', 'assessment_id'], ['assessments.organization_id', 'assessments.id'], name=op.f('fk_moves_organization_id_assessment_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'from_person_id'], ['users.organization_id', 'users.id'], name=op.f('fk_moves_organization_id_from_person_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'moved_by'], ['users.organization_id', 'users.id'], name=op.f('fk_moves_organization_id_moved_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'undone_by'], ['users.organization_id', 'users.id'], name=op.f('fk_moves_organization_id_undone_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_moves_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_moves'))
    )
    op.create_index('ix_moves_assessment', 'moves', ['organization_id', 'assessment_id'])
# fmt: on
    follow("CASCADE")
    op.execute(KEEP_BUT_PERSON)
    give("keep_but_person()", None)
    for table in NEVER_CHANGED:
        op.execute(f"DROP TRIGGER keep ON {table}")
        op.execute(
            f"CREATE TRIGGER keep BEFORE UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION medilens.keep_but_person()"
        )
    op.execute(edited(audit_change(), *BOTH_PEOPLE))
    op.execute(edited(check_change(), *PARTS_FOLLOW))
    for table, access in (("moves", MOVES), ("assessments", assessments())):
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    for statement in audit("moves"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in secure_by_permission("assessments", assessments_before()):
        op.execute(statement)
    op.execute(again(check_change()))
    op.execute(again(audit_change()))
    for table in NEVER_CHANGED:
        op.execute(f"DROP TRIGGER keep ON {table}")
        op.execute(keep(table, "UPDATE"))
    op.execute("DROP FUNCTION medilens.keep_but_person()")
    follow(None)
    op.drop_table("moves")
    op.execute(forget_permissions("moves"))
