"""A merge takes care and consents along, and a quota holds for what is in flight

Revision ID: 0060
Revises: 0059
"""

from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa
from alembic import op

from migrations.released import again, edited, give, version
from migrations.tenancy import Access, secure_by_permission

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

IDENTITY, APP = "medilens_identity", "medilens_app"

# Care that was given to a duplicate reaches whoever stands for it, and reaches no further once the
# merge is undone: nothing is copied that could be left behind.
CARED_FOR = (
    (
        "UNION SELECT person FROM identity\n",
        """UNION SELECT u.merged_into FROM public.care_assignments a
    JOIN identity i ON a.organization_id = i.organization_id AND a.clinician_id = i.person
    JOIN public.users u ON u.organization_id = a.organization_id AND u.id = a.user_id
    WHERE u.merged_into IS NOT NULL
    AND a.valid_from <= now() AND coalesce(a.valid_until > now(), true)
    UNION SELECT person FROM identity
""",
    ),
)
HANDED_ON = (
    (
        "a.organization_id = NEW.organization_id AND a.user_id = NEW.user_id",
        """a.organization_id = NEW.organization_id AND a.user_id IN (
            SELECT NEW.user_id UNION ALL SELECT u.id FROM public.users u
            WHERE u.organization_id = NEW.organization_id AND u.merged_into = NEW.user_id
        )""",
    ),
)

# A consent changes hands with the merge that its row names, and back when that is undone.
CHECK_HANDS = """
CREATE FUNCTION medilens.check_hands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM FROM public.merges m WHERE m.organization_id = NEW.organization_id
    AND m.id = coalesce(NEW.merge_id, OLD.merge_id) AND CASE WHEN NEW.merge_id IS NULL
        THEN m.undone_at IS NOT NULL AND (m.user_id, m.merged_person_id) = (OLD.user_id, NEW.user_id)
        ELSE m.undone_at IS NULL AND (m.merged_person_id, m.user_id) = (OLD.user_id, NEW.user_id)
        END;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no merge hands this consent over' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END
$$
"""


def consents_before() -> Access:
    access: Access = dict(version("0044").now())["consents"]
    return access


def consents() -> Access:
    """Whoever merges hands consents over, closes those that contradict, and gives them back."""
    before = consents_before()
    merging = ("user_id", "merge_id", "withdrawn_at", "withdrawn_by")
    return replace(
        before,
        view=(*before.view, "manage_patients"),
        add=(*before.add, "manage_patients"),
        change={**before.change, "manage_patients": merging},
    )


# So near the limit whoever stores waits for whoever is storing, and counts what they stored. No
# organization stores so much at once as would jump over this.
QUOTA_IN_FLIGHT = (
    (
        "    SELECT count(*) INTO stored FROM (",
        "    LOOP\n        SELECT count(*) INTO stored FROM (",
    ),
    (
        "LIMIT most + 1\n    ) AS of_today;",
        """LIMIT most + 1
        ) AS of_today;
        EXIT WHEN coming > 0 OR is_settled OR stored <= most - 200;
        PERFORM FROM public.organizations o WHERE o.id = home FOR NO KEY UPDATE;
        is_settled := true;
    END LOOP;""",
    ),
    ("    stored integer;\n", "    stored integer;\n    is_settled boolean := false;\n"),
)


def cared_for() -> str:
    broken = version("0048")
    return edited(broken.cared_for(), *broken.CARED_FOR)


def check_assignment() -> str:
    duplicates = version("0039")
    return edited(duplicates.check_assignment(), *duplicates.HAND_ON)


def require_quota() -> str:
    return again(version("0046").REQUIRE_QUOTA)


def before() -> Iterator[str]:
    yield cared_for()
    yield check_assignment()
    yield require_quota()


def after() -> Iterator[str]:
    yield edited(cared_for(), *CARED_FOR)
    yield edited(check_assignment(), *HANDED_ON)
    yield edited(require_quota(), *QUOTA_IN_FLIGHT)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("consents", sa.Column("merge_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_consents_organization_id_merge_id"),
        *("consents", "merges"),
        *(["organization_id", "merge_id"], ["organization_id", "id"]),
        ondelete="RESTRICT",
    )
    op.create_index(
        "ix_consents_merge",
        "consents",
        ["organization_id", "merge_id"],
        postgresql_where=sa.text("merge_id IS NOT NULL"),
    )
    for statement in secure_by_permission("consents", consents()):
        op.execute(statement)
    op.execute(f"GRANT SELECT ON merges TO {IDENTITY}")
    op.execute(
        f"CREATE POLICY identified ON merges FOR SELECT TO {IDENTITY}"
        f" USING (current_user = '{IDENTITY}')"
    )
    op.execute(CHECK_HANDS)
    give("check_hands()", IDENTITY)
    op.execute(
        "CREATE TRIGGER check_hands BEFORE UPDATE OF user_id, merge_id ON consents"
        " FOR EACH ROW EXECUTE FUNCTION medilens.check_hands()"
    )
    # To wait for a row is a right to change it, if only when it was changed.
    op.execute(f"GRANT UPDATE (updated_at) ON organizations TO {IDENTITY}")
    op.execute(
        f"CREATE POLICY counted ON organizations FOR UPDATE TO {IDENTITY}"
        f" USING (current_user = '{IDENTITY}')"
    )
    for function in after():
        op.execute(function)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function in before():
        op.execute(function)
    op.execute("DROP POLICY counted ON organizations")
    op.execute(f"REVOKE UPDATE (updated_at) ON organizations FROM {IDENTITY}")
    op.execute("DROP TRIGGER check_hands ON consents")
    op.execute("DROP FUNCTION medilens.check_hands()")
    op.execute("DROP POLICY identified ON merges")
    op.execute(f"REVOKE SELECT ON merges FROM {IDENTITY}")
    for statement in secure_by_permission("consents", consents_before()):
        op.execute(statement)
    op.drop_column("consents", "merge_id")
