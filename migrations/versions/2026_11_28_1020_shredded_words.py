"""What an organization's own key encrypts about a person goes with their erasure

Revision ID: 0066
Revises: 0065
"""

from alembic import op

from migrations.released import again, edited, version

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

KEEPER = "medilens_keeper"
# Reasons of emergencies and addresses of invitations outlive the person's key: another encrypts
# them. The word passes for encrypted, so that a database that refuses plain text takes it.
WORDS = (
    (
        "    UPDATE public.users SET email = NULL",
        """    UPDATE public.break_glass_grants SET reason = 'mle:erased-with-the-person',
        review_note = NULL
    WHERE organization_id = home AND user_id = person;
    UPDATE public.invitations SET email_token = NULL,
        email = CASE WHEN email IS NOT NULL THEN 'mle:erased-with-the-person' END,
        identity_subject = CASE WHEN email IS NULL THEN 'erased' END
    WHERE organization_id = home AND person IN (person_id, accepted_by);
    UPDATE public.users SET email = NULL""",
    ),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"GRANT UPDATE (identity_subject) ON invitations TO {KEEPER}")
    op.execute(again(edited(version("0055").SHRED, *WORDS)))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(version("0055").SHRED))
    op.execute(f"REVOKE UPDATE (identity_subject) ON invitations FROM {KEEPER}")
