"""What a request's transaction has no right to: keys, upkeep, the trail, other changes."""

KEYS = [
    "SELECT inner_pad FROM medilens.identity_keys",
    "SELECT inner_pad FROM medilens.seal_keys",
    "UPDATE medilens.seal_keys SET inner_pad = outer_pad",
    "INSERT INTO medilens.identity_keys VALUES (9, now(), '', '')",
    "UPDATE medilens.needed_permissions SET permissions = '{{view_assessments}}'",
    "COPY medilens.seal_keys TO PROGRAM 'cat'",
    "SELECT table_to_xml('medilens.seal_keys', true, true, '')",
    "UPDATE medilens.rate_buckets SET tokens = 1000",
    "SELECT medilens.pay('person|{them}', '{{\"burst\": 1, \"per_s\": 1}}')",
    "SELECT prosrc FROM pg_proc WHERE proname = 'renew_seal' AND prosrc ~ 'canary'",
]
UPKEEP = [
    "SELECT * FROM medilens.expired_uploads(10)",
    "SELECT medilens.expire_uploads(ARRAY['{them}']::uuid[])",
    "SELECT medilens.abandon_assessments('-1 day')",
    "SELECT medilens.add_partitions('audit_events', 240)",
    "SELECT medilens.admit_reader()",
    "SELECT medilens.work('expired_uploads', '{{\"most\": 10}}')",
    "SELECT medilens.work('abandon_assessments', '{{\"older_than\": \"-1 day\"}}')",
    "SELECT medilens.work('job_states', '{{}}')",
    "SELECT medilens.finish_job('uploads')",
    "UPDATE medilens.jobs SET succeeded_at = now()",
    "INSERT INTO medilens.steps VALUES ('x', 'SELECT 1')",
]
TRAIL = [
    "SELECT * FROM audit_events",
    "SELECT * FROM medilens.audit_seals",
    "UPDATE medilens.audit_heads SET seq = 1",
    "SELECT * FROM medilens.audit_sealing FOR UPDATE",
    "SELECT * FROM medilens.audit_page('{{\"most\": 1000}}')",
    "SELECT * FROM medilens.access_log('{them}', '{{\"most\": 1000}}')",
    "SELECT medilens.log_person('{them}')",
    "SELECT medilens.audit_verified(0, 1000)",
    "SELECT * FROM medilens.audit_exported(0, 1000)",
    'SELECT * FROM medilens.audit_contradicted(1, \'[["{theirs}", 1, "00"]]\')',
    "SELECT * FROM medilens.verify_chain('{theirs}', 0, 1000)",
    "SELECT * FROM medilens.export_chain('{theirs}', 0, 1000)",
    "SELECT * FROM medilens.unsealed_of('{theirs}')",
    "SELECT medilens.seal_audit(10)",
    "SELECT medilens.audit_checkpoint()",
    "SELECT medilens.note_checkpoint(1000, 1000, NULL)",
    "SELECT medilens.audit_fingerprint()",
    (
        "INSERT INTO audit_questions (id, organization_id, user_id, asked_by, event_id, question)"
        " VALUES (gen_random_uuid(), '{theirs}', '{them}', '{me}', 1, 'Who was that?')"
    ),
]
# What the request's permission, view_assessments, does not allow even at home.
CHANGES = [
    (
        "INSERT INTO user_roles (id, organization_id, user_id, role_id)"
        " VALUES (gen_random_uuid(), '{ours}', '{me}', 3)"
    ),
    "UPDATE user_roles SET revoked_at = now()",
    "UPDATE user_roles SET role_id = 3",
    "UPDATE users SET identity_subject = 'somebody_else'",
    "UPDATE users SET is_active = true",
    "UPDATE organizations SET name = 'mine'",
    "UPDATE assessments SET risk_score = 99",
    "UPDATE assessments SET deleted_at = now()",
    "UPDATE assessments SET reviewed_by = '{me}', reviewed_at = now()",
    "UPDATE assessments SET user_id = '{me}'",
    (
        "INSERT INTO assessments (id, organization_id, user_id, created_by, session_id, pipeline,"
        " pipeline_version, status) VALUES (gen_random_uuid(), '{ours}', '{me}', '{me}', 's',"
        " 'cardiology', '1', 'completed')"
    ),
    (
        "INSERT INTO chat_threads (id, organization_id, user_id)"
        " VALUES (gen_random_uuid(), '{theirs}', '{them}')"
    ),
    "DELETE FROM assessments",
    "TRUNCATE users",
    "INSERT INTO users (id, organization_id) VALUES (gen_random_uuid(), '{ours}')",
    "INSERT INTO organizations (id, name, type) VALUES (gen_random_uuid(), 'x', 'clinic')",
]
