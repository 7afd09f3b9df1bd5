"""What EventBridge invokes on Lambda: `{"job": "pushes"}`."""

from functions.fhir.push.schemas import Job
from functions.fhir.push.sending import run_job
from shared.http.jobs import job_handler

handler = job_handler(Job, run_job)
