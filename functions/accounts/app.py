"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.accounts.me.endpoints import router as me
from functions.accounts.patients.endpoints import router as patients
from shared.http.application import create_app
from shared.http.invocation import lambda_handler

app = create_app("accounts", "People, what they agreed to, and what they may do", me, patients)
handler = lambda_handler(app)
