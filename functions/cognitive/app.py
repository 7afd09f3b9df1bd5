"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from mangum import Mangum

from functions.cognitive.endpoints import router
from shared.http.application import create_app

app = create_app(
    "cognitive", "Cognitive task logs: speed, accuracy, control, memory, with their errors", router
)
handler = Mangum(app, lifespan="off")
