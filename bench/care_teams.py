"""What a list costs a clinician who reaches only those assigned to them.

The policy alone would walk the organization until 20 rows are the clinician's own to see: nearly
all of it where few are assigned. Pages do not depend on the machine's load, so they are limits.
"""

import asyncio
from typing import Any

import asyncpg

from bench.counts import Count, pages, plan_of
from bench.data import PEOPLE_PER_ORGANIZATION
from bench.data_layer import reading
from bench.session import Session
from bench.subjects import LISTED, READ_FROM
from functions.records.assessments import queries
from functions.records.assessments.queries import Filters
from local.prove.plans import statements

# People assigned of the hundred of an organization, and the pages that a list of 20 may read. Few
# of them are rows: the key of each seal, the assignments, one descent into an index a person, and
# two pages of the index of duplicates each time that it is asked whom the clinician cares for.
LIMITS = {0: 23, 1: 68, PEOPLE_PER_ORGANIZATION // 2: 1_208}

ASK = """
UPDATE organizations SET settings = settings || jsonb_build_object('visibility', $2::text)
WHERE identity_organization = $1
"""
ASSIGN = """
INSERT INTO care_assignments (id, organization_id, user_id, clinician_id, assigned_by)
SELECT gen_random_uuid(), c.organization_id, p.id, c.id, c.id
FROM users c JOIN users p ON p.organization_id = c.organization_id AND p.id <> c.id
WHERE c.identity_subject = $1 ORDER BY p.id LIMIT $2
"""
END = """
DELETE FROM care_assignments
WHERE clinician_id IN (SELECT id FROM users WHERE identity_subject = $1)
"""


def list_pages(here: Session) -> list[Count]:
    """Count the pages of a list of everybody within reach, for so many assigned people."""
    return asyncio.run(_list_pages(here))


async def _list_pages(here: Session) -> list[Count]:
    owner = await asyncpg.connect(here.cluster.superuser_url)
    try:
        await owner.execute(ASK, READ_FROM.organization, "care_team")
        return [await _counted(here, owner, number, limit) for number, limit in LIMITS.items()]
    finally:
        await owner.execute(END, READ_FROM.clinician_subject)
        await owner.execute(ASK, READ_FROM.organization, "organization")
        await owner.close()


async def _counted(here: Session, owner: asyncpg.Connection, number: int, limit: int) -> Count:
    await owner.execute(END, READ_FROM.clinician_subject)
    await owner.execute(ASSIGN, READ_FROM.clinician_subject, number)
    await owner.execute("VACUUM ANALYZE care_assignments")
    with statements() as sent:
        await _listed()
    ((sql, parameters),) = sent
    plan = await plan_of(here, sql, parameters)
    (page,) = [node for node in plan["Plans"] if node.get("Subplan Name") == "CTE page"]
    return Count(f"pages: list of {LISTED}, {number} people assigned, reading", pages(page), limit)


async def _listed() -> Any:
    async with reading() as connection:
        return await queries.get_user_assessments(connection, Filters(), limit=LISTED)
