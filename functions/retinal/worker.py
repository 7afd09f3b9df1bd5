"""Entry point of the queue: analyses asked for with `Prefer: respond-async`."""

from functions.retinal.service import PIPELINE

handler = PIPELINE.worker()
