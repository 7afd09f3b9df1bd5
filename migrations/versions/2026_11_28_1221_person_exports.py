"""Exports of a person too large for one answer, and what an export reads of one

Revision ID: 0067
Revises: 0066
"""

from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.released import again, edited, version
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

UPKEEP, KEEPER, AUDIT = "medilens_upkeep", "medilens_keeper", "medilens_audit"
EXPORTING = ("export_data",)

# Seen and moved on by whoever asked for it, as exports of FHIR are.
ACCESS = Access(
    view=EXPORTING,
    add=EXPORTING,
    author="created_by",
    new="completed_at IS NULL AND cancelled_at IS NULL AND freed_at IS NULL",
    change={
        "export_data": (
            *("place", "files", "leased_until"),
            *("completed_at", "cancelled_at", "expires_at", "freed_at"),
        )
    },
    person="created_by",
    care_team=True,
    along=(),
)

# The schedule frees both kinds alike: ids of the two never meet.
EXPIRED = """
CREATE FUNCTION medilens.expired_exports(most integer)
RETURNS TABLE (id uuid, organization_id uuid, files integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT e.id, e.organization_id, jsonb_array_length(e.files) FROM (
        SELECT f.id, f.organization_id, f.files, f.expires_at FROM public.fhir_exports f
        WHERE f.freed_at IS NULL AND f.expires_at < now()
        UNION ALL SELECT p.id, p.organization_id, p.files, p.expires_at
        FROM public.person_exports p WHERE p.freed_at IS NULL AND p.expires_at < now()
    ) e ORDER BY e.expires_at LIMIT most
$$
"""
FREE_TOO = (
    (
        "    GET DIAGNOSTICS freed = ROW_COUNT;\n",
        """    GET DIAGNOSTICS freed = ROW_COUNT;
    UPDATE public.person_exports SET freed_at = now(), files = '[]'
    WHERE id = ANY (ids) AND freed_at IS NULL AND expires_at < now();
    GET DIAGNOSTICS others = ROW_COUNT;
""",
    ),
    ("    freed integer;\n", "    freed integer;\n    others integer;\n"),
    ("    RETURN freed;\n", "    RETURN freed + others;\n"),
)

# Archives of whom was erased go with the next run of `uploads`.
WITH_ARCHIVES = (
    (
        "    UPDATE public.users SET email = NULL",
        """    UPDATE public.person_exports SET expires_at = least(expires_at, now())
    WHERE organization_id = home AND user_id = person;
    UPDATE public.users SET email = NULL""",
    ),
)

# Whoever hands a record over tells, too, who looked at it, in an emergency or not.
LOG_TOO = (
    (
        "    IF told[4] IS DISTINCT FROM 'view_access_log' THEN",
        "    IF told[4] IS NULL OR told[4] NOT IN ('view_access_log', 'export_data') THEN",
    ),
    (
        "(told[3] = 'own' AND u.id = told[2]::uuid)",
        """(told[3] = 'own' AND u.id = told[2]::uuid)
            OR (told[4] = 'export_data' AND told[3] = 'care_team'
                AND u.id IN (SELECT medilens.cared_for()))""",
    ),
)
REACHED = (
    "organization_id = (SELECT medilens.organization_for('export_data'))"
    " AND ((SELECT medilens.scope_is('organization')) OR ((SELECT medilens.scope_is('care_team'))"
    " AND user_id IN (SELECT medilens.cared_for())))"
)
VIEWED = "WHERE table_name = 'break_glass_grants' AND use = 'view'"


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('person_exports',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('place', JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('files', JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('freed_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("jsonb_typeof(files) = 'array'", name=op.f('ck_person_exports_files_listed')),
        sa.CheckConstraint('completed_at IS NULL OR cancelled_at IS NULL', name=op.f('ck_person_exports_completed_at_not_cancelled')),
        sa.ForeignKeyConstraint(['organization_id', 'created_by'], ['users.organization_id', 'users.id'], name=op.f('fk_person_exports_organization_id_created_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_person_exports_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_person_exports'))
    )
    op.create_index('ix_person_exports_expired', 'person_exports', ['expires_at'], postgresql_where=sa.text('freed_at IS NULL'))
    op.create_index('ix_person_exports_maker', 'person_exports', ['organization_id', 'created_by', 'user_id'])
    op.create_index('ix_person_exports_person', 'person_exports', ['organization_id', 'user_id'])
# fmt: on
    for statement in (
        *secure_by_permission("person_exports", ACCESS),
        *audit("person_exports"),
        *freed_by_the_schedule(),
        *ended_by_an_erasure(),
        *invitations("export_data"),
        *emergencies(),
        f"GRANT EXECUTE ON FUNCTION medilens.cared_for() TO {AUDIT}",
        again(EXPIRED),
        again(edited(version("0057").FREE, *FREE_TOO)),
        again(shred()),
        again(edited(version("0049").LOG_PERSON, *LOG_TOO)),
    ):
        op.execute(statement)


def shred() -> str:
    return edited(version("0055").SHRED, *version("0066").WORDS, *WITH_ARCHIVES)


def freed_by_the_schedule() -> Iterator[str]:
    of_upkeep = f"current_user = '{UPKEEP}'"
    yield f"GRANT SELECT, UPDATE (freed_at, files) ON person_exports TO {UPKEEP}"
    yield (
        f"CREATE POLICY upkeep_select ON person_exports FOR SELECT TO {UPKEEP} USING ({of_upkeep})"
    )
    yield (
        f"CREATE POLICY upkeep_update ON person_exports FOR UPDATE TO {UPKEEP}"
        f" USING ({of_upkeep}) WITH CHECK ({of_upkeep})"
    )


def ended_by_an_erasure() -> Iterator[str]:
    as_keeper = version("0052").AS_KEEPER
    yield f"GRANT SELECT, UPDATE (expires_at) ON person_exports TO {KEEPER}"
    yield f"CREATE POLICY kept_select ON person_exports FOR SELECT TO {KEEPER} USING ({as_keeper})"
    yield (
        f"CREATE POLICY kept_update ON person_exports FOR UPDATE TO {KEEPER}"
        f" USING ({as_keeper}) WITH CHECK ({as_keeper})"
    )


def emergencies() -> Iterator[str]:
    """Add to who sees emergencies: whoever hands the record of their person over."""
    former = version("0047")
    viewing = former.may(*former.ACCESS.view, "export_data")
    opened = former.SEEN.replace(former.may(*former.ACCESS.view), viewing, 1)
    reached = f"{opened.removesuffix(')')} OR ({REACHED}))"
    yield "DROP POLICY seen ON break_glass_grants"
    yield f"CREATE POLICY seen ON break_glass_grants FOR SELECT TO medilens_app USING ({reached})"
    yield (
        "UPDATE medilens.needed_permissions SET permissions = permissions || '{export_data}'"
        f" {VIEWED}"
    )


def invitations(*more: str) -> Iterator[str]:
    access: Access = version("0022").tables()["invitations"]
    yield from secure_by_permission("invitations", replace(access, view=(*access.view, *more)))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (
        again(version("0049").LOG_PERSON),
        again(edited(version("0055").SHRED, *version("0066").WORDS)),
        again(version("0057").FREE),
        again(version("0057").EXPIRED),
        f"REVOKE EXECUTE ON FUNCTION medilens.cared_for() FROM {AUDIT}",
        "DROP POLICY seen ON break_glass_grants",
        version("0047").POLICIES[0],
        (
            "UPDATE medilens.needed_permissions"
            f" SET permissions = array_remove(permissions, 'export_data') {VIEWED}"
        ),
        *invitations(),
    ):
        op.execute(statement)
    op.drop_table("person_exports")
    op.execute(forget_permissions("person_exports"))
