"""Ways around row-level security: roles, definitions, files, catalogs, messages of errors."""

ROLES = [
    "SET ROLE medilens_identity",
    "SET ROLE medilens_owner",
    "SET ROLE medilens_reader",
    "SET SESSION AUTHORIZATION medilens_owner",
    "GRANT medilens_identity TO medilens_app",
    "ALTER ROLE medilens_app BYPASSRLS",
    "ALTER ROLE medilens_app SET medilens.identity = 'x'",
    "ALTER TABLE assessments DISABLE ROW LEVEL SECURITY",
    "DROP POLICY seen ON assessments",
    "CREATE POLICY mine ON assessments USING (true)",
    "ALTER FUNCTION medilens.scope_is(text) OWNER TO medilens_app",
    (
        "CREATE OR REPLACE FUNCTION medilens.scope_is(scope text) RETURNS boolean LANGUAGE sql"
        " AS 'SELECT true'"
    ),
    "SET LOCAL row_security = off;; SELECT session_id FROM assessments",
    "SELECT set_config('session_replication_role', 'replica', true)",
]
AROUND = [
    "SELECT query_to_xml('SELECT session_id FROM assessments', true, true, '')",
    "SELECT database_to_xml(true, true, '')",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_import('/etc/passwd')",
    "COPY (SELECT session_id FROM assessments) TO '/tmp/stolen'",
    "COPY assessments TO PROGRAM 'cat'",
    "CREATE TEMPORARY TABLE assessments (id uuid)",
    "CREATE FUNCTION pg_temp.scope_is(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "CREATE SCHEMA mine",
    "CREATE TABLE public.mine AS SELECT * FROM assessments",
    "SET LOCAL search_path = pg_temp, public;; SELECT session_id FROM assessments",
    "DO $$ BEGIN PERFORM set_config('medilens.scope', 'organization', true); END $$",
    # A value in an error's message would pass by the policy.
    "SELECT id FROM assessments WHERE session_id::integer = 0",
    "SELECT id FROM assessments WHERE length(session_id) / 0 = 1",
    "UPDATE assessments SET review_note = session_id RETURNING session_id",
    "SELECT most_common_vals::text FROM pg_stats WHERE tablename = 'assessments'",
    "SELECT session_id FROM audit_events",
    "SELECT details::text FROM audit_events_{month}",
    "SELECT value FROM biomarker_values_{month}",
    "SELECT medilens.audit_read('assessments', NULL, '{them}', '{{}}')",
    "SELECT * FROM medilens.consented()",
    "SELECT query FROM pg_stat_activity WHERE query LIKE '%medilens.enter%'",
    "SELECT pg_read_binary_file(pg_relation_filepath('assessments'))",
    "DECLARE mine CURSOR WITH HOLD FOR SELECT session_id FROM assessments;; FETCH ALL FROM mine",
    "PREPARE look AS SELECT session_id FROM assessments;; EXECUTE look",
    "SAVEPOINT b;; SELECT set_config('medilens.identity', '', true);; ROLLBACK TO b",
]
