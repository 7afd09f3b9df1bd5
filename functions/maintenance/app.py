"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from mangum import Mangum

from functions.maintenance.endpoints import router
from shared.http.application import create_app

app = create_app("maintenance", "Work that a schedule asks for, not a person", router)
handler = Mangum(app, lifespan="off")
