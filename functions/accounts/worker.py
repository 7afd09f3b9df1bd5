"""Exports of people that are too large for one answer, as messages of the queue read them."""

from functions.accounts.exports.service import ExportMessage, give_up, work
from shared.http.worker import Task, queue_handler

handler = queue_handler(Task(ExportMessage, work, give_up))
