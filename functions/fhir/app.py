"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.fhir.bulk.endpoints import router as bulk
from functions.fhir.cohorts.endpoints import router as cohorts
from functions.fhir.courses.endpoints import router as courses
from functions.fhir.endpoints import router as server
from functions.fhir.examinations.endpoints import router as examinations
from functions.fhir.outcome import as_outcome, is_lenient, tell_outcomes
from functions.fhir.people.endpoints import router as people
from functions.fhir.push.endpoints import router as push
from functions.fhir.reports.endpoints import router as reports
from functions.fhir.trail.endpoints import router as trail
from shared.http.application import create_app
from shared.http.invocation import lambda_handler

app = create_app(
    "fhir",
    "What leaves: reports to print, FHIR R4 to file",
    *(courses, reports, cohorts, server, bulk, people, examinations, push, trail),
)
# On routes of FHIR a refusal is an OperationOutcome, and the document says so.
app.state.in_other_words = as_outcome
app.state.tolerates = is_lenient
app.described_by(tell_outcomes)
handler = lambda_handler(app)
