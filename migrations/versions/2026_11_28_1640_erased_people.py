"""Nothing is written of whom was erased, also where the erasure commits in between

Revision ID: 0076
Revises: 0075
"""

from alembic import op

from migrations.released import again, edited, give, version

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

IDENTITY = "medilens_identity"
# One look at the person's row for both.
ERASED_TOO = (
    (
        """    survivor uuid := (SELECT u.merged_into FROM public.users u
        WHERE u.organization_id = NEW.organization_id AND u.id = NEW.user_id);
BEGIN
""",
        """    survivor uuid;
    gone timestamptz;
BEGIN
    SELECT u.merged_into, u.deleted_at INTO survivor, gone FROM public.users u
    WHERE u.organization_id = NEW.organization_id AND u.id = NEW.user_id;
    IF gone IS NOT NULL THEN
        RAISE EXCEPTION 'the person was erased' USING ERRCODE = 'ML410';
    END IF;
""",
    ),
)
# Fires after the foreign key's own trigger, as `check_standing` does, which waits for an erasure.
# The argument is the column that names the person.
CHECK_THERE = """
CREATE FUNCTION medilens.check_there() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.users u WHERE u.organization_id = NEW.organization_id
        AND u.id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid AND u.deleted_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'the person was erased' USING ERRCODE = 'ML410';
    END IF;
    RETURN NULL;
END
$$
"""
# What else is written of a person and stays; a hold may still be placed on whom waits for the purge.
PEOPLE = {
    "person_identifiers": "user_id",
    "user_profiles": "user_id",
    "chat_threads": "user_id",
    "chat_messages": "user_id",
    "invitations": "person_id",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(edited(again(version("0039").CHECK_STANDING), *ERASED_TOO))
    op.execute(CHECK_THERE)
    give("check_there()", IDENTITY)
    for table, column in PEOPLE.items():
        op.execute(
            f"CREATE TRIGGER check_there AFTER INSERT ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION medilens.check_there('{column}')"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in PEOPLE:
        op.execute(f"DROP TRIGGER check_there ON {table}")
    op.execute("DROP FUNCTION medilens.check_there()")
    op.execute(again(version("0039").CHECK_STANDING))
