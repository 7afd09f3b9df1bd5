"""A cohort, put together slice by slice: each is one transaction and one row in each trail."""

from dataclasses import dataclass
from itertools import batched

from functions.fhir.cohorts import queries
from functions.fhir.cohorts.anonymity import (
    MIN_CLASS_SIZE,
    Disguise,
    Suppressed,
    class_sizes,
    without_small_classes,
)
from functions.fhir.cohorts.definition import Definition
from functions.fhir.cohorts.queries import Participant
from functions.fhir.cohorts.table import CohortTable
from functions.fhir.people.queries import get_issuer
from shared.caller import Caller
from shared.database import transaction
from shared.database.repositories import keys
from shared.errors import Conflict, InvalidRequest
from shared.permissions import Permission

PEOPLE_AT_ONCE = 50
# About as many as make the 4 MB that an answer of Lambda holds, packed.
MAX_ROWS = 250_000
MAX_PACKED_BYTES = 4_000_000


class CohortTooSmall(InvalidRequest):
    """Too few people of one kind agreed to research, so one of them could be recognized."""

    code = "cohort-too-small"
    title = "Too few people"

    def __init__(self) -> None:
        super().__init__(
            f"No {MIN_CLASS_SIZE} people who agreed to research and have such values share an age"
            " band, sex and site. Ask for more biomarkers or a longer time."
        )


class CohortTooLarge(InvalidRequest):
    """The cohort is larger than an answer may be."""

    code = "cohort-too-large"
    title = "More than an answer holds"

    def __init__(self) -> None:
        super().__init__(
            f"The cohort has more than {MAX_ROWS} rows or {MAX_PACKED_BYTES} bytes. Ask for one"
            " pipeline, fewer biomarkers or a shorter time."
        )


class CohortChanged(Conflict):
    """Somebody withdrew while the cohort was put together, so others could be recognized."""

    code = "cohort-changed"

    def __init__(self) -> None:
        super().__init__("Somebody has just withdrawn their consent. Ask for the cohort again.")


@dataclass(frozen=True)
class Cohort:
    """A cohort's rows, and whom they leave out."""

    definition: Definition
    table: CohortTable
    suppressed: Suppressed


async def cohort(caller: Caller, definition: Definition) -> Cohort:
    """Return the cohort of a definition.

    Raises
    ------
    CohortTooSmall, CohortTooLarge, CohortChanged
    """
    async with transaction.begin(caller, Permission.EXPORT_DATA, read_only=True) as connection:
        people = await queries.get_participants(connection, definition)
        disguise = Disguise(await keys.get_organization_keys(connection), definition)
        issuer = await get_issuer(connection)
    left, suppressed = without_small_classes(people)
    if not left:
        raise CohortTooSmall
    table = CohortTable(issuer.id, disguise)
    in_order = sorted(left, key=lambda person: disguise.name(person.user_id))
    for slice_ in batched(in_order, PEOPLE_AT_ONCE, strict=False):
        await _add(caller, definition, table, slice_)
        if table.rows > MAX_ROWS:
            raise CohortTooLarge
    told = [person for person in left if disguise.name(person.user_id) in table.people]
    if min(class_sizes(told).values(), default=0) < MIN_CLASS_SIZE:
        raise CohortChanged
    return Cohort(definition, table, suppressed)


async def _add(
    caller: Caller, definition: Definition, table: CohortTable, people: tuple[Participant, ...]
) -> None:
    async with transaction.begin(caller, Permission.EXPORT_DATA, read_only=True) as connection:
        ids = [person.user_id for person in people]
        values = await queries.get_values(connection, definition, ids)
    table.add(people, values)


def packed(cohort: Cohort) -> bytes:
    """Return the table as gzip.

    Raises
    ------
    CohortTooLarge
    """
    content = cohort.table.packed()
    if len(content) > MAX_PACKED_BYTES:
        raise CohortTooLarge
    return content
