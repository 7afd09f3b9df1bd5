"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.assistant.explanations.endpoints import router as explanations
from functions.assistant.threads.endpoints import router as threads
from shared.http.application import create_app
from shared.http.invocation import lambda_handler

app = create_app(
    "assistant",
    "Assessments explained, and questions answered, in sentences whose numbers code fills in",
    explanations,
    threads,
)
handler = lambda_handler(app)
