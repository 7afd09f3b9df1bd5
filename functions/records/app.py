"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from mangum import Mangum

from functions.records.endpoints import router
from shared.http.application import create_app

app = create_app("records", "Assessments, biomarkers over time, reviews, statistics", router)
handler = Mangum(app, lifespan="off")
