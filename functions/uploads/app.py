"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.uploads.endpoints import router
from shared.http.application import create_app
from shared.http.invocation import lambda_handler

app = create_app("uploads", "Recordings larger than a request may be, sent to storage", router)
handler = lambda_handler(app)
