"""The list of pipelines: everything else is checked against it.

Add a member, run the tests, and `tests/test_architecture.py` names every piece
the new pipeline still lacks.
"""

from enum import StrEnum


class PipelineName(StrEnum):
    """A kind of recording and the function that measures it."""

    CARDIOLOGY = "cardiology"
    SPEECH = "speech"
    COGNITIVE = "cognitive"
    DERMATOLOGY = "dermatology"
    RADIOLOGY = "radiology"
