"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from mangum import Mangum

from functions.speech.endpoints import router
from shared.http.application import create_app
from shared.settings import SpeechSettings

app = create_app(
    "speech",
    "Voices: pitch, perturbation, noise, resonance, timing, tremor",
    router,
    own_settings=[SpeechSettings],
)
handler = Mangum(app, lifespan="off")
