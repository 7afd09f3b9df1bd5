"""Entry point of the queue: analyses asked for with `Prefer: respond-async`."""

from functions.speech.service import SpeechFields, analyze
from shared.settings import SpeechSettings
from shared.worker import queue_handler

handler = queue_handler(analyze, SpeechFields, SpeechSettings)
