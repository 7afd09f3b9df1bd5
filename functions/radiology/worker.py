"""Entry point of the queue: analyses asked for with `Prefer: respond-async`."""

from functions.radiology.service import PIPELINE

handler = PIPELINE.worker()
