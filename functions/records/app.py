"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.records.assessments.endpoints import router as assessments
from functions.records.decisions.endpoints import router as decisions
from functions.records.history.endpoints import router as history
from functions.records.statistics.endpoints import router as statistics
from shared.http.application import create_app
from shared.http.invocation import lambda_handler

app = create_app(
    "records",
    "Assessments, biomarkers over time, reviews, statistics",
    *(assessments, decisions, history, statistics),
)
handler = lambda_handler(app)
