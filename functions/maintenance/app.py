"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.maintenance.endpoints import router
from shared.http.application import create_app
from shared.http.invocation import lambda_handler

app = create_app("maintenance", "Work that a schedule asks for, not a person", router)
handler = lambda_handler(app)
