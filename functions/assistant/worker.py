"""Entry point of the queue: explanations that wait for a model's words."""

from functions.assistant.explanations.pending import ExplanationMessage, give_up, work
from shared.http.worker import Task, queue_handler

handler = queue_handler(Task(ExplanationMessage, work, give_up))
