"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from mangum import Mangum

from functions.cardiology.service import PIPELINE

app = PIPELINE.app()
handler = Mangum(app, lifespan="off")
