"""What EventBridge invokes on Lambda: `{"job": "partitions"}`."""

from functions.maintenance.service import Job, run
from shared.http.jobs import job_handler

handler = job_handler(Job, run)
