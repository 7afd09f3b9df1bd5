"""Entry point of the queue: analyses asked for with `Prefer: respond-async`."""

from functions.cardiology.service import EcgFields, analyze
from shared.examination.worker import queue_handler

handler = queue_handler(analyze, EcgFields)
