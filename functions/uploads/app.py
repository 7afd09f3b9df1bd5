"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from mangum import Mangum

from functions.uploads.endpoints import router
from shared.http.application import create_app

app = create_app("uploads", "Recordings larger than a request may be, sent to storage", router)
handler = Mangum(app, lifespan="off")
