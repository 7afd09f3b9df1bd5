"""Entry point of the queue: analyses asked for with `Prefer: respond-async`."""

from functions.cognitive.service import SessionFields, analyze
from shared.examination.worker import queue_handler

handler = queue_handler(analyze, SessionFields)
