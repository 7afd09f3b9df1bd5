"""Settings of the models that an operator brings: of recordings, and of language."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, SecretStr

from shared import setting_forms as forms
from shared.settings import Settings


class SpeechSettings(Settings):
    """An operator's own voice model: its manifest, and the hash that the manifest must have."""

    speech_model: forms.OwnFile | None = None
    speech_model_sha256: forms.Sha256 | None = None

    together = ("speech_model", "speech_model_sha256")


class RadiologySettings(Settings):
    """An operator's own model of chest films: its manifest, and the hash of the manifest."""

    radiology_model: forms.OwnFile | None = None
    radiology_model_sha256: forms.Sha256 | None = None

    together = ("radiology_model", "radiology_model_sha256")


class DermatologySettings(Settings):
    """An operator's own model of skin lesions: its manifest, and the hash of the manifest."""

    dermatology_model: forms.OwnFile | None = None
    dermatology_model_sha256: forms.Sha256 | None = None

    together = ("dermatology_model", "dermatology_model_sha256")


class RetinalSettings(Settings):
    """An operator's own model of fundus photos: its manifest, and the hash of the manifest."""

    retinal_model: forms.OwnFile | None = None
    retinal_model_sha256: forms.Sha256 | None = None

    together = ("retinal_model", "retinal_model_sha256")


class AssistantSettings(Settings):
    """An operator's own language model, for organizations that allow one."""

    may_be_secret = True

    assistant_url: forms.HttpsAddress | None = None
    assistant_model: forms.Word | None = None
    assistant_key: SecretStr | None = None
    # What a request may take for both questions, and what a worker may.
    assistant_timeout_s: float = forms.seconds(default=20, most=25)
    assistant_worker_timeout_s: float = forms.seconds(default=120, most=240)
    assistant_max_tokens: int = Field(
        default=2_000, ge=100, le=100_000, description="a number of tokens from 100 to 100000"
    )
    assistant_tokens_field: Literal["max_tokens", "max_completion_tokens"] = Field(
        default="max_tokens", description="max_tokens or max_completion_tokens"
    )
    assistant_reasoning_effort: forms.Word | None = None

    together = ("assistant_url", "assistant_model")


# Those of recordings run where the uploads are decoded.
OF_RECORDINGS = (SpeechSettings, RadiologySettings, DermatologySettings, RetinalSettings)


def concerns() -> Sequence[type[Settings]]:
    """All settings there are, these with them: whoever asks has imported both modules."""
    return Settings.__subclasses__()
