"""Analyses that were ended from outside: too long, broken off, or crashed."""

from shared.errors import MediLensError, UnusableRecording


class AnalysisTooLong(UnusableRecording):
    """The analysis took longer than the limit and was ended."""

    code = "analysis-too-long"

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"The analysis of this recording took longer than {limit_s:g} s and was ended. Send a"
            " shorter part of it."
        )


class AnalysisAborted(UnusableRecording):
    """The process that analyzed the recording crashed, as a decoder may on a damaged file."""

    code = "analysis-aborted"

    def __init__(self) -> None:
        super().__init__(
            "The analysis of this recording broke off; the file may be damaged. Nothing was"
            " measured."
        )


class AnalysisCrashed(MediLensError):
    """The analysis failed by our mistake; the log says by which."""

    code = "analysis-crashed"

    def __init__(self) -> None:
        super().__init__("The analysis failed. This is our mistake.")
