"""Ways in, and settings that say who somebody is: what a statement might claim of itself."""

ZERO = "'\\x" + "00" * 32 + "'::bytea"
# Settings and the sealed one; `set_config` of the whole identity, changed at one place.
IDENTITY = "current_setting('medilens.identity')"
SETTINGS = [
    "SELECT set_config('medilens.organization_id', '{theirs}', true)",
    "SELECT set_config('medilens.user_id', '{them}', true)",
    "SELECT set_config('medilens.scope', 'organization', true)",
    "SELECT set_config('medilens.permission', 'manage_roles', true)",
    "SELECT set_config('medilens.role', 'admin', true)",
    "SELECT set_config('medilens.request', '{{}}', true)",
    "SET medilens.identity = ''",
    "SET SESSION medilens.identity = 'x'",
    "RESET medilens.identity",
    "RESET ALL",
    "DISCARD ALL",
    *(
        f"SELECT set_config('medilens.identity', {altered}, true)"
        for altered in (
            f"replace({IDENTITY}, '{{ours}}', '{{theirs}}')",
            f"replace({IDENTITY}, '{{me}}', '{{them}}')",
            f"replace({IDENTITY}, '|own|', '|organization|')",
            f"replace({IDENTITY}, '|organization|', '|research|')",
            f"replace({IDENTITY}, '|view_assessments|', '|manage_roles|')",
            f"replace({IDENTITY}, '|clinician|', '|admin|')",
            f"upper({IDENTITY})",
            f"left({IDENTITY}, 64)",
            f"left({IDENTITY}, -1)",
            f"{IDENTITY} || '|'",
            f"repeat('0', 64) || substr({IDENTITY}, 65)",
            "repeat('0', 64) || '|{theirs}|{them}|organization|view_assessments|admin|0'",
            "'|{theirs}|{them}|organization|view_assessments|admin|'",
        )
    ),
    # The readers are evaluated when they are first needed: a part that was checked before, another
    # part set after it.
    (
        "SELECT n.count FROM (VALUES ('{them}', 'organization')) v(u, s)"
        " CROSS JOIN LATERAL (SELECT set_config('medilens.scope', v.s, true)) a"
        " CROSS JOIN LATERAL (SELECT set_config('medilens.user_id', v.u, true)) b"
        " CROSS JOIN LATERAL (SELECT count(*) FROM assessments WHERE user_id = v.u::uuid) n"
    ),
    (
        "WITH me AS MATERIALIZED (SELECT set_config('medilens.identity',"  # noqa: S608
        f" replace({IDENTITY}, '{{ours}}', '{{theirs}}'), true))"
        " SELECT session_id FROM me, assessments"
    ),
]
WAYS_IN = [
    f"SELECT medilens.enter('\\x7b7d', {ZERO})",
    "SELECT medilens.enter('\\x7b7d', '')",
    "SELECT medilens.enter('\\x7b7d', NULL)",
    "SELECT medilens.enter(NULL, NULL)",
    "SELECT medilens.enter(convert_to(current_setting('medilens.request'), 'UTF8'), '{mac}')",
    (
        "SELECT medilens.enter(convert_to(replace(current_setting('medilens.request'),"
        " 'view_assessments', 'manage_roles'), 'UTF8'), '{mac}')"
    ),
    'SELECT medilens.enter(\'{{"subject": "x"}}\'::jsonb)',
    f"SELECT medilens.enter_schedule('\\x7b7d', {ZERO})",
    f"SELECT medilens.charge('\\x7b7d', {ZERO})",
    ("SELECT medilens.charge(convert_to(current_setting('medilens.request'), 'UTF8'), '{mac}')"),
    f"SELECT medilens.audit_denial('\\x7b7d', {ZERO})",
    "SELECT medilens.seal('{theirs}', '{them}', 'organization', 'view_assessments', 'admin', '')",
    "SELECT medilens.unsealed('\\x7b7d', '', 'request')",
    "SELECT medilens.renew_seal()",
    'SELECT * FROM medilens.member(\'{{"organization": "{name}", "subject": "x"}}\')',
    'SELECT * FROM medilens.asker(\'{{"organization": "{name}"}}\')',
    "SELECT medilens.record('{theirs}', 'read', 'x', NULL, '{them}', 'success', '{{}}', NULL)",
    "SELECT medilens.check_change('assessments', '{{}}', '{{}}')",
]
