"""Conversations say who holds them and about which assessment, and go with it

Revision ID: 0076
Revises: 0075
"""

from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.released import again, edited, version
from migrations.tenancy import CALLER, Access, secure_by_permission

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

TABLES = ("chat_threads", "chat_messages")


def former() -> Mapping[str, Access]:
    tables: Mapping[str, Access] = version("0030").tables()
    return {name: tables[name] for name in TABLES}


# A person reads what they themselves asked; what a clinician asked of their record is in the
# record, which is handed over whole.
def held() -> Mapping[str, Access]:
    own = f"created_by = {CALLER}"
    return {
        name: replace(access, author="created_by", own=own) for name, access in former().items()
    }


# What was said of an assessment goes when the assessment does.
WITH_MESSAGES = (
    (
        "    UPDATE public.uploaded_files SET deleted_at",
        """    DELETE FROM public.chat_messages WHERE organization_id = home AND rests_on && ids;
    DELETE FROM public.chat_messages m USING public.chat_threads t
    WHERE t.organization_id = home AND t.assessment_id = ANY (ids) AND m.organization_id = home
    AND m.user_id = t.user_id AND m.thread_id = t.id;
    UPDATE public.chat_threads SET title = NULL, context = '{}',
        deleted_at = coalesce(deleted_at, now())
    WHERE organization_id = home AND assessment_id = ANY (ids);
    UPDATE public.uploaded_files SET deleted_at""",
    ),
)


def clear_before() -> str:
    clear: str = edited(version("0055").CLEAR, *version("0075").OF_HISTORIES)
    return clear


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("chat_threads", sa.Column("created_by", sa.Uuid(), nullable=True))
    op.add_column("chat_threads", sa.Column("assessment_id", sa.Uuid(), nullable=True))
    op.add_column("chat_messages", sa.Column("created_by", sa.Uuid(), nullable=True))
    op.add_column(
        "chat_messages",
        sa.Column("rests_on", ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    )
    for table in TABLES:
        refer(table, "created_by", "users")
    refer("chat_threads", "assessment_id", "assessments")
    op.create_index(
        "ix_chat_threads_author", "chat_threads", ["organization_id", "created_by", "created_at"]
    )
    op.create_index(
        "ix_chat_threads_assessment", "chat_threads", ["organization_id", "assessment_id"]
    )
    op.create_index(
        "ix_chat_messages_rests_on", "chat_messages", ["rests_on"], postgresql_using="gin"
    )
    for table, access in held().items():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    op.execute(again(edited(clear_before(), *WITH_MESSAGES)))


def refer(table: str, column: str, to: str) -> None:
    op.create_foreign_key(
        op.f(f"fk_{table}_organization_id_{column}"),
        table,
        to,
        ["organization_id", column],
        ["organization_id", "id"],
        ondelete="RESTRICT",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(clear_before()))
    for table, access in former().items():
        for statement in secure_by_permission(table, access):
            op.execute(statement)
    op.drop_index("ix_chat_messages_rests_on", "chat_messages")
    op.drop_index("ix_chat_threads_assessment", "chat_threads")
    op.drop_index("ix_chat_threads_author", "chat_threads")
    op.drop_column("chat_messages", "rests_on")
    op.drop_column("chat_messages", "created_by")
    op.drop_column("chat_threads", "assessment_id")
    op.drop_column("chat_threads", "created_by")
