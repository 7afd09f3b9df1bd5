"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.radiology.service import PIPELINE
from shared.http.invocation import lambda_handler

app = PIPELINE.app()
handler = lambda_handler(app)
