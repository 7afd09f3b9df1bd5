"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.fhir.reports.endpoints import router as reports
from shared.http.application import create_app
from shared.http.invocation import lambda_handler

app = create_app("fhir", "What leaves: reports to print", reports)
handler = lambda_handler(app)
