"""Whether the database answers, and whether all in it is as it has to be."""

from dataclasses import dataclass, field

from shared.database import session
from shared.database.refusals import KeyRefused
from shared.database.repositories import schedule
from shared.database.transaction import unattended
from shared.health import JobHealth, SealingHealth


@dataclass(frozen=True)
class SignOfLife:
    """In which respects our role has drifted, how the jobs and the trail's seals stand, and how
    many records are not as the trail has them.
    """

    drift: list[str] = field(default_factory=list)
    jobs: list[JobHealth] = field(default_factory=list)
    sealing: SealingHealth | None = None
    altered_records: int = 0


async def ping() -> SignOfLife:
    """Ask the database for a sign of life.

    Raises
    ------
    Unavailable
    """
    try:
        async with unattended() as connection:
            role = dict((await connection.exec_driver_sql(session.STATE)).mappings().one())
            jobs = await schedule.job_states(connection)
            sealing = await schedule.sealing_state(connection)
            altered = await schedule.altered_records(connection)
    except KeyRefused as refusal:
        return SignOfLife([refusal.reason])
    return SignOfLife(session.drift(role, role.pop("told")), jobs, sealing, altered)
