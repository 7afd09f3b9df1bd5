"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.audit.endpoints import router
from shared.http.application import create_app
from shared.http.invocation import lambda_handler

app = create_app("audit", "The audit trail: read, verified, asked about", router)
handler = lambda_handler(app)
