"""Nothing new is stored of a duplicate, moves and merges are listed, care is handed on no longer

Revision ID: 0039
Revises: 0038
"""

from alembic import op

from migrations.released import again, edited, give, version

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

IDENTITY, APP = "medilens_identity", "medilens_app"

# Whose record stands for a person of the caller's organization: after a merge another's. Whether
# the caller reaches that person is not asked here: the policies answer it.
STANDING = """
CREATE FUNCTION medilens.standing(person uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT coalesce((
        SELECT u.merged_into FROM public.users u
        WHERE u.id = person AND u.organization_id = (medilens.sealed_identity())[1]::uuid
    ), person)
$$
"""

# Fires after the foreign key's own trigger, whose name sorts before: that one waits for a merge
# that holds the person, so this look sees what became of the person. A merge waits in its turn for
# whoever was faster, and then moves what they stored.
CHECK_STANDING = """
CREATE FUNCTION medilens.check_standing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    survivor uuid := (SELECT u.merged_into FROM public.users u
        WHERE u.organization_id = NEW.organization_id AND u.id = NEW.user_id);
BEGIN
    IF survivor IS NOT NULL THEN
        RAISE EXCEPTION 'the person was merged' USING ERRCODE = 'ML409', DETAIL = survivor;
    END IF;
    RETURN NULL;
END
$$
"""
OF_STANDING_PEOPLE = {
    "assessments": "INSERT OR UPDATE OF user_id",
    "uploaded_files": "INSERT",
    "consents": "INSERT",
    "care_assignments": "INSERT",
}

# Of their own care nobody made more, but two clinicians prolonged each other's.
HAND_ON = (
    (
        """    is_own boolean := medilens.scope_is('care_team')
        AND NEW.clinician_id = medilens.sealed_person();
    ends timestamptz;""",
        """    ends timestamptz := (
        SELECT max(coalesce(a.valid_until, 'infinity')) FROM public.care_assignments a
        WHERE a.organization_id = NEW.organization_id AND a.user_id = NEW.user_id
        AND a.clinician_id = medilens.sealed_person() AND coalesce(a.valid_until > now(), true)
    );""",
    ),
    (
        """    IF TG_OP = 'UPDATE' THEN
        ends := coalesce(OLD.valid_until, 'infinity');
    ELSE
""",
        "    IF TG_OP = 'INSERT' THEN\n",
    ),
    (
        """        SELECT max(coalesce(a.valid_until, 'infinity')) INTO ends
        FROM public.care_assignments a
        WHERE a.organization_id = NEW.organization_id AND a.user_id = NEW.user_id
        AND a.clinician_id = NEW.clinician_id AND coalesce(a.valid_until > now(), true);
""",
        "",
    ),
    (
        "IF is_own AND coalesce(NEW.valid_until, 'infinity') > ends",
        """IF medilens.scope_is('care_team')
        AND coalesce(NEW.valid_until, 'infinity') > ends""",
    ),
    ("nobody prolongs their own care", "care is handed on for no longer than it lasts"),
)

# What was moved from or to a person, the newest first.
INDEXES = {
    "ix_moves_person": ("moves", "user_id"),
    "ix_moves_from_person": ("moves", "from_person_id"),
    "ix_merges_person": ("merges", "user_id"),
    "ix_merges_merged_person": ("merges", "merged_person_id"),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(STANDING)
    give("standing(uuid)", IDENTITY, APP)
    op.execute(CHECK_STANDING)
    give("check_standing()", IDENTITY)
    for table, event in OF_STANDING_PEOPLE.items():
        op.execute(
            f"CREATE TRIGGER check_standing AFTER {event} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION medilens.check_standing()"
        )
    op.execute(edited(check_assignment(), *HAND_ON))
    for name, (table, column) in INDEXES.items():
        op.create_index(name, table, ["organization_id", column, "id"])


def check_assignment() -> str:
    return again(version("0034").CHECK_ASSIGNMENT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)
    op.execute(check_assignment())
    for table in OF_STANDING_PEOPLE:
        op.execute(f"DROP TRIGGER check_standing ON {table}")
    op.execute("DROP FUNCTION medilens.check_standing()")
    op.execute("DROP FUNCTION medilens.standing(uuid)")
