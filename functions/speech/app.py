"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from mangum import Mangum

from functions.speech.endpoints import router
from shared.settings import SpeechSettings
from shared.web import create_app

app = create_app(
    "speech",
    "Voices: pitch, perturbation, noise, resonance, timing, tremor",
    router,
    own_settings=[SpeechSettings],
)
handler = Mangum(app, lifespan="off")
