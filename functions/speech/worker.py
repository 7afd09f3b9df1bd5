"""Entry point of the queue: analyses asked for with `Prefer: respond-async`."""

from functions.speech.service import SpeechFields, analyze
from shared.examination.worker import queue_handler
from shared.settings import SpeechSettings

handler = queue_handler(analyze, SpeechFields, SpeechSettings)
