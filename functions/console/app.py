"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.console.pages import routes
from shared.http.application import create_app
from shared.http.invocation import lambda_handler
from shared.settings import ConsoleSettings

app = create_app(
    "console", "The console: what people see in a browser", own_settings=[ConsoleSettings]
)
app.router.routes += routes()
handler = lambda_handler(app)
