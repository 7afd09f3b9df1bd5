"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.records.endpoints import router
from shared.http.application import create_app
from shared.http.invocation import lambda_handler

app = create_app("records", "Assessments, biomarkers over time, reviews, statistics", router)
handler = lambda_handler(app)
