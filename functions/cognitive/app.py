"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from mangum import Mangum

from functions.cognitive.endpoints import router
from functions.cognitive.service import PIPELINE

app = PIPELINE.app(router)
handler = Mangum(app, lifespan="off")
