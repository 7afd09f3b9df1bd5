"""Libraries that some machines have no package for; what needs them is then not offered here."""

from importlib.util import find_spec

from shared.pipelines import PipelineName


def missing_engine(pipeline: str) -> str | None:
    """Say why this machine cannot run a pipeline, or return None where it can."""
    if pipeline == PipelineName.SPEECH and find_spec("parselmouth") is None:
        return (
            "The voice engine (praat-parselmouth) has no package for Linux on arm64, so speech is"
            " not offered on this machine. All else runs; for voices use Linux on x86_64, macOS, or"
            " a deployment."
        )
    return None
