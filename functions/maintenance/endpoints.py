from hmac import compare_digest

from fastapi import APIRouter, Depends, Request

from functions.maintenance import service
from functions.maintenance.schemas import JobReport
from functions.maintenance.service import Job
from shared.aws import secrets
from shared.errors import Unauthenticated
from shared.http.documents import refusals
from shared.settings import ScheduleSettings


async def scheduled(request: Request) -> None:
    """Let in nobody but the schedule, which knows the secret; without one, nobody at all."""
    secret = secrets.load(ScheduleSettings).cron_secret
    given = request.headers.get("authorization", "")
    expected = f"Bearer {secret.get_secret_value()}" if secret else ""
    if not (expected and compare_digest(given.encode(), expected.encode())):
        raise Unauthenticated("Only the schedule may run a job.")


router = APIRouter(
    tags=["maintenance"],
    dependencies=[Depends(scheduled)],
    responses=refusals(Unauthenticated),
)


# A GET, because that is what Vercel's schedule sends; each job may run any number of times.
@router.get("/jobs/{job}")
async def run(job: Job) -> JobReport:
    """Do a job now; what is done already stays as it is."""
    return await service.run(job)
