"""What Postgres says of itself: each of these finds rows only where something is open."""

from local.prove.attacks import Finding, Needs, attack
from local.prove.inside import as_owner
from local.prove.stand import Stand

TENANT_TABLES = """
    SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND a.attname IN ('organization_id', 'identity_organization')
    AND has_table_privilege('medilens_app', c.oid, 'SELECT')
"""
# With a tenant, or a part of a table that has one, and not secured against its owner, too.
NOT_FORCED = """
    SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND a.attname IN ('organization_id', 'identity_organization')
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""
RIGHT_WITHOUT_POLICY = """
    SELECT c.relname || ': ' || r.cmd FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
    CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE')) r (cmd)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition AND has_any_column_privilege('medilens_app', c.oid, r.cmd)
    AND NOT EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = 'public'
        AND p.tablename = c.relname AND p.cmd = r.cmd AND 'medilens_app' = ANY (p.roles))
"""
# A policy that lets in without comparing the tenant lets in everybody: policies are alternatives.
POLICY_WITHOUT_TENANT = r"""
    SELECT p.tablename || ': ' || p.policyname FROM pg_policies p
    CROSS JOIN LATERAL (VALUES (p.qual), (p.with_check)) c (condition)
    WHERE p.schemaname = 'public' AND p.roles && '{medilens_app,public}'
    AND c.condition !~ '^\(+(organization_)?id = \( SELECT medilens\.org'
"""
DELETED_BY_FUNCTIONS = """
    SELECT c.relname || ': ' || r.right FROM pg_class c
    CROSS JOIN (VALUES ('DELETE'), ('TRUNCATE'), ('TRIGGER'), ('REFERENCES')) r ("right")
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND has_table_privilege('medilens_app', c.oid, r.right)
"""
TRAIL_REACHED = r"""
    SELECT c.relname || ': ' || r.right FROM pg_class c
    CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) r ("right")
    WHERE (c.relname = 'audit_events' OR c.relname LIKE 'audit\_events\_%'
        OR c.relname LIKE 'audit\_seal%') AND c.relkind IN ('r', 'p')
    AND has_table_privilege('medilens_app', c.oid, r.right)
"""
SPECIAL_ROLES = """
    SELECT rolname FROM pg_roles WHERE rolname LIKE 'medilens%'
    AND (rolsuper OR rolbypassrls OR rolcreatedb)
    UNION ALL SELECT 'medilens_app in ' || roleid::regrole FROM pg_auth_members
    WHERE member = 'medilens_app'::regrole
    UNION ALL SELECT 'medilens_app owns ' || relname FROM pg_class
    WHERE relowner = 'medilens_app'::regrole
    UNION ALL SELECT 'medilens_app owns ' || proname FROM pg_proc
    WHERE proowner = 'medilens_app'::regrole
"""
VIEWS_PAST_SECURITY = """
    SELECT relname FROM pg_class WHERE relkind IN ('v', 'm')
    AND relnamespace IN ('public'::regnamespace, 'medilens'::regnamespace)
    AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}'
"""
# What goes with its parent is lost without a word.
CASCADES = """
    SELECT k.conrelid::regclass || ': ' || k.conname FROM pg_constraint k
    WHERE k.contype = 'f' AND k.confdeltype <> 'r'
    AND k.connamespace = 'public'::regnamespace
"""
OPEN = {
    "row-level security not forced": NOT_FORCED,
    "a right without a policy": RIGHT_WITHOUT_POLICY,
    "a policy without the tenant": POLICY_WITHOUT_TENANT,
    "the functions' role may delete": DELETED_BY_FUNCTIONS,
    "the functions' role reaches the trail": TRAIL_REACHED,
    "a role that is special": SPECIAL_ROLES,
    "a view past row-level security": VIEWS_PAST_SECURITY,
}


@attack(
    7,
    "what the catalog of the database leaves open",
    expected="row-level security forced everywhere, a policy for each right, no special role",
    rules=("164.312(a)(1)", "ASVS 8.4.1", "API5:2023"),
    needs=Needs.STACK,
)
async def left_open(stand: Stand) -> Finding:
    """Ask the catalog for whatever is open to more than a policy lets in."""
    async with as_owner(stand) as owner:
        told = {
            what: [str(row[0]) for row in await owner.fetch(query)] for what, query in OPEN.items()
        }
    wrong = {what: rows for what, rows in told.items() if rows}
    return Finding(not wrong, ", ".join(OPEN), str(wrong or "nothing"))
