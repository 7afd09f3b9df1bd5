"""Nothing is written of whom was erased, also where the erasure commits in between

Revision ID: 0078
Revises: 0077
"""

from alembic import op

from migrations.released import again, edited, give, version

revision = "0078"
down_revision = "0077"
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
# The arguments are the column that names the person, and that which says that it is too late.
CHECK_THERE = """
CREATE FUNCTION medilens.check_there() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.users u WHERE u.organization_id = NEW.organization_id
        AND u.id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid
        AND CASE TG_ARGV[1] WHEN 'purged_at' THEN u.purged_at ELSE u.deleted_at END IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'the person was erased' USING ERRCODE = 'ML410';
    END IF;
    RETURN NULL;
END
$$
"""
# What else is written of a person and stays; a hold may be placed on whom waits for the purge.
PEOPLE = {
    "person_identifiers": ("user_id", "deleted_at"),
    "user_profiles": ("user_id", "deleted_at"),
    "chat_threads": ("user_id", "deleted_at"),
    "chat_messages": ("user_id", "deleted_at"),
    "invitations": ("person_id", "deleted_at"),
    "legal_holds": ("user_id", "purged_at"),
}
# What was held after the loop's own look at it is seen by another, once nobody can hold it any more.
HELD_SINCE = (
    (
        """    LOOP
        PERFORM medilens.shred(due.home, due.id);
""",
        """    LOOP
        CONTINUE WHEN medilens.is_held(due.home, due.id);
        PERFORM medilens.shred(due.home, due.id);
""",
    ),
    (
        """    LOOP
        PERFORM medilens.clear_assessments(due.home, ARRAY[due.id]);
""",
        """    LOOP
        PERFORM FROM public.users u WHERE u.organization_id = due.home AND u.id = due.person
        FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND OR medilens.is_held(due.home, due.person);
        PERFORM medilens.clear_assessments(due.home, ARRAY[due.id]);
""",
    ),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(edited(again(version("0039").CHECK_STANDING), *ERASED_TOO))
    op.execute(CHECK_THERE)
    give("check_there()", IDENTITY)
    for table, (person, moment) in PEOPLE.items():
        op.execute(
            f"CREATE TRIGGER check_there AFTER INSERT ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION medilens.check_there('{person}', '{moment}')"
        )
    op.execute(edited(again(version("0055").PURGE), *HELD_SINCE))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(again(version("0055").PURGE))
    for table in PEOPLE:
        op.execute(f"DROP TRIGGER check_there ON {table}")
    op.execute("DROP FUNCTION medilens.check_there()")
    op.execute(again(version("0039").CHECK_STANDING))
