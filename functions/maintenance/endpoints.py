from fastapi import APIRouter, Depends

from functions.maintenance import service
from functions.maintenance.service import Job
from shared.errors import Unauthenticated
from shared.http.documents import refusals
from shared.http.jobs import JobReport, scheduled

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
