"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from mangum import Mangum

from functions.cardiology.endpoints import router
from shared.http.application import create_app

app = create_app("cardiology", "Electrocardiograms: beats, rhythm, intervals, variability", router)
handler = Mangum(app, lifespan="off")
