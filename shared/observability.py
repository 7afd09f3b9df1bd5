"""One log line a request, as JSON, without anything that identifies a patient."""

from functools import cache

from aws_lambda_powertools import Logger


@cache
def logger() -> Logger:
    return Logger(service="medilens", log_uncaught_exceptions=False)
