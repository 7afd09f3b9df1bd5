"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.cognitive.endpoints import router
from functions.cognitive.service import PIPELINE
from shared.http.invocation import lambda_handler

app = PIPELINE.app(router)
handler = lambda_handler(app)
