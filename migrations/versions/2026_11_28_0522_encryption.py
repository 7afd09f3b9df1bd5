"""Names, contacts, identifiers and free text are encrypted by the functions: keys and look-ups

Revision ID: 0052
Revises: 0051
"""

from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa
from alembic import op

from migrations.released import again, edited, version
from migrations.tenancy import Access, audit, forget_permissions, secure_by_permission

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

APP, KEEPER = "medilens_app", "medilens_keeper"

# Encrypts what was plain before, and wraps keys anew, of all organizations: a role of the owner's,
# whom row-level security blinds.
CREATE_KEEPER = f"""
DO $$ BEGIN
    CREATE ROLE {KEEPER} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
# The owner belongs to the role, and stays blind until it takes the role up.
AS_KEEPER = f"current_user = '{KEEPER}'"
DROP_KEEPER = f"""
DO $$ BEGIN
    DROP ROLE {KEEPER};
EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN NULL;
END $$
"""

# What is encrypted, and what a look-up needs beside it.
ENCRYPTED = {
    "users": ("email", "username", "first_name", "last_name", "phone", "address"),
    "user_profiles": ("ethnicity", "medical_history", "medications", "allergies"),
    "person_identifiers": ("value", "value_token"),
    "invitations": ("email", "email_token"),
    "assessments": ("review_note",),
    "sign_offs": ("note",),
    "merges": ("reason",),
    "moves": ("reason",),
    "break_glass_grants": ("reason", "review_note"),
    "audit_questions": ("question", "answer"),
    "user_roles": ("reason", "revocation_reason"),
    "chat_threads": ("title", "context"),
    "chat_messages": ("content", "sources"),
    "ai_explanations": ("explanation_text",),
}
TOKENS = {"person_identifiers": "value_token", "invitations": "email_token"}
# How long an envelope of the longest text is: 33 bytes more, four bytes a letter, in base64.
LENGTHS = (
    ("merges", "reason", "length(reason) BETWEEN 3 AND 2800", "length(reason) BETWEEN 3 AND 500"),
    ("moves", "reason", "length(reason) BETWEEN 3 AND 2800", "length(reason) BETWEEN 3 AND 500"),
    ("sign_offs", "note", "length(note) <= 21400", "length(note) <= 4000"),
    ("audit_questions", "question", "length(question) <= 10800", "length(question) <= 2000"),
    ("audit_questions", "answer", "length(answer) <= 21400", "length(answer) <= 4000"),
)

# A person's key opens what is written of them, so whoever reaches the person reaches it.
ANYBODY = (
    *("view_profile", "manage_profile", "view_patients", "manage_patients", "manage_consents"),
    *("manage_care_teams", "view_assessments", "create_assessment", "review_assessments"),
    *("delete_assessments", "restore_assessments", "export_data", "chat", "manage_users"),
    *("manage_organization", "manage_roles", "manage_keys", "view_audit"),
    *("break_glass", "review_break_glass", "manage_webhooks"),
    *("view_access_log", "answer_access_questions"),
)
WRITERS = (
    *("manage_profile", "manage_patients", "create_assessment", "review_assessments", "chat"),
    *("manage_users", "manage_roles", "view_access_log", "answer_access_questions"),
    "manage_organization",
)
KEYS = {
    "organization_keys": Access(
        view=ANYBODY, add=ANYBODY, new="number = 1", person=None, shared=True, along=()
    ),
    "person_keys": Access(
        view=ANYBODY,
        add=WRITERS,
        new="destroyed_at IS NULL",
        own_add=True,
        care_team=True,
        team_adds=True,
        along=(),
    ),
}

# Whoever writes first makes them, a patient too; later ones are the keeper's to make.
FIRST_KEYS = f"""
CREATE POLICY added ON organization_keys FOR INSERT TO {APP} WITH CHECK (
    organization_id = (SELECT medilens.organization_for({", ".join(f"'{name}'" for name in ANYBODY)}))
    AND number = 1
)
"""

# Whoever moves an assessment to another person encrypts its notes with that person's key.
MOVING = ("manage_patients",)


def noted_before() -> Iterator[tuple[str, Access]]:
    yield "sign_offs", version("0030").tables()["sign_offs"]
    ((table, access),) = [pair for pair in version("0037").before() if pair[0] == "assessments"]
    change = {**access.change}
    change["create_assessment"] = (*change["create_assessment"], "recorded_at")
    yield table, replace(access, view=(*access.view, "manage_organization"), change=change)


def noted() -> Iterator[tuple[str, Access]]:
    for table, access in noted_before():
        column = "note" if table == "sign_offs" else "review_note"
        moving = (*access.change.get("manage_patients", ()), column)
        yield (
            table,
            replace(
                access,
                view=(*access.view, *(MOVING if table == "sign_offs" else ())),
                change={**access.change, "manage_patients": moving},
                along=access.along if table == "assessments" else (),
            ),
        )


# A note stays as it was written; sealed anew, for another person or by another key, it reads so too.
NOTE_SEALED = (
    (
        "to_jsonb(NEW) - 'user_id' IS DISTINCT FROM to_jsonb(OLD) - 'user_id'",
        """to_jsonb(NEW) - '{user_id,note}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{user_id,note}'::text[]
        OR to_jsonb(NEW) ->> 'note' IS DISTINCT FROM to_jsonb(OLD) ->> 'note'
        AND coalesce(to_jsonb(NEW) ->> 'note' NOT LIKE 'mle:%', true)""",
    ),
)


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('organization_keys',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('master', sa.Text(), nullable=False),
        sa.Column('wrapped', sa.LargeBinary(), nullable=False),
        sa.CheckConstraint('number >= 1', name=op.f('ck_organization_keys_number_range')),
        sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_organization_keys_organization_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_organization_keys')),
        sa.UniqueConstraint('organization_id', 'number', name=op.f('uq_organization_keys_organization_id_number'))
    )
    op.create_table('person_keys',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('wrapped', sa.LargeBinary(), nullable=True),
        sa.Column('destroyed_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('(wrapped IS NULL) = (destroyed_at IS NOT NULL)', name=op.f('ck_person_keys_wrapped_or_destroyed')),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_person_keys_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_person_keys')),
        sa.UniqueConstraint('organization_id', 'user_id', name=op.f('uq_person_keys_organization_id_user_id'))
    )
    for table, column in TOKENS.items():
        op.add_column(table, sa.Column(column, sa.LargeBinary(), nullable=True))
    op.create_index('uq_person_identifiers_token_in_use', 'person_identifiers', ['organization_id', 'system', 'value_token'], unique=True, postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_index('ix_invitations_email', 'invitations', ['organization_id', 'email_token'])
# fmt: on
    for statement in secured():
        op.execute(statement)
    op.execute("DROP POLICY added ON organization_keys")
    op.execute(FIRST_KEYS)
    let_keep()
    lengthen(is_sealed=True)
    op.execute(edited(again(version("0035").KEEP_BUT_PERSON), *NOTE_SEALED))


def secured() -> Iterator[str]:
    for table, access in KEYS.items():
        yield from secure_by_permission(table, access)
        yield from audit(table, subject=subject(table))
    for table, access in noted():
        yield from secure_by_permission(table, access)


def subject(table: str) -> str:
    return "user_id" if table == "person_keys" else "id"


def let_keep() -> None:
    """Let the keeper read whole tables and change what is encrypted in them, and the keys."""
    op.execute(CREATE_KEEPER)
    op.execute(f"GRANT {KEEPER} TO CURRENT_USER")
    op.execute(f"GRANT USAGE ON SCHEMA public, medilens TO {KEEPER}")
    columns = ENCRYPTED | {
        "person_keys": ("wrapped", "destroyed_at"),
        "organization_keys": ("master", "wrapped"),
    }
    for table, names in columns.items():
        keep(table, "SELECT", f"USING ({AS_KEEPER})")
        keep(table, "UPDATE", f"USING ({AS_KEEPER}) WITH CHECK ({AS_KEEPER})")
        op.execute(f"GRANT SELECT, UPDATE ({', '.join(names)}) ON {table} TO {KEEPER}")
    for table in KEYS:
        keep(table, "INSERT", f"WITH CHECK ({AS_KEEPER})")
        op.execute(f"GRANT INSERT ON {table} TO {KEEPER}")
    keep("organization_keys", "DELETE", f"USING ({AS_KEEPER})")
    op.execute(f"GRANT DELETE ON organization_keys TO {KEEPER}")
    keep("organizations", "SELECT", f"USING ({AS_KEEPER})")
    op.execute(f"GRANT SELECT ON organizations TO {KEEPER}")


def keep(table: str, command: str, condition: str) -> None:
    op.execute(
        f"CREATE POLICY kept_{command.lower()} ON {table} FOR {command} TO {KEEPER} {condition}"
    )


def lengthen(*, is_sealed: bool) -> None:
    for table, column, sealed, plain in LENGTHS:
        name = op.f(f"ck_{table}_{column}_length")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, sealed if is_sealed else plain)


def downgrade() -> None:
    """What is encrypted stays so: the release before does not read it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(version("0035").KEEP_BUT_PERSON))
    lengthen(is_sealed=False)
    for table, access in noted_before():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    for table in KEYS:
        op.drop_table(table)
        op.execute(forget_permissions(table))
    for table in (*ENCRYPTED, "organizations"):
        for policy in ("kept_select", "kept_update"):
            op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM {KEEPER}")
    op.execute(f"REVOKE ALL ON SCHEMA public, medilens FROM {KEEPER}")
    op.execute(DROP_KEEPER)
    op.drop_index("ix_invitations_email", table_name="invitations")
    op.drop_index("uq_person_identifiers_token_in_use", table_name="person_identifiers")
    for table, column in TOKENS.items():
        op.drop_column(table, column)
