"""Clocks run from the last visit, a deleted assessment's too, and a minor is who was one at a visit

Revision ID: 0081
Revises: 0080
"""

from alembic import op

from migrations.released import again, edited, version

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

# What is stored later than it was recorded was a visit when it was recorded; of a class of records
# the clock runs from when the last of it was stored.
AT_A_VISIT = (
    ("> max(c.last)\n            THEN", "> least(min(c.visit), min(c.last))\n            THEN"),
    (
        "max(a.created_at) AS last FROM public.assessments a",
        "max(a.created_at) AS last, min(a.recorded_at) AS visit FROM public.assessments a",
    ),
    ("max(f.created_at) FROM", "max(f.created_at), min(f.created_at) FROM"),
    ("max(t.created_at) FROM", "max(t.created_at), NULL FROM"),
)
FROM_THE_LAST = (
    (
        "AND a.created_at + make_interval(",
        """AND (SELECT max(l.created_at) FROM public.assessments l
            WHERE l.organization_id = a.organization_id AND l.user_id = a.user_id
            AND l.purged_at IS NULL) + make_interval(""",
    ),
    (
        "u.date_of_birth + interval '18 years' > a.created_at\n",
        "u.date_of_birth + interval '18 years' > least(a.recorded_at, a.created_at)\n",
    ),
)


def purge() -> str:
    return edited(again(version("0055").PURGE), *version("0078").HELD_SINCE)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(edited(again(version("0055").RETAINED_UNTIL), *AT_A_VISIT))
    op.execute(edited(purge(), *FROM_THE_LAST))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(purge())
    op.execute(again(version("0055").RETAINED_UNTIL))
