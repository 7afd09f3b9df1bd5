"""The functions' role loses what it never needed; another role may read all, for backups

Revision ID: 0017
Revises: 0016
"""

from alembic import context, op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

READER = "medilens_reader"

CREATE_READER = f"""
DO $$ BEGIN
    CREATE ROLE {READER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

# Another database of the server may still use the role; then it stays.
DROP_READER = f"""
DO $$ BEGIN
    DROP ROLE {READER};
EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN NULL;
END $$
"""

# Whoever may update a whole table may also lock it, so the right is one to columns. What a row is,
# whose, and whom the identity provider means by it, no function changes, nor who holds a role.
UPDATED = {
    "organizations": "name, type, email, phone, address, settings, is_active, updated_at,"
    " deleted_at",
    "users": "email, email_verified, username, first_name, last_name, date_of_birth, gender,"
    " is_active, updated_at, last_login_at, deleted_at",
    "user_profiles": "fitzpatrick_type, ethnicity, medical_history, medications, allergies,"
    " language, timezone, consent_research, consent_data_sharing, updated_at",
    "assessments": "pipeline_version, status, risk_score, risk_level, risk_points, confidence,"
    " quality_score, requires_review, review_reason, reviewed_by, reviewed_at, review_note,"
    " absent, citations, warnings, provenance, processing_time_ms, completed_at, updated_at,"
    " deleted_at, deleted_by",
    "chat_threads": "title, context, is_active, updated_at, last_message_at, deleted_at",
    "uploaded_files": "assessment_id, status, expires_at, completed_at, deleted_at",
}
UPDATED_WHOLE = (*UPDATED, "user_roles")

# What an analysis found is found for good; measuring again is another assessment.
KEEP_FINDINGS = """
CREATE TRIGGER keep_findings BEFORE UPDATE OF pipeline_version, status, risk_score, risk_level,
    risk_points, confidence, quality_score, review_reason, absent, citations, warnings, provenance,
    processing_time_ms, completed_at ON assessments
FOR EACH ROW WHEN (OLD.status IN ('completed', 'failed')) EXECUTE FUNCTION medilens.keep()
"""

# Row-level security is forced on the owner too, so a dump as the owner fails and a look as the
# owner sees nothing. A partition is dumped by its own name, so it has a policy of its own.
ADMIT_READER = """
CREATE FUNCTION medilens.admit_reader() RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    relation record;
BEGIN
    FOR relation IN
        SELECT c.oid::regclass AS name, c.relkind, c.relrowsecurity AND NOT EXISTS (
            SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'examined'
        ) AS is_closed
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')
    LOOP
        IF relation.is_closed THEN
            EXECUTE format('CREATE POLICY examined ON %s FOR SELECT TO medilens_reader'
                ' USING (true)', relation.name);
        END IF;
        IF relation.relkind = 'S' THEN
            EXECUTE format('GRANT SELECT ON SEQUENCE %s TO medilens_reader', relation.name);
        ELSIF NOT has_table_privilege('medilens_reader', relation.name, 'SELECT') THEN
            EXECUTE format('GRANT SELECT ON %s TO medilens_reader', relation.name);
        END IF;
    END LOOP;
END
$$
"""

DISMISS_READER = """
DO $$
DECLARE
    closed regclass;
BEGIN
    FOR closed IN SELECT polrelid FROM pg_policy WHERE polname = 'examined'
    LOOP
        EXECUTE format('DROP POLICY examined ON %s', closed);
    END LOOP;
END
$$
"""


def add_partitions() -> str:
    """The function of 0011; of what it adds, the definition itself is not repeated here."""
    released = context.script.get_revision("0011")
    assert released is not None
    statement: str = released.module.ADD_PARTITIONS
    return statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    narrow_updates()
    op.execute(KEEP_FINDINGS)
    add_reader()
    op.execute(
        add_partitions().replace(
            "RETURN NEXT partition;",
            "PERFORM medilens.admit_reader();\n        RETURN NEXT partition;",
        )
    )


def narrow_updates() -> None:
    op.execute(f"REVOKE UPDATE ON {', '.join(UPDATED_WHOLE)} FROM medilens_app")
    for table, columns in UPDATED.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO medilens_app")
    op.execute(on_this_database("REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC, medilens_app"))


def add_reader() -> None:
    op.execute(CREATE_READER)
    op.execute(f"ALTER ROLE {READER} SET default_transaction_read_only = 'on'")
    op.execute(f"GRANT USAGE ON SCHEMA public, medilens TO {READER}")
    op.execute(ADMIT_READER)
    op.execute("REVOKE ALL ON FUNCTION medilens.admit_reader() FROM PUBLIC")
    op.execute("SELECT medilens.admit_reader()")


def on_this_database(statement: str) -> str:
    return f"DO $$ BEGIN EXECUTE format('{statement}', current_database()); END $$"


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(add_partitions())
    op.execute(DISMISS_READER)
    op.execute("DROP FUNCTION medilens.admit_reader()")
    for kind in ("ALL TABLES IN SCHEMA public", "ALL SEQUENCES IN SCHEMA public"):
        op.execute(f"REVOKE ALL ON {kind} FROM {READER}")
    op.execute(f"REVOKE ALL ON SCHEMA public, medilens FROM {READER}")
    op.execute(DROP_READER)
    op.execute("DROP TRIGGER keep_findings ON assessments")
    op.execute(on_this_database("GRANT TEMPORARY ON DATABASE %I TO PUBLIC"))
    for table in UPDATED_WHOLE:
        op.execute(f"GRANT UPDATE ON {table} TO medilens_app")
